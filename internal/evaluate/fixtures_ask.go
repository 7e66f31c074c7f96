package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// take gives each case the verdicts that its job finds. They are read at once: a table in between would cost more than the question.
func (t *tester) take(ctx context.Context, conn *sql.Conn, j *job) error {
	const columns = "a3, a4, a5, a6, a7, coalesce(a8, '') || ' in ' || a7 FROM (%s) v(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) ORDER BY ALL"
	switch {
	case j.spread && !t.apart:
		if !j.isOfAccounts() {
			return nil
		}
		return t.ask(ctx, func(ctx context.Context) (*sql.Rows, error) {
			return conn.QueryContext(ctx, fmt.Sprintf("SELECT "+columns, j.sql()))
		}, func(rows *sql.Rows) error { return t.readTogether(j, rows) })
	case j.source.together:
		if err := t.askQuery(ctx, conn, j); err != nil {
			return err
		}
		return t.ask(ctx, func(ctx context.Context) (*sql.Rows, error) {
			return conn.QueryContext(ctx, fmt.Sprintf("SELECT a2::INTEGER, "+columns, j.sql()))
		}, func(rows *sql.Rows) error { return t.read(rows, 0) })
	case j.spread:
		return t.askEach(ctx, conn, j, fmt.Sprintf("SELECT NULL, "+columns, j.sql()), t.read)
	}
	return t.ask(ctx, func(ctx context.Context) (*sql.Rows, error) {
		return conn.QueryContext(ctx, fmt.Sprintf("SELECT a2, a3, a4, a5, NULL, NULL, NULL FROM (%s) v(a1, a2, a3, a4, a5) ORDER BY ALL", j.sql()))
	}, func(rows *sql.Rows) error { return t.read(rows, 0) })
}

// askEach asks a query of each case of a job, alone, and hands over what it gives. A query that fails is a defect of that case.
func (t *tester) askEach(ctx context.Context, conn *sql.Conn, j *job, query string, read func(rows *sql.Rows, number int) error) error {
	if _, err := conn.ExecContext(ctx, "CREATE TEMP TABLE IF NOT EXISTS stance_asked AS SELECT '' AS number"); err != nil {
		return err
	}
	statement, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, number := range j.source.cases {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("UPDATE stance_asked SET number = '%d'", number)); err != nil {
			return err
		}
		err := t.ask(ctx, func(ctx context.Context) (*sql.Rows, error) { return statement.QueryContext(ctx) },
			func(rows *sql.Rows) error { return read(rows, number) })
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			t.cases[number-1].defect = err.Error() // on these rows alone
		}
	}
	return nil
}

// ask hands over what a query gives, in the time that a check may take in a scan.
func (t *tester) ask(ctx context.Context, query func(context.Context) (*sql.Rows, error), read func(*sql.Rows) error) error {
	limited, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	rows, err := query(limited)
	if err == nil {
		defer rows.Close()
		if err = read(rows); err == nil {
			err = rows.Err()
		}
	}
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("the check did not finish within %s", DefaultTimeout)
	}
	return err
}

// read gives cases the verdicts that rows are: the one of the number, or those that the rows say.
func (t *tester) read(rows *sql.Rows, number int) error {
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

// answerColumns are those of the table answers, after _case, with their types.
var answerColumns = []struct{ name, typ string }{
	{"id", "VARCHAR"},
	{"pass", "BOOLEAN"},
	{"found", "VARCHAR"},
	{"account_id", "VARCHAR"},
	{"region", "VARCHAR"},
	{"name", "VARCHAR"},
}

// askQuery asks a check's query of each case alone, so that no case can touch another, and makes of what it gives the table of answers.
// What a scan does with the answers to one query is then done with all of them at once, part by part.
func (t *tester) askQuery(ctx context.Context, conn *sql.Conn, j *job) error {
	var lines []string
	query := "WITH " + j.source.with + "\nSELECT * FROM (\n" + strings.TrimRight(j.clauses.query, "; \t\r\n") + "\n)"
	err := t.askEach(ctx, conn, j, query, func(rows *sql.Rows, number int) error {
		got, err := readAnswers(rows, number)
		lines = append(lines, got...)
		return err
	})
	if err != nil {
		return err
	}
	typed := make([]string, len(answerColumns))
	for i, c := range answerColumns {
		typed[i] = "NULL::" + c.typ + " AS " + c.name
	}
	given := "SELECT NULL::VARCHAR AS _case, " + strings.Join(typed, ", ") + " WHERE false"
	if len(lines) > 0 {
		given += " UNION ALL VALUES " + strings.Join(lines, ",\n")
	}
	j.source.with = t.allCases(j) + ",\n" + answers + " AS (" + given + ")"
	return nil
}

// allCases is SQL for after WITH that puts in the place of each base table that the check rests on the rows of all cases of its job.
func (t *tester) allCases(j *job) string {
	numbers := numbersOf(j)
	parts := []string{fmt.Sprintf("stance_gap AS (SELECT *, fixture::VARCHAR AS _case FROM %sstance_gap WHERE fixture::VARCHAR IN (%s))", allPrefix, numbers)}
	tables := []string{j.table.Name}
	for _, n := range j.needs {
		tables = append(tables, n.table.Name)
	}
	slices.Sort(tables)
	for _, name := range slices.Compact(tables) {
		number := "unknown[" + quoteText(fixtureKey) + "]"
		parts = append(parts, fmt.Sprintf("%[1]s AS (SELECT *, %[2]s AS _case FROM %[3]s WHERE %[2]s IN (%[4]s))", quoteName(name), number, quoteName(allPrefix+name), numbers))
	}
	return strings.Join(parts, ",\n")
}

// readAnswers writes what a check's query gave for a case as lines of VALUES.
func readAnswers(rows *sql.Rows, number int) ([]string, error) {
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]any, len(names))
	into := make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	var lines []string
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		line := quoteText(strconv.Itoa(number))
		for _, c := range answerColumns {
			text := "NULL::" + c.typ
			i := slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, c.name) })
			if i >= 0 && values[i] != nil {
				text = "CAST(" + quoteText(fmt.Sprint(values[i])) + " AS " + c.typ + ")"
			}
			line += ", " + text
		}
		lines = append(lines, "("+line+")")
	}
	return lines, rows.Err()
}
