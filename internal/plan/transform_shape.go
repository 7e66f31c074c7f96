package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Names that a document has beside the list item's fields and the column groups.
const (
	keyParent = "parent"
	keyInput  = "input"
)

var (
	textShape = &content.Shape{Kind: content.KindString}
	freeShape = &content.Shape{Kind: content.KindAny}
	// lineShape is a line of a CSV document: text by column, whose names only the document knows.
	lineShape = &content.Shape{Kind: content.KindMap, Elem: textShape}
)

// documentShape is the form of a table's row documents.
type documentShape struct {
	items  []*content.Shape          // of the list call and of its companions
	inputs []*content.Shape          // of the same calls
	groups map[string]*content.Shape // what each group's call answers
	parent *documentShape
}

// documents finds the shape of a table's documents. What cannot be found is reported and left out.
func (p *Preparer) documents(spec *content.Table, report func(key, hint, format string, args ...any)) *documentShape {
	d := &documentShape{groups: map[string]*content.Shape{}}
	for i, call := range listCalls(spec) {
		key := "list"
		if i > 0 {
			key = fmt.Sprintf("also.%d", i-1)
		}
		op, item, err := p.answer(call)
		if err != nil {
			report(key, hintOf(err), "%s", err)
			continue
		}
		d.items = append(d.items, rowShape(item))
		d.inputs = append(d.inputs, op.Input)
		if call.For == "" || d.parent != nil {
			continue
		}
		parent := p.specs[call.For]
		switch {
		case parent == nil:
			report(key+".for", "", "the parent table %q does not exist", call.For)
		case parent == spec || p.ancestor(parent, spec):
			report(key+".for", "", "the table is its own parent")
		default:
			// The parent's own mistakes are reported where it is prepared.
			d.parent = p.documents(parent, func(string, string, string, ...any) {})
		}
	}
	for _, call := range spec.Get {
		_, answer, err := p.answer(call)
		if err != nil {
			report("get."+call.Name, hintOf(err), "%s", err)
			continue
		}
		if call.Batch > 0 && (answer.Kind == content.KindList || answer.Kind == content.KindMap) {
			answer = answer.Elem
		}
		d.groups[call.Name] = answer
	}
	return d
}

// ancestor says whether the table is a parent of another, however far up.
func (p *Preparer) ancestor(of, table *content.Table) bool {
	seen := map[*content.Table]bool{}
	for of != nil && of.List != nil && !seen[of] {
		seen[of] = true
		if of = p.specs[of.List.For]; of == table {
			return of != nil
		}
	}
	return of != nil && seen[of]
}

func listCalls(spec *content.Table) []*content.Call {
	return append([]*content.Call{spec.List}, spec.Also...)
}

// answer gives the shape of what a call's answer holds at Items: a list where lists stand there or on the way.
func (p *Preparer) answer(call *content.Call) (*content.Operation, *content.Shape, error) {
	op, err := p.api.Operation(call.Service, call.Op)
	if err != nil {
		return nil, nil, err
	}
	s := op.Output
	if call.Items != "" {
		end, through, err := step(s, strings.Split(call.Items, "."))
		if err != nil {
			return nil, nil, fmt.Errorf("items: %w", err)
		}
		if s = end; through {
			for s.Kind == content.KindList {
				s = s.Elem
			}
			s = &content.Shape{Kind: content.KindList, Elem: s}
		}
	}
	switch call.As {
	case "csv":
		s = &content.Shape{Kind: content.KindList, Elem: lineShape}
	case "json":
		s = freeShape
	}
	return op, s, nil
}

// rowShape gives the shape of one row of what a list call answered.
func rowShape(s *content.Shape) *content.Shape {
	switch s.Kind {
	case content.KindMap:
		return &content.Shape{Kind: content.KindStruct, Members: []content.Member{{Name: "key", Shape: textShape}, {Name: "value", Shape: s.Elem}}}
	case content.KindList:
		for s.Kind == content.KindList {
			s = s.Elem
		}
	}
	switch s.Kind {
	case content.KindStruct, content.KindMap, content.KindAny:
		return s
	}
	return &content.Shape{Kind: content.KindStruct, Members: []content.Member{{Name: "value", Shape: s}}}
}

// place is what a path of a column leads to.
type place struct {
	shape   *content.Shape
	through bool
	group   string
}

// resolve follows a column's path through a document.
func (d *documentShape) resolve(path string) (place, error) {
	segments := strings.Split(path, ".")
	if s := d.groups[segments[0]]; s != nil {
		end, through, err := step(s, segments[1:])
		return place{end, through, segments[0]}, prefixed(err, segments[0])
	}
	switch segments[0] {
	case keyParent:
		if d.parent == nil {
			break
		}
		if len(segments) == 1 {
			return place{freeShape, false, GroupList}, nil
		}
		end, err := d.parent.resolve(strings.Join(segments[1:], "."))
		if err == nil && end.group != GroupList {
			err = fmt.Errorf("the parent's group %s is not part of its children; only its list item is", end.group)
		}
		end.group = GroupList
		return end, prefixed(err, keyParent)
	case keyInput:
		end, err := first(d.inputs, segments[1:])
		return end, prefixed(err, keyInput)
	}
	return first(d.items, segments)
}

// first follows a path in the first of several shapes that has it.
func first(shapes []*content.Shape, path []string) (place, error) {
	err := errors.New("the call is not known")
	for i, s := range shapes {
		end, through, fault := step(s, path)
		if fault == nil {
			return place{end, through, GroupList}, nil
		}
		if i == 0 {
			err = fault
		}
	}
	return place{}, err
}

// prefixed puts what stands before the path in front of an error's place.
func prefixed(err error, name string) error {
	var missing *noMember
	if !errors.As(err, &missing) {
		return err
	}
	of := name
	if missing.of != "" {
		of += "." + missing.of
	}
	return &noMember{name: missing.name, of: of, known: missing.known}
}

func hintOf(err error) string {
	var missing *noMember
	if errors.As(err, &missing) {
		return missing.hint()
	}
	return ""
}
