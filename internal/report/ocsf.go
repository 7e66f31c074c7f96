package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// OCSF writes Compliance Findings (class 2003) of the Open Cybersecurity Schema Framework 1.5.0 with the cloud profile, one
// JSON object per line. Every finding becomes one event:
//
//	status    compliance.status_id   status_id      severity_id
//	FAIL      3 Fail                 1 New          of the check
//	UNKNOWN   0 Unknown              1 New          of the check
//	MANUAL    99 Manual              1 New          of the check
//	PASS      1 Pass                 4 Resolved     1 Informational, so that an alert on severity sees no passes
//
// What is suppressed has status_id 3 Suppressed and the reason as comment; its compliance status stands. Where a finding is about
// code, resources[0].data says where. finding_info.uid is the same for the same check and resource in every scan.
type OCSF struct{}

const ocsfVersion = "1.5.0"

// Write implements Writer.
func (OCSF) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := newLines(out)
	accounts := map[string]Account{}
	for _, a := range result.Scan.Accounts {
		accounts[a.ID] = a
	}
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		w.line(newOCSFFinding(f, accounts[f.Account], result.Checks[f.Check], result.Scan))
		if w.err != nil {
			return w.err
		}
	}
	return w.flush()
}

// Key identifies what a finding is about: the same check and resource have the same key in every scan.
// Code that moves within its file, or to another file of its unit, keeps it.
func Key(f evaluate.Finding) string {
	if inCode(f) && f.Location.Address != "" {
		return hash("code", f.Check, f.Location.Unit, f.Location.Address)
	}
	resource := f.Resource
	if resource == "" {
		resource = "name:" + f.ResourceName
	}
	return hash(f.Provider, f.Account, f.Region, f.Check, f.ResourceType, resource)
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

type ocsfWord struct {
	id   int
	word string
}

func ocsfSeverity(severity string) ocsfWord {
	words := map[string]ocsfWord{
		"critical": {5, "Critical"}, "high": {4, "High"}, "medium": {3, "Medium"}, "low": {2, "Low"}, "info": {1, "Informational"},
	}
	return words[cmp.Or(severity, "unknown")].or(ocsfWord{0, "Unknown"})
}

func (w ocsfWord) or(other ocsfWord) ocsfWord {
	if w.word == "" {
		return other
	}
	return w
}

func ocsfCompliance(status evaluate.Status) ocsfWord {
	words := map[evaluate.Status]ocsfWord{
		evaluate.Pass: {1, "Pass"}, evaluate.Fail: {3, "Fail"}, evaluate.Manual: {99, "Manual"}, evaluate.Unknown: {0, "Unknown"},
	}
	return words[status].or(ocsfWord{99, string(status)})
}

func ocsfAccountType(provider string) ocsfWord {
	words := map[string]ocsfWord{
		"aws": {10, "AWS Account"}, "gcp": {11, "GCP Project"}, "oraclecloud": {12, "OCI Compartment"},
		"azure": {13, "Azure Subscription"}, "googleworkspace": {15, "Google Workspace"}, "m365": {17, "M365 Tenant"},
	}
	return words[provider].or(ocsfWord{99, providerTitle(provider)})
}

func newOCSFFinding(f evaluate.Finding, account Account, check *content.Check, scan Scan) ocsfFinding {
	severity, verdict := ocsfSeverity(f.Severity), ocsfCompliance(f.Status)
	checkSeverity, life, comment := severity, ocsfWord{1, "New"}, ""
	switch {
	case f.Status == evaluate.Pass:
		severity, life = ocsfWord{1, "Informational"}, ocsfWord{4, "Resolved"}
	case suppressed(f):
		life, comment = ocsfWord{3, "Suppressed"}, why(f.Suppressed)
	}
	kind := ocsfAccountType(f.Provider)
	millis := scan.Finished.UnixMilli()
	message := f.Title
	if said(f) != "" {
		message += ": " + said(f)
	}
	e := ocsfFinding{
		ActivityID: 1, ActivityName: "Create",
		CategoryUID: 2, CategoryName: "Findings",
		ClassUID: 2003, ClassName: "Compliance Finding",
		TypeUID: 200301, TypeName: "Compliance Finding: Create",
		Time:       millis,
		SeverityID: severity.id, Severity: severity.word,
		StatusID: life.id, Status: life.word,
		StatusCode: string(f.Status), StatusDetail: said(f),
		Message: message, Comment: comment,
		Metadata: ocsfMetadata{
			Version: ocsfVersion, UID: scan.ID + "/" + scan.key(f), CorrelationUID: scan.ID, EventCode: f.Check,
			Profiles: []string{"cloud"}, LogName: "stance scan " + f.Provider,
			Product: ocsfProduct{Name: "Stance", UID: "stance", VendorName: "Stance", Version: scan.Version},
		},
		Cloud: ocsfCloud{
			Provider: providerTitle(f.Provider), Region: f.Region, Partition: account.Partition,
			Account: ocsfAccount{UID: f.Account, Name: account.Name, TypeID: kind.id, Type: kind.word},
		},
		FindingInfo: ocsfFindingInfo{
			UID: scan.key(f), Title: f.Title, CreatedTime: millis, Types: f.Objectives,
			Analytic: ocsfAnalytic{UID: f.Check, Name: f.Title, TypeID: 1, Type: "Rule"},
		},
		Compliance: ocsfComplianceObject{
			Control: f.Title, Requirements: f.Requirements,
			StatusID: verdict.id, Status: verdict.word, StatusCode: string(f.Status),
			Checks: []ocsfCheck{{
				UID: f.Check, Name: f.Title, Severity: checkSeverity.word, SeverityID: checkSeverity.id,
				Status: verdict.word, StatusID: verdict.id,
			}},
		},
		Resources: []ocsfResource{{
			UID: f.Resource, Name: Label(f), Type: f.ResourceType, Region: f.Region, Partition: account.Partition,
			Data: newOCSFLocation(f.Location),
		}},
	}
	if said(f) != "" {
		e.Compliance.StatusDetails = []string{said(f)}
	}
	for name, value := range f.Tags {
		e.Resources[0].Tags = append(e.Resources[0].Tags, ocsfPair{Name: name, Value: value})
	}
	slices.SortFunc(e.Resources[0].Tags, func(a, b ocsfPair) int { return cmp.Compare(a.Name, b.Name) })
	if (namedFinding{Finding: f}).ofScope() {
		e.Resources[0].Labels = []string{"scope"}
	}
	if check != nil {
		e.FindingInfo.Desc, e.Compliance.Desc, e.Compliance.Checks[0].Desc = check.Why, check.Why, check.Why
		e.Remediation = newOCSFRemediation(check)
	}
	return e
}

func newOCSFLocation(l *evaluate.Location) *ocsfLocation {
	if l == nil {
		return nil
	}
	return &ocsfLocation{File: l.File, Line: l.Line, EndLine: l.EndLine, Address: l.Address, Unit: l.Unit, Calls: calls(l)}
}

func newOCSFRemediation(check *content.Check) *ocsfRemediation {
	desc := check.Fix.Text
	if desc == "" {
		desc = check.Manual
	}
	if check.Fix.CLI != "" {
		desc += "\n\nCommand line:\n" + check.Fix.CLI
	}
	if check.Fix.Caution != "" {
		desc += "\n\nCaution: " + check.Fix.Caution
	}
	desc = strings.TrimSpace(desc)
	if desc == "" {
		return nil
	}
	return &ocsfRemediation{Desc: desc, References: check.References}
}
