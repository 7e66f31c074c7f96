package audit

import (
	"fmt"
	"io"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Table is a summary on a screen: the score, what is not met and unknown, and how to have more.
type Table struct{}

// maxShown is how many requirements of a status are listed; the rest is counted.
const maxShown = 25

// Write implements Writer.
func (Table) Write(out io.Writer, d *Document, look terminal.Terminal) error {
	w := &screen{out: out, look: look}
	w.line("%s", look.Paint(d.title(), terminal.Bold))
	w.wrapped("", d.scanned()+look.Dot()+report.NewCoverage(d.Result.Coverage).Line())
	w.line("")
	w.wrapped("score     ", score(d.Report.Score))
	w.wrapped("          ", compliance.Formula)
	for _, status := range compliance.Statuses() {
		if n := d.Report.Score.Of(status); n > 0 {
			w.line("%s %4d", look.Paint(terminal.Pad(StatusWords(status), 15), style(status)), n)
		}
	}
	if n := d.Report.Score.Partly; n > 0 {
		w.line("                     %d of the manual ones have a part that checks look at, and nothing speaks against it", n)
	}
	if s := d.Report.Score; s.AttestedMet+s.AttestedNotMet+s.AttestedNotHere > 0 {
		w.line("                     attested by people: %d met, %d not met, %d not applicable", s.AttestedMet, s.AttestedNotMet, s.AttestedNotHere)
	}
	for _, status := range []compliance.Status{compliance.NotMet, compliance.Unknown, compliance.Accepted} {
		w.list(d, status)
	}
	for _, c := range d.changed() {
		w.wrapped("changed   ", fmt.Sprintf("%s %s: %s, was %s", c.ID, c.Title, StatusWords(c.Status), StatusWords(c.Before)))
	}
	for _, note := range d.Report.Notes {
		w.wrapped("note      ", note)
	}
	return w.err
}

type screen struct {
	out  io.Writer
	look terminal.Terminal
	err  error
}

func (w *screen) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n", args...)
	}
}

// wrapped prints a text behind a head, and its further lines below each other.
func (w *screen) wrapped(head, text string) {
	for _, line := range terminal.Wrap(terminal.Clean(text), max(40, w.look.Columns()-len(head))) {
		w.line("%s%s", head, line)
		head = fmt.Sprintf("%*s", len(head), "")
	}
}

func (w *screen) list(d *Document, status compliance.Status) {
	total := d.Report.Score.Of(status)
	if total == 0 {
		return
	}
	w.line("")
	w.line("%s", w.look.Paint(StatusWords(status), style(status)))
	left := maxShown
	for _, r := range d.Report.Requirements {
		if r.Group || r.Status != status {
			continue
		}
		if left == 0 {
			w.line("  and %d more: -o html=FILE has all", total-maxShown)
			return
		}
		left--
		w.wrapped("  "+terminal.Pad(terminal.Clean(r.ID), 10)+" ", r.Title+": "+r.Why)
	}
}

func style(s compliance.Status) terminal.Style {
	return map[compliance.Status]terminal.Style{
		compliance.NotMet: terminal.Red, compliance.Unknown: terminal.Yellow, compliance.Accepted: terminal.Yellow,
		compliance.Manual: terminal.Cyan, compliance.Met: terminal.Green,
	}[s]
}
