package plan

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// macro is how a function's text must begin.
var macro = regexp.MustCompile(`(?is)^\s*CREATE\s+(?:OR\s+REPLACE\s+)?MACRO\s+("?)(\w+)("?)\s*\(`)

// word finds names in a function's text.
var word = regexp.MustCompile(`\w+`)

// createFunctions makes the macros, each after those that it uses.
func (p *Planner) createFunctions(ctx context.Context, functions []*content.Function) []Problem {
	if len(functions) == 0 {
		return nil
	}
	var problems []Problem
	fail := func(f *content.Function, err error) {
		problems = append(problems, Problem{Severity: SeverityError, Pos: f.Pos, Subject: "function " + f.Name, Message: err.Error()})
	}
	known, err := p.functionNames(ctx)
	if err != nil {
		fail(functions[0], err)
		return problems
	}
	var made []*content.Function
	for _, f := range inOrder(functions) {
		if known[strings.ToLower(f.Name)] {
			fail(f, errors.New("a function of this name exists already"))
		} else if err := p.createFunction(ctx, f); err != nil {
			fail(f, err)
		} else {
			made = append(made, f)
			known[strings.ToLower(f.Name)] = true
		}
	}
	definitions, err := p.definitions(ctx)
	for _, f := range made {
		if err == nil {
			err = p.gateFunction(ctx, f.Name, definitions[strings.ToLower(f.Name)])
		}
		if err != nil {
			fail(f, err)
			err = nil
		}
	}
	return problems
}

// inOrder puts functions after those that their text names.
func inOrder(functions []*content.Function) (order []*content.Function) {
	byName := map[string]*content.Function{}
	for _, f := range functions {
		byName[strings.ToLower(f.Name)] = f
	}
	seen := map[*content.Function]bool{}
	var visit func(f *content.Function)
	visit = func(f *content.Function) {
		if f == nil || seen[f] {
			return
		}
		seen[f] = true
		for _, name := range word.FindAllString(f.SQL, -1) {
			visit(byName[strings.ToLower(name)])
		}
		order = append(order, f)
	}
	for _, f := range functions {
		visit(f)
	}
	return order
}

// partFunctions parts those that name no table, themselves or through others, from those that do.
func partFunctions(functions []*content.Function, tables []string) (without, with []*content.Function) {
	reads := map[string]bool{}
	for _, t := range tables {
		reads[strings.ToLower(t)] = true
	}
	for _, f := range inOrder(functions) {
		if slices.ContainsFunc(word.FindAllString(f.SQL, -1), func(name string) bool { return reads[strings.ToLower(name)] }) {
			reads[strings.ToLower(f.Name)] = true
			with = append(with, f)
			continue
		}
		without = append(without, f)
	}
	return without, with
}

func (p *Planner) functionNames(ctx context.Context) (map[string]bool, error) {
	var list string
	if err := p.db.QueryRowContext(ctx, "SELECT string_agg(DISTINCT lower(function_name), ' ') FROM duckdb_functions()").Scan(&list); err != nil {
		return nil, fmt.Errorf("list the database's functions: %w", err)
	}
	names := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		names[name] = true
	}
	return names, nil
}

func (p *Planner) createFunction(ctx context.Context, f *content.Function) error {
	name := macro.FindStringSubmatch(f.SQL)
	if name == nil || !strings.EqualFold(name[2], f.Name) {
		return fmt.Errorf("must be CREATE MACRO %s(…) AS …", f.Name)
	}
	return p.execOne(ctx, f.SQL)
}

// execOne runs a text that must be exactly one CREATE statement.
func (p *Planner) execOne(ctx context.Context, text string) error {
	conn, err := p.db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		// Prepare takes one statement; the pool's own methods would run all but the last.
		prepared, err := raw.(*duckdb.Conn).Prepare(text)
		if err != nil && strings.Contains(err.Error(), "multi-statement") {
			return errors.New("must be one statement")
		}
		if err != nil {
			return fmt.Errorf("%s", database.Message(err))
		}
		statement := prepared.(*duckdb.Stmt)
		defer statement.Close() //nolint:errcheck // nothing was written
		kind, err := statement.StatementType()
		if err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
		if kind != duckdb.STATEMENT_TYPE_CREATE {
			return fmt.Errorf("must be one CREATE MACRO")
		}
		if _, err := statement.ExecContext(ctx, []driver.NamedValue{}); err != nil {
			return fmt.Errorf("%s", database.Message(err))
		}
		return nil
	})
}

// definition is what a macro stands for, as the database understood it; an overloaded one has several.
type definition struct {
	body       string
	parameters []string
	table      bool
}

// definitions gives those of all macros that are not the database's own, by name in lower case.
func (p *Planner) definitions(ctx context.Context) (map[string][]definition, error) {
	rows, err := p.db.QueryContext(ctx, `SELECT lower(function_name), macro_definition, function_type = 'table_macro', array_to_string(parameters, ',')
		FROM duckdb_functions() WHERE NOT internal AND macro_definition IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("read the functions: %w", err)
	}
	defer rows.Close()
	all := map[string][]definition{}
	for rows.Next() {
		var name, parameters string
		var d definition
		if err := rows.Scan(&name, &d.body, &d.table, &parameters); err != nil {
			return nil, fmt.Errorf("read the functions: %w", err)
		}
		d.parameters = strings.Split(parameters, ",")
		all[name] = append(all[name], d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the functions: %w", err)
	}
	return all, nil
}

// gateFunction passes the bodies of a macro through the gate, with its parameters as columns. It notes the parameters of
// the lambdas inside it, those of the functions that it uses among them. A macro that does not pass is dropped.
func (p *Planner) gateFunction(ctx context.Context, name string, definitions []definition) error {
	var lambdas []string
	kind := "MACRO"
	for _, d := range definitions {
		body := "SELECT (\n" + d.body + "\n)"
		if d.table {
			body, kind = d.body, "MACRO TABLE"
		}
		rules := p.rules
		rules.Row = d.parameters
		statement, err := p.db.Gate(ctx, body, rules)
		if err != nil {
			_, dropped := p.db.ExecContext(ctx, "DROP "+kind+" "+database.Ident(name))
			return errors.Join(err, dropped)
		}
		lambdas = append(lambdas, statement.Lambdas...)
		for _, used := range statement.Functions {
			lambdas = append(lambdas, p.rules.Captured[used]...)
		}
	}
	if kind == "MACRO TABLE" {
		p.rules.TableFunctions[strings.ToLower(name)] = true
	}
	slices.Sort(lambdas)
	p.rules.Captured[strings.ToLower(name)] = slices.Compact(lambdas)
	return nil
}
