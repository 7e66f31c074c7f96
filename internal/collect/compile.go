package collect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// Members that a document has besides the list item's fields and the groups.
const (
	keyParent = "parent"
	keyInput  = "input"
)

// table is a table of the plan, made ready to be collected.
type table struct {
	spec     *content.Table
	name     string
	regional bool // asked in every region, else once per account
	sources  []*source
	groups   []*group
	byName   map[string]*group // planned and not
	skipped  []*group          // in the order of the spec
	children []*source         // of other tables: lists that are made for each row of this one
	region   []string          // path of the row's region in the list item
	level    int               // 0, or one more than the parent's
	// depth is how many generations of parents a document holds; input tells whether it holds the call's input.
	depth int
	input bool
}

// source is one list call of a table.
type source struct {
	*call
	table  *table
	parent *table // nil: asked once per scope
}

// group is a column group of a table.
type group struct {
	*call
	idx     int    // place among the planned; -1 if it is not asked for
	skipped string // then: what the rows say
}

// call is a compiled content.Call.
type call struct {
	spec    *content.Call
	name    string // s3:GetBucketVersioning
	op      *content.Operation
	inputs  []input
	each    []map[string]any // at least one
	when    []condition
	region  *ref
	absent  []absence
	first   *first
	items   items
	key     []string // of a batch
	perRow  int      // the input that takes a list, of a batch
	deps    []int    // groups that must be known before
	shared  bool     // the operation is asked for in more than one place
	reads   []ref    // all names, to see what must be written
	service string
}

// first is a compiled content.First.
type first struct {
	name, service, op string
	inputs            []input
	path              []string
	values            []string
}

// scheme is a compiled plan.
type scheme struct {
	tables   []*table
	families [][]*table // tables that share calls or are parent and child, in the plan's order
}

func compile(p *plan.Plan, api content.API) (*scheme, error) {
	s := &scheme{}
	byName := map[string]*table{}
	for i := range p.Tables {
		tp := &p.Tables[i]
		if tp.Table == nil || tp.Table.Spec == nil || tp.Table.Spec.List == nil {
			continue // derived and data tables are made by no call
		}
		t, err := compileTable(tp, api, byName)
		if err != nil {
			return nil, fmt.Errorf("plan table %s: %w", tp.Table.Name, err)
		}
		if byName[t.name] != nil {
			return nil, fmt.Errorf("plan table %s: it is planned twice", t.name)
		}
		byName[t.name] = t
		s.tables = append(s.tables, t)
	}
	for i := len(s.tables) - 1; i >= 0; i-- { // children first: what they read their parents must write
		s.tables[i].findReads()
	}
	s.findShared()
	s.findFamilies()
	return s, nil
}

func compileTable(tp *plan.TablePlan, api content.API, byName map[string]*table) (*table, error) {
	spec := tp.Table.Spec
	t := &table{
		spec: spec, name: spec.Name, regional: spec.Scope == content.ScopeRegion, byName: map[string]*group{},
		region: splitPath(spec.Region),
	}
	for _, c := range spec.Get {
		g := &group{idx: -1, skipped: fmt.Sprintf("skipped: %s was not asked for in this scan", callName(c))}
		g.call = &call{spec: c, name: callName(c)}
		t.byName[c.Name] = g
	}
	for _, name := range tp.Groups {
		g := t.byName[name]
		if name == plan.GroupList {
			continue
		}
		if g == nil {
			return nil, fmt.Errorf("has no group %s", name)
		}
		g.idx = len(t.groups)
		t.groups = append(t.groups, g)
	}
	for _, c := range spec.Get {
		if g := t.byName[c.Name]; g.idx < 0 {
			t.skipped = append(t.skipped, g)
		}
	}
	for _, g := range t.groups {
		c, err := compileCall(g.spec, spec, api)
		if err != nil {
			return nil, err
		}
		if c.deps, err = t.dependencies(c, g.idx); err != nil {
			return nil, err
		}
		g.call = c
	}
	for _, c := range append([]*content.Call{spec.List}, spec.Also...) {
		if err := t.addSource(c, api, byName); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *table) addSource(c *content.Call, api content.API, byName map[string]*table) error {
	src := &source{table: t}
	reads := t.spec
	if c.For != "" {
		parent := byName[c.For]
		if parent == nil {
			return fmt.Errorf("its parent %s is not planned before it", c.For)
		}
		if len(t.sources) > 0 && parent.regional != t.regional {
			return fmt.Errorf("its parent %s is not listed in the same scopes", c.For)
		}
		src.parent, t.regional = parent, parent.regional
		t.level = max(t.level, parent.level+1)
		parent.children = append(parent.children, src)
		reads = parent.spec
	}
	var err error
	if src.call, err = compileCall(c, reads, api); err != nil {
		return err
	}
	if src.parent != nil {
		if src.deps, err = src.parent.dependencies(src.call, -1); err != nil {
			return err
		}
	}
	t.sources = append(t.sources, src)
	return nil
}

// dependencies are the planned groups of t that a call reads. Each must stand before the group itself.
func (t *table) dependencies(c *call, before int) ([]int, error) {
	var deps []int
	for _, r := range c.reads {
		g := t.byName[r.path[0]]
		if g == nil || g.idx < 0 || slices.Contains(deps, g.idx) {
			continue
		}
		if before >= 0 && g.idx >= before {
			return nil, fmt.Errorf("group %s reads %s, which is not planned before it", t.groups[before].spec.Name, r.name)
		}
		deps = append(deps, g.idx)
	}
	return deps, nil
}

func callName(c *content.Call) string { return c.Service + ":" + c.Op }

// compileCall resolves the names in a call against the table whose rows it is made for.
func compileCall(spec *content.Call, reads *content.Table, api content.API) (*call, error) {
	op, err := api.Operation(spec.Service, spec.Op)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", callName(spec), err)
	}
	c := &call{
		spec: spec, name: callName(spec), service: spec.Service, op: op, key: splitPath(spec.Key), perRow: -1,
		items: items{path: splitPath(spec.Items), as: spec.As, root: op.Output},
	}
	if c.inputs, err = c.compileInputs(spec.With, reads, op); err != nil {
		return nil, err
	}
	for _, w := range spec.When {
		r := compileRef(reads, w.Path)
		c.reads = append(c.reads, r)
		c.when = append(c.when, condition{ref: r, values: w.Values, not: w.Not, contains: w.Contains})
	}
	if spec.Region != "" {
		r := compileRef(reads, spec.Region)
		c.reads = append(c.reads, r)
		c.region = &r
	}
	for _, entry := range spec.Absent {
		code, words := content.SplitAbsent(entry)
		c.absent = append(c.absent, absence{code: code, words: strings.ToLower(words)})
	}
	c.each = combinations(spec.Each)
	if f := spec.First; f != nil {
		prep, err := api.Operation(f.Service, f.Op)
		if err != nil {
			return nil, fmt.Errorf("describe %s:%s: %w", f.Service, f.Op, err)
		}
		c.first = &first{
			name: f.Service + ":" + f.Op, service: f.Service, op: f.Op, path: splitPath(f.UntilPath), values: f.UntilValues,
		}
		if c.first.inputs, err = c.compileInputs(f.With, reads, prep); err != nil {
			return nil, err
		}
	}
	return c, c.findPerRow()
}

func (c *call) compileInputs(with []content.Input, reads *content.Table, op *content.Operation) ([]input, error) {
	var out []input
	for _, w := range with {
		in := input{member: w.Member, value: w.Value}
		if m := op.Input.Member(w.Member); m != nil {
			in.shape = m.Shape
		}
		switch {
		case w.Path != "":
			r := compileRef(reads, w.Path)
			in.ref = &r
			c.reads = append(c.reads, r)
		case w.Template != "":
			parts, err := compileTemplate(reads, w.Template)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.name, w.Member, err)
			}
			in.parts = parts
			for _, p := range parts {
				if p.ref != nil {
					c.reads = append(c.reads, *p.ref)
				}
			}
		}
		out = append(out, in)
	}
	return out, nil
}

// findPerRow finds the member of a batch that takes one value for each row.
func (c *call) findPerRow() error {
	if c.spec.Batch <= 0 {
		return nil
	}
	if len(c.key) == 0 || len(c.spec.Each) > 0 {
		return fmt.Errorf("%s: a batch needs a key, and takes no each", c.name)
	}
	for i, in := range c.inputs {
		if (in.ref != nil || in.parts != nil) && in.shape != nil && in.shape.Kind == content.KindList {
			c.perRow = i
			return nil
		}
	}
	return fmt.Errorf("%s: batch: no member of its input takes a list of the rows' values", c.name)
}

func combinations(each []content.EachInput) []map[string]any {
	out := []map[string]any{nil}
	for _, e := range each {
		var next []map[string]any
		for _, base := range out {
			for _, v := range e.Values {
				m := map[string]any{e.Member: v}
				for k, x := range base {
					m[k] = x
				}
				next = append(next, m)
			}
		}
		out = next
	}
	return out
}
