package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Markdown writes a short report for a pull request, a ticket or a wiki: the counts, the failing checks, a few resources of
// each with what was found, what is unknown and why, and the coverage. All values are escaped. A scan of code is written as a
// comment for those who review the code.
type Markdown struct{}

// resourcesPerCheck bounds a Markdown report: hosts cut off long texts.
const resourcesPerCheck = 20

// Write implements Writer.
func (Markdown) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	if result.ofCode() {
		return Markdown{}.writeComment(out, result)
	}
	failures, err := firstFailures(result.located())
	if err != nil {
		return err
	}
	w := &markdownWriter{out: bufio.NewWriter(out), result: result}
	w.header()
	w.counts()
	w.failing(failures)
	w.unknown()
	w.suppressed()
	w.coverage()
	return w.out.Flush()
}

func firstFailures(findings Findings) (map[string][]evaluate.Finding, error) {
	first := map[string][]evaluate.Finding{}
	for f, err := range findings {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		if failed(f) && len(first[f.Check]) < resourcesPerCheck {
			first[f.Check] = append(first[f.Check], f)
		}
	}
	return first, nil
}

type markdownWriter struct {
	out    *bufio.Writer
	result *Result
}

func (w *markdownWriter) print(format string, args ...any) {
	_, _ = fmt.Fprintf(w.out, format, args...)
}

func (w *markdownWriter) header() {
	scan := w.result.Scan
	w.print("# Stance: %s\n\n", grid.Markdown(providerTitle(scan.Provider)))
	scans := "Scan"
	if state := scan.together(); state != "" {
		scans = "This is " + state + "; the last one is"
	}
	w.print("%s, %s. %s %s, finished %s, Stance %s.\n\n", strings.Join(scan.size(), ", "), count(scan.Calls, "call"), scans, code(scan.ID), scan.Finished.UTC().Format(time.RFC3339), grid.Markdown(scan.Version))
	if scan.Interrupted {
		w.print("**The scan was interrupted**: what was not reached is UNKNOWN.\n\n")
	}
	for _, note := range scan.Notes {
		w.print("**Note**: %s. %s\n\n", grid.Markdown(note.Text), grid.Markdown(note.Do))
	}
	for _, a := range scan.Accounts {
		if a.Error != "" {
			w.print("**Account %s refused**: %s\n\n", code(a.ID), grid.Markdown(a.Error))
		}
	}
}

// counts are those of the whole scan. Where a filter left some findings, a column more says how many, and a line above says
// which.
func (w *markdownWriter) counts() {
	shown := func(format string, c Counts) string { return "" }
	header, rule := "", ""
	if scope := w.result.Scope(); scope != "" {
		w.print("**Shown: %s.** The other numbers, the causes and the coverage are those of the whole scan.\n\n", grid.Markdown(scope))
		header, rule = " Shown |", " ---: |"
		shown = func(format string, c Counts) string { return fmt.Sprintf(" "+format+" |", number(c.Total())) }
	}
	w.print("| Severity | Failed | Unknown | To look at | Passed |%s\n| --- | ---: | ---: | ---: | ---: |%s\n", header, rule)
	for _, severity := range Severities() {
		c := w.result.Summary.Severities[severity]
		w.print("| %s | %s | %s | %s | %s |%s\n", severity, number(c.Fail), number(c.Unknown), number(c.Manual), number(c.Pass),
			shown("%s", w.result.Shown().Severities[severity]))
	}
	c := w.result.Summary.Counts
	w.print("| **all** | **%s** | **%s** | **%s** | **%s** |%s\n\n", number(c.Fail), number(c.Unknown), number(c.Manual), number(c.Pass),
		shown("**%s**", w.result.Shown().Counts))
}

func (w *markdownWriter) failing(failures map[string][]evaluate.Finding) {
	checks := w.result.Shown().Failing()
	switch {
	case len(checks) > 0:
	case w.result.Narrowed != nil:
		w.print("## None of the shown findings failed\n\n")
		return
	default:
		w.print("## Nothing failed\n\n")
		return
	}
	all := newTallies(w.result)
	w.print("## Failed\n\n")
	for _, check := range checks {
		w.print("### %s: %s\n\n%s, %s.", grid.Markdown(check.Severity), grid.Markdown(check.Title), code(check.ID), all.failed(check))
		if c := w.result.Checks[check.ID]; c != nil {
			if c.Why != "" {
				w.print(" %s", grid.Markdown(c.Why))
			}
			if c.Fix.Text != "" {
				w.print("\n\n**Fix.** %s", grid.Markdown(c.Fix.Text))
			}
		}
		w.print("\n\n| Resource | Where | Found |\n| --- | --- | --- |\n")
		names := distinct(failures[check.ID], besidePlace)
		for i, f := range failures[check.ID] {
			w.print("| %s | %s | %s |\n", markdownCell(names[i]), markdownCell(place(f)), markdownCell(f.Found))
		}
		w.print("\n")
		if more := check.Fail - int64(len(failures[check.ID])); more > 0 {
			w.print("and %s more.\n\n", number(more))
		}
	}
}

func (w *markdownWriter) unknown() {
	if w.result.Summary.Unknown == 0 {
		return
	}
	w.print("## Unknown\n\n| Findings | Cause |\n| ---: | --- |\n")
	for _, c := range w.result.Summary.Causes {
		w.print("| %s | %s |\n", number(c.Count), grid.Markdown(c.Text))
	}
	w.print("\n")
}

func (w *markdownWriter) suppressed() {
	if w.result.Summary.Suppressed == 0 {
		return
	}
	w.print("## Suppressed\n\n| Findings | Reason |\n| ---: | --- |\n")
	reasons := w.result.Summary.Reasons
	for _, r := range reasons[:min(len(reasons), resourcesPerCheck)] {
		w.print("| %s | %s |\n", number(r.Count), markdownCell(r.Text))
	}
	w.print("\n")
	if more := len(reasons) - resourcesPerCheck; more > 0 {
		w.print("and %s.\n\n", countOf(int64(more), "other reason", "other reasons"))
	}
}

func (w *markdownWriter) coverage() {
	coverage := NewCoverage(w.result.Coverage)
	w.print("## Coverage\n\n%s.\n", grid.Markdown(coverage.Line()))
	if coverage.Missing() == 0 {
		return
	}
	w.print("\n| Status | Call | Table | Group | Cells | Rows | Scopes | Cause |\n| --- | --- | --- | --- | ---: | ---: | --- | --- |\n")
	for _, g := range coverage.Gaps {
		w.print("| %s | %s | %s | %s | %s | %s | %s | %s |\n", StatusWord(g.Status), grid.Markdown(g.Call), grid.Markdown(g.Table),
			grid.Markdown(g.Group), number(int64(g.Cells)), number(g.Rows), grid.Markdown(join(scopes(g), 3)), grid.Markdown(g.Cause))
	}
}

// markdownCell keeps a table readable: what is longer than a few lines is cut.
func markdownCell(s string) string {
	return grid.Markdown(terminal.Terminal{Unicode: true}.Cut(s, 300))
}

// code writes a name as code. A name with a backtick cannot be code, so it is escaped instead.
func code(s string) string {
	s = terminal.Clean(s)
	if s == "" {
		return ""
	}
	if strings.ContainsAny(s, "`\n|") {
		return grid.Markdown(s)
	}
	return "`" + s + "`"
}
