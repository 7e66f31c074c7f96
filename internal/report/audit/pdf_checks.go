package audit

import (
	"github.com/stancehq/stance/internal/report/typeset"
)

// checks sets every check with what it found.
func (w *paper) checks() {
	lead := "Every check that answers a requirement: how it decides, and what it found. What fails is listed first."
	if w.Omitted != "" {
		lead += " " + w.Omitted
	}
	w.begin("checks", lead)
	for _, g := range w.Checks {
		w.Heading(typeset.Heading{
			Level: 2, Text: typeset.T(typeset.Body.In(typeset.Bold).As(13), g.Title), Anchor: g.Anchor, Outline: g.Title, Depth: 1, Keep: 180,
		})
		for _, c := range g.Checks {
			w.check(c)
		}
	}
}

func (w *paper) check(c *pageCheck) {
	w.Heading(typeset.Heading{
		Level: 3, Text: typeset.T(typeset.Body.In(typeset.Bold).As(10), safeName(c.Check.Title)), Right: typeset.T(typeset.Body.In(typeset.Bold).Of(typeset.Grey), safeName(c.Check.Severity)),
		Anchor: c.Anchor, Outline: safeName(c.Check.Title), Depth: 2, Keep: 90, Rule: true,
	})
	w.Paragraph(fine(safeName(c.Check.ID)), 0, 2)
	var facts []typeset.Fact
	add := func(name string, text typeset.Text) {
		if len(text) > 0 && text[0].Text != "" {
			facts = append(facts, typeset.Fact{Name: name, Text: text})
		}
	}
	add("Findings", standingsText(c.Standings()))
	add("Why it matters", small(safeText(c.Check.Why)))
	var answers typeset.Text
	for i, id := range c.Answers() {
		if i > 0 {
			answers = append(answers, small(", ")...)
		}
		answers = append(answers, link(small(safeName(id)), anchor("r", id))...)
	}
	add("Answers", answers)
	for _, doubt := range c.Doubts {
		add("Not wholly", typeset.T(typeset.Small.Of(typeset.Amber), sentence(safeText(doubt.Text))+" This concerns "+safeText(few(doubt.Requirements, 20))+"."))
	}
	if len(c.NotAsked) > 0 {
		add("Not asked", typeset.T(typeset.Small.Of(typeset.Amber), "in "+safeText(few(c.NotAsked, 10))))
	}
	add("Asked with", paramsText(c.Params))
	how := small(c.Manner())
	if c.Check.Manual != "" {
		how = append(how, small(" To look at: "+safeText(c.Check.Manual))...)
	}
	add("How it decides", how)
	w.Facts(0, names, facts...)
	w.Skip(3)
	for _, part := range c.Logic() {
		w.Code(names, part.Name, safeSQL(part.SQL))
	}
	w.fix(c)
	w.findings(c)
}

// paramsText says with which values a check was asked.
func paramsText(params []pageParam) typeset.Text {
	var text typeset.Text
	for i, p := range params {
		if i > 0 {
			text = append(text, small("\n")...)
		}
		text = append(text, typeset.T(typeset.Small.In(typeset.Mono).As(8), safeName(p.Name)+" = "+safeName(p.Value))...)
		about := "  " + safeText(p.About)
		if p.Default != "" {
			about += "; the default is " + safeName(p.Default)
		}
		text = append(text, small(about)...)
	}
	return text
}

func (w *paper) fix(c *pageCheck) {
	var facts []typeset.Fact
	if c.Check.Fix.Text != "" {
		facts = append(facts, typeset.Fact{Name: "To put it right", Text: small(safeText(c.Check.Fix.Text))})
	}
	if c.Check.Fix.Caution != "" {
		facts = append(facts, typeset.Fact{Name: "Caution", Text: small(safeText(c.Check.Fix.Caution))})
	}
	var links typeset.Text
	for i, address := range c.Links() {
		if i > 0 {
			links = append(links, small("\n")...)
		}
		links = append(links, link(small(safeName(address)), address)...)
	}
	if len(links) > 0 {
		facts = append(facts, typeset.Fact{Name: "References", Text: links})
	}
	w.Facts(0, names, facts...)
	w.Skip(6)
}

// findings lists those of a check that the report has room for, and counts the rest.
func (w *paper) findings(c *pageCheck) {
	if len(c.Rows) > 0 {
		t := w.Table(0, typeset.Column{Title: "Verdict", Share: 60}, typeset.Column{Title: "Resource", Share: 204}, typeset.Column{Title: "Where", Share: 78},
			typeset.Column{Title: "What was found", Share: 141})
		for i := range c.Rows {
			t.Row(findingCells(&c.Rows[i])...)
		}
		t.End()
	}
	switch {
	case c.Unshown != "":
		w.none("Not listed: " + c.Unshown + ".")
	case len(c.Rows) > 0:
	case len(c.NotAsked) > 0:
		w.none("It has no findings.")
	default:
		w.none("Nothing was found that it speaks of.")
	}
}

func findingCells(row *pageRow) []typeset.Text {
	verdict := typeset.T(typeset.Small.In(typeset.Bold).Of(standingColor(row.Standing)), standingWords(row.Standing))
	if row.Verdict != "" {
		verdict = joined(verdict, quiet("\nit is: "+row.Verdict))
	}
	resource := small(safeName(row.Name))
	if row.ID != "" {
		resource = joined(resource, fine("\n"+safeName(row.ID)))
	}
	where := small(safeName(row.AccountID))
	if row.Region != "" {
		where = joined(where, quiet("\n"+safeName(row.Region)))
	}
	said := small(safeText(row.Said))
	if a := row.Aside; a != nil {
		word := "Muted"
		if a.Accepted {
			word = "Accepted"
		}
		text := word + ": " + safeText(a.Reason)
		for _, one := range []struct{ before, value string }{{"; owner ", a.Owner}, {"; ticket ", a.Ticket}, {"; until ", a.Until}, {"; said in ", a.By}} {
			if one.value != "" {
				text += one.before + safeName(one.value)
			}
		}
		said = joined(said, typeset.T(typeset.Small.Of(typeset.Purple), "\n"+text))
	}
	return []typeset.Text{verdict, resource, where, said}
}
