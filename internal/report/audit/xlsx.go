package audit

import (
	"io"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
	"github.com/stancehq/stance/internal/report/workbook"
)

// XLSX writes a workbook for Excel and others, with a sheet for each part of the report. It has all findings, as far as Excel can hold
// them, and none of its cells is a formula.
type XLSX struct{}

// Write implements Writer.
func (XLSX) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	w := &spreadsheet{Document: d, names: map[[2]string]string{}}
	for _, s := range d.Report.Scopes {
		w.names[[2]string{s.Provider, s.Account}] = s.Name
	}
	return workbook.Write(out, workbook.Info{Title: safeName(d.title()), Creator: "Stance " + safeName(d.Version), Created: d.Generated},
		w.summary(), w.requirements(), w.byAccount(), w.checks(), w.findings(), w.coverage(), w.attestations())
}

// spreadsheet makes the sheets of a document.
type spreadsheet struct {
	*Document
	names map[[2]string]string // of accounts, by provider and id
}

// cell makes a text from outside harmless. A cell holds more than a page shows.
func cell(s string) string { return terminal.Clean(cut(s, maxCell)) }

// prose does the same for sentences.
func prose(s string) string {
	return terminal.Clean(strings.Join(strings.Fields(cut(s, maxCell)), " "))
}

// cells joins names.
func cells(names []string) string { return cell(strings.Join(names, ", ")) }

// coloredStatus is a requirement's status.
func coloredStatus(s compliance.Status) workbook.Cell {
	return workbook.Cell{Text: StatusWords(s), Tone: map[compliance.Status]workbook.Tone{
		compliance.NotMet: workbook.Red, compliance.Unknown: workbook.Amber, compliance.Accepted: workbook.Purple,
		compliance.Manual: workbook.Blue, compliance.Met: workbook.Green, compliance.NotHere: workbook.Grey,
	}[s]}
}

func coloredStanding(s standing) workbook.Cell {
	return workbook.Cell{Text: standingWords(s), Tone: map[standing]workbook.Tone{
		standFail: workbook.Red, standUnknown: workbook.Amber, standAccepted: workbook.Purple, standMuted: workbook.Purple,
		standManual: workbook.Blue, standPass: workbook.Green,
	}[s]}
}

// countCells are the numbers of findings by standing.
func countCells(c compliance.Counts) []any {
	var all []any
	for _, s := range standings() {
		all = append(all, of(c, s))
	}
	return all
}

func countColumns() []workbook.Column {
	var all []workbook.Column
	for _, s := range standings() {
		all = append(all, workbook.Column{Title: standingWords(s), Width: 10})
	}
	return all
}

// summary says what the other sheets are about.
func (w *spreadsheet) summary() workbook.Sheet {
	return workbook.Sheet{
		Name: "Summary", Columns: []workbook.Column{{Title: "What", Width: 28, Wrap: true}, {Title: "Value", Width: 46, Wrap: true}, {Title: "Meaning", Width: 100, Wrap: true}},
		Rows: func(add func(...any) bool) error {
			w.addHead(add)
			w.addScore(add)
			w.addAccounts(add)
			for _, notice := range w.notices() {
				add("To know first", prose(notice))
			}
			for _, note := range w.Report.Notes {
				add("Note", prose(note))
			}
			w.addSheets(add)
			return nil
		},
	}
}

func (w *spreadsheet) addHead(add func(...any) bool) {
	f, scan := w.Report.Framework, w.Result.Scan
	add("Framework", cell(w.title()), prose(f.About))
	add("Publisher", cell(f.Publisher))
	add("Source", prose(f.Source.Document), cell(f.Source.URL))
	if w.Report.Level != "" {
		add("Level", cell(w.Report.Level), "Only requirements of this level are in this workbook.")
	}
	add("Scanned", prose(w.scanned()))
	id := "Scan " + cell(scan.ID)
	if scan.Scans > 1 {
		id = "The latest state, of " + report.Count(int64(scan.Scans), "scan") + "; the last is " + cell(scan.ID)
	}
	add("Scan", id, "By Stance "+cell(scan.Version))
	add("Scan began, UTC", scan.Started)
	add("Scan ended, UTC", scan.Finished)
	add("Generated, UTC", w.Generated, "By Stance "+cell(w.Version)+", content "+cell(w.Content))
	if w.Before != nil {
		add("Compared with", "Scan "+cell(w.BeforeScan.ID), "The score was then: "+score(w.Before.Score)+
			". Both were read with the checks, mutes and settings of today; people's answers are not part of the comparison.")
	}
}

func (w *spreadsheet) addScore(add func(...any) bool) {
	s := w.Report.Score
	formula := compliance.Formula
	if percent, measured := s.Percent(); measured {
		add("Score", workbook.Percent(percent), score(s)+". "+formula+" Here: "+sum(s)+".")
	} else {
		add("Score", "no requirement was measured", formula)
	}
	for _, status := range compliance.Statuses() {
		add(coloredStatus(status), s.Of(status), statusMeaning(status))
	}
	add("all requirements", s.Total())
	add("manual, measured part met", s.Partly, "Those of the manual ones of which checks look at a part, and that part is met.")
	const people = "An answer of people. It changes no status and not the score: see Attestations."
	add("attested met", s.AttestedMet, people)
	add("attested not met", s.AttestedNotMet, people)
	add("attested not applicable", s.AttestedNotHere, people)
	add("Coverage", prose(report.NewCoverage(w.Result.Coverage).Line()),
		"A cell is one call for one kind of thing in one account and region. What a missing cell decides is unknown, never met. What was not looked at is in the sheet Coverage.")
}

// addAccounts says how the accounts stand.
func (w *spreadsheet) addAccounts(add func(...any) bool) {
	for i, s := range w.Report.Scopes {
		of := w.Report.ByScope[i]
		all := tallied{}
		for _, status := range compliance.Statuses() {
			all[status] = of.Of(status)
		}
		var value any = "not measured"
		if percent, measured := of.Percent(); measured {
			value = workbook.Percent(percent)
		}
		meaning := all.line()
		if s.Error != "" {
			meaning = "It could not be seen: " + prose(s.Error) + ". " + meaning
		}
		if !add("Account "+strings.TrimSpace(cell(s.Account)+" "+cell(s.Name)), value, meaning) {
			return
		}
	}
}

func (w *spreadsheet) addSheets(add func(...any) bool) {
	found := "All findings of the checks that answer a requirement, with what sets some aside."
	if total := w.Result.Summary.Total(); total > workbook.MaxRows-1 {
		found = "The first " + number(workbook.MaxRows-1) + " of " + number(total) + " findings, the most severe first: a sheet holds no more. All are in the lake, and in the reports for programs."
	}
	byAccount := "The status of each requirement in each account."
	if n := len(w.Report.Scopes); n > maxSheetAccounts {
		byAccount = "The status of each requirement in the first " + number(maxSheetAccounts) + " of " + number(int64(n)) + " accounts: a sheet holds no more."
	}
	for _, s := range [][2]string{
		{"Requirements", "Each requirement with its status, why, and the checks that answer it."},
		{"By account", byAccount},
		{"Checks", "Each check that answers a requirement, with how it decides."},
		{"Findings", found},
		{"Coverage", "What was not looked at, and why."},
		{"Attestations", "Answers of people, which were not measured."},
	} {
		add("Sheet "+s[0], nil, s[1])
	}
	add("To verify", "stance report "+cell(w.Report.Framework.ID)+" --evidence bundle.zip, then stance verify bundle.zip",
		"Mutes, accepted risks and attestations are statements of people. They are repeated here as they were made; nothing checks whether they are true.")
}

// requirements has a row for each requirement.
func (w *spreadsheet) requirements() workbook.Sheet {
	columns := []workbook.Column{
		{Title: "Requirement", Width: 14},
		{Title: "Title", Width: 44, Wrap: true},
		{Title: "Section", Width: 30, Wrap: true},
		{Title: "Levels", Width: 14, Wrap: true},
		{Title: "Assessed, says the publisher", Width: 14, Wrap: true},
		{Title: "Status", Width: 14},
		{Title: "Measured part", Width: 14},
		{Title: "Status before", Width: 14},
		{Title: "Why", Width: 48, Wrap: true},
		{Title: "Answered by checks", Width: 20, Wrap: true},
		{Title: "Left to a person", Width: 44, Wrap: true},
		{Title: "What to look at", Width: 44, Wrap: true},
		{Title: "Checks", Width: 38, Wrap: true},
		{Title: "Doubts", Width: 44, Wrap: true},
	}
	columns = append(columns, countColumns()...)
	columns = append(columns, workbook.Column{Title: "Attested", Width: 12}, workbook.Column{Title: "Attested by", Width: 22}, workbook.Column{Title: "until", Width: 12},
		workbook.Column{Title: "Attestation that ended", Width: 22, Wrap: true})
	return workbook.Sheet{Name: "Requirements", Columns: columns, Filter: true, Rows: func(add func(...any) bool) error {
		sections, was := w.headings(), map[string]compliance.Status{}
		if w.Before != nil {
			for _, r := range w.Before.Requirements {
				was[r.ID] = r.Status
			}
		}
		for i := range w.Report.Requirements {
			if r := &w.Report.Requirements[i]; !r.Group && !add(w.requirementCells(r, sections[r.ID], was[r.ID])...) {
				break
			}
		}
		return nil
	}}
}

func (w *spreadsheet) requirementCells(r *compliance.Result, section string, was compliance.Status) []any {
	var ids, doubts []string
	answering, _ := w.answering(r)
	for _, c := range answering {
		ids = append(ids, c.Check.ID)
		if text := doubt(c); text != "" {
			doubts = append(doubts, c.Check.ID+": "+text)
		}
		if len(c.NotAsked) > 0 {
			doubts = append(doubts, c.Check.ID+": not asked in "+few(c.NotAsked, 20))
		}
	}
	part := any(nil)
	if r.Measured != "" && r.Measured != r.Status {
		part = coloredStatus(r.Measured)
	}
	row := []any{
		cell(r.ID), cell(r.Title), cell(section), cells(r.Levels), cell(r.Assessment), coloredStatus(r.Status), part, coloredStatus(was), prose(r.Why), reach(r, len(answering)), prose(r.Left),
		prose(r.Look), cells(ids), prose(strings.Join(doubts, "; ")),
	}
	row = append(row, countCells(r.Counts)...)
	attested := []any{nil, nil, nil, nil}
	for i, a := range r.Attestations() {
		if i > 0 {
			attested[0], attested[1], attested[2] = "see Attestations", nil, nil
			break
		}
		attested[0], attested[1], attested[2] = answerWords(a.Answer), cell(a.Author), workbook.Day(a.Until)
		if r.Attested == nil {
			attested[0] = answerWords(a.Answer) + ", in some accounts"
		}
	}
	if a := r.Expired; a != nil {
		attested[3] = answerWords(a.Answer) + ", by " + cell(a.Author) + ", until " + cell(a.Until)
	}
	return append(row, attested...)
}

// maxSheetAccounts is how many accounts fit beside a requirement and its title.
const maxSheetAccounts = workbook.MaxColumns - 2

// byAccount has a row for each requirement and a column for each account.
func (w *spreadsheet) byAccount() workbook.Sheet {
	columns := []workbook.Column{{Title: "Requirement", Width: 14}, {Title: "Title", Width: 50, Wrap: true}}
	scopes := w.Report.Scopes[:min(len(w.Report.Scopes), maxSheetAccounts)]
	for _, s := range scopes {
		columns = append(columns, workbook.Column{Title: strings.TrimSpace(safeName(s.Account) + "\n" + safeName(s.Name)), Width: 18})
	}
	return workbook.Sheet{Name: "By account", Columns: columns, Filter: true, Rows: func(add func(...any) bool) error {
		for _, r := range w.Report.Requirements {
			if r.Group {
				continue
			}
			row := []any{cell(r.ID), cell(r.Title)}
			for _, s := range r.Scopes[:min(len(r.Scopes), len(scopes))] {
				row = append(row, coloredStatus(s.Status))
			}
			if !add(row...) {
				break
			}
		}
		return nil
	}}
}

// attestations has a row for each answer of a person to a requirement.
func (w *spreadsheet) attestations() workbook.Sheet {
	return workbook.Sheet{
		Name: "Attestations", Filter: true,
		Columns: []workbook.Column{
			{Title: "Requirement", Width: 14},
			{Title: "Title", Width: 44, Wrap: true},
			{Title: "Status", Width: 14},
			{Title: "Answer", Width: 16},
			{Title: "It holds", Width: 10},
			{Title: "Author", Width: 26},
			{Title: "Given", Width: 12},
			{Title: "Until", Width: 12},
			{Title: "Accounts", Width: 24, Wrap: true},
			{Title: "Note", Width: 60, Wrap: true},
			{Title: "Written in", Width: 26},
		},
		Rows: func(add func(...any) bool) error {
			for _, a := range w.attested() {
				holds, accounts := "yes", "all"
				if a.Ended {
					holds = "no, it ended"
				}
				if len(a.Accounts) > 0 {
					accounts = cells(a.Accounts)
				}
				for _, r := range a.Results {
					if !add(cell(r.ID), cell(r.Title), coloredStatus(r.Status), a.AnswerWords(), holds, cell(a.Author), workbook.Day(a.Date), workbook.Day(a.Until), accounts,
						prose(a.Note), cell(a.Pos.File)+":"+number(int64(a.Pos.Line))) {
						return nil
					}
				}
			}
			return nil
		},
	}
}
