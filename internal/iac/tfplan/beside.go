package tfplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/sensitive"
)

// misfit says why code is not what a plan or state was made of; empty if it may be. Both must make the same resources, but for
// what the code does not tell: the instances of an unknown count or for_each, and modules that are not on disk. A state need not
// have what was not applied yet.
func misfit(unit, code *iac.Unit) string {
	inCode, open, modules := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range code.Resources {
		if r.Data {
			continue
		}
		inCode[r.Address] = true
		if r.MayExist != "" {
			open[bare(r.Address)] = true
		}
		steps := moduleSteps(r.Address)
		for i := range steps {
			modules[modulePath(steps[:i+1])] = true
		}
	}
	inFile, matched := map[string]bool{}, 0
	for _, r := range unit.Resources {
		if r.Data {
			continue
		}
		inFile[r.Address] = true
		steps := moduleSteps(r.Address)
		switch {
		case inCode[r.Address] || open[bare(r.Address)]:
			matched++
		case len(steps) > 0 && !modules[modulePath(steps)]: // the module was not read
		case unit.Kind == iac.TerraformPlan:
			return fmt.Sprintf("it makes %s, and the code does not", r.Address)
		}
	}
	if unit.Kind == iac.TerraformPlan {
		for _, r := range code.Resources {
			if !r.Data && r.MayExist == "" && !inFile[r.Address] {
				return fmt.Sprintf("the code makes %s, and it does not", r.Address)
			}
		}
	}
	if matched == 0 {
		return "the code makes none of its resources"
	}
	return ""
}

func modulePath(steps []step) string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.name
	}
	return strings.Join(names, ".")
}

// Place gives the resources of a plan or state the places of the code that makes them, and takes from the code what the plan does
// not know: it says which attributes of others a value consists of.
func Place(unit, code *iac.Unit) {
	byAddress, byBare := map[string]*iac.Resource{}, map[string]*iac.Resource{}
	for _, r := range code.Resources {
		byAddress[r.Address] = r
		byBare[bare(r.Address)] = r
	}
	steps := new(int)
	*steps = mostSteps
	for _, r := range unit.Resources {
		from, exact := byAddress[r.Address], true
		if from == nil {
			from, exact = byBare[bare(r.Address)], false
		}
		if from == nil {
			continue
		}
		r.Range, r.Name = from.Range, from.Name
		if len(from.Calls) > 0 {
			r.Calls = slices.Clone(from.Calls)
			for i, step := range moduleSteps(r.Address) {
				if i < len(r.Calls) {
					r.Calls[i].Name = "module." + step.name + step.key
				}
			}
		}
		if !r.Provider.Body.Get("region").Is(iac.String) && from.Provider.Body != nil {
			r.Provider = from.Provider
		}
		o := overlay{exact: exact, steps: steps}
		r.Body = o.value(r.Body, from.Body)
	}
}

// overlay lays the code of a resource over its values. Code of another instance (the exact one is not known) gives places only.
type overlay struct {
	exact bool
	steps *int // that are left to find out which item is which
}

// mostSteps are those of a unit.
const mostSteps = 20_000_000

func (o overlay) value(v, code *iac.Value) *iac.Value {
	if code == nil {
		return unplaced(v)
	}
	if v.Kind == iac.Unknown {
		if !o.exact || code.Kind == iac.Unknown && code.Symbol == nil && len(code.Either) == 0 && v.Symbol != nil {
			v.Range = code.Range
			return v
		}
		if v.Sensitive {
			sensitive.Conceal(code)
		}
		return code
	}
	v.Range = code.Range
	v.Sensitive = v.Sensitive || code.Sensitive
	switch {
	case v.Kind == iac.Object && code.Kind == iac.Object:
		for i := range v.Fields {
			v.Fields[i].Value = o.value(v.Fields[i].Value, code.Get(v.Fields[i].Key))
		}
	case v.Kind == iac.List && code.Kind == iac.List:
		for i, of := range o.pairs(v.Items, code.Items) {
			if of == nil {
				v.Items[i] = o.inherit(v.Items[i], code.Range)
			} else {
				v.Items[i] = o.value(v.Items[i], of)
			}
		}
	case v.Kind == iac.Object && code.Kind == iac.List && len(code.Items) == 1: // a block of which there is only one
		return o.value(v, code.Items[0])
	default:
		for i := range v.Items {
			v.Items[i] = o.inherit(v.Items[i], code.Range)
		}
		for i := range v.Fields {
			v.Fields[i].Value = o.inherit(v.Fields[i].Value, code.Range)
		}
	}
	return v
}

// inherit gives all that lies in a value the place of what it is written in.
func (o overlay) inherit(v *iac.Value, at iac.Range) *iac.Value {
	v.Range = at
	for i := range v.Items {
		o.inherit(v.Items[i], at)
	}
	for i := range v.Fields {
		o.inherit(v.Fields[i].Value, at)
	}
	return v
}

// unplaced takes the places off a value that the code does not write: the provider does.
func unplaced(v *iac.Value) *iac.Value { return overlay{}.inherit(v, iac.Range{}) }

// pairs finds for each item of a list the one that the code wrote it as: sets have an order of their own.
func (o overlay) pairs(items, code []*iac.Value) []*iac.Value {
	found := make([]*iac.Value, len(items))
	used := make([]bool, len(code))
	for i, item := range items {
		for j, c := range code {
			if !used[j] && o.agrees(item, c) {
				found[i], used[j] = c, true
				break
			}
		}
	}
	return found
}

// agrees tells whether a value may be what the code says, by all that is known of both.
func (o overlay) agrees(v, code *iac.Value) bool {
	if *o.steps--; *o.steps < 0 {
		return false
	}
	switch {
	case v == nil || code == nil || v.Kind == iac.Unknown || code.Kind == iac.Unknown || code.Kind == iac.Null || v.Parts != nil || code.Parts != nil:
		return true
	case code.Kind == iac.Object && v.Kind == iac.Object:
		for _, f := range code.Fields {
			if !o.agrees(v.Get(f.Key), f.Value) {
				return false
			}
		}
		return true
	case code.Kind == iac.List && v.Kind == iac.List:
		if code.Open != "" {
			return true
		}
		if len(code.Items) != len(v.Items) {
			return false
		}
		return !slices.ContainsFunc(code.Items, func(c *iac.Value) bool {
			return !slices.ContainsFunc(v.Items, func(item *iac.Value) bool { return o.agrees(item, c) })
		})
	case code.Kind == iac.Object || code.Kind == iac.List || v.Kind == iac.Object || v.Kind == iac.List:
		return false
	}
	return v.Text == code.Text
}
