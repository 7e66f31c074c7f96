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

	// Account is the number of the account that all is deployed to; empty: what the code says of it, or nothing.
	Account string

	Library  *content.Library
	Catalog  *plan.Catalog
	Settings *content.Settings
	Checks   []*plan.Check // those that cannot be asked of code are left out
	// Requirements of frameworks that findings name, by check: see content.Library.Named.
	Requirements map[string][]string
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

// Leave takes the place of Close where the program ends: the memory stays.
func (o *CodeOutcome) Leave() error { return o.db.Leave() }

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
	// decidedBy are the columns of the resource that verdicts rest on, by check.
	decidedBy map[string][]string
	fixes     map[findingKey]*evaluate.Patch
	fixStats  FixStats
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
	opened := make(chan error, 1)
	go func() { opened <- r.open(ctx) }()
	err = r.prepare()
	if err == nil {
		err = r.suppressions(ctx)
	}
	if err := errors.Join(err, <-opened); err != nil {
		return nil, errors.Join(err, r.close())
	}
	outcome, err := r.finish(ctx)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return outcome, nil
}

// close gives the database's memory back, if it was opened.
func (r *codeRunner) close() error {
	if r.db == nil {
		return nil
	}
	return r.db.Close()
}

// read reads the code.
func (r *codeRunner) read(ctx context.Context) (err error) {
	r.Stage(Reading)
	r.code, err = discover.Read(ctx, r.Root, r.Read)
	return err
}

// prepare makes the rows of the code, and restores the content that can speak about them.
func (r *codeRunner) prepare() (err error) {
	if r.Catalog == nil {
		tables := mapping.Concerned(r.Library.Tables, r.code.Units)
		if r.Catalog, err = r.Restore(tables); err != nil {
			return err
		}
	}
	return r.mapRows()
}

// fewResources is up to how many the tables are small, whatever is derived of them.
const fewResources = 1000

// open opens the database that the rows are loaded into.
func (r *codeRunner) open(ctx context.Context) (err error) {
	resources := 0
	for _, unit := range r.code.Units {
		resources += len(unit.Resources)
	}
	r.db, err = database.Open(ctx, database.Options{
		Memory: cmp.Or(r.Memory, DefaultMemory), Threads: 1, FewRows: resources <= fewResources, Logger: r.Logger,
	})
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
		Tables: r.catalog.Tables, Checks: r.checks, Cells: r.rows.cells(r.tables()), Settings: r.Settings, Requirements: r.Requirements, EmitPass: true, Timeout: r.Timeout,
	}, nil)
	return places, err
}

// finish asks the checks and gives the result.
func (r *codeRunner) finish(ctx context.Context) (*CodeOutcome, error) {
	places, err := r.ask(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.blame(ctx, places); err != nil {
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
	store, err := inventory.New(ctx, r.db, r.started)
	if err != nil {
		return err
	}
	store.Deriving = runtime.GOMAXPROCS(0) // the rows of code are few
	// All tables are there before the first is loaded: a table that is made while a statement waits makes it be planned again.
	if err := r.each(ctx, tables, func(ctx context.Context, t *plan.Table) error { return store.CreateTable(ctx, t) }, func(ctx context.Context) error {
		return evaluate.CreateFunctions(ctx, r.db.DB, plan.FunctionsOf(tables, r.checks, r.Library.Functions))
	}); err != nil {
		return err
	}
	if err := r.each(ctx, tables, func(ctx context.Context, t *plan.Table) error { return r.loadTable(ctx, store, t) }); err != nil {
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
	return store.Derive(ctx, tables)
}

// each does something for each of the tables that are no derived ones, and some other things, as many at once as there are cores.
func (r *codeRunner) each(ctx context.Context, tables []*plan.Table, do func(context.Context, *plan.Table) error, others ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, other := range others {
		group.Go(func() error { return other(ctx) })
	}
	for _, t := range tables {
		if t.Spec.List != nil {
			group.Go(func() error { return do(ctx, t) })
		}
	}
	return group.Wait()
}

// loadTable fills a table with the rows that it has.
func (r *codeRunner) loadTable(ctx context.Context, store *inventory.Store, t *plan.Table) error {
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
