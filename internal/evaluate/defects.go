package evaluate

import (
	"context"
	"database/sql"
	"fmt"
)

// explainDefects turns verdicts that a clause could not give, although all that it reads is known, to UNKNOWN. The cause is the
// error of the clause on the first such row of the check.
func explainDefects(ctx context.Context, db *sql.DB, jobs []*job) error {
	for _, kind := range []struct{ examples, where, update string }{
		{
			"SELECT no, min(row)::VARCHAR, NULL, NULL FROM stance_verdict WHERE status = 'DEFECT' GROUP BY no ORDER BY no",
			"rowid = ?::BIGINT",
			"UPDATE stance_verdict SET status = 'UNKNOWN', cause = ? WHERE status = 'DEFECT' AND no = ?",
		},
		{
			`SELECT no, resource, account_id, region FROM stance_loose WHERE status = 'DEFECT'
QUALIFY row_number() OVER (PARTITION BY no ORDER BY account_id, region, resource) = 1 ORDER BY no`,
			"id = ? AND coalesce(account_id, '') = ? AND coalesce(region, 'global') = ?",
			"UPDATE stance_loose SET status = 'UNKNOWN', cause = ? WHERE status = 'DEFECT' AND no = ?",
		},
	} {
		examples, err := readExamples(ctx, db, kind.examples)
		if err != nil {
			return err
		}
		for _, e := range examples {
			cause, err := jobs[e.no].explain(ctx, db, kind.where, e.key)
			if err != nil {
				return err
			}
			if _, err := db.ExecContext(ctx, kind.update, "defect: "+cause, e.no); err != nil {
				return err
			}
		}
	}
	return nil
}

// example is a row on which a check is defective.
type example struct {
	no  int
	key []any
}

func readExamples(ctx context.Context, db *sql.DB, query string) ([]example, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []example
	for rows.Next() {
		var e example
		var key [3]sql.NullString
		if err := rows.Scan(&e.no, &key[0], &key[1], &key[2]); err != nil {
			return nil, err
		}
		for _, k := range key {
			if k.Valid {
				e.key = append(e.key, k.String)
			}
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// explain runs the clauses of a check bare on one row, and says which of them gives no answer and why.
func (j *job) explain(ctx context.Context, db *sql.DB, where string, key []any) (string, error) {
	with := ""
	if j.source.with != "" {
		with = "WITH " + j.source.with + "\n"
	}
	for _, clause := range []struct{ name, text string }{{"when", always(j.clauses.when)}, {"ask", asBoolean(j.clauses.ask)}, {"pass", j.clauses.pass}} {
		if clause.text == "" {
			continue
		}
		var value sql.NullBool
		err := db.QueryRowContext(ctx, with+fmt.Sprintf("SELECT (\n%s\n) FROM %s WHERE %s LIMIT 1", clause.text, j.source.from, where), key...).Scan(&value)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil:
			return clause.name + ": " + firstLine(err.Error()), nil
		case !value.Valid:
			return clause.name + " is neither true nor false although all that it reads is known", nil
		}
	}
	return "the check gave no answer, and gave one when asked again", nil
}

// asBoolean makes of what is asked something that is true unless it fails.
func asBoolean(ask string) string {
	if ask == "" {
		return ""
	}
	return "(" + toText(ask) + ") IS NOT NULL"
}
