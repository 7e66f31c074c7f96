package evaluate

import (
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

func TestFactsSpareOnlyWhatCouldChangeNothing(t *testing.T) {
	f := &facts{
		gaps: map[plan.Ref]bool{{Table: "a", Column: "policy"}: true},
		tables: map[string]tableFacts{
			"a": {single: true, unknown: map[string]bool{"tagging": true}},
			"b": {empty: true},
		},
	}
	a, b := &plan.Table{Name: "a"}, &plan.Table{Name: "b"}
	for _, c := range []struct {
		needs []need
		whole bool
	}{
		{[]need{{table: a, groups: []string{"versioning", "list"}}}, true},
		{[]need{{table: a, groups: []string{"policy", "list"}}}, false},                                   // the ledger has a gap
		{[]need{{table: a, groups: []string{"tagging", "list"}}}, false},                                  // a row does not know it
		{[]need{{table: b, groups: []string{"list"}}, {table: a, groups: []string{"policy"}}}, false},     // one of several
		{[]need{{table: b, groups: []string{"policy", "list"}}, {table: a, groups: []string{"x"}}}, true}, // another table's
	} {
		if got := f.whole(c.needs); got != c.whole {
			t.Errorf("%v: whole is %v", c.needs, got)
		}
		if (*facts)(nil).whole(c.needs) {
			t.Errorf("%v: nothing is known, and so nothing is whole", c.needs)
		}
	}
	groups := []string{"policy", "tagging", "list"}
	if got := f.doubtful("a", groups); !slices.Equal(got, []string{"tagging"}) {
		t.Errorf("doubtful: %v", got)
	}
	if got := (*facts)(nil).doubtful("a", groups); !slices.Equal(got, groups) {
		t.Errorf("without facts all is doubtful: %v", got)
	}
	if !f.isSingle("a") || f.isSingle("b") || f.isEmpty("a") || !f.isEmpty("b") || (*facts)(nil).isEmpty("b") {
		t.Error("what is so of a table is told of another")
	}
}

func TestClausesThatNoRowReachesAreLeftOut(t *testing.T) {
	db := newWorld(
		t, row{"1", "r", "a", "x", "Enabled", "?denied: a", "1"}, row{"1", "r", "b", "x", "?denied: b", "?denied: c", "1"},
	)
	check := func(pass string, reads ...string) *plan.Check {
		return rowCheck(func(c *plan.Check) {
			c.Spec.When, c.When, c.Spec.Pass, c.Pass = "kind = 'x'", refs("bucket.kind"), pass, refs(reads...)
		})
	}
	tables := worldTables()
	store := store{db: db}
	if err := store.reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		check   *plan.Check
		planned bool
	}{
		{check("versioning = 'Enabled'", "bucket.versioning"), true}, // one row knows it
		{check("algorithm = 'AES256'", "bucket.algorithm"), false},
		{check("algorithm = versioning", "bucket.versioning", "bucket.algorithm"), false},
	} {
		j, err := newJob(0, c.check, Options{Tables: tables})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.prepare(t.Context(), []*job{j}, Options{Tables: tables}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(j.rowSQL(), c.check.Spec.Pass); got != c.planned {
			t.Errorf("%s: planned is %v", c.check.Spec.Pass, got)
		}
		if j.facts = nil; !strings.Contains(j.rowSQL(), c.check.Spec.Pass) {
			t.Errorf("%s: without facts it is not asked", c.check.Spec.Pass)
		}
	}
	got := ask(t, db, Options{Tables: tables, Checks: []*plan.Check{check("algorithm = 'AES256'", "bucket.algorithm")}})
	for i, want := range []string{"denied: a", "denied: c"} {
		if i >= len(got) || !strings.Contains(got[i], "UNKNOWN") || !strings.Contains(got[i], want) {
			t.Errorf("findings: %v", got)
		}
	}
}

func TestNothingIsAskedOfTablesWithoutRows(t *testing.T) {
	f := &facts{
		gaps:   map[plan.Ref]bool{{Table: "bucket", Column: "versioning"}: true},
		tables: map[string]tableFacts{"bucket": {empty: true}, "logged_bucket": {empty: true}},
	}
	tables := worldTables()
	query := &plan.Check{Spec: &content.Check{ID: "q", Resource: "bucket", Query: "SELECT 1"}, Query: refs("bucket.id")}
	derived := func(reads ...plan.Ref) *plan.Check {
		return &plan.Check{Spec: &content.Check{ID: "d", Resource: "logged_bucket", Pass: "is_logging"}, Pass: refs("logged_bucket.is_logging"), Found: reads}
	}
	for _, c := range []struct {
		about string
		check *plan.Check
		want  bool
	}{
		{"a check of rows", rowCheck(func(*plan.Check) {}), true},
		{"a query may speak about what is not there", query, false},
		{"a check of a derived table", derived(), true},
		{"one of which something is missing", derived(refs("bucket.versioning")...), false},
	} {
		j, err := newJob(0, c.check, Options{Tables: tables})
		if err != nil {
			t.Fatal(err)
		}
		j.facts = f
		if got := j.idle(); got != c.want {
			t.Errorf("%s: idle is %v", c.about, got)
		}
	}
}
