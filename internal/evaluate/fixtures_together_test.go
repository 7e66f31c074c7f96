package evaluate

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/plan"
)

// Each says something of several accounts, of texts that name them, and of what is not known.
const (
	ofQuery = `query: >-
  SELECT b.id, b.account_id, b.region, coalesce(bool_or(t.is_logging), false) AS pass, b.id || ' of ' || b.account_id AS found
  FROM aws_s3_bucket b LEFT JOIN aws_cloudtrail t ON t.s3_bucket_name = b.name AND t.account_id = b.account_id GROUP BY ALL
tests:
  - pass: {aws_s3_bucket: [{Name: a}], aws_cloudtrail: [{TrailARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/t", S3BucketName: a, status: {IsLogging: true}}]}
  - fail: {aws_s3_bucket: [{Name: in-111122223333}, {Name: in-999988887777, _account: "999988887777"}], aws_cloudtrail: []}
    found: "arn:aws:s3:::in-111122223333 of 111122223333"
  - unknown: {aws_cloudtrail: !denied }
    cause: "denied: cloudtrail:DescribeTrails"
`
	ofDerived = `pass: is_logging
found: name || ' in ' || account_id
tests:
  - pass: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a-bucket, status: {IsLogging: true}}]}
  - fail: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a-bucket, status: {IsLogging: false}}]}
    found: a-bucket in 111122223333
  - none: {aws_cloudtrail: []}
  - unknown: {aws_cloudtrail: [{TrailARN: t, S3BucketName: a-bucket, status: !denied }]}
`
	// It sees the trails of all accounts.
	careless = `query: >-
  SELECT b.id, b.account_id, b.region, (SELECT count(*) FROM aws_cloudtrail) > 0 AS pass, 'trails' AS found FROM aws_s3_bucket b
tests:
  - pass: {aws_cloudtrail: [{TrailARN: t}]}
  - fail: {aws_cloudtrail: []}
`
)

func verdictsOf(t *testing.T, apart bool) (map[string][]verdict, []*plan.Check) {
	t.Helper()
	library, catalog := prepareLibrary(t, fstest.MapFS{
		"aws/checks/s3/aws_of_query.yaml":   &fstest.MapFile{Data: fmt.Appendf(nil, checkHead, "aws_of_query", "aws_s3_bucket", ofQuery)},
		"aws/checks/s3/aws_of_derived.yaml": &fstest.MapFile{Data: fmt.Appendf(nil, checkHead, "aws_of_derived", "aws_logged_bucket", ofDerived)},
		"aws/checks/s3/aws_careless.yaml":   &fstest.MapFile{Data: fmt.Appendf(nil, checkHead, "aws_careless", "aws_s3_bucket", careless)},
	})
	ctx := context.Background()
	db, err := openWith(ctx, library)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var checks []*plan.Check
	for _, id := range sortedKeys(catalog.Checks) {
		checks = append(checks, catalog.Checks[id])
	}
	tester, err := newTester(ctx, db, library, catalog, checks, apart)
	if err != nil {
		t.Fatal(err)
	}
	doubtful, err := tester.doubtful(ctx)
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string][]verdict{}
	for _, c := range tester.cases {
		if c.job.check.ID != "aws_careless" {
			name := fmt.Sprintf("%d: %s %s %s", c.number, c.job.check.ID, c.want, c.about)
			verdicts[name] = c.verdicts
		}
	}
	return verdicts, doubtful
}

func TestFixturesSayTheSameTogetherAsApart(t *testing.T) {
	together, doubtful := verdictsOf(t, false)
	apart, _ := verdictsOf(t, true)
	if diff := cmp.Diff(apart, together, cmp.AllowUnexported(verdict{})); diff != "" || len(apart) != 9 {
		t.Errorf("%d cases (-apart +together):\n%s", len(apart), diff)
	}
	if len(doubtful) != 1 || doubtful[0].ID != "aws_careless" {
		t.Errorf("to be asked once more: %v", doubtful)
	}
}
