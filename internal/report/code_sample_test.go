package report

import (
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
)

// hostile is text that ends what does not escape it: cells, fences, CDATA, links, tags, lines.
const hostile = "a \"quoted\" | `tick` ```fence ]]> <script>alert('x')</script> [click](https://evil.example) @team #1\nline two\t\x00\x1b[31m\u202eevil\xff"

// codeFindings are those of a scan of code: every status, a call chain, a patch, suppressions, and hostile texts.
func codeFindings() []evaluate.Finding {
	in := func(file, address string, line, end int) *evaluate.Location {
		return &evaluate.Location{File: file, Line: line, Column: 3, EndLine: end, EndColumn: 20, Address: address, Resource: "aws_s3_bucket", Unit: "envs/prod"}
	}
	bucket := func(status evaluate.Status, found, cause string, l *evaluate.Location) evaluate.Finding {
		return evaluate.Finding{
			Check: "aws_s3_bucket_versioning", Title: "S3 buckets keep previous versions of objects", Severity: "medium", Status: status, Found: found, Cause: cause,
			Provider: "aws", Account: l.Unit, Region: "eu-west-1", ResourceType: "aws_s3_bucket", Resource: "arn:aws:s3:::" + l.Address, ResourceName: l.Address,
			Objectives: []string{"data-recovery"}, Requirements: []string{"cis-aws-7.0/2.1.3"}, Location: l,
		}
	}
	public := func(found string, l *evaluate.Location) evaluate.Finding {
		f := bucket(evaluate.Fail, found, "", l)
		f.Check, f.Title, f.Severity = "aws_s3_bucket_public_access", "S3 buckets are not open to anyone", "critical"
		return f
	}
	called := in("modules/bucket/main.tf", `module.logs["a"].aws_s3_bucket.this`, 12, 14)
	called.Calls = []evaluate.CallSite{
		{Name: "module.storage", Source: "./modules/storage", File: "envs/prod/main.tf", Line: 3},
		{Name: `module.logs["a"]`, Source: "../bucket", File: "modules/storage/main.tf", Line: 40},
	}
	patched := in("envs/prod/a b/ünïcode:1%.tf", "aws_s3_bucket.site", 7, 7)
	patched.Fix = &evaluate.Patch{
		File: "envs/prod/a b/ünïcode:1%.tf", About: "set acl to private",
		Edits: []evaluate.Edit{{Start: 90, End: 103, Line: 7, Column: 10, EndLine: 7, EndColumn: 23, Text: `"private"`}},
		Diff:  "--- a/site.tf\n+++ b/site.tf\n@@ -7 +7 @@\n-\tacl = \"public-read\"\n+\tacl = \"private\" # ``` not a fence\n",
	}
	accepted := bucket(evaluate.Fail, "versioning is off", "", in("envs/prod/main.tf", "aws_s3_bucket.scratch", 30, 33))
	accepted.Suppressed = &evaluate.Suppressed{Reason: "scratch data, gone after a day", Until: "2027-01-01", By: "envs/prod/main.tf:29"}
	vague := bucket(evaluate.Unknown, "", "known after apply: aws_kms_key.k.arn", in("envs/prod/main.tf", "aws_s3_bucket.later", 50, 51))
	vague.Suppressed = &evaluate.Suppressed{Reason: hostile, By: ".stance.yaml:7"}
	twin := bucket(evaluate.Fail, "versioning is suspended", "", in("envs/prod/main.tf", "aws_s3_bucket.twice", 61, 61))
	odd := bucket(evaluate.Fail, hostile, "", in("envs/prod/"+hostile+".tf", `aws_s3_bucket.odd["`+hostile+`"]`, 0, 0))
	return []evaluate.Finding{
		public("the policy allows s3:GetObject to anyone", called),
		public("the ACL is public-read", patched),
		bucket(evaluate.Fail, "versioning is off", "", in("envs/prod/main.tf", "aws_s3_bucket.logs", 20, 22)),
		odd, twin, twin,
		bucket(evaluate.Pass, "versioning is enabled", "", in("envs/prod/main.tf", "aws_s3_bucket.good", 24, 27)),
		bucket(evaluate.Unknown, "", "known after apply: var.state", in("envs/prod/main.tf", "aws_s3_bucket.maybe", 40, 40)),
		accepted, vague,
		{
			Check: "aws_account_contacts", Title: "Security contacts are current", Severity: "low", Status: evaluate.Manual, Cause: "Ask who reads the mail.",
			Provider: "aws", Account: "envs/prod", Region: "global", ResourceType: "aws_account", Resource: "envs/prod",
			Location: &evaluate.Location{File: "envs/prod/main.tf", Unit: "envs/prod", Resource: "provider", Address: "provider.aws"},
		},
	}
}

func codeResult(tb testing.TB) *Result {
	tb.Helper()
	started := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	result := &Result{
		Scan: Scan{
			ID: "20260115T120000Z-c0de", Provider: "code", Started: started, Finished: started.Add(900 * time.Millisecond), Version: "0.1.0",
			Command: "stance scan code infra", Checks: 3, Tables: 2, Resources: 9, Folder: "infra",
			Accounts: []Account{{ID: "envs/prod"}}, Notes: []Note{{Text: "1 module is not on disk: " + hostile, Do: "run terraform init"}},
		},
		Coverage: []collect.Cell{
			{Provider: "code", Account: "envs/prod", Table: "aws_s3_bucket", Group: "list", Call: "read", Status: collect.OK, Rows: 9},
			{Provider: "code", Account: "envs/prod", Table: "envs/prod/broken.tf", Group: "list", Call: "parse", Status: collect.Failed, Cause: "broken: envs/prod/broken.tf:3: " + hostile},
		},
		Findings: listed(codeFindings()),
		Checks:   sampleResult(tb).Checks,
	}
	result.Checks["aws_s3_bucket_public_access"] = &content.Check{
		ID: "aws_s3_bucket_public_access", Provider: "aws", Service: "s3", Why: "Anyone on the internet can read what is in the bucket.",
		Fix: content.Fix{Text: "Block public access.", Caution: "Sites served from the bucket go dark."}, References: []string{"not a link", "https://docs.aws.amazon.com/s3"},
	}
	summarized(tb, result)
	return result
}
