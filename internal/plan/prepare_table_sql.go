package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// rowColumns are what a SQL column can read beside the spec's own columns.
var rowColumns = []Column{
	{Name: "account_id", Type: typeText},
	{Name: "partition", Type: typeText},
	{Name: "region", Type: typeText},
	{Name: "collected_at", Type: typeTime},
}

// sqlColumns binds the SQL columns: in each round those whose expressions name only what is there already, so that they may
// be written in any order.
func (b *tableBuilder) sqlColumns(ctx context.Context) {
	var left []*content.Column
	for _, c := range b.spec.Columns {
		if c.SQL != "" {
			left = append(left, c)
		}
	}
	for len(left) > 0 && ctx.Err() == nil {
		row, err := b.bindRow(ctx)
		if err != nil {
			b.report("columns", "", "the columns cannot be bound: %s", err)
			return
		}
		var level []*builtColumn
		var waiting []*content.Column
		failures := map[*content.Column]error{}
		for _, c := range left {
			column, err := row.bind(ctx, c)
			if err != nil {
				waiting, failures[c] = append(waiting, c), err
				continue
			}
			level = append(level, column)
		}
		row.drop(ctx)
		if len(level) == 0 {
			for _, c := range waiting {
				b.report("columns."+c.Name+".sql", "", "column %s: %s", c.Name, failures[c])
			}
			return
		}
		for _, column := range level {
			b.columns[column.spec.Name] = column
		}
		b.levels = append(b.levels, level)
		left = waiting
	}
}

// boundRow is an empty table in the planner that has the columns which expressions may read so far.
type boundRow struct {
	planner *Planner // the preparer's, with this table alone
	table   *Table
	rules   database.Rules
}

func (b *tableBuilder) bindRow(ctx context.Context) (*boundRow, error) {
	t := &Table{Name: b.spec.Name, Columns: slices.Clone(rowColumns)}
	for _, c := range b.spec.Columns {
		if built := b.columns[c.Name]; built != nil {
			t.Columns = append(t.Columns, Column{Name: c.Name, Type: built.typ, Groups: built.groups, Rests: built.restsWithSelf()})
		}
	}
	whole := b.p.planner
	if _, err := whole.db.ExecContext(ctx, CreateTable(t)); err != nil {
		return nil, fmt.Errorf("%s", database.Message(err))
	}
	r := &boundRow{
		planner: &Planner{db: whole.db, tables: map[string]*Table{strings.ToLower(t.Name): t}}, table: t,
		rules: database.Rules{Captured: whole.rules.Captured},
	}
	for _, c := range t.Columns {
		r.rules.Row = append(r.rules.Row, c.Name)
	}
	return r, nil
}

func (r *boundRow) drop(ctx context.Context) {
	// The database is the preparer's own; a table that stays behind is found by the next bindRow.
	_, _ = r.planner.db.ExecContext(ctx, "DROP TABLE IF EXISTS "+database.Ident(r.table.Name))
}

// bind finds a SQL column's type and the groups that it rests on.
func (r *boundRow) bind(ctx context.Context, c *content.Column) (*builtColumn, error) {
	if _, err := r.planner.db.GateExpression(ctx, c.SQL, r.rules); err != nil {
		return nil, err
	}
	query := "SELECT TRY((\n" + c.SQL + "\n)) FROM " + database.Ident(r.table.Name)
	bound, err := r.planner.Type(ctx, query)
	if err != nil {
		return nil, err
	}
	refs, err := r.planner.Reads(ctx, query)
	if err != nil {
		return nil, err
	}
	column := &builtColumn{spec: c, typ: bound, bound: bound}
	switch {
	case semanticTypes[c.Type] != "":
		column.typ = semanticTypes[c.Type]
	case c.Type != "":
		return nil, fmt.Errorf("type %s is not one of iam_policy, tags, cidr, timestamp, json; cast the expression instead", c.Type)
	}
	for _, ref := range refs {
		for _, read := range r.table.Columns {
			if read.Name == ref.Column {
				column.groups = append(column.groups, read.Groups...)
				column.rests = append(column.rests, read.Rests...)
			}
		}
	}
	if len(column.groups) == 0 {
		column.groups = []string{GroupList}
	}
	slices.Sort(column.groups)
	column.groups = slices.Compact(column.groups)
	slices.Sort(column.rests)
	column.rests = slices.Compact(column.rests)
	return column, nil
}

// sqlType gives the full name of a SQL type that a column declares.
func (p *Preparer) sqlType(ctx context.Context, declared string) (string, error) {
	// The type is written into a statement: nothing but a type may stand there.
	if _, err := ParseType(declared); err == nil {
		expression := "CAST(NULL AS " + declared + ")"
		if _, err := p.planner.db.GateExpression(ctx, expression, database.Rules{}); err == nil {
			if typ, err := p.planner.Type(ctx, "SELECT "+expression); err == nil {
				return typ, nil
			}
		}
	}
	return "", fmt.Errorf("type %s is not a SQL type, nor one of iam_policy, tags, cidr, timestamp, json", declared)
}

// documentType is sqlType for what values of documents are read into.
func (p *Preparer) documentType(ctx context.Context, declared string) (string, error) {
	typ, err := p.sqlType(ctx, declared)
	if err != nil {
		return "", err
	}
	return typ, checkDocumentType(typ)
}
