package audit

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// CSV is a line per requirement and account, for spreadsheets: headings have none, but stand in the column section. Findings are in
// `stance findings --framework`. Values are for eyes: on one line, with what controls a terminal shown as escapes, and guarded where a
// spreadsheet would take them for a formula. Programs that need the exact ones read JSON.
type CSV struct{}

// maxCell bounds the characters of a value: spreadsheets hold 32,767.
const maxCell = 30_000

// Write implements Writer.
func (CSV) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	w := grid.NewCSV(out)
	w.Header("requirement", "title", "section", "levels", "answer", "provider", "account_id", "account_name", "status", "measured", "why",
		"pass", "fail", "unknown", "manual", "accepted", "muted", "checks", "left", "look",
		"attested_answer", "attested_by", "attested_on", "attested_until", "attested_note")
	sections := d.headings()
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		if r.Group {
			continue
		}
		for _, row := range d.csvRows(r, sections[r.ID]) {
			if err := w.Row(row...); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

// csvRows are the lines of a requirement: one at least, for where nothing was scanned it has a status too.
func (d *Document) csvRows(r *compliance.Result, section string) [][]string {
	head := []string{r.ID, r.Title, section, strings.Join(r.Levels, "; "), r.Answer}
	row := func(s compliance.Scope, of compliance.ScopeResult) []string {
		cells := slices.Concat(head, []string{s.Provider, s.Account, s.Name, string(of.Status), string(of.Measured), of.Why})
		for _, n := range []int64{of.Counts.Pass, of.Counts.Fail, of.Counts.Unknown, of.Counts.Manual, of.Counts.Accepted, of.Counts.Muted} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		cells = append(cells, strings.Join(answering(r, s.Provider), "; "), r.Left, r.Look)
		return csvCells(append(cells, csvAttested(of.Attested)...))
	}
	if len(r.Scopes) == 0 {
		return [][]string{row(compliance.Scope{}, compliance.ScopeResult{Status: r.Status, Measured: r.Measured, Why: r.Why, Attested: r.Attested})}
	}
	var rows [][]string
	for i, s := range r.Scopes {
		rows = append(rows, row(d.Report.Scopes[i], s))
	}
	return rows
}

func csvAttested(a *content.Attestation) []string {
	if a == nil {
		return make([]string, 5)
	}
	return []string{a.Answer, a.Author, a.Date, a.Until, a.Note}
}

func csvCells(cells []string) []string {
	for i, s := range cells {
		cells[i] = terminal.Clean(strings.Join(strings.Fields(cut(s, maxCell)), " "))
	}
	return cells
}

// answering are the checks of a provider that answer a requirement, by id.
func answering(r *compliance.Result, provider string) []string {
	var ids []string
	for _, c := range r.Checks {
		if c.Check.Provider == provider {
			ids = append(ids, c.Check.ID)
		}
	}
	return ids
}

// headings says below which headings each requirement stands, outermost first: "2 Data > 2.1 Storage".
func (d *Document) headings() map[string]string {
	titles, paths := map[string]string{}, map[string]string{}
	for _, r := range d.Report.Framework.Requirements { // parents stand before what is below them
		titles[r.ID] = r.ID + " " + r.Title
		if r.Parent == "" {
			continue
		}
		paths[r.ID] = titles[r.Parent]
		if above := paths[r.Parent]; above != "" {
			paths[r.ID] = above + " > " + titles[r.Parent]
		}
	}
	return paths
}
