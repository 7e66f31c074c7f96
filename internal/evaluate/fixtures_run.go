package evaluate

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// allPrefix begins the names of the tables that hold the rows of all cases. Under its own name a table is found only in the statement
// of a job: there it is the rows of one case.
const allPrefix = "stance_all_"

// caseNumber is SQL for the case that a row is of.
const caseNumber = "unknown['" + fixtureKey + "']::INTEGER"

// askedCase is SQL for the number of the case that a connection asks about. It is in a table, not a parameter: DuckDB binds and plans a
// statement with parameters anew for each run, which costs more than to run it.
const askedCase = "FROM stance_asked"

// run loads all documents and asks all checks.
func (t *tester) run(ctx context.Context) error {
	s := store{db: t.db.DB}
	if err := s.reset(ctx); err != nil {
		return err
	}
	if err := s.addGaps(ctx, t.gaps); err != nil {
		return err
	}
	if err := t.load(ctx); err != nil {
		return err
	}
	if err := t.derive(ctx); err != nil {
		return err
	}
	for _, j := range t.jobs {
		if j.spread && !t.apart {
			j.source.with = t.accountsOf(j)
			continue
		}
		if j.spread {
			var err error
			if j.source.with, err = t.oneCase(j, askedCase); err != nil {
				return err
			}
			continue
		}
		j.source.from = t.casesOf(j)
		j.source.row = caseNumber
	}
	return runJobs(ctx, t.db.DB, t.jobs, 0, DefaultTimeout*time.Duration(len(t.cases)+1)) // take limits each case
}

// casesOf is SQL for the rows of a row check's cases.
func (t *tester) casesOf(j *job) string {
	return fmt.Sprintf("(SELECT * FROM %s WHERE unknown[%s] IN (%s))", quoteName(allPrefix+j.table.Name), quoteText(fixtureKey), numbersOf(j))
}

// numbersOf are the numbers of a job's cases as SQL texts.
func numbersOf(j *job) string {
	numbers := make([]string, len(j.source.cases))
	for i, n := range j.source.cases {
		numbers[i] = quoteText(strconv.Itoa(n))
	}
	return strings.Join(numbers, ", ")
}

// oneCase is SQL for after WITH that puts in the place of each table that a spread check reads the rows of the one case whose number
// is asked.
func (t *tester) oneCase(j *job, asked string) (string, error) {
	parts := []string{fmt.Sprintf("stance_gap AS MATERIALIZED (SELECT * FROM %sstance_gap WHERE fixture::VARCHAR IN (%s))", allPrefix, asked)}
	left := t.tablesOf(j)
	for len(left) > 0 {
		var waiting []*plan.Table
		for _, table := range left {
			name := quoteName(table.Name)
			switch {
			case isData(table): // a table of its own: all cases see the same rows
			case table.Spec.List != nil && !t.filled[filling{j, table.Name}]: // so empty that the plan need not think of it
				parts = append(parts, fmt.Sprintf("%s AS NOT MATERIALIZED (SELECT * FROM %s WHERE false)", name, quoteName(allPrefix+table.Name)))
			case table.Spec.List != nil:
				parts = append(parts, fmt.Sprintf("%s AS MATERIALIZED (SELECT * FROM %s WHERE unknown[%s] IN (%s))",
					name, quoteName(allPrefix+table.Name), quoteText(fixtureKey), asked))
			case slices.ContainsFunc(left, func(other *plan.Table) bool { return other != table && reads(table, other) }):
				waiting = append(waiting, table)
			default:
				parts = append(parts, fmt.Sprintf("%s AS MATERIALIZED (%s)", name, derived(table)))
			}
		}
		if len(waiting) == len(left) {
			return "", fmt.Errorf("derive %s: it reads itself through other derived tables", left[0].Name)
		}
		left = waiting
	}
	return strings.Join(parts, ",\n"), nil
}

// reads says whether a derived table's SELECT names another table.
func reads(table, other *plan.Table) bool {
	return slices.Contains(table.Over, other.Name) || slices.ContainsFunc(table.Reads, func(r plan.Ref) bool { return r.Table == other.Name })
}

// derived is SQL for the rows of a table that is not collected.
func derived(table *plan.Table) string {
	return fmt.Sprintf("SELECT * REPLACE (coalesce(collected_at, TIMESTAMPTZ '%s') AS collected_at) FROM (\n%s\n)",
		fixtureTime.Format("2006-01-02 15:04:05Z"), table.Select)
}

// isData says whether a table's rows are constant.
func isData(table *plan.Table) bool { return table.Spec.List == nil && !isDerived(table) }

// load makes the tables, several at once, and puts those that are collected out of the way of the names that SQL knows.
func (t *tester) load(ctx context.Context) error {
	var tables []*plan.Table
	for _, name := range sortedKeys(t.used) {
		switch table := t.catalog.Tables[name]; {
		case table.Spec.List != nil:
			tables = append(tables, table)
		case isData(table):
			if _, err := t.db.ExecContext(ctx, "CREATE TABLE "+quoteName(name)+" AS "+derived(table)); err != nil {
				return fmt.Errorf("fill %s: %w", name, err)
			}
		}
	}
	if err := t.loadTables(ctx, tables); err != nil {
		return err
	}
	names := []string{"stance_gap"}
	for _, table := range tables {
		names = append(names, table.Name)
	}
	for _, name := range names {
		if _, err := t.db.ExecContext(ctx, "ALTER TABLE "+quoteName(name)+" RENAME TO "+quoteName(allPrefix+name)); err != nil {
			return fmt.Errorf("part the rows of %s: %w", name, err)
		}
	}
	return nil
}

func (t *tester) loadTables(ctx context.Context, tables []*plan.Table) error {
	queue := make(chan *plan.Table)
	errs := make([]error, 2)
	var done sync.WaitGroup
	for w := range errs {
		done.Go(func() {
			for table := range queue {
				if errs[w] != nil {
					continue
				}
				if errs[w] = t.inventory.CreateTable(ctx, table); errs[w] == nil {
					_, errs[w] = t.inventory.Load(ctx, table, each(t.lines[table.Name]))
				}
				if errs[w] == nil {
					_, errs[w] = t.inventory.Compact(ctx, database.DefaultMemory)
				}
			}
		})
	}
	for _, table := range tables {
		queue <- table
	}
	close(queue)
	done.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func each(lines [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, line := range lines {
			if !yield(line, nil) {
				return
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// collectVerdicts completes what take found: by what needs no question, and by the words for defects.
func (t *tester) collectVerdicts(ctx context.Context) error {
	for _, c := range t.cases {
		switch {
		case c.refused != "":
			c.verdicts = append(c.verdicts, verdict{status: Unknown, cause: c.refused, account: fixtureAccount})
		case c.job.defect != "" || c.defect != "":
			cause := "defect: " + firstLine(cmp.Or(c.job.defect, c.defect))
			c.verdicts = []verdict{{status: Unknown, cause: cause, account: fixtureAccount}}
		}
		for i, v := range c.verdicts {
			if v.status != "DEFECT" {
				continue
			}
			where, key := caseNumber+" = ?", []any{c.number}
			if c.job.spread { // it sees the case's rows alone; of those one is meant that gives no answer
				where, key = try(always(c.job.clauses.when))+" IS NULL OR "+try(c.job.clauses.pass)+" IS NULL", nil
				var err error
				if c.job.source.with, err = t.oneCase(c.job, quoteText(strconv.Itoa(c.number))); err != nil {
					return err
				}
			}
			cause, err := c.job.explain(ctx, t.db.DB, where, key)
			if err != nil {
				return err
			}
			c.verdicts[i].status, c.verdicts[i].cause = Unknown, "defect: "+cause
		}
	}
	return nil
}
