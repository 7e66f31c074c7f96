package audit

import (
	"io"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report/pdf"
	"github.com/stancehq/stance/internal/report/terminal"
	"github.com/stancehq/stance/internal/report/typeset"
)

// PDF writes a document for paper and archives. The same document always gives the same bytes.
type PDF struct{}

// paperBounds keep a document within what somebody prints. What fails comes first; the rest is counted.
var paperBounds = bounds{all: 2_000, check: 2_000, passes: 10}

// Write implements Writer.
func (PDF) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	p, err := newPage(d, paperBounds)
	if err != nil {
		return err
	}
	about := typeset.About{
		Title: safeName(p.Title), Subject: "Compliance report on scan " + safeName(d.Result.Scan.ID), Producer: "Stance " + safeName(d.Version), Created: d.Generated,
		Footer: safeName(p.Title), Mark: "  ·  scan " + cut(safeName(d.Result.Scan.ID), 60),
	}
	return typeset.Write(out, about, func(doc *typeset.Doc) error {
		w := &paper{page: p, Doc: doc}
		for _, part := range w.parts() {
			if part.set != nil {
				part.set()
			}
		}
		return nil
	})
}

// paper is a document that is being set.
type paper struct {
	*page
	*typeset.Doc
}

// paperPart is what begins on a page of its own.
type paperPart struct {
	title, anchor string
	set           func() // nil: there is nothing to say
}

// parts are the parts of the document, in its order.
func (w *paper) parts() []paperPart {
	parts := []paperPart{
		{"Summary", "summary", w.cover},
		{"Contents", "contents", w.tableOfContents},
		{"Result", "result", w.result},
		{"What was not looked at", "coverage", w.coverage},
		{"Requirements", "requirements", w.requirements},
		{"Attestations", "attestations", w.attestations},
		{"Findings, check by check", "checks", w.checks},
		{"How to verify this report", "verify", w.verify},
	}
	if len(w.Attested) == 0 {
		parts[5].set = nil
	}
	return parts
}

// begin sets the heading of a part, and what it is about.
func (w *paper) begin(anchor, lead string) {
	for _, part := range w.parts() {
		if part.anchor == anchor {
			w.Heading(typeset.Heading{Level: 1, Text: typeset.T(typeset.Body.In(typeset.Bold).As(18), part.title), Anchor: anchor, Outline: part.title})
		}
	}
	if lead != "" {
		w.Paragraph(typeset.T(typeset.Body, lead), 0, 8)
	}
}

// sub sets a heading within a part.
func (w *paper) sub(title string) {
	w.Heading(typeset.Heading{Level: 2, Text: typeset.T(typeset.Body.In(typeset.Bold).As(12), title)})
}

// none says that a list is empty.
func (w *paper) none(text string) {
	w.Skip(2)
	w.Paragraph(small(text), 0, 6)
}

// day writes a time as people read it.
func day(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// Texts of some styles. What they are given is safe, or made so.
func small(s string) typeset.Text { return typeset.T(typeset.Small, s) }
func quiet(s string) typeset.Text { return typeset.T(typeset.Quiet, s) }
func fine(s string) typeset.Text  { return typeset.T(typeset.Fine, s) }
func strong(s string) typeset.Text {
	return typeset.T(typeset.Small.In(typeset.Bold), s)
}

// link is a text that leads to a place.
func link(text typeset.Text, to string) typeset.Text {
	for i := range text {
		text[i].To, text[i].Style.Color = to, typeset.Blue
	}
	return text
}

// pageOf shows on which page a place is.
func pageOf(anchor string) typeset.Text {
	return typeset.Text{{PageOf: anchor, Style: typeset.Small.Of(typeset.Blue)}}
}

func pageText(anchor string) typeset.Text {
	return typeset.Text{{Text: "page ", PageOf: anchor, Style: typeset.Small.Of(typeset.Blue)}}
}

func joined(texts ...typeset.Text) typeset.Text {
	var all typeset.Text
	for _, t := range texts {
		all = append(all, t...)
	}
	return all
}

// statusColor is never all that tells a status: the word stands there too.
func statusColor(s compliance.Status) pdf.Color {
	return map[compliance.Status]pdf.Color{
		compliance.NotMet: typeset.Red, compliance.Unknown: typeset.Amber, compliance.Accepted: typeset.Purple,
		compliance.Manual: typeset.Blue, compliance.Met: typeset.Green, compliance.NotHere: typeset.Grey,
	}[s]
}

func statusText(s compliance.Status, size float64) typeset.Text {
	return typeset.T(typeset.Body.In(typeset.Bold).As(size).Of(statusColor(s)), StatusWords(s))
}

func standingColor(s standing) pdf.Color {
	return map[standing]pdf.Color{
		standFail: typeset.Red, standUnknown: typeset.Amber, standAccepted: typeset.Purple, standMuted: typeset.Purple,
		standManual: typeset.Blue, standPass: typeset.Green,
	}[s]
}

// standingsText says how many findings stand how: "2 fail, 13 pass".
func standingsText(all []standingCount) typeset.Text {
	var text typeset.Text
	for i, one := range all {
		if i > 0 {
			text = append(text, small(", ")...)
		}
		text = append(text, typeset.T(typeset.Small.Of(standingColor(one.Standing)), number(one.N)+" "+standingWords(one.Standing))...)
	}
	return text
}

// titled is an identifier and a title, once if they are the same.
func titled(id, title string) string {
	if id == title || id == "" {
		return safeName(title)
	}
	return safeName(id) + "  " + safeName(title)
}

// verify says how to check the report without trusting who made it.
func (w *paper) verify() {
	w.begin("verify", "")
	command := "stance report " + safeName(w.Report.Framework.ID)
	if w.Report.Level != "" {
		command += " --level " + safeName(w.Report.Level)
	}
	if w.Result.Scan.Scans <= 1 {
		command += " --scan " + safeName(w.Result.Scan.ID)
	}
	mono := func(s string) typeset.Text { return typeset.T(typeset.Body.In(typeset.Mono).As(8.5), s) }
	body := func(s string) typeset.Text { return typeset.T(typeset.Body, s) }
	w.Bullets(
		joined(body("Every verdict comes from the SQL that stands with its check above, asked of what the cloud's own APIs answered. "), mono("stance checks ID"),
			body(" shows a check in full, with the calls that it rests on.")),
		joined(mono(command+" --evidence bundle.zip"), body(" writes what this report rests on into one file.")),
		joined(mono("stance verify bundle.zip"), body(" checks that file, on any computer, without access to what was scanned.")),
	)
	w.Paragraph(body("Mutes, accepted risks and attestations are statements of people. They are repeated here as they were made, with who made them and until when; "+
		"nothing checks whether they are true."), 0, 0)
}
