package evaluate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// BenchmarkRun evaluates 150 checks over 100,000 resources: 15 checks on each of 10 tables of 10,000 rows. A third of the
// rows fail, one in a hundred is not known.
func BenchmarkRun(b *testing.B) {
	db := newWorld(b)
	tables := map[string]*plan.Table{}
	var checks []*plan.Check
	for n := range 10 {
		name := fmt.Sprintf("bucket_%d", n)
		run(b, db, fmt.Sprintf(`CREATE TABLE %s AS SELECT 'aws' AS provider, '111122223333' AS account_id, 'aws' AS partition, 'eu-west-1' AS region,
  'arn:aws:s3:::a-bucket-with-a-long-name-' || i AS id, 'a-bucket-with-a-long-name-' || i AS name, MAP{'team': 'a', 'cost-center': '4711'} AS tags,
  'plain' AS kind, CASE WHEN i %% 3 = 0 THEN 'Off' ELSE 'Enabled' END AS versioning, 'aws:kms' AS algorithm, '1' AS size,
  TIMESTAMPTZ '2026-01-15T12:00:00Z' AS collected_at, CASE WHEN i %% 100 = 0 THEN MAP{'versioning': 'denied: s3:GetBucketVersioning'} END AS unknown
FROM range(10000) r(i)`, name))
		table := *worldTables()["bucket"]
		table.Name = name
		table.Spec = &content.Table{Name: name, List: &content.Call{}}
		tables[name] = &table
		for k := range 15 {
			checks = append(checks, rowCheck(func(c *plan.Check) {
				c.ID = fmt.Sprintf("%s_%d", name, k)
				c.Spec.ID, c.Spec.Resource = c.ID, name
				c.Spec.When = "kind <> 'x'"
				c.When, c.Pass, c.Found = refs(name+".kind"), refs(name+".versioning"), refs(name+".versioning")
			}))
		}
	}
	for _, keep := range []bool{false, true} {
		b.Run(fmt.Sprintf("pass=%t", keep), func(b *testing.B) {
			for b.Loop() {
				if _, err := Run(context.Background(), db, Options{Tables: tables, Checks: checks, EmitPass: keep}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("read/pass=%t", keep), func(b *testing.B) {
			n := 0
			for b.Loop() {
				for _, err := range Findings(context.Background(), db) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			b.ReportMetric(float64(n)/float64(b.N), "findings")
		})
	}
}

// BenchmarkTest runs three fixtures each of 1,000 checks over 150 tables; every sixth check is a query.
func BenchmarkTest(b *testing.B) {
	files := fstest.MapFS{}
	for n := range 150 {
		files[fmt.Sprintf("aws/tables/t%d.yaml", n)] = &fstest.MapFile{Data: []byte(strings.Replace(tablesYAML, "table: aws_s3_bucket", fmt.Sprintf("table: aws_t%d_bucket", n), 1))}
	}
	for n := range 1000 {
		resource := fmt.Sprintf("aws_t%d_bucket", n%150)
		check := `pass: versioning_status = 'Enabled' AND NOT allows_nobody(policy)
found: "'versioning is ' || lower(coalesce(versioning_status, 'off'))"
tests:
  - pass: {versioning: {Status: Enabled}}
  - fail: {versioning: {Status: Suspended}}
    found: versioning is suspended
  - unknown: {versioning: !denied }
`
		if n%6 == 0 {
			check = `query: >-
  SELECT b.id, b.account_id, b.region, coalesce(bool_or(t.is_logging), false) AS pass, 'trails: ' || count(t.id) AS found
  FROM ` + resource + ` b LEFT JOIN aws_cloudtrail t ON t.s3_bucket_name = b.name AND t.account_id = b.account_id GROUP BY ALL
tests:
  - pass: {` + resource + `: [{Name: a}], aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: true}}]}
  - fail: {` + resource + `: [{Name: a}]}
  - unknown: {aws_cloudtrail: !denied }
`
		}
		id := fmt.Sprintf("aws_s3_check_%d", n)
		files["aws/checks/s3/"+id+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, checkHead, id, resource, check)}
	}
	files["functions/policy.sql"] = &fstest.MapFile{Data: []byte("-- Whether a policy lets in nobody.\nCREATE MACRO allows_nobody(policy) AS coalesce(len(list_filter(policy.statements, lambda _s: _s.effect = 'None')) > 0, false);\n")}
	library, catalog := prepareLibrary(b, files)
	var checks []*plan.Check
	for _, id := range sortedKeys(catalog.Checks) {
		checks = append(checks, catalog.Checks[id])
	}
	for b.Loop() {
		r, err := Test(context.Background(), library, catalog, checks)
		if err != nil || r.Fixtures != 3000 || len(r.Failures) > 0 {
			b.Fatalf("%v: %+v", err, r)
		}
		b.ReportMetric(float64(r.Derived), "derived")
	}
}
