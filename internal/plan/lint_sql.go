package plan

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// functions runs the tests of the functions.
func (l *linter) functions(ctx context.Context) ([]Problem, error) {
	functions := l.library.Functions
	problems := make([][]Problem, len(functions))
	err := each(ctx, len(functions), func(i int) {
		f := functions[i]
		if _, made := l.prepared.planner.rules.Captured[strings.ToLower(f.Name)]; !made {
			return // its own mistakes are reported
		}
		fail := func(pos content.Pos, format string, args ...any) {
			problems[i] = append(problems[i], Problem{Severity: SeverityError, Pos: pos, Subject: "function " + f.Name, Message: fmt.Sprintf(format, args...)})
		}
		if len(f.Tests) == 0 {
			fail(f.Pos, "has no test; write -- test: expression => expression beside it")
		}
		for _, test := range f.Tests {
			if err := l.prepared.planner.testFunction(ctx, test); err != nil {
				fail(test.Pos, "test %s: %s", test.Expression, err)
			}
		}
	})
	return slices.Concat(problems...), err
}

// testFunction asks what an expression gives, and compares it with what it must give.
func (p *Planner) testFunction(ctx context.Context, test content.FunctionTest) error {
	query := "SELECT got IS NOT DISTINCT FROM want, got::VARCHAR FROM (SELECT (\n" + test.Expression + "\n) AS got, (\n" + test.Want + "\n) AS want)"
	if _, err := p.Gate(ctx, query, false); err != nil {
		return err
	}
	var same bool
	var got sql.NullString
	if err := p.db.QueryRowContext(ctx, query).Scan(&same, &got); err != nil {
		return fmt.Errorf("%s", database.Message(err))
	}
	if same {
		return nil
	}
	if !got.Valid {
		got.String = "NULL"
	}
	return fmt.Errorf("gives %s, not %s", got.String, test.Want)
}

// examples prepares the queries that tables show.
func (l *linter) examples(ctx context.Context) ([]Problem, error) {
	tables := l.library.Tables
	problems := make([][]Problem, len(tables))
	err := each(ctx, len(tables), func(i int) {
		t := l.prepared.catalog.Tables[tables[i].Name]
		if t == nil {
			return // its own mistakes are reported
		}
		for n, example := range tables[i].Examples {
			_, err := l.prepared.planner.Gate(ctx, example.SQL, true)
			if err == nil {
				_, err = l.prepared.planner.Describe(ctx, example.SQL)
			}
			if err != nil {
				problems[i] = append(problems[i], t.problem(fmt.Sprintf("examples.%d.sql", n), "example %q: %s", example.Title, err))
			}
		}
	})
	return slices.Concat(problems...), err
}

// bounds proves lineage: what a check is said to read must be among what its bound SQL names.
func (l *linter) bounds(ctx context.Context) ([]Problem, error) {
	checks := make([]*Check, 0, len(l.prepared.catalog.Checks))
	for _, id := range slices.Sorted(maps.Keys(l.prepared.catalog.Checks)) {
		checks = append(checks, l.prepared.catalog.Checks[id])
	}
	shared := map[string][]*content.Param{}
	for _, p := range l.library.Providers {
		shared[p.ID] = p.Params
	}
	problems := make([][]Problem, len(checks))
	err := each(ctx, len(checks), func(i int) {
		c := &checkPreparer{planner: l.prepared.planner, spec: checks[i].Spec, check: checks[i], values: map[string]any{}}
		for _, p := range slices.Concat(shared[c.spec.Provider], c.spec.Params) {
			c.values[p.Name] = p.Default
		}
		c.bounds(ctx)
		problems[i] = c.problems
	})
	return slices.Concat(problems...), err
}

func (c *checkPreparer) bounds(ctx context.Context) {
	for _, part := range []struct {
		key, text string
		reads     []Ref
	}{
		{"when", c.spec.When, c.check.When},
		{"pass", passAndAsk(c.spec), c.check.Pass},
		{"found", c.spec.Found, c.check.Found},
		{"query", c.spec.Query, c.check.Query},
	} {
		if part.text == "" {
			continue
		}
		bound, err := content.BindSQL(part.text, c.values)
		if err != nil {
			continue // reported where the check was prepared
		}
		if part.key != "query" {
			bound = "SELECT id, account_id, region, (\n" + bound + "\n) FROM " + database.Ident(c.spec.Resource)
		}
		most, err := c.planner.bound(ctx, bound)
		if err != nil {
			c.fail(part.key, "its lineage cannot be proved: %s", err)
			continue
		}
		if more := beyond(part.reads, most); len(more) > 0 {
			c.fail(part.key, "its lineage is wrong: %v is not among what the SQL names", more)
		}
	}
}

// passAndAsk is one expression that reads what both clauses do: what is asked decides on the verdict as well.
func passAndAsk(spec *content.Check) string {
	if spec.Ask == "" {
		return spec.Pass
	}
	return "CASE WHEN (\n" + spec.Ask + "\n) IS NULL THEN (\n" + spec.Pass + "\n) END"
}
