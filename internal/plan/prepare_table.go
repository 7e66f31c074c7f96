package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Preparer turns table specs into tables: it finds each column's type in the API description or by binding its SQL, and
// writes the query that makes rows of documents. Its methods are safe for concurrent use, but for the same table.
type Preparer struct {
	api     content.API
	specs   map[string]*content.Table
	planner *Planner // without tables, but with the functions that columns may use
}

// NewPreparer makes a preparer for a library's tables. Functions that read tables are no use to columns and are left out.
func NewPreparer(ctx context.Context, api content.API, library *content.Library) (*Preparer, error) {
	// What is wrong with a function is reported where the whole library is prepared.
	planner, _, err := openPlanner(ctx, tableNames(library), library.Functions)
	if err != nil {
		return nil, err
	}
	return newPreparer(planner, api, library), nil
}

func tableNames(library *content.Library) []string {
	names := make([]string, len(library.Tables))
	for i, t := range library.Tables {
		names[i] = t.Name
	}
	return names
}

// newPreparer makes a preparer that lends a planner which has no tables yet.
func newPreparer(planner *Planner, api content.API, library *content.Library) *Preparer {
	p := &Preparer{api: api, specs: map[string]*content.Table{}, planner: planner}
	for _, spec := range library.Tables {
		p.specs[spec.Name] = spec
	}
	return p
}

// Close gives the preparer's memory back.
func (p *Preparer) Close() error { return p.planner.Close() }

// PrepareTable prepares one table of its own. Use a Preparer for more, or for a child of another table.
func PrepareTable(ctx context.Context, spec *content.Table, api content.API) (*Table, []Problem, error) {
	p, err := NewPreparer(ctx, api, &content.Library{Tables: []*content.Table{spec}})
	if err != nil {
		return nil, nil, err
	}
	defer p.Close() //nolint:errcheck // nothing was written
	table, problems := p.Table(ctx, spec)
	return table, problems, nil
}

// Tables prepares tables of the library, several at once, and gives them in its order. Those with errors among their
// problems are not given; nor are all, if the context ends.
func (p *Preparer) Tables(ctx context.Context, specs []*content.Table) ([]*Table, []Problem) {
	tables := make([]*Table, len(specs))
	problems := make([][]Problem, len(specs))
	_ = each(ctx, len(specs), func(i int) { // its error is the context's, which the caller has
		table, found := p.Table(ctx, specs[i])
		if problems[i] = found; !HasErrors(found) {
			tables[i] = table
		}
	})
	tables = slices.DeleteFunc(tables, func(t *Table) bool { return t == nil })
	return tables, slices.Concat(problems...)
}

// Table prepares one table. Columns that have problems are left out of it.
//
// A column of a derived table that does not say its type has an empty one here, because only a planner that has the tables it
// reads can tell.
func (p *Preparer) Table(ctx context.Context, spec *content.Table) (*Table, []Problem) {
	b := &tableBuilder{p: p, spec: spec, table: &Table{Spec: spec, Name: spec.Name}}
	if spec.List == nil {
		b.declared(ctx)
	} else {
		b.collected(ctx)
	}
	return b.table, b.problems
}

// tableBuilder holds a table while it is prepared.
type tableBuilder struct {
	p        *Preparer
	spec     *content.Table
	table    *Table
	problems []Problem

	columns map[string]*builtColumn // the spec's own, by name
	levels  [][]*builtColumn        // SQL columns, each level after those it reads
}

// builtColumn is one of the spec's columns with what is known of it so far.
type builtColumn struct {
	spec   *content.Column
	typ    string
	groups []string
	rests  []string
	bound  string // of a SQL column: the type that its expression has before it is normalized
}

func (b *tableBuilder) report(key, hint, format string, args ...any) {
	b.problems = append(b.problems, Problem{
		Severity: SeverityError, Pos: b.spec.Origin.At(key), Subject: "table " + b.spec.Name,
		Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// collected prepares a table that a list call fills.
func (b *tableBuilder) collected(ctx context.Context) {
	b.columns = map[string]*builtColumn{}
	documents := b.p.documents(b.spec, b.report)
	for _, c := range b.spec.Columns {
		switch {
		case common(c.Name) && c.Name != "id" && c.Name != "name" && c.Name != "tags":
			b.report("columns."+c.Name, "leave it out", "the column %s is filled by the engine", c.Name)
		case c.Sensitive && (c.Name == b.spec.ID || c.Name == b.spec.NameColumn):
			b.report("columns."+c.Name+".sensitive", "", "the column %s says which row it is, and cannot be masked", c.Name)
		case c.Path != "":
			b.pathColumn(ctx, c, documents)
		}
	}
	b.sqlColumns(ctx)
	b.masks(documents)
	b.assemble()
	b.table.Transform = b.transform()
	b.table.Select = b.selectRows()
}

// pathColumn finds a column in the document.
func (b *tableBuilder) pathColumn(ctx context.Context, c *content.Column, documents *documentShape) {
	key := "columns." + c.Name + ".path"
	if len(documents.items) == 0 {
		return // reported with the call
	}
	if name := strings.Split(c.Path, ".")[0]; b.spec.Group(name) != nil && documents.groups[name] == nil {
		return // reported with the group's call
	}
	at, err := documents.resolve(c.Path)
	if err != nil {
		b.report(key, hintOf(err), "path %s: %s", c.Path, err)
		return
	}
	path := Path{Column: c.Name, Path: c.Path, List: at.through}
	shape, err := pruned(at.shape, c.Only)
	if err != nil {
		b.report("columns."+c.Name+".only", hintOf(err), "only: %s", err)
		return
	}
	// A list of what has a semantic type, or of what is itself within a list, is a list of its items.
	if path.List || c.Type == SemanticPolicy || c.Type == SemanticCIDR || c.Type == SemanticTime {
		for shape.Kind == content.KindList && c.Type != SemanticTags && c.Type != SemanticJSON {
			shape, path.List = shape.Elem, true
		}
	}
	typ, fault := b.valueType(ctx, c, shape)
	if fault != "" {
		b.report("columns."+c.Name+".type", "", "column %s: %s", c.Name, fault)
		return
	}
	if semanticTypes[c.Type] != "" {
		path.As = c.Type
	}
	if path.List && !listType(c) {
		typ += "[]"
	}
	b.table.Paths = append(b.table.Paths, path)
	b.columns[c.Name] = &builtColumn{spec: c, typ: typ, groups: []string{at.group}}
}

// listType says whether the column's declared type is that of the whole list already.
func listType(c *content.Column) bool {
	return semanticTypes[c.Type] == "" && strings.HasSuffix(c.Type, "]")
}

// semanticKinds are the kinds of value that each semantic type can be read from.
var semanticKinds = map[string]string{
	SemanticPolicy: content.KindString + content.KindStruct + content.KindMap + content.KindAny + content.KindBlob,
	SemanticTags:   content.KindList + content.KindMap + content.KindAny + content.KindStruct,
	SemanticCIDR:   content.KindString + content.KindAny,
	SemanticTime:   content.KindString + content.KindInteger + content.KindNumber + content.KindTime + content.KindAny,
}

// valueType gives the type of one value of a column, or what is wrong with the one that it declares.
func (b *tableBuilder) valueType(ctx context.Context, c *content.Column, s *content.Shape) (typ, fault string) {
	if c.Type == "" {
		return duckType(s), ""
	}
	if typ := semanticTypes[c.Type]; typ != "" {
		if kinds := semanticKinds[c.Type]; kinds != "" && !strings.Contains(kinds, s.Kind) {
			return "", fmt.Sprintf("type %s cannot be read from %s, which is what the vendor's description says %s is", c.Type, kindWords[s.Kind], c.Path)
		}
		return typ, ""
	}
	typ, err := b.p.documentType(ctx, c.Type)
	if err != nil {
		return "", err.Error()
	}
	return typ, ""
}
