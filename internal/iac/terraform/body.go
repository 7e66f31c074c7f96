package terraform

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// nested are the blocks of one type in a resource, once they are evaluated.
type nested struct {
	state cellState
	value *iac.Value
}

// body is the resource's content: attributes as they are, blocks as lists of objects.
func (m *instance) body() *iac.Value {
	if m.evaluatedBody != nil {
		return m.evaluatedBody
	}
	r, e := m.group.resource, m.group.scope.e
	out := &iac.Value{Kind: iac.Object, Range: r.at, Fields: make([]iac.Field, 0, len(r.body.fields))}
	for _, f := range r.body.fields {
		if f.attr == nil {
			out.Fields = append(out.Fields, iac.Field{Key: f.name, Value: m.nested(f).value})
			continue
		}
		v := m.evaluate(f)
		out.Fields = append(out.Fields, iac.Field{Key: f.name, Value: e.convert(v, f.attr)})
	}
	m.evaluatedBody = out
	return out
}

// nested evaluates the blocks of one type.
func (m *instance) nested(f *field) *nested {
	if m.blocks == nil {
		m.blocks = map[string]*nested{}
	}
	n := m.blocks[f.name]
	s := m.group.scope
	switch {
	case n == nil:
		n = &nested{state: busy}
		m.blocks[f.name] = n
		name := m.address + "." + f.name
		if !s.e.attempt(name, f.blocks[0].at, func() { n.value = s.blocks(name, f, m.ctx) }) {
			n.value = &iac.Value{Kind: iac.List, Open: "it was not evaluated", Range: f.blocks[0].at}
		}
		n.state = done
	case n.state == busy:
		why := fmt.Sprintf("%s.%s refers to itself", m.address, f.name)
		s.e.problem(iac.NotEvaluated, why, f.blocks[0].at)
		return &nested{value: &iac.Value{Kind: iac.List, Open: why, Range: f.blocks[0].at}}
	}
	return n
}

// object evaluates a body that is not a resource's own.
func (s *scope) object(name string, b *body, at iac.Range, ctx *hcl.EvalContext) *iac.Value {
	out := &iac.Value{Kind: iac.Object, Range: at, Fields: make([]iac.Field, 0, len(b.fields))}
	for _, f := range b.fields {
		if f.attr == nil {
			out.Fields = append(out.Fields, iac.Field{Key: f.name, Value: s.blocks(name+"."+f.name, f, ctx)})
			continue
		}
		v := s.evaluate(name+"."+f.name, f.attr, ctx)
		out.Fields = append(out.Fields, iac.Field{Key: f.name, Value: s.e.convert(v, f.attr)})
	}
	return out
}

// blocks evaluates the blocks of one type, dynamic ones too, as a list.
func (s *scope) blocks(name string, f *field, ctx *hcl.EvalContext) *iac.Value {
	out := &iac.Value{Kind: iac.List, Range: f.blocks[0].at}
	var open []string
	for _, b := range f.blocks {
		if b.forEach == nil && b.iterator == "" {
			out.Items = append(out.Items, s.object(name, b.body, b.at, ctx))
			continue
		}
		items, why := s.dynamic(name, b, ctx)
		if why != "" {
			open = append(open, why)
		}
		for _, it := range items {
			inner := with(ctx, map[string]cty.Value{b.iterator: cty.ObjectVal(map[string]cty.Value{"key": it.key, "value": it.value})})
			out.Items = append(out.Items, s.object(name, b.body, b.at, inner))
		}
	}
	out.Open = strings.Join(open, "; ")
	return out
}

// dynamic gives for what a dynamic block is made. If that is not known there is one, with what is constant in it, and why.
func (s *scope) dynamic(name string, b *block, ctx *hcl.EvalContext) ([]item, string) {
	if b.forEach == nil {
		why := "a dynamic block has no for_each"
		return []item{anyItem(why)}, why
	}
	v := s.e.whole(s.evaluate(name+": for_each", b.forEach, ctx))
	if arms := armsOf(v); arms != nil {
		why := name + ": for_each is not known: " + say(v)
		var all []item
		for _, arm := range arms {
			items, open := s.elements(name, b, arm)
			if open != "" {
				return []item{anyItem(why)}, why
			}
			for _, it := range items {
				all = appendItem(all, it)
			}
		}
		return all, why
	}
	return s.elements(name, b, v)
}

// anyItem stands for elements that are not known.
func anyItem(why string) item {
	return item{key: marks.Unknown(cty.DynamicPseudoType, why), value: marks.Unknown(cty.DynamicPseudoType, why)}
}

func appendItem(all []item, it item) []item {
	for _, have := range all {
		if have.key.RawEquals(it.key) && have.value.RawEquals(it.value) {
			return all
		}
	}
	return append(all, it)
}

func (s *scope) elements(name string, b *block, v cty.Value) ([]item, string) {
	v = s.e.whole(v)
	bare, own := v.Unmark()
	var why string
	switch {
	case !bare.IsKnown():
		why = name + ": for_each is not known: " + say(v)
	case bare.IsNull() || !bare.CanIterateElements():
		why = name + ": for_each is neither a list nor a map"
		s.e.problem(iac.NotEvaluated, why, b.forEach.at)
	case bare.LengthInt() > s.e.limits.Instances:
		why = fmt.Sprintf("%s: for_each has more than %d elements; one block stands for them", name, s.e.limits.Instances)
		s.e.problem(iac.LimitReached, why, b.forEach.at)
	}
	if why != "" {
		return []item{anyItem(why)}, why
	}
	items := make([]item, 0, bare.LengthInt())
	each(v, func(key, value cty.Value) bool {
		items = append(items, item{key: key, value: withSecrets(value, own)})
		return true
	})
	return items, ""
}
