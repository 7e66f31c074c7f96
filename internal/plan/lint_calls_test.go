package plan

import (
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// pagedAPI answers every operation with the pager that is under test.
type pagedAPI struct{ op content.Operation }

func (a pagedAPI) Services() []string                                   { return nil }
func (a pagedAPI) Operation(string, string) (*content.Operation, error) { return &a.op, nil }

func TestLintProvesPagers(t *testing.T) {
	text := &content.Shape{Kind: content.KindString}
	shape := func(names ...string) *content.Shape {
		s := &content.Shape{Kind: content.KindStruct}
		for _, name := range names {
			s.Members = append(s.Members, content.Member{Name: name, Shape: text})
		}
		return s
	}
	for _, c := range []struct {
		name  string
		in    *content.Shape
		out   *content.Shape
		pager *content.Pager
		want  string
	}{
		{"one page", shape("Name"), shape("Things"), nil, ""},
		{"paged", shape("NextToken"), shape("NextToken", "Things"), &content.Pager{InputTokens: []string{"NextToken"}, OutputTokens: []string{"NextToken"}, ResultKeys: []string{"Things"}}, ""},
		{"no pager is known", shape("NextToken"), shape("NextToken", "Things"), nil, "only its first page is read"},
		{"a token that is not sent", shape("Name"), shape("NextToken"), nil, ""},
		{"the input lacks the token", shape("Name"), shape("NextToken"), &content.Pager{InputTokens: []string{"NextToken"}, OutputTokens: []string{"NextToken"}}, "which its input does not have"},
		{"the answer lacks the token", shape("Marker"), shape("Things"), &content.Pager{InputTokens: []string{"Marker"}, OutputTokens: []string{"NextMarker"}}, "reads NextMarker, which its answer does not have"},
		{"the answer lacks the sign of more", shape("Marker"), shape("Marker"), &content.Pager{InputTokens: []string{"Marker"}, OutputTokens: []string{"Marker"}, MoreResults: "IsTruncated"}, "reads IsTruncated"},
		{"the answer lacks the results", shape("Marker"), shape("Marker"), &content.Pager{InputTokens: []string{"Marker"}, OutputTokens: []string{"Marker"}, ResultKeys: []string{"Things"}}, "reads Things"},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := &content.Table{Name: "thing", Provider: "x", List: call(GroupList, "svc:List")}
			api := pagedAPI{content.Operation{Service: "svc", Name: "List", Input: c.in, Output: c.out, Pager: c.pager}}
			lintTable(t, spec, api, c.want)
		})
	}
}

func TestConvertible(t *testing.T) {
	shapes := map[string]*content.Shape{}
	for _, kind := range []string{content.KindString, content.KindInteger, content.KindNumber, content.KindBoolean, content.KindTime, content.KindBlob, content.KindStruct, content.KindAny} {
		shapes[kind] = &content.Shape{Kind: kind}
	}
	shapes["texts"] = &content.Shape{Kind: content.KindList, Elem: shapes[content.KindString]}
	shapes["numbers"] = &content.Shape{Kind: content.KindList, Elem: shapes[content.KindInteger]}
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"string", "string", true},
		{"integer", "string", true},
		{"string", "integer", true},
		{"boolean", "integer", false},
		{"integer", "number", true},
		{"number", "integer", false},
		{"string", "texts", true},
		{"texts", "texts", true},
		{"texts", "string", false},
		{"numbers", "texts", true},
		{"struct", "string", false},
		{"struct", "texts", false},
		{"any", "struct", true},
		{"string", "time", true},
		{"string", "blob", false},
		{"string", "struct", false},
	} {
		if got := convertible(shapes[c.from], shapes[c.to]); got != c.want {
			t.Errorf("%s for %s: got %v", c.from, c.to, got)
		}
	}
}

func TestLintProvesAbsentErrors(t *testing.T) {
	none := &content.Shape{Kind: content.KindStruct}
	for _, c := range []struct{ name, entry, want string }{
		{"a code of the description", "NotSetUp", ""},
		{"a code with words", "NotSetUp: was never set up", ""},
		{"a denial with words", "AccessDeniedException: is not enabled", ""},
		{"a denial", "AccessDeniedException", "must not pass for"},
		{"a status of denials", "HTTP403", "must not pass for"},
		{"another status", "HTTP404", ""},
		{"a code that is not described", "NotSetup: was never set up", "does not list NotSetup among the errors"},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := call(GroupList, "svc:List")
			list.Absent = []string{c.entry}
			spec := &content.Table{Name: "thing", Provider: "x", List: list}
			api := pagedAPI{content.Operation{Service: "svc", Name: "List", Input: none, Output: none, Errors: []string{"NotSetUp", "AccessDeniedException"}}}
			lintTable(t, spec, api, c.want)
		})
	}
}
