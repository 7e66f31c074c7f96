package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// manyUnknown is a result of which n findings are unknown for the same cause.
func manyUnknown(n int) *report.Result {
	return &report.Result{Findings: func(yield func(evaluate.Finding, error) bool) {
		for i := range n {
			name := fmt.Sprintf("account-%d", i)
			if !yield(evaluate.Finding{
				Check: "c", Severity: "high", Status: evaluate.Unknown, Cause: "denied: list", Account: "1", ResourceType: "t", Resource: name, ResourceName: name,
			}, nil) {
				return
			}
		}
	}}
}

func TestFindingsThatShareALineAreToldHowToListEach(t *testing.T) {
	const hint = "6 unknown findings of the same check and cause stand together on 1 line: --each lists them one by one\n"
	for _, c := range []struct {
		findings  int
		format    string
		each      bool
		quiet     bool
		err       string
		mentioned int // of the resources
	}{
		{findings: 6, format: "table", err: hint, mentioned: 3},
		{findings: 6, format: "table", quiet: true, mentioned: 3},
		{findings: 6, format: "table", each: true, mentioned: 6},
		{findings: 4, format: "table", mentioned: 4},
		{findings: 0, format: "table", err: "no findings\n"},
		{findings: 6, format: "csv", mentioned: 6},
		{findings: 6, format: "jsonl", mentioned: 6},
	} {
		t.Run(fmt.Sprintf("%d %s each=%v quiet=%v", c.findings, c.format, c.each, c.quiet), func(t *testing.T) {
			var out, err bytes.Buffer
			a := newApp()
			a.out, a.err, a.quiet = &out, &err, c.quiet
			targets, parseErr := report.ParseTargets([]string{c.format})
			if parseErr != nil {
				t.Fatal(parseErr)
			}
			if err := a.listFindings(manyUnknown(c.findings), targets[0], c.each); err != nil {
				t.Fatal(err)
			}
			mentioned := 0
			for i := range c.findings {
				if strings.Contains(out.String(), fmt.Sprintf("account-%d", i)) {
					mentioned++
				}
			}
			if err.String() != c.err || mentioned != c.mentioned {
				t.Errorf("%d resources are named, want %d; the standard error says %q\n%s", mentioned, c.mentioned, err.String(), out.String())
			}
		})
	}
}

func TestWhatPassesIsListedWithoutNULL(t *testing.T) {
	lake, _ := scanDemo(t)
	r := stance(t, "findings", "--status", "pass", "--lake", lake)
	r.wants(t, exitDone)
	if !strings.Contains(r.out, "PASS") || strings.Contains(r.out, "NULL") || strings.Contains(r.out, "<nil>") {
		t.Error(r.out)
	}
	json := stance(t, "query", "select found from findings where status = 'PASS' limit 1", "--lake", lake, "-o", "json")
	if !strings.Contains(json.out, `"found": null`) {
		t.Errorf("what was not found is null for programs: %s", json.out)
	}
}

// ours is a folder of content with two frameworks: checks of one answer the other too.
func ours(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "frameworks"), 0o755); err != nil {
		t.Fatal(err)
	}
	for id, checks := range map[string]string{"ours-1.0": "aws_s3_bucket_versioning", "ours-2.0": "aws_s3_bucket_versioning, aws_s3_bucket_not_public"} {
		text := fmt.Sprintf(`id: %[1]s
title: %[1]s
version: "1.0"
publisher: Us
about: What we ask of buckets, and of nothing else that there is.
source: {document: Our rules, url: "https://example.com/rules", date: "2026-01-01"}
wording: own
requirements:
  - {id: "1", title: Buckets are safe, answer: full, checks: [%[2]s]}
`, id, checks)
		if err := os.WriteFile(filepath.Join(dir, "frameworks", id+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindingsOfAFrameworkAreThoseOfItsChecks(t *testing.T) {
	lake, _ := scanDemo(t)
	content := ours(t)
	list := func(args ...string) string {
		r := stance(t, append([]string{"findings", "--lake", lake, "--content", content, "-o", "csv", "--status", "fail,pass"}, args...)...)
		r.wants(t, exitDone)
		return r.out
	}
	one, both, all := list("--framework", "ours-1.0"), list("--framework", "ours-1.0,ours-2.0"), list()
	if !strings.Contains(one, "aws_s3_bucket_versioning") || strings.Contains(one, "aws_s3_bucket_not_public") {
		t.Errorf("findings of other checks are listed:\n%s", one)
	}
	if both != all {
		t.Errorf("of several frameworks, the checks of each are listed:\n%s", both)
	}
	r := stance(t, "findings", "--lake", lake, "--content", content, "--framework", "ours-3.0")
	r.wants(t, exitUsage, `there is no framework "ours-3.0" (did you mean "ours-`)
	r = stance(t, "findings", "--lake", lake, "--content", content, "--framework", "ours-1.0", "-o", "json")
	if r.wants(t, exitDone); !strings.Contains(r.out, `framework ours-1.0`) {
		t.Error("the document does not say which findings it has")
	}
}

func TestWhatIsMutedInAFrameworkIsMutedInItsFindings(t *testing.T) {
	lake, _ := scanDemo(t)
	content := ours(t)
	mutes := filepath.Join(t.TempDir(), "mutes.yaml")
	if err := os.WriteFile(mutes, []byte("mutes:\n  - {check: aws_s3_*, framework: ours-1.0, reason: it is asked elsewhere}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const reason = "it is asked elsewhere"
	for frameworks, want := range map[string]bool{"": false, "ours-1.0": true, "ours-2.0": false, "ours-1.0,ours-2.0": false} {
		args := []string{"findings", "--lake", lake, "--content", content, "--mutes", mutes, "-o", "csv"}
		if frameworks != "" {
			args = append(args, "--framework", frameworks)
		}
		r := stance(t, args...)
		r.wants(t, exitDone)
		if got := strings.Contains(r.out, reason); got != want || !strings.Contains(r.out, "aws_s3_bucket_versioning") {
			t.Errorf("of %q, findings are muted: %t\n%s", frameworks, got, r.out)
		}
	}
}
