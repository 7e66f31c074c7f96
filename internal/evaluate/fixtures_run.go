package evaluate

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

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
	for _, j := range t.jobs {
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
	numbers := make([]string, len(j.source.cases))
	for i, n := range j.source.cases {
		numbers[i] = "'" + strconv.Itoa(n) + "'"
	}
	return fmt.Sprintf("(SELECT * FROM %s WHERE unknown[%s] IN (%s))",
		quoteName(allPrefix+j.table.Name), quoteText(fixtureKey), strings.Join(numbers, ", "))
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

// take gives each case the verdicts that its job's query finds. They are read at once: a table in between would cost more than the
// question.
func (t *tester) take(ctx context.Context, conn *sql.Conn, j *job, query string) error {
	if !j.spread {
		return t.ask(ctx, 0, func(ctx context.Context) (*sql.Rows, error) {
			return conn.QueryContext(ctx, fmt.Sprintf("SELECT a2, a3, a4, a5, NULL, NULL, NULL FROM (%s) v(a1, a2, a3, a4, a5) ORDER BY ALL", query))
		})
	}
	if _, err := conn.ExecContext(ctx, "CREATE TEMP TABLE IF NOT EXISTS stance_asked AS SELECT '' AS number"); err != nil {
		return err
	}
	statement, err := conn.PrepareContext(ctx, fmt.Sprintf(
		"SELECT NULL, a3, a4, a5, a6, a7, coalesce(a8, '') || ' in ' || a7 FROM (%s) v(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) ORDER BY ALL", query,
	))
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, number := range j.source.cases {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("UPDATE stance_asked SET number = '%d'", number)); err != nil {
			return err
		}
		err := t.ask(ctx, number, func(ctx context.Context) (*sql.Rows, error) { return statement.QueryContext(ctx) })
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			t.cases[number-1].defect = err.Error() // on these rows alone
		}
	}
	return nil
}

// ask gives cases the verdicts that a query finds, in the time that a check may take in a scan.
func (t *tester) ask(ctx context.Context, number int, query func(context.Context) (*sql.Rows, error)) error {
	limited, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	rows, err := query(limited)
	if err == nil {
		err = t.read(rows, number)
	}
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("the check did not finish within %s", DefaultTimeout)
	}
	return err
}

// read gives cases the verdicts that rows are: the one of the number, or those that the rows say.
func (t *tester) read(rows *sql.Rows, number int) error {
	defer rows.Close()
	for rows.Next() {
		var said sql.NullInt64
		var v verdict
		var cause, found, account, region, place sql.NullString
		if err := rows.Scan(&said, &v.status, &cause, &found, &account, &region, &place); err != nil {
			return err
		}
		v.cause, v.found, v.account, v.region, v.place = cause.String, found.String, account.String, region.String, place.String
		of := number
		if said.Valid {
			of = int(said.Int64)
		}
		c := t.cases[of-1]
		c.verdicts = append(c.verdicts, v)
	}
	return rows.Err()
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
