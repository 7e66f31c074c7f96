package audit

import (
	"strings"

	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/typeset"
)

// requirements sets all requirements by section.
func (w *paper) requirements() {
	w.begin("requirements", "Each with its status, why, and the checks that answer it. What those found stands once, with each check.")
	depth := w.depth()
	for _, s := range w.Sections {
		level := 2
		if s.Heading != nil {
			title := titled(s.Heading.ID, s.Heading.Title)
			w.Heading(typeset.Heading{
				Level: 2, Text: typeset.T(typeset.Body.In(typeset.Bold).As(13), title), Anchor: s.Anchor, Outline: title, Depth: 1, Keep: 90,
			})
			w.Paragraph(quiet(s.Of.line()), 0, 2)
			level = 3
		} else {
			w.Place(s.Anchor)
		}
		for _, item := range s.Items {
			if item.Group {
				level = min(6, item.Level)
				title := titled(item.ID, item.Title)
				w.Heading(typeset.Heading{
					Level: level - 1, Text: joined(typeset.T(typeset.Body.In(typeset.Bold).As(11), title), quiet("   "+item.Of.line())),
					Anchor: item.Anchor, Outline: title, Depth: level - 2, Keep: 80,
				})
				continue
			}
			if item.Back != nil {
				level = min(6, 3+depth[item.Back.ID])
			}
			w.Together(func(doc *typeset.Doc) {
				(&paper{page: w.page, Doc: doc}).requirement(item, min(6, level+item.Level))
			})
		}
	}
}

func (w *paper) requirement(item *pageItem, level int) {
	if back := item.Back; back != nil {
		w.Leave(level)
		w.Paragraph(quiet(titled(back.ID, back.Title)+", further"), 0, 2)
	}
	w.Heading(typeset.Heading{
		Level: level, Text: typeset.T(typeset.Body.In(typeset.Bold).As(10), titled(item.ID, item.Title)), Right: statusText(item.Status, 10),
		Anchor: item.Anchor, Outline: titled(item.ID, item.Title), Depth: level - 1, Rule: true,
	})
	reach := item.Reach()
	if part := item.Part(); part != "" {
		reach += " They say: " + part + "."
	}
	var facts []typeset.Fact
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, typeset.Fact{Name: name, Text: small(text)})
		}
	}
	if because := item.Because(); because != "" {
		add("Why", sentence(safeText(because)))
	}
	add("Answered by checks", reach)
	add("Left to a person", safeText(item.Left))
	add("What to look at", safeText(item.Look))
	add("Levels", levels(item))
	if item.Was != "" {
		add("Changed", "It was "+StatusWords(item.Was)+" in the scan before.")
	}
	for _, a := range item.Attestations() {
		whom := ""
		if len(a.Accounts) > 0 {
			whom = ", for " + safeText(few(a.Accounts, 20))
		}
		add("Attested", answerWords(a.Answer)+", by "+safeName(a.Author)+" on "+safeName(a.Date)+", until "+safeName(a.Until)+whom+". "+safeText(a.Note))
	}
	if a := item.Expired; a != nil {
		add("Attestation ended", "on "+safeName(a.Until)+": "+answerWords(a.Answer)+", by "+safeName(a.Author)+" on "+safeName(a.Date)+". "+safeText(a.Note))
	}
	w.Facts(0, names, facts...)
	w.Skip(3)
	w.answering(item)
	w.scopedTable(item)
}

// levels are those that ask for a requirement, and how the publisher says that it is assessed.
func levels(item *pageItem) string {
	parts := []string{safeText(few(item.Levels, 20))}
	switch item.Assessment {
	case "":
	case "automated":
		parts = append(parts, "assessed automatically, says the publisher")
	default:
		parts = append(parts, "assessed "+safeName(item.Assessment)+"ly, says the publisher")
	}
	if parts[0] == "" {
		parts = parts[1:]
	}
	return strings.Join(parts, "; ")
}

// beside begins a table whose rows stand where facts do, with its name before the first.
func (w *paper) beside(columns ...typeset.Column) *typeset.Table {
	t := w.Table(0, append([]typeset.Column{{Share: names}}, columns...)...)
	t.Plain = true
	return t
}

// answering lists the checks that answer a requirement.
func (w *paper) answering(item *pageItem) {
	if len(item.Checks) == 0 {
		return
	}
	t := w.beside(typeset.Column{Share: 258}, typeset.Column{Share: 92}, typeset.Column{Share: 42, Right: true})
	name := quiet("Checks")
	for _, c := range item.Answering {
		place := anchor("c", c.Check.ID)
		text := joined(link(small(safeName(c.Check.Title)), place), fine("\n"+safeName(c.Check.ID)))
		if doubt := doubt(c); doubt != "" {
			text = joined(text, typeset.T(typeset.Small.Of(typeset.Amber), "\n"+sentence(safeText(doubt))))
		}
		if len(c.NotAsked) > 0 {
			text = joined(text, typeset.T(typeset.Small.Of(typeset.Amber), "\nNot asked in "+safeText(few(c.NotAsked, 5))+"."))
		}
		found := standingsText(standingCounts(c.Counts))
		if len(found) == 0 {
			found = quiet("no findings")
		}
		t.Row(name, text, found, pageText(place))
		name = nil
	}
	if item.Elsewhere != "" {
		t.Row(name, quiet("And for what was not scanned: "+safeText(item.Elsewhere)+"."), nil, nil)
	}
	t.End()
}

// scopedTable lists the accounts of a requirement where there are several.
func (w *paper) scopedTable(item *pageItem) {
	if len(item.Scoped) == 0 {
		if item.Rest != "" {
			w.Facts(0, names, typeset.Fact{Name: "Accounts", Text: small(item.Rest)})
			w.Skip(6)
		}
		return
	}
	t := w.beside(typeset.Column{Share: 130}, typeset.Column{Share: 76}, typeset.Column{Share: 186})
	name := quiet("Accounts")
	for _, s := range item.Scoped {
		account := small(safeName(s.Account))
		if s.Name != "" {
			account = joined(account, quiet("\n"+safeName(s.Name)))
		}
		why := small(sentence(safeText(s.Why)))
		if a := s.Attested; a != nil {
			why = joined(why, quiet("\nAttested "+answerWords(a.Answer)+", by "+safeName(a.Author)+", until "+safeName(a.Until)+"."))
		}
		t.Row(name, account, statusText(s.Status, 8.5), why)
		name = nil
	}
	if item.Rest != "" {
		t.Row(nil, quiet(item.Rest), nil, nil)
	}
	t.End()
}

// coverage is what was not looked at, and why.
func (w *paper) coverage() {
	c := w.page.Coverage
	w.begin("coverage", "Coverage: "+safeText(c.Line)+". A cell is one call for one kind of thing in one account and region. "+
		"What a missing cell decides is unknown in this report, never met.")
	w.gaps(c)
	w.sub("Accounts that could not be seen")
	if len(c.Unseen) == 0 {
		w.none("None: every account of the scan was entered. Accounts that the scan was not told of are not in this report.")
	}
	var unseen []typeset.Text
	for _, s := range c.Unseen {
		unseen = append(unseen, joined(strong(safeName(s.Account)), small("  "+safeName(s.Name)+": "+safeText(s.Error))))
	}
	w.Bullets(unseen...)
	w.sub("Checks that were not asked")
	if len(c.NotAsked) == 0 {
		w.none("None: every check that answers a requirement was asked in every account.")
	} else {
		t := w.Table(0, typeset.Column{Title: "Check", Share: 290}, typeset.Column{Title: "Not asked in", Share: 193})
		for _, one := range c.NotAsked {
			t.Row(joined(link(small(safeName(one.Check.Title)), anchor("c", one.Check.ID)), fine("\n"+safeName(one.Check.ID))), small(safeText(few(one.NotAsked, 10))))
		}
		t.End()
		if c.MoreChecks > 0 {
			w.none("And " + report.Count(int64(c.MoreChecks), "more check") + ".")
		}
	}
	if c.Elsewhere != "" {
		w.none("The framework is also answered by checks for what was not scanned, and left out here: " + safeText(c.Elsewhere) + ".")
	}
	w.unanswered(c)
}

func (w *paper) gaps(c coverageView) {
	w.sub("Calls that brought nothing, or not all")
	if len(c.Gaps) == 0 {
		w.none("None.")
		return
	}
	t := w.Table(0, typeset.Column{Title: "Outcome", Share: 64}, typeset.Column{Title: "What", Share: 146}, typeset.Column{Title: "Where", Share: 120},
		typeset.Column{Title: "Cause", Share: 153})
	for _, g := range c.Gaps {
		outcome := g.Outcome + "\n" + report.Count(int64(g.Cells), "cell")
		if g.Rows > 0 {
			outcome += ", " + report.Count(g.Rows, "row")
		}
		what := small(safeName(g.Table))
		if g.Group != "" {
			what = joined(what, quiet("  "+safeName(g.Group)))
		}
		if g.Call != "" {
			what = joined(what, fine("\n"+safeName(g.Call)))
		}
		t.Row(small(outcome), what, small(strings.Join(g.Where, "\n")), small(safeText(g.Cause)))
	}
	t.End()
	if c.MoreGaps > 0 {
		w.none("And " + report.Count(int64(c.MoreGaps), "more gap") + ": stance report --coverage lists all.")
	}
}

func (w *paper) unanswered(c coverageView) {
	w.sub("Requirements that no check answers")
	if len(c.Unanswered) == 0 {
		w.none("None.")
	} else {
		text := small(report.Count(int64(len(c.Unanswered)), "requirement") + ", at which a person must look: ")
		for i, r := range c.Unanswered {
			if i > 0 {
				text = append(text, small(", ")...)
			}
			text = append(text, link(small(safeName(r.ID)), anchor("r", r.ID))...)
		}
		w.Paragraph(text, 0, 6)
	}
	if c.Partly > 0 {
		w.none("Checks look at a part of " + report.Count(int64(c.Partly), "requirement") + ". What is left to a person is said with each.")
	}
	if w.Omitted != "" {
		w.sub("Findings that are not listed")
		w.none(w.Omitted)
	}
}
