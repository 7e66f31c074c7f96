package report

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

func narrowed(t *testing.T) *Result {
	t.Helper()
	result := sampleResult(t)
	err := result.Narrow("severity medium, status fail", func(f evaluate.Finding) bool { return f.Severity == "medium" && f.Status == evaluate.Fail })
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestAFilterIsStatedAndLeavesTheTotals(t *testing.T) {
	const scope = "2 of 14 findings: severity medium, status fail"
	color := terminal.Terminal{TTY: true, Unicode: true, Width: 100}
	for format, want := range map[string][]string{
		"table": {"Worst first, among " + scope, "CRITICAL        5", "failed          9", "2 of 4\n"},
		"md":    {"Shown: " + scope, "| critical | 5 | 0 | 0 | 0 | 0 |", "| medium | 2 | 2 | 0 | 1 | 2 |", "| **all** | **9** | **3** | **1** | **1** | **2** |", "2 of 4 failed."},
		"html":  {"This page lists " + scope, `<b>9</b><span>failed</span>`, `<span class="bar-number">5</span>`},
	} {
		got := string(write(t, format, narrowed(t), color))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s does not say %q:\n%.3000s", format, w, got)
			}
		}
		if strings.Contains(got, "website") && format != "html" {
			t.Errorf("%s shows what the filter leaves out", format)
		}
	}
	for _, format := range []string{"json", "jsonl"} {
		var document struct {
			Scan struct {
				Summary Summary
				Shown   struct {
					Filter       string
					Findings, Of int64
					Summary      Summary
				}
			}
		}
		raw := write(t, format, narrowed(t), terminal.Terminal{})
		target := any(&document)
		if format == "jsonl" {
			raw = []byte(strings.SplitN(string(raw), "\n", 2)[0])
			target = &document.Scan
		}
		if err := json.Unmarshal(raw, target); err != nil {
			t.Fatal(err)
		}
		s := document.Scan
		if s.Summary.Fail != 9 || s.Summary.Severities["critical"].Fail != 5 || s.Shown.Filter != "severity medium, status fail" || s.Shown.Findings != 2 ||
			s.Shown.Of != 14 || s.Shown.Summary.Severities["medium"].Fail != 2 || s.Shown.Summary.Severities["critical"].Fail != 0 {
			t.Errorf("%s: %+v", format, s)
		}
	}
}

func TestWithoutAFilterNothingIsSaidOfOne(t *testing.T) {
	for _, format := range []string{"json", "md", "table", "html"} {
		if got := string(write(t, format, sampleResult(t), terminal.Terminal{})); strings.Contains(got, "hown: ") || strings.Contains(got, `"shown"`) || strings.Contains(got, "This page lists") {
			t.Errorf("%s speaks of a filter", format)
		}
	}
}

func TestAFilterThatLeavesNoFailureDoesNotSayThatNothingFailed(t *testing.T) {
	result := sampleResult(t)
	if err := result.Narrow("status pass", func(f evaluate.Finding) bool { return f.Status == evaluate.Pass }); err != nil {
		t.Fatal(err)
	}
	if got := string(write(t, "table", result, terminal.Terminal{})); !strings.Contains(got, "Nothing failed, among 1 of 14 findings: status pass") {
		t.Error(got)
	}
	if got := string(write(t, "md", result, terminal.Terminal{})); strings.Contains(got, "Nothing failed") || !strings.Contains(got, "None of the shown findings failed") {
		t.Error(got)
	}
}

func TestFiltersAddUp(t *testing.T) {
	result := narrowed(t)
	if err := result.Narrow("tag team=web", func(f evaluate.Finding) bool { return f.Tags["team"] == "web" }); err != nil {
		t.Fatal(err)
	}
	if got, want := result.Scope(), "0 of 14 findings: severity medium, status fail, tag team=web"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	broken := errors.New("the lake is gone")
	result.Findings = func(yield func(evaluate.Finding, error) bool) { yield(evaluate.Finding{}, broken) }
	if err := result.Narrow("x", func(evaluate.Finding) bool { return true }); !errors.Is(err, broken) {
		t.Errorf("got error %v, want one that says %q", err, broken)
	}
}

func TestACheckOfWhichSomeFailuresAreShownSaysHowManyThereAre(t *testing.T) {
	result := sampleResult(t)
	if err := result.Narrow("name logs", func(f evaluate.Finding) bool { return f.ResourceName == "logs" }); err != nil {
		t.Fatal(err)
	}
	if got := string(write(t, "md", result, terminal.Terminal{})); !strings.Contains(got, "2 of 4 failed, 1 of them shown.") {
		t.Error(got)
	}
}

func TestNotesAreInEveryReport(t *testing.T) {
	result := sampleResult(t)
	result.Scan.Notes = []Note{{Text: "13 of 17 regions are closed by a service control policy, which alone makes 300 findings UNKNOWN", Do: "--exclude-region af-south-1,ap-east-1"}}
	for format, want := range map[string][]string{
		"table": {"13 of 17 regions are closed", "--exclude-region af-south-1,ap-east-1\n"},
		"md":    {"**Note**: 13 of 17 regions are closed by a service control policy, which alone makes 300 findings UNKNOWN.", "--exclude-region af-south-1,ap-east-1"},
		"html":  {`<p class="notice">13 of 17 regions are closed`, "--exclude-region af-south-1,ap-east-1"},
		"json":  {`"notes":[{"text":"13 of 17 regions are closed`, `"do":"--exclude-region af-south-1,ap-east-1"`},
		"jsonl": {`"notes":[{"text":"13 of 17`},
	} {
		got := string(write(t, format, result, terminal.Terminal{TTY: true, Width: 100}))
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s does not say %q", format, w)
			}
		}
	}
	var out strings.Builder
	if err := CoverageTable(&out, result, terminal.Terminal{TTY: true, Width: 100}); err != nil || !strings.Contains(out.String(), "13 of 17 regions are closed") {
		t.Errorf("the coverage does not say it (%v):\n%s", err, out.String())
	}
}

func TestAStateOfSeveralScansSaysSo(t *testing.T) {
	result := sampleResult(t)
	result.Scan.Scans = 3
	result.Scan.Finished = result.Scan.Started.AddDate(0, 0, 3)
	for _, format := range []string{"table", "md", "html"} {
		got := string(write(t, format, result, terminal.Terminal{Width: 100}))
		if !strings.Contains(got, "latest state, of 3 scans") || strings.Contains(got, "72 h") {
			t.Errorf("%s:\n%.2500s", format, got)
		}
	}
}
