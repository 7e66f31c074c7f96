package evaluate

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/plan"
)

// fixtureTime is the time of the scan in all fixtures.
var fixtureTime = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// Report says how the fixtures fared.
type Report struct {
	Checks    int // with fixtures
	Fixtures  int
	Derived   int // cases made from fixtures: a call denied, another account or region beside
	Functions int // tests of functions
	Failures  []Failure
	Took      time.Duration
}

// Test proves checks by their fixtures, and functions by their tests. Raw documents go through the same transform and the same
// evaluation as a scan's. The fixtures of all checks are loaded at once, table by table. Where a check does not read a column group, the group is
// as unknown as in a scan that does not collect it, so that a check can pass only by what its lineage names.
//
// First they are asked together, which is fast: the fixtures of checks that read several tables are so many accounts of one scan. What
// does not give what it should then, and what looks beyond an account, is asked once more, each fixture apart from all others. Only that counts.
//
// From each row check's passing and failing fixtures more are made: for each column group that the verdict rests on, one in which its call
// was denied, which must be UNKNOWN with that cause. From those of a query check others are made in which a second account, or region, lies beside, which
// must change nothing.
func Test(ctx context.Context, library *content.Library, catalog *plan.Catalog, checks []*plan.Check) (Report, error) {
	start := time.Now()
	db, err := openWith(ctx, library)
	if err != nil {
		return Report{}, err
	}
	defer db.Close()
	r := Report{}
	if r.Failures, err = testFunctions(ctx, db.DB, library.Functions); err != nil {
		return Report{}, err
	}
	for _, f := range library.Functions {
		r.Functions += len(f.Tests)
	}
	together, err := newTester(ctx, db, library, catalog, checks, false)
	if err != nil {
		return Report{}, err
	}
	r.count(together)
	doubtful, err := together.doubtful(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("run fixtures: %w", err)
	}
	if len(doubtful) > 0 {
		failures, err := testApart(ctx, library, catalog, doubtful)
		if err != nil {
			return Report{}, err
		}
		r.Failures = append(r.Failures, failures...)
	}
	slices.SortStableFunc(r.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Subject, b.Subject))
	})
	r.Took = time.Since(start)
	return r, nil
}

// count notes what a tester has cases of.
func (r *Report) count(t *tester) {
	for _, check := range t.checks {
		if len(check.Spec.Tests) > 0 {
			r.Checks++
		}
		r.Fixtures += len(check.Spec.Tests)
	}
	r.Derived = len(t.cases) - r.Fixtures
}

// openWith opens a database that has the library's functions.
func openWith(ctx context.Context, library *content.Library) (*database.DB, error) {
	db, err := database.Open(ctx, database.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	if err := CreateFunctions(ctx, db.DB, library.Functions); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// testApart asks each fixture of some checks apart from all others.
func testApart(ctx context.Context, library *content.Library, catalog *plan.Catalog, checks []*plan.Check) ([]Failure, error) {
	db, err := openWith(ctx, library)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	t, err := newTester(ctx, db, library, catalog, checks, true)
	if err != nil {
		return nil, err
	}
	if err := t.run(ctx); err != nil {
		return nil, fmt.Errorf("run fixtures: %w", err)
	}
	if err := t.judge(ctx); err != nil {
		return nil, fmt.Errorf("judge fixtures: %w", err)
	}
	return t.failures, nil
}

// tester holds all cases of a Test.
type tester struct {
	apart    bool // each case of a spread check is asked alone, and has the accounts that its fixture says
	checks   []*plan.Check
	accounts map[string]*testCase // those that stand for a case's, if its check's are asked together

	db        *database.DB
	inventory *inventory.Store
	catalog   *plan.Catalog
	settings  *content.Settings

	cases    []*testCase
	jobs     []*job
	lines    map[string][][]byte // of the spool, by table
	used     map[string]bool     // tables that must exist
	filled   map[filling]bool    // in which tables a job's cases have rows
	gaps     []gap
	failures []Failure
}

// filling says that some case of a job has rows in a table.
type filling struct {
	job   *job
	table string
}

// testCase is one fixture, or what was made from one. Its number, from 1, is what its rows carry.
type testCase struct {
	number  int
	own     *accounts // nil if the case is asked apart
	job     *job
	fixture *content.Fixture
	want    string
	found   string
	cause   string
	about   string // of a made case: how it differs from the fixture
	base    *testCase
	account string // of a made case with a second account: the one to look at
	region  string // of a made case with a second region: the one to look at

	refused  string // the cause, where a row check's list call was refused
	defect   string // the error of a spread check's query that could not run on the case
	verdicts []verdict
}

type verdict struct {
	status                               Status
	cause, found, account, region, place string
}

// newTester makes the cases of checks.
func newTester(ctx context.Context, db *database.DB, library *content.Library, catalog *plan.Catalog, checks []*plan.Check, apart bool) (*tester, error) {
	t := &tester{
		apart: apart, checks: checks, db: db, catalog: catalog, settings: content.DefaultSettings(library),
		accounts: map[string]*testCase{}, lines: map[string][][]byte{}, used: map[string]bool{}, filled: map[filling]bool{},
	}
	var err error
	if t.inventory, err = inventory.New(ctx, db, fixtureTime); err != nil {
		return nil, err
	}
	for _, check := range checks {
		t.add(check)
	}
	return t, nil
}

// add makes the cases of a check, and its jobs: one for all fixtures that have the same parameters.
func (t *tester) add(check *plan.Check) {
	jobs := map[string]*job{}
	for _, f := range check.Spec.Tests {
		key := fmt.Sprint(f.Params) // maps print sorted
		j := jobs[key]
		if j == nil {
			var err error
			if j, err = t.newJob(check, f.Params); err != nil {
				t.failures = append(t.failures, Failure{Pos: f.Pos, Subject: "check " + check.Spec.ID, Fixture: f.Want, Wanted: wanted(f.Want), Got: err.Error()})
				continue
			}
			jobs[key] = j
		}
		c := t.newCase(testCase{job: j, fixture: f, want: f.Want, found: f.Found, cause: f.Cause})
		if j.spread {
			t.addTables(c)
			t.addNeighbours(c)
			continue
		}
		t.addRow(c)
		t.addDenials(c)
	}
}

func (t *tester) newJob(check *plan.Check, params map[string]any) (*job, error) {
	j, err := newJob(len(t.jobs), check, Options{Tables: t.catalog.Tables, Settings: t.settings, EmitPass: true})
	if err != nil {
		return nil, err
	}
	values := t.settings.Values(check.Spec)
	maps.Copy(values, params)
	j.take = func(ctx context.Context, conn *sql.Conn) error { return t.take(ctx, conn, j) }
	j.defect = ""
	if err := j.bind(values); err != nil {
		j.defect = err.Error()
	}
	t.jobs = append(t.jobs, j)
	return j, nil
}

func (t *tester) newCase(c testCase) *testCase {
	c.number = len(t.cases) + 1
	t.cases = append(t.cases, &c)
	c.job.source.cases = append(c.job.source.cases, c.number)
	if c.job.spread && !t.apart {
		t.giveAccounts(&c)
	}
	return &c
}

// addRow adds the document of a row check's fixture.
func (t *tester) addRow(c *testCase) {
	table := c.job.table
	t.used[table.Name] = true
	if problem, ok := c.fixture.Refused[table.Name]; ok {
		c.refused = causeOfProblem(problem, table.Spec.List)
		return
	}
	for _, doc := range c.fixture.Rows[table.Name] {
		t.addLine(c, table, doc, nil)
	}
}

// addDenials makes a case from a passing or failing one for each call that its verdict rests on: the call denied.
func (t *tester) addDenials(base *testCase) {
	if base.want != content.WantPass && base.want != content.WantFail || base.refused != "" {
		return
	}
	j := base.job
	for _, group := range j.groups(slices.Concat(j.check.When, j.check.Pass)) {
		call := j.table.Spec.Group(group)
		if call == nil {
			continue // the list's own columns
		}
		cause := "denied: " + call.Service + ":" + call.Op
		c := t.newCase(testCase{job: j, fixture: base.fixture, want: content.WantUnknown, cause: cause, base: base, about: "with " + group + " denied"})
		for _, doc := range base.fixture.Rows[j.table.Name] {
			t.addLine(c, j.table, doc, map[string]string{group: cause})
		}
	}
}
