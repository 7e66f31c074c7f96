package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
)

// provider is a configuration of a provider, evaluated when the first resource needs it.
type provider struct {
	iac.Provider
}

// providerOf gives the configuration that makes a resource instance: the one that it names, or the default one of its type.
func (m *instance) providerOf() iac.Provider {
	r := m.group.resource
	if r.provider == nil {
		name, _, _ := strings.Cut(r.kind, "_")
		return m.group.scope.provider(name, "")
	}
	name, key := m.group.scope.providerNamed(r.provider, m.ctx)
	if name == "" {
		name, _, _ = strings.Cut(r.kind, "_")
	}
	return m.group.scope.provider(name, key)
}

// providerNamed reads aws.west, or OpenTofu's aws.west["key"].
func (s *scope) providerNamed(a *attribute, ctx *hcl.EvalContext) (name, key string) {
	switch x := a.expr.(type) {
	case *index:
		v, _ := s.evaluate("provider", &attribute{expr: x.Key, at: a.at}, ctx).Unmark()
		if v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
			key = v.AsString()
		}
		return providerName(x.Collection), key
	case *reference:
		if len(x.Traversal) == 3 {
			key, _ = stepName(x.Traversal, 2)
		}
	}
	return providerName(a.expr), key
}

// provider finds a configuration by the name that this module gives it. A module sees what its call passes to it, its own, and
// the default ones of the module that calls it.
func (s *scope) provider(name, key string) iac.Provider {
	if s.call != nil {
		if a := s.call.providers[name]; a != nil {
			outer, key := s.parent.providerNamed(a, s.inputs)
			return s.parent.provider(outer, key)
		}
	}
	id := name + "\x00" + key
	if p := s.providers[id]; p != nil {
		return p.Provider // without a body, if it is being evaluated and refers to itself
	}
	local, alias, _ := strings.Cut(name, ".")
	for _, block := range s.module.providers {
		if block.name != local || block.alias != alias {
			continue
		}
		p := &provider{Provider: iac.Provider{Name: local, Alias: alias}}
		s.providers[id] = p
		s.e.attempt("provider."+name, block.at, func() { p.Body = s.object("provider."+name, block.body, block.at, s.providerContext(block, key)) })
		return p.Provider
	}
	if alias == "" && s.parent != nil {
		return s.parent.provider(name, key)
	}
	return iac.Provider{Name: local, Alias: alias}
}

// providerContext is that of one instance of a configuration: OpenTofu has a for_each for them.
func (s *scope) providerContext(block *providerBlock, key string) *hcl.EvalContext {
	if block.forEach == nil {
		return s.ctx
	}
	x := s.expand("provider."+block.name, nil, block.forEach, nil, s.ctx)
	for _, it := range x.items {
		if it.key == cty.NilVal || it.key.AsString() == key {
			return x.context(s.ctx, it)
		}
	}
	return s.ctx
}
