package mapping

import (
	"cmp"
	"regexp"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/iac"
)

// deepest is how many formulas may rest on each other: an ARN on a name, a name on another's.
const deepest = 8

// symbol writes what a reference stands for. It is a text like no other: specific, without a wildcard.
func (u *unit) symbol(s iac.Symbol, at sight) string { return u.symbolAt(s, at, 0) }

func (u *unit) symbolAt(s iac.Symbol, at sight, depth int) string {
	if text, ok := u.known(s, at); ok {
		return text
	}
	r := u.byAddress[s.Address]
	if r == nil || depth > deepest {
		return s.String()
	}
	v := descend(r.Body, s.Attribute)
	if formula, ok := u.formulaOf(r, s.Attribute); ok && (!r.Data || v == nil) {
		return u.formula(formula, r, u.sightOf(r, at), depth+1)
	}
	if v != nil && !v.Sensitive {
		switch {
		case v.Kind == iac.String && v.Parts != nil:
			return u.textAt(v, u.sightOf(r, at), depth+1)
		case v.Kind == iac.String && v.Text != "":
			return v.Text
		}
	}
	return s.String()
}

// sightOf is how things look from a resource that is referred to: from the region where it will be; where that is not told, from that
// of whoever refers to it.
func (u *unit) sightOf(r *iac.Resource, at sight) sight {
	for _, rule := range u.rules[r.Type] {
		if rule.global {
			continue
		}
		if own := u.regionOf(&env{unit: u, rule: rule, resource: r, item: r.Body}); own != UnknownRegion {
			at.region = own
			break
		}
	}
	return at
}

// formulaOf is the template for an attribute of a resource. One for data sources alone begins with data.
func (u *unit) formulaOf(r *iac.Resource, attribute string) (formula string, ok bool) {
	if r.Data {
		if formula, ok = u.formulas[r.Type]["data."+attribute]; ok {
			return formula, ok
		}
	}
	formula, ok = u.formulas[r.Type][attribute]
	return formula, ok
}

// known tells what stands for things that are no resources: the account, the region, the partition. What a data source by another
// provider says of them is not true of who refers to it.
func (u *unit) known(s iac.Symbol, at sight) (string, bool) {
	name := s.Address
	if s.Attribute != "" {
		bare := withoutModules(s.Address)
		if i := strings.LastIndexByte(bare, '.'); i > 0 && strings.HasPrefix(bare, "data.") {
			name = bare[:i] + "." + s.Attribute
		}
	}
	text, ok := u.symbols[name]
	if !ok {
		return "", false
	}
	account, region := u.place.Account, at.region
	if r := u.byAddress[s.Address]; r != nil && r.Data {
		if strings.Contains(text, "{account_id}") {
			if number, is := u.elsewhere(r, at); is {
				account = number
			}
		}
		if strings.Contains(text, "{region}") && at.by != nil && r.Provider.Alias != at.by.Provider.Alias {
			region = u.literalRegion(r)
		}
		if account == "" || region == "" && at.by != nil && at.region != "" {
			return "", false
		}
	}
	return strings.NewReplacer("{account_id}", account, "{region}", region, "{partition}", u.partition).Replace(text), true
}

// literalRegion is the region that code says in so many words for a data source; empty if it does not.
func (u *unit) literalRegion(r *iac.Resource) string {
	for _, path := range u.code.Region {
		v := descend(r.Body, path)
		if below, ok := strings.CutPrefix(path, "provider/"); ok {
			v = descend(r.Provider.Body, below)
		}
		if v != nil && v.Kind == iac.String {
			return v.Text
		}
	}
	return ""
}

// text writes a string with its holes filled.
func (u *unit) text(v *iac.Value, at sight) string { return u.textAt(v, at, 0) }

func (u *unit) textAt(v *iac.Value, at sight, depth int) string {
	var b strings.Builder
	for _, part := range v.Parts {
		if part.Symbol != nil {
			b.WriteString(u.symbolAt(*part.Symbol, at, depth))
		} else {
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

// formula fills a mapping's template for a resource. What the resource does not say, or nobody knows yet, stands as a symbol.
func (u *unit) formula(template string, r *iac.Resource, at sight, depth int) string {
	var b strings.Builder
	for rest := template; ; {
		before, after, ok := strings.Cut(rest, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		path, after, _ := strings.Cut(after, "}")
		b.WriteString(u.field(path, r, at, depth))
		rest = after
	}
}

func (u *unit) field(path string, r *iac.Resource, at sight, depth int) string {
	path, fallback, hasFallback := strings.Cut(path, "|")
	if bare, prefix, ok := strings.Cut(path, "#"); ok {
		return strings.TrimPrefix(u.field(bare, r, at, depth), prefix)
	}
	switch path {
	case "account_id":
		if number, is := u.elsewhere(r, at); is {
			return cmp.Or(number, iac.Symbol{Address: r.Address, Attribute: path}.String())
		}
		return u.place.Account
	case "region":
		return at.region
	case "partition":
		return u.partition
	}
	v := descend(r.Body, path)
	if v != nil && v.Kind == iac.List && len(v.Items) == 1 {
		v = v.Items[0]
	}
	switch {
	case isAbsent(v) && hasFallback:
		return fallback
	case isAbsent(v), v.Sensitive, v.Kind == iac.Unknown && v.Symbol == nil, v.Kind == iac.List, v.Kind == iac.Object:
		return iac.Symbol{Address: r.Address, Attribute: path}.String()
	case v.Kind == iac.Unknown:
		return u.symbolAt(*v.Symbol, at, depth)
	case v.Parts != nil:
		return u.textAt(v, at, depth)
	}
	return v.Text
}

// owner is the resource that attributes are read of: the companion that is the item, else the resource itself.
func (e *env) owner() *iac.Resource {
	if companion := e.owners[e.item]; companion != nil {
		return companion
	}
	return e.resource
}

// attribute is what one of a resource's own formulas gives, as a value.
func (e *env) attribute(r *iac.Resource, name string) *iac.Value {
	formula, ok := e.formulas[r.Type][name]
	if !ok {
		return unknown("the mapping has no attribute " + name)
	}
	return &iac.Value{Kind: iac.String, Text: e.formula(formula, r, e.sight(), 0)}
}

// template fills a source's text. Unlike a formula it is unknown where something in it is.
func (e *env) template(text string) *iac.Value {
	filled := &iac.Value{Kind: iac.String}
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, "{")
		filled.Parts = append(filled.Parts, iac.Part{Text: before})
		if !ok {
			break
		}
		path, after, _ := strings.Cut(after, "}")
		rest = after
		switch path {
		case "account_id", "region", "partition":
			filled.Parts = append(filled.Parts, iac.Part{Text: e.field(path, e.resource, e.sight(), 0)})
			continue
		}
		v := e.path(path)
		if v != nil && v.Kind == iac.List && len(v.Items) == 1 {
			v = v.Items[0]
		}
		switch {
		case isAbsent(v):
			return nil
		case v.Kind == iac.Unknown && v.Symbol == nil:
			return v
		case v.Kind == iac.Unknown:
			filled.Parts = append(filled.Parts, iac.Part{Symbol: v.Symbol})
		case v.Parts != nil:
			filled.Parts = append(filled.Parts, v.Parts...)
		default:
			filled.Parts = append(filled.Parts, iac.Part{Text: v.Text})
		}
		filled.Range, filled.Sensitive = v.Range, filled.Sensitive || v.Sensitive
	}
	for _, part := range filled.Parts {
		if part.Symbol != nil {
			return filled
		}
	}
	for _, part := range filled.Parts {
		filled.Text += part.Text
	}
	filled.Parts = nil
	return filled
}

// identity matches attributes that name a thing and say nothing else about it: whatever they will be, they are specific.
var identity = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(ref|id|arn|.*[._]?(id|arn))$`)
})

// secretive matches attributes that may hold a secret.
var secretive = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)passw|secret|token|credential|private|connection|certificate|result|plaintext|value|content|key$`)
})

// names tells whether a symbol may stand as text in any column.
func (u *unit) names(s *iac.Symbol) bool {
	if _, ok := u.known(*s, sight{}); ok {
		return true
	}
	if r := u.byAddress[s.Address]; r != nil {
		if _, ok := u.formulas[r.Type][s.Attribute]; ok {
			return true
		}
	}
	return identity().MatchString(s.Attribute)
}
