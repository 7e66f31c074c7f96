package evaluate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// trail is a row of the table trail; status may be on, off or ?cause.
type trail struct{ account, region, bucket, status string }

func queryCheck(query string, change func(*plan.Check)) *plan.Check {
	c := &plan.Check{
		ID: "logged", Spec: &content.Check{ID: "logged", Provider: "aws", Severity: "high", Resource: "bucket", Query: query},
		Query: refs("bucket.id", "bucket.name", "trail.bucket", "trail.is_logging"),
	}
	if change != nil {
		change(c)
	}
	return c
}

const loggedQuery = `SELECT b.id, b.account_id, b.region, coalesce(bool_or(t.is_logging), false) AS pass,
  'trails: ' || count(t.id) AS found FROM bucket b LEFT JOIN trail t ON t.bucket = b.name AND t.account_id = b.account_id GROUP BY ALL`

func TestQueryChecks(t *testing.T) {
	ok := []collect.Cell{
		listCell("1", "global", "bucket", collect.OK, ""), listCell("1", "eu", "trail", collect.OK, ""),
		listCell("2", "global", "bucket", collect.OK, ""), listCell("2", "eu", "trail", collect.OK, ""),
	}
	buckets := []row{{account: "1", region: "eu", id: "a"}, {account: "1", region: "us", id: "b"}, {account: "2", region: "eu", id: "c"}}
	region := func(c *plan.Check) { c.Spec.Scope = "region" }
	organization := func(c *plan.Check) { c.Spec.Scope = "organization" }
	derived := func(c *plan.Check) {
		c.Spec.Resource, c.Spec.Query, c.Query = "logged_bucket", "", nil
		c.Spec.When, c.Spec.Pass, c.Spec.Found = "region <> 'ap'", "is_logging", "'logging: ' || is_logging"
		c.When, c.Pass, c.Found = refs("logged_bucket.region"), refs("logged_bucket.is_logging"), refs("logged_bucket.is_logging")
	}
	concerning := func(sql string) func(*plan.Check) {
		return func(c *plan.Check) { c.Concerns = map[string]content.Concern{"trail": {Row: sql, Of: "[id]"}} }
	}
	unknown := "?denied: cloudtrail:GetTrailStatus"
	for _, test := range []struct {
		name    string
		query   string
		change  func(*plan.Check)
		buckets []row
		trails  []trail
		cells   []collect.Cell // added to ok
		want    []string
	}{
		{
			name: "joins tables", query: loggedQuery, buckets: buckets,
			trails: []trail{{"1", "eu", "a", "on"}, {"2", "eu", "c", "off"}},
			want:   []string{"logged PASS 1 eu a", "logged FAIL 1 us b : trails: 0", "logged FAIL 2 eu c : trails: 1"},
		},
		{
			name: "a denied list call makes its account unknown, no other", query: loggedQuery, buckets: buckets,
			cells: []collect.Cell{listCell("1", "us", "trail", collect.Denied, "denied: cloudtrail:ListTrails")},
			want:  []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:ListTrails", "logged UNKNOWN 1 us b : denied: cloudtrail:ListTrails", "logged FAIL 2 eu c : trails: 0"},
		},
		{
			name: "a denied call on one row makes the account unknown", query: loggedQuery, buckets: buckets,
			trails: []trail{{"2", "eu", "c", "?denied: cloudtrail:GetTrailStatus"}},
			want:   []string{"logged FAIL 1 eu a : trails: 0", "logged FAIL 1 us b : trails: 0", "logged UNKNOWN 2 eu c : denied: cloudtrail:GetTrailStatus"},
		},
		{
			name: "a denied call that it does not read changes nothing", query: loggedQuery, change: func(c *plan.Check) { c.Query = refs("bucket.id", "trail.bucket") },
			buckets: buckets[2:], trails: []trail{{"2", "eu", "c", "?denied: cloudtrail:GetTrailStatus"}},
			want: []string{"logged FAIL 2 eu c : trails: 1"},
		},
		{
			name:    "a cause that the query gives makes that verdict unknown, whether it would pass or not",
			query:   `SELECT id, account_id, region, name = 'a' AS pass, 'seen' AS found, CASE WHEN name <> 'b' THEN 'what ' || name || ' holds is not in the code' END AS cause FROM bucket`,
			buckets: buckets,
			want:    []string{"logged UNKNOWN 1 eu a : what a holds is not in the code", "logged FAIL 1 us b : seen", "logged UNKNOWN 2 eu c : what c holds is not in the code"},
		},
		{
			name: "a gap is told before a cause that the query gives", query: `SELECT id, account_id, region, true AS pass, '' AS found, 'not in the code' AS cause FROM bucket`,
			buckets: buckets[:1], cells: []collect.Cell{listCell("1", "us", "trail", collect.Denied, "denied: cloudtrail:ListTrails")},
			want: []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:ListTrails"},
		},
		{
			name: "what is not known of a row that tells whom it concerns leaves the others", query: loggedQuery, change: concerning("[bucket]"), buckets: buckets,
			trails: []trail{{"1", "eu", "a", unknown}, {"1", "eu", "b", "on"}, {"2", "eu", "a", unknown}},
			want:   []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:GetTrailStatus", "logged PASS 1 us b", "logged FAIL 2 eu c : trails: 0"},
		},
		{
			name: "a row that does not tell whom it concerns may concern all", query: loggedQuery, change: concerning("CASE WHEN bucket <> 'a' THEN [bucket] END"),
			buckets: buckets[:2], trails: []trail{{"1", "eu", "a", unknown}},
			want: []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:GetTrailStatus", "logged UNKNOWN 1 us b : denied: cloudtrail:GetTrailStatus"},
		},
		{
			name: "so may a row of which one that it concerns is not known", query: loggedQuery, change: concerning("[bucket, NULL]"),
			buckets: buckets[:2], trails: []trail{{"1", "eu", "a", unknown}},
			want: []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:GetTrailStatus", "logged UNKNOWN 1 us b : denied: cloudtrail:GetTrailStatus"},
		},
		{
			name: "a verdict may be concerned if its own key is not known", query: loggedQuery, buckets: buckets[:2], trails: []trail{{"1", "eu", "x", unknown}},
			change: func(c *plan.Check) {
				c.Concerns = map[string]content.Concern{"trail": {Row: "[bucket]", Of: "CASE WHEN id = 'a' THEN ['a', NULL] ELSE [id] END"}}
			},
			want: []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:GetTrailStatus", "logged FAIL 1 us b : trails: 0"},
		},
		{
			name: "rows that a denied list call left out may concern all", query: loggedQuery, change: concerning("[bucket]"), buckets: buckets[:2],
			trails: []trail{{"1", "eu", "a", unknown}},
			cells:  []collect.Cell{listCell("1", "us", "trail", collect.Denied, "denied: cloudtrail:ListTrails")},
			want:   []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:ListTrails", "logged UNKNOWN 1 us b : denied: cloudtrail:ListTrails"},
		},
		{
			name: "what it concerns is never silence", query: strings.Replace(loggedQuery, "GROUP", "WHERE t.is_logging GROUP", 1), change: concerning("[bucket]"),
			buckets: buckets[:2], trails: []trail{{"1", "eu", "a", unknown}, {"1", "eu", "b", "on"}, {"1", "eu", "elsewhere", unknown}},
			want: []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:GetTrailStatus", "logged PASS 1 us b"},
		},
		{
			name: "rows of a derived table are left as well", buckets: buckets[:2],
			change: func(c *plan.Check) { derived(c); concerning("[bucket]")(c) },
			trails: []trail{{"1", "eu", "a", unknown}, {"1", "eu", "b", "on"}},
			want:   []string{"logged UNKNOWN 1 eu a : denied: cloudtrail:GetTrailStatus", "logged PASS 1 us b"},
		},
		{
			name: "rows that a derived table lacks for it are one unknown", buckets: buckets[1:2],
			change: func(c *plan.Check) { derived(c); concerning("[bucket]")(c) },
			trails: []trail{{"1", "eu", "a", unknown}, {"1", "eu", "x", unknown}, {"1", "eu", "b", "on"}},
			want:   []string{"logged UNKNOWN 1 eu : denied: cloudtrail:GetTrailStatus", "logged PASS 1 us b"},
		},
		{
			name: "where nothing could be listed, the scope is unknown", query: loggedQuery,
			cells: []collect.Cell{listCell("1", "global", "bucket", collect.Denied, "denied: s3:ListBuckets")},
			want:  []string{"logged UNKNOWN 1 global : denied: s3:ListBuckets"},
		},
		{
			name: "where rows of the resource may be missing, the scope is unknown besides its rows", query: loggedQuery, buckets: buckets[:1],
			cells: []collect.Cell{listCell("1", "global", "bucket", collect.Partial, "broken: s3:ListBuckets")},
			want:  []string{"logged UNKNOWN 1 eu a : broken: s3:ListBuckets", "logged UNKNOWN 1 global : broken: s3:ListBuckets"},
		},
		{
			name: "a region without the service is no gap", query: loggedQuery, buckets: buckets[2:],
			cells: []collect.Cell{listCell("2", "us", "trail", collect.Unsupported, "unsupported: no endpoint of cloudtrail in us")},
			want:  []string{"logged FAIL 2 eu c : trails: 0"},
		},
		{
			name: "by region, only the region of a denied call is unknown", query: loggedQuery, change: region, buckets: buckets[:2],
			cells: []collect.Cell{listCell("1", "us", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged FAIL 1 eu a : trails: 0", "logged UNKNOWN 1 us b : denied: x"},
		},
		{
			name: "by region, a region without verdicts is unknown itself", query: loggedQuery, change: region, buckets: buckets[:1],
			cells: []collect.Cell{listCell("1", "us", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged FAIL 1 eu a : trails: 0", "logged UNKNOWN 1 us : denied: x"},
		},
		{
			name: "by region, a gap in what is global touches each region", query: loggedQuery, change: region, buckets: buckets[:2],
			cells: []collect.Cell{listCell("1", "global", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged UNKNOWN 1 eu a : denied: x", "logged UNKNOWN 1 us b : denied: x"},
		},
		{
			name: "by region, a verdict about what is global rests on all regions", query: loggedQuery, change: region, buckets: []row{{account: "1", region: "global", id: "g"}},
			cells: []collect.Cell{listCell("1", "us", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged UNKNOWN 1 global g : denied: x", "logged UNKNOWN 1 us : denied: x"},
		},
		{
			name: "in an organization one denied account makes all unknown", query: loggedQuery, change: organization, buckets: buckets,
			cells: []collect.Cell{listCell("2", "eu", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged UNKNOWN 1 eu a : denied: x", "logged UNKNOWN 1 us b : denied: x", "logged UNKNOWN 2 eu c : denied: x"},
		},
		{
			name: "in an organization without verdicts there is one unknown", query: loggedQuery, change: organization,
			cells: []collect.Cell{listCell("2", "eu", "trail", collect.Denied, "denied: x"), listCell("1", "eu", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged UNKNOWN 1 global : denied: x"},
		},
		{
			name: "an id alone finds its row", query: "SELECT id, true AS pass FROM bucket;\n", buckets: buckets[:1],
			want: []string{"logged PASS 1 eu a"},
		},
		{
			name: "an id that several accounts have is not guessed at", query: "SELECT id, account_id = '1' AS pass FROM bucket",
			buckets: []row{{account: "1", region: "eu", id: "a"}, {account: "2", region: "eu", id: "a"}},
			want: []string{
				"logged UNKNOWN 1 eu a : defect: several rows of bucket have the id a: the query must return account_id, and region, as well",
				"logged UNKNOWN 2 eu a : defect: several rows of bucket have the id a: the query must return account_id, and region, as well",
			},
		},
		{
			name: "an id that several accounts have comes with its account", query: "SELECT id, account_id, account_id = '1' AS pass FROM bucket",
			buckets: []row{{account: "1", region: "eu", id: "a"}, {account: "2", region: "eu", id: "a"}},
			want:    []string{"logged PASS 1 eu a", "logged FAIL 2 eu a"},
		},
		{
			name: "an id that several regions have comes with its region", query: "SELECT id, account_id, region, region = 'eu' AS pass FROM bucket",
			buckets: []row{{account: "1", region: "eu", id: "a"}, {account: "1", region: "us", id: "a"}},
			want:    []string{"logged PASS 1 eu a", "logged FAIL 1 us a"},
		},
		{
			name: "a verdict may be about no row", query: "SELECT NULL AS id, '1' AS account_id, 'ap' AS region, false AS pass, 'no bucket' AS found",
			want: []string{"logged FAIL 1 ap : no bucket"},
		},
		{
			name: "a verdict about no row must say its account", query: "SELECT NULL AS id, false AS pass",
			want: []string{"logged UNKNOWN global : defect: the query gives neither account_id nor the id of a row of bucket"},
		},
		{
			name: "a pass that is null is a defect", query: "SELECT id, NULL AS pass FROM bucket", buckets: buckets[:1],
			want: []string{"logged UNKNOWN 1 eu a : defect: pass is neither true nor false although all that the query reads is known"},
		},
		{
			name: "a query that ends in an error is unknown in each account", query: "SELECT id, error('boo') AS pass FROM bucket", buckets: buckets[:1],
			want: []string{"logged UNKNOWN 1 global : defect: Invalid Input Error: boo", "logged UNKNOWN 2 global : defect: Invalid Input Error: boo"},
		},
		{
			name: "a check on a derived table is a query over what it derives from", change: derived, buckets: buckets,
			trails: []trail{{"1", "eu", "a", "on"}, {"1", "eu", "b", "off"}, {"2", "eu", "c", "?denied: x"}},
			want:   []string{"logged PASS 1 eu a", "logged FAIL 1 us b : logging: false", "logged UNKNOWN 2 eu c : denied: x"},
		},
		{
			name: "rows of a derived table about one thing make one verdict, the worst", buckets: buckets[:1],
			trails: []trail{{"1", "eu", "a", "on"}, {"1", "eu", "a", "off"}, {"1", "eu", "a", "on"}}, change: derived,
			want: []string{"logged FAIL 1 eu a : logging: false"},
		},
		{
			name: "what fails counts beside what cannot be said", buckets: buckets[:1],
			trails: []trail{{"1", "eu", "a", ""}, {"1", "eu", "a", "off"}}, change: derived,
			want: []string{"logged FAIL 1 eu a : logging: false"},
		},
		{
			name: "what cannot be said counts beside what passes", buckets: buckets[:1],
			trails: []trail{{"1", "eu", "a", ""}, {"1", "eu", "a", "on"}}, change: derived,
			want: []string{"logged UNKNOWN 1 eu a : defect: pass is neither true nor false although all that it reads is known"},
		},
		{
			name: "all that is wrong with one thing is said", buckets: buckets[:1],
			trails: []trail{{"1", "eu", "a", "on"}, {"1", "eu", "a", "off"}}, change: func(c *plan.Check) {
				derived(c)
				c.Spec.Pass, c.Spec.Found = "is_logging IS NULL", "'logging: ' || is_logging"
			},
			want: []string{"logged FAIL 1 eu a : logging: false; logging: true"},
		},
		{
			name: "a derived table whose base was not listed is unknown", change: derived, buckets: buckets[:1], trails: []trail{{"1", "eu", "a", "on"}},
			cells: []collect.Cell{listCell("1", "eu", "trail", collect.Partial, "broken: x"), listCell("2", "eu", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged UNKNOWN 1 eu a : broken: x", "logged UNKNOWN 1 global : broken: x", "logged UNKNOWN 2 global : denied: x"},
		},
		{
			name: "a pass over a derived table that is null is a defect", buckets: buckets[:1], trails: []trail{{"1", "eu", "a", ""}},
			change: derived,
			want:   []string{"logged UNKNOWN 1 eu a : defect: pass is neither true nor false although all that it reads is known"},
		},
		{
			name: "a row of a derived table that does not say its account is a defect", buckets: buckets[:1], trails: []trail{{"1", "eu", "a", "on"}},
			change: func(c *plan.Check) {
				derived(c)
				c.Spec.Resource, c.When = "lost_bucket", refs("bucket.id")
			},
			cells: []collect.Cell{listCell("1", "eu", "trail", collect.Denied, "denied: x")},
			want:  []string{"logged UNKNOWN eu a : defect: lost_bucket does not give the account_id of this row", "logged UNKNOWN 1 global : denied: x"},
		},
		{
			name: "a manual check on a derived table", buckets: buckets[:1], trails: []trail{{"1", "eu", "a", "on"}},
			change: func(c *plan.Check) {
				derived(c)
				c.Spec.Pass, c.Spec.Found, c.Spec.Manual = "", "", "Look."
			},
			want: []string{"logged MANUAL 1 eu a : Look."},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newWorld(t, test.buckets...)
			for i, tr := range test.trails {
				logging, unknown := map[string]string{"on": "true", "off": "false"}[tr.status], "NULL"
				if logging == "" {
					logging = "NULL"
				}
				if len(tr.status) > 0 && tr.status[0] == '?' {
					unknown = "MAP{'status': " + quoteText(tr.status[1:]) + "}"
				}
				run(t, db, fmt.Sprintf("INSERT INTO trail VALUES ('aws', '%s', 'aws', '%s', 't%d', 't', NULL, '%s', %s, '2026-01-15T12:00:00Z', %s)",
					tr.account, tr.region, i, tr.bucket, logging, unknown))
			}
			got := ask(t, db, Options{Checks: []*plan.Check{queryCheck(test.query, test.change)}, EmitPass: true, Cells: append(ok[:len(ok):len(ok)], test.cells...)})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
