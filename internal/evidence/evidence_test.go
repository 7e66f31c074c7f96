package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/test/recorded"
)

func sum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// oneScan is what a report says of the one scan of a bundle.
func oneScan(t *testing.T, r *Report) ScanReport {
	t.Helper()
	if len(r.Scans) != 1 {
		t.Fatalf("%d scans: %s", len(r.Scans), text(t, r))
	}
	return r.Scans[0]
}

// TestEveryVerdictFollows: all checks of the recorded cloud, with parameters of the user's, refused calls, and answers that are not of the form that
// they should have. Each verdict comes out the same, once with the bundle's content taken for the program's, and once with all of it
// proved to be harmless first, as that of a stranger.
func TestEveryVerdictFollows(t *testing.T) {
	lake, bundle := filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "all.zip")
	set := "params:\n  aws_rds_instance_backups: {days: 30}\n  trusted_account_ids: ['210987654321']\n  aws_vpc_security_group_internet_ports_allowed: {ports: ['443', '8443']}\n"
	scanned{
		settings: set, deny: []string{"lambda:GetPolicy", "kms:ListKeys", "iam:GetAccountSummary"},
		odd: map[string]string{"s3:GetBucketVersioning tidewater-backups": `{"Status": {"on": true}}`, "s3:GetBucketEncryption tidewater-config": `{"ServerSideEncryptionConfiguration": []}`},
	}.into(t, lake)
	made := written(t, bundle, lake, Options{Settings: settings(t, set)})
	if _, err := os.Stat(bundle + ".part"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something half-written is left: %v", err)
	}
	r := verified(t, bundle, VerifyOptions{})
	one := oneScan(t, r)
	if !r.OK() || one.Same != made.Verdicts {
		t.Errorf("%d verdicts were written: %s", made.Verdicts, text(t, r))
	}
	all := files(t, bundle)
	statuses, checks, causes := map[evaluate.Status]int{}, map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(all[fileOf(t, all, "/findings.ndjson")])) {
		var f evaluate.Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		statuses[f.Status]++
		checks[f.Check] = true
		class, _, _ := strings.Cut(f.Cause, ":")
		causes[class] = true
	}
	for _, status := range []evaluate.Status{evaluate.Pass, evaluate.Fail, evaluate.Unknown, evaluate.Manual} {
		if statuses[status] < 4 {
			t.Errorf("%d verdicts are %s: the test proves too little", statuses[status], status)
		}
	}
	for _, class := range []string{"denied", "unexpected type"} {
		if !causes[class] {
			t.Errorf("no verdict is unknown because of %s: the test proves too little", class)
		}
	}
	if !slices.Contains(r.Given, "aws_lambda_function_no_secrets_in_environment") || slices.Contains(r.Given, "aws_s3_bucket_versioning") {
		t.Errorf("what is read of secrets: %v", r.Given)
	}
	var m manifest
	if err := json.Unmarshal(all[manifestName], &m); err != nil {
		t.Fatal(err)
	}
	if days := string(m.Scans[0].Parameters["aws_rds_instance_backups"]["days"]); days != "30" {
		t.Errorf("the manifest says that the check was asked with days = %s", days)
	}
	if made.Checks != len(open(t).Checks) || made.Scans != 1 || int(made.Files) != len(all) || made.Documents < 400 {
		t.Errorf("written: %+v", made)
	}
}

// TestLedgerIsThatOfTheChecks: what the ledger was told of rows after the checks were asked does not make whole tables unknown.
func TestLedgerIsThatOfTheChecks(t *testing.T) {
	lake, bundle := filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "odd.zip")
	scanned{checks: fewChecks[:2], odd: map[string]string{"s3:GetBucketVersioning tidewater-backups": `{"Status": {"on": true}}`}}.into(t, lake)
	written(t, bundle, lake, Options{})
	all := files(t, bundle)
	var cells []collect.Cell
	if err := json.Unmarshal(all[fileOf(t, all, "/coverage.json")], &cells); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(cells, func(c collect.Cell) bool {
		return c.Group == "versioning" && c.Status == collect.Partial && strings.HasPrefix(c.Cause, "unexpected type: ")
	}) {
		t.Errorf("the ledger of the bundle does not say what the scan's says: %+v", cells)
	}
}

func TestTheSameEvidenceIsTheSameFile(t *testing.T) {
	bundle, lake := fewWritten(t)
	again := filepath.Join(t.TempDir(), "again.zip")
	written(t, again, lake, Options{})
	a, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(again)
	if err != nil {
		t.Fatal(err)
	}
	if sum(a) != sum(b) {
		t.Error("written twice, it differs")
	}
}

func TestOnlyTheChecksThatWereAskedFor(t *testing.T) {
	_, lake := fewWritten(t)
	bundle := filepath.Join(t.TempDir(), "one.zip")
	made := written(t, bundle, lake, Options{Checks: []string{"aws_s3_bucket_versioning", "aws_ebs_volume_encrypted"}, About: "One check"})
	all := files(t, bundle)
	var checks, documents []string
	for name := range all {
		if strings.HasPrefix(name, "content/checks/") {
			checks = append(checks, name)
		}
		if strings.Contains(name, "/documents/") {
			documents = append(documents, filepath.Base(name))
		}
	}
	if len(checks) != 1 || len(documents) != 1 || documents[0] != "aws_s3_bucket.ndjson" || made.Checks != 1 {
		t.Errorf("%v, %v, %+v", checks, documents, made)
	}
	if r := verified(t, bundle, VerifyOptions{Known: known(t)}); !r.OK() || r.About != "One check" {
		t.Error(text(t, r))
	}
	if _, err := Write(t.Context(), bundle, options(t, lake, Options{Checks: []string{"aws_ebs_volume_encrypted"}})); err == nil || !strings.Contains(err.Error(), "nothing to prove") {
		t.Errorf("of a check that no scan asked: %v", err)
	}
}

// TestEachScanIsProvedByItsOwnDocuments: where the latest state is put together of several scans, a verdict does not rest on rows that a later
// scan saw, and with the parameters of its own scan.
func TestEachScanIsProvedByItsOwnDocuments(t *testing.T) {
	lake, bundle := filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "two.zip")
	scanned{checks: []string{"aws_s3_bucket_versioning"}}.into(t, lake)
	scanned{checks: []string{"aws_s3_bucket_not_public", "aws_rds_instance_backups"}, deny: []string{"s3:GetBucketVersioning"}, at: recorded.At.Add(24 * time.Hour)}.into(t, lake)
	made := written(t, bundle, lake, Options{})
	r := verified(t, bundle, VerifyOptions{Known: known(t)})
	if !r.OK() || len(r.Scans) != 2 || made.Scans != 2 {
		t.Error(text(t, r))
	}
	for _, s := range r.Scans {
		if s.Same == 0 {
			t.Errorf("nothing was proved of %s", s.ID)
		}
	}
}

// TestWhatDoesNotFollowIsNotSigned: content that has changed since the scan makes no evidence of it.
func TestWhatDoesNotFollowIsNotSigned(t *testing.T) {
	_, lake := fewWritten(t)
	c := open(t)
	later := &plan.Catalog{Tables: c.Catalog.Tables, Checks: map[string]*plan.Check{}}
	for id, check := range c.Catalog.Checks {
		later.Checks[id] = check
	}
	check, spec := *c.Catalog.Checks["aws_s3_bucket_versioning"], *c.Catalog.Checks["aws_s3_bucket_versioning"].Spec
	spec.Pass = "coalesce(versioning_status, '') <> 'Enabled'"
	check.Spec = &spec
	later.Checks[check.ID] = &check
	folder := t.TempDir()
	_, err := Write(t.Context(), filepath.Join(folder, "x.zip"), options(t, lake, Options{Catalog: later}))
	var unproved *Unproved
	if !errors.As(err, &unproved) || !strings.Contains(err.Error(), "aws_s3_bucket_versioning") || strings.Contains(err.Error(), "not_public") {
		t.Errorf("it says: %v", err)
	}
	delete(later.Checks, check.ID)
	if _, err := Write(t.Context(), filepath.Join(folder, "x.zip"), options(t, lake, Options{Catalog: later})); err == nil || !strings.Contains(err.Error(), "1 check that this version of Stance does not know: aws_s3_bucket_versioning") {
		t.Errorf("of a check that is gone: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNothingIsLeftOfWhatWasBrokenOff(t *testing.T) {
	_, lake := fewWritten(t)
	o := options(t, lake, Options{})
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	o.Now = func() time.Time { cancel(); return recorded.At } // the file has been begun
	if _, err := Write(ctx, filepath.Join(folder, "x.zip"), o); !errors.Is(err, context.Canceled) {
		t.Errorf("it says: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := Write(t.Context(), filepath.Join(folder, "missing", "x.zip"), options(t, lake, Options{})); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("into a folder that is not there: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	bundle, _ := fewWritten(t)
	if _, err := Verify(ctx, bundle, VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("verifying that is broken off: %v", err)
	}
}

// TestReadmeSaysWhatWorks runs the commands of the README that need no Stance.
func TestReadmeSaysWhatWorks(t *testing.T) {
	for _, tool := range []string{"openssl", "sha256sum", "sed", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatal(err)
		}
	}
	bundle, _ := fewWritten(t)
	all := files(t, bundle)
	folder := t.TempDir()
	for name, text := range all {
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), text)
	}
	var commands []string
	for line := range strings.Lines(string(all[readmeName])) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "openssl ") || strings.HasPrefix(line, "sed ") {
			commands = append(commands, line)
		}
	}
	if len(commands) != 3 {
		t.Fatalf("commands: %q", commands)
	}
	run := func(command string) (string, error) {
		c := exec.CommandContext(t.Context(), "sh", "-ec", "set -e; "+command)
		c.Dir = folder
		out, err := c.CombinedOutput()
		return string(out), err
	}
	r := verified(t, bundle, VerifyOptions{Known: known(t)})
	for i, want := range []string{"Signature Verified Successfully", "", r.Signature.Fingerprint} {
		out, err := run(commands[i])
		if err != nil || want == "" && out != "" || !strings.Contains(out, want) {
			t.Errorf("%s:\n%s%v", commands[i], out, err)
		}
	}
	if !strings.HasSuffix(strings.TrimSpace(string(all[readmeName])), r.Signature.Fingerprint) {
		t.Error("the README does not end with the fingerprint")
	}
	name := fileOf(t, all, "/aws_s3_bucket.ndjson")
	write(t, filepath.Join(folder, name), append(all[name], ' '))
	if out, err := run(commands[1]); err == nil || !strings.Contains(out, name+": FAILED") {
		t.Errorf("of a file that was changed it says: %s%v", out, err)
	}
	write(t, filepath.Join(folder, manifestName), append(all[manifestName], ' '))
	if out, err := run(commands[0]); err == nil {
		t.Errorf("of a manifest that was changed it says: %s", out)
	}
}

func TestNothingUnmaskedIsInIt(t *testing.T) {
	bundle, _ := fewWritten(t)
	all := files(t, bundle)
	documents := string(all[fileOf(t, all, "/aws_lambda_function.ndjson")])
	if !strings.Contains(documents, `"API_KEY":"[masked]"`) || strings.Contains(documents, `"API_KEY":"x`) {
		t.Errorf("documents of functions: %s", documents)
	}
}
