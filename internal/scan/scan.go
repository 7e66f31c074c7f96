// Package scan runs one scan from left to right: plan, collect, inventory, derive, evaluate, lake. It decides nothing by
// itself; it hands each part what the part before it made, and keeps what an interruption must not lose.
package scan

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/report"
)

// Options of Run. Provider, Library, Catalog, Checks and Lake must be set.
type Options struct {
	Provider provider.Provider
	Library  *content.Library
	Catalog  *plan.Catalog
	Settings *content.Settings
	Checks   []*plan.Check
	// Requirements of frameworks that findings name, by check: see content.Library.Named.
	Requirements map[string][]string
	Inventory    []string // what to collect beside what the checks read: see plan.Selection
	Tags         bool     // collect the tags of what findings are about: see plan.Selection
	Allow        []string // opt-ins that the user gives: see plan.Selection

	Lake string // folder or URL
	// Spools is the folder in which scans keep what they have not yet put into a lake; empty: the user's cache.
	Spools string
	// Resume goes on with the scan of this id, or the last one of the same provider and lake: ResumeLast. Empty: a new scan.
	Resume string
	// Flags of the command line that say what the scan is to collect, by name: who resumes it finds them with the scan.
	Flags map[string][]string
	// Once says that the scan cannot be resumed: nothing of it is kept outside of the lake.
	Once bool

	Memory  int64 // of the queue and the database together, in bytes; 0: DefaultMemory
	Workers int   // calls at the same time; 0: collect's default
	Timeout time.Duration
	Seed    uint64 // of the order of calls; 0: another each time
	Version string // of Stance
	Command string // as the user typed it
	// Again is the command that goes on with a scan of some id; nil: Command with --resume.
	Again     func(id string) string
	Progress  *collect.Progress
	Stage     func(Stage) // told when a stage begins; nil: nobody
	Logger    *slog.Logger
	Now       func() time.Time
	KeepSpool bool // also when everything was collected
	// RetryBudget bounds one call with all its repetitions, as in collect.Options.
	RetryBudget time.Duration
	// Seal is for what can hold secrets, as in collect.Options.
	Seal *collect.Seal
	// AllRegions says that no region of the accounts was left out by the user's wish: what earlier scans saw in other regions
	// is then past. Where it is not set, the latest state keeps it.
	AllRegions bool
}

// DefaultMemory is what a scan takes where the user does not say, beside the program itself.
const DefaultMemory = 512 << 20

// Stage is what a scan is doing.
type Stage string

// Stages in their order.
const (
	Connecting Stage = "signing in"
	Collecting Stage = "collecting"
	Loading    Stage = "loading"
	Evaluating Stage = "evaluating"
	Writing    Stage = "writing to the lake"
)

// Interrupted is the error of a scan that was stopped while it collected. Nothing is lost: it can be resumed.
type Interrupted struct {
	ID          string // of the spool, for --resume
	Done, Total int    // cells
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted: %d of %d cells are collected and kept", e.Done, e.Total)
}

// Outcome is a finished scan. Its findings lie in a database, which Close gives back.
type Outcome struct {
	Result report.Result
	// Incomplete says that some cell could not be told, so that the scan can be resumed as Spool.
	Incomplete bool
	Spool      string // id to resume by; empty if nothing is kept
	db         *database.DB
	spool      *collect.Spool
}

// Close frees the database.
func (o *Outcome) Close() error { return errors.Join(o.db.Close(), o.spool.Close()) }

type runner struct {
	Options
	id      string
	started time.Time
	plan    *plan.Plan
}

// Run runs a scan. An *Interrupted error means that the context ended while calls were still to be made.
func Run(ctx context.Context, options Options) (*Outcome, error) {
	r := &runner{Options: options}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Stage == nil {
		r.Stage = func(Stage) {}
	}
	if r.Memory == 0 {
		r.Memory = DefaultMemory
	}
	if r.Logger == nil {
		r.Logger = slog.New(slog.DiscardHandler)
	}
	r.started = r.Now().UTC()
	r.id = newID(r.started, r.Provider.ID())
	var err error
	r.plan, err = plan.New(plan.Selection{Provider: r.Provider.ID(), Checks: r.Checks, Inventory: r.Inventory, Tags: r.Tags, Allow: r.Allow}, r.Catalog)
	if err != nil {
		return nil, err
	}
	return r.run(ctx)
}

func newID(at time.Time, provider string) string {
	suffix := make([]byte, 3)
	_, _ = rand.Read(suffix) // never fails
	return at.Format("20060102T150405Z") + "-" + provider + "-" + hex.EncodeToString(suffix)
}

func (r *runner) run(ctx context.Context) (_ *Outcome, err error) {
	// The lake is opened first: a wrong address must not cost a scan of an hour.
	l, err := lake.Open(ctx, r.Lake)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	r.Stage(Connecting)
	accounts, err := r.Provider.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := openKept(r)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err == nil || !r.Once {
			return
		}
		if _, problem := kept.close(false); problem != nil {
			err = errors.Join(err, problem)
		}
	}()
	r.Stage(Collecting)
	collected, err := r.collect(ctx, kept, accounts)
	if err != nil {
		return nil, err
	}
	outcome := &Outcome{spool: collected.Spool}
	if err := r.finish(ctx, l, kept, accounts, collected, outcome); err != nil {
		err = errors.Join(err, collected.Spool.Close())
		if outcome.db != nil {
			err = errors.Join(err, outcome.db.Close())
		}
		return nil, r.advise(err, kept.ID)
	}
	return outcome, nil
}

func (r *runner) collect(ctx context.Context, kept *kept, accounts []provider.Account) (*collect.Result, error) {
	var limits []content.Limit
	if p := r.Library.Provider(r.Provider.ID()); p != nil {
		limits = p.Limits
	}
	result, err := collect.Run(ctx, collect.Options{
		Provider: r.Provider, Accounts: accounts, Plan: r.plan, Dir: kept.dir, Resume: r.Resume != "", Seal: r.Seal, Workers: r.Workers, Memory: r.Memory / 4,
		RetryBudget: r.RetryBudget, Limits: limits, Allow: r.Allow, Progress: r.Progress, Now: r.Now, Seed: r.Seed, Logger: r.Logger,
	})
	if err != nil {
		if result != nil && result.Spool != nil {
			err = r.advise(errors.Join(err, result.Spool.Close()), kept.ID)
		}
		return nil, err
	}
	if result.Interrupted {
		interrupted := &Interrupted{ID: kept.ID, Total: len(result.Cells)}
		for _, cell := range result.Cells {
			if cell.Status != collect.Planned {
				interrupted.Done++
			}
		}
		return nil, errors.Join(interrupted, result.Spool.Close())
	}
	return result, nil
}

// finish turns what was collected into tables, verdicts and files of the lake.
func (r *runner) finish(ctx context.Context, l *lake.Lake, kept *kept, accounts []provider.Account, collected *collect.Result, outcome *Outcome) (err error) {
	writer, err := l.Begin(lake.Manifest{ID: r.id, Provider: r.Provider.ID(), Version: r.Version, Started: r.started})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, writer.Abort())
		}
	}()
	outcome.db, err = database.Open(ctx, database.Options{Memory: r.databaseMemory(), Threads: 1, OutputDirs: []string{writer.Staging()}, Logger: r.Logger})
	if err != nil {
		return err
	}
	r.Stage(Loading)
	database.Frugal(true)
	defer database.Frugal(false)
	store, err := inventory.New(ctx, outcome.db, r.started)
	if err != nil {
		return err
	}
	all, err := r.load(ctx, store, outcome.db, collected)
	if err != nil {
		return err
	}
	collected.Totals.Rows -= r.fold(all)
	r.confessLost(collected.Cells, all)
	r.Stage(Evaluating)
	database.Frugal(false)
	if _, err := evaluate.Run(ctx, outcome.db.DB, evaluate.Options{
		Tables: r.Catalog.Tables, Checks: r.plan.Checks, Cells: collected.Cells, Settings: r.Settings, Requirements: r.Requirements, EmitPass: true, Timeout: r.Timeout,
		Frugal: true,
	}, nil); err != nil {
		return err
	}
	r.confessGaps(collected.Cells, all)
	header := r.header(accounts, collected)
	outcome.Result = report.Result{
		Scan: header, Coverage: collected.Cells, Findings: evaluate.Findings(ctx, outcome.db.DB), Checks: explained(r.plan.Checks), Lake: r.Lake,
	}
	if outcome.Result.Summary, err = report.Summarize(outcome.Result.Findings); err != nil {
		return err
	}
	if header.Notes, err = notes(accounts, collected.Cells, outcome.Result.Findings); err != nil {
		return err
	}
	outcome.Result.Scan = header
	r.Stage(Writing)
	database.Frugal(true)
	if err := r.write(ctx, writer, store, outcome, accounts); err != nil {
		return err
	}
	outcome.Incomplete = incomplete(collected.Cells)
	outcome.Spool, err = kept.close(!r.Once && (outcome.Incomplete || r.KeepSpool))
	return err
}

func (r *runner) header(accounts []provider.Account, collected *collect.Result) report.Scan {
	header := report.Scan{
		ID: r.id, Provider: r.Provider.ID(), Started: r.started, Finished: r.Now().UTC(), Version: r.Version, Command: r.Command,
		Checks: len(r.plan.Checks), Tables: len(r.plan.Tables), Resources: collected.Totals.Rows, Calls: collected.Totals.Calls,
		Retries: collected.Totals.Retries, Throttles: collected.Totals.Throttles, Bytes: collected.Totals.Bytes,
	}
	for _, a := range accounts {
		account := report.Account{ID: a.ID, Name: a.Name, Partition: a.Partition, Regions: a.Regions}
		if a.Err != nil {
			account.Error = a.Err.Error()
		}
		header.Accounts = append(header.Accounts, account)
	}
	return header
}

func explained(checks []*plan.Check) map[string]*content.Check {
	specs := make(map[string]*content.Check, len(checks))
	for _, c := range checks {
		specs[c.ID] = c.Spec
	}
	return specs
}

// incomplete says whether something that was asked for could not be told. What does not exist somewhere is no gap.
func incomplete(cells []collect.Cell) bool {
	for _, cell := range cells {
		if cell.Status != collect.OK && cell.Status != collect.Unsupported && cell.Status != collect.Skipped {
			return true
		}
	}
	return false
}

// write puts every table into the lake.
func (r *runner) write(ctx context.Context, writer *lake.Writer, store *inventory.Store, outcome *Outcome, scannedAccounts []provider.Account) error {
	db, cells, header := outcome.db, outcome.Result.Coverage, outcome.Result.Scan
	summary, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("describe the scan: %w", err)
	}
	status := "complete"
	if incomplete(cells) {
		status = "incomplete"
	}
	scanned := make([]inventory.Check, len(r.plan.Checks))
	var checks, accounts []string
	for i, c := range r.plan.Checks {
		scanned[i] = inventory.Check{Check: c.Spec, Requirements: r.Requirements[c.ID], Params: r.Settings.Asked(c.Spec)}
		checks = append(checks, c.ID)
	}
	for _, a := range header.Accounts {
		accounts = append(accounts, a.ID)
	}
	if err := errors.Join(
		store.AddCoverage(ctx, cells), store.AddChecks(ctx, scanned), store.AddObjectives(ctx, r.Library.Objectives),
		store.AddScan(ctx, inventory.Scan{
			ID: r.id, Provider: header.Provider, Started: header.Started, Finished: header.Finished, Status: status, Version: r.Version, Summary: summary,
		}),
	); err != nil {
		return err
	}
	for _, t := range r.plan.Tables {
		if err := writer.WriteTable(ctx, db, t.Table.Name, accounts, reachOfTable(r.Catalog.Tables, t.Table), groupsOf(t)); err != nil {
			return err
		}
	}
	for _, name := range []string{"findings", "coverage", "scans", "checks", "objectives"} {
		if err := writer.WriteTable(ctx, db, name, nil, lake.ReachAccount, lake.Groups{}); err != nil {
			return err
		}
	}
	return writer.Commit(ctx, func(m *lake.Manifest) {
		m.Finished, m.Accounts, m.Checks, m.Scan = header.Finished, accounts, checks, summary
		m.Reach, m.Regions = reachOfChecks(r.Catalog.Tables, r.plan.Checks), r.visited(scannedAccounts)
	})
}
