package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// What a scan may collect beyond what its checks read; anything else is a table's name.
const (
	InventoryChecks = "checks" // nothing more
	InventoryFull   = "full"   // every table with all its columns, but those that are off
)

// Selection is what a scan is asked to do.
type Selection struct {
	// Provider limits InventoryFull to one provider's tables; empty: all.
	Provider string
	Checks   []*Check
	// Inventory says what to collect beside what the checks read: InventoryChecks, InventoryFull, names of tables.
	Inventory []string
	// Tags says that findings are chosen by the tags of their resources, so that these must be collected.
	Tags bool
	// Allow are the opt-ins that the user gives. Calls that need another stay in the plan, and what they would fill is skipped.
	Allow []string
}

// New plans a scan: the tables and column groups that its checks and inventory need, and all that those rest on.
func New(s Selection, catalog *Catalog) (*Plan, error) {
	if err := provedOptIns(s, catalog); err != nil {
		return nil, err
	}
	n := newNeeds(catalog)
	for _, c := range s.Checks {
		n.addCheck(c)
	}
	for _, name := range s.Inventory {
		switch t := catalog.Tables[name]; {
		case name == InventoryChecks || name == "":
		case name == InventoryFull:
			n.addAll(s.Provider)
		case t == nil:
			known := make([]string, 0, len(catalog.Tables))
			for name := range catalog.Tables {
				known = append(known, name)
			}
			return nil, fmt.Errorf("plan the scan: there is no table %q%s", name, hint(content.DidYouMean(name, known)))
		default:
			n.addWhole(t)
		}
	}
	n.addNames(s.Tags)
	p := &Plan{Checks: slices.Clone(s.Checks), Allow: s.Allow, catalog: catalog}
	for _, got := range n.sorted() {
		p.Tables = append(p.Tables, TablePlan{Table: got.table, Groups: got.groupOrder(), Wanted: got.wanted})
	}
	return p, nil
}

// provedOptIns refuses an opt-in that no call of the provider asks for: a word with a slip in it would change nothing, and say nothing.
func provedOptIns(s Selection, catalog *Catalog) error {
	var known []string
	for _, t := range catalog.Tables {
		if s.Provider != "" && t.Spec.Provider != s.Provider || t.Spec.List == nil {
			continue
		}
		for _, call := range slices.Concat(lists(t.Spec), t.Spec.Get) {
			if call.OptIn != "" && !slices.Contains(known, call.OptIn) {
				known = append(known, call.OptIn)
			}
		}
	}
	slices.Sort(known)
	for _, name := range s.Allow {
		if slices.Contains(known, name) {
			continue
		}
		about := content.DidYouMean(name, known)
		if about == "" && len(known) > 0 {
			about = "known are " + strings.Join(known, ", ")
		}
		return fmt.Errorf("plan the scan: no call asks to be allowed by the name %q%s", name, hint(about))
	}
	return nil
}

func (n *needs) addAll(provider string) {
	for _, t := range n.catalog.Tables {
		if !t.Spec.Off && (provider == "" || t.Spec.Provider == provider) {
			n.addWhole(t)
		}
	}
}

func hint(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// Dependents gives the ids of the plan's checks whose verdicts rest on a call, such as s3:GetBucketPolicy, sorted: where it
// fails they say UNKNOWN, and no other check changes its verdict.
func (p *Plan) Dependents(call string) (ids []string) {
	for _, c := range p.Checks {
		n := newNeeds(p.catalog)
		n.addVerdict(c)
		if c.Spec != nil && (c.Spec.Query != "" || p.isDerived(c.Spec.Resource)) {
			n.addRefs(c.Found) // such a check knows no rows that lack only a part
		}
		if n.uses(call) {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (p *Plan) isDerived(table string) bool {
	t := p.catalog.Tables[table]
	return t != nil && t.derived()
}

// uses says whether the call is among those that fill what is needed.
func (n *needs) uses(name string) bool {
	for _, got := range n.tables {
		calls := lists(got.table.Spec)
		for g := range got.groups {
			calls = append(calls, group(got.table.Spec, g))
		}
		for _, c := range calls {
			if c.Service+":"+c.Op == name || c.First != nil && c.First.Service+":"+c.First.Op == name {
				return true
			}
		}
	}
	return false
}
