package plan

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

func TestReachFindsWhatANameRestsOn(t *testing.T) {
	table := func(name, derive string) *Table { return &Table{Name: name, Spec: &content.Table{Derive: derive}} }
	tables := []*Table{table("base", ""), table("other", ""), table("view", "SELECT f(x) FROM base"), table("wide", "SELECT * FROM view, other")}
	functions := []*content.Function{
		{Name: "f", SQL: "CREATE MACRO f(x) AS g(x)"},
		{Name: "g", SQL: "CREATE MACRO g(x) AS (SELECT count(*) FROM Other WHERE f(x) > x)"}, // in a circle
		{Name: "unused", SQL: "CREATE MACRO unused(x) AS x"},
	}
	for sql, want := range map[string]string{
		"":                             "",
		"name = 'x'":                   "",
		"SELECT * FROM base":           "base",
		`SELECT * FROM "BASE"`:         "base",
		"G(1)":                         "f g other",
		"SELECT * FROM view":           "base f g other view",
		"SELECT unused(x) FROM wide":   "base f g other unused view wide",
		"SELECT 'base' -- and no more": "base",
	} {
		r := newReach(tables, functions)
		r.text(sql)
		if got := strings.Join(slices.Sorted(maps.Keys(r.seen)), " "); got != want {
			t.Errorf("%s reaches %q, want %q", sql, got, want)
		}
	}
}
