package collect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
)

func TestConvertGivesTheKindThatIsWanted(t *testing.T) {
	kind := func(k string) *content.Shape { return &content.Shape{Kind: k} }
	texts := &content.Shape{Kind: content.KindList, Elem: kind(content.KindString)}
	for _, tc := range []struct {
		raw   string
		shape *content.Shape
		want  any
		err   string
	}{
		{`"x"`, kind(content.KindString), "x", ""},
		{`12`, kind(content.KindString), "12", ""},
		{`1.5`, kind(content.KindString), "1.5", ""},
		{`true`, kind(content.KindString), "true", ""},
		{`"12"`, kind(content.KindInteger), int64(12), ""},
		{`9007199254740993`, kind(content.KindInteger), int64(9007199254740993), ""},
		{`"1.5"`, kind(content.KindNumber), 1.5, ""},
		{`"true"`, kind(content.KindBoolean), true, ""},
		{`"x"`, texts, []any{"x"}, ""},
		{`["x", 2]`, texts, []any{"x", "2"}, ""},
		{`["x"]`, kind(content.KindString), "x", ""},
		{`["x", "y"]`, kind(content.KindString), nil, "a list of 2 where one string is wanted"},
		{`{"a": 1}`, kind(content.KindString), nil, "an object where a string is wanted"},
		{`{"a": [1]}`, kind(content.KindAny), map[string]any{"a": []any{int64(1)}}, ""},
		{`"x"`, nil, "x", ""},
	} {
		got, err := convert(decode([]byte(tc.raw)), tc.shape)
		if tc.err != "" {
			if err == nil || err.Error() != tc.err {
				t.Errorf("%s: error %v, want %s", tc.raw, err, tc.err)
			}
			continue
		}
		if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", tc.raw, err, diff)
		}
	}
}

func TestConditions(t *testing.T) {
	for _, tc := range []struct {
		raw    string
		values []string
		holds  bool
	}{
		{`"a"`, []string{"a", "b"}, true},
		{`"c"`, []string{"a", "b"}, false},
		{`true`, []string{"true"}, true},
		{`3`, []string{"3"}, true},
		{`["x", "b"]`, []string{"b"}, true},
		{`["x"]`, []string{"b"}, false},
		{``, []string{"b"}, false},
		{`"x"`, nil, true},
		{`""`, nil, false},
		{`[]`, nil, false},
		{`{}`, nil, false},
		{``, nil, false},
	} {
		var raw []byte
		if tc.raw != "" {
			raw = []byte(tc.raw)
		}
		for _, not := range []bool{false, true} {
			if c := (condition{values: tc.values, not: not}); c.holds(raw) != (tc.holds != not) {
				t.Errorf("%s of %v, not %v: got %v", tc.raw, tc.values, not, c.holds(raw))
			}
		}
	}
}

func TestConditionContains(t *testing.T) {
	for _, tc := range []struct {
		raw   string
		holds bool
	}{
		{`"{\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-a1\"}}}"`, true},
		{`{"Condition":{"StringEquals":{"aws:principalorgid":"o-a1"}}}`, true},
		{`["x", "Org"]`, true},
		{`"%22aws%3APrincipalOrgID%22"`, true},
		{`"aws:PrincipalAccount"`, false},
		{``, false},
	} {
		if c := (condition{contains: "org"}); c.holds([]byte(tc.raw)) != tc.holds {
			t.Errorf("%s: got %v", tc.raw, !tc.holds)
		}
	}
}
