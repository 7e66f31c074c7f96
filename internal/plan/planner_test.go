package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

func newPlanner(t *testing.T, tables []*Table, functions []*content.Function) (*Planner, []Problem) {
	t.Helper()
	p, problems, err := NewPlanner(t.Context(), tables, functions)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, problems
}

func bucketTable() *Table {
	return &Table{
		Name: "bucket", Spec: &content.Table{Name: "bucket", List: &content.Call{}},
		Columns: columns("id:list", "name:list"),
	}
}

func TestNewPlannerMakesFunctionsInAnyOrder(t *testing.T) {
	items := &Table{Name: "items", Spec: &content.Table{}, Columns: columns("item")}
	p, problems := newPlanner(t, []*Table{bucketTable(), items}, []*content.Function{
		{Name: "all_named", SQL: "CREATE MACRO all_named() AS TABLE SELECT * FROM bucket WHERE is_named(name)"},
		{Name: "is_named", SQL: "create or replace macro is_named(x) as any_item([x]) > 0"},
		{Name: "any_item", SQL: "CREATE MACRO any_item(l) AS len(list_filter(l, lambda item: item <> ''))"},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	query := "SELECT id FROM all_named()"
	if _, err := p.Gate(t.Context(), query, false); err != nil {
		t.Fatal(err)
	}
	refs, err := p.Reads(t.Context(), query)
	if err != nil || !slices.Equal(refs, []Ref{{"bucket", "id"}, {"bucket", "name"}}) {
		t.Errorf("got %v, %v", refs, err)
	}
	// A lambda's parameter is found through the functions that hide it.
	if _, err := p.Gate(t.Context(), "SELECT is_named(item) FROM items", false); err == nil || !strings.Contains(err.Error(), `"item" is a column of items, but also a lambda parameter inside the function is_named`) {
		t.Error(err)
	}
}

func TestNewPlannerRefusesFunctions(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"CREATE MACRO f(x) AS", "syntax error"},
		{"CREATE MACRO g(x) AS x", "must be CREATE MACRO f(…) AS"},
		{"CREATE TABLE f(x INT)", "must be CREATE MACRO f(…) AS"},
		{"CREATE TEMP MACRO f(x) AS x", "must be CREATE MACRO f(…) AS"},
		{"CREATE MACRO f(x) AS x; DROP TABLE bucket", "must be one statement"},
		{"CREATE MACRO f() AS TABLE SELECT * FROM duckdb_settings()", "may not be used in FROM"},
		{"CREATE MACRO f() AS TABLE SELECT * FROM information_schema.tables", "schema"},
		{"CREATE MACRO f(x) AS random() + x", `"random" may not be used`},
		{"CREATE MACRO f(x) AS x, (x, y) AS now()", `"now" may not be used`},
		{"CREATE MACRO f(x) AS list_filter(x, lambda x: x > 1)", "lambda parameter"},
	} {
		p, problems := newPlanner(t, []*Table{bucketTable()}, []*content.Function{{Name: "f", SQL: c.sql}})
		if len(problems) != 1 || !strings.Contains(problems[0].Message, c.want) || strings.Contains(problems[0].Message, "\n") {
			t.Errorf("%s\n  got:  %v\n  want: %s", c.sql, problems, c.want)
		}
		if _, err := p.Describe(t.Context(), "SELECT f(1)"); err == nil {
			t.Errorf("%s: the function was kept", c.sql)
		}
		if _, err := p.Describe(t.Context(), "SELECT * FROM bucket"); err != nil {
			t.Errorf("%s: %v", c.sql, err)
		}
	}
}

func TestNewPlannerLeavesOutWhatCannotBeMade(t *testing.T) {
	broken := &Table{Name: "broken", Spec: &content.Table{}, Columns: []Column{{Name: "x", Type: "NO_SUCH_TYPE"}}}
	over := &Table{Name: "over", Spec: &content.Table{Derive: "SELECT x FROM broken"}}
	p, problems := newPlanner(t, []*Table{broken, over, bucketTable()}, nil)
	if len(problems) != 2 || !strings.Contains(problems[0].Error(), "table broken: cannot be made") || !strings.Contains(problems[1].Error(), `table over: table "broken" does not exist`) {
		t.Errorf("%v", problems)
	}
	if _, err := p.Gate(t.Context(), "SELECT id FROM bucket", false); err != nil {
		t.Error(err)
	}
}
