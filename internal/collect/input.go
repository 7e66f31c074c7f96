package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/provider"
)

// ref is a name in a with, when, region or template, resolved against the table whose rows it is read from.
type ref struct {
	name  string
	path  []string
	scope bool // may mean account_id, region or partition
}

func compileRef(t *content.Table, name string) ref {
	for _, c := range t.Columns {
		if c.Name == name && c.Path != "" {
			return ref{name: name, path: splitPath(c.Path)}
		}
	}
	return ref{name: name, path: splitPath(name), scope: name == "account_id" || name == "region" || name == "partition"}
}

// input is one member of a call's input, compiled.
type input struct {
	member string
	shape  *content.Shape
	ref    *ref
	parts  []part // of a template
	value  any
}

// part is a piece of a template: constant text, or a name.
type part struct {
	text string
	ref  *ref
}

func compileTemplate(t *content.Table, s string) ([]part, error) {
	var parts []part
	for s != "" {
		before, rest, found := strings.Cut(s, "{")
		if before != "" {
			parts = append(parts, part{text: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("template lacks a closing brace after %q", rest)
		}
		r := compileRef(t, name)
		parts = append(parts, part{ref: &r})
		s = after
	}
	return parts, nil
}

// origin is a list item with what it was found under. It is kept apart from the row, so that a child does not keep its
// parent's other answers in memory.
type origin struct {
	item   []byte
	parent *origin
	input  []byte // the members that the call was made with; nil if nobody reads them
}

// view is what names in inputs are read from: a row with its answers so far, or only a scope (origin is nil).
type view struct {
	table   *table
	account *account
	region  string // the row's or the scope's; GlobalRegion where there is none
	origin  *origin
	answers []answer
}

// missing says that a value is not known, and why.
type missing struct {
	class provider.Class
	cause string
}

// get reads a value. Nil and no missing: known to be absent.
func (v *view) get(r *ref) ([]byte, *missing) {
	if v.origin != nil {
		if raw, found, miss := v.fromRow(r); found || miss != nil {
			return raw, miss
		}
	}
	if r.scope {
		switch r.name {
		case "account_id":
			return jsonscan.AppendQuoted(nil, v.account.ID), nil
		case "partition":
			return jsonscan.AppendQuoted(nil, v.account.Partition), nil
		case "region":
			if v.region != GlobalRegion {
				return jsonscan.AppendQuoted(nil, v.region), nil
			}
		}
	}
	return nil, nil
}

func (v *view) fromRow(r *ref) (raw []byte, found bool, miss *missing) {
	first := r.path[0]
	if g, ok := v.table.byName[first]; ok {
		if g.idx < 0 {
			return nil, true, &missing{provider.Skipped, g.skipped}
		}
		a := v.answers[g.idx]
		switch a.state {
		case answerUnknown:
			return nil, true, &missing{a.class, a.cause}
		case answerAbsent:
			return nil, true, nil
		}
		return lookup(a.doc, r.path[1:]), true, nil
	}
	o, path := v.origin, r.path
	for len(path) > 0 && path[0] == keyParent && o.parent != nil {
		o, path = o.parent, path[1:]
	}
	if len(path) > 0 && path[0] == keyInput && o.input != nil {
		raw = lookup(o.input, path[1:])
	} else {
		raw = lookup(o.item, path)
	}
	return raw, raw != nil, nil
}

// resolve gives the input's value for a row; nil if it is known to be absent.
func (in *input) resolve(v *view) (any, *missing, error) {
	switch {
	case in.ref != nil:
		raw, miss := v.get(in.ref)
		if raw == nil || miss != nil {
			return nil, miss, nil
		}
		if text(raw) == "[]" { // asking for none of them is not asking for all
			return nil, nil, nil
		}
		value, err := convert(decode(raw), in.shape)
		if err != nil {
			err = fmt.Errorf("%s for %s: %w", in.ref.name, in.member, err)
		}
		return value, nil, err
	case in.parts != nil:
		var b strings.Builder
		for _, p := range in.parts {
			if p.ref == nil {
				b.WriteString(p.text)
				continue
			}
			raw, miss := v.get(p.ref)
			if miss != nil {
				return nil, miss, nil
			}
			if raw == nil && (p.ref.name != "region" || !p.ref.scope) { // an ARN of a global thing has an empty region
				return nil, nil, nil
			}
			b.WriteString(text(raw))
		}
		value, err := convert(b.String(), in.shape)
		return value, nil, err
	}
	return in.value, nil, nil
}

// convert gives a value the kind that the member wants, where that loses nothing.
func convert(v any, shape *content.Shape) (any, error) {
	if shape == nil {
		return v, nil
	}
	list, isList := v.([]any)
	if shape.Kind == content.KindList {
		if !isList {
			list = []any{v}
		}
		out := make([]any, len(list))
		for i, e := range list {
			var err error
			if out[i], err = convert(e, shape.Elem); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	if isList && shape.Kind != content.KindAny {
		if len(list) != 1 {
			return nil, fmt.Errorf("a list of %d where one %s is wanted", len(list), shape.Kind)
		}
		return convert(list[0], shape)
	}
	switch shape.Kind {
	case content.KindString, content.KindTime, content.KindBlob:
		switch x := v.(type) {
		case bool:
			return strconv.FormatBool(x), nil
		case int64:
			if shape.Kind == content.KindString {
				return strconv.FormatInt(x, 10), nil
			}
		case float64:
			if shape.Kind == content.KindString {
				return strconv.FormatFloat(x, 'g', -1, 64), nil
			}
		case map[string]any:
			return nil, fmt.Errorf("an object where a %s is wanted", shape.Kind)
		}
	case content.KindInteger:
		if s, ok := v.(string); ok {
			return strconv.ParseInt(s, 10, 64)
		}
	case content.KindNumber:
		if s, ok := v.(string); ok {
			return strconv.ParseFloat(s, 64)
		}
	case content.KindBoolean:
		if s, ok := v.(string); ok {
			return strconv.ParseBool(s)
		}
	}
	return v, nil
}

// condition is a compiled content.Condition.
type condition struct {
	ref    ref
	values []string
	not    bool
	// contains is a text that the value holds somewhere, whatever the case of its letters. It is looked for in the JSON text,
	// so that documents within documents can be asked.
	contains string
}

// holds tells whether a value satisfies the condition. A list does if one of its items does.
func (c *condition) holds(raw []byte) bool {
	var ok bool
	switch {
	case c.contains != "":
		ok = bytes.Contains(bytes.ToLower(raw), bytes.ToLower([]byte(c.contains)))
	case len(c.values) == 0:
		s := text(raw)
		ok = raw != nil && s != "" && s != "[]" && s != "{}"
	case kindOf(raw) == '[':
		elements(raw, func(e []byte) bool {
			ok = slices.Contains(c.values, text(e))
			return !ok
		})
	default:
		ok = raw != nil && slices.Contains(c.values, text(raw))
	}
	return ok != c.not
}

// encodeInput writes a call's input for a row's "input", and as the identity of a call. Keys are sorted.
func encodeInput(in map[string]any) []byte {
	b, err := json.Marshal(in)
	if err != nil { // only for values that decode and YAML cannot make
		return []byte("{}")
	}
	return b
}
