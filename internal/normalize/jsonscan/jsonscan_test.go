package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var seeds = []string{
	`null`, `true`, `false`, `0`, `-1`, `1.5e+10`, `""`, `"a\"b\\c\/d\b\f\n\r\t\u00e9\ud83d\ude00"`, `[]`, `{}`,
	` { "a" : [ 1 , {"b":null} , "x" ] , "c":{}} `, `[[[[]]]]`, `{"a":1,"a":2}`,
	``, ` `, `nul`, `tru`, `falsy`, `01`, `-`, `1.`, `1e`, `.5`, `"`, `"\x"`, `"\u12g4"`, "\"\n\"", `[1,]`, `[,1]`, `{"a"}`, `{"a":}`,
	`{"a":1,}`, `{a:1}`, `[1 2]`, `{"a":1 "b":2}`, `[1}`, `{"a":1]`, `1 2`, `[`, `{`, `"\ud83d"`, `{"k\u0065y":1}`, `"\`, `["\`,
}

func TestDocumentAcceptsExactlyJSON(t *testing.T) {
	for _, text := range seeds {
		_, err := Document([]byte(text))
		if got, want := err == nil, json.Valid([]byte(text)); got != want {
			t.Errorf("%q: accepted %v, want %v (%v)", text, got, want, err)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for _, c := range []struct {
		depth int
		ok    bool
	}{{MaxDepth, true}, {MaxDepth + 1, false}, {1_000_000, false}} {
		text := []byte(strings.Repeat(`[`, c.depth) + strings.Repeat(`]`, c.depth))
		if _, err := Document(text); (err == nil) != c.ok {
			t.Errorf("depth %d: %v", c.depth, err)
		}
	}
}

func TestSkipValidEndsWhereSkipDoes(t *testing.T) {
	for _, text := range seeds {
		for _, after := range []string{"", " ", ",1", "]", "}", ":"} {
			b := []byte(text + after)
			start := Space(b, 0)
			end, err := Skip(b, start)
			switch got := SkipValid(b, start); {
			case err == nil && got != end && json.Valid([]byte(text)):
				t.Errorf("%q: ends at %d, want %d", b, got, end)
			case got > len(b):
				t.Errorf("%q: ends at %d, beyond the text", b, got)
			}
		}
	}
}

func TestSkipValidPassesAnyDepth(t *testing.T) {
	text := []byte(strings.Repeat(`[{"a":`, 50_000) + `"}"` + strings.Repeat(`}]`, 50_000) + `,1`)
	if got, want := SkipValid(text, 0), len(text)-2; got != want {
		t.Errorf("ends at %d, want %d", got, want)
	}
}

func TestMembersAndItemsVisitInOrder(t *testing.T) {
	text := []byte(`{"k\u0065y": [10, 20], "b": {}}`)
	var seen []string
	end, err := Members(text, 0, func(key []byte, value int) (int, error) {
		seen = append(seen, string(key))
		if text[value] != '[' {
			return Skip(text, value)
		}
		return Items(text, value, func(value int) (int, error) {
			end, err := Skip(text, value)
			seen = append(seen, string(text[value:end]))
			return end, err
		})
	})
	if err != nil || end != len(text) {
		t.Fatalf("end %d of %d, %v", end, len(text), err)
	}
	if got, want := strings.Join(seen, " "), "key 10 20 b"; got != want {
		t.Errorf("visited %q, want %q", got, want)
	}
}

func TestRepairLeavesOnlyWhatOthersRead(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"a":"ok"}`, `{"a":"ok"}`},
		{`"\ud83d\ude00"`, `"\ud83d\ude00"`},
		{`"\ud83d"`, `"\ufffd"`},
		{`"\ude00x"`, `"\ufffdx"`},
		{`"\uD83D\uD83D\uDE00"`, `"\ufffd\uD83D\uDE00"`},
		{`"\\ud83d"`, `"\\ud83d"`},
		{"\"a\xffb\"", "\"a\uFFFDb\""},
	} {
		if got := string(Repair([]byte(c.in))); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		start := Space(text, 0)
		end := SkipValid(text, start)
		if end > len(text) {
			t.Fatalf("%q: ends at %d, beyond the text", text, end)
		}
		token, err := Document(text)
		valid := json.Valid(text)
		if err != nil {
			if valid && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= MaxDepth {
				t.Fatalf("%q refused: %v", text, err)
			}
			return
		}
		if !valid {
			t.Fatalf("%q accepted", text)
		}
		if !bytes.Equal(text[start:end], token) {
			t.Fatalf("%q: passed %q, want %q", text, text[start:end], token)
		}
		if token[0] == '"' {
			var want string
			if err := json.Unmarshal(token, &want); err != nil {
				t.Fatal(err)
			}
			if got := Unquote(token); utf8.Valid(token) && got != want {
				t.Fatalf("%q: %q, want %q", token, got, want)
			}
			again := AppendQuoted(nil, want)
			var back string
			if err := json.Unmarshal(again, &back); err != nil || back != want {
				t.Fatalf("%q quoted as %q: %v", want, again, err)
			}
		}
	})
}

const instance = `{"InstanceId":"i-0123456789abcdef0","State":{"Code":16,"Name":"running"},"Tags":[{"Key":"Name","Value":"web"}],"EbsOptimized":false}`

func BenchmarkSkip(b *testing.B) {
	text := []byte(instance)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Skip(text, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSkipValid(b *testing.B) {
	text := []byte(instance)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if SkipValid(text, 0) != len(text) {
			b.Fatal("it ends elsewhere")
		}
	}
}
