package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// family is the units of the tables in one scope that share calls or are parent and child.
type family struct {
	run      *run
	tables   []*table
	account  *account
	scope    string
	units    map[*table]*unit   // to be collected
	kept     map[*table]*commit // from an earlier run
	unitsRun atomic.Int64       // units not finished
}

// place is a family that is still to be opened.
type place struct {
	tables  []*table
	account *account
	region  string
}

// gens are the generations of the parents that a table's rows hang on.
func (f *family) gens(t *table) map[string]int64 {
	var gens map[string]int64
	for _, src := range t.sources {
		if src.parent == nil {
			continue
		}
		if gens == nil {
			gens = map[string]int64{}
		}
		if u := f.units[src.parent]; u != nil {
			gens[src.parent.name] = u.gen
		} else {
			gens[src.parent.name] = f.kept[src.parent].Gen
		}
	}
	return gens
}

// open starts a family: it asks for all lists that no parent feeds, and reads again the rows of parents that were
// finished earlier and whose children were not.
func (r *run) open(p place) {
	f := &family{run: r, tables: p.tables, account: p.account, scope: p.region, units: map[*table]*unit{}, kept: map[*table]*commit{}}
	for _, t := range f.tables { // parents come first
		key := unitKey{t.name, p.account.ID, p.region}
		if c := r.spool.current(key); c != nil && f.keeps(t, c) {
			f.kept[t] = c
			r.progress.finished(p.account, c.Cells)
			r.progress.rows.Add(c.Cells[0].Rows)
			r.result.Resumed += len(c.Cells)
			continue
		}
		f.units[t] = r.newUnit(f, t, r.spool.gen(key)+1)
	}
	f.unitsRun.Store(int64(len(f.units)) + 1)
	if p.account.Err != nil {
		f.disable()
	} else {
		f.start()
	}
	f.left()
}

// keeps tells whether a unit of an earlier run stays as it is.
func (f *family) keeps(t *table, c *commit) bool {
	if c.Transient || c.Denied && !f.run.opt.KeepDenied || c.Disabled && f.account.Err == nil {
		return false
	}
	for _, src := range t.sources {
		if src.parent != nil && f.kept[src.parent] == nil {
			return false // its parent's rows are asked for again
		}
	}
	return true
}

func (f *family) start() {
	for _, u := range f.units {
		u.begin() // until all its lists are started
		for _, src := range u.table.sources {
			if src.parent != nil {
				u.begin() // until the parent has ended
			}
		}
	}
	same := map[string][]*consumer{}
	var order []string
	for _, t := range f.tables {
		u := f.units[t]
		if u == nil {
			continue
		}
		for _, src := range t.sources {
			if src.parent != nil {
				continue
			}
			id := src.identity()
			if same[id] == nil {
				order = append(order, id)
			}
			same[id] = append(same[id], &consumer{u, src})
		}
	}
	for _, id := range order {
		f.list(same[id])
	}
	for _, t := range f.tables {
		if c := f.kept[t]; c != nil && f.feeds(t) {
			f.replay(t, c)
		}
	}
	for _, u := range f.units {
		u.end()
	}
}

// list starts one list call for all tables that read it.
func (f *family) list(consumers []*consumer) {
	c := consumers[0].call
	if err := f.elsewhere(c); err != nil {
		for _, x := range consumers {
			x.unit.list.fail(err.Class, err.Error())
		}
		return
	}
	v := &view{table: consumers[0].table, account: f.account, region: f.scope}
	m := prepareCall(&call{name: c.name, inputs: c.inputs, first: c.first}, v)
	if m.skip != nil {
		for _, x := range consumers {
			err := &provider.Error{Class: provider.Broken, Call: c.name, Message: "its input cannot be told: " + m.skip.cause}
			x.unit.list.fail(err.Class, err.Error())
		}
		return
	}
	to := target{account: f.account, region: f.scope, level: consumers[0].table.level, stat: &consumers[0].unit.list}
	none := func() {}
	f.run.startStreams(consumers, to, m, nil, none, none)
}

// elsewhere refuses the list of a service that answers the same in every region, but in its home: its rows would be there
// once for each region.
func (f *family) elsewhere(c *call) *provider.Error {
	if f.scope == GlobalRegion {
		return nil
	}
	home := f.run.opt.Provider.Home(provider.Scope{Account: f.account.ID, Partition: f.account.Partition, Region: f.scope}, c.service)
	if home == "" || home == f.scope {
		return nil
	}
	return &provider.Error{Class: provider.Unsupported, Call: c.service, Message: fmt.Sprintf("%s is asked once, in %s", c.service, home)}
}

func (f *family) feeds(t *table) bool {
	for _, src := range t.children {
		if f.units[src.table] != nil {
			return true
		}
	}
	return false
}

// ended tells a table's children that no more parents come. What is missing of the parents is missing of the children.
func (f *family) ended(t *table, missing failures) {
	for _, src := range t.children {
		u := f.units[src.table]
		if u == nil {
			continue
		}
		for class, x := range missing {
			u.list.fail(class, x.Cause)
		}
		u.end()
	}
}

func (f *family) left() {
	if f.unitsRun.Add(-1) == 0 {
		f.run.closed()
	}
}

// disable ends all cells of an account that refused the sign-in.
func (f *family) disable() {
	cause := "disabled: " + f.account.Err.Error()
	for _, t := range f.tables {
		u := f.units[t]
		if u == nil {
			continue
		}
		u.list.fail(classDisabled, cause)
		c := u.result()
		c.Disabled = true
		f.run.commit(c)
		f.left()
	}
}

// replay feeds the children of a finished table with its rows from the spool, a frame at a time.
func (f *family) replay(t *table, c *commit) {
	shell := &unit{run: f.run, family: f, table: t, account: f.account, region: f.scope}
	var left atomic.Int64
	left.Store(int64(len(c.Frames)) + 1)
	fed := func() {
		if left.Add(-1) == 0 {
			f.ended(t, c.Failures)
		}
	}
	var next func(i int)
	next = func(i int) {
		if i == len(c.Frames) {
			fed()
			return
		}
		f.run.queue.add(&task{level: t.level, list: true, next: true, run: func() {
			if f.run.ctx.Err() != nil {
				return
			}
			lines, err := f.run.spool.read(t.name, c.Frames[i])
			if err != nil {
				f.run.fail(err)
				return
			}
			page := f.run.newPage(len(lines))
			next(i + 1) // it waits while memory is short
			for line := range bytes.Lines(lines) {
				shell.feedAgain(page, line)
			}
			page.release()
			fed()
		}})
	}
	next(0)
}

// feedAgain makes of a line in the spool the row that it was, as far as children read it.
func (u *unit) feedAgain(page *page, line []byte) {
	var saved Row
	if err := json.Unmarshal(line, &saved); err != nil {
		u.run.fail(err)
		return
	}
	t := u.table
	w := &row{unit: u, page: page, region: saved.Region, answers: make([]answer, len(t.groups))}
	for _, g := range t.groups {
		a := answer{state: answerAbsent}
		if cause, ok := saved.Unknown[g.spec.Name]; ok {
			class, _, _ := strings.Cut(cause, ":")
			a = answer{state: answerUnknown, class: provider.Class(class), cause: cause}
		} else if doc := field(saved.Doc, g.spec.Name); doc != nil {
			a = answer{state: answerKnown, doc: doc}
		}
		w.answers[g.idx] = a
	}
	w.origin = t.originOf(saved.Doc)
	for _, src := range t.children {
		w.feed(src)
	}
}

// originOf takes a document apart into what its list item and its parents were.
func (t *table) originOf(doc []byte) *origin {
	o := &origin{item: without(doc, func(key string) bool {
		return key == keyParent && t.depth > 0 || key == keyInput && t.input || t.byName[key] != nil && t.byName[key].idx >= 0
	})}
	if t.input {
		o.input = field(doc, keyInput)
	}
	if t.depth > 0 {
		o.parent = parentOf(field(doc, keyParent), t.depth-1)
	}
	return o
}

func parentOf(doc []byte, depth int) *origin {
	if doc == nil {
		return nil
	}
	if depth == 0 {
		return &origin{item: doc}
	}
	return &origin{
		item:   without(doc, func(key string) bool { return key == keyParent }),
		parent: parentOf(field(doc, keyParent), depth-1),
	}
}

// plannedCells are the cells of a unit that was not reached.
func (t *table) plannedCells(providerID, account, region string) []Cell {
	base := Cell{
		Provider: providerID, Account: account, Region: region, Table: t.name, Status: Planned,
		Cause: "interrupted: the scan was stopped before this was known",
	}
	cell := func(group, name string) Cell {
		c := base
		c.Group, c.Call = group, name
		return c
	}
	cells := []Cell{cell(plan.GroupList, callName(t.spec.List))}
	for _, g := range t.groups {
		cells = append(cells, cell(g.spec.Name, g.name))
	}
	for _, g := range t.skipped {
		c := cell(g.spec.Name, g.name)
		c.Status, c.Cause = Skipped, g.skipped
		cells = append(cells, c)
	}
	return cells
}

// cellCount is how many cells a unit of the table has; what was not asked for is none.
func (t *table) cellCount() int64 { return int64(1 + len(t.groups)) }
