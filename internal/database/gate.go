package database

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Rules say what SQL may name beside its own common table expressions.
type Rules struct {
	// Columns gives the columns of a table that may be read, by its name in lower case; nil for any other.
	Columns func(table string) []string
	// Names are those of the tables, to suggest one where it is misspelled.
	Names []string
	// Row are the columns that an expression may read: those of the row it speaks about.
	Row []string
	// TableFunctions that are allowed beside unnest, range, generate_series, json_each and json_tree: own table macros.
	TableFunctions map[string]bool
	// Captured are the lambda parameters inside functions of our own, by function. A column of such a name would be read in
	// the parameter's place.
	Captured map[string][]string
	// Clock allows now(), random samples and the like: for a person's questions, not for verdicts.
	Clock bool
}

// Gate refuses whatever is not one SELECT over known tables and harmless functions. It must come before anything else is
// done with SQL from outside: preparing is enough to run some statements.
func (db *DB) Gate(ctx context.Context, query string, rules Rules) (*Statement, error) {
	s, err := db.Parse(ctx, query)
	if err != nil {
		return nil, err
	}
	return s, s.check(rules)
}

// GateExpression is Gate for one expression over one row: the text between SELECT and FROM.
func (db *DB) GateExpression(ctx context.Context, expression string, rules Rules) (*Statement, error) {
	if strings.TrimSpace(expression) == "" {
		return nil, fmt.Errorf("the expression is empty")
	}
	s, err := db.Parse(ctx, "SELECT (\n"+expression+"\n)")
	if err != nil {
		return nil, err
	}
	if s.clauses || s.expressions != 1 {
		return nil, fmt.Errorf("must be one expression")
	}
	if s.subquery {
		return nil, fmt.Errorf("a subquery stands in an expression about one row; write a query: check")
	}
	return s, s.check(rules)
}

func (s *Statement) check(rules Rules) error {
	if len(s.faults) > 0 {
		slices.Sort(s.faults)
		return fmt.Errorf("%s", s.faults[0])
	}
	if len(s.parameters) > 0 {
		return fmt.Errorf("parameter $%s is not declared", s.parameters[0])
	}
	columns := rules.Columns
	if columns == nil {
		columns = func(string) []string { return nil }
	}
	for _, t := range s.Tables {
		if columns(t) == nil {
			if hint := content.DidYouMean(t, rules.Names); hint != "" {
				return fmt.Errorf("table %q does not exist; %s", t, hint)
			}
			return fmt.Errorf("table %q does not exist", t)
		}
	}
	for _, name := range s.ctes {
		if system(name) {
			return fmt.Errorf("%q is a name of the database's own", name)
		}
	}
	for _, f := range s.tableFunctions {
		if !tableFunctions[f] && !rules.TableFunctions[f] {
			return fmt.Errorf("function %q may not be used in FROM", f)
		}
	}
	for _, f := range s.Functions {
		if volatileFunctions[f] {
			return fmt.Errorf("function %q may not be used", f)
		}
		if clockFunctions[f] && !rules.Clock {
			return fmt.Errorf("function %q may not be used, because the same rows must always give the same answer; use collected_at for the time", f)
		}
	}
	if slices.Contains(s.Functions, "age") && !rules.Clock {
		return fmt.Errorf(`function "age" may not be used, because it may read the clock; subtract the times`)
	}
	if s.sampled && !rules.Clock {
		return fmt.Errorf("a random sample may not be used, because the same rows must always give the same answer")
	}
	return s.checkLambdas(rules, columns)
}

// system says whether a name is one that the database itself gives meaning to: a common table expression of that name in
// one place would hide from the gate that another place reads the real thing.
func system(name string) bool {
	return strings.HasPrefix(name, "duckdb_") || strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "pragma_") ||
		strings.HasPrefix(name, "sqlite_") || strings.ContainsAny(name, "./\\:*")
}

// checkLambdas refuses a lambda parameter that has the name of a column or alias: DuckDB then reads the column, silently.
func (s *Statement) checkLambdas(rules Rules, columns func(string) []string) error {
	names := map[string]string{}
	for _, alias := range s.Aliases {
		names[alias] = "a name that the query gives"
	}
	for _, c := range rules.Row {
		names[strings.ToLower(c)] = "a column"
	}
	for _, t := range s.Tables {
		names[t] = "a table"
		for _, c := range columns(t) {
			names[strings.ToLower(c)] = "a column of " + t
		}
	}
	for _, p := range s.Lambdas {
		if what, ok := names[p]; ok {
			return fmt.Errorf("lambda parameter %q has the name of %s, which would be read in its place; call it otherwise", p, what)
		}
	}
	for _, f := range s.Functions {
		for _, p := range rules.Captured[f] {
			if what, ok := names[p]; ok {
				return fmt.Errorf("%q is %s, but also a lambda parameter inside the function %s; call it otherwise", p, what, f)
			}
		}
	}
	return nil
}
