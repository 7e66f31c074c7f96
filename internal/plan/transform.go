package plan

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/normalize"
)

// DuckDB's types for what documents hold.
const (
	typeText = "VARCHAR"
	typeJSON = "JSON"
	typeTime = "TIMESTAMP WITH TIME ZONE"
	typeTags = "MAP(VARCHAR, VARCHAR)"
)

// Semantic types of columns.
const (
	SemanticPolicy = "iam_policy"
	SemanticTags   = "tags"
	SemanticCIDR   = "cidr"
	SemanticTime   = "timestamp"
	SemanticJSON   = "json"
)

// semanticTypes are DuckDB's types for them.
var semanticTypes = map[string]string{
	SemanticPolicy: normalize.PolicyType,
	SemanticTags:   typeTags,
	SemanticCIDR:   typeText,
	SemanticTime:   typeTime,
	SemanticJSON:   typeJSON,
}

// Limits of what one column's type may hold. What goes beyond becomes JSON: a type that nobody can read helps nobody.
const (
	maxTypeDepth   = 8
	maxTypeMembers = 600
)

// duckType gives DuckDB's type for a shape. Shapes that contain themselves become JSON where they do so again.
func duckType(s *content.Shape) string {
	t := typer{open: map[*content.Shape]bool{}}
	return t.of(s, 0)
}

type typer struct {
	open    map[*content.Shape]bool // the structures that the one at hand lies in
	names   []string
	members int
}

func (t *typer) of(s *content.Shape, depth int) string {
	switch s.Kind {
	case content.KindStruct:
		return t.structure(s, depth)
	case content.KindList:
		return t.of(s.Elem, depth+1) + "[]"
	case content.KindMap:
		return "MAP(VARCHAR, " + t.of(s.Elem, depth+1) + ")"
	case content.KindInteger:
		return "BIGINT"
	case content.KindNumber:
		return "DOUBLE"
	case content.KindBoolean:
		return "BOOLEAN"
	case content.KindTime:
		return typeTime
	case content.KindAny:
		return typeJSON
	}
	return typeText
}

func (t *typer) structure(s *content.Shape, depth int) string {
	if len(s.Members) == 0 || depth > maxTypeDepth || t.within(s) {
		return typeJSON
	}
	if t.members += len(s.Members); t.members > maxTypeMembers {
		return typeJSON
	}
	seen := map[string]bool{}
	for _, m := range s.Members {
		if lower := strings.ToLower(m.Name); seen[lower] {
			return typeJSON // DuckDB's fields do not differ in case alone
		} else {
			seen[lower] = true
		}
	}
	t.enter(s)
	defer t.leave(s)
	fields := make([]string, len(s.Members))
	for i, m := range s.Members {
		fields[i] = database.Ident(m.Name) + " " + t.of(m.Shape, depth+1)
	}
	return "STRUCT(" + strings.Join(fields, ", ") + ")"
}

// within says whether the shape, or another copy of it, is being written already.
func (t *typer) within(s *content.Shape) bool {
	if t.open[s] {
		return true
	}
	for _, name := range t.names {
		if name == s.Name && name != "" {
			return true
		}
	}
	return false
}

func (t *typer) enter(s *content.Shape) {
	t.open[s] = true
	t.names = append(t.names, s.Name)
}

func (t *typer) leave(s *content.Shape) {
	delete(t.open, s)
	t.names = t.names[:len(t.names)-1]
}

// step follows a path from a shape. It gives the shape at the end and whether lists were crossed on the way, in which case
// the column is the list of what stands at the end. Below free JSON every path is possible.
func step(s *content.Shape, path []string) (end *content.Shape, through bool, err error) {
	for i, name := range path {
		for s.Kind == content.KindList {
			s, through = s.Elem, true
		}
		switch s.Kind {
		case content.KindMap:
			s = s.Elem
		case content.KindAny:
			return s, through, nil
		case content.KindStruct:
			m := s.Member(name)
			if m == nil {
				return nil, false, &noMember{name: name, of: strings.Join(path[:i], "."), known: memberNames(s)}
			}
			s = m.Shape
		default:
			return nil, false, fmt.Errorf("%s is %s and has no fields", strings.Join(path[:i], "."), kindWords[s.Kind])
		}
	}
	return s, through, nil
}

// noMember is a path that leads nowhere.
type noMember struct {
	name, of string
	known    []string
}

func (e *noMember) Error() string {
	if e.of == "" {
		return fmt.Sprintf("the answer has no field %q", e.name)
	}
	return fmt.Sprintf("%s has no field %q", e.of, e.name)
}

func (e *noMember) hint() string {
	if near := content.DidYouMean(e.name, e.known); near != "" {
		return near
	}
	if len(e.known) > 0 && len(e.known) <= 12 {
		return "it has " + strings.Join(e.known, ", ")
	}
	return ""
}

func memberNames(s *content.Shape) []string {
	names := make([]string, len(s.Members))
	for i, m := range s.Members {
		names[i] = m.Name
	}
	return names
}

var kindWords = map[string]string{
	content.KindStruct:  "an object",
	content.KindList:    "a list",
	content.KindMap:     "a map",
	content.KindString:  "text",
	content.KindInteger: "a number",
	content.KindNumber:  "a number",
	content.KindBoolean: "a boolean",
	content.KindTime:    "a time",
	content.KindBlob:    "binary data",
	content.KindAny:     "free JSON",
}
