package plan

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// A planner's database has some thousand empty tables at most, and runs nothing that more than one core could share. Its memory is in
// bytes: to explain a join or an aggregation sets aside 16 MiB, though none of it is written to, and a query may have dozens.
const (
	plannerMemory  = 2 << 30
	plannerThreads = 1
)

// Planner is a locked database that has every table without a row, and every function. SQL is planned against it, never
// run, to learn what it reads and what type it has. Its methods are safe for concurrent use.
type Planner struct {
	db     *database.DB
	tables map[string]*Table // by name in lower case
	rules  database.Rules
	waits  []*content.Function // those that read tables, until these are there
}

// NewPlanner makes a planner, and completes what derived tables can only tell when they are bound: types, Reads and Over.
// Tables and functions that cannot be made are left out and reported; the error is for what is not the content's fault.
func NewPlanner(ctx context.Context, tables []*Table, functions []*content.Function) (*Planner, []Problem, error) {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	p, problems, err := openPlanner(ctx, names, functions)
	if err != nil {
		return nil, nil, err
	}
	more, err := p.addTables(ctx, tables)
	if err != nil {
		return nil, nil, errors.Join(err, p.Close())
	}
	return p, append(more, problems...), nil
}

// openPlanner makes a planner without tables, whose functions are those that read none. Names are those of the tables that
// addTables will bring.
func openPlanner(ctx context.Context, names []string, functions []*content.Function) (*Planner, []Problem, error) {
	db, err := database.Open(ctx, database.Options{Memory: plannerMemory, Threads: plannerThreads, Setup: showAllReads})
	if err != nil {
		return nil, nil, err
	}
	p := &Planner{db: db, tables: map[string]*Table{}}
	p.rules = database.Rules{Columns: p.columns, Names: names, Captured: map[string][]string{}, TableFunctions: map[string]bool{}}
	var first []*content.Function
	first, p.waits = partFunctions(functions, names)
	return p, p.createFunctions(ctx, first), nil
}

// addTables makes the tables of a planner that has none, once.
func (p *Planner) addTables(ctx context.Context, tables []*Table) ([]Problem, error) {
	// A function may read tables, and a derived table may use functions: base tables, functions, derived tables.
	problems := p.createTables(ctx, tables)
	problems = append(problems, p.createFunctions(ctx, p.waits)...)
	problems = append(problems, p.createViews(ctx, tables)...)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("prepare the planner: %w", err)
	}
	return problems, nil
}

// showAllReads leaves the optimizer only what tells read columns from others: with more, it folds away columns that the
// text reads; with less, EXPLAIN does not print columns at all.
func showAllReads(ctx context.Context, conn *sql.Conn) error {
	var others string
	err := conn.QueryRowContext(ctx, `SELECT string_agg(name, ',') FROM duckdb_optimizers()
		WHERE name NOT IN ('unused_columns', 'cte_inlining')`).Scan(&others)
	if err != nil {
		return fmt.Errorf("list the optimizers: %w", err)
	}
	if _, err := conn.ExecContext(ctx, "SET disabled_optimizers = "+database.Literal(others)); err != nil {
		return fmt.Errorf("switch optimizers off: %w", err)
	}
	return nil
}

// Close gives the planner's memory back.
func (p *Planner) Close() error { return p.db.Close() }

// Gate refuses SQL that may not be planned or run, with the planner's tables as the known ones. Clock allows now() and
// random samples: for a person's questions, not for verdicts.
func (p *Planner) Gate(ctx context.Context, query string, clock bool) (*database.Statement, error) {
	rules := p.rules
	rules.Clock = clock
	return p.db.Gate(ctx, query, rules)
}

// columns serves the gate: it gives the columns of a table or nil.
func (p *Planner) columns(table string) []string {
	t := p.tables[table]
	if t == nil {
		return nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

func (p *Planner) createTables(ctx context.Context, tables []*Table) (problems []Problem) {
	for _, t := range tables {
		if t.derived() {
			continue
		}
		if _, err := p.db.ExecContext(ctx, CreateTable(t)); err != nil {
			problems = append(problems, t.problem("", "cannot be made: %s", database.Message(err)))
			continue
		}
		p.tables[strings.ToLower(t.Name)] = t
	}
	return problems
}

// CreateTable is the statement that makes the empty table.
func CreateTable(t *Table) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = database.Ident(c.Name) + " " + c.Type
	}
	return "CREATE TABLE " + database.Ident(t.Name) + " (" + strings.Join(columns, ", ") + ")"
}

// createViews makes derived tables, each after those that it reads.
func (p *Planner) createViews(ctx context.Context, tables []*Table) (problems []Problem) {
	names := map[*Table][]string{}
	var left []*Table
	derived := map[string]bool{}
	for _, t := range tables {
		if !t.derived() {
			continue
		}
		statement, err := p.db.Parse(ctx, t.Spec.Derive)
		if err != nil {
			problems = append(problems, t.problem("derive", "%s", err))
			continue
		}
		names[t], left = statement.Tables, append(left, t)
		derived[strings.ToLower(t.Name)] = true
	}
	for len(left) > 0 {
		waiting := left[:0:0]
		for _, t := range left {
			if slices.ContainsFunc(names[t], func(n string) bool { return derived[n] && p.tables[n] == nil }) {
				waiting = append(waiting, t)
				continue
			}
			delete(derived, strings.ToLower(t.Name))
			problems = append(problems, p.createView(ctx, t)...)
		}
		if len(waiting) == len(left) {
			for _, t := range left {
				problems = append(problems, t.problem("derive", "reads itself through other derived tables"))
			}
			break
		}
		left = waiting
	}
	return problems
}

// createView makes one derived table, and tells the table what only its SELECT can: what it reads and the types that its
// columns do not say.
func (p *Planner) createView(ctx context.Context, t *Table) []Problem {
	statement, err := p.Gate(ctx, t.Spec.Derive, false)
	if err != nil {
		return []Problem{t.problem("derive", "%s", err)}
	}
	given, err := p.Describe(ctx, t.Spec.Derive)
	if err != nil {
		return []Problem{t.problem("derive", "%s", err)}
	}
	if problems := t.compareColumns(given); len(problems) > 0 {
		return problems
	}
	view := database.Ident(t.Name)
	if _, err := p.db.ExecContext(ctx, "CREATE VIEW "+view+" AS "+trimQuery(inlined(t.derive()))); err != nil {
		return []Problem{t.problem("derive", "%s", database.Message(err))}
	}
	columns, err := p.Describe(ctx, "SELECT * FROM "+view)
	if err != nil {
		return []Problem{t.problem("derive", "%s", err)}
	}
	for i := range t.Columns {
		j := slices.IndexFunc(columns, func(c OutputColumn) bool { return c.Name == t.Columns[i].Name })
		if j >= 0 {
			t.Columns[i].Type = columns[j].Type
		}
	}
	if t.Reads, err = p.Reads(ctx, "SELECT * FROM "+view); err != nil {
		return []Problem{t.problem("derive", "%s", err)}
	}
	t.Over = nil
	for _, name := range statement.Tables {
		t.Over = append(t.Over, p.tables[name].Name)
	}
	p.tables[strings.ToLower(t.Name)] = t
	return nil
}

// compareColumns proves that a derived table declares exactly the columns that its SELECT gives.
func (t *Table) compareColumns(given []OutputColumn) (problems []Problem) {
	names := make([]string, len(given))
	for i, c := range given {
		names[i] = c.Name
		if slices.Index(names, c.Name) < i {
			problems = append(problems, t.problem("derive", "gives the column %q twice", c.Name))
		} else if !slices.ContainsFunc(t.Spec.Columns, func(declared *content.Column) bool { return declared.Name == c.Name }) {
			problems = append(problems, t.problem("derive", "gives the column %q, which columns: does not declare", c.Name))
		}
	}
	for _, c := range t.Spec.Columns {
		if !slices.Contains(names, c.Name) {
			p := t.problem("columns."+c.Name, "column %q is declared, but derive: does not give it", c.Name)
			p.Hint = content.DidYouMean(c.Name, names)
			problems = append(problems, p)
		}
	}
	return problems
}

// derived says whether the table is a SELECT over others.
func (t *Table) derived() bool { return t.derive() != "" }

// derive is the SELECT of a derived table, as the inventory makes it.
func (t *Table) derive() string {
	switch {
	case t.Spec == nil || t.Spec.Derive == "":
		return ""
	case t.Select != "":
		return t.Select
	}
	return t.Spec.Derive
}

// problem is an error about the table, shown at a key of its file.
func (t *Table) problem(key, format string, args ...any) Problem {
	p := Problem{Severity: SeverityError, Subject: "table " + t.Name, Message: fmt.Sprintf(format, args...)}
	if t.Spec != nil {
		p.Pos = t.Spec.Origin.At(key)
	}
	return p
}

// trimQuery takes away what may end a statement, so that it can stand inside another.
func trimQuery(query string) string {
	return strings.TrimRight(query, "; \t\r\n") + "\n"
}
