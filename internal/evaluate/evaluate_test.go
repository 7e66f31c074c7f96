package evaluate

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// The world of these tests: buckets whose groups versioning and encryption may be unknown, trails per region, and the table
// public_bucket derived from buckets.
const worldSQL = `
CREATE TABLE bucket (provider VARCHAR, account_id VARCHAR, partition VARCHAR, region VARCHAR, id VARCHAR, name VARCHAR,
  tags MAP(VARCHAR, VARCHAR), kind VARCHAR, versioning VARCHAR, algorithm VARCHAR, size VARCHAR, collected_at TIMESTAMPTZ, unknown MAP(VARCHAR, VARCHAR));
CREATE TABLE trail (provider VARCHAR, account_id VARCHAR, partition VARCHAR, region VARCHAR, id VARCHAR, name VARCHAR,
  tags MAP(VARCHAR, VARCHAR), bucket VARCHAR, is_logging BOOLEAN, collected_at TIMESTAMPTZ, unknown MAP(VARCHAR, VARCHAR));
CREATE VIEW logged_bucket AS SELECT b.provider, b.account_id, b.partition, b.region, b.id, b.name, b.tags, t.is_logging,
  b.collected_at, NULL::MAP(VARCHAR, VARCHAR) AS unknown FROM bucket b JOIN trail t ON t.bucket = b.name AND t.account_id = b.account_id;
CREATE VIEW lost_bucket AS SELECT * REPLACE (NULL::VARCHAR AS account_id) FROM logged_bucket;`

func worldTables() map[string]*plan.Table {
	list := &content.Call{Name: "list", Service: "s3", Op: "ListBuckets"}
	column := func(name string, groups ...string) plan.Column { return plan.Column{Name: name, Groups: groups} }
	common := []plan.Column{column("provider"), column("account_id"), column("partition"), column("region", "list"), column("id", "list"), column("name", "list"), column("tags", "tagging")}
	joined := []plan.Column{column("account_id"), column("region"), column("id"), column("name"), column("tags"), column("is_logging")}
	lost := &plan.Table{
		Name: "lost_bucket", Spec: &content.Table{Name: "lost_bucket", Derive: "…"}, Reads: refs("bucket.id", "trail.is_logging"), Columns: joined,
	}
	return map[string]*plan.Table{
		"lost_bucket": lost,
		"bucket": {Name: "bucket", Spec: &content.Table{Name: "bucket", List: list}, Columns: append(common[:7:7],
			column("kind", "kind"), column("versioning", "versioning"), column("algorithm", "encryption"), column("size", "list"), column("collected_at"), column("unknown"))},
		"trail": {Name: "trail", Spec: &content.Table{Name: "trail", List: list}, Columns: append(common[:7:7],
			column("bucket", "list"), column("is_logging", "status"), column("collected_at"), column("unknown"))},
		"logged_bucket": {
			Name: "logged_bucket", Spec: &content.Table{Name: "logged_bucket", Derive: "…"},
			Reads: refs("bucket.id", "bucket.name", "trail.bucket", "trail.is_logging"), Columns: joined,
		},
	}
}

// refs writes references as "table.column".
func refs(names ...string) []plan.Ref {
	var list []plan.Ref
	for _, n := range names {
		table, column, _ := strings.Cut(n, ".")
		list = append(list, plan.Ref{Table: table, Column: column})
	}
	return list
}

// row is one row of bucket or trail; what is "?cause" is unknown, what is "" is NULL.
type row struct{ account, region, id, kind, versioning, algorithm, size string }

func newWorld(t testing.TB, rows ...row) *sql.DB {
	t.Helper()
	opened, err := database.Open(context.Background(), database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	db := opened.DB
	run(t, db, worldSQL)
	for _, r := range rows {
		unknown := map[string]string{}
		value := func(group, text string) string {
			if cause, ok := strings.CutPrefix(text, "?"); ok {
				unknown[group] = cause
				return "NULL"
			}
			if text == "" {
				return "NULL"
			}
			return quoteText(text)
		}
		kind, versioning, algorithm := value("kind", r.kind), value("versioning", r.versioning), value("encryption", r.algorithm)
		m := "NULL"
		if len(unknown) > 0 {
			var parts []string
			for g, cause := range unknown {
				parts = append(parts, quoteText(g)+": "+quoteText(cause))
			}
			m = "MAP{" + strings.Join(parts, ", ") + "}"
		}
		run(t, db, fmt.Sprintf("INSERT INTO bucket VALUES ('aws', '%s', 'aws', '%s', '%s', '%s', MAP{'team': 'a'}, %s, %s, %s, '%s', '2026-01-15T12:00:00Z', %s)",
			r.account, r.region, r.id, r.id, kind, versioning, algorithm, r.size, m))
	}
	return db
}

func run(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
}

func rowCheck(change func(*plan.Check)) *plan.Check {
	c := &plan.Check{
		ID: "versioning",
		Spec: &content.Check{
			ID: "versioning", Provider: "aws", Title: "Versions are kept", Severity: "medium", Resource: "bucket",
			Pass: "versioning = 'Enabled'", Found: "'versioning is ' || coalesce(versioning, 'off')",
		},
		Pass: refs("bucket.versioning"), Found: refs("bucket.versioning"),
	}
	if change != nil {
		change(c)
	}
	return c
}

// ask runs checks and writes each finding in short: "check STATUS account region resource: cause or found".
func ask(t testing.TB, db *sql.DB, o Options) []string {
	t.Helper()
	if o.Tables == nil {
		o.Tables = worldTables()
	}
	var got []string
	_, err := Run(context.Background(), db, o, func(f Finding) error {
		got = append(got, brief(f))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func brief(f Finding) string {
	text := f.Cause
	if f.Status == Pass || f.Status == Fail {
		text = f.Found
	}
	return strings.TrimSuffix(strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s : %s", f.Check, f.Status, f.Account, f.Region, f.Resource, text)), " "), " :")
}

func TestRowChecks(t *testing.T) {
	const denied = "denied: s3:GetBucketVersioning"
	for _, test := range []struct {
		name  string
		check func(*plan.Check)
		row   row
		want  string // after "versioning "; empty for no finding
	}{
		{"what is as it should be passes", nil, row{versioning: "Enabled"}, "PASS 1 eu b"},
		{"what is not fails, with what was found", nil, row{versioning: "Suspended"}, "FAIL 1 eu b : versioning is Suspended"},
		{"what is known to be absent is judged by the check", func(c *plan.Check) {
			c.Spec.Pass = "coalesce(versioning, 'off') = 'Enabled'"
		}, row{}, "FAIL 1 eu b : versioning is off"},
		{"coalesce cannot hide a denied call", func(c *plan.Check) {
			c.Spec.Pass = "coalesce(versioning, 'off') = 'Enabled'"
		}, row{versioning: "?" + denied}, "UNKNOWN 1 eu b : " + denied},
		{"neither can 'is not distinct from'", func(c *plan.Check) {
			c.Spec.Pass = "versioning IS NOT DISTINCT FROM NULL"
		}, row{versioning: "?" + denied}, "UNKNOWN 1 eu b : " + denied},
		{"an OR that is true already does not excuse what it reads", func(c *plan.Check) {
			c.Spec.Pass = "size = '1' OR versioning = 'Enabled'"
			c.Pass = refs("bucket.size", "bucket.versioning")
		}, row{size: "1", versioning: "?" + denied}, "UNKNOWN 1 eu b : " + denied},
		{
			"a denied call that the check does not read changes nothing", nil,
			row{versioning: "Enabled", algorithm: "?denied: s3:GetBucketEncryption"},
			"PASS 1 eu b",
		},
		{"when that is false gives no finding", func(c *plan.Check) {
			c.Spec.When, c.When = "size = '0'", refs("bucket.size")
		}, row{size: "1", versioning: "Enabled"}, ""},
		{"when that is false gives no finding, though pass is denied", func(c *plan.Check) {
			c.Spec.When, c.When = "size = '0'", refs("bucket.size")
		}, row{size: "1", versioning: "?" + denied}, ""},
		{"when that is true and pass denied is unknown", func(c *plan.Check) {
			c.Spec.When, c.When = "size = '1'", refs("bucket.size")
		}, row{size: "1", versioning: "?" + denied}, "UNKNOWN 1 eu b : " + denied},
		{"when that is denied is unknown, whatever pass knows", func(c *plan.Check) {
			c.Spec.When, c.When = "coalesce(kind, 'x') = 'plain'", refs("bucket.kind")
		}, row{kind: "?denied: s3:GetKind", versioning: "Enabled"}, "UNKNOWN 1 eu b : denied: s3:GetKind"},
		{
			"a pass that is null is a defect", nil,
			row{},
			"UNKNOWN 1 eu b : defect: pass is neither true nor false although all that it reads is known",
		},
		{"a when that is null is a defect", func(c *plan.Check) {
			c.Spec.When, c.When = "kind = 'plain'", refs("bucket.kind")
		}, row{versioning: "Enabled"}, "UNKNOWN 1 eu b : defect: when is neither true nor false although all that it reads is known"},
		{"what was found stands with a pass only where a fixture proves it", func(c *plan.Check) {
			c.FoundOnPass = true
		}, row{versioning: "Enabled"}, "PASS 1 eu b : versioning is Enabled"},
		{"an error is a defect with its text", func(c *plan.Check) {
			c.Spec.Pass = "versioning::INTEGER > 1"
		}, row{versioning: "Enabled"}, "UNKNOWN 1 eu b : defect: pass: Conversion Error: Could not convert string 'Enabled' to INT32 when casting from source column versioning"},
		{"an error in found takes nothing from the verdict", func(c *plan.Check) {
			c.Spec.Found = "versioning::INTEGER::VARCHAR"
		}, row{versioning: "Off"}, "FAIL 1 eu b"},
		{"found does not guess about what it alone reads", func(c *plan.Check) {
			c.Spec.Found, c.Found = "'encryption is ' || coalesce(algorithm, 'off')", refs("bucket.algorithm")
		}, row{versioning: "Off", algorithm: "?denied: x"}, "FAIL 1 eu b : not all of it could be seen: denied: x"},
		{"a comment at the end of a clause ends with it", func(c *plan.Check) {
			c.Spec.Pass = "versioning = 'Enabled' -- or so"
		}, row{versioning: "Enabled"}, "PASS 1 eu b"},
		{"a manual check asks of each row that when selects", func(c *plan.Check) {
			c.Spec.Pass, c.Spec.Found, c.Spec.Manual, c.Pass, c.Found = "", "", "Look at 'it'.", nil, nil
		}, row{}, "MANUAL 1 eu b : Look at 'it'."},
		{"a manual check does not ask of others", func(c *plan.Check) {
			c.Spec.Pass, c.Spec.Found, c.Spec.Manual, c.Pass, c.Found = "", "", "Look.", nil, nil
			c.Spec.When, c.When = "size = '0'", refs("bucket.size")
		}, row{size: "1"}, ""},
		{"a manual check whose when is denied is unknown", func(c *plan.Check) {
			c.Spec.Pass, c.Spec.Found, c.Spec.Manual, c.Pass, c.Found = "", "", "Look.", nil, nil
			c.Spec.When, c.When = "kind = 'plain'", refs("bucket.kind")
		}, row{kind: "?denied: x"}, "UNKNOWN 1 eu b : denied: x"},
		{"a parameter has its default", func(c *plan.Check) {
			c.Spec.Pass = "versioning = $mode -- not '$mode'"
			c.Spec.Params = []*content.Param{{Name: "mode", Type: "string", Default: "It's on"}}
		}, row{versioning: "It's on"}, "PASS 1 eu b"},
		{"a parameter that is not declared is a defect of the check", func(c *plan.Check) {
			c.Spec.Pass = "versioning = $mode"
		}, row{versioning: "x"}, `UNKNOWN 1 global : defect: pass: there is no parameter $mode`},
		{"SQL that does not parse is a defect of the check", func(c *plan.Check) {
			c.Spec.Pass = "versioning = = 'x'"
		}, row{versioning: "x"}, `UNKNOWN 1 global : defect: Parser Error: syntax error at or near "="`},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.row.account, test.row.region, test.row.id = "1", "eu", "b"
			db := newWorld(t, test.row)
			cells := []collect.Cell{{Provider: "aws", Account: "1", Region: "global", Table: "bucket", Group: "list", Status: collect.OK}}
			got := ask(t, db, Options{Checks: []*plan.Check{rowCheck(test.check)}, Cells: cells, EmitPass: true})
			var want []string
			if test.want != "" {
				want = []string{"versioning " + test.want}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func listCell(account, region, table string, status collect.Status, cause string) collect.Cell {
	return collect.Cell{Provider: "aws", Account: account, Region: region, Table: table, Group: "list", Status: status, Cause: cause, Call: "s3:ListBuckets"}
}

func TestListCallsThatFailed(t *testing.T) {
	for _, test := range []struct {
		name  string
		cells []collect.Cell
		want  []string
	}{
		{"an empty list is no finding", []collect.Cell{listCell("1", "eu", "bucket", collect.OK, "")}, nil},
		{"a denied list is one unknown per scope", []collect.Cell{
			listCell("1", "eu", "bucket", collect.Denied, "denied: s3:ListBuckets"), listCell("1", "us", "bucket", collect.Throttled, "throttled: s3:ListBuckets"), listCell("2", "eu", "bucket", collect.OK, ""),
		}, []string{"versioning UNKNOWN 1 eu : denied: s3:ListBuckets", "versioning UNKNOWN 1 us : throttled: s3:ListBuckets"}},
		{"several list calls of one scope are one unknown", []collect.Cell{
			listCell("1", "eu", "bucket", collect.Denied, "denied: b"), listCell("1", "eu", "bucket", collect.Denied, "denied: a"),
		}, []string{"versioning UNKNOWN 1 eu : denied: a"}},
		{"the list of another table does not matter", []collect.Cell{
			listCell("1", "eu", "bucket", collect.OK, ""), listCell("1", "eu", "trail", collect.Denied, "denied: x"),
		}, nil},
		{
			"where the service does not exist there are no rows to miss",
			[]collect.Cell{listCell("1", "eu", "bucket", collect.Unsupported, "unsupported: no endpoint of s3 in eu")},
			nil,
		},
		{
			"however the provider says it",
			[]collect.Cell{listCell("1", "eu", "bucket", collect.Unsupported, "unsupported: s3 (s3 is not in eu)")},
			nil,
		},
		{
			"what is unsupported for another reason is unknown",
			[]collect.Cell{listCell("1", "eu", "bucket", collect.Unsupported, "unsupported: s3:ListBuckets (OptInRequired)")},
			[]string{"versioning UNKNOWN 1 eu : unsupported: s3:ListBuckets (OptInRequired)"},
		},
		{
			"a scan that was interrupted is unknown",
			[]collect.Cell{listCell("1", "eu", "bucket", collect.Planned, "")},
			[]string{"versioning UNKNOWN 1 eu : interrupted: s3:ListBuckets was not reached"},
		},
		{
			"a table without a cell in a scanned account is unknown",
			[]collect.Cell{listCell("1", "eu", "trail", collect.OK, "")},
			[]string{"versioning UNKNOWN 1 global : skipped: bucket was not collected"},
		},
		{
			"an account that refused is unknown",
			[]collect.Cell{
				{Provider: "aws", Account: "2", Region: "global", Status: collect.Disabled, Cause: "denied: sts:AssumeRole"}, listCell("1", "eu", "bucket", collect.OK, ""),
			},
			[]string{"versioning UNKNOWN 2 global : denied: sts:AssumeRole"},
		},
		{"another provider's account has nothing to do with it", []collect.Cell{
			listCell("1", "eu", "bucket", collect.OK, ""), {Provider: "gcp", Account: "p", Table: "disk", Group: "list", Status: collect.OK},
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, newWorld(t), Options{Checks: []*plan.Check{rowCheck(nil)}, Cells: test.cells})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPartialListKeepsItsVerdicts(t *testing.T) {
	db := newWorld(t, row{account: "1", region: "eu", id: "b", versioning: "Enabled"})
	got := ask(t, db, Options{
		Checks: []*plan.Check{rowCheck(nil)}, EmitPass: true,
		Cells: []collect.Cell{listCell("1", "eu", "bucket", collect.Partial, "broken: s3:ListBuckets (HTTP500)")},
	})
	want := []string{"versioning UNKNOWN 1 eu : broken: s3:ListBuckets (HTTP500)", "versioning PASS 1 eu b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestFindingsAreOrderedCompleteAndRepeatable(t *testing.T) {
	var rows []row
	for _, account := range []string{"2", "1"} {
		for _, region := range []string{"us", "eu"} {
			for _, id := range []string{"z", "a"} {
				rows = append(rows, row{account: account, region: region, id: id, versioning: "Off"})
			}
		}
	}
	db := newWorld(t, rows...)
	low := rowCheck(func(c *plan.Check) { c.ID, c.Spec.ID, c.Spec.Severity = "a", "a", "low" })
	high := rowCheck(func(c *plan.Check) {
		c.Spec.Severity, c.Spec.Objectives = "high", []string{"recovery"}
	})
	o := Options{Tables: worldTables(), Checks: []*plan.Check{low, high}, Requirements: map[string][]string{"versioning": {"cis/2.1"}}}
	first := ask(t, db, o)
	if len(first) != 16 || first[0] != "versioning FAIL 1 eu a : versioning is Off" || first[15] != "a FAIL 2 us z : versioning is Off" {
		t.Errorf("order: %q", first)
	}
	if diff := cmp.Diff(first, ask(t, db, o)); diff != "" {
		t.Errorf("a second run differs:\n%s", diff)
	}
	for f, err := range Findings(context.Background(), db) {
		if err != nil {
			t.Fatal(err)
		}
		want := Finding{
			Check: "versioning", Title: "Versions are kept", Severity: "high", Status: Fail, Found: "versioning is Off", Provider: "aws",
			Account: "1", Region: "eu", ResourceType: "bucket", Resource: "a", ResourceName: "a", Tags: map[string]string{"team": "a"},
			Objectives: []string{"recovery"}, Requirements: []string{"cis/2.1"},
		}
		if diff := cmp.Diff(want, f); diff != "" {
			t.Errorf("finding (-want +got):\n%s", diff)
		}
		break
	}
	var n int
	if err := db.QueryRow(`SELECT count(*) FROM findings WHERE check_id = 'versioning' AND severity = 'high' AND status = 'FAIL' AND resource_type = 'bucket' AND objectives = ['recovery']`).Scan(&n); err != nil || n != 8 {
		t.Errorf("the view findings has %d lines, %v", n, err)
	}
}

func TestPassIsCountedWhenNotEmitted(t *testing.T) {
	db := newWorld(t, row{account: "1", region: "eu", id: "a", versioning: "Enabled"}, row{account: "1", region: "eu", id: "b", versioning: "Enabled"},
		row{account: "1", region: "us", id: "c", versioning: "Enabled"}, row{account: "1", region: "us", id: "d", versioning: "Off"})
	var got []string
	s, err := Run(context.Background(), db, Options{Tables: worldTables(), Checks: []*plan.Check{rowCheck(nil)}}, func(f Finding) error {
		got = append(got, brief(f))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"versioning FAIL 1 us d : versioning is Off"}, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if s.Counts[Pass] != 3 || s.Counts[Fail] != 1 || s.Checks[0].Counts[Pass] != 3 {
		t.Errorf("counts: %+v", s)
	}
	var n int
	if err := db.QueryRow(`SELECT count FROM finding_counts WHERE region = 'eu' AND status = 'PASS'`).Scan(&n); err != nil || n != 2 {
		t.Errorf("finding_counts says %d, %v", n, err)
	}
}

func TestACheckThatRunsForEverDoesNotStopOthers(t *testing.T) {
	db := newWorld(t, row{account: "1", region: "eu", id: "b", versioning: "Enabled"})
	endless := rowCheck(func(c *plan.Check) {
		c.ID, c.Spec.ID, c.Pass, c.Spec.Pass, c.Spec.Found = "endless", "endless", nil, "", ""
		c.Spec.Query = "SELECT 'b' AS id, count(*) > 0 AS pass FROM range(1000000000) a(i), range(1000000000) b(i) WHERE a.i + b.i = -1"
		c.Query = refs("bucket")
	})
	got := ask(t, db, Options{Checks: []*plan.Check{endless, rowCheck(nil)}, Timeout: 100 * time.Millisecond, Cells: []collect.Cell{listCell("1", "eu", "bucket", collect.OK, "")}, EmitPass: true})
	want := []string{"endless UNKNOWN 1 global : defect: the check did not finish within 100ms", "versioning PASS 1 eu b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := Run(ctx, db, Options{Tables: worldTables(), Checks: []*plan.Check{endless}}, nil); err == nil || ctx.Err() == nil {
		t.Errorf("a run that was stopped gave %v", err)
	}
}
