package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/database"
)

// declared prepares a derived or a data table, whose columns say their types themselves.
func (b *tableBuilder) declared(ctx context.Context) {
	b.columns = map[string]*builtColumn{}
	typeOf := b.p.sqlType
	if b.spec.Derive == "" {
		typeOf = b.p.documentType
	}
	for _, c := range b.spec.Columns {
		typ := semanticTypes[c.Type]
		if typ == "" && c.Type != "" {
			var err error
			if typ, err = typeOf(ctx, c.Type); err != nil {
				b.report("columns."+c.Name+".type", "", "column %s: %s", c.Name, err)
				continue
			}
		}
		b.columns[c.Name] = &builtColumn{spec: c, typ: typ}
	}
	b.assemble()
	for i := range b.table.Columns {
		b.table.Columns[i].Groups = nil // they rest on other tables' columns, or on none
	}
	if b.spec.Derive != "" {
		b.table.Select = b.selectDeclared("\n" + trimQuery(b.spec.Derive))
		return
	}
	b.dataRows(ctx)
}

// selectDeclared puts the columns of a source in the table's order and types.
func (b *tableBuilder) selectDeclared(source string) string {
	columns := make([]string, len(b.table.Columns))
	for i, c := range b.table.Columns {
		from := b.columns[c.Name]
		switch {
		case from != nil:
		case c.Name == "id":
			from = b.columns[b.spec.ID]
		case c.Name == "name":
			from = b.nameColumn()
		}
		value := "NULL"
		switch {
		case from != nil:
			value = database.Ident(from.spec.Name)
		case c.Name == "provider":
			value = database.Literal(b.spec.Provider)
		}
		if c.Type != "" {
			value = "CAST(" + value + " AS " + c.Type + ")"
		}
		columns[i] = value + " AS " + database.Ident(c.Name)
	}
	return "SELECT " + strings.Join(columns, ",\n  ") + "\nFROM (" + source + ") AS " + database.Ident(b.spec.Name)
}

// dataRows writes constant rows as documents of their own.
func (b *tableBuilder) dataRows(ctx context.Context) {
	structure := make([]string, 0, len(b.spec.Columns))
	for _, c := range b.spec.Columns {
		if built := b.columns[c.Name]; built != nil {
			structure = append(structure, quoteJSON(c.Name)+":"+quoteJSON(built.typ))
		}
	}
	rows := make([]string, 0, len(b.spec.Rows))
	written := map[string]int{}
	for i, row := range b.spec.Rows {
		text, err := json.Marshal(row)
		if err != nil {
			b.report("rows", "", "row %d cannot be written as JSON: %s", i+1, err)
			continue
		}
		for name, value := range row {
			if value != nil {
				written[name]++
			}
		}
		rows = append(rows, "("+database.Literal(string(text))+")")
	}
	where := ""
	if len(rows) == 0 {
		rows, where = []string{"('{}')"}, " WHERE false"
	}
	b.table.Transform = "{" + strings.Join(structure, ",") + "}"
	source := "SELECT unnest(json_transform(doc, " + database.Literal(b.table.Transform) + "))\nFROM (VALUES " + strings.Join(rows, ", ") + ") AS documents(doc)" + where
	b.table.Select = b.selectDeclared(source)
	b.checkRows(ctx, source, written)
}

// checkRows finds values that are not of their column's type, which become NULL.
func (b *tableBuilder) checkRows(ctx context.Context, source string, written map[string]int) {
	for _, c := range b.spec.Columns {
		if b.columns[c.Name] == nil {
			continue
		}
		var typed int
		err := b.p.planner.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(%s) FROM (%s)", database.Ident(c.Name), source)).Scan(&typed)
		switch {
		case err != nil:
			b.report("rows", "", "the rows cannot be read: %s", database.Message(err))
			return
		case typed != written[c.Name]:
			b.report("rows", "", "%d of the values of column %s are not of type %s", written[c.Name]-typed, c.Name, c.Type)
		}
	}
}
