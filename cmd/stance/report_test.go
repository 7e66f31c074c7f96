package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scanFor scans for CIS 3.1.x of the recorded cloud into a lake of the test's own.
func scanFor(t *testing.T, args ...string) (lake string) {
	t.Helper()
	lake = filepath.Join(t.TempDir(), "lake")
	stance(t, append([]string{"demo", "--quiet", "--lake", lake, "--service", "s3"}, args...)...).wants(t, exitDone)
	return lake
}

// statuses are those of a framework's requirements, by id.
func statuses(t *testing.T, lake string, args ...string) map[string]string {
	t.Helper()
	r := stance(t, append([]string{"report", "cis-aws-7.0", "--lake", lake, "-o", "json"}, args...)...)
	r.wants(t, exitDone)
	var document struct {
		Requirements []struct {
			ID, Status  string
			Attestation *struct{ Author string }
		}
	}
	if err := json.Unmarshal([]byte(r.out), &document); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, one := range document.Requirements {
		all[one.ID] = one.Status
		if one.Attestation != nil {
			all[one.ID] += " attested by " + one.Attestation.Author
		}
	}
	return all
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAReportSaysUnknownOfWhatAScanDidNotAsk(t *testing.T) {
	all := statuses(t, scanFor(t))
	for id, want := range map[string]string{"3.1.1": "not_met", "2.4": "unknown", "4.1": "unknown"} {
		if all[id] != want {
			t.Errorf("%s is %q, want %s", id, all[id], want)
		}
	}
}

func TestMutesAndAttestationsInAReport(t *testing.T) {
	lake := scanFor(t, "--check", "aws_s3_bucket_tls_only")
	folder := t.TempDir()
	accepted := write(t, filepath.Join(folder, "mutes.yaml"), `mutes:
  - {check: aws_s3_bucket_tls_only, accept: true, owner: ana, until: 2999-01-01, reason: nobody reads them}
`)
	if got := statuses(t, lake, "--mutes", accepted)["3.1.1"]; got != "accepted" {
		t.Errorf("an accepted risk is %s", got)
	}
	ended := write(t, filepath.Join(folder, "ended.yaml"), `mutes:
  - {check: aws_s3_bucket_tls_only, accept: true, owner: ana, until: 2020-01-01, reason: nobody reads them}
`)
	if got := statuses(t, lake, "--mutes", ended)["3.1.1"]; got != "not_met" {
		t.Errorf("a risk that was accepted until 2020 is %s", got)
	}
	stance(t, "report", "cis-aws-7.0", "--lake", lake, "--mutes", ended).wants(t, exitDone, "1 rule of "+ended+" ended, the last on 2020-01-01: what it muted is back")
	elsewhere := write(t, filepath.Join(folder, "elsewhere.yaml"), `mutes:
  - {check: aws_s3_bucket_tls_only, framework: soc2-2017, reason: r}
`)
	if got := statuses(t, lake, "--mutes", elsewhere)["3.1.1"]; got != "not_met" {
		t.Errorf("a rule for another framework makes it %s", got)
	}
	typo := write(t, filepath.Join(folder, "typo.yaml"), `mutes:
  - {check: aws_s3_bucket_tls_only, reason: r}
  - {check: aws_s3_bucket_tls_onlyy, reason: r}
`)
	for _, command := range [][]string{{"report"}, {"report", "cis-aws-7.0"}, {"findings"}, {"demo"}} {
		stance(t, append(command, "--lake", lake, "--mutes", typo)...).wants(t, exitUsage, "none is used", `typo.yaml:3:13: there is no check "aws_s3_bucket_tls_onlyy"`)
	}
	r := stance(t, "findings", "--lake", lake, "--mutes", accepted, "-o", "json")
	r.wants(t, exitDone)
	if !strings.Contains(r.out, `"suppressed":{"reason":"nobody reads them","until":"2999-01-01"`) || !strings.Contains(r.out, `"accepted":true,"owner":"ana"`) {
		t.Errorf("the findings do not show who accepted what: %.400s", r.out)
	}
	attested := write(t, filepath.Join(folder, "attested.yaml"), `attestations:
  - {framework: cis-aws-7.0, requirement: "2.2", answer: met, author: ana, date: 2020-01-01, until: 2999-01-01, note: seen}
`)
	if got := statuses(t, lake, "--attestations", attested)["2.2"]; got != "unknown attested by ana" {
		t.Errorf("what was attested is %q", got)
	}
	beside := write(t, filepath.Join(lake, "attestations.yaml"), "attestations: [{framework: cis-aws-7.0}]\n")
	stance(t, "report", "cis-aws-7.0", "--lake", lake).wants(t, exitUsage, "the attestations are not right, so that none is used", `attestations.yaml:1:16: key "requirement" is missing`)
	write(t, beside, `attestations:
  - {framework: cis-aws-7.0, requirement: "2.2", answer: met, author: ana, date: 2020-01-01, until: 2020-12-31, note: seen}
`)
	if r := stance(t, "report", "cis-aws-7.0", "--lake", lake); !strings.Contains(strings.Join(strings.Fields(r.out), " "), "the attestation of 2.2 by ana ended on 2020-12-31") {
		t.Errorf("an attestation that ended is not told: %s", r.out)
	}
}

func TestReportsThatCannotBe(t *testing.T) {
	lake := scanFor(t, "--check", "aws_s3_bucket_tls_only")
	for _, c := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"cis-awss-7.0"}, exitUsage, `there is no framework "cis-awss-7.0" (did you mean "cis-aws-7.0"?)`},
		{[]string{"cis"}, exitUsage, `(there is cis-aws-3.0, `},
		{[]string{"cis-kubernetes-1.12"}, exitUsage, "cis-kubernetes-1.12 speaks of kubernetes, but the scan is of aws: `stance scan kubernetes` comes first"},
		{[]string{"cis-aws-7.0", "--level", "level-3"}, exitUsage, "cis-aws-7.0 has level-1, level-2"},
		{[]string{"soc2-2017", "--level", "1"}, exitUsage, "soc2-2017 has no levels"},
		{[]string{"cis-aws-7.0", "soc2-2017", "-o", "csv=one.csv"}, exitUsage, "2 reports would go to one file: write {framework} in its name"},
		{[]string{"cis-aws-7.0", "-o", "sarif"}, exitUsage, `unknown format "sarif": known are table, `},
		{[]string{"cis-aws-7.0", "--scan", "1999"}, exitFailed, `no scan "1999" in the lake`},
		{[]string{"cis-aws-7.0", "--compare", "1999"}, exitFailed, `no scan "1999" in the lake`},
		{[]string{"cis-aws-7.0", "--attestations", "none.yaml"}, exitUsage, "the attestations none.yaml cannot be read: no such file"},
		{[]string{"--level", "low"}, exitUsage, "--level is for the report on a framework: name one"},
	} {
		stance(t, append([]string{"report", "--lake", lake}, c.args...)...).wants(t, c.code, c.said)
	}
	damaged, err := filepath.Glob(filepath.Join(lake, "tables", "findings", "*", "*.parquet"))
	if err != nil || len(damaged) != 1 {
		t.Fatal(damaged, err)
	}
	if err := os.Truncate(damaged[0], 100); err != nil {
		t.Fatal(err)
	}
	stance(t, "report", "cis-aws-7.0", "--lake", lake).wants(t, exitFailed, "findings/scan_id=")
	if err := os.RemoveAll(filepath.Join(lake, "manifests")); err != nil {
		t.Fatal(err)
	}
	stance(t, "report", "cis-aws-7.0", "--lake", lake).wants(t, exitFailed, "no scan")
}

func TestReportsOnAllFrameworksGoToFilesOfTheirOwn(t *testing.T) {
	lake, folder := scanFor(t, "--check", "aws_s3_bucket_tls_only"), t.TempDir()
	stance(t, "report", "all", "--lake", lake, "-o", "csv="+filepath.Join(folder, "out", "{framework}.csv")).wants(t, exitDone)
	files, err := os.ReadDir(filepath.Join(folder, "out"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	all := strings.Join(names, " ")
	if !strings.Contains(all, "cis-aws-7.0.csv") || !strings.Contains(all, "gdpr.csv") || strings.Contains(all, "cis-kubernetes") {
		t.Errorf("got %s", all)
	}
}

func TestAScanForAFrameworkAsksItsChecksWithItsNumbers(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	r := stance(t, "demo", "--lake", lake, "--framework", "pci-dss-4.0.1", "--check", "aws_iam_password_policy_min_length", "-o", "json")
	r.wants(t, exitDone, "as the frameworks ask: ", "aws_iam_password_policy_min_length: length = 12")
	if !strings.Contains(r.out, `"params":{"length":12}`) || !strings.Contains(r.out, `"pci-dss-4.0.1/8.3.6"`) {
		t.Errorf("the finding does not say so: %.600s", r.out)
	}
	stance(t, "demo", "--framework", "pci-dss-4.0").wants(t, exitUsage, `(did you mean "pci-dss-4.0.1"?)`)
}

func TestFrameworksAreListedAndShown(t *testing.T) {
	r := stance(t, "frameworks", "-o", "csv")
	r.wants(t, exitDone)
	if !strings.Contains(r.out, "\ncis-aws-7.0,aws,") || !strings.Contains(r.out, "\nsoc2-2017,kubernetes,") {
		t.Errorf("got %s", r.out)
	}
	r = stance(t, "frameworks", "cis-aws-7.0")
	r.wants(t, exitDone)
	for _, words := range []string{"Center for Internet Security", "Titles are our own words", "2.11 ", "Levels: level-1, level-2"} {
		if !strings.Contains(r.out, words) {
			t.Errorf("it does not say %q:\n%.1500s", words, r.out)
		}
	}
	r = stance(t, "frameworks", "nist-800-53-r5", "--level", "moderate", "-o", "csv")
	if n := strings.Count(r.out, "\n"); n != 288 {
		t.Errorf("the moderate baseline has %d lines", n)
	}
	stance(t, "query", "--lake", scanFor(t, "--check", "aws_s3_bucket_tls_only"), "select count(*) as n from requirements where framework = 'cis-aws-7.0' and list_contains(checks, 'aws_s3_bucket_tls_only')", "-o", "csv").wants(t, exitDone)
}
