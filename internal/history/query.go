package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/report/grid"
)

// Query runs one SELECT of a person over the selection. The rows must be walked to their end, or until the caller has
// enough; they stream.
func (h *History) Query(ctx context.Context, query string) (grid.Rows, error) {
	query, err := h.admit(ctx, query)
	if err != nil {
		return grid.Rows{}, err
	}
	rows, err := h.db.QueryContext(ctx, query)
	if err != nil {
		return grid.Rows{}, errors.New(database.Message(err))
	}
	columns, err := rows.Columns()
	if err != nil { // only of rows that are closed already
		return grid.Rows{}, err
	}
	return grid.Rows{Columns: columns, Values: stream(rows, len(columns))}, nil
}

// admit makes the views that a query names and lets the gate look at it.
func (h *History) admit(ctx context.Context, query string) (string, error) {
	query = strings.TrimRight(strings.TrimSpace(query), "; \n\t")
	s, err := h.db.Parse(ctx, query)
	if err != nil {
		return "", err
	}
	known := map[string][]string{}
	for _, table := range s.Tables {
		columns, err := h.Columns(ctx, table)
		if err != nil {
			return "", err
		}
		known[table] = columns
	}
	_, err = h.db.Gate(ctx, query, database.Rules{
		Columns: func(table string) []string { return known[table] }, Names: h.Tables(), Clock: true,
	})
	return query, err
}

func stream(rows *sql.Rows, width int) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		defer rows.Close()
		for rows.Next() {
			values, pointers := make([]any, width), make([]any, width)
			for i := range values {
				pointers[i] = &values[i]
			}
			if err := rows.Scan(pointers...); err != nil {
				yield(nil, err)
				return
			}
			if !yield(values, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, errors.New(database.Message(err)))
		}
	}
}

func sameFolder(a, b string) bool {
	a, errA := filepath.Abs(a)
	b, errB := filepath.Abs(b)
	return errA == nil && errB == nil && a == b
}

// Export writes the answer of a query to a Parquet file, which appears whole or not at all. Its folder must be the
// OutputDir that the history was opened with.
func (h *History) Export(ctx context.Context, query, file string) (int64, error) {
	query, err := h.admit(ctx, query)
	if err != nil {
		return 0, err
	}
	if !sameFolder(filepath.Dir(file), h.out) { // the database would let it into the lake as well, which it reads
		return 0, fmt.Errorf("write %s: only files in %q may be written", file, h.out)
	}
	staged := file + ".part"
	result, err := h.db.ExecContext(ctx, fmt.Sprintf("COPY (%s) TO %s (FORMAT parquet, COMPRESSION zstd)", query, database.Literal(filepath.ToSlash(staged))))
	if err != nil {
		_ = os.Remove(staged) // it may not be there
		return 0, fmt.Errorf("write %s: %s", file, database.Message(err))
	}
	if err := os.Rename(staged, file); err != nil {
		return 0, fmt.Errorf("write %s: %w", file, err)
	}
	return result.RowsAffected()
}
