package evaluate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

const tablesYAML = `table: aws_s3_bucket
title: S3 bucket
about: A bucket.
scope: account
id: arn
region: BucketRegion
list: {call: s3:ListBuckets, items: Buckets}
get:
  versioning: {call: s3:GetBucketVersioning, with: {Bucket: Name}}
  policy:     {call: s3:GetBucketPolicy, with: {Bucket: Name}, absent: [NoSuchBucketPolicy]}
columns:
  arn:               {sql: "'arn:' || partition || ':s3:::' || name", about: ARN}
  name:              {path: Name, about: Name}
  created_at:        {path: CreationDate, about: Made}
  versioning_status: {path: versioning.Status, about: Status}
  mfa_delete:        {path: versioning.MFADelete, about: MFA}
  policy:            {path: policy.Policy, type: iam_policy, about: Policy}
sample: {Name: a-bucket, BucketRegion: eu-west-1}
`

const trailsYAML = `table: aws_cloudtrail
title: Trail
about: A trail.
scope: region
id: arn
list: {call: cloudtrail:DescribeTrails, items: trailList}
get:
  status: {call: cloudtrail:GetTrailStatus, with: {Name: TrailARN}}
columns:
  arn:            {path: TrailARN, about: ARN}
  name:           {path: Name, about: Name}
  s3_bucket_name: {path: S3BucketName, about: Bucket}
  is_logging:     {path: status.IsLogging, about: Logs}
---
table: aws_logged_bucket
title: Bucket with a trail
about: A bucket with a trail.
id: bucket_arn
derive: |
  SELECT b.account_id, b.region, b.arn AS bucket_arn, b.name, t.is_logging
  FROM aws_s3_bucket b JOIN aws_cloudtrail t ON t.s3_bucket_name = b.name AND t.account_id = b.account_id
columns:
  account_id: {about: Account}
  region:     {about: Region}
  bucket_arn: {about: ARN}
  name:       {about: Name}
  is_logging: {about: Logs}
`

const checkHead = `id: %s
title: A title
severity: low
resource: %s
why: Because.
fix: {text: Fix it.}
references: ["https://example.com/"]
objectives: []
%s`

// testContent runs the fixtures of one check, written as YAML after its head.
func testContent(t testing.TB, resource, check string) Report {
	t.Helper()
	return testLibrary(t, fstest.MapFS{
		"aws/checks/s3/aws_check.yaml": &fstest.MapFile{Data: fmt.Appendf(nil, checkHead, "aws_check", resource, check)},
	})
}

func testLibrary(t testing.TB, files fstest.MapFS) Report {
	t.Helper()
	library, catalog := prepareLibrary(t, files)
	var checks []*plan.Check
	for _, id := range sortedKeys(catalog.Checks) {
		checks = append(checks, catalog.Checks[id])
	}
	report, err := Test(context.Background(), library, catalog, checks)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func prepareLibrary(t testing.TB, files fstest.MapFS) (*content.Library, *plan.Catalog) {
	t.Helper()
	files["aws/provider.yaml"] = &fstest.MapFile{Data: []byte("id: aws\ntitle: AWS\nerrors: []\n")}
	files["aws/tables/s3.yaml"] = &fstest.MapFile{Data: []byte(tablesYAML)}
	files["aws/tables/cloudtrail.yaml"] = &fstest.MapFile{Data: []byte(trailsYAML)}
	library, problems := content.Load(content.Folder{FS: files})
	for _, p := range problems {
		t.Logf("content: %v", p)
	}
	catalog, found, err := plan.Prepare(context.Background(), library, plan.APIs{"aws": api.API()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range found {
		t.Logf("plan: %v", p)
	}
	if len(catalog.Checks) != len(library.Checks) {
		t.Fatalf("%d of %d checks were prepared", len(catalog.Checks), len(library.Checks))
	}
	return library, catalog
}

func TestFixturesOfRowChecks(t *testing.T) {
	const versioning = `pass: versioning_status = 'Enabled'
found: "'versioning is ' || lower(coalesce(versioning_status, 'off'))"
tests:
`
	for _, test := range []struct {
		name, check string
		want        []string // parts of the one failure; none if there is none
	}{
		{"what passes passes", versioning + "  - pass: {versioning: {Status: Enabled}}", nil},
		{"what fails fails, with the text", versioning + "  - fail: {versioning: {Status: Suspended}}\n    found: versioning is suspended", nil},
		{"a call that was denied is unknown", versioning + "  - unknown: {versioning: !denied s3:GetBucketVersioning}", nil},
		{"a cause is made of class and call", versioning + "  - unknown: {versioning: !throttled }\n    cause: 'throttled: s3:GetBucketVersioning'", nil},
		{"a list call that was denied is unknown", versioning + "  - unknown: !denied s3:ListAllMyBuckets", nil},
		{"another verdict is a failure that shows what the SQL saw", versioning + "  - pass: {versioning: {Status: Suspended}}", []string{
			"aws/checks/s3/aws_check.yaml:12:", "check aws_check, fixture pass", "wanted: PASS", "got:    FAIL, found: versioning is suspended", `aws_s3_bucket {"id":"arn:aws:s3:::a-bucket","versioning_status":"Suspended"`,
		}},
		{"another text is a failure that shows where it differs", versioning + "  - fail: {versioning: {Status: Suspended}}\n    found: versioning is off", []string{
			"wanted: FAIL, found: versioning is off", "got:    FAIL, found: versioning is suspended", `they differ from "suspended" on, where "off" is wanted`,
		}},
		{"another cause is a failure", versioning + "  - unknown: {versioning: !denied s3:GetBucketVersioning}\n    cause: throttled", []string{"cause with throttled", "got:    UNKNOWN, cause: denied: s3:GetBucketVersioning"}},
		{"a defect is a failure, though unknown is wanted", versioning + "  - unknown: {versioning: {}}", []string{"got:    UNKNOWN, cause: defect: pass is neither true nor false"}},
		{"a finding where none is wanted is a failure", versioning + "  - none: {versioning: {Status: Enabled}}", []string{"wanted: no finding", "got:    PASS"}},
		{"no finding where one is wanted is a failure", "when: name <> 'a-bucket'\n" + versioning + "  - pass: {versioning: {Status: Enabled}}", []string{"got:    no finding"}},
		{"what when leaves out has none", "when: name <> 'a-bucket'\n" + versioning + "  - none: {versioning: !denied }", nil},
		{"a group that is not said is known to be absent", "pass: policy is null\ntests:\n  - pass: {Name: b}", nil},
		{"the account as SQL sees it is the usual one", "pass: account_id = '111122223333' and region = 'eu-west-1' and partition = 'aws'\ntests:\n  - pass: {Name: b}", nil},
		{"account, region and partition can be said", "pass: account_id = '5' and region = 'x' and arn = 'arn:p:s3:::b'\ntests:\n  - pass: {Name: b, _account: '5', _region: x, _partition: p}", nil},
		{"times may be relative to the scan's", "pass: collected_at - created_at = interval 90 days and collected_at = timestamptz '2026-01-15 12:00:00Z'\ntests:\n  - pass: {CreationDate: !ago 90d}", nil},
		{"parameters may be set", "pass: name = $wanted\nparams: {wanted: {type: string, default: x, about: A name}}\ntests:\n  - pass: {Name: b}\n    params: {wanted: b}\n  - fail: {Name: b}\n  - pass: {Name: x}\n  - fail: {Name: x}\n    params: {wanted: b}", nil},
		{"a manual check is manual", "manual: Look.\nwhen: name = 'b'\ntests:\n  - manual: {Name: b}\n  - none: {Name: c}", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			expect(t, testContent(t, "aws_s3_bucket", test.check), test.want)
		})
	}
}

func expect(t *testing.T, r Report, want []string) {
	t.Helper()
	if r.Fixtures == 0 {
		t.Error("no fixture was run")
	}
	if want == nil && len(r.Failures) > 0 || want != nil && len(r.Failures) != 1 {
		t.Fatalf("%d failures: %v", len(r.Failures), r.Failures)
	}
	for _, part := range want {
		if text := r.Failures[0].String(); !strings.Contains(text, part) {
			t.Errorf("the failure does not say %q:\n%s", part, text)
		}
	}
}

func TestFixturesOfQueryChecks(t *testing.T) {
	const logged = `query: >-
  SELECT b.id, b.account_id, b.region, coalesce(bool_or(t.is_logging), false) AS pass, 'trails: ' || count(t.id) AS found
  FROM aws_s3_bucket b LEFT JOIN aws_cloudtrail t ON t.s3_bucket_name = b.name AND t.account_id = b.account_id GROUP BY ALL
tests:
`
	for _, test := range []struct {
		name, check string
		want        []string
	}{
		{"a fixture's tables are its own", logged + `
  - pass: {aws_s3_bucket: [{Name: a}], aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: true}}]}
  - fail: {aws_s3_bucket: [{Name: a}, {Name: b}], aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: true}}]}
    found: "trails: 0"
  - none: {aws_s3_bucket: []}`, nil},
		{"a table that is not said has its sample, or is empty", logged + "  - fail: {}\n    found: 'trails: 0'", nil},
		{"a list call that was denied is unknown", logged + "  - unknown: {aws_cloudtrail: !denied }\n    cause: 'denied: cloudtrail:DescribeTrails'", nil},
		{"a call on one row that was denied is unknown", logged + "  - unknown: {aws_cloudtrail: [{TrailARN: t, S3BucketName: x, status: !denied }]}", nil},
		{"a service that a region lacks is no gap", logged + "  - fail: {aws_cloudtrail: !unsupported no endpoint of cloudtrail}", nil},
		{
			"one fail among passes is not a pass", logged + "  - pass: {aws_s3_bucket: [{Name: a}, {Name: b}], aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: true}}]}",
			[]string{"PASS arn:aws:s3:::a in eu-west-1", "FAIL arn:aws:s3:::b in eu-west-1, found: trails: 0", "aws_cloudtrail {"},
		},
		{"a query that mixes accounts is found out", careless, []string{"fixture fail with a second account beside, where the check gives pass", "got:    PASS"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			expect(t, testContent(t, "aws_s3_bucket", test.check), test.want)
		})
	}
	t.Run("a query that mixes regions, each of which it is asked about alone, is found out", func(t *testing.T) {
		expect(t, testContent(t, "aws_cloudtrail", `scope: region
query: >-
  SELECT t.id, t.account_id, t.region, (SELECT bool_or(o.is_logging) FROM aws_cloudtrail o WHERE o.account_id = t.account_id) AS pass, 'trails' AS found
  FROM aws_cloudtrail t
tests:
  - pass: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: true}}]}
  - fail: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: false}}]}
`), []string{"fixture fail with a second region beside, where the check gives pass", "got:    PASS"})
	})
	t.Run("a check on a derived table takes documents of its base tables", func(t *testing.T) {
		expect(t, testContent(t, "aws_logged_bucket", `pass: is_logging
tests:
  - pass: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a-bucket, status: {IsLogging: true}}]}
  - fail: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a-bucket, status: {IsLogging: false}}]}
  - none: {aws_cloudtrail: []}
  - unknown: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a-bucket, status: !denied }]}
`), nil)
	})
}

func TestDefectsOnDerivedTablesAreExplained(t *testing.T) {
	expect(t, testContent(t, "aws_logged_bucket", `pass: is_logging
tests:
  - pass: {aws_s3_bucket: [{Name: a}, {Name: b}], aws_cloudtrail: [{TrailARN: t, S3BucketName: a, status: {IsLogging: true}}, {TrailARN: u, S3BucketName: b, status: {}}]}
`), []string{"cause: defect: pass is neither true nor false although all that it reads is known"})
}

func TestEveryCallThatAVerdictRestsOnIsDeniedOnce(t *testing.T) {
	files := fstest.MapFS{"aws/checks/s3/aws_check.yaml": &fstest.MapFile{Data: fmt.Appendf(nil, checkHead, "aws_check", "aws_s3_bucket", `when: policy is not null
pass: versioning_status = 'Enabled'
tests:
  - pass: {versioning: {Status: Enabled}, policy: {Policy: '{"Statement":[]}'}}
  - fail: {versioning: {Status: Suspended}, policy: {Policy: '{"Statement":[]}'}}
`)}}
	library, catalog := prepareLibrary(t, files)
	check := catalog.Checks["aws_check"]
	r, err := Test(context.Background(), library, catalog, []*plan.Check{check})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{2, 4, 0}, []int{r.Fixtures, r.Derived, len(r.Failures)}); diff != "" {
		t.Errorf("fixtures, derived, failures (-want +got):\n%s\n%v", diff, r.Failures)
	}
	// Lineage that forgot what pass reads shows: the group is as unknown as in a scan that does not fetch it.
	check.Pass = nil
	if r, err = Test(context.Background(), library, catalog, []*plan.Check{check}); err != nil {
		t.Fatal(err)
	}
	if len(r.Failures) == 0 {
		t.Error("lineage that misses a column goes unnoticed")
	}
}
