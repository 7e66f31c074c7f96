package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
)

// sampleFindings has every status and severity, and names that break what does not escape them.
func sampleFindings() []evaluate.Finding {
	const account, other = "111122223333", "444455556666"
	bucket := func(status evaluate.Status, name, found, cause string) evaluate.Finding {
		return evaluate.Finding{
			Check: "aws_s3_bucket_versioning", Title: "S3 buckets keep previous versions of objects", Severity: "medium", Status: status,
			Found: found, Cause: cause, Provider: "aws", Account: account, Region: "eu-west-1", ResourceType: "aws_s3_bucket",
			Resource: "arn:aws:s3:::" + name, ResourceName: name, Objectives: []string{"data-recovery"}, Requirements: []string{"cis-aws-7.0/2.1.3"},
		}
	}
	public := func(name, found string) evaluate.Finding {
		return evaluate.Finding{
			Check: "aws_s3_bucket_public_access", Title: "S3 buckets are not open to anyone", Severity: "critical", Status: evaluate.Fail,
			Found: found, Provider: "aws", Account: account, Region: "eu-west-1", ResourceType: "aws_s3_bucket",
			Resource: "arn:aws:s3:::" + name, ResourceName: name, Tags: map[string]string{"team": "web", "empty": "", "<b>": `"quoted", 'single'`},
		}
	}
	return []evaluate.Finding{
		public("website", "the policy allows s3:GetObject to anyone"),
		public(`</script><script>alert("x")</script>`, `the policy allows "s3:*" to <anyone> & everyone`),
		public("=cmd|'/C calc'!A0", "@SUM(1+1)*cmd|'/C calc'!A0"),
		public("naïve-日本語-🪣", "the ACL grants READ to AllUsers\nand WRITE to AuthenticatedUsers"),
		public(strings.Repeat("a-very-long-name-", 30), strings.Repeat("and another statement allows it, ", 40)),
		{
			Check: "aws_security_group_open_ssh", Title: "Security groups do not open SSH to the internet", Severity: "high", Status: evaluate.Fail,
			Found: "22/tcp is open to 0.0.0.0/0 and ::/0", Provider: "aws", Account: other, Region: "us-east-1", ResourceType: "aws_security_group",
			Resource: "sg-0123456789abcdef0", ResourceName: "bastion\x1b[31m\u202etxt", Tags: map[string]string{"Name": "bastion"},
		},
		{
			Check: "aws_iam_user_mfa", Title: "IAM users with a password have MFA | always, *truly*", Severity: "high", Status: evaluate.Unknown,
			Cause:    "denied: iam:ListMFADevices (AccessDenied: User: arn:aws:iam::444455556666:user/x is not authorized)",
			Provider: "aws", Account: other, Region: "global", ResourceType: "aws_iam_user", Resource: "arn:aws:iam::444455556666:user/ann", ResourceName: "ann",
		},
		{
			Check: "aws_guardduty_enabled", Title: "GuardDuty is on in every region", Severity: "medium", Status: evaluate.Unknown,
			Cause: "denied: guardduty:ListDetectors (explicit deny by a service control policy)", Provider: "aws", Account: account, Region: "ap-southeast-2",
			ResourceType: "aws_guardduty_detector",
		},
		bucket(evaluate.Fail, "logs", "versioning is suspended", ""),
		bucket(evaluate.Fail, "", "versioning is off", ""),
		bucket(evaluate.Pass, "archive", "versioning is enabled", ""),
		bucket(evaluate.Unknown, "vault", "", "denied: s3:GetBucketVersioning (AccessDenied)"),
		{
			Check: "aws_account_contacts", Title: "Security contacts are current", Severity: "low", Status: evaluate.Manual,
			Cause: "Ask who reads the mail that AWS sends to the security contact.", Provider: "aws", Account: account, Region: "global",
			ResourceType: "aws_account", Resource: account, ResourceName: "production",
		},
		{
			Check: "aws_kms_key_rotation", Title: "KMS keys rotate", Severity: "info", Status: evaluate.Fail, Found: "-1 days", Provider: "aws",
			Account: account, Region: "eu-west-1", ResourceType: "aws_kms_key", Resource: "arn:aws:kms:eu-west-1:111122223333:key/1",
		},
	}
}

func sampleResult(tb testing.TB) *Result {
	tb.Helper()
	started := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	cell := func(account, region, table, group, call string, status collect.Status, cause string, rows, failures int64) collect.Cell {
		return collect.Cell{
			Provider: "aws", Account: account, Region: region, Table: table, Group: group, Call: call, Status: status, Cause: cause,
			Rows: rows, Failures: failures, Calls: 1 + rows/10, Bytes: 900, Millis: 40,
		}
	}
	result := &Result{
		Scan: Scan{
			ID: "20260115T120000Z-7f3a", Provider: "aws", Started: started, Finished: started.Add(6400 * time.Millisecond), Version: "0.1.0",
			Command: `stance scan aws --profile "prod"`, Checks: 6, Tables: 5, Resources: 1204, Calls: 431, Retries: 3, Throttles: 2, Bytes: 1_250_000,
			Accounts: []Account{
				{ID: "111122223333", Name: "production", Partition: "aws", Regions: []string{"eu-west-1", "ap-southeast-2"}},
				{ID: "444455556666", Name: `R&D "sandbox"`, Partition: "aws", Regions: []string{"us-east-1"}},
				{ID: "777788889999", Partition: "aws", Error: "denied: sts:AssumeRole (AccessDenied)"},
			},
		},
		Coverage: []collect.Cell{
			cell("111122223333", "global", "aws_s3_bucket", "list", "s3:ListBuckets", collect.OK, "", 9, 0),
			cell("111122223333", "global", "aws_s3_bucket", "versioning", "s3:GetBucketVersioning", collect.Denied, "denied: s3:GetBucketVersioning (AccessDenied)", 9, 1),
			cell("444455556666", "us-east-1", "aws_security_group", "list", "ec2:DescribeSecurityGroups", collect.OK, "", 30, 0),
			cell("444455556666", "global", "aws_iam_user", "mfa", "iam:ListMFADevices", collect.Denied, "denied: iam:ListMFADevices (AccessDenied: no)", 4, 4),
			cell("111122223333", "ap-southeast-2", "aws_guardduty_detector", "list", "guardduty:ListDetectors", collect.Unsupported, "unsupported: guardduty:ListDetectors", 0, 0),
			cell("111122223333", "eu-west-1", "aws_kms_key", "list", "kms:ListKeys", collect.OK, "", 2, 0),
			cell("111122223333", "eu-west-1", "aws_kms_key", "policy", "kms:GetKeyPolicy", collect.Skipped, "skipped: kms:GetKeyPolicy was not asked for in this scan", 0, 0),
		},
		Findings: listed(sampleFindings()),
		Checks: map[string]*content.Check{
			"aws_s3_bucket_versioning": {
				ID: "aws_s3_bucket_versioning", Service: "s3", Severity: "medium", Why: "Without versions, one wrong script or one stolen key deletes data for good.",
				Fix: content.Fix{
					Text: "Turn versioning on, and expire old versions.", Caution: "Once enabled, versioning can only be suspended.",
					CLI:       "aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled",
					Terraform: "resource \"aws_s3_bucket_versioning\" \"this\" {\n  bucket = aws_s3_bucket.this.id\n  versioning_configuration { status = \"Enabled\" }\n}\n",
				},
				References: []string{"https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html", "javascript:alert(1)"},
			},
			"aws_s3_bucket_public_access": {
				ID: "aws_s3_bucket_public_access", Service: "s3", Severity: "critical", Why: "Anyone on the internet can read what is in the bucket.",
				Fix: content.Fix{Text: "Block public access.", CLI: "aws s3api put-public-access-block --bucket {name} --public-access-block-configuration BlockPublicAcls=true"},
			},
			"aws_security_group_open_ssh": {ID: "aws_security_group_open_ssh", Service: "ec2", Why: "Scanners find an open port in minutes.", Fix: content.Fix{Text: "Use a session manager."}},
			"aws_iam_user_mfa":            {ID: "aws_iam_user_mfa", Service: "iam"},
			"aws_guardduty_enabled":       {ID: "aws_guardduty_enabled", Service: "guardduty"},
			"aws_account_contacts":        {ID: "aws_account_contacts", Service: "account", Manual: "Ask who reads the mail that AWS sends to the security contact."},
		},
		Lake: "./stance-lake",
	}
	summarized(tb, result)
	return result
}

func summarized(tb testing.TB, result *Result) {
	tb.Helper()
	summary, err := Summarize(result.Findings)
	if err != nil {
		tb.Fatal(err)
	}
	result.Summary = summary
}

func listed(findings []evaluate.Finding) Findings {
	return func(yield func(evaluate.Finding, error) bool) {
		for _, f := range findings {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// manyFindings repeats the sample under new names without holding them.
func manyFindings(n int) Findings {
	some := slices.Clone(sampleFindings())
	return func(yield func(evaluate.Finding, error) bool) {
		for i := range n {
			f := some[i%len(some)]
			f.ResourceName = fmt.Sprintf("%s-%06d", f.Check, i)
			f.Resource = "arn:aws:x:::" + f.ResourceName
			if !yield(f, nil) {
				return
			}
		}
	}
}
