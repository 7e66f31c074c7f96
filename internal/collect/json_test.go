package collect

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
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

func TestMergeConcatenatesWhatThePagerNames(t *testing.T) {
	pages := [][]byte{[]byte(`{"L":[1],"Deep":{"M":[1],"Same":1},"NextToken":"x","Other":[1]}`), []byte(`{"L":[2,3],"Deep":{"M":[2]}}`)}
	got := merge(pages, pagerOf("L", "Deep.M"))
	if want := `{"L":[1,2,3],"Deep":{"M":[1,2],"Same":1},"Other":[1]}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
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
