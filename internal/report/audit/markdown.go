package audit

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Markdown writes a report for a wiki, a ticket or a pull request: how each requirement is met, and what speaks against those that are
// not. How checks decide is left to the other formats. All values are escaped.
type Markdown struct{}

// markdownBounds keep a text within what hosts show.
var markdownBounds = bounds{all: 5000, check: 50}

// Write implements Writer.
func (Markdown) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	found, err := d.pick(markdownBounds)
	if err != nil {
		return err
	}
	w := &markdownWriter{out: bufio.NewWriter(out), Document: d}
	w.head()
	w.summary()
	w.coverage()
	w.requirements()
	w.open()
	w.findings(found)
	w.attestations()
	w.verify()
	return w.out.Flush()
}

type markdownWriter struct {
	*Document
	out *bufio.Writer
}

func (w *markdownWriter) print(format string, args ...any) {
	_, _ = fmt.Fprintf(w.out, format, args...)
}

// row writes a row of a table; its cells are escaped already.
func (w *markdownWriter) row(cells ...string) { w.print("| %s |\n", strings.Join(cells, " | ")) }

// table begins a table. A column that ends in a colon is aligned to the right.
func (w *markdownWriter) table(columns ...string) {
	rules := make([]string, len(columns))
	for i, c := range columns {
		rules[i] = "---"
		if strings.HasSuffix(c, ":") {
			columns[i], rules[i] = strings.TrimSuffix(c, ":"), "---:"
		}
	}
	w.row(columns...)
	w.row(rules...)
}

// markdownText is a text of some sentences in a cell or paragraph, markdownName a name.
func markdownText(s string) string { return grid.Markdown(safeText(s)) }
func markdownName(s string) string { return grid.Markdown(safeName(s)) }

// markdownCode writes a name as code. A name with a backtick cannot be code, so it is escaped instead.
func markdownCode(s string) string {
	if s = safeName(s); s == "" || strings.ContainsAny(s, "`|") {
		return grid.Markdown(s)
	}
	return "`" + s + "`"
}

func (w *markdownWriter) head() {
	f, scan := w.Report.Framework, w.Result.Scan
	w.print("# %s\n\n", markdownName(w.title()))
	w.print("By %s", markdownName(f.Publisher))
	if f.Source.Document != "" {
		w.print(": %s", markdownName(f.Source.Document))
	}
	w.print(".")
	if link := f.Source.URL; strings.HasPrefix(link, "https://") && !strings.ContainsAny(link, "<> \n") {
		w.print(" <%s>", link)
	}
	w.print("\n\n")
	for _, notice := range w.notices() {
		w.print("> %s\n\n", markdownText(notice))
	}
	w.table("What was scanned", "")
	w.row("Scope", markdownText(w.scanned()))
	for i, s := range w.Report.Scopes {
		if i == maxOfOne {
			w.row("", "and "+report.Count(int64(len(w.Report.Scopes)-i), "more account"))
			break
		}
		var regions []string
		for _, a := range scan.Accounts {
			if a.ID == s.Account {
				regions = a.Regions
			}
		}
		w.row("Account", strings.Join(slices.DeleteFunc([]string{markdownCode(s.Account), markdownName(s.Name), markdownText(few(regions, 30))}, func(s string) bool { return s == "" }), ", "))
	}
	w.row("Scanned", scan.Started.UTC().Format(time.RFC3339)+" to "+scan.Finished.UTC().Format(time.RFC3339))
	w.row("Scan", markdownCode(scan.ID)+" by Stance "+markdownName(scan.Version))
	w.row("Generated", w.Generated.UTC().Format(time.RFC3339)+" by Stance "+markdownName(w.Version)+", content "+markdownCode(w.Content))
	w.print("\n")
}

func (w *markdownWriter) summary() {
	s := w.Report.Score
	w.print("## Summary\n\n**Score: %s.** %s", score(s), grid.Markdown(compliance.Formula))
	if s.Measured() > 0 {
		w.print(" Here: %s.", sum(s))
	}
	w.print("\n\n")
	w.table("Status", "Requirements:", "What it means")
	for _, status := range compliance.Statuses() {
		w.row(StatusWords(status), number(int64(s.Of(status))), statusMeaning(status))
	}
	w.row("**all**", "**"+number(int64(s.Total()))+"**", w.AttestedLine())
	w.print("\n")
	w.accountScores()
	if w.Before != nil {
		w.changes()
	}
	if len(w.Report.Notes) > 0 {
		w.print("### Notes\n\n")
		for _, note := range w.Report.Notes {
			w.print("- %s\n", markdownText(sentence(note)))
		}
		w.print("\n")
	}
}

func (w *markdownWriter) accountScores() {
	accounts, more := w.accounts()
	if len(accounts) < 2 {
		return
	}
	columns := []string{"Account", "Score:"}
	for _, status := range compliance.Statuses() {
		columns = append(columns, StatusWords(status)+":")
	}
	w.table(columns...)
	for _, a := range accounts {
		cells := []string{strings.TrimSpace(markdownCode(a.Account) + " " + markdownName(a.Name)), a.Score}
		for _, n := range a.Of {
			cells = append(cells, number(int64(n)))
		}
		w.row(cells...)
	}
	w.print("\n")
	if more > 0 {
		w.print("And %s.\n\n", report.Count(int64(more), "more account"))
	}
}

func (w *markdownWriter) changes() {
	w.print("### What changed\n\nCompared with scan %s of %s. Score then: %s.\n\n", markdownCode(w.BeforeScan.ID), w.BeforeScan.Finished.UTC().Format(time.RFC3339), score(w.Before.Score))
	changes := w.changed()
	if len(changes) == 0 {
		w.print("No requirement has another status than then.\n\n")
		return
	}
	w.table("Requirement", "Was", "Is", "Why")
	for _, c := range changes {
		w.row(requirementName(c.Result), StatusWords(c.Before), StatusWords(c.Status), markdownText(c.Why))
	}
	w.print("\n")
}

func requirementName(r *compliance.Result) string {
	if r.ID == r.Title {
		return "**" + markdownName(r.ID) + "**"
	}
	return "**" + markdownName(r.ID) + "** " + markdownName(r.Title)
}

func (w *markdownWriter) coverage() {
	c := w.coverageView()
	w.print("## What was not looked at\n\nCoverage: %s. What a missing cell decides is unknown in this report, never met.\n\n", markdownText(c.Line))
	if len(c.Gaps) > 0 {
		w.table("Outcome", "What", "Call", "Cells:", "Where", "Cause")
		for _, g := range c.Gaps {
			w.row(g.Outcome, strings.TrimSpace(markdownCode(g.Table)+" "+markdownName(g.Group)), markdownName(g.Call), number(int64(g.Cells)), markdownText(strings.Join(g.Where, "; ")), markdownText(g.Cause))
		}
		w.print("\n")
		if c.MoreGaps > 0 {
			w.print("And %s.\n\n", report.Count(int64(c.MoreGaps), "more gap"))
		}
	}
	w.print("- Accounts that could not be seen: %s\n", noneOr(len(c.Unseen)))
	for _, s := range c.Unseen {
		w.print("  - %s %s: %s\n", markdownCode(s.Account), markdownName(s.Name), markdownText(s.Error))
	}
	w.print("- Checks that were not asked everywhere: %s\n", noneOr(len(c.NotAsked)+max(0, c.MoreChecks)))
	for _, n := range c.NotAsked {
		w.print("  - %s: not in %s\n", markdownCode(n.Check.ID), markdownText(few(n.NotAsked, 10)))
	}
	if c.MoreChecks > 0 {
		w.print("  - and %s\n", number(int64(c.MoreChecks))+" more")
	}
	if c.Elsewhere != "" {
		w.print("- Checks for what was not scanned, left out here: %s\n", markdownText(c.Elsewhere))
	}
	w.print("- Requirements that no check answers, so that a person must look: %s\n", noneOr(len(c.Unanswered)))
	w.print("- Requirements of which checks look at a part: %s\n\n", noneOr(c.Partly))
}

func noneOr(n int) string {
	if n == 0 {
		return "none"
	}
	return number(int64(n))
}

func (w *markdownWriter) requirements() {
	w.print("## Requirements\n\n")
	depth := w.depth()
	sections := w.sections()
	for _, s := range sections {
		if s.Heading != nil || len(sections) > 1 {
			id, title := s.label()
			w.print("### %s\n\n%s.\n\n", heading(id, title), s.Of.line())
		}
		inTable := false
		for _, r := range s.Results {
			if r.Group {
				if inTable {
					w.print("\n")
				}
				w.print("%s %s\n\n", strings.Repeat("#", min(6, 3+depth[r.ID])), heading(r.ID, r.Title))
				inTable = false
				continue
			}
			if !inTable {
				w.table("Requirement", "Status", "Why")
				inTable = true
			}
			w.row(requirementName(r), statusCell(r), markdownText(whyWithRest(r)))
		}
		if inTable {
			w.print("\n")
		}
	}
}

// whyWithRest is why the status is what it is, and what is left to a person.
func whyWithRest(r *compliance.Result) string {
	why := sentence(because(r, r.Why))
	if r.Left != "" {
		why += " Left to a person: " + sentence(r.Left)
	}
	return why
}

// heading is an identifier and a title. Some frameworks have headings without the one or the other.
func heading(id, title string) string {
	if id == title {
		title = ""
	}
	return strings.TrimSpace(markdownName(id) + " " + markdownName(title))
}

// statusCell is the status, with what checks alone say and what people attest.
func statusCell(r *compliance.Result) string {
	status := StatusWords(r.Status)
	if r.Status == compliance.NotMet || r.Status == compliance.Unknown {
		status = "**" + status + "**"
	}
	if r.Measured != "" && r.Measured != r.Status {
		status += " (checks alone: " + StatusWords(r.Measured) + ")"
	}
	switch {
	case r.Attested != nil:
		status += ", attested " + answerWords(r.Attested.Answer)
	case len(r.Attestations()) > 0:
		status += ", attested in some accounts"
	}
	if r.Expired != nil {
		status += ", an attestation ended"
	}
	return status
}
