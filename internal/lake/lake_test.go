package lake_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/lake"
)

// scan writes one scan with buckets in accounts and gives its id.
func scan(t *testing.T, l *lake.Lake, id string, day int, buckets map[string][]string, checks ...string) {
	t.Helper()
	ctx := t.Context()
	var accounts []string
	for account := range buckets {
		accounts = append(accounts, account)
	}
	w, err := l.Begin(lake.Manifest{ID: id, Provider: "aws", Started: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Accounts: accounts, Checks: checks})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w, buckets, checks)
	if err := w.Commit(ctx, nil); err != nil {
		t.Fatal(err)
	}
}

func fill(t *testing.T, w *lake.Writer, buckets map[string][]string, checks []string) {
	t.Helper()
	db := open(t, w.Staging())
	execute(t, db, `CREATE TABLE aws_s3_bucket (account_id VARCHAR, name VARCHAR, tags MAP(VARCHAR, VARCHAR), rules STRUCT(id VARCHAR, days BIGINT)[], raw JSON, total HUGEINT)`)
	execute(t, db, `CREATE TABLE findings (account_id VARCHAR, check_id VARCHAR, resource VARCHAR)`)
	var accounts []string
	for account, names := range buckets {
		accounts = append(accounts, account)
		for _, name := range names {
			execute(t, db, fmt.Sprintf(`INSERT INTO aws_s3_bucket VALUES (%s, %s, MAP {'k': 'v'}, [{'id': 'x', 'days': 3}], '{"a": 1}', 170141183460469231731687303715884105727 // 10)`,
				database.Literal(account), database.Literal(name)))
			for _, check := range checks {
				execute(t, db, fmt.Sprintf(`INSERT INTO findings VALUES (%s, %s, %s)`, database.Literal(account), database.Literal(check), database.Literal(name)))
			}
		}
	}
	for _, table := range []string{"aws_s3_bucket", "findings"} {
		if err := w.WriteTable(t.Context(), db, table, accounts, lake.ReachAccount, lake.Groups{}); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, dirs ...string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{OutputDirs: dirs, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func execute(t *testing.T, db *database.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// names reads a column of a selection as one line.
func names(t *testing.T, l *lake.Lake, selection, table, column string) string {
	t.Helper()
	views, err := l.Select(t.Context(), selection)
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, views.Folder())
	if err := views.Create(t.Context(), db, table); err != nil {
		t.Fatal(err)
	}
	var got *string
	query := fmt.Sprintf("SELECT string_agg(%s, ' ' ORDER BY %s) FROM %s", column, column, table)
	if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got == nil {
		return ""
	}
	return *got
}

func openLake(t *testing.T, location string) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), location)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestSelectionPicksTheRightRows(t *testing.T) {
	l := openLake(t, t.TempDir())
	scan(t, l, "s1", 1, map[string][]string{"A": {"a1"}, "B": {"b1"}}, "c1", "c2")
	scan(t, l, "s2", 2, map[string][]string{"A": {"a2"}}, "c1")
	for _, c := range []struct{ name, selection, table, column, want string }{
		{"the latest rows of each account", "", "aws_s3_bucket", "name", "a2 b1"},
		{"one scan", "s1", "aws_s3_bucket", "name", "a1 b1"},
		{"every scan", lake.AllScans, "aws_s3_bucket", "name || ':' || scan_id", "a1:s1 a2:s2 b1:s1"},
		{"findings by the latest run of each check", "", "findings", `check_id || ':' || resource`, "c1:a2 c1:b1 c2:a1 c2:b1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := names(t, l, c.selection, c.table, c.column); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnAccountThatBecameEmptyShowsNoOldRows(t *testing.T) {
	l := openLake(t, t.TempDir())
	scan(t, l, "s1", 1, map[string][]string{"A": {"a1"}})
	scan(t, l, "s2", 2, map[string][]string{"A": nil})
	if got := names(t, l, "", "aws_s3_bucket", "name"); got != "" {
		t.Errorf("got %q, want no rows", got)
	}
}

func TestNothingIsSeenBeforeCommit(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	w, err := l.Begin(lake.Manifest{ID: "s1", Accounts: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w, map[string][]string{"A": {"a1"}}, nil)
	if scans, err := l.Scans(t.Context()); err != nil || len(scans) != 0 {
		t.Errorf("scans before commit: %v, %v", scans, err)
	}
	if found := parquet(t, dir); len(found) != 0 {
		t.Errorf("a glob finds %v before commit", found)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("an aborted scan leaves %v", entries)
	}
}

func parquet(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".parquet") {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTwoScansAtOnceIntoOneLake(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 4 {
		l := openLake(t, dir)
		group.Go(func() {
			scan(t, l, fmt.Sprintf("s%d", i), i+1, map[string][]string{fmt.Sprint("A", i): {fmt.Sprint("n", i)}})
		})
	}
	group.Wait()
	if got, want := names(t, openLake(t, dir), "", "aws_s3_bucket", "name"), "n0 n1 n2 n3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDamageIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, want string
		damage     func(dir string) error
	}{
		{"a manifest cut short", "s1.json", func(dir string) error {
			return os.Truncate(filepath.Join(dir, "manifests", "s1.json"), 20)
		}},
		{"a file that is gone", "part-0.parquet", func(dir string) error {
			return os.Remove(filepath.Join(dir, "tables", "aws_s3_bucket", "scan_id=s1", "part-0.parquet"))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			l := openLake(t, dir)
			scan(t, l, "s1", 1, map[string][]string{"A": {"a1"}})
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			err := read(t.Context(), t, l)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v does not name %s", err, c.want)
			}
		})
	}
}

func read(ctx context.Context, t *testing.T, l *lake.Lake) error {
	views, err := l.Select(ctx, "")
	if err != nil {
		return err
	}
	return views.Create(ctx, open(t, views.Folder()), "aws_s3_bucket")
}

func TestUnknownScansAreRefusedWithWhatToDo(t *testing.T) {
	l := openLake(t, t.TempDir())
	if _, err := l.Select(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "stance scan") {
		t.Errorf("an empty lake: %v", err)
	}
	scan(t, l, "20260101-a", 1, map[string][]string{"A": nil})
	scan(t, l, "20260101-b", 1, map[string][]string{"A": nil})
	if _, err := l.Scan(t.Context(), "20260101"); err == nil || !strings.Contains(err.Error(), "2 scans") {
		t.Errorf("an id that two begin with: %v", err)
	}
	if m, err := l.Scan(t.Context(), "20260101-b"); err != nil || m.ID != "20260101-b" {
		t.Errorf("a whole id: %v, %v", m, err)
	}
	if _, err := lake.Open(t.Context(), "ftp://x/y"); err == nil || !strings.Contains(err.Error(), "s3://") {
		t.Errorf("an unknown kind of place: %v", err)
	}
}
