package mapping

import (
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// company are all companions of one kind in a unit, by what they may be joined on.
type company struct {
	keys     map[string][]*iac.Resource
	doubtful []doubtful
}

// doubtful is a companion of which it is not known whom it belongs to.
type doubtful struct {
	resource *iac.Resource
	cause    string
}

// companions gives the bodies of a resource's companions as a list that is open where one more may belong to it.
func (e *env) companions(c *content.Companion) *iac.Value {
	all := e.companyOf(c)
	list := &iac.Value{Kind: iac.List}
	seen := map[*iac.Resource]bool{}
	for _, pair := range c.On {
		keys, _ := e.keysOf(e.resource, pair[1])
		for _, key := range append(keys, addressKey(e.resource.Address)) {
			for _, r := range all.keys[key] {
				if !seen[r] && r != e.resource {
					seen[r] = true
					e.addCompanion(list, c, r)
				}
			}
		}
	}
	for _, d := range all.doubtful {
		if c.Sure {
			break
		}
		if seen[d.resource] || d.resource == e.resource {
			continue
		}
		if len(list.Items) > 0 && !c.Many {
			continue // its own is there
		}
		if list.Open == "" {
			list.Open = fmt.Sprintf("%s may be for it: %s", d.resource.Address, d.cause)
		}
	}
	if len(list.Items) == 0 && list.Open == "" {
		return nil
	}
	return list
}

func (e *env) addCompanion(list *iac.Value, c *content.Companion, r *iac.Resource) {
	inner := env{unit: e.unit, rule: e.rule, resource: r, item: r.Body, region: e.region}
	holds := inner.holds(c.Where)
	switch {
	case holds.no:
		return
	case holds.cause == "" && r.MayExist != "":
		holds.cause = fmt.Sprintf("%s may not be made: %s", r.Address, r.MayExist)
	}
	if holds.cause != "" && c.Sure {
		return
	}
	if holds.cause != "" {
		list.Items = append(list.Items, &iac.Value{Kind: iac.Unknown, Cause: holds.cause, Range: r.Name})
		return
	}
	body := identified(r)
	e.owners[body] = r
	list.Items = append(list.Items, body)
}

// identified is a resource's body with its id, which the vendor chooses if the code does not, and with a place.
func identified(r *iac.Resource) *iac.Value {
	if r.Body == nil || r.Body.Kind != iac.Object {
		return r.Body
	}
	body := *r.Body
	if body.Range.IsZero() {
		body.Range = r.Name
	}
	if body.Get(ownID) == nil {
		id := &iac.Value{Kind: iac.Unknown, Symbol: &iac.Symbol{Address: r.Address, Attribute: ownID}, Range: r.Name}
		body.Fields = append(slices.Clip(body.Fields), iac.Field{Key: ownID, Value: id})
	}
	return &body
}

// ownID is the attribute of every resource of Terraform by which others refer to it.
const ownID = "id"

// companyOf indexes the unit's companions of a kind, once.
func (u *unit) companyOf(c *content.Companion) *company {
	if all := u.companies[c]; all != nil {
		return all
	}
	all := &company{keys: map[string][]*iac.Resource{}}
	u.companies[c] = all
	for _, typ := range c.Resources {
		for _, r := range u.byType[typ] {
			cause := ""
			found := false
			all.keys[addressKey(r.Address)] = append(all.keys[addressKey(r.Address)], r) // a reference to it is enough
			for _, pair := range c.On {
				keys, why := u.keysOf(r, pair[0])
				for _, key := range keys {
					all.keys[key] = append(all.keys[key], r)
					found = true
				}
				if why != "" {
					cause = why
				}
			}
			if !found && cause != "" {
				all.doubtful = append(all.doubtful, doubtful{r, cause})
			}
		}
	}
	return all
}

func addressKey(address string) string { return "@" + address }

// keysOf are texts that are equal where two resources mean the same thing: the address of what a value refers to, and what it
// stands for. An attribute that the code does not set is the resource's own, known after apply.
func (u *unit) keysOf(r *iac.Resource, path string) (keys []string, cause string) {
	v := descend(r.Body, path)
	if isAbsent(v) {
		v = &iac.Value{Kind: iac.Unknown, Symbol: &iac.Symbol{Address: r.Address, Attribute: path}}
	}
	var add func(v *iac.Value)
	add = func(v *iac.Value) {
		switch {
		case v == nil:
		case v.Kind == iac.List:
			for _, item := range v.Items {
				add(item)
			}
			if v.Open != "" {
				cause = v.Open
			}
		case v.Kind == iac.Unknown && v.Symbol != nil:
			keys = append(keys, addressKey(v.Symbol.Address), u.symbol(*v.Symbol, sight{by: r}))
		case v.Kind == iac.Unknown:
			cause = causeOf(v)
		case v.Kind == iac.String && v.Parts != nil:
			keys = append(keys, u.text(v, sight{by: r}))
			if len(v.Parts) == 1 && v.Parts[0].Symbol != nil {
				keys = append(keys, addressKey(v.Parts[0].Symbol.Address))
			}
		case v.Kind != iac.Object && v.Text != "":
			keys = append(keys, v.Text)
		}
	}
	add(v)
	return keys, cause
}
