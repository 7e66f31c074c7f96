package report

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test ./internal/report -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./internal/report -update accepts it:\n%s", name, diff)
	}
}

func write(t *testing.T, format string, result *Result, look terminal.Terminal) []byte {
	t.Helper()
	f, err := Lookup(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Writer.Write(&out, result, look); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFormatsAreWrittenAsBefore(t *testing.T) {
	for _, format := range []string{"json", "jsonl", "csv", "ocsf", "sarif", "github", "gitlab", "junit", "md"} {
		t.Run(format, func(t *testing.T) {
			golden(t, "sample."+format, write(t, format, sampleResult(t), terminal.Terminal{}))
		})
		t.Run(format+" of code", func(t *testing.T) {
			golden(t, "code."+format, write(t, format, codeResult(t), terminal.Terminal{}))
		})
	}
}

func TestPageIsWrittenAsBefore(t *testing.T) {
	for name, result := range map[string]*Result{"sample.html": sampleResult(t), "code.html": codeResult(t)} {
		t.Run(name, func(t *testing.T) { pageAsBefore(t, name, result) })
	}
}

func pageAsBefore(t *testing.T, name string, result *Result) {
	t.Helper()
	page := write(t, "html", result, terminal.Terminal{})
	// Style and program are files of their own; here only what is made of the result counts.
	page = regexp.MustCompile(`(?s)<style>.*?</style>`).ReplaceAll(page, []byte("<style></style>"))
	page = regexp.MustCompile(`(?s)<script>\n?"use strict".*?</script>`).ReplaceAll(page, []byte("<script></script>"))
	page = regexp.MustCompile(`sha256-.*?&#39;`).ReplaceAll(page, []byte("sha256&#39;"))
	golden(t, name, page)
}

func TestSummaryIsWrittenAsBefore(t *testing.T) {
	color := terminal.Terminal{TTY: true, Color: true, Unicode: true, Width: 100}
	looks := map[string]terminal.Terminal{
		"terminal": color,
		"file":     {Unicode: true},
		"narrow":   {TTY: true, Unicode: true, Width: 60},
		"ascii":    {Width: 80},
	}
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			golden(t, "summary-"+name+".txt", write(t, "table", sampleResult(t), look))
		})
	}
	t.Run("code", func(t *testing.T) {
		golden(t, "summary-code.txt", write(t, "table", codeResult(t), color))
	})
	t.Run("nothing failed", func(t *testing.T) {
		result := sampleResult(t)
		result.Findings = listed(nil)
		for _, f := range sampleFindings() {
			if f.Status == evaluate.Pass {
				result.Findings = listed([]evaluate.Finding{f})
			}
		}
		result.Coverage = result.Coverage[:1]
		result.Scan.Accounts = result.Scan.Accounts[:1]
		result.Files = []string{"report.html"}
		summarized(t, result)
		golden(t, "summary-clean.txt", write(t, "table", result, terminal.Terminal{Unicode: true}))
	})
	t.Run("interrupted", func(t *testing.T) {
		result := sampleResult(t)
		result.Findings = listed(nil)
		result.Coverage = nil
		result.Scan.Interrupted = true
		summarized(t, result)
		golden(t, "summary-interrupted.txt", write(t, "table", result, terminal.Terminal{Unicode: true}))
	})
}

func TestFindingsTableIsWrittenAsBefore(t *testing.T) {
	var out bytes.Buffer
	n, err := FindingsTable(&out, sampleResult(t), false, terminal.Terminal{TTY: true, Unicode: true, Width: 120})
	if err != nil || n != (Listing{Findings: int64(len(sampleFindings()))}) {
		t.Fatalf("wrote %+v, error %v", n, err)
	}
	golden(t, "findings.txt", out.Bytes())
	out.Reset()
	n, err = FindingsTable(&out, codeResult(t), false, terminal.Terminal{TTY: true, Unicode: true, Width: 140})
	if want := (Listing{Findings: int64(len(codeFindings())) - 2, Suppressed: 2}); err != nil || n != want {
		t.Fatalf("wrote %+v, error %v", n, err)
	}
	golden(t, "findings-code.txt", out.Bytes())
	out.Reset()
	if err := CoverageTable(&out, sampleResult(t), terminal.Terminal{Unicode: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, "coverage.txt", out.Bytes())
}

func TestBrokenFindingsAreAnErrorInEveryFormat(t *testing.T) {
	broken := errors.New("the lake is gone")
	for _, f := range Formats() {
		if f.Name == "table" {
			continue // it shows the summary, which was made before
		}
		t.Run(f.Name, func(t *testing.T) {
			result := sampleResult(t)
			result.Findings = func(yield func(evaluate.Finding, error) bool) {
				if yield(sampleFindings()[0], nil) {
					yield(evaluate.Finding{}, broken)
				}
			}
			if err := f.Writer.Write(io.Discard, result, terminal.Terminal{}); !errors.Is(err, broken) {
				t.Errorf("got error %v, want one that says %q", err, broken)
			}
			path := filepath.Join(t.TempDir(), "report")
			if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := (Target{Format: f, Path: path}).Write(result, io.Discard, terminal.Terminal{}); !errors.Is(err, broken) {
				t.Errorf("got error %v, want one that says %q", err, broken)
			}
			left, err := os.ReadDir(filepath.Dir(path))
			if kept, _ := os.ReadFile(path); string(kept) != "before" || len(left) != 1 || err != nil {
				t.Errorf("a report that failed must leave what was there: %q, %d files", kept, len(left))
			}
		})
	}
}
