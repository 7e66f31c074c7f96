package tfplan

import (
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// provider is a configuration, by its key: aws, aws.west, module.logs:aws.
func (p *plan) provider(key string) iac.Provider {
	if made, ok := p.providers[key]; ok {
		return made
	}
	made := iac.Provider{}
	if at := p.get(p.top.at("configuration"), "provider_config", key); at >= 0 {
		f := p.fields(at)
		made.Name, made.Alias = p.string(f.at("name")), p.string(f.at("alias"))
		m := p.root
		for _, step := range moduleSteps(p.string(f.at("module_address"))) {
			c := m.calls[step.name]
			if c == nil {
				break
			}
			m = c.module
		}
		made.Body = p.configured(p.block(f.at("expressions")), m, 0)
	}
	p.providers[key] = made
	return made
}

// configured is a block as far as the plan tells the values of its arguments.
func (p *plan) configured(b block, m *module, depth int) *iac.Value {
	v := &iac.Value{Kind: iac.Object}
	for key, e := range b {
		switch {
		case e == nil:
		case e.blocks != nil && depth < mostModules:
			list := &iac.Value{Kind: iac.List}
			for _, inner := range e.blocks {
				list.Items = append(list.Items, p.configured(inner, m, depth+1))
			}
			v.Fields = append(v.Fields, iac.Field{Key: key, Value: list})
		default:
			v.Fields = append(v.Fields, iac.Field{Key: key, Value: p.argument(e, m, 0)})
		}
	}
	return v
}

// argument is the value of a constant, or of a variable that an argument consists of.
func (p *plan) argument(e *expression, m *module, depth int) *iac.Value {
	plain := &maker{document: p.document}
	if e != nil && e.constant >= 0 {
		return plain.value(e.constant, p.skip(e.constant), about{})
	}
	if e == nil || len(e.references) != 1 || depth > deepest {
		return unknown(&iac.Value{}, "the plan does not tell it")
	}
	name, ok := strings.CutPrefix(e.references[0], "var.")
	if !ok || m == nil {
		return unknown(&iac.Value{}, "the plan does not tell it")
	}
	var v *iac.Value
	switch at := p.get(p.top.at("variables"), name, "value"); {
	case m.parent == nil && at >= 0:
		v = plain.value(at, p.skip(at), about{})
	case m.parent != nil && m.call.arguments[name] != nil:
		v = p.argument(m.call.arguments[name], m.parent, depth+1)
	case m.parent != nil && m.defaults[name] > 0:
		v = plain.value(m.defaults[name], p.skip(m.defaults[name]), about{})
	default:
		v = unknown(&iac.Value{}, "the plan does not tell it")
	}
	v.Sensitive = v.Sensitive || m.secrets[name]
	return v
}

// providerName is the local name that a provider most likely has: registry.terraform.io/hashicorp/aws is aws.
func providerName(full string) string { return full[strings.LastIndexByte(full, '/')+1:] }

// fillRegions tells the regions of resources whose provider's is not known, by their own ARN or by those of others of the provider.
func fillRegions(unit *iac.Unit) {
	type key struct{ name, alias, module string }
	keyOf := func(r *iac.Resource) key {
		module := ""
		if len(r.Calls) > 0 {
			module = r.Calls[0].Name
		}
		return key{r.Provider.Name, r.Provider.Alias, module}
	}
	regions := map[key]string{}
	for _, r := range unit.Resources {
		region := regionOf(r.Body)
		if before, ok := regions[keyOf(r)]; region != "" && ok && before != region {
			region = several
		}
		if region != "" {
			regions[keyOf(r)] = region
		}
	}
	for _, r := range unit.Resources {
		if said := r.Provider.Body.Get("region"); said.Is(iac.String) && said.Text != "" {
			continue
		}
		region := regionOf(r.Body)
		if region == "" {
			region = regions[keyOf(r)]
		}
		if region == "" || region == several {
			continue
		}
		filled := &iac.Value{Kind: iac.Object}
		if r.Provider.Body != nil {
			for _, f := range r.Provider.Body.Fields {
				if f.Key != "region" {
					filled.Fields = append(filled.Fields, f)
				}
			}
		}
		filled.Fields = append(filled.Fields, iac.Field{Key: "region", Value: &iac.Value{Kind: iac.String, Text: region}})
		r.Provider.Body = filled
	}
}

// several stands for a provider that makes resources in more regions than one.
const several = "*"

// regionOf is that of a resource's ARN: arn:aws:sqs:eu-west-1:111122223333:orders.
func regionOf(body *iac.Value) string {
	arn := body.Get("arn")
	if !arn.Is(iac.String) || arn.Sensitive {
		return ""
	}
	parts := strings.SplitN(arn.Text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return ""
	}
	return parts[3]
}
