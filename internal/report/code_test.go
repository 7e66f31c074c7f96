package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

func TestPlaceOfAFinding(t *testing.T) {
	code := &evaluate.Location{File: "main.tf", Line: 3, Address: "aws_s3_bucket.a", Unit: "envs/prod"}
	tests := map[string]struct {
		give         evaluate.Finding
		place, label string
	}{
		"in a cloud":              {evaluate.Finding{Account: "1", Region: "eu-west-1", ResourceName: "a"}, "1/eu-west-1", "a"},
		"in code":                 {evaluate.Finding{Account: "envs/prod", Region: "eu-west-1", ResourceName: "a", Location: code}, "main.tf:3", "aws_s3_bucket.a"},
		"in a cloud, from code":   {evaluate.Finding{Account: "1", Region: "eu-west-1", ResourceName: "a", Location: code}, "1/eu-west-1, main.tf:3", "a"},
		"in code, line unknown":   {evaluate.Finding{ResourceName: "a", Location: &evaluate.Location{File: "main.tf"}}, "main.tf", "a"},
		"of all of a unit":        {evaluate.Finding{Account: "envs/prod", ResourceType: "aws_s3_bucket"}, "envs/prod", "all aws_s3_bucket in envs/prod"},
		"in code, no id is known": {evaluate.Finding{Account: "envs/prod", Location: code}, "main.tf:3", "aws_s3_bucket.a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := place(tt.give); got != tt.place {
				t.Errorf("place %q, want %q", got, tt.place)
			}
			if got := Label(tt.give); got != tt.label {
				t.Errorf("label %q, want %q", got, tt.label)
			}
		})
	}
}

func TestFolderComesBeforeEveryFileAndChangesNoFinding(t *testing.T) {
	for _, f := range codeFindings() {
		before := *f.Location
		got := Scan{Folder: "infra/aws"}.locate(f)
		if !strings.HasPrefix(got.Location.File, "infra/aws/") || got.Location.Unit != before.Unit {
			t.Errorf("%s of unit %s", got.Location.File, got.Location.Unit)
		}
		if fix := got.Location.Fix; fix != nil && !strings.HasPrefix(fix.File, "infra/aws/") {
			t.Errorf("the fix is of %s", fix.File)
		}
		for _, c := range got.Location.Calls {
			if !strings.HasPrefix(c.File, "infra/aws/") {
				t.Errorf("a call is in %s", c.File)
			}
		}
		if diff := cmp.Diff(before, *f.Location); diff != "" {
			t.Errorf("the finding itself was changed: %s", diff)
		}
	}
}

func TestSuppressionsAreToldByWhoSaidThem(t *testing.T) {
	f := codeFindings()[0]
	for by, want := range map[string]bool{
		"modules/bucket/main.tf:11":  true, // beside the resource
		"modules/storage/main.tf:39": true, // beside a call
		".stance.yaml:7":             false,
		"modules/bucket/main.tf":     false,
		"":                           false,
	} {
		f.Suppressed = &evaluate.Suppressed{By: by}
		if got := inSource(f); got != want {
			t.Errorf("%q is in the source: %v", by, got)
		}
	}
}

func TestSuppressedFindingsAreCountedApart(t *testing.T) {
	result := codeResult(t)
	if diff := cmp.Diff(Counts{Fail: 6, Unknown: 1, Manual: 1, Pass: 1, Suppressed: 2}, result.Summary.Counts); diff != "" {
		t.Error(diff)
	}
	if got := result.Summary.Total(); got != int64(len(codeFindings())) {
		t.Errorf("%d findings in all", got)
	}
	if len(result.Summary.Reasons) != 2 || len(result.Summary.Causes) != 1 {
		t.Errorf("reasons %v, causes %v", result.Summary.Reasons, result.Summary.Causes)
	}
	for _, check := range result.Summary.Failing() {
		for _, f := range check.Examples {
			if f.Suppressed != nil {
				t.Errorf("%s is an example of what fails", f.Location.Address)
			}
		}
	}
	passed := codeFindings()[6]
	passed.Suppressed = &evaluate.Suppressed{Reason: "for nothing"}
	if s, err := Summarize(listed([]evaluate.Finding{passed})); err != nil || s.Pass != 1 || s.Suppressed != 0 {
		t.Errorf("a pass needs no suppression: %+v, %v", s.Counts, err)
	}
	var out bytes.Buffer
	if _, err := FindingsTable(&out, result, true, terminal.Terminal{TTY: true, Unicode: true, Width: 200}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "aws_s3_bucket.scratch") || !strings.Contains(text, "9 findings, and 2 suppressed") {
		t.Errorf("the list counts them only:\n%s", text)
	}
}

func TestUnknownFindingsOfOneCauseNameTheirFiles(t *testing.T) {
	var findings []evaluate.Finding
	for i := range 6 {
		f := codeFindings()[7]
		l := *f.Location
		l.File, l.Address = []string{"a.tf", "b.tf"}[i%2], l.Address+strings.Repeat("x", i)
		f.Location = &l
		findings = append(findings, f)
	}
	result := codeResult(t)
	result.Scan.Folder, result.Findings = "", listed(findings)
	summarized(t, result)
	var out bytes.Buffer
	if _, err := FindingsTable(&out, result, false, terminal.Terminal{TTY: true, Unicode: true, Width: 200}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "6 resources: aws_s3_bucket.maybe") || !strings.Contains(text, "2 files") {
		t.Errorf("%s", text)
	}
}
