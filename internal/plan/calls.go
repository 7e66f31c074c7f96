package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/content"
)

// ScopeRow is the scope of a call that is made for each row of a table.
const ScopeRow = "row"

// PlannedCall is one read call of a scan, with all that its answer feeds: tables and groups that name the same call with
// the same input share it.
type PlannedCall struct {
	Service string `json:"service"`
	Op      string `json:"op"`
	// Scope is content.ScopeAccount, content.ScopeRegion or ScopeRow.
	Scope string `json:"scope"`
	// For is the table for whose rows it is made, if Scope is ScopeRow.
	For string `json:"for,omitempty"`
	// Times is how often it is made in one scope or for one row: the combinations of each:.
	Times int    `json:"times"`
	Batch int    `json:"batch,omitempty"` // rows that one call describes; 0: one
	Feeds []Feed `json:"feeds,omitempty"`
	// Why is set for calls that feed no table: those of the sign-in, and those that must come first.
	Why string `json:"why,omitempty"`
	// Permissions that it needs. Extra calls may bring theirs, where the descriptions refuse to describe them. Those for objects
	// whose names are constants are limited to these, as content.Operation.PermissionsFor says.
	Permissions []string `json:"permissions"`

	key       string
	constants map[string][]string // text that members of the input always are, in all its repetitions
}

// Feed is a column group that a call fills.
type Feed struct {
	Table string `json:"table"`
	Group string `json:"group"`
}

// Name is the call as service:Operation.
func (c *PlannedCall) Name() string { return c.Service + ":" + c.Op }

// Calls lists the calls that the plan makes, each once, by scope, name and input. Extra are calls that no table names, such
// as those of the sign-in: Service, Op, Scope and Why must be set.
func (p *Plan) Calls(apis APIs, provider string, extra ...PlannedCall) ([]*PlannedCall, error) {
	b := callList{byKey: map[string]*PlannedCall{}}
	for _, e := range extra {
		e.key = e.Scope + " " + e.Name()
		e.Times = max(e.Times, 1)
		b.add(provider, e)
	}
	for _, tp := range p.Tables {
		spec := tp.Table.Spec
		for _, call := range lists(spec) {
			if p.allows(call) {
				b.addCall(spec, call, GroupList)
			}
		}
		for _, g := range tp.Groups {
			if call := group(spec, g); call != nil && p.allows(call) {
				b.addCall(spec, call, g)
			}
		}
	}
	if err := b.permissions(apis); err != nil {
		return nil, err
	}
	for _, c := range b.calls {
		slices.SortFunc(c.Feeds, func(x, y Feed) int {
			return cmp.Or(cmp.Compare(x.Table, y.Table), cmp.Compare(x.Group, y.Group))
		})
	}
	rank := map[string]int{content.ScopeAccount: 1, content.ScopeRegion: 2, ScopeRow: 3}
	slices.SortFunc(b.calls, func(x, y *PlannedCall) int {
		return cmp.Or(
			cmp.Compare(rank[x.Scope], rank[y.Scope]), cmp.Compare(x.Name(), y.Name()),
			cmp.Compare(x.For, y.For), cmp.Compare(x.key, y.key),
		)
	})
	return b.calls, nil
}

func (p *Plan) allows(call *content.Call) bool {
	return call.OptIn == "" || slices.Contains(p.Allow, call.OptIn)
}

// callList merges identical calls.
type callList struct {
	calls     []*PlannedCall
	byKey     map[string]*PlannedCall
	providers []string // of calls
}

func (b *callList) add(provider string, c PlannedCall) {
	if known := b.byKey[c.key]; known != nil {
		known.Feeds = append(known.Feeds, c.Feeds...)
		return
	}
	b.byKey[c.key] = &c
	b.calls, b.providers = append(b.calls, &c), append(b.providers, provider)
}

func (b *callList) addCall(spec *content.Table, call *content.Call, groupName string) {
	c := PlannedCall{
		Service: call.Service, Op: call.Op, Scope: spec.Scope, Times: 1, Batch: call.Batch,
		Feeds: []Feed{{Table: spec.Name, Group: groupName}},
	}
	switch {
	case groupName != GroupList:
		c.Scope, c.For = ScopeRow, spec.Name
	case call.For != "":
		c.Scope, c.For = ScopeRow, call.For
	}
	for _, e := range call.Each {
		c.Times *= max(len(e.Values), 1)
	}
	c.key = fmt.Sprint(c.Name(), " ", c.Scope, " ", c.For, " ", canonical(call.With), canonical(call.Each), canonical(call.When), call.Region)
	c.constants = constants(call)
	b.add(spec.Provider, c)
	if f := call.First; f != nil {
		first := PlannedCall{
			Service: f.Service, Op: f.Op, Scope: c.Scope, For: c.For, Times: 1,
			Why: "must be made before " + c.Name(),
		}
		first.key = fmt.Sprint(first.Name(), " ", first.Scope, " ", first.For, " ", canonical(f.With))
		b.add(spec.Provider, first)
	}
}

// constants are the members of a call's input that are text and do not come from rows.
func constants(call *content.Call) map[string][]string {
	all := map[string][]string{}
	set := func(member string, values ...any) {
		var names []string
		for _, value := range values {
			name, ok := value.(string)
			if !ok || name == "" {
				names = nil
				break
			}
			names = append(names, name)
		}
		all[member] = names
	}
	for _, in := range call.With {
		if in.HasValue {
			set(in.Member, in.Value)
		}
	}
	for _, e := range call.Each { // takes the place of what with: says of the member
		set(e.Member, e.Values...)
	}
	return all
}

// canonical is a text that is the same for the same input, in whatever order it was written.
func canonical[T any](list []T) string {
	lines := make([]string, len(list))
	for i, x := range list {
		text, err := json.Marshal(x)
		if err != nil { // only for values that YAML cannot make
			text = fmt.Append(nil, x)
		}
		lines[i] = string(text)
	}
	slices.Sort(lines)
	return fmt.Sprint(lines)
}

func (b *callList) permissions(apis APIs) error {
	for i, c := range b.calls {
		if c.Permissions != nil {
			continue
		}
		api := apis[b.providers[i]]
		if api == nil {
			return fmt.Errorf("plan %s: provider %q has no API description", c.Name(), b.providers[i])
		}
		op, err := api.Operation(c.Service, c.Op)
		if err != nil {
			return fmt.Errorf("plan %s: %w", c.Name(), err)
		}
		c.Permissions = op.PermissionsFor(c.constants[op.NamedBy]...)
	}
	return nil
}

// Permissions are all that the calls need, sorted, each once.
func Permissions(calls []*PlannedCall) []string {
	var all []string
	for _, c := range calls {
		all = append(all, c.Permissions...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
