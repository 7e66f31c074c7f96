package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// hostile breaks what does not escape it: HTML, Markdown, a spreadsheet's formula, a terminal's command, text that runs backwards.
const hostile = "=HYPERLINK(\"http://x\")</script><img src=x onerror=alert(1)>|`*_[a](javascript:b) @all \x1b[31m\u202etxt\r\nsecond line"

// Accounts of the sample.
const (
	production = "111122223333"
	sandbox    = "444455556666"
)

// generated is when the sample's report was made.
var generated = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

// sample is a small document with everything that a report may have to say: all statuses, two accounts, requirements that checks
// answer in full, in part and not at all, answers of people, one that ended, a threshold that is too loose, a check that was asked in one
// account only, findings that were muted or accepted, texts that mean harm, and an earlier scan.
func sample() *Document {
	checks := sampleChecks()
	scan := sampleScan()
	d := &Document{
		Result: &report.Result{
			Scan: scan, Coverage: sampleCoverage(), Findings: listed(sampleFindings()), Checks: map[string]*content.Check{}, Lake: "./stance-lake",
		},
		BeforeScan: report.Scan{
			ID: "20261022T060000Z-aws-aaaaaa", Provider: "aws", Started: generated.AddDate(0, -1, 0), Finished: generated.AddDate(0, -1, 0).Add(time.Minute), Version: "0.9.0",
			Accounts: scan.Accounts,
		},
		Params:    map[string]map[string]any{"aws_iam_user_credentials_used": {"days": int64(90)}, "aws_iam_password_policy_min_length": {"length": int64(14)}},
		Generated: generated, Version: "1.0.0", Content: "0123456789abcdef with ./ours",
	}
	for _, c := range checks {
		d.Result.Checks[c.ID] = c
	}
	d.Report = assess(d, sampleFindings(), sampleAttestations())
	d.Before = assess(d, slices.DeleteFunc(sampleFindings(), func(f evaluate.Finding) bool {
		return f.Check == "aws_iam_user_mfa_for_console" && f.Account == production
	}), nil)
	resum(d)
	return d
}

// resum counts the document's findings, as it must be after they are changed.
func resum(d *Document) {
	var err error
	if d.Result.Summary, err = report.Summarize(d.Result.Findings); err != nil {
		panic(err)
	}
}

// assess tells how the sample's requirements are met by findings.
func assess(d *Document, findings []evaluate.Finding, attestations []*content.Attestation) *compliance.Report {
	tally, err := compliance.NewTally(listed(findings), nil)
	if err != nil {
		panic(err)
	}
	basis := &compliance.Basis{
		Tally: tally, Checks: sampleChecks(), Attestations: attestations, Now: generated,
		Asked: func(check string, s compliance.Scope) bool {
			return check != "aws_organizations_account_under_scp" || s.Account == production
		},
		Params: func(check string) map[string]any { return d.Params[check] },
	}
	for _, a := range d.Result.Scan.Accounts {
		basis.Scopes = append(basis.Scopes, compliance.Scope{Provider: "aws", Account: a.ID, Name: a.Name, Error: a.Error})
	}
	return compliance.Assess(basis, sampleFramework(), "")
}

func listed(findings []evaluate.Finding) report.Findings {
	return func(yield func(evaluate.Finding, error) bool) {
		for _, f := range findings {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func sampleScan() report.Scan {
	started := generated.Add(-time.Hour)
	return report.Scan{
		ID: "20261122T190000Z-aws-7f3a00", Provider: "aws", Started: started, Finished: started.Add(6400 * time.Millisecond), Version: "1.0.0",
		Command: `stance scan aws --profile "prod"`, Checks: 9, Tables: 7, Resources: 1204, Calls: 431,
		Accounts: []report.Account{
			{ID: production, Name: "production", Partition: "aws", Regions: []string{"eu-west-1", "us-east-1"}},
			{ID: sandbox, Name: `R&D "sandbox" <b>`, Partition: "aws", Regions: []string{"us-east-1"}},
		},
		Notes: []report.Note{{Text: "no call is allowed by the organization's policy in ap-south-1", Do: "leave it out with --regions"}},
	}
}

func sampleCoverage() []collect.Cell {
	cell := func(account, region, table, group, call string, status collect.Status, cause string, rows, failures int64) collect.Cell {
		return collect.Cell{
			Provider: "aws", Account: account, Region: region, Table: table, Group: group, Call: call, Status: status, Cause: cause, Rows: rows, Failures: failures, Calls: 1,
		}
	}
	return []collect.Cell{
		cell(production, "global", "aws_s3_bucket", "list", "s3:ListBuckets", collect.OK, "", 9, 0),
		cell(production, "global", "aws_iam_user", "list", "iam:ListUsers", collect.OK, "", 30, 0),
		cell(sandbox, "global", "aws_iam_user", "list", "iam:ListUsers", collect.OK, "", 4, 0),
		cell(sandbox, "global", "aws_s3_bucket", "list", "s3:ListBuckets", collect.OK, "", 4, 0),
		cell(sandbox, "us-east-1", "aws_guardduty_detector", "list", "guardduty:ListDetectors", collect.Denied, "denied: guardduty:ListDetectors (AccessDenied: "+hostile+")", 0, 1),
	}
}

// sampleFramework has headings that nest, a requirement below a requirement, and identifiers that no address and no file name likes.
func sampleFramework() *content.Framework {
	return &content.Framework{
		ID: "acme-2.0", Title: "Acme Cloud Baseline", Version: "2.0", Publisher: "Acme Standards Body",
		About:  "What Acme's customers ask of every cloud account.",
		Source: content.Publication{Document: "Acme Cloud Baseline, second edition", URL: "https://acme.example/baseline", Date: "2026-02-01"},
		Quoted: false, Missing: "Annex B, on paper archives.", OwnIDs: true, Providers: []string{"aws"}, Levels: []string{"basic", "strict"},
		Requirements: []*content.Requirement{
			{ID: "1", Title: "Identities", Group: true},
			{
				ID: "1.1", Parent: "1", Title: "Every console user has MFA", Levels: []string{"basic", "strict"}, Assessment: "automated",
				Answer: "full", Checks: []string{"aws_iam_user_mfa_for_console"},
			},
			{
				ID: "1.1(a)", Parent: "1.1", Title: "Passwords are long", Answer: "partial", Checks: []string{"aws_iam_password_policy_min_length"},
				Requires: []content.Require{{Check: "aws_iam_password_policy_min_length", Param: "length", Bound: "at_least", Value: int64(14)}},
				Left:     "Passwords of systems that are not scanned.",
			},
			{
				ID: "1.2", Parent: "1", Title: "Idle credentials are switched off after 45 days", Answer: "full", Checks: []string{"aws_iam_user_credentials_used"},
				Requires: []content.Require{{Check: "aws_iam_user_credentials_used", Param: "days", Bound: "at_most", Value: int64(45)}},
			},
			{ID: "1.3", Parent: "1", Title: "Joiners and leavers are handled", Answer: "manual", Look: "The process, and ten samples of the last year."},
			{ID: "1.4", Parent: "1", Title: "Access is reviewed every quarter", Answer: "manual", Look: "The records of the last four reviews."},
			{ID: "2", Title: "Data and detection", Group: true},
			{ID: "2.1", Parent: "2", Title: "Storage", Group: true},
			{ID: "2.1.1", Parent: "2.1", Title: "Buckets keep versions", Answer: "full", Checks: []string{"aws_s3_bucket_versioning"}},
			{ID: "2.1.2", Parent: "2.1", Title: "Buckets are encrypted", Answer: "full", Objectives: []string{"data-encrypted"}},
			{ID: "2.1.3", Parent: "2.1", Title: "File systems are encrypted", Answer: "full", Checks: []string{"aws_efs_file_system_encrypted"}},
			{ID: "2.1.4", Parent: "2.1", Title: "Buckets log who reads them", Answer: "full", Checks: []string{"aws_s3_bucket_access_logged"}},
			{ID: "164.308(a)(1)(ii)(A)", Parent: "2", Title: "Threats are watched for", Answer: "full", Checks: []string{"aws_guardduty_enabled"}},
			{ID: "=2.9", Parent: "2", Title: hostile, Answer: "partial", Checks: []string{"aws_organizations_account_under_scp"}, Left: hostile},
		},
	}
}

func sampleChecks() []*content.Check {
	check := func(id, service, severity, resource, title string) *content.Check {
		return &content.Check{
			ID: id, Provider: "aws", Service: service, Title: title, Severity: severity, Resource: resource,
			Why: "Because " + strings.ToLower(title) + ".", Pass: "ok", Found: "'it is ' || state", Fix: content.Fix{Text: "Put it right."},
		}
	}
	versioning := check("aws_s3_bucket_versioning", "s3", "medium", "aws_s3_bucket", "S3 buckets keep previous versions of objects")
	versioning.When, versioning.Pass = "not is_directory_bucket", "coalesce(versioning_status, '') = 'Enabled'\n  and 1 < 2 -- </pre><script>"
	versioning.Fix = content.Fix{Text: "Turn versioning on.", CLI: "aws s3api put-bucket-versioning --bucket {name}", Caution: "Once enabled, versioning can only be suspended."}
	versioning.References = []string{"https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html", "javascript:alert(1)"}
	length := check("aws_iam_password_policy_min_length", "iam", "medium", "aws_account", "Passwords of IAM users are long")
	length.Query, length.Pass, length.Found = "select a.id, p.minimum_password_length >= $length as pass,\n  'it is' as found\nfrom aws_account a left join aws_iam_password_policy p using (account_id)", "", ""
	length.Params = []*content.Param{{Name: "length", Type: "integer", Default: int64(14), About: "Fewest characters that a password must have"}}
	used := check("aws_iam_user_credentials_used", "iam", "high", "aws_iam_user", "Credentials of IAM users are in use")
	used.Params = []*content.Param{{Name: "days", Type: "integer", Default: int64(45), About: "Most days without use"}}
	encrypted := check("aws_s3_bucket_encrypted", "s3", "high", "aws_s3_bucket", "S3 buckets are encrypted")
	encrypted.Objectives = []string{"data-encrypted"}
	scp := check("aws_organizations_account_under_scp", "organizations", "low", "aws_organizations_account", "Accounts stand under a service control policy")
	scp.Manual, scp.Pass, scp.Found = "Ask who approves changes of the policies.", "", ""
	return []*content.Check{
		check("aws_efs_file_system_encrypted", "efs", "high", "aws_efs_file_system", "EFS file systems are encrypted"),
		check("aws_guardduty_enabled", "guardduty", "medium", "aws_guardduty_detector", "GuardDuty is on in every region"),
		length, used,
		check("aws_iam_user_mfa_for_console", "iam", "critical", "aws_iam_user", "IAM users with a password have MFA | always, *truly*"),
		scp,
		check("aws_s3_bucket_access_logged", "s3", "low", "aws_s3_bucket", "S3 buckets log access"),
		encrypted, versioning,
	}
}

func sampleFindings() []evaluate.Finding {
	known := map[string]*content.Check{}
	for _, c := range sampleChecks() {
		known[c.ID] = c
	}
	finding := func(check string, status evaluate.Status, account, name, said string) evaluate.Finding {
		c := known[check]
		f := evaluate.Finding{
			Check: check, Title: c.Title, Severity: c.Severity, Status: status, Found: said, Provider: "aws", Account: account, Region: "us-east-1",
			ResourceType: c.Resource, Resource: "arn:aws:" + c.Service + ":::" + name, ResourceName: name,
		}
		if status == evaluate.Unknown || status == evaluate.Manual {
			f.Found, f.Cause = "", said
		}
		return f
	}
	muted := func(f evaluate.Finding, s evaluate.Suppressed) evaluate.Finding {
		f.Suppressed = &s
		return f
	}
	all := []evaluate.Finding{
		finding("aws_iam_user_mfa_for_console", evaluate.Fail, production, "ann", "a password and no MFA device"),
		finding("aws_iam_user_mfa_for_console", evaluate.Fail, production, hostile, hostile),
		finding("aws_iam_user_mfa_for_console", evaluate.Pass, production, "bob", "an MFA device"),
		finding("aws_iam_user_mfa_for_console", evaluate.Pass, sandbox, "eve", "an MFA device"),
		finding("aws_iam_user_credentials_used", evaluate.Pass, production, "ann", "used 60 days ago"),
		finding("aws_iam_user_credentials_used", evaluate.Pass, sandbox, "eve", "used 3 days ago"),
		finding("aws_s3_bucket_encrypted", evaluate.Pass, production, "logs", "encrypted with a key of the customer"),
		finding("aws_s3_bucket_encrypted", evaluate.Pass, sandbox, "scratch", "encrypted"),
		finding("aws_guardduty_enabled", evaluate.Pass, production, "", "on"),
		finding("aws_guardduty_enabled", evaluate.Unknown, sandbox, "", "denied: guardduty:ListDetectors (AccessDenied: no)"),
		finding("aws_iam_password_policy_min_length", evaluate.Pass, production, production, "14 characters"),
		finding("aws_iam_password_policy_min_length", evaluate.Pass, sandbox, sandbox, "16 characters"),
		muted(finding("aws_s3_bucket_versioning", evaluate.Fail, production, "website", "versioning is off"), evaluate.Suppressed{
			Reason: "Built anew from the repository on every deployment", Until: "2027-06-30", By: "mutes.yaml:7", Accepted: true, Owner: "Web team", Ticket: "SEC-12",
		}),
		finding("aws_s3_bucket_versioning", evaluate.Pass, production, "logs", "versioning is enabled"),
		finding("aws_s3_bucket_versioning", evaluate.Pass, sandbox, "scratch", "versioning is enabled"),
		finding("aws_organizations_account_under_scp", evaluate.Manual, production, production, "Ask who approves changes of the policies."),
		muted(finding("aws_s3_bucket_access_logged", evaluate.Fail, sandbox, "scratch", "no log"), evaluate.Suppressed{Reason: hostile, Until: "2026-12-31", By: "mutes.yaml:15"}),
	}
	for i := range 30 {
		all = append(all, finding("aws_s3_bucket_access_logged", evaluate.Pass, production, fmt.Sprintf("bucket-%02d", i), "logs to bucket logs"))
	}
	return all
}

func sampleAttestations() []*content.Attestation {
	return []*content.Attestation{
		{
			Framework: "acme-2.0", Requirements: []string{"1.3"}, Answer: content.AttestedMet, Author: "ann@acme.example", Date: "2026-10-01", Until: "2027-09-30",
			Note: "Ten samples were looked at; see https://wiki.acme.example/hr <b>", Pos: content.Pos{File: "attestations.yaml", Line: 3},
		},
		{
			Framework: "acme-2.0", Requirements: []string{"1.4"}, Answer: content.AttestedMet, Author: "bob@acme.example", Date: "2025-10-01", Until: "2026-09-30",
			Note: "Reviewed.", Pos: content.Pos{File: "attestations.yaml", Line: 12},
		},
	}
}
