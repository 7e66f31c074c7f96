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

// testFunctions asks each test of each function, of two functions at once. Both sides are compared as text, so that the wanted side may
// leave types out.
func testFunctions(ctx context.Context, db *sql.DB, functions []*content.Function) ([]Failure, error) {
	failures := make([][]Failure, len(functions))
	var both errgroup.Group
	both.SetLimit(2)
	for i, f := range functions {
		both.Go(func() error {
			for _, test := range f.Tests {
				if failure := testFunction(ctx, db, f, test); failure != nil {
					failures[i] = append(failures[i], *failure)
				}
			}
			return ctx.Err()
		})
	}
	err := both.Wait()
	return slices.Concat(failures...), err
}

// testFunction gives nil where a test gets what it wants.
func testFunction(ctx context.Context, db *sql.DB, f *content.Function, test content.FunctionTest) *Failure {
	got, err := answer(ctx, db, test.Expression)
	want, wantErr := answer(ctx, db, test.Want)
	failure := Failure{Pos: test.Pos, Subject: "function " + f.Name, Wanted: test.Want, Row: test.Expression}
	switch {
	case err != nil:
		failure.Got = "error: " + firstLine(err.Error())
	case wantErr != nil:
		failure.Got = "what is wanted is no expression: " + firstLine(wantErr.Error())
	case got != want:
		failure.Got = got
	default:
		return nil
	}
	return &failure
}

func answer(ctx context.Context, db *sql.DB, expression string) (string, error) {
	var text sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT (\n"+strings.TrimRight(expression, "; ")+"\n)::VARCHAR").Scan(&text); err != nil {
		return "", err
	}
	if !text.Valid {
		return "NULL", nil
	}
	return text.String, nil
}
