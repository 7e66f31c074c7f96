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
	execute(t, db, `CREATE TABLE coverage (account_id VARCHAR, region VARCHAR, table_name VARCHAR, column_group VARCHAR DEFAULT 'list')`)
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
			at("coverage (account_id, region, table_name)", region, "regional")
			for _, check := range s.checks {
				at("findings", region, check)
			}
		}
		at("coverage (account_id, region, table_name)", "global", "wide")
		for _, check := range s.checks {
			at("findings", "global", check)
		}
	}
	for _, check := range s.checks {
		execute(t, db, "INSERT INTO checks VALUES ("+database.Literal(check)+")")
	}
	for table, reach := range map[string]lake.Reach{"regional": lake.ReachRegion, "wide": lake.ReachAccount, "derived": lake.ReachRegions} {
		if err := w.WriteTable(t.Context(), db, table, s.accounts, reach, lake.Groups{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"findings", "coverage", "checks", "objectives"} {
		if err := w.WriteTable(t.Context(), db, table, nil, lake.ReachAccount, lake.Groups{}); err != nil {
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

// recordColumns writes a scan of buckets, of which some column groups were asked for. A cell is a group's value, "" for one that is
// known not to be configured and "denied" for one that could not be read.
func recordColumns(t *testing.T, l *lake.Lake, id string, day int, asked []string, buckets map[string]map[string]string) {
	t.Helper()
	w, err := l.Begin(lake.Manifest{ID: id, Provider: "aws", Started: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC), Accounts: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, w.Staging())
	execute(t, db, `CREATE TABLE bucket (account_id VARCHAR, region VARCHAR, id VARCHAR, policy VARCHAR, versioning VARCHAR, pair VARCHAR, raw JSON, unknown MAP(VARCHAR, VARCHAR))`)
	execute(t, db, `CREATE TABLE coverage (account_id VARCHAR, region VARCHAR, table_name VARCHAR, column_group VARCHAR, status VARCHAR)`)
	groups := lake.Groups{Asked: asked, Columns: map[string][]string{"policy": {"policy"}, "versioning": {"versioning"}, "pair": {"policy", "versioning"}}}
	for _, group := range []string{"policy", "versioning"} {
		status := "ok"
		if !slices.Contains(asked, group) {
			status, groups.Skipped = "skipped", append(groups.Skipped, group)
		}
		execute(t, db, fmt.Sprintf("INSERT INTO coverage VALUES ('A', 'global', 'bucket', '%s', '%s')", group, status))
	}
	execute(t, db, "INSERT INTO coverage VALUES ('A', 'global', 'bucket', 'list', 'ok')")
	for name, cells := range buckets {
		values, unknown, raw := map[string]string{"policy": "NULL", "versioning": "NULL", "pair": "NULL"}, "", `"name":"`+name+`"`
		for _, group := range []string{"policy", "versioning"} {
			switch value := cells[group]; {
			case !slices.Contains(asked, group):
				unknown += ", '" + group + "': 'skipped: not asked for'"
			case value == "denied":
				unknown += ", '" + group + "': 'denied: Get'"
			case value != "":
				values[group] = database.Literal(value)
				raw += `,"` + group + `":{"v":"` + value + `"}`
			}
		}
		if values["policy"] != "NULL" && values["versioning"] != "NULL" {
			values["pair"] = database.Literal(cells["policy"] + "+" + cells["versioning"])
		}
		if unknown = "MAP {" + strings.TrimPrefix(unknown, ", ") + "}"; unknown == "MAP {}" {
			unknown = "NULL"
		}
		execute(t, db, fmt.Sprintf("INSERT INTO bucket VALUES ('A', 'r1', %s, %s, %s, %s, %s, %s)", database.Literal(name),
			values["policy"], values["versioning"], values["pair"], database.Literal("{"+raw+"}"), unknown))
	}
	if err := w.WriteTable(t.Context(), db, "bucket", []string{"A"}, lake.ReachAccount, groups); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteTable(t.Context(), db, "coverage", nil, lake.ReachAccount, lake.Groups{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func TestAScanOfFewColumnsDoesNotEmptyTheOthers(t *testing.T) {
	type bucket = map[string]map[string]string
	both, versions, policies := []string{"policy", "versioning"}, []string{"versioning"}, []string{"policy"}
	const row = `id || ' ' || coalesce(policy, '-') || ' ' || coalesce(versioning, '-') || ' ' || coalesce(pair, '-') || ' ' || coalesce(unknown::VARCHAR, 'known') || ' ' || scan_id`
	for _, c := range []struct {
		name   string
		asked  [][]string
		scans  []bucket
		column string
		want   string
	}{
		{
			"what it did not ask for is the earlier scan's",
			[][]string{both, versions},
			[]bucket{{"b": {"policy": "p1", "versioning": "v1"}}, {"b": {"versioning": "v2"}}},
			row, "b p1 v2 p1+v1 known s2",
		},
		{
			"a resource that is gone is gone",
			[][]string{both, versions},
			[]bucket{{"b": {"policy": "p1"}, "old": {"policy": "p1"}}, {"b": {}}},
			"id", "b",
		},
		{
			"of a new resource it is not known",
			[][]string{both, versions},
			[]bucket{{}, {"new": {"versioning": "v2"}}},
			row, "new - v2 - {policy='skipped: not asked for'} s2",
		},
		{
			"what was not configured then is not configured",
			[][]string{both, versions},
			[]bucket{{"b": {}}, {"b": {"versioning": "v2"}}},
			row, "b - v2 - known s2",
		},
		{
			"what was denied then is denied",
			[][]string{both, versions},
			[]bucket{{"b": {"policy": "denied"}}, {"b": {"versioning": "v2"}}},
			row, "b - v2 - {policy='denied: Get'} s2",
		},
		{
			"what is denied now does not become what it was",
			[][]string{both, versions},
			[]bucket{{"b": {"policy": "p1", "versioning": "v1"}}, {"b": {"versioning": "denied"}}},
			row, "b p1 - p1+v1 {versioning='denied: Get'} s2",
		},
		{
			"two narrow scans complete each other",
			[][]string{policies, versions},
			[]bucket{{"b": {"policy": "p1"}}, {"b": {"versioning": "v2"}}},
			row, "b p1 v2 - {policy='skipped in part: what it goes together with was asked for in another scan'} s2",
		},
		{
			"the latest of several is taken",
			[][]string{both, policies, versions},
			[]bucket{{"b": {"policy": "p1", "versioning": "v1"}}, {"b": {"policy": "p2"}}, {"b": {"versioning": "v3"}}},
			"policy || versioning", "p2v3",
		},
		{
			"a whole scan needs nothing of others",
			[][]string{both, both},
			[]bucket{{"b": {"policy": "p1", "versioning": "v1"}}, {"b": {"versioning": "v2"}}},
			row, "b - v2 - known s2",
		},
		{
			"the raw document is completed as well",
			[][]string{both, versions},
			[]bucket{{"b": {"policy": "p1", "versioning": "v1"}}, {"b": {"versioning": "v2"}}},
			"raw::VARCHAR", `{"policy":{"v":"p1"},"name":"b","versioning":{"v":"v2"}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := openLake(t, t.TempDir())
			for i, asked := range c.asked {
				recordColumns(t, l, fmt.Sprintf("s%d", i+1), i+1, asked, c.scans[i])
			}
			if got := names(t, l, "", "bucket", c.column); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCoverageIsThatOfTheScanWhichAskedForTheColumns(t *testing.T) {
	l := openLake(t, t.TempDir())
	recordColumns(t, l, "s1", 1, []string{"policy"}, nil)
	recordColumns(t, l, "s2", 2, nil, nil)
	got := strings.Fields(names(t, l, "", "coverage", "column_group || ':' || status || ':' || scan_id"))
	slices.Sort(got)
	if want := "list:ok:s2 policy:ok:s1 versioning:skipped:s2"; strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}
