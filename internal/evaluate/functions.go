package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/content"
)

// CreateFunctions makes the macros in a database, each after those it uses.
func CreateFunctions(ctx context.Context, db *sql.DB, functions []*content.Function) error {
	left := functions
	for len(left) > 0 {
		var failed []*content.Function
		var first error
		for _, f := range left {
			if _, err := db.ExecContext(ctx, f.SQL); err != nil {
				failed = append(failed, f)
				if first == nil {
					first = fmt.Errorf("make the function %s: %w", f.Name, err)
				}
			}
		}
		if len(failed) == len(left) {
			return first
		}
		left = failed
	}
	return nil
}

// testFunctions asks the tests of each function, of two functions at once. Both sides are compared as text, so that the wanted side may
// leave types out.
func testFunctions(ctx context.Context, db *sql.DB, functions []*content.Function) ([]Failure, error) {
	failures := make([][]Failure, len(functions))
	var both errgroup.Group
	both.SetLimit(2)
	for i, f := range functions {
		both.Go(func() error {
			failures[i] = testFunction(ctx, db, f)
			return ctx.Err()
		})
	}
	err := both.Wait()
	return slices.Concat(failures...), err
}

// testFunction asks all tests of a function in one statement, and each alone only if that fails: to plan statements takes longer than
// to run them.
func testFunction(ctx context.Context, db *sql.DB, f *content.Function) (failures []Failure) {
	var sides []string
	for _, test := range f.Tests {
		sides = append(sides, test.Expression, test.Want)
	}
	texts, err := answersTo(ctx, db, sides...)
	for i, test := range f.Tests {
		var got, want string
		var gotErr, wantErr error
		if err == nil {
			got, want = texts[2*i], texts[2*i+1]
		} else {
			got, gotErr = answer(ctx, db, test.Expression)
			want, wantErr = answer(ctx, db, test.Want)
		}
		failure := Failure{Pos: test.Pos, Subject: "function " + f.Name, Wanted: test.Want, Row: test.Expression}
		switch {
		case gotErr != nil:
			failure.Got = "error: " + firstLine(gotErr.Error())
		case wantErr != nil:
			failure.Got = "what is wanted is no expression: " + firstLine(wantErr.Error())
		case got != want:
			failure.Got = got
		default:
			continue
		}
		failures = append(failures, failure)
	}
	return failures
}

func answer(ctx context.Context, db *sql.DB, expression string) (string, error) {
	texts, err := answersTo(ctx, db, expression)
	if err != nil {
		return "", err
	}
	return texts[0], nil
}

// answersTo gives the values of expressions as text, NULL for those that have none.
func answersTo(ctx context.Context, db *sql.DB, expressions ...string) ([]string, error) {
	if len(expressions) == 0 {
		return nil, nil
	}
	columns := make([]string, len(expressions))
	values := make([]sql.NullString, len(expressions))
	into := make([]any, len(expressions))
	for i, expression := range expressions {
		columns[i] = "(\n" + strings.TrimRight(expression, "; ") + "\n)::VARCHAR"
		into[i] = &values[i]
	}
	if err := db.QueryRowContext(ctx, "SELECT "+strings.Join(columns, ", ")).Scan(into...); err != nil {
		return nil, err
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = "NULL"
		if v.Valid {
			texts[i] = v.String
		}
	}
	return texts, nil
}
