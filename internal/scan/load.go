package scan

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/inventory"
	"github.com/stancehq/stance/internal/plan"
)

// loaded is what became of a table's rows.
type loaded struct {
	table string
	inventory.Report
	inventory.Settled
}

// load fills the tables, as many at a time as there are cores: the database has one thread for each.
func (r *runner) load(ctx context.Context, store *inventory.Store, db *database.DB, collected *collect.Result) ([]loaded, error) {
	if err := evaluate.CreateFunctions(ctx, db.DB, r.Library.Functions); err != nil {
		return nil, err
	}
	group, loading := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	l := &loader{store: store, spool: collected.Spool, memory: r.databaseMemory()}
	var derived []*plan.Table
	for _, t := range r.plan.Tables {
		if t.Table.Spec.List == nil {
			derived = append(derived, t.Table)
			continue
		}
		group.Go(func() error { return l.load(loading, t.Table) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return l.all, store.Derive(ctx, derived)
}

// databaseMemory is the share of the database; the queue has the rest.
func (r *runner) databaseMemory() int64 { return r.Memory / 4 * 3 }

// loader fills tables from the spool.
type loader struct {
	store  *inventory.Store
	spool  *collect.Spool
	memory int64

	mu  sync.Mutex
	all []loaded
}

func (l *loader) load(ctx context.Context, t *plan.Table) error {
	if err := l.fill(ctx, t); err != nil {
		return err
	}
	_, err := l.store.Compact(ctx, l.memory)
	return err
}

func (l *loader) fill(ctx context.Context, t *plan.Table) error {
	if err := l.store.CreateTable(ctx, t); err != nil {
		return err
	}
	if l.spool.Count(t.Name) == 0 { // to plan the load of a wide table takes longer than to load it
		l.mu.Lock()
		defer l.mu.Unlock()
		l.all = append(l.all, loaded{table: t.Name})
		return nil
	}
	report, err := l.store.Load(ctx, t, l.spool.Rows(t.Name))
	if err != nil {
		return err
	}
	settled, err := l.store.Settle(ctx, t)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, loaded{t.Name, report, settled})
	return nil
}

// confessLost marks lists of which rows were lost on the way: nothing tells which of them had those. Verdicts must know it.
func (r *runner) confessLost(cells []collect.Cell, all []loaded) {
	for _, l := range all {
		if l.Lost == 0 {
			continue
		}
		for i := range cells {
			if c := &cells[i]; c.Table == l.table && c.Group == plan.GroupList && c.Rows > 0 {
				r.confess(c, l.Lost, fmt.Sprintf("broken: %d rows cannot be read: %s", l.Lost, l.Cause))
			}
		}
	}
}

// confessGaps puts into the ledger what was collected and is not known all the same. The rows themselves say so too, and verdicts
// follow them: a cell that is partial for the sake of one row makes no other unknown.
func (r *runner) confessGaps(cells []collect.Cell, all []loaded) {
	type key struct{ table, account, region, group string }
	places := make(map[key]*collect.Cell, len(cells))
	for i := range cells {
		c := &cells[i]
		places[key{c.Table, c.Account, c.Region, c.Group}] = c
	}
	for _, l := range all {
		for _, gap := range l.Gaps {
			for scope := range l.Scopes {
				if scope.Account != gap.Account || scope.Region != gap.Region {
					continue
				}
				if c := places[key{l.table, gap.Account, scope.Asked, gap.Group}]; c != nil {
					r.confess(c, gap.Rows, gap.Cause)
				}
			}
		}
	}
}

// confess makes a cell say that some of its rows are not known. A reason that it has already stays.
func (r *runner) confess(c *collect.Cell, rows int64, cause string) {
	if c.Status != collect.OK && c.Status != collect.Partial {
		return // nothing of it is known, or wanted
	}
	if c.Status == collect.OK {
		c.Status, c.Cause = collect.Partial, cause
		r.Logger.Warn("answers that cannot be read", "table", c.Table, "account", c.Account, "region", c.Region, "group", c.Group, "rows", rows, "cause", cause)
	}
	c.Failures += rows
}

// fold says what was listed more than once, and how many rows that took away.
func (r *runner) fold(all []loaded) (rows int64) {
	slices.SortFunc(all, func(a, b loaded) int { return int(b.Folded - a.Folded) })
	for _, l := range all {
		rows += l.Folded
		switch {
		case l.Differing > 0:
			r.Logger.Warn("resources were listed more than once, and not with the same contents: one row of each is kept",
				"table", l.table, "rows", l.Folded, "differing", l.Differing)
		case l.Folded > 0:
			r.Logger.Debug("resources were listed more than once", "table", l.table, "rows", l.Folded)
		}
	}
	return rows
}
