package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// oneAccount is a result with findings of one account, and of one region if that is wanted.
func oneAccount(t *testing.T, region string) *Result {
	t.Helper()
	result := sampleResult(t)
	var some []evaluate.Finding
	for _, f := range sampleFindings() {
		if len(f.ResourceName) > 100 {
			continue
		}
		f.Account = "111122223333"
		if region != "" {
			f.Region = region
		}
		some = append(some, f)
	}
	result.Findings = listed(some)
	summarized(t, result)
	return result
}

func findingsText(t *testing.T, result *Result, look terminal.Terminal) string {
	t.Helper()
	var out bytes.Buffer
	if _, err := FindingsTable(&out, result, false, look); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestFindingsFitTheTerminal(t *testing.T) {
	for name, result := range map[string]*Result{"accounts": sampleResult(t), "account": oneAccount(t, ""), "region": oneAccount(t, "eu-west-1")} {
		for _, width := range []int{40, 60, 80, 100, 120, 140, 200} {
			text := findingsText(t, result, terminal.Terminal{TTY: true, Unicode: true, Width: width})
			for line := range strings.Lines(text) {
				if w := terminal.Width(strings.TrimSuffix(line, "\n")); w > width {
					t.Errorf("%s: %d columns at width %d: %s", name, w, width, line)
				}
			}
			for _, c := range result.Summary.Checks {
				if !strings.Contains(text, c.ID) {
					t.Errorf("%s: %s is cut at width %d:\n%s", name, c.ID, width, text)
				}
			}
			if alone := name != "accounts"; alone != (strings.Count(text, "111122223333") < 5) {
				t.Errorf("%s: an account that is always the same is said once, at width %d:\n%s", name, width, text)
			}
		}
	}
}

func TestFindingsAreLaidOutForTheWidth(t *testing.T) {
	for name, look := range map[string]terminal.Terminal{
		"wide":   {TTY: true, Unicode: true, Width: 140},
		"color":  {TTY: true, Unicode: true, Color: true, Width: 140},
		"narrow": {TTY: true, Unicode: true, Width: 60},
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "findings-"+name+".txt", []byte(findingsText(t, oneAccount(t, "eu-west-1"), look)))
		})
	}
}

func TestNothingIsCutInAPipe(t *testing.T) {
	for name, look := range map[string]terminal.Terminal{"pipe": {Unicode: true, Width: 80}, "COLUMNS": {Unicode: true, Width: 80, Asked: true}} {
		text := findingsText(t, sampleResult(t), look)
		words := strings.Join(strings.Fields(text), "")
		for _, f := range sampleFindings() {
			for _, want := range []string{f.Check, said(f), f.ResourceName} {
				if want = strings.Join(strings.Fields(terminal.Clean(want)), ""); !strings.Contains(words, want) {
					t.Errorf("%s: does not hold all of %q", name, want)
				}
			}
		}
		if n := strings.Count(text, "111122223333/eu-west-1"); n < 10 {
			t.Errorf("%s: each finding says where it is: %d", name, n)
		}
	}
}

func TestFindingsSayWhichTheyAre(t *testing.T) {
	look := terminal.Terminal{TTY: true, Unicode: true, Width: 100}
	if got := findingsText(t, narrowed(t), look); !strings.HasPrefix(got, "2 of 14 findings: severity medium, status fail · account 111122223333 · region eu-west-1\n\n") {
		t.Error(got)
	}
	nothing := sampleResult(t)
	if err := nothing.Narrow("check x", func(evaluate.Finding) bool { return false }); err != nil {
		t.Fatal(err)
	}
	if got := findingsText(t, nothing, look); strings.TrimSpace(got) != "0 of 14 findings: check x" {
		t.Error(got)
	}
}

func TestFindingsBeforeAnErrorAreListed(t *testing.T) {
	broken := errors.New("the lake is gone")
	for _, look := range []terminal.Terminal{{}, {TTY: true}} {
		result := sampleResult(t)
		result.Findings = func(yield func(evaluate.Finding, error) bool) {
			if yield(sampleFindings()[0], nil) {
				yield(evaluate.Finding{}, broken)
			}
		}
		var out bytes.Buffer
		if n, err := FindingsTable(&out, result, false, look); !errors.Is(err, broken) || n.Findings != 1 || !strings.Contains(out.String(), "website") {
			t.Errorf("%+v, error %v:\n%s", n, err, out.String())
		}
	}
}

func TestAListStopsWhenTheOutputIsGone(t *testing.T) {
	result := sampleResult(t)
	asked := 0
	many := manyFindings(200_000)
	result.Findings = func(yield func(evaluate.Finding, error) bool) {
		for f, err := range many {
			if asked++; !yield(f, err) {
				return
			}
		}
	}
	if _, err := FindingsTable(gone{}, result, false, terminal.Terminal{TTY: true, Width: 100}); !errors.Is(err, errGone) || asked > 50_000 {
		t.Errorf("error %v after %d findings", err, asked)
	}
}

var errGone = errors.New("the output is gone")

// gone takes the first line, as `head -1` does.
type gone struct{}

func (gone) Write(p []byte) (int, error) {
	if bytes.Count(p, []byte("\n")) > 1 {
		return 0, errGone
	}
	return len(p), nil
}

// gappy is a ledger of which most was denied.
func gappy(t *testing.T) *Result {
	t.Helper()
	result := sampleResult(t)
	result.Coverage = []collect.Cell{{Account: "111122223333", Region: "global", Table: "aws_s3_bucket", Group: "list", Call: "s3:ListBuckets", Status: collect.OK, Rows: 1}}
	for i := range 30 {
		for _, table := range []string{"aws_backup_vault", "aws_backup_plan"} {
			result.Coverage = append(result.Coverage, collect.Cell{
				Account: "111122223333", Region: fmt.Sprintf("region-%d", i), Table: table, Group: "list", Call: "backup:GetSettings", Status: collect.Denied,
				Cause: "denied: backup:GetSettings (AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/auditor/session is not authorized)",
			})
		}
	}
	result.Coverage = append(result.Coverage, collect.Cell{
		Account: "111122223333", Region: "global", Table: "aws_s3_bucket", Group: "policy", Call: "s3:GetBucketPolicy", Status: collect.Partial, Failures: 2,
		Cause: "denied: s3:GetBucketPolicy (AccessDenied)",
	})
	return result
}

func TestCausesAreNeverCut(t *testing.T) {
	for _, result := range []*Result{gappy(t), sampleResult(t)} {
		for _, look := range []terminal.Terminal{{TTY: true, Unicode: true, Width: 60}, {TTY: true, Width: 100}, {Width: 80, Asked: true}, {}} {
			var out bytes.Buffer
			if err := CoverageTable(&out, result, look); err != nil {
				t.Fatal(err)
			}
			words := strings.Join(strings.Fields(out.String()), "")
			for _, g := range NewCoverage(result.Coverage).Gaps {
				for _, want := range []string{strings.TrimPrefix(g.Cause, string(g.Status)+": "), g.Table, g.Group} {
					if !strings.Contains(words, strings.Join(strings.Fields(want), "")) {
						t.Errorf("width %d: does not say %q:\n%s", look.Width, want, out.String())
					}
				}
			}
			for line := range strings.Lines(out.String()) {
				if w := terminal.Width(strings.TrimSuffix(line, "\n")); look.Fits() && w > look.Width {
					t.Errorf("%d columns at width %d: %s", w, look.Width, line)
				}
			}
		}
	}
}

func TestCoverageIsLaidOutForTheWidth(t *testing.T) {
	for width, result := range map[int]*Result{60: gappy(t), 100: sampleResult(t)} {
		var out bytes.Buffer
		if err := CoverageTable(&out, result, terminal.Terminal{TTY: true, Unicode: true, Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("coverage-%d.txt", width), out.Bytes())
	}
	clean := sampleResult(t)
	clean.Coverage = clean.Coverage[:1]
	var out bytes.Buffer
	if err := CoverageTable(&out, clean, terminal.Terminal{TTY: true}); err != nil || out.String() != "coverage 100 %: 1 cell, all seen\n" {
		t.Errorf("%q, error %v", out.String(), err)
	}
}
