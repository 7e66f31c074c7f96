package tfplan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/schema"
)

// plan is a plan while it is read.
type plan struct {
	*document
	top       fields
	root      *module
	instances *instances
	scopes    map[string]*scope // by the address of the module instance
	calls     map[string][]iac.Call
	providers map[string]iac.Provider
	types     map[string]*schema.Type
}

func newPlan(d *document) *plan {
	p := &plan{
		document: d, top: d.fields(d.whole()), instances: &instances{resources: map[string]*keysOf{}, modules: map[string]*keysOf{}},
		calls: map[string][]iac.Call{}, providers: map[string]iac.Provider{}, types: map[string]*schema.Type{},
	}
	p.root = d.configuration(d.get(p.top.at("configuration"), "root_module"), nil, nil, 0)
	p.scopes = map[string]*scope{"": {module: p.root}}
	return p
}

// change is one of resource_changes.
type change struct {
	fields
	address, module, base, key string
	typ                        string
	data                       bool
	at, end                    int
}

// read adds what will be there after apply.
func (p *plan) read(ctx context.Context, unit *iac.Unit) {
	if p.isTrue(p.top.at("errored")) {
		p.tell(iac.Broken, "the plan ended with errors: what it had not come to is not in it", p.top.at("errored"))
	}
	if n := len(p.items(p.top.at("deferred_changes"))); n > 0 {
		p.tell(iac.NotEvaluated, fmt.Sprintf("the plan puts off %d changes: what they make is not in it", n), p.top.at("deferred_changes"))
	}
	if p.top.at("resource_changes") < 0 {
		p.shown(ctx, p.get(p.top.at("planned_values"), "root_module"), unit, shownPlan)
		return
	}
	changes := p.changes()
	for _, c := range changes {
		if ctx.Err() != nil || !p.room(unit, c.at) {
			return
		}
		unit.Resources = append(unit.Resources, p.resource(c))
	}
	p.shown(ctx, p.get(p.top.at("prior_state"), "values", "root_module"), unit, onlyData)
	fillRegions(unit)
}

// room tells whether one more resource may be read.
func (d *document) room(unit *iac.Unit, at int) bool {
	if len(unit.Resources) >= d.limits.Resources {
		d.tell(iac.LimitReached, fmt.Sprintf("it has more than %d resources; the rest is left out", d.limits.Resources), at)
		return false
	}
	return d.values <= mostValues // Read tells of it
}

// changes are those of resources that will be there, all of which are known before the first is read.
func (p *plan) changes() (all []change) {
	for _, at := range p.items(p.top.at("resource_changes")) {
		c := change{fields: p.fields(at), at: at, end: p.skip(at)}
		actions := p.strings(p.get(c.fields.at("change"), "actions"))
		made := slices.ContainsFunc(actions, func(a string) bool { return a == "create" || a == "update" || a == "no-op" || a == "read" })
		if !made || c.fields.at("deposed") >= 0 {
			continue
		}
		c.address, c.module, c.typ = p.string(c.fields.at("address")), p.string(c.fields.at("module_address")), p.string(c.fields.at("type"))
		c.data = p.string(c.fields.at("mode")) == "data"
		if mode := p.string(c.fields.at("mode")); c.address == "" || c.typ == "" || !c.data && mode != "managed" {
			continue
		}
		c.base = base(c.module, c.typ, p.string(c.fields.at("name")), c.data)
		var within bool
		if c.key, within = strings.CutPrefix(c.address, c.base); !within {
			c.base, c.key = c.address, ""
		}
		note(p.instances.resources, c.base, c.key)
		p.scope(c.module)
		all = append(all, c)
	}
	return all
}

// base is an address without the key at its end.
func base(module, typ, name string, data bool) string {
	address := typ + "." + name
	if data {
		address = "data." + address
	}
	return join(module, address)
}

// scope gives that of a module instance.
func (p *plan) scope(address string) *scope {
	if s := p.scopes[address]; s != nil {
		return s
	}
	s := p.scopes[""]
	for _, step := range moduleSteps(address) {
		outer := s
		called := outer.in("module." + step.name)
		if s = p.scopes[called+step.key]; s != nil {
			continue
		}
		s = &scope{module: &module{}, address: called + step.key, parent: outer, key: step.key}
		if c := outer.module.calls[step.name]; c != nil {
			s.module = c.module
			p.calls[s.address] = append(slices.Clone(p.calls[outer.address]), iac.Call{
				Name: "module." + step.name + step.key, Source: c.source, Range: p.rangeOf(c.at, c.end),
			})
		} else {
			s.module.call = &call{module: s.module}
		}
		note(p.instances.modules, called, step.key)
		p.scopes[s.address] = s
	}
	return s
}

// moduleSteps are the calls of an address of a module instance.
func moduleSteps(address string) (steps []step) {
	all := parse(address)
	for i := 0; i+1 < len(all) && all[i].name == "module" && len(steps) < mostModules; i += 2 {
		steps = append(steps, all[i+1])
	}
	return steps
}

// resource makes the resource of a change.
func (p *plan) resource(c change) *iac.Resource {
	said := p.fields(c.fields.at("change"))
	s := *p.scope(c.module) // its own key differs from instance to instance
	code := s.module.resources[strings.TrimPrefix(c.base, prefixOf(s.address))]
	r := &iac.Resource{
		Type: c.typ, Address: c.address, Data: c.data, Range: p.rangeOf(c.at, c.end), Name: p.nameRange(c.fields), Calls: p.calls[s.address],
	}
	m := &maker{document: p.document, typ: p.typeOf(c)}
	a := about{secret: p.mask(said.at("after_sensitive")), unknown: p.mask(said.at("after_unknown")), top: true}
	if code != nil {
		s.own, s.each = c.key, code.forEach
		m.references = &references{instances: p.instances, scope: &s, typ: c.typ}
		a.block = code.body
		r.Provider = p.provider(code.provider)
		for _, address := range code.dependsOn {
			r.DependsOn = append(r.DependsOn, s.in(address))
		}
	}
	if r.Provider.Name == "" {
		r.Provider.Name = providerName(p.string(c.fields.at("provider_name")))
	}
	r.Body = m.body(said.at("after"), a)
	return r
}

func prefixOf(module string) string {
	if module == "" {
		return ""
	}
	return module + "."
}

// body is a resource's object, whatever stands where it should be.
func (m *maker) body(at int, a about) *iac.Value {
	if at < 0 {
		return &iac.Value{Kind: iac.Object, Open: knownAfterApply}
	}
	v := m.value(at, m.skip(at), a)
	if v.Kind != iac.Object {
		return &iac.Value{Kind: iac.Object, Range: v.Range, Open: knownAfterApply}
	}
	return v
}

func (d *document) nameRange(f fields) iac.Range {
	at := f.at("address")
	if at < 0 {
		return iac.Range{}
	}
	return d.rangeOf(at, d.skip(at))
}

func (p *plan) typeOf(c change) *schema.Type {
	name := c.typ
	if c.data {
		name = "data." + name
	}
	t, known := p.types[name]
	if !known {
		t, _ = schema.Terraform.Type(name)
		p.types[name] = t
	}
	return t
}

// variables are the plan's own, as they would be given on a command line.
func (p *plan) variables() map[string]string {
	all := map[string]string{}
	for _, v := range p.members(p.top.at("variables")) {
		at := p.get(v.at, "value")
		switch p.kind(at) {
		case 0, 'n':
		case '"':
			all[v.key] = p.string(at)
		default:
			if text, ok := asExpression(p.raw(at)); ok {
				all[v.key] = text
			}
		}
	}
	return all
}

// asExpression writes JSON as an expression of the language, in which the same text may hold templates.
func asExpression(text string) (string, bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return "", false
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(v) != nil {
		return "", false
	}
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strings.TrimSpace(out.String())), true
}

// keyText writes the key of an instance as addresses have it.
func (d *document) keyText(at int) string {
	switch d.kind(at) {
	case '"':
		return "[" + strconv.Quote(d.string(at)) + "]"
	case '0':
		return "[" + d.raw(at) + "]"
	}
	return ""
}
