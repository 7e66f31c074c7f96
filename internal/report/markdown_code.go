package report

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// A comment on a pull request: GitHub takes 65,536 characters of it, GitLab a million. What is counted here are bytes, which are
// never fewer.
const (
	commentBytes = 65_000
	tableBytes   = 36_000 // of the tables of failures, so that explanations have room
	mostRows     = 400    // failures that are held of a severity
	mostPatches  = 5      // of a check
	tailBytes    = 16_000 // of what comes after the failures
	mostLosses   = 16     // causes, reasons, gaps and notes, each
	cellBytes    = 1000   // of a text before it is escaped
)

// comment writes the Markdown of a scan of code, for those who review it: what fails and where, how to mend it, and what could not
// be told. It fits into a comment; what does not is counted.
type comment struct {
	result   *Result
	text     strings.Builder
	failures map[string][]evaluate.Finding // by severity, the first ones
	most     int                           // causes, reasons, gaps and notes, each
}

func (Markdown) writeComment(out io.Writer, result *Result) error {
	c := &comment{result: result, failures: map[string][]evaluate.Finding{}}
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if failed(f) && len(c.failures[f.Severity]) < mostRows {
			c.failures[f.Severity] = append(c.failures[f.Severity], f)
		}
	}
	// The end is made first: it is short, and must not be what is cut off.
	var tail string
	for c.most = mostLosses; c.most > 0; c.most /= 2 {
		if tail = c.section(c.tail); len(tail) <= tailBytes {
			break
		}
	}
	head := c.section(c.title)
	tables := c.section(func() { c.tables(min(tableBytes, commentBytes-len(head)-len(tail))) })
	details := c.section(func() { c.explanations(commentBytes - len(head) - len(tables) - len(tail)) })
	_, err := io.WriteString(out, head+tables+details+tail)
	return err
}

func (c *comment) section(part func()) string {
	c.text.Reset()
	part()
	return c.text.String()
}

func (c *comment) print(format string, args ...any) { fmt.Fprintf(&c.text, format, args...) }

func (c *comment) title() {
	all := c.result.Shown().Counts
	switch {
	case all.Total() == 0:
		c.print("### Stance: nothing was evaluated\n\n")
	case all.Fail == 0:
		c.print("### Stance: nothing fails\n\n")
	case all.Fail == 1:
		c.print("### Stance: 1 finding fails\n\n")
	default:
		c.print("### Stance: %s findings fail\n\n", number(all.Fail))
	}
	if c.result.Scan.Interrupted {
		c.print("**The scan was interrupted**: what was not reached is unknown.\n\n")
	}
	if scope := c.result.Scope(); scope != "" {
		c.print("Shown: %s.\n\n", grid.Markdown(scope))
	}
	var parts []string
	for _, severity := range Severities() {
		if n := c.result.Shown().Severities[severity].Fail; n > 0 {
			parts = append(parts, "**"+number(n)+" "+severity+"**")
		}
	}
	for _, other := range []struct {
		n    int64
		word string
	}{{all.Unknown, "unknown"}, {all.Manual, "to look at"}, {all.Suppressed, "suppressed"}, {all.Pass, "passed"}} {
		if other.n > 0 {
			parts = append(parts, number(other.n)+" "+other.word)
		}
	}
	if len(parts) > 0 {
		c.print("%s\n\n", strings.Join(parts, " · "))
	}
}

// tables lists what fails, the worst first, and says how many more there are.
func (c *comment) tables(room int) {
	for _, severity := range Severities() {
		n := c.result.Shown().Severities[severity].Fail
		if n == 0 {
			continue
		}
		head := fmt.Sprintf("#### %s (%s)\n\n", strings.ToUpper(severity[:1])+severity[1:], number(n))
		columns := "| Where | Resource | Found |\n| --- | --- | --- |\n"
		listed := int64(0)
		rows := ""
		for _, f := range c.failures[severity] {
			row := fmt.Sprintf("| %s | %s | %s |\n", code(short(place(f))), code(short(Label(f))), cell(cmp.Or(f.Found, "fails"))+"<br><sub>"+cell(f.Title)+"</sub>")
			if c.text.Len()+len(head)+len(columns)+len(rows)+len(row) > room {
				break
			}
			rows += row
			listed++
		}
		switch {
		case listed == 0:
			c.print("%sThere is no room for them here.\n\n", head)
		case listed < n:
			c.print("%s%s%s\nand %s more.\n\n", head, columns, rows, number(n-listed))
		default:
			c.print("%s%s%s\n", head, columns, rows)
		}
	}
}

// explanations say of each check why it matters and how to mend what fails, until the room is used up.
func (c *comment) explanations(room int) {
	failing := c.result.Shown().Failing()
	for i, check := range failing {
		var own []evaluate.Finding
		for _, f := range c.failures[check.Severity] {
			if f.Check == check.ID {
				own = append(own, f)
			}
		}
		text := c.explanation(check, own)
		last := fmt.Sprintf("How to mend %s is not told here for want of room.\n\n", countOf(int64(len(failing)-i), "other failing check", "other failing checks"))
		if c.text.Len()+len(text)+len(last) > room {
			if c.text.Len()+len(last) <= room {
				c.print("%s", last)
			}
			return
		}
		c.print("%s", text)
	}
}

func (c *comment) explanation(summary CheckSummary, failures []evaluate.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<details><summary>Fix: %s (%s)</summary>\n\n", inline(summary.Title), inline(summary.ID))
	check := c.result.Checks[summary.ID]
	if check != nil {
		for _, part := range []struct{ name, text string }{{"Why", check.Why}, {"Fix", check.Fix.Text}, {"Caution", check.Fix.Caution}} {
			if part.text != "" {
				fmt.Fprintf(&b, "**%s.** %s\n\n", part.name, grid.Markdown(strings.TrimSpace(part.text)))
			}
		}
	}
	patches, more := 0, 0
	for _, f := range failures {
		if f.Location == nil || f.Location.Fix == nil || f.Location.Fix.Diff == "" {
			continue
		}
		if patches == mostPatches || len(f.Location.Fix.Diff) > 4000 {
			more++
			continue
		}
		patches++
		fmt.Fprintf(&b, "%s, %s:\n\n%s\n\n", code(short(place(f))), grid.Markdown(cmp.Or(f.Location.Fix.About, "patch")), fenced("diff", printable(f.Location.Fix.Diff)))
	}
	if more > 0 {
		fmt.Fprintf(&b, "and %s.\n\n", countOf(int64(more), "more patch", "more patches"))
	}
	for _, f := range failures[:min(len(failures), mostPatches)] {
		if f.Location != nil && len(f.Location.Calls) > 0 {
			fmt.Fprintf(&b, "%s is called by %s.\n\n", code(short(Label(f))), grid.Markdown(short(strings.Join(calls(f.Location), ", then "))))
		}
	}
	if check == nil && patches == 0 {
		return ""
	}
	b.WriteString("</details>\n\n")
	return b.String()
}

func (c *comment) tail() {
	c.unknowns()
	c.suppressions()
	c.losses()
	c.footer()
}

func (c *comment) unknowns() {
	c.causes(c.result.Shown().Unknown, "unknown", "A verdict that rests on what is not known is none: neither passed nor failed.", c.result.Shown().Causes)
}

func (c *comment) suppressions() {
	c.causes(c.result.Shown().Suppressed, "suppressed", "", c.result.Shown().Reasons)
}

func (c *comment) causes(n int64, word, about string, causes []Cause) {
	if n == 0 {
		return
	}
	c.print("<details><summary>%s %s</summary>\n\n", countOf(n, "finding is", "findings are"), word)
	if about != "" {
		c.print("%s\n\n", about)
	}
	c.print("| Findings | Why |\n| ---: | --- |\n")
	for i, cause := range causes {
		if i == c.most {
			c.print("\nand %s.\n", countOf(int64(len(causes)-i), "other reason", "other reasons"))
			break
		}
		c.print("| %s | %s |\n", number(cause.Count), cell(cause.Text))
	}
	c.print("\n</details>\n\n")
}

// losses say what was not seen: every verdict rests on the rest.
func (c *comment) losses() {
	scan := c.result.Scan
	for i, note := range scan.Notes {
		if i == c.most {
			c.print("and %s.\n\n", countOf(int64(len(scan.Notes)-i), "other note", "other notes"))
			break
		}
		c.print("**Note**: %s. %s\n\n", cell(note.Text), cell(note.Do))
	}
	refused := 0
	for _, a := range scan.Accounts {
		if a.Error == "" {
			continue
		}
		if refused++; refused <= c.most {
			c.print("**Not seen**: %s: %s\n\n", code(short(a.ID)), cell(a.Error))
		}
	}
	if refused > c.most {
		c.print("and %s not seen.\n\n", number(int64(refused-c.most)))
	}
	coverage := NewCoverage(c.result.Coverage)
	if coverage.Missing() == 0 {
		return
	}
	c.print("<details><summary>Coverage %s</summary>\n\n", inline(coverage.Line()))
	for i, g := range coverage.Gaps {
		if i == c.most {
			c.print("- and %s\n", countOf(int64(len(coverage.Gaps)-i), "other gap", "other gaps"))
			break
		}
		c.print("- %s\n", cell(gapText(g)))
	}
	c.print("\n</details>\n\n")
}

func (c *comment) footer() {
	scan := c.result.Scan
	c.print("<sub>%s · Stance %s · scan %s</sub>\n", strings.Join(scan.size(), ", "), inline(scan.Version), inline(scan.ID))
}

// short cuts a name in its middle where no reader would read all of it.
func short(s string) string {
	return terminal.Terminal{Unicode: true}.CutMiddle(terminal.Clean(bounded(s)), 120)
}

// cell is a text of a table or list.
func cell(s string) string { return markdownCell(bounded(s)) }

// bounded cuts what has many bytes, which may be few columns.
func bounded(s string) string {
	if len(s) <= cellBytes {
		return s
	}
	return strings.ToValidUTF8(s[:cellBytes], "") + "…"
}

// inline is text between tags of HTML, where Markdown is not read.
func inline(s string) string {
	s = html.EscapeString(terminal.Terminal{Unicode: true}.Cut(terminal.Clean(bounded(s)), 240))
	return strings.ReplaceAll(s, "@", "&#64;")
}
