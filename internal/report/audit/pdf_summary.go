package audit

import (
	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/typeset"
)

// names is how wide the names of facts are.
const names = 92

// cover is the first page: what the report is about, what limits it, and the score.
func (w *paper) cover() {
	f := w.Report.Framework
	w.Paragraph(typeset.T(typeset.Quiet.In(typeset.Bold), "COMPLIANCE REPORT"), 0, 2)
	w.Heading(typeset.Heading{Level: 1, Text: typeset.T(typeset.Body.In(typeset.Bold).As(20), safeName(w.Title)), Anchor: "summary", Outline: "Summary", Here: true})
	w.Paragraph(quiet(safeName(f.Publisher)), 0, 6)
	source := small(safeName(f.Source.Document))
	if f.Source.URL != "" {
		link(source, cut(f.Source.URL, maxText))
	}
	facts := []typeset.Fact{{Name: "Framework", Text: small(safeText(f.About))}, {Name: "Source", Text: source}}
	if w.Report.Level != "" {
		facts = append(facts, typeset.Fact{Name: "Level", Text: small(safeName(w.Report.Level))})
	}
	w.Facts(0, names, append(facts, w.scanFacts()...)...)
	w.Skip(6)
	if len(w.Notices) > 0 {
		w.sub("To know first")
		var items []typeset.Text
		for _, notice := range w.Notices {
			items = append(items, small(safeText(notice)))
		}
		w.Bullets(items...)
	}
	w.score()
}

// scanFacts are what the report rests on.
func (w *paper) scanFacts() []typeset.Fact {
	scan := w.Result.Scan
	facts := []typeset.Fact{{Name: "Scanned", Text: small(safeText(w.Scanned))}}
	if len(w.Accounts) == 1 {
		a := w.Accounts[0]
		account := safeName(a.Account)
		if a.Name != "" {
			account += ", " + safeName(a.Name)
		}
		facts = append(facts, typeset.Fact{Name: "Account", Text: small(account)}, typeset.Fact{Name: "Regions", Text: small(safeText(a.Regions))})
	} else {
		var all []string
		for _, a := range w.Accounts {
			name := safeName(a.Account)
			if a.Name != "" {
				name += " " + safeName(a.Name)
			}
			all = append(all, name)
		}
		facts = append(facts, typeset.Fact{Name: "Accounts", Text: small(few(all, 12))})
	}
	id := "Scan " + safeName(scan.ID)
	if scan.Scans > 1 {
		id = "The latest state, of " + report.Count(int64(scan.Scans), "scan") + "; the last is " + safeName(scan.ID)
	}
	return append(facts,
		typeset.Fact{Name: "When", Text: small(day(scan.Started) + " to " + day(scan.Finished))},
		typeset.Fact{Name: "By", Text: small(id + ", Stance " + safeName(scan.Version))},
		typeset.Fact{Name: "Generated", Text: small(day(w.Generated) + ", Stance " + safeName(w.Version) + ", content " + safeName(w.Content))})
}

func (w *paper) score() {
	w.Heading(typeset.Heading{Level: 2, Text: typeset.T(typeset.Body.In(typeset.Bold).As(12), "Score"), Keep: 150})
	score := typeset.T(typeset.Body, safeText(w.Score))
	if w.Percent != "" {
		score = joined(typeset.T(typeset.Body.In(typeset.Bold).As(22), w.Percent+"  "), typeset.T(typeset.Body, safeText(w.Score)))
	}
	w.Paragraph(score, 0, 4)
	var parts []typeset.Part
	for _, part := range w.page.Bar {
		parts = append(parts, typeset.Part{Share: float64(part.N), Color: statusColor(part.Status)})
	}
	w.Doc.Bar(parts)
	formula := compliance.Formula
	if w.Sum != "" {
		formula += " Here: " + w.Sum + "."
	}
	w.Paragraph(quiet(formula), 0, 6)
	t := w.Table(0, typeset.Column{Title: "Status", Share: 80}, typeset.Column{Title: "Requirements", Share: 66, Right: true}, typeset.Column{Title: "What it means", Share: 337})
	for _, s := range compliance.Statuses() {
		meaning := statusMeaning(s)
		if n := w.Report.Score.Partly; s == compliance.Manual && n > 0 {
			meaning += " Checks look at a part of " + number(int64(n)) + " of them, and that part is met."
		}
		t.Row(statusText(s, 8.5), small(number(int64(w.Report.Score.Of(s)))), small(meaning))
	}
	of := w.Report.Score
	attested := "No person attests any of them."
	if of.AttestedMet+of.AttestedNotMet+of.AttestedNotHere > 0 {
		attested = "Beside this, people attest " + number(int64(of.AttestedMet)) + " as met, " + number(int64(of.AttestedNotMet)) + " as not met and " +
			number(int64(of.AttestedNotHere)) + " as not applicable. That changes no status and not the score."
	}
	t.Row(strong("all"), strong(number(int64(of.Total()))), small(attested))
	t.End()
}

func (w *paper) tableOfContents() {
	w.begin("contents", "")
	var entries []typeset.Entry
	bold := func(s string) typeset.Text { return typeset.T(typeset.Body.In(typeset.Bold), s) }
	for _, part := range w.parts() {
		if part.set == nil || part.anchor == "contents" {
			continue
		}
		entries = append(entries, typeset.Entry{Text: bold(part.title), Anchor: part.anchor})
		switch part.anchor {
		case "requirements":
			for _, c := range w.page.Contents {
				text := joined(small(titled(c.ID, c.Title)), quiet("   "+c.Of.line()))
				depth := 1
				if c.Below {
					depth = 2
				}
				entries = append(entries, typeset.Entry{Depth: depth, Text: text, Anchor: c.Anchor})
			}
		case "checks":
			for _, g := range w.Checks {
				entries = append(entries, typeset.Entry{Depth: 1, Text: joined(small(g.Title), quiet("   "+report.Count(int64(len(g.Checks)), "check"))), Anchor: g.Anchor})
			}
		}
	}
	w.Doc.Contents(entries)
}

// result says how sections and accounts stand, what changed, and what was noticed.
func (w *paper) result() {
	w.begin("result", "")
	w.sub("By section")
	columns := []typeset.Column{{Title: "Section", Share: 190}}
	for _, s := range compliance.Statuses() {
		columns = append(columns, typeset.Column{Title: StatusWords(s), Share: 48, Right: true})
	}
	t := w.Table(0, columns...)
	for _, s := range w.Sections {
		title := "Without a heading"
		if s.Heading != nil {
			title = titled(s.Heading.ID, s.Heading.Title)
		}
		row := []typeset.Text{link(small(title), s.Anchor)}
		for _, status := range compliance.Statuses() {
			row = append(row, countCell(s.Of[status], status))
		}
		t.Row(row...)
	}
	t.End()
	w.accounts()
	w.changes()
	if len(w.Report.Notes) > 0 {
		w.sub("Notes")
		var items []typeset.Text
		for _, note := range w.Report.Notes {
			items = append(items, small(sentence(safeText(note))))
		}
		w.Bullets(items...)
	}
	w.glance()
}

// countCell is a number of requirements with a status; none is quiet.
func countCell(n int, s compliance.Status) typeset.Text {
	if n == 0 {
		return quiet("0")
	}
	return typeset.T(typeset.Small.In(typeset.Bold).Of(statusColor(s)), number(int64(n)))
}

func (w *paper) accounts() {
	if len(w.Accounts) < 2 {
		return
	}
	w.sub("By account")
	columns := []typeset.Column{{Title: "Account", Share: 140}, {Title: "score", Share: 36, Right: true}}
	for _, s := range compliance.Statuses() {
		columns = append(columns, typeset.Column{Title: StatusWords(s), Share: 50, Right: true})
	}
	columns = append(columns, typeset.Column{Title: "attested", Share: 46, Right: true})
	t := w.Table(0, columns...)
	for _, a := range w.Accounts {
		account := small(safeName(a.Account))
		if a.Name != "" {
			account = joined(account, quiet("\n"+safeName(a.Name)))
		}
		if a.Error != "" {
			account = joined(account, typeset.T(typeset.Small.Of(typeset.Amber), "\ncould not be seen"))
		}
		if a.Regions != "" {
			account = joined(account, quiet("\n"+safeText(a.Regions)))
		}
		row := []typeset.Text{account, strong(a.Score)}
		for i, status := range compliance.Statuses() {
			row = append(row, countCell(a.Of[i], status))
		}
		t.Row(append(row, small(number(int64(a.Attested))))...)
	}
	t.End()
	if w.More > 0 {
		w.none("And " + report.Count(int64(w.More), "more account") + "; the reports for programs have all.")
	}
}

func (w *paper) changes() {
	if w.Before == nil {
		return
	}
	w.sub("What changed")
	w.Paragraph(small("Compared with scan "+safeName(w.BeforeScan.ID)+" of "+day(w.BeforeScan.Finished)+". Score then: "+safeText(w.Was)+
		". Both were read with the checks, mutes and settings of today; people's answers are not part of the comparison."), 0, 6)
	if len(w.Changes) == 0 {
		w.none("No requirement has another status than then.")
		return
	}
	t := w.Table(0, typeset.Column{Title: "Requirement", Share: 200}, typeset.Column{Title: "was", Share: 64}, typeset.Column{Title: "is", Share: 64},
		typeset.Column{Title: "Why", Share: 155})
	for _, c := range w.Changes {
		t.Row(joined(link(strong(safeName(c.ID)), anchor("r", c.ID)), small("  "+safeName(c.Title))), statusText(c.Before, 8.5), statusText(c.Status, 8.5), small(safeText(c.Why)))
	}
	t.End()
}

// glance lists the requirements that checks look at.
func (w *paper) glance() {
	lead := "Those that checks look at."
	var rows []*pageItem
	others := 0
	for _, s := range w.Sections {
		for _, item := range s.Items {
			switch {
			case item.Group:
			case len(item.Answering) == 0:
				others++
			default:
				rows = append(rows, item)
			}
		}
	}
	if others > 0 {
		lead += " The other " + number(int64(others)) + " are manual, and left out here."
	}
	by := len(w.Report.Scopes)
	if by > wordsInCells {
		lead += " Where accounts differ, the worst status is shown; each account's stands with the requirement."
		by = 1
	}
	w.sub("Requirements at a glance")
	w.Paragraph(small(lead), 0, 6)
	columns := []typeset.Column{{Title: "Requirement", Share: 300}}
	if by == 1 {
		columns = append(columns, typeset.Column{Title: "Status", Share: 84})
	} else {
		for _, s := range w.Report.Scopes {
			columns = append(columns, typeset.Column{Title: cut(safeName(s.Account), 40), Share: 84})
		}
	}
	t := w.Table(0, append(columns, typeset.Column{Title: "Page", Share: 36, Right: true})...)
	for _, item := range rows {
		row := []typeset.Text{joined(link(strong(safeName(item.ID)), item.Anchor), small("  "+safeName(item.Title)))}
		if by == 1 {
			row = append(row, statusText(item.Status, 8.5))
		} else {
			for _, s := range item.Scopes {
				row = append(row, statusText(s.Status, 8.5))
			}
		}
		t.Row(append(row, pageOf(item.Anchor))...)
	}
	t.End()
}

func (w *paper) attestations() {
	w.begin("attestations", "Answers of people to requirements. They were not measured, and change neither a status nor the score.")
	for _, a := range w.Attested {
		title := "Attested " + a.AnswerWords()
		if a.Ended {
			title = "Ended: it no longer counts"
		}
		w.Heading(typeset.Heading{Level: 2, Text: typeset.T(typeset.Body.In(typeset.Bold).As(11), title)})
		var answered typeset.Text
		for i, r := range a.Results {
			if i > 0 {
				answered = append(answered, small("\n")...)
			}
			answered = append(answered, joined(link(strong(safeName(r.ID)), anchor("r", r.ID)), small("  "+safeName(r.Title)+"  "), statusText(r.Status, 8.5))...)
		}
		facts := []typeset.Fact{
			{Name: "Requirements", Text: answered},
			{Name: "Answer", Text: small(a.AnswerWords())},
			{Name: "Author", Text: small(safeName(a.Author))},
			{Name: "Given", Text: small(safeName(a.Date))},
			{Name: "Holds until", Text: small(safeName(a.Until))},
		}
		if len(a.Accounts) > 0 {
			facts = append(facts, typeset.Fact{Name: "Accounts", Text: small(safeText(few(a.Accounts, 20)))})
		}
		w.Facts(0, names, append(facts,
			typeset.Fact{Name: "Note", Text: small(safeText(a.Note))},
			typeset.Fact{Name: "Written in", Text: small(safeName(a.Pos.File) + ", line " + number(int64(a.Pos.Line)))})...)
		w.Skip(6)
	}
}
