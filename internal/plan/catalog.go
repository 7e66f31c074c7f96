package plan

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/stancehq/stance/internal/content"
)

// APIs are the vendors' descriptions by the provider's id.
type APIs map[string]content.API

// Catalog is all prepared content of a run.
type Catalog struct {
	Tables map[string]*Table // by name
	Checks map[string]*Check // by id
}

// Prepare proves a library against the vendors' descriptions and the SQL engine, and tells all lineage. What has errors is
// left out of the catalog and reported; the error is for what is not the content's fault.
func Prepare(ctx context.Context, library *content.Library, apis APIs) (*Catalog, []Problem, error) {
	p, problems, err := prepare(ctx, library, apis)
	if err != nil {
		return nil, nil, err
	}
	return p.catalog, problems, p.planner.Close()
}

// prepared is a catalog with the planner that it was made with.
type prepared struct {
	catalog *Catalog
	planner *Planner
}

func prepare(ctx context.Context, library *content.Library, apis APIs) (*prepared, []Problem, error) {
	w := work{library: library, tables: library.Tables, checks: library.Checks, functions: library.Functions}
	p := &prepared{catalog: &Catalog{Tables: map[string]*Table{}, Checks: map[string]*Check{}}}
	var problems []Problem
	var err error
	p.planner, problems, err = w.do(ctx, apis, p.catalog)
	return p, problems, err
}

// work is a part of a library that is to be prepared, with what it rests on.
type work struct {
	library   *content.Library
	tables    []*content.Table
	checks    []*content.Check
	functions []*content.Function
	ready     []*Table // prepared earlier
}

// do adds what is right to a catalog. The planner must be closed.
func (w *work) do(ctx context.Context, apis APIs, catalog *Catalog) (_ *Planner, problems []Problem, err error) {
	planner, wrong, err := openPlanner(ctx, tableNames(w.library), w.functions)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, planner.Close())
		}
	}()
	tables, problems, err := planner.prepareTables(ctx, w.library, w.tables, apis)
	if err != nil {
		return nil, nil, err
	}
	more, err := planner.addTables(ctx, append(tables, w.ready...))
	if err != nil {
		return nil, nil, err
	}
	for _, t := range planner.tables {
		catalog.Tables[t.Name] = t
	}
	checks, mistakes, err := planner.prepareChecks(ctx, w.library, w.checks)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range checks {
		catalog.Checks[c.ID] = c
	}
	return planner, slices.Concat(problems, wrong, more, mistakes), nil
}

// prepareTables prepares some of the library's tables. The planner must have none yet.
func (p *Planner) prepareTables(ctx context.Context, library *content.Library, specs []*content.Table, apis APIs) (tables []*Table, problems []Problem, err error) {
	byProvider := map[string][]*content.Table{}
	for _, spec := range specs {
		byProvider[spec.Provider] = append(byProvider[spec.Provider], spec)
	}
	for _, provider := range slices.Sorted(maps.Keys(byProvider)) {
		specs := byProvider[provider]
		if apis[provider] == nil {
			for _, spec := range specs {
				t := &Table{Name: spec.Name, Spec: spec}
				problems = append(problems, t.problem("", "provider %q has no API description", provider))
			}
			continue
		}
		made, found := newPreparer(p, apis[provider], library).Tables(ctx, specs)
		tables, problems = append(tables, made...), append(problems, found...)
	}
	return tables, problems, ctx.Err()
}

// prepareChecks prepares some of the library's checks, several at once.
func (p *Planner) prepareChecks(ctx context.Context, library *content.Library, specs []*content.Check) ([]*Check, []Problem, error) {
	shared := map[string][]*content.Param{}
	for _, provider := range library.Providers {
		shared[provider.ID] = provider.Params
	}
	checks := make([]*Check, len(specs))
	problems := make([][]Problem, len(specs))
	err := each(ctx, len(specs), func(i int) {
		checks[i], problems[i] = p.PrepareCheck(ctx, specs[i], shared[specs[i].Provider])
	})
	checks = slices.DeleteFunc(checks, func(c *Check) bool { return c == nil })
	return checks, slices.Concat(problems...), err
}

// each does a piece of work for every number below n, on all cores.
func each(ctx context.Context, n int, work func(i int)) error {
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return ctx.Err()
}
