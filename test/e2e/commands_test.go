package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
)

func TestAllOutputsTellTheSame(t *testing.T) {
	w := scanned(t)
	want := readDocument(t, w.read(t, "all.json"))
	failing := 0
	for _, f := range want.Findings {
		if f.Status == evaluate.Fail {
			failing++
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(w.read(t, "all.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(want.Findings)+1 {
		t.Errorf("csv has %d rows of %d findings", len(rows)-1, len(want.Findings))
	}
	if lines := bytes.Count(w.read(t, "all.jsonl"), []byte("\n")); lines != 1+len(want.Coverage)+len(want.Findings) {
		t.Errorf("jsonl has %d lines of a scan, %d cells and %d findings", lines, len(want.Coverage), len(want.Findings))
	}
	const odd = `<b>🐳</b>`
	for name, wanted := range map[string]string{
		"all.csv": odd, "all.jsonl": "🐳", "all.ocsf": "🐳", "all.md": "🐳", "all.html": "🐳",
	} {
		if !bytes.Contains(w.read(t, name), []byte(wanted)) {
			t.Errorf("%s lacks the resource with the odd name", name)
		}
	}
	if bytes.Contains(w.read(t, "all.html"), []byte(odd)) {
		t.Error("the HTML report holds a name as markup")
	}
	if !strings.Contains(w.outcome.stdout, "FAIL") && !strings.Contains(w.outcome.stdout, "fail") {
		t.Errorf("the summary does not speak of the %d failing findings:\n%s", failing, w.outcome.stdout)
	}
	if strings.Contains(w.outcome.stdout, "\t-- `drop`") {
		t.Error("the summary writes control characters of a name to the terminal")
	}
}

func TestSecretsAreInNoOutput(t *testing.T) {
	w := scanned(t)
	secrets := []string{"sk-not-a-real-key-0123456789", "not-a-real-password"}
	err := filepath.WalkDir(w.home, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "/.cache/") {
			return err // what an unfinished scan keeps is raw, and only its owner may read it
		}
		text, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", path, secret)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"aws_lambda_function", "aws_ecs_task_definition", "aws_ssm_parameter"} {
		r := w.command(t).run(t, "query", "--lake", "lake", "select * from "+table, "-o", "json")
		if r.code != 0 {
			t.Errorf("%s: %s", table, r.stderr)
		}
		for _, secret := range secrets {
			if strings.Contains(r.stdout, secret) {
				t.Errorf("table %s holds %q", table, secret)
			}
		}
	}
}

func TestExitStatuses(t *testing.T) {
	w := scanned(t)
	scan := func(args ...string) []string {
		return append([]string{"scan", "aws", "--region", "us-east-1", "--quiet", "--lake", filepath.Join(t.TempDir(), "lake"), "-o", "json=" + filepath.Join(t.TempDir(), "out.json")}, args...)
	}
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"done":                            {scan("--check", "aws_s3_bucket_versioning"), 0, ""},
		"findings below --fail-on":        {scan("--check", "aws_s3_bucket_versioning", "--fail-on", "high"), 0, ""},
		"findings at --fail-on":           {scan("--check", "aws_s3_bucket_versioning", "--fail-on", "medium"), 3, "fail"},
		"findings above --fail-on":        {scan("--check", "aws_s3_bucket_not_public", "--fail-on", "low"), 3, "critical"},
		"strict and complete":             {scan("--check", "aws_s3_bucket_versioning", "--strict"), 0, ""},
		"strict and incomplete":           {scan("--check", "aws_lambda_function_url_authenticated", "--strict"), 4, "coverage"},
		"findings come before coverage":   {scan("--check", "aws_lambda_function_url_authenticated,aws_s3_bucket_not_public", "--strict", "--fail-on", "high"), 3, ""},
		"an unknown flag":                 {scan("--no-such-flag"), 2, "no-such-flag"},
		"an unknown check":                {scan("--check", "aws_s3_bucket_versionning"), 2, "aws_s3_bucket_versioning"},
		"an unknown severity":             {scan("--fail-on", "terrible"), 2, "terrible"},
		"an unknown table":                {scan("--inventory", "aws_s3_buckets"), 2, "aws_s3_bucket"},
		"an unknown region":               {scan("--check", "aws_s3_bucket_versioning", "--region", "eu-west-9"), 2, "eu-west-9"},
		"a region of another partition":   {scan("--check", "aws_s3_bucket_versioning", "--region", "cn-north-1"), 2, "aws-cn"},
		"a command that does not exist":   {[]string{"scann"}, 2, "scann"},
		"an output that cannot be made":   {scan("--check", "aws_s3_bucket_versioning", "-o", "csv=/no/such/folder/out.csv"), 1, "/no/such/folder"},
		"an output of an unknown format":  {scan("-o", "yaml=x"), 2, "yaml"},
		"nothing to resume":               {scan("--check", "aws_s3_bucket_versioning", "--resume"), 1, "no unfinished scan"},
		"a scan to resume that is no one": {scan("--check", "aws_s3_bucket_versioning", "--resume=20200101"), 2, "20200101"},
		"no workers":                      {scan("--workers", "0"), 2, "--workers 0"},
		"a tag that nothing has":          {scan("--check", "aws_s3_bucket_versioning", "--tag", "team=nope", "--fail-on", "critical"), 2, "no resource has the tag team=nope"},
	} {
		t.Run(name, func(t *testing.T) {
			r := at(t, w.server.URL()).run(t, c.args...)
			if r.code != c.code || !strings.Contains(r.stderr, c.says) {
				t.Errorf("exit status %d, want %d; stderr, which should say %q:\n%s", r.code, c.code, c.says, r.stderr)
			}
			proveOneMessage(t, r)
		})
	}
}

// proveOneMessage: what goes wrong is said once, in words, without a stack and without Go's own names.
func proveOneMessage(t *testing.T, r result) {
	t.Helper()
	if n := strings.Count(r.stderr, "stance: "); n > 1 || r.code != 0 && n != 1 {
		t.Errorf("%d messages:\n%s", n, r.stderr)
	}
	for _, word := range []string{"panic", "goroutine", "%!", "0x", "runtime error", "<nil>"} {
		if strings.Contains(r.stderr, word) {
			t.Errorf("the message holds %q:\n%s", word, r.stderr)
		}
	}
}

func TestWhatAScanLeftIsRead(t *testing.T) {
	w := scanned(t)
	c := w.command(t)
	second := c.run(t, "scan", "aws", "--region", regions, "--lake", "lake", "--quiet", "--check", "aws_s3_bucket_versioning,aws_s3_bucket_not_public", "-o", "json=second.json")
	if second.code != 0 {
		t.Fatal(second.stderr)
	}
	var names []struct{ Name string }
	r := c.run(t, "query", "--lake", "lake", "-o", "json", "select name from aws_s3_bucket where versioning_status = 'Suspended'")
	if err := json.Unmarshal([]byte(r.stdout), &names); err != nil || len(names) != 1 || names[0].Name != "tidewater-legacy" {
		t.Errorf("query gives %s %s", r.stdout, r.stderr)
	}
	var known []struct{ Encrypted, Skipped int }
	r = c.run(t, "query", "--lake", "lake", "-o", "json", `select count(*) filter (sse_algorithm is not null) as encrypted,
		count(*) filter (starts_with(coalesce(unknown['encryption'], ''), 'skipped')) as skipped from aws_s3_bucket`)
	if err := json.Unmarshal([]byte(r.stdout), &known); err != nil || len(known) != 1 || known[0].Encrypted == 0 || known[0].Skipped != 0 {
		t.Errorf("the second scan, which did not ask for it, emptied a column: %s%s", r.stdout, r.stderr)
	}
	state := c.run(t, "report", "--lake", "lake", "-o", "json")
	whole, first := readDocument(t, []byte(state.stdout)), readDocument(t, w.read(t, "all.json"))
	if whole.Scan.Scans != 2 || whole.Scan.Checks != first.Scan.Checks || whole.Scan.Resources != first.Scan.Resources || len(whole.Coverage) != len(first.Coverage) {
		t.Errorf("the state is of %d scans, %d checks, %d resources and %d cells; the first scan had %d checks, %d resources and %d cells", whole.Scan.Scans,
			whole.Scan.Checks, whole.Scan.Resources, len(whole.Coverage), first.Scan.Checks, first.Scan.Resources, len(first.Coverage))
	}
	if r := c.run(t, "query", "--lake", "lake", "select count(*) from findings where status = 'FAIL'"); r.code != 0 || strings.TrimSpace(r.stdout) == "" {
		t.Errorf("query: %s", r.stderr)
	}
	if r := c.run(t, "query", "--lake", "lake", "select * from no_such_table"); r.code != 1 && r.code != 2 || !strings.Contains(r.stderr, "no_such_table") {
		t.Errorf("query of a table that is not there: %d %s", r.code, r.stderr)
	}
	if r := c.run(t, "scans", "--lake", "lake", "-o", "csv"); r.code != 0 || strings.Count(r.stdout, "\n") != 3 {
		t.Errorf("scans: %s%s", r.stdout, r.stderr)
	}
	if r := c.run(t, "diff", "--lake", "lake", "-o", "csv"); r.code != 0 || strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("diff of the same world, which the second scan asked less of: %s%s", r.stdout, r.stderr)
	}
	if r := c.run(t, "findings", "--lake", "lake", "--check", "aws_s3_bucket_not_public", "-o", "json"); r.code != 0 || !strings.Contains(r.stdout, "tidewater-website") {
		t.Errorf("findings: %s%s", r.stdout, r.stderr)
	}
	if r := c.run(t, "report", "--lake", "lake", "-o", "md"); r.code != 0 || !strings.Contains(r.stdout, "tidewater") {
		t.Errorf("report: %s", r.stderr)
	}
}
