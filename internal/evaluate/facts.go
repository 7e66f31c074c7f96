package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/plan"
)

// facts are what is so of all rows of a scan. They spare jobs what could change nothing: to look for gaps where there are none,
// and to tell apart rows that nothing confuses. Half of a job's time goes into the planning of its SQL, so that this counts
// even where tables are small. Fixtures have none: they are asked the whole way.
type facts struct {
	gaps   map[plan.Ref]bool // tables and groups, as Column, of which the ledger has a gap
	tables map[string]tableFacts
}

type tableFacts struct {
	empty   bool
	single  bool            // no two rows have the same id; false where nobody asks
	unknown map[string]bool // the groups that some row does not know
}

// survey looks at the tables that jobs are about or rest on.
func (s store) survey(ctx context.Context, jobs []*job, gaps []gap) (*facts, error) {
	f := &facts{gaps: map[plan.Ref]bool{}, tables: map[string]tableFacts{}}
	for _, g := range gaps {
		f.gaps[plan.Ref{Table: g.table, Column: g.group}] = true
	}
	wanted, found := map[string]*plan.Table{}, map[string]bool{} // those in which queries find rows by id
	for _, j := range jobs {
		wanted[j.table.Name] = j.table
		found[j.table.Name] = found[j.table.Name] || j.check.Spec.Query != ""
		for _, n := range j.needs {
			wanted[n.table.Name] = n.table
		}
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for name, table := range wanted {
		group.Go(func() error {
			t, err := look(ctx, s.db, table, found[name])
			if err != nil {
				return fmt.Errorf("look at %s: %w", name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			f.tables[name] = t
			return nil
		})
	}
	return f, group.Wait()
}

// prepare tells the jobs what is so of all rows.
func (s store) prepare(ctx context.Context, jobs []*job, gaps []gap) error {
	f, err := s.survey(ctx, jobs, gaps)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		j.facts = f
	}
	return nil
}

// idle says that there is nothing to ask: a row check of a table without rows. What could not be listed is told apart.
func (j *job) idle() bool { return !j.spread && j.facts.isEmpty(j.table.Name) }

func look(ctx context.Context, db *sql.DB, table *plan.Table, byID bool) (t tableFacts, err error) {
	name, single := quoteName(table.Name), "false"
	if byID {
		single = "count(id) = count(DISTINCT id)"
	}
	unknown := "[]::VARCHAR[]"
	if slices.ContainsFunc(table.Columns, func(c plan.Column) bool { return c.Name == "unknown" }) {
		unknown = "(SELECT coalesce(list(DISTINCT key), []) FROM (SELECT unnest(map_keys(unknown)) AS key FROM " + name + " WHERE unknown IS NOT NULL))"
	}
	var groups []any
	row := db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) = 0, %s, %s FROM %s", single, unknown, name))
	if err := row.Scan(&t.empty, &t.single, &groups); err != nil {
		return t, err
	}
	t.unknown = map[string]bool{}
	for _, g := range groups {
		t.unknown[g.(string)] = true
	}
	return t, nil
}

// doubtful are those of some groups that a row of the table may not know.
func (f *facts) doubtful(table string, groups []string) []string {
	if f == nil {
		return groups
	}
	return slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return !f.tables[table].unknown[g] })
}

// amiss are those of some groups of which the ledger has a gap.
func (f *facts) amiss(table string, groups []string) []string {
	if f == nil {
		return groups
	}
	return slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return !f.gaps[plan.Ref{Table: table, Column: g}] })
}

// isEmpty says that a table has no rows, so that nothing is to be asked of any.
func (f *facts) isEmpty(table string) bool { return f != nil && f.tables[table].empty }

// isSingle says that an id means one row at most.
func (f *facts) isSingle(table string) bool { return f != nil && f.tables[table].single }

// whole says that nothing is missing of what a spread check reads.
func (f *facts) whole(needs []need) bool {
	if f == nil {
		return false
	}
	return !slices.ContainsFunc(needs, func(n need) bool {
		return len(f.doubtful(n.table.Name, n.groups)) > 0 || len(f.amiss(n.table.Name, n.groups)) > 0
	})
}
