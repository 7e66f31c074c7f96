package lake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/lake"
)

// seen is one scan of account A: what stands in its tables, as "region" or "account/region", and the regions it visited.
type seen struct {
	accounts []string            // default: A
	regions  map[string][]string // by account; none: all
	checks   []string            // run in all accounts
}

// reaches of the checks of these tests.
var reaches = map[string]lake.Reach{"by-region": lake.ReachRegion, "by-regions": lake.ReachRegions}

// record writes a scan whose rows are named by where they were seen: a row in each region visited, and one in none.
func record(t *testing.T, l *lake.Lake, id string, day int, s seen) {
	t.Helper()
	if s.accounts == nil {
		s.accounts = []string{"A"}
	}
	if s.checks == nil {
		s.checks = []string{"by-account", "by-region", "by-regions"}
	}
	w, err := l.Begin(lake.Manifest{
		ID: id, Provider: "aws", Started: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Accounts: s.accounts,
		Checks: s.checks, Reach: reaches, Regions: s.regions,
	})
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, w.Staging())
	execute(t, db, `CREATE TABLE regional (account_id VARCHAR, region VARCHAR, name VARCHAR)`)
	execute(t, db, `CREATE TABLE wide (account_id VARCHAR, region VARCHAR, name VARCHAR)`)
	execute(t, db, `CREATE TABLE derived (account_id VARCHAR, region VARCHAR, name VARCHAR)`)
	execute(t, db, `CREATE TABLE findings (account_id VARCHAR, region VARCHAR, check_id VARCHAR)`)
	execute(t, db, `CREATE TABLE coverage (account_id VARCHAR, region VARCHAR, table_name VARCHAR)`)
	execute(t, db, `CREATE TABLE checks (id VARCHAR)`)
	execute(t, db, `CREATE TABLE objectives (id VARCHAR)`)
	execute(t, db, "INSERT INTO objectives VALUES ('o')")
	for _, account := range s.accounts {
		visited := s.regions[account]
		if visited == nil {
			visited = []string{"r1", "r2"}
		}
		at := func(table, region, name string) {
			execute(t, db, fmt.Sprintf("INSERT INTO %s VALUES (%s, %s, %s)", table, database.Literal(account), database.Literal(region), database.Literal(name)))
		}
		for _, region := range visited {
			for _, table := range []string{"regional", "derived", "wide"} {
				at(table, region, table)
			}
			at("coverage", region, "regional")
			for _, check := range s.checks {
				at("findings", region, check)
			}
		}
		at("coverage", "global", "wide")
		for _, check := range s.checks {
			at("findings", "global", check)
		}
	}
	for _, check := range s.checks {
		execute(t, db, "INSERT INTO checks VALUES ("+database.Literal(check)+")")
	}
	for table, reach := range map[string]lake.Reach{"regional": lake.ReachRegion, "wide": lake.ReachAccount, "derived": lake.ReachRegions} {
		if err := w.WriteTable(t.Context(), db, table, s.accounts, reach); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"findings", "coverage", "checks", "objectives"} {
		if err := w.WriteTable(t.Context(), db, table, nil, lake.ReachAccount); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestANarrowerScanReplacesOnlyWhatItSaw(t *testing.T) {
	in := func(regions ...string) map[string][]string { return map[string][]string{"A": regions} }
	const place = "account_id || '/' || region || ':' || scan_id"
	finding := func(check string) string {
		return `CASE WHEN check_id = '` + check + `' THEN region || ':' || scan_id END`
	}
	for _, c := range []struct {
		name          string
		scans         []seen
		table, column string
		want          string
	}{
		{"rows of a region that the later scan left out stay", []seen{{}, {regions: in("r1")}}, "regional", place, "A/r1:s2 A/r2:s1"},
		{"a scan of all regions makes those that it did not meet past", []seen{{regions: in("r1", "old")}, {}}, "regional", place, "A/r1:s2 A/r2:s2"},
		{"three scans, each of some regions", []seen{{regions: in("r1", "r2")}, {regions: in("r2", "r3")}, {regions: in("r3")}}, "regional", place, "A/r1:s1 A/r2:s2 A/r3:s3"},
		{"a scan of the same regions replaces all", []seen{{regions: in("r1")}, {regions: in("r1")}}, "regional", place, "A/r1:s2"},
		{"what is listed once per account is all replaced", []seen{{}, {regions: in("r1")}}, "wide", place, "A/r1:s2"},
		{"what derives from all regions stays with the scan that saw them", []seen{{}, {regions: in("r1")}}, "derived", place, "A/r1:s1 A/r2:s1"},
		{"and gives way to one that saw as much", []seen{{regions: in("r1")}, {regions: in("r1")}}, "derived", place, "A/r1:s2"},
		{"two scans of other regions both stay", []seen{{regions: in("r1")}, {regions: in("r2")}}, "derived", place, "A/r1:s1 A/r2:s2"},
		{"findings by region", []seen{{}, {regions: in("r1")}}, "findings", finding("by-region"), "global:s2 r1:s2 r2:s1"},
		{"findings that rest on all regions are not replaced by a look at one", []seen{{}, {regions: in("r1")}}, "findings", finding("by-regions"), "global:s1 r1:s1 r2:s1"},
		{"but by a look at as many", []seen{{regions: in("r1")}, {regions: in("r1", "r2")}}, "findings", finding("by-regions"), "global:s2 r1:s2 r2:s2"},
		{"findings of the account", []seen{{}, {regions: in("r1")}}, "findings", finding("by-account"), "global:s2 r1:s2"},
		{"checks that the later scan did not run stay", []seen{{}, {checks: []string{"by-account"}}}, "findings", finding("by-region"), "global:s1 r1:s1 r2:s1"},
		{"coverage goes with the rows", []seen{{}, {regions: in("r1")}}, "coverage", "table_name || '/' || region || ':' || scan_id", "regional/r1:s2 regional/r2:s1 wide/global:s2"},
		{"accounts are apart", []seen{{accounts: []string{"A", "B"}}, {regions: in("r1")}}, "regional", place, "A/r1:s2 A/r2:s1 B/r1:s1 B/r2:s1"},
		{"tables without accounts can be read after a scan of fewer accounts", []seen{{accounts: []string{"A", "B"}}, {checks: []string{"by-account"}}}, "checks", "id || ':' || scan_id", "by-account:s2 by-region:s1 by-regions:s1"},
		{"each objective once", []seen{{accounts: []string{"A", "B"}}, {}}, "objectives", "id || ':' || scan_id", "o:s2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := openLake(t, t.TempDir())
			for i, s := range c.scans {
				record(t, l, fmt.Sprintf("s%d", i+1), i+1, s)
			}
			got := strings.Fields(names(t, l, "", c.table, c.column))
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}
