package inventory

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// bucketAPI and bucketTable are a table of the usual kind.
var bucketAPI = fakeAPI{
	"s3:ListBuckets":         operation(object("Buckets", listOf(object("Name", aString, "CreationDate", aTime, "BucketRegion", aString)))),
	"s3:GetBucketVersioning": operation(object("Status", aString, "MFADelete", aString)),
	"s3:GetBucketPolicy":     operation(object("Policy", aString)),
	"s3:GetBucketTagging":    operation(object("TagSet", listOf(object("Key", aString, "Value", aString)))),
}

func bucketTable() *content.Table {
	return &content.Table{
		Name: "aws_s3_bucket", Provider: "aws", Scope: content.ScopeAccount, ID: "arn", NameColumn: "name",
		List: &content.Call{Name: "list", Service: "s3", Op: "ListBuckets", Items: "Buckets"},
		Get: []*content.Call{
			{Name: "versioning", Service: "s3", Op: "GetBucketVersioning"},
			{Name: "policy", Service: "s3", Op: "GetBucketPolicy"},
			{Name: "tagging", Service: "s3", Op: "GetBucketTagging"},
		},
		Columns: []*content.Column{
			{Name: "label", SQL: "upper(arn) || coalesce(versioning_status, '?')"},
			{Name: "arn", SQL: "'arn:' || partition || ':s3:::' || name"},
			{Name: "name", Path: "Name"},
			{Name: "created_at", Path: "CreationDate"},
			{Name: "versioning_status", Path: "versioning.Status"},
			{Name: "policy", Path: "policy.Policy", Type: "iam_policy"},
			{Name: "tags", Path: "tagging.TagSet", Type: "tags"},
		},
	}
}

func TestRowsHaveTypedColumns(t *testing.T) {
	w := newWorld(t, bucketAPI, bucketTable())
	w.load("aws_s3_bucket", `{"Name":"logs","CreationDate":"2024-02-03T04:05:06Z","versioning":{"Status":"Enabled"},
		"policy":{"Policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}}"},
		"tagging":{"TagSet":[{"Key":"team","Value":"a"}]}}`)
	w.want("SELECT provider, account_id, partition, region, id, name, tags, label, arn, created_at, versioning_status, collected_at, unknown FROM aws_s3_bucket",
		`{"provider":"aws","account_id":"111122223333","partition":"aws","region":"us-east-1","id":"arn:aws:s3:::logs","name":"logs","tags":{"team":"a"},`+
			`"label":"ARN:AWS:S3:::LOGSEnabled","arn":"arn:aws:s3:::logs","created_at":"2024-02-03 04:05:06+00","versioning_status":"Enabled",`+
			`"collected_at":"2026-01-15 12:00:00+00","unknown":null}`)
	w.want("SELECT s.effect, s.principals.aws AS who, s.actions FROM (SELECT unnest(policy.statements) AS s FROM aws_s3_bucket)",
		`{"effect":"Allow","who":["*"],"actions":["s3:getobject"]}`)
}

func TestDerivedAndDataTables(t *testing.T) {
	ports := &content.Table{
		Name: "x_port", Provider: "x", ID: "port",
		Columns: []*content.Column{{Name: "port", Type: "INTEGER"}, {Name: "names", Type: "VARCHAR[]"}, {Name: "since", Type: "timestamp"}},
		Rows:    []map[string]any{{"port": 22, "names": []any{"ssh", "it's"}}, {"port": 443, "names": []any{"https"}, "since": "2000-05-01T00:00:00Z"}},
	}
	// Written before what it reads.
	loud := &content.Table{
		Name: "x_loud", Provider: "x", ID: "id", NameColumn: "shout",
		Derive:  "SELECT account_id, region, id, shout || '!' AS shout, collected_at FROM x_shout;",
		Columns: []*content.Column{{Name: "account_id"}, {Name: "region"}, {Name: "id"}, {Name: "shout"}, {Name: "collected_at"}},
	}
	shout := &content.Table{
		Name: "x_shout", Provider: "x", ID: "id", NameColumn: "id",
		Derive:  "SELECT t.account_id, t.region, t.id, upper(t.id) || ' ' || p.names[1] AS shout, t.tags FROM x_thing t, x_port p WHERE p.port = 22 -- loud",
		Columns: []*content.Column{{Name: "account_id"}, {Name: "region"}, {Name: "id"}, {Name: "shout", Type: "VARCHAR"}, {Name: "tags"}},
	}
	w := newWorld(t, thingAPI, things(), ports, loud, shout)
	w.load("x_thing", `{"Id":"a"}`)
	w.tables["x_loud"].Over, w.tables["x_shout"].Over = []string{"x_shout"}, []string{"x_thing", "x_port"}
	if err := w.Derive(w.ctx, []*plan.Table{w.tables["x_loud"], w.tables["x_shout"], w.tables["x_thing"], w.tables["x_port"]}); err != nil {
		t.Fatal(err)
	}
	w.want("FROM x_port ORDER BY port",
		`{"provider":"x","account_id":null,"partition":null,"region":null,"id":"22","name":"22","tags":null,"port":22,"names":["ssh","it's"],"since":null,"raw":null,"collected_at":"2026-01-15 12:00:00+00","unknown":null}`,
		`{"provider":"x","account_id":null,"partition":null,"region":null,"id":"443","name":"443","tags":null,"port":443,"names":["https"],"since":"2000-05-01 00:00:00+00","raw":null,"collected_at":"2026-01-15 12:00:00+00","unknown":null}`)
	w.want("FROM x_loud",
		`{"provider":"x","account_id":"111122223333","partition":null,"region":"us-east-1","id":"a","name":"A ssh!","tags":null,"shout":"A ssh!","raw":null,"collected_at":"2026-01-15 12:00:00+00","unknown":null}`)
}

func TestLedgers(t *testing.T) {
	w := newWorld(t, bucketAPI)
	cells := []collect.Cell{
		{Provider: "aws", Account: "1", Region: "global", Table: "aws_s3_bucket", Group: "list", Status: collect.OK, Call: "s3:ListBuckets", Rows: 3, Calls: 1, Bytes: 100, Millis: 7},
		{Provider: "aws", Account: "1", Region: "global", Table: "aws_s3_bucket", Group: "policy", Status: collect.Denied, Cause: `denied: "it's"`, Failures: 3},
	}
	for _, err := range []error{
		w.AddCoverage(w.ctx, cells),
		w.AddScan(w.ctx, Scan{ID: "s1", Provider: "aws", Started: scanTime, Status: "ok", Summary: []byte(`{"n":1}`)}),
		w.AddChecks(w.ctx, []Check{{Check: &content.Check{ID: "c1", Severity: "high", Resource: "aws_s3_bucket", Objectives: []string{"o1"}}}}),
		w.AddObjectives(w.ctx, []*content.Objective{{ID: "o1", Title: "Data can be recovered"}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.want("SELECT table_name, column_group, status, cause, \"rows\", failures, ms FROM coverage ORDER BY column_group",
		`{"table_name":"aws_s3_bucket","column_group":"list","status":"ok","cause":null,"rows":3,"failures":0,"ms":7}`,
		`{"table_name":"aws_s3_bucket","column_group":"policy","status":"denied","cause":"denied: \"it's\"","rows":0,"failures":3,"ms":0}`)
	w.want("SELECT scan, started_at, finished_at, summary->>'n' AS n FROM scans", `{"scan":"s1","started_at":"2026-01-15 12:00:00+00","finished_at":null,"n":"1"}`)
	w.want("SELECT c.id, o.title FROM checks c, unnest(c.objectives) AS u(objective) JOIN objectives o ON o.id = u.objective", `{"id":"c1","title":"Data can be recovered"}`)
}

func TestTablesLoadAtOnce(t *testing.T) {
	specs := make([]*content.Table, 8)
	for i := range specs {
		specs[i] = bucketTable()
		specs[i].Name = fmt.Sprintf("table_%d", i)
	}
	w := newWorld(t, bucketAPI, specs...)
	doc := line(t, `{"Name":"logs"}`, nil)
	var group sync.WaitGroup
	for _, spec := range specs {
		group.Go(func() {
			lines := func(yield func([]byte, error) bool) {
				for range 5000 {
					if !yield([]byte(doc), nil) {
						return
					}
				}
			}
			if report, err := w.Load(w.ctx, w.tables[spec.Name], lines); err != nil || report.Rows != 5000 {
				t.Errorf("%s: %+v, %v", spec.Name, report, err)
			}
		})
	}
	group.Wait()
	for _, spec := range specs {
		w.want("SELECT count(*) AS n FROM "+spec.Name, `{"n":5000}`)
	}
}
