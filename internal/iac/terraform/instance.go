package terraform

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// group are the instances of one resource block in one module instance.
type group struct {
	scope    *scope
	resource *resource
	state    cellState
	*expansion
	instances []*instance
	byKey     map[string]*instance
}

// instance is one resource instance.
type instance struct {
	group    *group
	ctx      *hcl.EvalContext
	address  string // within the unit
	mayExist string

	attributes    map[string]*cell
	blocks        map[string]*nested
	special       map[string]*cell // attributes that are computed from the arguments
	evaluatedBody *iac.Value
}

// group gives the instances of a resource; nil if the module has none of the name.
func (s *scope) group(key string) *group {
	g := s.groups[key]
	if g == nil {
		r := s.module.resources[key]
		if r == nil {
			return nil
		}
		g = &group{scope: s, resource: r}
		s.groups[key] = g
	}
	if g.state == busy {
		// Its own count or for_each refers to it. Whoever asked gets an unknown.
		why := s.in(key) + " refers to itself"
		s.e.problem(iac.NotEvaluated, why, g.resource.header)
		circular := &group{scope: s, resource: g.resource, state: done, expansion: &expansion{mode: keyed, open: why, items: []item{{mayExist: why}}}}
		circular.fill()
		return circular
	}
	if g.state == untouched {
		g.state = busy
		r := g.resource
		g.expansion = s.expandSafely(s.in(key), r.header, r.count, r.forEach, r.enabled)
		g.fill()
		g.state = done
	}
	return g
}

// fill makes the instances of an expansion.
func (g *group) fill() {
	g.instances = make([]*instance, len(g.items))
	if g.mode != single && g.open == "" {
		g.byKey = make(map[string]*instance, len(g.items))
	}
	base := g.scope.in(g.resource.key())
	for i, it := range g.items {
		made := &instance{group: g, ctx: g.context(g.scope.ctx, it), address: base + keyText(it.key), mayExist: it.mayExist}
		if made.mayExist == "" {
			made.mayExist = g.scope.mayExist
		}
		g.instances[i] = made
		if g.byKey != nil {
			g.byKey[keyText(it.key)] = made
		}
	}
}

// value is what a reference to the block gives: the instance, or all of them.
func (g *group) value() cty.Value {
	if g.mode == single && len(g.instances) == 1 {
		return lazyValue(g.instances[0])
	}
	return lazyValue(g)
}

func (g *group) attr(name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if g.mode == keyed {
		return g.index(cty.StringVal(name), at)
	}
	if g.mode == single { // of OpenTofu's enabled = false
		return cty.NullVal(cty.DynamicPseudoType), nil
	}
	return failed(at, "Missing resource instance key", fmt.Sprintf("%s has a count, so one of its instances must be named", g.resource.key()))
}

func (g *group) index(key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if g.open != "" {
		return lazyValue(g.instances[0]), nil
	}
	made := g.byKey[normalKey(g.mode, key)]
	if made == nil {
		return failed(at, "Invalid index", fmt.Sprintf("%s has no instance %s", g.resource.key(), keyText(key)))
	}
	return lazyValue(made), nil
}

// normalKey is keyText of a key after the conversion that the language makes.
func normalKey(m mode, key cty.Value) string {
	switch {
	case m == counted && key.Type() == cty.String:
		return "[" + key.AsString() + "]"
	case m == keyed && key.Type() == cty.Number:
		return keyText(cty.StringVal(key.AsBigFloat().Text('f', -1)))
	}
	return keyText(key)
}

func (g *group) whole() cty.Value {
	if g.open != "" {
		return marks.Unknown(cty.DynamicPseudoType, g.open).Mark(marks.Derived{})
	}
	values := make([]cty.Value, len(g.instances))
	for i, made := range g.instances {
		values[i] = lazyValue(made)
	}
	return collect(g.expansion, values, g.scope.in(g.resource.key()))
}

// collect makes the list or object of all instances; an unknown if it is not known which there are.
func collect(x *expansion, values []cty.Value, address string) cty.Value {
	for _, it := range x.items {
		if it.mayExist != "" {
			return marks.Unknown(cty.DynamicPseudoType, it.mayExist).Mark(marks.Derived{})
		}
	}
	switch x.mode {
	case counted:
		return cty.TupleVal(values)
	case keyed:
		fields := make(map[string]cty.Value, len(values))
		for i, it := range x.items {
			fields[it.key.AsString()] = values[i]
		}
		return cty.ObjectVal(fields)
	}
	if len(values) == 0 {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return marks.Unknown(cty.DynamicPseudoType, address+" is not known")
}

func (m *instance) attr(name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	return m.follow(hcl.Traversal{hcl.TraverseAttr{Name: name, SrcRange: at}})
}

func (m *instance) index(key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if m.group.mode == single && key.Type() == cty.Number {
		return failed(at, "Unexpected resource instance key", fmt.Sprintf("%s has no count", m.group.resource.key()))
	}
	return m.follow(hcl.Traversal{hcl.TraverseIndex{Key: key, SrcRange: at}})
}

// whole are the arguments of the resource and those computed attributes that every resource has.
func (m *instance) whole() cty.Value {
	fields := map[string]cty.Value{}
	for _, name := range []string{"id", "arn"} {
		fields[name] = marks.Symbol(cty.String, m.address, name)
	}
	for _, f := range m.group.resource.body.fields {
		fields[f.name], _ = m.follow(hcl.Traversal{hcl.TraverseAttr{Name: f.name}})
	}
	return cty.ObjectVal(fields)
}

// follow walks a path that begins with an attribute. What the code does not set is an attribute that is known only after apply.
func (m *instance) follow(steps hcl.Traversal) (cty.Value, hcl.Diagnostics) {
	if len(steps) == 0 {
		return lazyValue(m), nil
	}
	name, ok := stepName(steps, 0)
	if !ok {
		return failed(steps[0].SourceRange(), "Unexpected resource instance key", fmt.Sprintf("%s has no instances", m.group.resource.key()))
	}
	v, set := m.attribute(name)
	if !set {
		return m.symbol(steps), nil
	}
	out, diags := m.group.scope.e.follow(v, steps[1:])
	if diags.HasErrors() && len(steps) > 1 {
		// Objects and blocks have attributes beside those that are set. A list that is too short is an error still.
		if f := m.group.resource.body.names[name]; f != nil && len(f.blocks) > 0 && inBlocks(v, steps[1:]) {
			return m.symbol(steps), nil
		}
	}
	if len(steps) == 1 && !diags.HasErrors() && !m.group.resource.data {
		out = marks.Refer(out, m.address, name)
	}
	return out, diags
}

// inBlocks tells that the block that a path leads into is there.
func inBlocks(v cty.Value, steps hcl.Traversal) bool {
	first, is := steps[0].(hcl.TraverseIndex)
	if !is {
		return false
	}
	_, diags := hcl.Index(v, first.Key, nil)
	return !diags.HasErrors()
}

// symbol is the attribute at a path, known only after apply.
func (m *instance) symbol(steps hcl.Traversal) cty.Value {
	var path strings.Builder
	t := cty.DynamicPseudoType
	for i, step := range steps {
		switch s := step.(type) {
		case hcl.TraverseAttr:
			if i > 0 {
				path.WriteByte('.')
			}
			path.WriteString(s.Name)
			t = leafType(s.Name)
		case hcl.TraverseIndex:
			t = cty.DynamicPseudoType
			if i == 0 && s.Key.Type() == cty.String {
				path.WriteString(s.Key.AsString())
				continue
			}
			path.WriteString(keyText(s.Key))
		}
	}
	if r := m.group.resource; r.data && r.kind == "terraform_remote_state" {
		// What another state says may be anything: a list, a wildcard.
		return marks.Unknown(cty.DynamicPseudoType, fmt.Sprintf("only the remote state %s has it: %s", m.address, path.String()))
	}
	return marks.Symbol(t, m.address, path.String())
}

// attribute gives what the code or a data source's rule says of an attribute; false if it is known only after apply. An attribute
// that is null is not set: the provider may compute it.
func (m *instance) attribute(name string) (cty.Value, bool) {
	r, e := m.group.resource, m.group.scope.e
	if r.data {
		if known, is := e.options.Known[r.kind+"."+name]; is {
			return cty.StringVal(known), true
		}
	}
	if rule := evaluated[ruleKey{r.data, r.kind, name}]; rule != nil {
		c := cellOf(m.specials(), name)
		v := e.once(c, func() string { return m.address + "." + name }, 0, r.header, func() (cty.Value, hcl.Diagnostics) { return rule(m), nil })
		if !v.IsNull() {
			return v, true
		}
	}
	f := r.body.names[name]
	switch {
	case f == nil:
		return cty.NilVal, false
	case f.attr != nil:
		v := m.evaluate(f)
		return v, !v.IsNull()
	}
	list := m.nested(f)
	v := e.fromBody(list.value)
	return v, true
}

func (m *instance) specials() map[string]*cell {
	if m.special == nil {
		m.special = map[string]*cell{}
	}
	return m.special
}

// evaluate gives the value of an argument.
func (m *instance) evaluate(f *field) cty.Value {
	if m.attributes == nil {
		m.attributes = make(map[string]*cell, len(m.group.resource.body.fields))
	}
	c := cellOf(m.attributes, f.name)
	if c.state == done {
		return c.value
	}
	return m.group.scope.e.once(c, func() string { return m.address + "." + f.name }, f.attr.depth, f.attr.at, func() (cty.Value, hcl.Diagnostics) {
		return f.attr.expr.Value(m.ctx)
	})
}
