package collect

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
)

func TestLookup(t *testing.T) {
	doc := []byte(` { "A": {"B": [ {"C": 1}, {"C": [2, 3]}, {"D": 4}, null ]}, "N": null, "k\"ey": "v\u00e9", "L": [[{"X": "a"}], []] } `)
	for path, want := range map[string]string{
		"A.B.C": "[1,2,3]", "A.B.Z": "[]", "N": "", "N.X": "", "A.X": "", "k\"ey": `"v\u00e9"`, "L.X": `["a"]`, "A.B.C.D": "[]",
	} {
		if got := lookup(doc, splitPath(path)); string(got) != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	if got := text(lookup(doc, []string{"k\"ey"})); got != "vé" {
		t.Errorf("text is %q", got)
	}
}

func TestMergePutsPagesTogether(t *testing.T) {
	for _, test := range []struct {
		name  string
		pages []string
		pager *content.Pager
		want  string
	}{
		{
			"what the pager names",
			[]string{`{"L":[1],"Deep":{"M":[1],"Same":1},"NextToken":"x","Other":[1]}`, `{"L":[2,3],"Deep":{"M":[2]}}`},
			pagerOf("L", "Deep.M"), `{"L":[1,2,3],"Deep":{"M":[1,2],"Same":1},"Other":[1]}`,
		},
		{
			"maps",
			[]string{`{"Tags":{"a":"1","b":"2"},"NextToken":"x"}`, `{"NextToken":"y"}`, `{"Tags":{"b":"3","c":"4"}}`},
			pagerOf("Tags"), `{"Tags":{"a":"1","b":"3","c":"4"}}`,
		},
		{
			"objects that hold the list",
			[]string{`{"H":{"Name":"n","L":[1]}}`, `{"H":{"Name":"n","L":[2]}}`},
			pagerOf("H"), `{"H":{"Name":"n","L":[1,2]}}`,
		},
		{"what comes on a later page only", []string{`{"A":1}`, `{"L":[1]}`, `{"L":[2]}`}, pagerOf("L"), `{"A":1,"L":[1,2]}`},
		{"every list where no pager tells", []string{`{"L":[1],"N":1}`, `{"L":[2],"M":[3],"N":2}`}, nil, `{"L":[1,2],"N":1,"M":[3]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var pages [][]byte
			for _, page := range test.pages {
				pages = append(pages, []byte(page))
			}
			if got := merge(pages, test.pager); string(got) != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// FuzzWalk: for all valid JSON our walk over the text sees what encoding/json sees.
func FuzzWalk(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,{"b":null}],"c":"\"}"}`, `[[],{},"",-1e3,true,false]`, ` "x\\" `, "{\"\\u0061\" : [\n]}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) || !utf8.Valid(data) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(plain(want))
		b, _ := json.Marshal(decode(data))
		if diff := cmp.Diff(string(a), string(b)); diff != "" {
			t.Errorf("decode (-encoding/json +ours):\n%s", diff)
		}
		if kindOf(data) == '{' {
			if same := without(data, func(string) bool { return false }); !json.Valid(same) {
				t.Errorf("copy is not JSON: %s", same)
			}
			line := append(appendMember(append([]byte(nil), openObject(data)...), "more", []byte("1")), '}')
			if !json.Valid(line) || bytes.IndexByte(oneLine(line), '\n') >= 0 {
				t.Errorf("with a member more: %s", line)
			}
		}
	})
}

// plain gives numbers the kinds that decode gives them.
func plain(v any) any {
	switch x := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(string(x), 10, 64); err == nil {
			return n
		}
		n, _ := strconv.ParseFloat(string(x), 64)
		return n
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = plain(x[k])
		}
	}
	return v
}
