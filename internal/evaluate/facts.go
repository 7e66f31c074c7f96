package evaluate

import (
	"context"
	"fmt"
	"runtime"
	"slices"

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
	few     bool
	single  bool            // no two rows have the same id; false where nobody asks
	named   bool            // every row has an id; false where nobody asks
	unknown map[string]bool // the groups that some row does not know
	never   map[string]bool // the groups that no row knows
}

// prepare notes the rows that jobs judge and what the ledger says is missing, and tells the jobs what is so of all rows.
func (s store) prepare(ctx context.Context, jobs []*job, o Options) error {
	f := &facts{gaps: map[plan.Ref]bool{}}
	empty, err := s.empty(ctx)
	if err != nil {
		return fmt.Errorf("look for empty tables: %w", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	group.Go(func() error {
		gaps := gapsOf(o.Cells, jobs, o.Tables)
		for _, g := range gaps {
			f.gaps[plan.Ref{Table: g.table, Column: g.group}] = true
		}
		if err := s.addGaps(ctx, gaps); err != nil {
			return fmt.Errorf("prepare the coverage: %w", err)
		}
		return nil
	})
	surveys := surveysOf(jobs)
	for name, v := range surveys {
		if empty[name] {
			v.facts = tableFacts{empty: true, few: true, single: v.byID, named: v.byID}
			continue
		}
		group.Go(func() (err error) {
			if v.facts, err = s.look(ctx, v); err != nil {
				return fmt.Errorf("look at %s: %w", v.table.Name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	f.tables = make(map[string]tableFacts, len(surveys))
	for name, v := range surveys {
		f.tables[name] = v.facts
	}
	for _, j := range jobs {
		j.facts = f
	}
	return nil
}

// empty are the tables that never had a row. To ask each of them would take longer than all else that is asked about them.
func (s store) empty(ctx context.Context) (map[string]bool, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT table_name FROM duckdb_tables() WHERE estimated_size = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names[name] = true
	}
	return names, rows.Err()
}

// survey is what is asked about a table, and the answer.
type survey struct {
	table *plan.Table
	rows  bool // row checks judge its rows
	byID  bool // verdicts are about an id, and not a row
	facts tableFacts
}

// surveysOf are those of all tables that jobs are about or rest on, by name.
func surveysOf(jobs []*job) map[string]*survey {
	surveys := map[string]*survey{}
	of := func(t *plan.Table) *survey {
		if surveys[t.Name] == nil {
			surveys[t.Name] = &survey{table: t}
		}
		return surveys[t.Name]
	}
	for _, j := range jobs {
		v := of(j.table)
		v.rows = v.rows || !j.spread
		v.byID = v.byID || j.spread
		for _, n := range j.needs {
			of(n.table)
		}
	}
	return surveys
}

// idle says that there is nothing to ask: a check of the rows of a table without rows. What could not be listed is told apart, for row
// checks alone.
func (j *job) idle() bool {
	if !j.facts.isEmpty(j.table.Name) {
		return false
	}
	return !j.spread || j.check.Spec.Query == "" && j.facts.whole(j.needs)
}

// look gives what is so of all rows of a table, and notes the rows if they will be judged.
func (s store) look(ctx context.Context, v *survey) (t tableFacts, err error) {
	if v.rows {
		if err := s.addRows(ctx, v.table); err != nil {
			return t, err
		}
	}
	name, single := quoteName(v.table.Name), "false, false"
	if v.byID {
		single = "count(id) = count(DISTINCT id), count(id) = count(*)"
	}
	var rows int64
	row := s.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*), %s FROM %s", single, name))
	if err := row.Scan(&rows, &t.single, &t.named); err != nil {
		return t, err
	}
	t.empty, t.few = rows == 0, rows <= fewRows
	if t.empty || !slices.ContainsFunc(v.table.Columns, func(c plan.Column) bool { return c.Name == "unknown" }) {
		return t, nil
	}
	return t, s.lookForUnknown(ctx, name, rows, &t)
}

// lookForUnknown notes which groups some row, or no row at all, knows.
func (s store) lookForUnknown(ctx context.Context, name string, rows int64, t *tableFacts) error {
	found, err := s.db.QueryContext(ctx, "SELECT e.key, count(e.value) FROM (SELECT unnest(map_entries(unknown)) AS e FROM "+name+" WHERE unknown IS NOT NULL) GROUP BY ALL")
	if err != nil {
		return err
	}
	defer found.Close()
	t.unknown, t.never = map[string]bool{}, map[string]bool{}
	for found.Next() {
		var group string
		var n int64
		if err := found.Scan(&group, &n); err != nil {
			return err
		}
		t.unknown[group], t.never[group] = true, n == rows
	}
	return found.Err()
}

// neverKnown says that no row of a table knows all of some groups.
func (f *facts) neverKnown(table string, groups []string) bool {
	return f != nil && slices.ContainsFunc(groups, func(g string) bool { return f.tables[table].never[g] })
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

// isOneEach says that every row has an id, and no two the same.
func (f *facts) isOneEach(table string) bool { return f.isSingle(table) && f.tables[table].named }

// whole says that nothing is missing of what a spread check reads.
func (f *facts) whole(needs []need) bool {
	if f == nil {
		return false
	}
	return !slices.ContainsFunc(needs, func(n need) bool {
		return len(f.doubtful(n.table.Name, n.groups)) > 0 || len(f.amiss(n.table.Name, n.groups)) > 0
	})
}
