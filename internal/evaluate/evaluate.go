package evaluate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// DefaultTimeout is how long one check may run.
const DefaultTimeout = 60 * time.Second

// Options say what is asked, of what, and how far what was collected can be trusted.
type Options struct {
	// Tables are those of the database, by name; all that the checks read must be among them.
	Tables map[string]*plan.Table
	Checks []*plan.Check
	// Cells is the coverage ledger. Without it a table that was not collected looks like an empty one.
	Cells []collect.Cell
	// Settings are the values of parameters: content.DefaultSettings, or what the user set.
	Settings *content.Settings
	// Requirements are those of frameworks that each check answers, by check id.
	Requirements map[string][]string
	// EmitPass makes a finding of each PASS. Without it they are only counted, per check and scope.
	EmitPass bool
	// Timeout is how long one check may run; 0 means DefaultTimeout. A check that takes longer is a defect, others go on.
	Timeout time.Duration
	// Frugal makes the database give back at once what it takes to count the verdicts, and leaves it so.
	Frugal bool
	// Workers is how many checks run at once; 0 means as many as there are cores. A database of one thread is best: checks are many
	// and short, so that to spread each of them costs more than it brings.
	Workers int
}

// Summary counts what Run found.
type Summary struct {
	Counts map[Status]int64
	Checks []CheckSummary // in the order of findings: by severity, then id
}

// CheckSummary counts the verdicts of one check.
type CheckSummary struct {
	ID       string
	Severity string
	Counts   map[Status]int64
	// Defect is the error of a check whose SQL could not run at all; its findings say so too.
	Defect string
	Took   time.Duration
}

// Run asks all checks and leaves the verdicts in the database: in the view findings, whose columns are named as in Finding's
// JSON, and in the view finding_counts (check, account_id, region, status, count), which counts PASS in any case. Findings reads
// them, any number of times. If sink is not nil, it gets all findings in their order: by severity, check, account, region
// and resource. The same input gives the same output.
//
// Run fails only if the database does or ctx ends: a check that is broken or runs for too long is UNKNOWN with the cause
// "defect: …" and does not disturb the others.
func Run(ctx context.Context, db *sql.DB, o Options, sink func(Finding) error) (Summary, error) {
	jobs, err := compile(o)
	if err != nil {
		return Summary{}, err
	}
	s := store{db: db}
	if err := s.reset(ctx); err != nil {
		return Summary{}, fmt.Errorf("prepare the findings: %w", err)
	}
	if err := s.addChecks(ctx, jobs, o); err != nil {
		return Summary{}, fmt.Errorf("prepare the findings: %w", err)
	}
	if err := s.prepare(ctx, jobs, o); err != nil {
		return Summary{}, err
	}
	if err := runJobs(ctx, db, jobs, o.Workers, o.Timeout); err != nil {
		return Summary{}, err
	}
	if err := s.addListGaps(ctx); err != nil {
		return Summary{}, fmt.Errorf("report what could not be listed: %w", err)
	}
	if err := s.addBrokenChecks(ctx, jobs, o.Cells); err != nil {
		return Summary{}, fmt.Errorf("report broken checks: %w", err)
	}
	if err := explainDefects(ctx, db, jobs); err != nil {
		return Summary{}, fmt.Errorf("explain defects: %w", err)
	}
	if o.Frugal {
		database.Frugal(true)
	}
	if err := s.finish(ctx, o.EmitPass); err != nil {
		return Summary{}, fmt.Errorf("count the findings: %w", err)
	}
	summary, err := s.summarize(ctx, jobs)
	if err != nil {
		return Summary{}, fmt.Errorf("count the findings: %w", err)
	}
	if sink != nil {
		for f, err := range Findings(ctx, db) {
			if err != nil {
				return Summary{}, err
			}
			if err := sink(f); err != nil {
				return Summary{}, err
			}
		}
	}
	return summary, nil
}

// job is one check made ready to run.
type job struct {
	no      int // its place in the order of findings
	check   *plan.Check
	table   *plan.Table
	clauses clauses // with the parameters' values put in
	spread  bool    // one failed call makes the whole scope UNKNOWN: query checks and checks on derived tables
	needs   []need  // of a spread check: what it reads
	source  source
	facts   *facts // nil: nothing is taken for granted
	// take asks for the verdicts and keeps them, instead of the tables of the store; nil in a scan.
	take func(ctx context.Context, conn *sql.Conn) error

	defect string
	took   time.Duration
}

// clauses are a check's SQL texts.
type clauses struct{ when, ask, pass, found, query string }

var severityRank = map[string]int{"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}

// compile orders the checks and makes their jobs. A check that cannot be compiled is a job with a defect.
func compile(o Options) ([]*job, error) {
	checks := append([]*plan.Check(nil), o.Checks...)
	sort.Slice(checks, func(i, k int) bool {
		a, b := checks[i].Spec, checks[k].Spec
		if x, y := severityRank[a.Severity], severityRank[b.Severity]; x != y {
			return x < y
		}
		return a.ID < b.ID
	})
	jobs := make([]*job, len(checks))
	for i, check := range checks {
		j, err := newJob(i, check, o)
		if err != nil {
			return nil, err
		}
		jobs[i] = j
	}
	return jobs, nil
}

func newJob(no int, check *plan.Check, o Options) (*job, error) {
	spec := check.Spec
	table := o.Tables[spec.Resource]
	if table == nil {
		return nil, fmt.Errorf("check %s: no table %s", spec.ID, spec.Resource)
	}
	j := &job{no: no, check: check, table: table, spread: spec.Query != "" || isDerived(table)}
	j.source = source{from: quoteName(table.Name), row: "rowid"}
	if j.spread {
		var err error
		if j.needs, err = needsOf(check, o.Tables); err != nil {
			return nil, fmt.Errorf("check %s: %w", spec.ID, err)
		}
	}
	if err := j.bind(o.Settings.Values(spec)); err != nil {
		j.defect = err.Error()
	}
	return j, nil
}

// bind puts the values of parameters into the clauses.
func (j *job) bind(values map[string]any) error {
	spec := j.check.Spec
	for _, clause := range []struct {
		name, text string
		to         *string
	}{
		{"when", spec.When, &j.clauses.when},
		{"ask", spec.Ask, &j.clauses.ask},
		{"pass", spec.Pass, &j.clauses.pass},
		{"found", spec.Found, &j.clauses.found},
		{"query", spec.Query, &j.clauses.query},
	} {
		text, err := content.BindSQL(clause.text, values)
		if err != nil {
			return fmt.Errorf("%s: %w", clause.name, err)
		}
		*clause.to = text
	}
	return nil
}

func isDerived(t *plan.Table) bool { return t.Spec != nil && t.Spec.Derive != "" }

// runJobs runs all jobs, several at once, each in the time it may take.
func runJobs(ctx context.Context, db *sql.DB, jobs []*job, workers int, timeout time.Duration) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan []*job)
	errs := make([]error, workers)
	var done sync.WaitGroup
	for w := range workers {
		done.Add(1)
		go func() {
			defer done.Done()
			if err := work(ctx, db, queue, timeout); err != nil {
				errs[w] = err
				cancel()
			}
		}()
	}
	for _, some := range together(jobs) {
		select {
		case queue <- some:
		case <-ctx.Done():
		}
	}
	close(queue)
	done.Wait()
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

func work(ctx context.Context, db *sql.DB, queue <-chan []*job, timeout time.Duration) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("run checks: %w", err)
	}
	defer conn.Close()
	for jobs := range queue {
		if err := askAll(ctx, conn, jobs, timeout); err != nil {
			return fmt.Errorf("run checks: %w", err)
		}
	}
	return ctx.Err()
}

// run asks one check and writes its verdicts. A job that fails has written none.
func (j *job) run(ctx context.Context, conn *sql.Conn, timeout time.Duration) error {
	return within(ctx, timeout, func(limited context.Context) (err error) {
		switch {
		case j.take != nil:
			err = j.take(limited, conn)
		case j.spread:
			_, err = conn.ExecContext(limited, "INSERT INTO stance_loose "+j.sql())
		default:
			_, err = conn.ExecContext(limited, "INSERT INTO stance_verdict "+j.sql())
		}
		return err
	})
}

// within does something in the time that a check may take.
func within(ctx context.Context, timeout time.Duration, do func(limited context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := do(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("the check did not finish within %s", timeout)
	}
	return err
}

func (j *job) sql() string {
	switch {
	case !j.spread:
		return j.rowSQL()
	case j.restsElsewhere():
		return j.restingSQL()
	}
	return j.spreadSQL()
}
