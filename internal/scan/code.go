package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/discover"
	"github.com/stancehq/stance/internal/iac/mapping"
	"github.com/stancehq/stance/internal/iac/suppress"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// CodeProvider is what scans of code are said to be of.
const CodeProvider = "code"

// CodeOptions are those of Code. Root, Library, Checks, and Catalog or Restore must be set.
type CodeOptions struct {
	Root fs.FS // the folder that is scanned
	// Folder is where Root lies below the root of its repository, with slashes; empty if it is that, or nobody knows.
	Folder string
	Read   discover.Options

	Library  *content.Library
	Catalog  *plan.Catalog
	Settings *content.Settings
	Checks   []*plan.Check // those that cannot be asked of code are left out
	// Restore gives what concerns some tables alone, where Catalog is nil. Then Checks need only tell their specs.
	Restore func(tables []string) (*plan.Catalog, error)

	Memory  int64
	Timeout time.Duration
	Version string
	Command string
	Stage   func(Stage)
	Logger  *slog.Logger
	Now     func() time.Time
	// Fixes bounds the search for patches; the zero value looks for none.
	Fixes FixLimits
}

// Stages that only scans of code have.
const (
	Reading Stage = "reading the code"
	Fixing  Stage = "proving patches"
)

// CodeOutcome is what a scan of code found. Close gives its memory back; until then the result's findings can be read.
type CodeOutcome struct {
	Result report.Result
	Code   *discover.Code
	Fixes  FixStats
	db     *database.DB
}

// Close gives the database's memory back.
func (o *CodeOutcome) Close() error { return o.db.Close() }

// codeRunner is a scan of code on its way.
type codeRunner struct {
	CodeOptions
	started time.Time
	catalog *plan.Catalog // in which each column is a group of its own
	code    *discover.Code
	rows    *codeRows
	checks  []*plan.Check
	// suppress knows what the user said that nobody need act on.
	suppress *suppress.List
	db       *database.DB
	// accounts are those of units that stand for others.
	accounts map[*iac.Unit]string
	fixes    map[findingKey]*evaluate.Patch
	fixStats FixStats
}

// Code reads all code below a folder, turns its resources into the rows of the tables that live scans fill, and asks the checks that
// code can answer.
func Code(ctx context.Context, o CodeOptions) (_ *CodeOutcome, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Stage == nil {
		o.Stage = func(Stage) {}
	}
	r := &codeRunner{CodeOptions: o, started: o.Now().UTC()}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	if err := r.suppressions(ctx); err != nil {
		return nil, err
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.db.Close())
		}
	}()
	return r.finish(ctx)
}

// read reads the code and makes its rows.
func (r *codeRunner) read(ctx context.Context) (err error) {
	r.Stage(Reading)
	if r.code, err = discover.Read(ctx, r.Root, r.Read); err != nil {
		return err
	}
	if r.Catalog == nil {
		tables := mapping.Concerned(r.Library.Tables, r.code.Units)
		if r.Catalog, err = r.Restore(tables); err != nil {
			return err
		}
	}
	return r.mapRows()
}

// open opens the database that the rows are loaded into.
func (r *codeRunner) open(ctx context.Context) (err error) {
	r.db, err = database.Open(ctx, database.Options{Memory: cmp.Or(r.Memory, DefaultMemory), Threads: 1, Logger: r.Logger})
	return err
}

// suppressions reads what the code and the settings say that nobody need act on.
func (r *codeRunner) suppressions(ctx context.Context) (err error) {
	known := make([]string, len(r.Checks))
	for i, c := range r.Checks {
		known[i] = c.ID
	}
	r.suppress, err = suppress.New(ctx, suppress.Options{
		Root: r.Root, Units: r.code.Units, Checks: known, Listed: r.Settings.Suppressions(), Now: r.started, Limits: r.Read.Limits,
	})
	return err
}

// ask loads the rows and asks the checks. The index tells what their findings are about.
func (r *codeRunner) ask(ctx context.Context) (*codeIndex, error) {
	r.Stage(Loading)
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	places, err := r.locate(ctx)
	if err != nil {
		return nil, err
	}
	r.Stage(Evaluating)
	_, err = evaluate.Run(ctx, r.db.DB, evaluate.Options{
		Tables: r.catalog.Tables, Checks: r.checks, Cells: r.rows.cells(r.tables()), Settings: r.Settings, EmitPass: true, Timeout: r.Timeout,
	}, nil)
	return places, err
}

// finish asks the checks and gives the result.
func (r *codeRunner) finish(ctx context.Context) (*CodeOutcome, error) {
	places, err := r.ask(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.suggest(ctx, places); err != nil {
		return nil, err
	}
	outcome := &CodeOutcome{Code: r.code, Fixes: r.fixStats, db: r.db}
	outcome.Result = report.Result{Scan: r.header(), Checks: explained(r.checks), Findings: r.located(evaluate.Findings(ctx, r.db.DB), places)}
	if outcome.Result.Summary, err = report.Summarize(outcome.Result.Findings); err != nil {
		return nil, err
	}
	// Only now is it known which suppressions hold for nothing.
	outcome.Result.Scan.Code = r.stats()
	outcome.Result.Coverage = codeCoverage(outcome.Result.Scan.Code)
	return outcome, nil
}

func (r *codeRunner) header() report.Scan {
	header := report.Scan{
		ID: newID(r.started, CodeProvider), Provider: CodeProvider, Started: r.started, Finished: r.Now().UTC(), Version: r.Version, Command: r.Command, Folder: r.Folder,
		Checks: len(r.checks), Tables: len(r.rows.lines), Resources: r.rows.count,
	}
	for _, p := range r.rows.places {
		header.Accounts = append(header.Accounts, report.Account{ID: p.unit.Path})
	}
	return header
}

// tables are those that the checks read, base tables and derived ones, each once.
func (r *codeRunner) tables() []*plan.Table {
	var all []*plan.Table
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		t := r.catalog.Tables[name]
		if t == nil || seen[name] {
			return
		}
		seen[name] = true
		for _, over := range t.Over {
			add(over)
		}
		for _, ref := range t.Reads {
			add(ref.Table)
		}
		all = append(all, t)
	}
	for _, c := range r.checks {
		add(c.Spec.Resource)
		for _, name := range c.Tables {
			add(name)
		}
		for _, ref := range c.Refs() {
			add(ref.Table)
		}
	}
	return all
}

// load makes the tables that the checks read and fills those that have rows.
func (r *codeRunner) load(ctx context.Context) error {
	tables := r.tables()
	if err := evaluate.CreateFunctions(ctx, r.db.DB, plan.FunctionsOf(tables, r.checks, r.Library.Functions)); err != nil {
		return err
	}
	store, err := inventory.New(ctx, r.db, r.started)
	if err != nil {
		return err
	}
	store.Deriving = runtime.GOMAXPROCS(0) // the rows of code are few
	var derived []*plan.Table
	group, loading := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, t := range tables {
		if t.Spec.List == nil {
			derived = append(derived, t)
			continue
		}
		group.Go(func() error { return r.loadTable(loading, store, t) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, t := range tables {
		if !slices.ContainsFunc(r.rows.lines[t.Name], func(line codeRow) bool { return line.place.unit.OfObjects() }) {
			continue
		}
		if err := r.refuse(ctx, t); err != nil {
			return err
		}
	}
	return store.Derive(ctx, derived)
}

// loadTable makes a table and fills it with the rows that it has.
func (r *codeRunner) loadTable(ctx context.Context, store *inventory.Store, t *plan.Table) error {
	if err := store.CreateTable(ctx, t); err != nil {
		return err
	}
	if len(r.rows.lines[t.Name]) == 0 {
		return nil
	}
	if _, err := store.Load(ctx, t, r.rows.read(t.Name, r.started)); err != nil {
		return err
	}
	if _, err := store.Settle(ctx, t); err != nil {
		return fmt.Errorf("settle %s: %w", t.Name, err)
	}
	return nil
}
