package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// inputs proves that a call's input has the members that it needs, and values of their types.
func (t *tableLinter) inputs(op *content.Operation, call *content.Call, key string, row *content.Table) {
	given := map[string]bool{}
	for _, in := range call.With {
		at := key + ".with." + in.Member
		given[in.Member] = true
		if m := t.member(op, in.Member, at); m != nil {
			t.input(op, in, m.Shape, at, row)
		}
	}
	for _, each := range call.Each {
		at := key + ".each." + each.Member
		if given[each.Member] {
			t.fail(at, "", "%s stands in with: and in each:", each.Member)
		}
		given[each.Member] = true
		m := t.member(op, each.Member, at)
		for _, value := range each.Values {
			if m != nil {
				t.value(value, m.Shape, at, each.Member)
			}
		}
	}
	paging := filled(op.Pager)
	for _, m := range op.Input.Members {
		if m.Required && !given[m.Name] && !slices.Contains(paging, m.Name) {
			t.fail(key+".with", "", "%s:%s needs the input %s", op.Service, op.Name, m.Name)
		}
	}
}

// filled are the members that a client gives by itself: the tokens, and the size of a page where the most is known.
func filled(pager *content.Pager) []string {
	if pager == nil {
		return nil
	}
	if pager.LimitKey != "" && pager.LimitMax > 0 {
		return append(slices.Clone(pager.InputTokens), pager.LimitKey)
	}
	return pager.InputTokens
}

func (t *tableLinter) member(op *content.Operation, name, at string) *content.Member {
	m := op.Input.Member(name)
	if m == nil {
		hint := content.DidYouMean(name, memberNames(op.Input))
		if known := memberNames(op.Input); hint == "" && len(known) > 0 && len(known) <= 12 {
			hint = "it takes " + strings.Join(known, ", ")
		}
		t.fail(at, hint, "%s:%s takes no input %q", op.Service, op.Name, name)
	}
	return m
}

func (t *tableLinter) input(op *content.Operation, in content.Input, want *content.Shape, at string, row *content.Table) {
	switch {
	case in.HasValue:
		t.value(in.Value, want, at, in.Member)
	case in.Template != "":
		for _, name := range templateNames(in.Template) {
			if got := t.name(inputName{name: name, template: true}, at, row); got != nil && !convertible(got.shape, textShape) {
				t.fail(at, "", "%s is %s, which cannot stand in a text", name, kindWords[got.shape.Kind])
			}
		}
		if !convertible(textShape, want) {
			t.fail(at, "", "%s of %s:%s is %s, but a text is given", in.Member, op.Service, op.Name, kindWords[want.Kind])
		}
	default:
		got := t.name(inputName{name: in.Path}, at, row)
		if got == nil {
			return
		}
		from := got.shape
		if got.through && from.Kind != content.KindList {
			from = &content.Shape{Kind: content.KindList, Elem: from}
		}
		if !convertible(from, want) {
			t.fail(at, "", "%s of %s:%s is %s, but %s is %s", in.Member, op.Service, op.Name, kindWords[want.Kind], in.Path, kindWords[from.Kind])
		}
	}
}

// name finds what a name in an input leads to: a column with a path, a path of the row's document, or a part of the scope.
func (t *tableLinter) name(n inputName, at string, row *content.Table) *place {
	if row == nil {
		if slices.Contains(scopeNames, n.name) {
			return &place{shape: textShape, group: GroupList}
		}
		hint := "the call is made once per scope: account_id, region and partition can be read"
		if !n.template {
			hint += "; write {value: …} for a constant"
		}
		t.fail(at, hint, "there is no row to read %q of", n.name)
		return nil
	}
	d := t.documentsOf(row)
	if d == nil {
		return nil
	}
	if c := row.Column(n.name); c != nil && c.Path == "" {
		t.fail(at, "name a path instead", "column %s is made by SQL, which calls cannot read", n.name)
		return nil
	}
	got, err := d.resolve(inputPath(row, n.name))
	switch {
	case err == nil:
		return &got
	case slices.Contains(scopeNames, n.name):
		return &place{shape: textShape, group: GroupList}
	}
	hint := hintOf(err)
	var columns []string
	for _, c := range row.Columns {
		columns = append(columns, c.Name)
	}
	if near := content.DidYouMean(n.name, columns); near != "" {
		hint = near
	}
	t.fail(at, hint, "%s has no column or path %q", row.Name, n.name)
	return nil
}

// convertible says whether a value of one shape can be given where another is wanted.
func convertible(from, to *content.Shape) bool {
	switch {
	case from.Kind == content.KindAny || to.Kind == content.KindAny:
		return true
	case to.Kind == content.KindList && from.Kind == content.KindList:
		return convertible(from.Elem, to.Elem)
	case to.Kind == content.KindList:
		return convertible(from, to.Elem)
	}
	switch to.Kind {
	case content.KindStruct, content.KindMap, content.KindBlob, content.KindTime:
		return from.Kind == to.Kind || to.Kind == content.KindTime && from.Kind == content.KindString
	case content.KindString:
		return from.Kind != content.KindList && from.Kind != content.KindStruct && from.Kind != content.KindMap
	}
	// Numbers and booleans that are text in one answer and not in the other are read from their text.
	return from.Kind == to.Kind || from.Kind == content.KindString || to.Kind == content.KindNumber && from.Kind == content.KindInteger
}

// value proves a constant.
func (t *tableLinter) value(value any, want *content.Shape, at, member string) {
	if fault := valueFault(value, want); fault != "" {
		t.fail(at, enumHint(value, want), "%s %s", member, fault)
	}
}

// enumHint says what a closed list of words has.
func enumHint(value any, want *content.Shape) string {
	for want.Kind == content.KindList {
		want = want.Elem
	}
	text, ok := value.(string)
	if !ok || len(want.Enum) == 0 {
		return ""
	}
	if near := content.DidYouMean(text, want.Enum); near != "" || len(want.Enum) > 12 {
		return near
	}
	return "it can be " + strings.Join(want.Enum, ", ")
}

// valueFault tells what is wrong with a constant of a shape; empty if it fits.
func valueFault(value any, want *content.Shape) string {
	ok := true
	switch v := value.(type) {
	case string:
		if len(want.Enum) > 0 && !slices.Contains(want.Enum, v) {
			return fmt.Sprintf("cannot be %q", v)
		}
		ok = want.Kind == content.KindString || want.Kind == content.KindBlob || want.Kind == content.KindTime
	case bool:
		ok = want.Kind == content.KindBoolean
	case int, int64:
		ok = want.Kind == content.KindInteger || want.Kind == content.KindNumber
	case float64:
		ok = want.Kind == content.KindNumber
	case []any:
		if ok = want.Kind == content.KindList; ok {
			for i, item := range v {
				if fault := valueFault(item, want.Elem); fault != "" {
					return fmt.Sprintf("item %d %s", i+1, fault)
				}
			}
		}
	case map[string]any:
		return mapFault(v, want)
	}
	if _, isList := value.([]any); want.Kind == content.KindList && !isList {
		return valueFault(value, want.Elem) // one value is taken for a list of it
	}
	if ok || want.Kind == content.KindAny {
		return ""
	}
	return fmt.Sprintf("is %s, but %v is given", kindWords[want.Kind], value)
}

func mapFault(value map[string]any, want *content.Shape) string {
	if want.Kind == content.KindAny {
		return ""
	}
	for _, key := range slices.Sorted(maps.Keys(value)) {
		elem := want.Elem
		switch want.Kind {
		case content.KindStruct:
			m := want.Member(key)
			if m == nil {
				return fmt.Sprintf("has no field %q", key)
			}
			elem = m.Shape
		case content.KindMap:
		default:
			return fmt.Sprintf("is %s, but an object is given", kindWords[want.Kind])
		}
		if fault := valueFault(value[key], elem); fault != "" {
			return key + " " + fault
		}
	}
	return ""
}
