package lake

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"

	"github.com/stancehq/stance/internal/database"
)

// Execer is the part of a database that writing needs.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// WriteTable copies a table of the database into the scan. The database must be allowed to write to Staging. accounts are
// those in which the table was collected.
func (w *Writer) WriteTable(ctx context.Context, db Execer, table string, accounts []string, reach Reach, groups Groups) error {
	columns, err := portableColumns(ctx, db, table)
	if err != nil {
		return fmt.Errorf("write table %s to the lake: %w", table, err)
	}
	defer database.Trim()
	path := w.stagedPath(table)
	// A text column takes its dictionary's limit from memory at once, 1 MiB by default: with structures of hundreds of fields that adds up.
	query := fmt.Sprintf("COPY (SELECT %s FROM %s) TO %s (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '16MB', STRING_DICTIONARY_PAGE_SIZE_LIMIT 65536)",
		columns, database.Ident(table), database.Literal(path))
	result, err := db.ExecContext(ctx, query)
	if err != nil {
		return fmt.Errorf("write table %s to the lake: %w", table, err)
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("write table %s to the lake: %w", table, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("write table %s to the lake: %w", table, err)
	}
	w.written = append(w.written, File{
		Table: table, Rows: rows, Bytes: info.Size(), Accounts: accounts, Reach: reach, Groups: groups,
		Key: fmt.Sprintf("%s/%s/scan_id=%s/part-0.parquet", tableFolder, table, w.m.ID),
	})
	return nil
}

// portableColumns lists a table's columns with casts for the types that Parquet or its readers lack: HUGEINT would turn
// into DOUBLE and lose digits, JSON is text to everyone else.
func portableColumns(ctx context.Context, db Execer, table string) (string, error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND NOT internal ORDER BY column_index", table)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var columns []string
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return "", err
		}
		column := database.Ident(name)
		switch kind {
		case "HUGEINT", "UHUGEINT":
			column = fmt.Sprintf("%s::DECIMAL(38,0) AS %s", column, column)
		case "INTERVAL":
			column = fmt.Sprintf("%s::VARCHAR AS %s", column, column)
		}
		columns = append(columns, column)
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	if len(columns) == 0 {
		return "", fmt.Errorf("it does not exist")
	}
	return strings.Join(columns, ", "), nil
}
