package database

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenLocksTheDatabase(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(outside, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	output := t.TempDir()
	db := open(t, Options{OutputDirs: []string{output}})
	for _, statement := range []string{
		"SELECT * FROM read_csv(" + Literal(outside) + ")",
		"SELECT * FROM " + Literal(outside),
		"SELECT * FROM glob('/*')",
		"SELECT * FROM 'https://example.com/x.parquet'",
		"COPY (SELECT 1) TO " + Literal(filepath.Join(t.TempDir(), "y.csv")),
		"EXPORT DATABASE " + Literal(t.TempDir()),
		"ATTACH " + Literal(filepath.Join(t.TempDir(), "z.db")),
		"INSTALL httpfs",
		"LOAD httpfs",
		"SET threads = 1",
		"SET enable_external_access = true",
		"SET GLOBAL TimeZone = 'Europe/Vienna'",
		"RESET memory_limit",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s: was not refused", statement)
		}
	}
	if _, err := db.ExecContext(t.Context(), "COPY (SELECT 1) TO "+Literal(filepath.Join(output, "y.parquet"))+" (FORMAT parquet)"); err != nil {
		t.Errorf("COPY into an output folder: %v", err)
	}
	var zone string
	if err := db.QueryRowContext(t.Context(), "SELECT current_setting('TimeZone')").Scan(&zone); err != nil || zone != "UTC" {
		t.Errorf("time zone is %q, %v", zone, err)
	}
}

func TestOpenSpillsToADirectoryOfItsOwnAndCloseRemovesIt(t *testing.T) {
	parent := t.TempDir()
	a, err := Open(t.Context(), Options{TempDir: parent, Memory: 64 << 20, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), Options{TempDir: parent})
	if err != nil {
		t.Fatal(err)
	}
	if a.TempDir() == b.TempDir() {
		t.Error("two databases share a temporary directory")
	}
	if _, err := a.ExecContext(t.Context(), "CREATE TABLE t AS SELECT i, md5(i::VARCHAR) AS m FROM range(3000000) r(i) ORDER BY m"); err != nil {
		t.Errorf("a table larger than memory_limit: %v", err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(parent)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOpenFailsCleanly(t *testing.T) {
	parent := t.TempDir()
	if _, err := Open(t.Context(), Options{TempDir: filepath.Join(parent, "absent")}); err == nil {
		t.Error("a missing temporary directory was accepted")
	}
	failing := func(context.Context, *sql.Conn) error { return errors.New("no luck") }
	if db, err := Open(t.Context(), Options{TempDir: parent, Setup: failing}); db != nil || err == nil || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("got %v, %v", db, err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestQuoting(t *testing.T) {
	if got, want := Ident(`a"b`), `"a""b"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := Literal(`it's`), `'it''s'`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := List([]string{"a", "b'c"}), `['a', 'b''c']::VARCHAR[]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMessageSaysWhatDoesNotExist(t *testing.T) {
	db := open(t, Options{})
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE bucket(name VARCHAR, versioning STRUCT("Status" VARCHAR), n INT)`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ query, want string }{
		{`SELECT nam FROM bucket`, `column "nam" does not exist; did you mean "name"`},
		{`SELECT b.nam FROM bucket b`, `column "nam" of b does not exist; did you mean "name"`},
		{`SELECT versioning.Statuss FROM bucket`, `field "statuss" does not exist; did you mean "Status"`},
		{`SELECT buckt.name FROM bucket`, `table "buckt" is not in this query; did you mean "bucket"`},
		{`SELECT x.name FROM bucket`, `table "x" is not in this query`},
		{`SELECT external_accounts(name) FROM bucket`, `function "external_accounts" does not exist`},
		{`SELECT 1 FROM buckets`, `table "buckets" does not exist; did you mean "bucket"`},
		{`SELECT uper(name) FROM bucket`, `function "uper" does not exist; did you mean "upper"`},
		{`SELECT name + n FROM bucket`, `no function fits +(VARCHAR, INTEGER)`},
		{`SELECT TRY((count(*) > 1)) FROM bucket`, `an aggregate stands in a clause about one row`},
		{`SELECT name FROM`, `syntax error at end of input`},
	} {
		_, err := db.ExecContext(t.Context(), c.query)
		if got := Message(err); !strings.HasPrefix(strings.ToLower(got), strings.ToLower(c.want)) || strings.Contains(got, "\n") {
			t.Errorf("%s\n  got:  %s\n  want: %s", c.query, got, c.want)
		}
	}
}
