package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/workbook"
)

// sqlParts are the parts of a check's logic that have a column.
var sqlParts = []string{"query", "when", "ask", "pass", "found"}

// checks has a row for each check, those with the most to do first.
func (w *spreadsheet) checks() workbook.Sheet {
	columns := []workbook.Column{
		{Title: "Check", Width: 38},
		{Title: "Title", Width: 44, Wrap: true},
		{Title: "Severity", Width: 10},
		{Title: "Provider", Width: 11},
		{Title: "Service", Width: 14},
		{Title: "Resource", Width: 26},
	}
	columns = append(columns, countColumns()...)
	columns = append(columns,
		workbook.Column{Title: "Answers", Width: 24, Wrap: true}, workbook.Column{Title: "Asked with", Width: 30, Wrap: true}, workbook.Column{Title: "Not asked in", Width: 18, Wrap: true},
		workbook.Column{Title: "Doubts", Width: 40, Wrap: true}, workbook.Column{Title: "How it decides", Width: 50, Wrap: true})
	for _, name := range sqlParts {
		columns = append(columns, workbook.Column{Title: "SQL: " + name, Width: 40, Code: true})
	}
	columns = append(columns, workbook.Column{Title: "What a person looks at", Width: 40, Wrap: true}, workbook.Column{Title: "Why it matters", Width: 50, Wrap: true},
		workbook.Column{Title: "To put it right", Width: 50, Wrap: true}, workbook.Column{Title: "Caution", Width: 40, Wrap: true}, workbook.Column{Title: "References", Width: 50, Wrap: true})
	return workbook.Sheet{Name: "Checks", Columns: columns, Filter: true, Rows: func(add func(...any) bool) error {
		doubts := w.doubts()
		for _, c := range w.weighed() {
			if !add(w.checkCells(c, doubts[c.Check.ID])...) {
				break
			}
		}
		return nil
	}}
}

func (w *spreadsheet) checkCells(c *weighed, doubts []pageDoubt) []any {
	check := c.Check
	row := append([]any{cell(check.ID), cell(check.Title), cell(check.Severity), cell(check.Provider), cell(check.Service), cell(check.Resource)}, countCells(c.Counts)...)
	var params, said []string
	for _, p := range w.params(check) {
		params = append(params, cell(p.Name)+" = "+cell(p.Value))
	}
	for _, d := range doubts {
		said = append(said, prose(d.Text)+" ("+cells(d.Requirements)+")")
	}
	row = append(row, cells(c.answers), strings.Join(params, "\n"), cells(c.NotAsked), strings.Join(said, "\n"), manner(check))
	row = append(row, sqlCells(check)...)
	return append(row, prose(check.Manual), prose(check.Why), prose(check.Fix.Text), prose(check.Fix.Caution), strings.Join(c.Links(), "\n"))
}

func sqlCells(c *content.Check) []any {
	parts := logic(c)
	row := make([]any, len(sqlParts))
	for i, name := range sqlParts {
		if at := slices.IndexFunc(parts, func(part struct{ Name, SQL string }) bool { return part.Name == name }); at >= 0 {
			row[i] = safeSQL(parts[at].SQL)
		}
	}
	return row
}

// findings has a row for each finding, as they are read.
func (w *spreadsheet) findings() workbook.Sheet {
	return workbook.Sheet{
		Name: "Findings", Filter: true,
		Columns: []workbook.Column{
			{Title: "Verdict", Width: 14},
			{Title: "Status", Width: 11},
			{Title: "Severity", Width: 10},
			{Title: "Check", Width: 38},
			{Title: "Title", Width: 44},
			{Title: "Answers", Width: 24},
			{Title: "Provider", Width: 11},
			{Title: "Account", Width: 16},
			{Title: "Account name", Width: 20},
			{Title: "Region", Width: 15},
			{Title: "Resource type", Width: 26},
			{Title: "Name", Width: 34},
			{Title: "Resource", Width: 60},
			{Title: "Found", Width: 50},
			{Title: "Cause", Width: 50},
			{Title: "Set aside because", Width: 40},
			{Title: "Owner", Width: 18},
			{Title: "Ticket", Width: 14},
			{Title: "Until", Width: 12},
			{Title: "Said in", Width: 20},
			{Title: "Asked with", Width: 24},
		},
		Rows: func(add func(...any) bool) error {
			answers := w.answers()
			for f, err := range w.byCheck() {
				if err != nil {
					return fmt.Errorf("read findings: %w", err)
				}
				if !add(w.rowOf(f, answers[f.Check])...) {
					break
				}
			}
			return nil
		},
	}
}

func (w *spreadsheet) rowOf(f evaluate.Finding, answers []string) []any {
	params := ""
	if len(f.Params) > 0 {
		params = grid.JSON(f.Params)
	}
	stands := standingOf(f)
	row := []any{
		coloredStanding(stands), strings.ToLower(string(f.Status)), cell(f.Severity), cell(f.Check), cell(f.Title), cells(answers), cell(f.Provider), cell(f.Account),
		cell(w.names[[2]string{f.Provider, f.Account}]), cell(f.Region), cell(f.ResourceType), cell(report.Label(f)), cell(f.Resource), prose(f.Found), prose(f.Cause),
	}
	aside := []any{nil, nil, nil, nil, nil}
	if s := f.Suppressed; s != nil && stands != standPass {
		aside = []any{prose(s.Reason), cell(s.Owner), cell(s.Ticket), workbook.Day(cell(s.Until)), cell(s.By)}
	}
	return append(append(row, aside...), cell(params))
}

// coverage has a row for all that was not looked at.
func (w *spreadsheet) coverage() workbook.Sheet {
	return workbook.Sheet{
		Name: "Coverage", Filter: true,
		Columns: []workbook.Column{
			{Title: "Not looked at", Width: 26},
			{Title: "Outcome", Width: 14},
			{Title: "What", Width: 44, Wrap: true},
			{Title: "Part", Width: 16},
			{Title: "Call", Width: 34},
			{Title: "Where", Width: 44, Wrap: true},
			{Title: "Cause", Width: 70, Wrap: true},
			{Title: "Cells", Width: 9},
			{Title: "Rows", Width: 9},
		},
		Rows: func(add func(...any) bool) error {
			for _, g := range report.NewCoverage(w.Result.Coverage).Gaps {
				if !add("call", report.StatusWord(g.Status), cell(g.Table), cell(g.Group), cell(g.Call), cell(strings.Join(places(g), "; ")), prose(g.Cause), g.Cells, g.Rows) {
					return nil
				}
			}
			for _, s := range w.unseen() {
				add("account", "not seen", nil, nil, nil, strings.TrimSpace(cell(s.Account)+" "+cell(s.Name)), prose(s.Error))
			}
			elsewhere := w.elsewhere()
			for _, provider := range slices.Sorted(maps.Keys(elsewhere)) {
				add("provider", "not scanned", cell(provider), nil, nil, nil, report.Count(int64(elsewhere[provider]), "check")+" would answer requirements there.")
			}
			for _, c := range w.notAsked() {
				add("check", "not asked", cell(c.Check.ID)+": "+cell(c.Check.Title), nil, nil, cells(c.NotAsked))
			}
			for _, r := range w.unanswered() {
				add("requirement", "no check answers it", cell(r.ID)+": "+cell(r.Title), nil, nil, nil, prose(r.Look))
			}
			for i := range w.Report.Requirements {
				if r := &w.Report.Requirements[i]; r.Answer == content.AnswerPartial {
					add("part of a requirement", "left to a person", cell(r.ID)+": "+cell(r.Title), nil, nil, nil, prose(r.Left))
				}
			}
			return nil
		},
	}
}
