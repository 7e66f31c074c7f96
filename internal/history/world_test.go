package history

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

const (
	one = "111122223333"
	two = "444455556666"
)

// finding is a line of the table: check, severity, status, account, region, resource, and what was found or the cause.
type finding [7]string

// past is a scan to be put into a lake.
type past struct {
	id       string
	day      int
	accounts []string
	findings []finding
	why      string   // of its checks
	looked   []string // account/region that its ledger names
	extra    string   // SQL after the tables are filled
}

const tablesSQL = `
CREATE TABLE findings (check_id VARCHAR, title VARCHAR, severity VARCHAR, status VARCHAR, cause VARCHAR, found VARCHAR, provider VARCHAR, account_id VARCHAR,
  region VARCHAR, resource_type VARCHAR, resource VARCHAR, resource_name VARCHAR, tags MAP(VARCHAR, VARCHAR), objectives VARCHAR[], requirements VARCHAR[]);
CREATE TABLE coverage (provider VARCHAR, account_id VARCHAR, region VARCHAR, table_name VARCHAR, column_group VARCHAR, status VARCHAR,
  cause VARCHAR, call VARCHAR, "rows" BIGINT, failures BIGINT, calls BIGINT, retries BIGINT, throttles BIGINT, bytes BIGINT, ms BIGINT);
CREATE TABLE checks (id VARCHAR, provider VARCHAR, service VARCHAR, title VARCHAR, severity VARCHAR, resource_type VARCHAR, why VARCHAR, fix VARCHAR, fix_cli VARCHAR, fix_terraform VARCHAR, fix_caution VARCHAR,
  objectives VARCHAR[], "references" VARCHAR[]);
CREATE TABLE thing (account_id VARCHAR, region VARCHAR, id VARCHAR, size BIGINT)`

// keep puts scans into a lake.
func keep(t *testing.T, folder string, scans ...past) {
	t.Helper()
	l, err := lake.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, s := range scans {
		ids := map[string]bool{}
		for _, f := range s.findings {
			ids[f[0]] = true
		}
		checks := []string{}
		for id := range ids {
			checks = append(checks, id)
		}
		slices.Sort(checks)
		w, err := l.Begin(lake.Manifest{ID: s.id, Provider: "x", Started: time.Date(2026, 1, s.day, 0, 0, 0, 0, time.UTC), Accounts: s.accounts, Checks: checks})
		if err != nil {
			t.Fatal(err)
		}
		db := s.fill(t, w.Staging(), checks)
		for _, table := range []string{"findings", "coverage", "checks", "thing"} {
			var in []string
			if table == "thing" {
				in = s.accounts
			}
			if err := w.WriteTable(t.Context(), db, table, in, lake.ReachAccount, lake.Groups{}); err != nil {
				t.Fatal(err)
			}
		}
		header, err := json.Marshal(report.Scan{ID: s.id, Provider: "x", Checks: len(checks), Notes: []report.Note{{Text: "note of " + s.id, Do: "do"}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(t.Context(), func(m *lake.Manifest) { m.Scan = header }); err != nil {
			t.Fatal(err)
		}
	}
}

func (s past) fill(t *testing.T, staging string, checks []string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), database.Options{OutputDirs: []string{staging}, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for query := range strings.SplitSeq(tablesSQL, ";") {
		run(query)
	}
	for _, f := range s.findings {
		run(`INSERT INTO findings SELECT $1, 'Title of ' || $1, $2, $3, CASE WHEN $3 = 'UNKNOWN' THEN $7 END, CASE WHEN $3 <> 'UNKNOWN' THEN nullif($7, '') END,
			'x', $4, $5, 'thing', nullif($6, ''), nullif('name of ' || $6, 'name of '), MAP {'team': 'a'}, ['o1', 'o2'], ['r1']`,
			f[0], f[1], f[2], f[3], f[4], f[5], f[6])
		run("INSERT INTO thing VALUES ($1, $2, $3, 7)", f[3], f[4], f[5])
	}
	for _, at := range s.looked {
		account, region, _ := strings.Cut(at, "/")
		run(`INSERT INTO coverage VALUES ('x', $1, $2, 'thing', 'list', 'ok', NULL, 'x:List', 3, 0, 1, 0, 0, 10, 5)`, account, region)
	}
	for _, id := range checks {
		run(`INSERT INTO checks VALUES ($1, 'x', 's', 'Title of ' || $1, 'high', 'thing', $2, 'mend it', 'mend --it', NULL, NULL, ['o1'], ['https://example.com'])`, id, s.why)
	}
	if s.extra != "" {
		run(s.extra)
	}
	return db
}

// opened opens a lake, and proves in the end that it was not changed.
func opened(t *testing.T, o Options) *History {
	t.Helper()
	before := files(t, o.Lake)
	h, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if after := files(t, o.Lake); after != before {
			t.Errorf("the lake was changed:\n%s\n%s", before, after)
		}
	})
	return h
}

func files(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		fmt.Fprintf(&all, "%s %d %s\n", path, info.Size(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// twoScans is a lake of two scans, of which the later one looked at one account only.
func twoScans(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	keep(t, folder, past{
		id: "20260101-a", day: 1, accounts: []string{one, two}, why: "old words", looked: []string{one + "/north", one + "/south", two + "/north"},
		findings: []finding{
			{"c1", "low", "FAIL", one, "north", "a", "bad"},
			{"c1", "low", "PASS", one, "north", "b", ""},
			{"c1", "low", "FAIL", one, "south", "c", "bad"},
			{"c1", "low", "FAIL", two, "north", "d", "bad"},
			{"c2", "critical", "UNKNOWN", one, "north", "a", "denied: x:Get"},
			{"c3", "high", "FAIL", one, "north", "a", "bad"},
		},
	}, past{
		id: "20260102-b", day: 2, accounts: []string{one}, why: "new words", looked: []string{one + "/north", one + "/south"},
		findings: []finding{
			{"c1", "low", "PASS", one, "north", "a", ""},
			{"c1", "low", "FAIL", one, "north", "b", "worse"},
			{"c1", "low", "FAIL", one, "north", "e", "bad"},
			{"c2", "critical", "FAIL", one, "north", "a", "very bad"},
		},
	})
	return folder
}
