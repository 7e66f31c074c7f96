package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// documentsOfTest refuses fields that the vendor's answers do not have: a misspelled one would be a column that is NULL, and
// the fixture would prove nothing.
func (c *checkLinter) documentsOfTest(test *content.Fixture) {
	for _, table := range slices.Sorted(maps.Keys(test.Rows)) {
		d := c.documentsOf(c.library.Table(table))
		if d == nil {
			continue
		}
		for _, doc := range test.Rows[table] {
			if fault, hint := documentFault(doc, d); fault != "" {
				c.at(SeverityError, test.Pos, hint, "tests: a document of %s: %s", table, fault)
			}
		}
	}
}

// documentFault finds the first field of a document that is not in its shape.
func documentFault(doc map[string]any, d *documentShape) (fault, hint string) {
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		switch {
		case strings.HasPrefix(key, "_"):
			continue
		case key == keyInput:
			fault, hint = anyShape(doc[key], d.inputs, key)
		case key == keyParent && d.parent != nil:
			if parent, ok := doc[key].(map[string]any); ok {
				fault, hint = documentFault(parent, d.parent)
			}
		case d.groups[key] != nil:
			fault, hint = shapeFault(doc[key], d.groups[key], key)
		default:
			fault, hint = anyShape(map[string]any{key: doc[key]}, d.items, "")
		}
		if fault != "" {
			return fault, hint
		}
	}
	return "", ""
}

// anyShape gives the fault in the first of several shapes, unless the value fits one of them.
func anyShape(value any, shapes []*content.Shape, at string) (fault, hint string) {
	for i, s := range shapes {
		f, h := shapeFault(value, s, at)
		if f == "" {
			return "", ""
		}
		if i == 0 {
			fault, hint = f, h
		}
	}
	return fault, hint
}

// shapeFault finds a field that its shape does not have. Values that are not of their kind are left to the inventory, which
// says so of every document.
func shapeFault(value any, s *content.Shape, at string) (fault, hint string) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			elem := s.Elem
			if s.Kind == content.KindStruct {
				m := s.Member(key)
				if m == nil {
					missing := &noMember{name: key, of: at, known: memberNames(s)}
					return missing.Error(), missing.hint()
				}
				elem = m.Shape
			} else if s.Kind != content.KindMap {
				return "", ""
			}
			if fault, hint := shapeFault(v[key], elem, strings.TrimPrefix(at+"."+key, ".")); fault != "" {
				return fault, hint
			}
		}
	case []any:
		if s.Kind != content.KindList {
			return "", ""
		}
		for i, item := range v {
			if fault, hint := shapeFault(item, s.Elem, fmt.Sprintf("%s[%d]", at, i)); fault != "" {
				return fault, hint
			}
		}
	}
	return "", ""
}
