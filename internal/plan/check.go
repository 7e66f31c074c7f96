package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// checkPreparer prepares one check.
type checkPreparer struct {
	planner  *Planner
	spec     *content.Check
	table    *Table
	values   map[string]any // of parameters
	check    *Check
	problems []Problem
}

// PrepareCheck proves that a check's SQL can be asked and tells what each clause reads. Shared are the parameters that all
// checks of the provider may name. The check is nil if there is an error among the problems.
func (p *Planner) PrepareCheck(ctx context.Context, spec *content.Check, shared []*content.Param) (*Check, []Problem) {
	c := &checkPreparer{planner: p, spec: spec, values: map[string]any{}, check: &Check{Spec: spec, ID: spec.ID}}
	for _, param := range slices.Concat(shared, spec.Params) {
		c.values[param.Name] = param.Default
	}
	if c.table = p.tables[strings.ToLower(spec.Resource)]; c.table == nil {
		c.fail("resource", "table %q does not exist, or has mistakes of its own", spec.Resource)
		c.problems[len(c.problems)-1].Follows = true
		return nil, c.problems
	}
	if spec.Query != "" {
		c.query(ctx)
	} else {
		c.row(ctx)
	}
	c.concerns(ctx)
	if HasErrors(c.problems) {
		return nil, c.problems
	}
	c.check.FoundOnPass = slices.ContainsFunc(spec.Tests, func(f *content.Fixture) bool { return f.Want == content.WantPass && f.Found != "" })
	return c.check, c.problems
}

func (c *checkPreparer) fail(key, format string, args ...any) {
	c.problems = append(c.problems, Problem{
		Severity: SeverityError, Pos: c.spec.Origin.At(key), Subject: "check " + c.spec.ID, Message: key + ": " + fmt.Sprintf(format, args...),
	})
}

// clause is one SQL expression of a row check.
type clause struct {
	key, text, want string
	reads           *[]Ref
}

// row prepares when, pass and found.
func (c *checkPreparer) row(ctx context.Context) {
	clauses := []clause{
		{"when", c.spec.When, "BOOLEAN", &c.check.When},
		{"ask", c.spec.Ask, "VARCHAR", &c.check.Pass}, // it decides on the verdict as pass does
		{"pass", c.spec.Pass, "BOOLEAN", &c.check.Pass},
		{"found", c.spec.Found, "VARCHAR", &c.check.Found},
	}
	clauses = slices.DeleteFunc(clauses, func(c clause) bool { return c.text == "" })
	if len(clauses) == 0 && c.spec.Manual == "" {
		c.fail("pass", "is missing")
	}
	rules := c.planner.rules
	rules.Row = c.planner.columns(strings.ToLower(c.table.Name))
	kept := clauses[:0]
	for _, clause := range clauses {
		bound, err := content.BindSQL(clause.text, c.values)
		if err == nil {
			_, err = c.planner.db.GateExpression(ctx, bound, rules)
		}
		if err != nil {
			c.fail(clause.key, "%s", err)
			continue
		}
		clause.text = bound
		kept = append(kept, clause)
	}
	c.addTables(c.table.Name)
	for _, clause := range c.typed(ctx, kept) {
		c.lineage(ctx, clause)
	}
	c.existence(ctx)
}

// typed proves the types of the clauses, all at once where nothing is wrong, and gives those that are right. The form is
// the one in which checks are asked, so that what cannot stand in it is found here.
func (c *checkPreparer) typed(ctx context.Context, clauses []clause) []clause {
	columns, err := c.describe(ctx, clauses)
	if err != nil && len(clauses) > 1 {
		var right []clause
		for _, one := range clauses {
			right = append(right, c.typed(ctx, []clause{one})...)
		}
		return right
	}
	var right []clause
	for i, clause := range clauses {
		switch {
		case err != nil:
			c.fail(clause.key, "%s", err)
		case columns[i+1].Type != clause.want:
			c.fail(clause.key, "is %s, but must be %s", columns[i+1].Type, clause.want)
		default:
			right = append(right, clause)
		}
	}
	return right
}

func (c *checkPreparer) describe(ctx context.Context, clauses []clause) ([]OutputColumn, error) {
	query := "SELECT id"
	for _, clause := range clauses {
		query += ", TRY((\n" + clause.text + "\n))"
	}
	columns, err := c.planner.Describe(ctx, query+" FROM "+database.Ident(c.table.Name))
	if err == nil && len(columns) != len(clauses)+1 {
		err = fmt.Errorf("gives %d columns where one is wanted", len(columns)-1)
	}
	return columns, err
}

func (c *checkPreparer) lineage(ctx context.Context, clause clause) {
	refs, err := c.planner.Reads(ctx, "SELECT (\n"+clause.text+"\n) FROM "+database.Ident(c.table.Name))
	if err != nil {
		c.fail(clause.key, "%s", err)
		return
	}
	c.refuseEvidence(clause.key, refs)
	*clause.reads = tidy(slices.Concat(*clause.reads, refs))
}

// existence adds what makes the rows of a derived table and identifies them: a verdict about such a row rests on that too.
func (c *checkPreparer) existence(ctx context.Context) {
	if !c.table.derived() || HasErrors(c.problems) {
		return
	}
	refs, err := c.planner.Reads(ctx, "SELECT id, account_id, region FROM "+database.Ident(c.table.Name))
	if err != nil {
		c.fail("resource", "%s", err)
		return
	}
	c.check.When = tidy(slices.Concat(c.check.When, refs))
}

// query prepares a check that is one SELECT.
func (c *checkPreparer) query(ctx context.Context) {
	bound, err := content.BindSQL(c.spec.Query, c.values)
	if err != nil {
		c.fail("query", "%s", err)
		return
	}
	statement, err := c.planner.Gate(ctx, bound, false)
	if err != nil {
		c.fail("query", "%s", err)
		return
	}
	columns, err := c.planner.Describe(ctx, bound)
	if err != nil {
		c.fail("query", "%s", err)
		return
	}
	c.queryColumns(columns)
	refs, err := c.planner.Reads(ctx, bound)
	if err != nil {
		c.fail("query", "%s", err)
		return
	}
	c.refuseEvidence("query", refs)
	c.check.Query = refs
	c.addTables(append(statement.Tables, c.table.Name)...)
}

// queryColumn is a column that a query may, or must, answer with.
type queryColumn struct {
	name, kind string
	must       bool
}

var queryForm = []queryColumn{
	{"id", "VARCHAR", true},
	{"pass", "BOOLEAN", true},
	{"found", "VARCHAR", true},
	{"account_id", "VARCHAR", false},
	{"region", "VARCHAR", false},
	{"name", "VARCHAR", false},
	{"cause", "VARCHAR", false},
}

func (c *checkPreparer) queryColumns(columns []OutputColumn) {
	seen := map[string]bool{}
	for _, got := range columns {
		name := strings.ToLower(got.Name)
		i := slices.IndexFunc(queryForm, func(q queryColumn) bool { return q.name == name })
		switch {
		case i < 0:
			c.fail("query", "gives a column %q; it may give id, pass, found, account_id, region, name and cause", got.Name)
		case seen[name]:
			c.fail("query", "gives the column %s twice", name)
		case got.Type != queryForm[i].kind:
			c.fail("query", "column %s is %s, but must be %s", name, got.Type, queryForm[i].kind)
		}
		seen[name] = true
	}
	for _, want := range queryForm {
		if want.must && !seen[want.name] {
			c.fail("query", "does not give the column %s", want.name)
		}
	}
}

// refuseEvidence refuses columns that rest on everything or on nothing: lineage could not tell what a verdict rests on.
func (c *checkPreparer) refuseEvidence(key string, refs []Ref) {
	for _, r := range refs {
		if r.Column == "raw" || r.Column == "unknown" {
			c.fail(key, "reads %s.%s, which no check may, because what a verdict rests on must be told by columns; add a column", r.Table, r.Column)
		}
	}
}

// addTables records the tables that the SQL names, and those under derived ones.
func (c *checkPreparer) addTables(names ...string) {
	for _, name := range names {
		if t := c.planner.tables[strings.ToLower(name)]; t != nil {
			c.check.Tables = append(c.check.Tables, t.Name)
		}
	}
	slices.Sort(c.check.Tables)
	c.check.Tables = slices.Compact(c.check.Tables)
}
