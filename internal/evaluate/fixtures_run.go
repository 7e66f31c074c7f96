package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// allPrefix begins the names of the tables that hold the rows of all cases. Under a table's own name is a view of the rows of one
// case, which the connection's variable of the name fixtureKey says.
const allPrefix = "stance_all_"

// caseNumber is SQL for the case that a row is of.
const caseNumber = "unknown['" + fixtureKey + "']::INTEGER"

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
		if !j.spread {
			j.source.from = t.casesOf(j)
			j.source.row = caseNumber
		}
	}
	return runJobs(ctx, t.db.DB, t.jobs, 0, 0)
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

// load makes the tables, several at once, and then the views, each after those it reads.
func (t *tester) load(ctx context.Context) error {
	var tables, views []*plan.Table
	for _, name := range sortedKeys(t.used) {
		switch table := t.catalog.Tables[name]; {
		case table.Spec.List != nil:
			tables = append(tables, table)
		default:
			views = append(views, table)
		}
	}
	if err := t.loadTables(ctx, tables); err != nil {
		return err
	}
	for _, table := range tables {
		all, name := quoteName(allPrefix+table.Name), quoteName(table.Name)
		for _, query := range []string{
			"ALTER TABLE " + name + " RENAME TO " + all,
			fmt.Sprintf("CREATE VIEW %s AS SELECT * FROM %s WHERE unknown[%s] = getvariable(%[3]s)", name, all, quoteText(fixtureKey)),
		} {
			if _, err := t.db.ExecContext(ctx, query); err != nil {
				return fmt.Errorf("part the rows of %s: %w", table.Name, err)
			}
		}
	}
	for len(views) > 0 {
		var failed []*plan.Table
		var first error
		for _, table := range views {
			_, err := t.db.ExecContext(ctx, fmt.Sprintf("CREATE VIEW %s AS SELECT * REPLACE (coalesce(collected_at, TIMESTAMPTZ '%s') AS collected_at) FROM (\n%s\n)",
				quoteName(table.Name), fixtureTime.Format("2006-01-02 15:04:05Z"), table.Select))
			if err != nil {
				failed = append(failed, table)
				if first == nil {
					first = fmt.Errorf("derive %s: %s", table.Name, database.Message(err))
				}
			}
		}
		if len(failed) == len(views) {
			return first
		}
		views = failed
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

// selectCase makes the connection see the rows of one case.
func selectCase(ctx context.Context, conn *sql.Conn, number int) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf("SET VARIABLE %s = '%d'", fixtureKey, number))
	return err
}

// take gives each case the verdicts that its job's query finds. They are read at once: a table in between would cost more than the
// question.
func (t *tester) take(ctx context.Context, conn *sql.Conn, j *job, query string) error {
	form := "SELECT a2, a3, a4, a5, a6, a7, coalesce(a8, '') || ' in ' || a7 FROM (%s) v(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10)"
	if !j.spread {
		form = "SELECT a2, a3, a4, a5, NULL, NULL, NULL FROM (%s) v(a1, a2, a3, a4, a5)"
	}
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(form, query)+" ORDER BY ALL")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number int
		var v verdict
		var cause, found, account, region, place sql.NullString
		if err := rows.Scan(&number, &v.status, &cause, &found, &account, &region, &place); err != nil {
			return err
		}
		v.cause, v.found, v.account, v.region, v.place = cause.String, found.String, account.String, region.String, place.String
		c := t.cases[number-1]
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
		case c.job.defect != "":
			c.verdicts = []verdict{{status: Unknown, cause: "defect: " + firstLine(c.job.defect), account: fixtureAccount}}
		}
		for i, v := range c.verdicts {
			if v.status != "DEFECT" {
				continue
			}
			where, key := caseNumber+" = ?", []any{c.number}
			if c.job.spread { // the connection sees the case's rows alone; of those one is meant that gives no answer
				where, key = try(always(c.job.clauses.when))+" IS NULL OR "+try(c.job.clauses.pass)+" IS NULL", nil
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
