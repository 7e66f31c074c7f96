package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// concerns proves what the check, or its derived table, says of the rows that a gap touches.
func (c *checkPreparer) concerns(ctx context.Context) {
	said := c.table.Spec.Concerns
	if c.spec.Query != "" {
		said = c.spec.Concerns
	}
	if len(said) == 0 || HasErrors(c.problems) {
		return
	}
	if c.spec.Scope == content.QueryOrganization {
		c.fail("concerns", "the scope organization makes one verdict of all accounts: a gap concerns it wherever it is")
		return
	}
	below := c.planner.baseTables(c.check.Refs())
	c.check.Concerns = map[string]content.Concern{}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		t := c.planner.tables[strings.ToLower(name)]
		if t == nil || !slices.Contains(below, t.Name) {
			if c.spec.Query != "" || t == nil { // another check of the derived table may read more of it
				c.fail("concerns."+name, "it reads no row of %s; a collected table is wanted, which may lie below a derived one", name)
			}
			continue
		}
		c.check.Concerns[t.Name] = content.Concern{
			Row: c.keys(ctx, "concerns."+name, said[name].Row, t), Of: c.keys(ctx, "concerns."+name, said[name].Of, c.table),
		}
	}
}

// keys proves SQL over a row that gives text or a list of texts, and writes it so that it gives a list.
func (c *checkPreparer) keys(ctx context.Context, key, text string, t *Table) string {
	query := fmt.Sprintf("SELECT (\n%s\n) AS keys FROM %s", text, database.Ident(t.Name))
	var columns []OutputColumn
	_, err := c.planner.Gate(ctx, query, false)
	if err == nil {
		columns, err = c.planner.Describe(ctx, query)
	}
	switch {
	case err != nil:
		c.fail(key, "%s", err)
	case len(columns) == 1 && columns[0].Type == "VARCHAR[]":
		return text
	case len(columns) == 1 && columns[0].Type == "VARCHAR":
		return fmt.Sprintf("CASE WHEN (\n%[1]s\n) IS NOT NULL THEN [(\n%[1]s\n)] END", text)
	default:
		c.fail(key, "is %s, but must be VARCHAR or VARCHAR[]", columns[0].Type)
	}
	return ""
}

// baseTables are the collected tables that refs read, derived ones seen through.
func (p *Planner) baseTables(refs []Ref) (names []string) {
	for _, ref := range refs {
		if t := p.tables[strings.ToLower(ref.Table)]; t != nil && t.derived() {
			names = append(names, p.baseTables(t.Reads)...) // which are of base tables alone
		} else if t != nil {
			names = append(names, t.Name)
		}
	}
	return names
}
