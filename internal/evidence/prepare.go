package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// questions are the content that verdicts are asked with, proved to be harmless.
type questions struct {
	tables    map[string]*plan.Table
	checks    map[string]*plan.Check
	functions []*content.Function
	files     map[string]*tableFile // of the bundle, by table
	problems  []string              // what of it cannot be asked, and why
}

// preparer reads the content of a bundle. What is word for word the program's own is taken from there, as it was proved when the program
// was built; all other SQL passes the gate that users' own content does, before anything of it is run, and what checks read is
// told from the SQL, not from what the bundle says.
type preparer struct {
	*archive
	*questions
	known     *Current // nil: everything is proved anew
	functions bool     // all functions are the program's
	own       map[string]bool
	db        *database.DB
}

// prepare gives the questions of a bundle.
func (a *archive) prepare(ctx context.Context, known *Current) (_ *questions, err error) {
	q := &questions{tables: map[string]*plan.Table{}, checks: map[string]*plan.Check{}, files: map[string]*tableFile{}}
	p := &preparer{archive: a, questions: q, known: known, own: map[string]bool{}}
	if p.db, err = database.Open(ctx, database.Options{Threads: 1}); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	library := &content.Library{}
	if text, err := a.read(functionsName, maxContent); err != nil {
		q.problem(err)
	} else {
		library.Functions = readFunctions(string(text))
	}
	p.functions = p.areOwn(library.Functions)
	tables, err := p.readTables(ctx, library)
	if err != nil {
		return nil, err
	}
	files, own := p.readCheckFiles()
	if len(own) == len(files) && len(p.own) == len(tables) {
		q.take(tables, library.Functions, nil)
		maps.Copy(q.checks, own)
		return q, nil
	}
	planner, problems, err := plan.NewPlanner(ctx, tables, library.Functions)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, planner.Close()) }()
	q.take(tables, library.Functions, problems)
	maps.Copy(q.checks, own)
	return q, p.prepareChecks(ctx, planner, files)
}

// areOwn says whether functions are the program's.
func (p *preparer) areOwn(functions []*content.Function) bool {
	if p.known == nil {
		return false
	}
	return !slices.ContainsFunc(functions, func(f *content.Function) bool {
		return !slices.ContainsFunc(p.known.Library.Functions, func(own *content.Function) bool {
			return own.Name == f.Name && bytes.Equal(functionsSQL([]*content.Function{{Name: own.Name, SQL: own.SQL}}), functionsSQL([]*content.Function{f}))
		})
	})
}

func (q *questions) problem(err error) { q.problems = append(q.problems, err.Error()) }

// take keeps tables and functions without problems.
func (q *questions) take(tables []*plan.Table, functions []*content.Function, problems []plan.Problem) {
	wrong := map[string]bool{}
	for _, p := range problems {
		if p.Severity == plan.SeverityError {
			wrong[p.Subject] = true
			q.problems = append(q.problems, p.Error())
		}
	}
	for _, t := range tables {
		if !wrong["table "+t.Name] {
			q.tables[t.Name] = t
		}
	}
	for _, f := range functions {
		if !wrong["function "+f.Name] {
			q.functions = append(q.functions, f)
		}
	}
}

// documentsTable is what the SQL of collected tables reads. See plan.
const documentsTable = "documents"

var documentsColumns = []string{"account_id", "partition", "region", "collected_at", "doc", "raw"}

// readTables gives the tables of the bundle: collected ones as they were prepared, the others prepared anew, since no API has to be known
// for that.
func (p *preparer) readTables(ctx context.Context, library *content.Library) ([]*plan.Table, error) {
	var tables []*plan.Table
	var others []*content.Table
	for _, name := range p.below("content/tables/") {
		t, f, err := p.readTable(ctx, name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			p.problem(err)
			continue
		}
		p.files[name] = f
		library.Tables = append(library.Tables, t.Spec)
		if t.Spec.List != nil || p.own[name] {
			tables = append(tables, t)
		} else {
			others = append(others, t.Spec)
		}
	}
	if len(others) == 0 {
		return tables, nil
	}
	preparer, err := plan.NewPreparer(ctx, nil, library)
	if err != nil {
		return nil, err
	}
	made, problems := preparer.Tables(ctx, others)
	for _, wrong := range problems {
		if wrong.Severity == plan.SeverityError {
			p.problems = append(p.problems, wrong.Error())
		}
	}
	return append(tables, made...), errors.Join(ctx.Err(), preparer.Close())
}

func (p *preparer) readTable(ctx context.Context, name string) (*plan.Table, *tableFile, error) {
	text, err := p.read(tableName(name), maxContent)
	if err != nil {
		return nil, nil, err
	}
	f := &tableFile{}
	if err := decode(text, f); err != nil {
		return nil, nil, fmt.Errorf("%s, %w", tableName(name), err)
	}
	if f.Name != name {
		return nil, nil, fmt.Errorf("%s: it is of %q", tableName(name), f.Name)
	}
	if own := p.ownTable(name, text); own != nil {
		p.own[name] = true
		return own, f, nil
	}
	t, err := f.table()
	if err == nil {
		err = gateTable(ctx, p.db, t)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", tableName(name), err)
	}
	return t, f, nil
}

// ownTable is the program's table of a name, if it is the one in the bundle; nil if not. Whether what lies below it is so as well, the
// checks that read it must ask.
func (p *preparer) ownTable(name string, text []byte) *plan.Table {
	if p.known == nil || !p.functions || p.known.Catalog.Tables[name] == nil {
		return nil
	}
	t := *p.known.Catalog.Tables[name] // a planner completes it
	f, err := newTableFile(&t)
	if err != nil {
		return nil
	}
	if own, err := indented(f); err != nil || !bytes.Equal(own, text) {
		return nil
	}
	return &t
}

// gateTable proves what is written into statements of a collected table: its types and its query.
func gateTable(ctx context.Context, db *database.DB, t *plan.Table) error {
	for _, c := range t.Columns {
		if _, err := plan.ParseType(c.Type); err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
		// The type must be one, and nothing else may stand beside it.
		if _, err := db.GateExpression(ctx, "CAST(NULL AS "+c.Type+")", database.Rules{}); err != nil {
			return fmt.Errorf("column %s: type %s: %w", c.Name, c.Type, err)
		}
	}
	if t.Spec.List == nil {
		return nil // the planner's gate sees all of it
	}
	_, err := db.Gate(ctx, t.Select, database.Rules{Columns: func(table string) []string {
		if table == documentsTable {
			return documentsColumns
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("select: %w", err)
	}
	return nil
}

// readCheckFiles reads the checks of the bundle, and gives those that are the program's own.
func (p *preparer) readCheckFiles() (files []*checkFile, own map[string]*plan.Check) {
	own = map[string]*plan.Check{}
	shared := p.known.shared()
	for _, id := range p.below("content/checks/") {
		f, text, err := p.readCheckFile(id)
		if err != nil {
			p.problem(err)
			continue
		}
		files = append(files, f)
		if check := p.ownCheck(id, text, shared); check != nil {
			own[id] = check
		}
	}
	return files, own
}

func (p *preparer) readCheckFile(id string) (*checkFile, []byte, error) {
	text, err := p.read(checkName(id), maxContent)
	if err != nil {
		return nil, nil, err
	}
	f := &checkFile{}
	if err := decode(text, f); err != nil {
		return nil, nil, fmt.Errorf("%s, %w", checkName(id), err)
	}
	if f.ID != id {
		return nil, nil, fmt.Errorf("%s: it is of %q", checkName(id), f.ID)
	}
	return f, text, nil
}

// ownCheck is the program's check of an id, if it is the one in the bundle and so is all that it reads; nil if not.
func (p *preparer) ownCheck(id string, text []byte, shared map[string][]*content.Param) *plan.Check {
	if p.known == nil || !p.functions || p.known.Catalog.Checks[id] == nil {
		return nil
	}
	check := p.known.Catalog.Checks[id]
	f, err := newCheckFile(check, shared[check.Spec.Provider])
	if err != nil {
		return nil
	}
	if own, err := indented(f); err != nil || !bytes.Equal(own, text) {
		return nil
	}
	for _, t := range closure([]*plan.Check{check}, p.known.Catalog.Tables) {
		if !p.own[t.Name] {
			return nil
		}
	}
	return withParams(check, shared)
}

// withParams gives a check whose own parameters are all that it reads.
func withParams(check *plan.Check, shared map[string][]*content.Param) *plan.Check {
	own, spec := *check, *check.Spec
	spec.Params = paramsOf(check.Spec, shared[spec.Provider])
	own.Spec = &spec
	return &own
}

// shared are the parameters that all checks of a provider may read.
func (c *Current) shared() map[string][]*content.Param {
	if c == nil {
		return nil
	}
	shared := map[string][]*content.Param{}
	for _, p := range c.Library.Providers {
		shared[p.ID] = p.Params
	}
	return shared
}

// prepareChecks prepares the checks that are not there yet, several at once.
func (p *preparer) prepareChecks(ctx context.Context, planner *plan.Planner, files []*checkFile) error {
	files = slices.DeleteFunc(files, func(f *checkFile) bool { return p.checks[f.ID] != nil })
	checks, errs := make([]*plan.Check, len(files)), make([]error, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			checks[i], errs[i] = f.prepare(ctx, planner)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, f := range files {
		if errs[i] != nil {
			p.problem(fmt.Errorf("%s: %w", checkName(f.ID), errs[i]))
			continue
		}
		p.checks[f.ID] = checks[i]
	}
	return nil
}

func (f *checkFile) prepare(ctx context.Context, planner *plan.Planner) (*plan.Check, error) {
	spec, err := f.spec()
	if err != nil {
		return nil, err
	}
	check, problems := planner.PrepareCheck(ctx, spec, nil)
	if check == nil {
		var said []string
		for _, p := range problems {
			said = append(said, p.Message)
		}
		return nil, fmt.Errorf("it cannot be asked: %s", strings.Join(said, "; "))
	}
	check.FoundOnPass = f.FoundOnPass
	return check, nil
}

// asked gives the checks of a scan with the values of parameters that it asked them with.
func (q *questions) asked(scan *scanManifest) (checks []*plan.Check, err error) {
	for _, id := range scan.Checks {
		check := q.checks[id]
		if check == nil {
			continue // told already, or the verdicts will be missing
		}
		own, spec := *check, *check.Spec
		spec.Params = slices.Clone(spec.Params)
		for name, text := range scan.Parameters[id] {
			i := slices.IndexFunc(spec.Params, func(p *content.Param) bool { return p.Name == name })
			if i < 0 {
				continue // nothing reads it any more
			}
			p := *spec.Params[i]
			if p.Default, err = paramValue(p.Type, text); err != nil {
				return nil, fmt.Errorf("%s: parameter %s of %s: %w", manifestName, name, id, err)
			}
			spec.Params[i] = &p
		}
		own.Spec = &spec
		checks = append(checks, &own)
	}
	return checks, nil
}

// current are the questions of the program's own content for the checks of a bundle.
func (a *archive) current(ctx context.Context, now *Current) (*questions, error) {
	q := &questions{tables: now.Catalog.Tables, checks: map[string]*plan.Check{}, functions: now.Library.Functions, files: map[string]*tableFile{}}
	shared := now.shared()
	for _, id := range a.below("content/checks/") {
		if check := now.Catalog.Checks[id]; check != nil {
			q.checks[id] = withParams(check, shared)
		}
	}
	for _, name := range a.below("content/tables/") {
		text, err := a.read(tableName(name), maxContent)
		if err == nil {
			f := &tableFile{}
			if err = decode(text, f); err == nil {
				q.files[name] = f
			}
		}
		if err != nil {
			q.problem(fmt.Errorf("%s, %w", tableName(name), err))
		}
	}
	return q, ctx.Err()
}

// beyond are the column groups of a table that a bundle can say nothing of, with the cause: those that were not there when it was written,
// and those of columns that are read of secrets now and were not then.
func (q *questions) beyond(t *plan.Table) map[string]string {
	f := q.files[t.Name]
	if f == nil {
		return nil
	}
	causes := map[string]string{}
	for _, c := range t.Spec.Get {
		if !slices.ContainsFunc(f.Groups, func(g groupFile) bool { return g.Name == c.Name }) {
			causes[c.Name] = "skipped: " + c.Service + ":" + c.Op + " was not asked for when the evidence was collected"
		}
	}
	for _, name := range givenColumns(t) {
		if slices.Contains(f.Given, name) {
			continue
		}
		for _, c := range t.Columns {
			if c.Name == name && causes[name] == "" {
				for _, group := range c.Groups {
					causes[group] = "skipped: what " + name + " is read of is masked in the evidence"
				}
			}
		}
	}
	return causes
}
