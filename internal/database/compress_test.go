package database

import (
	"strings"
	"testing"
)

// 10,000 rows of 400 columns, of which ten have values, take 116 MB uncompressed.
func TestTablesThatAreMostlyNullTakeLittleMemory(t *testing.T) {
	db := open(t, Options{})
	columns := strings.Repeat("'v' || i, ", 10) + strings.Repeat("NULL::VARCHAR, ", 390)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE wide AS SELECT "+columns+"i FROM range(10000) r(i)"); err != nil {
		t.Fatal(err)
	}
	var used int64
	if err := db.QueryRowContext(t.Context(), "SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory()").Scan(&used); err != nil {
		t.Fatal(err)
	}
	if used > 116<<20/30 {
		t.Errorf("%d bytes", used)
	}
}
