package plan

import (
	"slices"

	"github.com/stancehq/stance/internal/content"
)

// needs gathers what has to be collected: tables, their column groups, and all that those rest on.
type needs struct {
	catalog *Catalog
	tables  map[string]*need
	named   map[*Table]bool
}

// need is what is needed of one table.
type need struct {
	table  *Table
	groups map[string]bool
	wanted bool // for its own sake, not only as a parent
}

func newNeeds(c *Catalog) *needs {
	return &needs{catalog: c, tables: map[string]*need{}, named: map[*Table]bool{}}
}

// addVerdict adds what a check's verdict rests on.
func (n *needs) addVerdict(c *Check) {
	for _, refs := range [][]Ref{c.When, c.Pass, c.Query} {
		n.addRefs(refs)
	}
	if c.Spec != nil {
		n.addTable(n.catalog.Tables[c.Spec.Resource], true)
	}
}

// addCheck adds all that a check reads, and the tables that its SQL names, which must exist for it to be asked.
func (n *needs) addCheck(c *Check) {
	n.addVerdict(c)
	n.addRefs(c.Found)
	for _, name := range c.Tables {
		n.addNamed(n.catalog.Tables[name])
	}
}

// addNamed adds a table that SQL names; of a derived table those that it names.
func (n *needs) addNamed(t *Table) {
	if t == nil || n.named[t] {
		return
	}
	n.named[t] = true
	n.addTable(t, true)
	for _, name := range t.Over {
		n.addNamed(n.catalog.Tables[name])
	}
}

func (n *needs) addRefs(refs []Ref) {
	for _, r := range refs {
		t := n.catalog.Tables[r.Table]
		n.addTable(t, true)
		if t != nil && r.Column != "" {
			n.addColumn(t, r.Column)
		}
	}
}

func (n *needs) addColumn(t *Table, name string) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return
	}
	for _, g := range t.Columns[i].Groups {
		n.addGroup(t, g)
	}
}

// addTable adds a table's rows: its list calls, and for those the parents.
func (n *needs) addTable(t *Table, wanted bool) {
	if t == nil {
		return
	}
	got := n.tables[t.Name]
	if got == nil {
		got = &need{table: t, groups: map[string]bool{}}
		n.tables[t.Name] = got
		for _, call := range lists(t.Spec) {
			n.addParent(call)
		}
	}
	got.wanted = got.wanted || wanted
}

func (n *needs) addParent(call *content.Call) {
	parent := n.catalog.Tables[call.For]
	if parent == nil {
		return
	}
	n.addTable(parent, false)
	for _, g := range inputGroups(parent.Spec, call) {
		n.addGroup(parent, g)
	}
}

// addGroup adds a column group and those that its input reads.
func (n *needs) addGroup(t *Table, name string) {
	n.addTable(t, false)
	call := group(t.Spec, name)
	if call == nil || n.tables[t.Name].groups[name] {
		return // the list's own columns
	}
	n.tables[t.Name].groups[name] = true
	for _, g := range inputGroups(t.Spec, call) {
		n.addGroup(t, g)
	}
}

// addWhole adds a table with every group; of a derived table all that it reads.
func (n *needs) addWhole(t *Table) {
	n.addNamed(t)
	n.addRefs(t.Reads)
	for _, call := range t.Spec.Get {
		n.addGroup(t, call.Name)
	}
}

// addNames adds what gives rows the name that a person knows them by, and their tags if those are asked for.
func (n *needs) addNames(tags bool) {
	for _, got := range n.sorted() {
		if got.wanted && !got.table.derived() {
			n.addColumn(got.table, "id")
			n.addColumn(got.table, "name")
			if tags {
				n.addColumn(got.table, "tags")
			}
		}
	}
}

// sorted gives the tables so that parents precede children; data and derived tables come last, each after those it reads.
func (n *needs) sorted() []*need {
	names := make([]string, 0, len(n.tables))
	for name := range n.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	var order []*need
	done := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		got := n.tables[name]
		if got == nil || done[name] {
			return
		}
		done[name] = true
		for _, call := range lists(got.table.Spec) {
			visit(call.For)
		}
		for _, over := range got.table.Over {
			visit(over)
		}
		order = append(order, got)
	}
	for _, name := range names {
		if n.tables[name].table.Spec.List != nil {
			visit(name)
		}
	}
	for _, name := range names {
		visit(name)
	}
	return order
}

// groupOrder gives the needed groups so that each stands after those that its input reads.
func (got *need) groupOrder() (order []string) {
	done := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if done[name] || !got.groups[name] {
			return
		}
		done[name] = true
		for _, g := range inputGroups(got.table.Spec, group(got.table.Spec, name)) {
			visit(g)
		}
		order = append(order, name)
	}
	for _, call := range got.table.Spec.Get {
		visit(call.Name)
	}
	return order
}
