// Package audit writes reports on compliance frameworks, for auditors and those who prepare for them: how each requirement is met, on
// what that rests, what was not looked at, and how every check decides. It decides nothing: see package compliance.
package audit

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Document is all that a report on one framework says.
type Document struct {
	Report *compliance.Report
	// Result is the scan, or the state that several make, with the findings of the checks that answer the framework's requirements,
	// those set aside marked. Its Summary counts exactly these.
	Result *report.Result
	// Before is the same framework in an earlier scan, nil if nothing is compared.
	Before     *compliance.Report
	BeforeScan report.Scan
	// Params are the values of a check's parameters that it was asked with, by check; none for checks without.
	Params map[string]map[string]any
	// Generated is when the report was made, in UTC, by Version of Stance with content of the hash Content.
	Generated        time.Time
	Version, Content string
}

// Writer writes a document in one format.
type Writer interface {
	Write(out io.Writer, d *Document, look terminal.Terminal) error
}

// formats lists all formats. Adding one is writing a Writer and naming it here.
var formats = []struct {
	report.Format
	writer Writer
}{
	{report.Format{Name: "table", About: "a summary for people: what is not met comes first"}, Table{}},
	{report.Format{Name: "html", About: "one self-contained page, for the screen and for paper", NeedsFile: true}, HTML{}},
	{report.Format{Name: "pdf", About: "one document for paper and archives", NeedsFile: true}, PDF{}},
	{report.Format{Name: "md", About: "Markdown for a wiki, ticket or pull request"}, Markdown{}},
	{report.Format{Name: "csv", About: "one line per requirement and account, safe to open in a spreadsheet"}, CSV{}},
	{report.Format{Name: "xlsx", About: "a workbook: requirements, accounts, checks with their SQL, all findings, coverage", NeedsFile: true}, XLSX{}},
	{report.Format{Name: "json", About: "one document: framework, scan, score, requirements, checks, coverage, findings"}, JSON{}},
	{report.Format{Name: "oscal", About: "OSCAL 1.1.3 assessment results, as NIST defines them"}, OSCAL{}},
}

// FormatNames lists the names that -o takes.
func FormatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// Formats are the formats bound to a document, as targets of -o want them.
func Formats(d *Document) []report.Format {
	var bound []report.Format
	for _, f := range formats {
		f.Writer = binding{d, f.writer}
		bound = append(bound, f.Format)
	}
	return bound
}

type binding struct {
	document *Document
	writer   Writer
}

func (b binding) Write(out io.Writer, _ *report.Result, look terminal.Terminal) error {
	return b.writer.Write(out, b.document, look)
}

// StatusWords are how people say a requirement's status.
func StatusWords(s compliance.Status) string {
	return map[compliance.Status]string{
		compliance.NotMet: "not met", compliance.Unknown: "unknown", compliance.Accepted: "risk accepted",
		compliance.Manual: "manual", compliance.Met: "met", compliance.NotHere: "not applicable",
	}[s]
}

// statusMeaning says what each status is, for legends.
func statusMeaning(s compliance.Status) string {
	return map[compliance.Status]string{
		compliance.NotMet:   "A finding of a check that answers it fails.",
		compliance.Unknown:  "Something that decides could not be seen, was not asked, or was only muted.",
		compliance.Accepted: "Findings fail, and the risk of each was accepted by somebody, until a day.",
		compliance.Manual:   "A person must look: no check answers it, or the checks that do have nothing against it and look at a part only.",
		compliance.Met:      "All checks that answer it pass, wherever they were asked, and nothing of their input is missing.",
		compliance.NotHere:  "Everything was looked at, and there is nothing that it speaks of.",
	}[s]
}

// title is the framework's name, with its version where the name does not say it, and its level.
func (d *Document) title() string {
	f := d.Report.Framework
	title := f.Title
	if !strings.Contains(title, f.Version) {
		title += " " + f.Version
	}
	if d.Report.Level != "" {
		title += ", " + d.Report.Level
	}
	return title
}

// scanned says what the report is about, in a line.
func (d *Document) scanned() string {
	accounts := map[string]int{}
	for _, s := range d.Report.Scopes {
		accounts[s.Provider]++
	}
	return report.Describe(d.Result.Scan, accounts)
}

// score is the score in words: "62 % of 40 requirements that checks look at".
func score(s compliance.Score) string {
	percent, measured := s.Percent()
	if !measured {
		return "no requirement was measured"
	}
	return fmt.Sprintf("%d %%: %d of %s that checks look at", percent, s.Met+s.Partly, report.Count(int64(s.Measured()), "requirement"))
}

// Changed is a requirement whose status differs from that before.
type Changed struct {
	*compliance.Result
	Before compliance.Status
}

// changed lists the requirements whose status differs from that of Before, in the framework's order.
func (d *Document) changed() []Changed {
	if d.Before == nil {
		return nil
	}
	before := map[string]compliance.Status{}
	for _, r := range d.Before.Requirements {
		before[r.ID] = r.Status
	}
	var all []Changed
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		if was, there := before[r.ID]; there && !r.Group && was != r.Status {
			all = append(all, Changed{r, was})
		}
	}
	return all
}

// checks are those that answer any of the requirements, by id, each once.
func (d *Document) checks() []*content.Check {
	seen := map[string]*content.Check{}
	for _, r := range d.Report.Requirements {
		for _, c := range r.Checks {
			seen[c.Check.ID] = c.Check
		}
	}
	var all []*content.Check
	for _, c := range seen {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *content.Check) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// answers are the requirements that each check answers, by check, in the framework's order.
func (d *Document) answers() map[string][]string {
	answers := map[string][]string{}
	for _, r := range d.Report.Requirements {
		for _, c := range r.Checks {
			answers[c.Check.ID] = append(answers[c.Check.ID], r.ID)
		}
	}
	return answers
}

// byCheck yields the findings check by check: those of a check come one after the other, within a severity, as a result has them.
func (d *Document) byCheck() iter.Seq2[evaluate.Finding, error] { return d.Result.Findings }

// depth is how far a requirement stands below the top, by its parents.
func (d *Document) depth() map[string]int {
	depth := map[string]int{}
	for _, r := range d.Report.Requirements {
		if r.Parent != "" {
			depth[r.ID] = depth[r.Parent] + 1
		}
	}
	return depth
}

// logic is how a check decides, as SQL, in the order in which it is read.
func logic(c *content.Check) []struct{ Name, SQL string } {
	var parts []struct{ Name, SQL string }
	for _, part := range []struct{ Name, SQL string }{
		{"query", c.Query}, {"when", c.When}, {"ask", c.Ask}, {"pass", c.Pass}, {"found", c.Found}, {"manual", c.Manual},
	} {
		if part.SQL != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
