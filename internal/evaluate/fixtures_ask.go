package evaluate

import (
	"context"
	"database/sql"
	"fmt"
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
			return conn.QueryContext(ctx, fmt.Sprintf("SELECT NULL, "+columns, j.sql()))
		}, func(rows *sql.Rows) error { return t.readTogether(j, rows) })
	case j.spread:
		return t.askEach(ctx, conn, j, fmt.Sprintf("SELECT NULL, "+columns, j.sql()))
	}
	return t.ask(ctx, func(ctx context.Context) (*sql.Rows, error) {
		return conn.QueryContext(ctx, fmt.Sprintf("SELECT a2, a3, a4, a5, NULL, NULL, NULL FROM (%s) v(a1, a2, a3, a4, a5) ORDER BY ALL", j.sql()))
	}, func(rows *sql.Rows) error { return t.read(rows, 0) })
}

// askEach asks a query of each case of a job, alone. A query that fails is a defect of that case.
func (t *tester) askEach(ctx context.Context, conn *sql.Conn, j *job, query string) error {
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
			func(rows *sql.Rows) error { return t.read(rows, number) })
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
	return eachVerdict(rows, func(said int, v verdict) {
		if said > 0 {
			number = said
		}
		c := t.cases[number-1]
		c.verdicts = append(c.verdicts, v)
	})
}

// eachVerdict hands over the verdicts that rows are, with the number of the case, 0 if they do not say it.
func eachVerdict(rows *sql.Rows, take func(number int, v verdict)) error {
	for rows.Next() {
		var number sql.NullInt64
		var v verdict
		var cause, found, account, region, place sql.NullString
		if err := rows.Scan(&number, &v.status, &cause, &found, &account, &region, &place); err != nil {
			return err
		}
		v.cause, v.found, v.account, v.region, v.place = cause.String, found.String, account.String, region.String, place.String
		take(int(number.Int64), v)
	}
	return rows.Err()
}
