package report

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

// JUnit writes test results as JUnit's XML, as Ant's schema and Jenkins' have it. A check is a test suite, and what it says of a
// resource a test case:
//
//	FAIL                     failure, with what was found, where, and how to fix it
//	UNKNOWN                  skipped, with the cause
//	MANUAL                   skipped, with what to look at
//	suppressed               skipped, with the reason
//	PASS                     passed
//
// A failure here is what --fail-on counts. UNKNOWN is no error, as it is none for a scan without --strict; it is not passed either.
// What was not seen is a suite of its own, "coverage", whose cases are skipped.
//
// The name of a case has no line, so that viewers know it again when the code around it moves.
type JUnit struct{}

// Write implements Writer. It walks the findings twice: a suite begins with its numbers.
func (JUnit) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	suites, err := countSuites(result.Findings)
	if err != nil {
		return err
	}
	w := &junitWriter{out: bufio.NewWriterSize(out, 64<<10), result: result, suites: suites}
	w.print(`<?xml version="1.0" encoding="UTF-8"?>`+"\n", "<testsuites>\n")
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		w.finding(f)
		if _, err := w.out.WriteString(""); err != nil { // the first error of all
			return err
		}
	}
	w.end()
	w.coverage()
	w.print("</testsuites>\n")
	return w.out.Flush()
}

// suite is a run of findings of one check.
type suite struct {
	check                    string
	tests, failures, skipped int64
}

// countSuites counts the findings of each check. They come check by check; where one comes again, it has another suite.
func countSuites(findings Findings) ([]suite, error) {
	var suites []suite
	for f, err := range findings {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		if n := len(suites); n == 0 || suites[n-1].check != f.Check {
			suites = append(suites, suite{check: f.Check})
		}
		last := &suites[len(suites)-1]
		last.tests++
		switch {
		case failed(f):
			last.failures++
		case f.Status != evaluate.Pass:
			last.skipped++
		}
	}
	return suites, nil
}

type junitWriter struct {
	out    *bufio.Writer
	result *Result
	suites []suite // those to come
	open   *evaluate.Finding
	id     int
}

// print writes markup. Errors of the buffer are kept by it, and seen by Flush.
func (w *junitWriter) print(parts ...string) {
	for _, part := range parts {
		_, _ = w.out.WriteString(part)
	}
}

// attribute is a name and its value with a blank before them.
func attribute(name, value string) string {
	return " " + name + `="` + escapeXML(terminal.Clean(value)) + `"`
}

// escapeXML also replaces what XML cannot say at all.
func escapeXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // into memory
	return b.String()
}

// textXML is the text of an element, where lines and tabs need no escape.
func textXML(s string) string {
	return strings.NewReplacer("&#xA;", "\n", "&#x9;", "\t").Replace(escapeXML(printable(s)))
}

// printable makes what controls or reorders text visible, and keeps lines and tabs.
func printable(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		cells := strings.Split(line, "\t")
		for j := range cells {
			cells[j] = terminal.Clean(cells[j])
		}
		lines[i] = strings.Join(cells, "\t")
	}
	return strings.Join(lines, "\n")
}

func (w *junitWriter) finding(f evaluate.Finding) {
	if w.open == nil || w.open.Check != f.Check {
		w.end()
		w.begin(f)
	}
	w.print("    <testcase", attribute("name", junitName(f)), attribute("classname", cmp.Or(f.Provider, "stance")+"."+f.Check), ` time="0"`)
	switch {
	case suppressed(f):
		w.skipped("suppressed: " + why(f.Suppressed) + ", by " + cmp.Or(f.Suppressed.By, "nobody named") + "; " + string(f.Status) + ": " + said(f))
	case f.Status == evaluate.Fail:
		w.print(">\n      <failure", attribute("message", cmp.Or(f.Found, f.Title)), attribute("type", f.Severity), ">",
			textXML(junitFailure(f, w.result.Checks[f.Check])), "</failure>\n    </testcase>\n")
	case f.Status == evaluate.Pass:
		w.print("/>\n")
	default:
		w.skipped(string(f.Status) + ": " + cmp.Or(said(f), "no cause given"))
	}
}

func (w *junitWriter) skipped(message string) {
	w.print(">\n      <skipped", attribute("message", message), "/>\n    </testcase>\n")
}

// begin opens the next suite.
func (w *junitWriter) begin(f evaluate.Finding) {
	w.open = &f
	s := suite{check: f.Check}
	if len(w.suites) > 0 {
		s, w.suites = w.suites[0], w.suites[1:]
	}
	w.suite(s, cmp.Or(f.Provider, "stance"), [][2]string{{"title", f.Title}, {"severity", f.Severity}})
}

func (w *junitWriter) suite(s suite, group string, properties [][2]string) {
	scan := w.result.Scan
	w.print("  <testsuite", attribute("name", s.check), attribute("package", group), attribute("id", fmt.Sprint(w.id)),
		attribute("timestamp", scan.Finished.UTC().Format("2006-01-02T15:04:05")), ` hostname="localhost"`,
		attribute("tests", fmt.Sprint(s.tests)), attribute("failures", fmt.Sprint(s.failures)), ` errors="0"`, attribute("skipped", fmt.Sprint(s.skipped)),
		" time=\"0\">\n    <properties>\n")
	w.id++
	for _, p := range append(properties, [2]string{"scan", scan.ID}, [2]string{"stance_version", scan.Version}) {
		w.print("      <property", attribute("name", p[0]), attribute("value", p[1]), "/>\n")
	}
	w.print("    </properties>\n")
}

// end closes the suite that is open, with what there is to know of its check.
func (w *junitWriter) end() {
	if w.open == nil {
		return
	}
	about := ""
	if c := w.result.Checks[w.open.Check]; c != nil {
		about = c.Why
	}
	w.open = nil
	w.print("    <system-out>", textXML(about), "</system-out>\n    <system-err></system-err>\n  </testsuite>\n")
}

func (w *junitWriter) coverage() {
	coverage := NewCoverage(w.result.Coverage)
	gaps := coverage.Gaps[:min(mostNotes, len(coverage.Gaps))]
	if len(gaps) == 0 {
		return
	}
	n := int64(len(gaps))
	w.suite(suite{check: "coverage", tests: n, skipped: n}, "stance", nil)
	for i, g := range gaps {
		w.print("    <testcase", attribute("name", fmt.Sprintf("%d. %s", i+1, cmp.Or(g.Table, g.Call))), ` classname="stance.coverage" time="0"`)
		w.skipped(gapText(g))
	}
	w.print("    <system-out>", textXML(coverage.Line()), "</system-out>\n    <system-err></system-err>\n  </testsuite>\n")
}

// junitName names a case in its suite. Viewers take two of the same name for one.
func junitName(f evaluate.Finding) string {
	switch {
	case (namedFinding{Finding: f}).ofScope():
		return Label(f)
	case !inCode(f):
		return scopeOf(f) + ": " + cmp.Or(f.Resource, f.ResourceName)
	case f.Location.Unit == "" || f.Location.Unit == ".":
		return Label(f)
	}
	return f.Location.Unit + ": " + Label(f)
}

func junitFailure(f evaluate.Finding, check *content.Check) string {
	lines := []string{terminal.Clean(f.Title), ""}
	add := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	add("severity", f.Severity)
	add("resource", terminal.Clean(Label(f)))
	add("found", terminal.Clean(f.Found))
	add("where", terminal.Clean(place(f)))
	if f.Location != nil {
		add("called by", terminal.Clean(strings.Join(calls(f.Location), ", ")))
	}
	if check != nil {
		add("fix", check.Fix.Text)
		add("caution", check.Fix.Caution)
		add("more", strings.Join(check.References, " "))
	}
	if f.Location != nil && f.Location.Fix != nil && f.Location.Fix.Diff != "" {
		lines = append(lines, "", cmp.Or(f.Location.Fix.About, "a patch with which the check passes")+":", f.Location.Fix.Diff)
	}
	return strings.Join(lines, "\n")
}
