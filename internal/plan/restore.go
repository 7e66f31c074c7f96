package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Pack gives the catalog in the form in which packed content keeps it for Restore.
func (c *Catalog) Pack() (content.Prepared, error) {
	p := content.Prepared{Tables: map[string][]byte{}, Checks: map[string][]byte{}}
	for name, t := range c.Tables {
		own := *t
		own.Spec = nil
		text, err := content.Encode(&own)
		if err != nil {
			return p, fmt.Errorf("pack table %s: %w", name, err)
		}
		p.Tables[name] = text
	}
	for id, check := range c.Checks {
		own := *check
		own.Spec = nil
		text, err := content.Encode(&own)
		if err != nil {
			return p, fmt.Errorf("pack check %s: %w", id, err)
		}
		p.Checks[id] = text
	}
	return p, nil
}

// Restore gives the catalog of a library: packed content as it was prepared when it was packed, and what the user added or
// put in its place prepared now, along with all that rests on it.
func Restore(ctx context.Context, library *content.Library, pack *content.Pack, apis APIs) (*Catalog, []Problem, error) {
	r := &restorer{library: library, pack: pack, catalog: &Catalog{Tables: map[string]*Table{}, Checks: map[string]*Check{}}}
	if err := r.read(); err != nil {
		return nil, nil, fmt.Errorf("read the prepared content: %w", err)
	}
	if len(r.tables)+len(r.checks) == 0 && !r.more {
		return r.catalog, nil, nil
	}
	problems, err := r.prepare(ctx, apis)
	if err != nil {
		return nil, nil, err
	}
	return r.catalog, problems, nil
}

// restorer parts what can be taken from the pack from what must be prepared.
type restorer struct {
	library *content.Library
	pack    *content.Pack
	catalog *Catalog
	tables  []*content.Table // to be prepared
	checks  []*content.Check
	more    bool // functions that no pack proved
}

func (r *restorer) read() error {
	base, err := r.pack.Library()
	if err != nil {
		return err
	}
	stale := r.staleShared(base)
	r.more = len(r.library.Functions) > len(base.Functions)
	for _, spec := range r.library.Tables {
		t := &Table{}
		ok, err := r.take(stale, func() ([]byte, error) { return r.pack.PreparedTable(spec) }, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", spec.Name, err)
		}
		if !ok {
			r.tables = append(r.tables, spec)
			continue
		}
		t.Spec = spec
		r.catalog.Tables[spec.Name] = t
	}
	r.dropDerived()
	for _, spec := range r.library.Checks {
		c := &Check{}
		ok, err := r.take(stale, func() ([]byte, error) { return r.pack.PreparedCheck(spec) }, c)
		if err != nil {
			return fmt.Errorf("check %s: %w", spec.ID, err)
		}
		if !ok || !r.standsOn(c.Tables) {
			r.checks = append(r.checks, spec)
			continue
		}
		c.Spec = spec
		r.catalog.Checks[spec.ID] = c
	}
	return nil
}

// take reads what was prepared; false if there is nothing, or nothing that holds.
func (r *restorer) take(stale bool, read func() ([]byte, error), into any) (bool, error) {
	if stale {
		return false, nil
	}
	text, err := read()
	if err != nil || text == nil {
		return false, err
	}
	return true, content.Decode(text, into)
}

// staleShared says whether the user put something in the place of a function or a provider of the pack: then nothing that
// was prepared can be trusted.
func (r *restorer) staleShared(base *content.Library) bool {
	for _, f := range base.Functions {
		if !slices.Contains(r.library.Functions, f) {
			return true
		}
	}
	for _, p := range base.Providers {
		if !slices.Contains(r.library.Providers, p) {
			return true
		}
	}
	return false
}

// standsOn says whether all of the tables were taken from the pack.
func (r *restorer) standsOn(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return r.catalog.Tables[name] == nil })
}

// dropDerived gives up derived tables over tables that are prepared anew.
func (r *restorer) dropDerived() {
	for dropped := true; dropped; {
		dropped = false
		for _, name := range slices.Sorted(maps.Keys(r.catalog.Tables)) {
			if t := r.catalog.Tables[name]; !r.standsOn(t.Over) {
				delete(r.catalog.Tables, name)
				r.tables = append(r.tables, t.Spec)
				dropped = true
			}
		}
	}
}

// prepare prepares what could not be taken, beside what its SQL names: making all tables and functions would take longer
// than reading all else.
func (r *restorer) prepare(ctx context.Context, apis APIs) ([]Problem, error) {
	w := work{library: r.library, tables: r.tables, checks: r.checks, functions: r.library.Functions}
	for _, name := range slices.Sorted(maps.Keys(r.catalog.Tables)) {
		w.ready = append(w.ready, r.catalog.Tables[name])
	}
	part := w
	if err := r.narrow(&part); err != nil {
		return nil, err
	}
	problems, err := r.do(ctx, apis, &part)
	if err == nil && HasErrors(problems) {
		// A name may be misspelled: with everything in sight the message can say which was meant.
		problems, err = r.do(ctx, apis, &w)
	}
	return problems, err
}

func (r *restorer) do(ctx context.Context, apis APIs, w *work) ([]Problem, error) {
	planner, problems, err := w.do(ctx, apis, r.catalog)
	if err != nil {
		return nil, err
	}
	return problems, planner.Close()
}

// narrow leaves out the tables and functions that nothing to be prepared can come to.
func (r *restorer) narrow(w *work) error {
	base, err := r.pack.Library()
	if err != nil {
		return err
	}
	reach := newReach(w.ready, w.functions)
	for _, f := range w.functions {
		if !slices.Contains(base.Functions, f) { // not proved yet
			reach.text(f.Name)
		}
	}
	for _, t := range w.tables {
		reach.text(t.Derive)
		for _, c := range t.Columns {
			reach.text(c.SQL)
		}
	}
	for _, c := range w.checks {
		for _, text := range []string{c.Resource, c.When, c.Pass, c.Found, c.Query} {
			reach.text(text)
		}
	}
	w.ready = slices.DeleteFunc(slices.Clone(w.ready), func(t *Table) bool { return !reach.seen[strings.ToLower(t.Name)] })
	w.functions = slices.DeleteFunc(slices.Clone(w.functions), func(f *content.Function) bool { return !reach.seen[strings.ToLower(f.Name)] })
	return nil
}
