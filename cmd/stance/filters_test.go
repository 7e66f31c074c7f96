package main

import (
	"strings"
	"testing"
)

// TestAMistypedFilterIsNoAllClear: a list that is empty because a word is wrong would look as if nothing were wrong.
func TestAMistypedFilterIsNoAllClear(t *testing.T) {
	lake, _ := scanDemo(t)
	for _, c := range []struct{ line, says string }{
		{"findings --severity hihg", `did you mean "high"`},
		{"findings --status fial", `did you mean "fail"`},
		{"findings --check aws_s3_bucket_versionning", `did you mean "aws_s3_bucket_versioning"`},
		{"findings --check aws_x", "aws_s3_bucket_not_public, aws_s3_bucket_versioning"},
		{"findings --account 1", "123456789012"},
		{"findings --region us-esat-1", "--region us-esat-1"},
		{"findings -o xml", `"xml"`},
		{"checks --severity hihg", `did you mean "high"`},
		{"checks --service s33", `did you mean "s3"`},
		{"tables --service s33", `did you mean "s3"`},
		{"tables -o xml", "json"},
		{"test --check aws_s3_bucket_versioning,aws_x", "aws_x"},
	} {
		t.Run(c.line, func(t *testing.T) {
			r := stance(t, append(strings.Fields(c.line), "--lake", lake)...)
			r.wants(t, exitUsage, c.says)
			if r.out != "" {
				t.Errorf("it lists all the same:\n%s", r.out)
			}
		})
	}
	for _, line := range []string{"findings --status FAIL", "findings --severity critical --account 123456789012 --region global,us-east-1", "checks --severity critical --service s3"} {
		stance(t, append(strings.Fields(line), "--lake", lake)...).wants(t, exitDone)
	}
}

func TestTagsThatNoResourceHasAreNoAllClear(t *testing.T) {
	for _, c := range []struct {
		tags, says string
		code       int
	}{
		{"team=nope", "no resource has the tag team=nope", exitUsage},
		{"team=shpo", `did you mean "team=shop"`, exitUsage},
		{"team=shop", "", exitFindings},
	} {
		t.Run(c.tags, func(t *testing.T) {
			stance(t, "demo", "--lake", t.TempDir(), "--check", "aws_s3_bucket_versioning", "--tag", c.tags, "--fail-on", "low", "--strict").wants(t, c.code, c.says)
		})
	}
}
