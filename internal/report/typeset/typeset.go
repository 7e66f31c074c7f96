// Package typeset sets reports on A4 pages: headings, paragraphs, facts, code and tables that break across pages, with page numbers, a
// table of contents, an outline and tags for screen readers. It knows nothing of what a report says, and decides no file format: see
// package pdf.
package typeset

import (
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"

	"github.com/stancehq/stance/internal/report/pdf"
)

// Measures of a page, in points.
const (
	left  = 56
	right = pdf.Width - 56
	top   = 64
	foot  = pdf.Height - 60
	// Room is how wide the text is.
	Room = right - left
)

// About is what a document says of itself, beside its pages.
type About struct {
	Title, Subject string
	// Footer stands on every page beside its number, cut to the room that is left by Mark, which stands behind it whole.
	Footer, Mark string
	Producer     string
	Created      time.Time
}

// Doc is a document that is being set, from its first page to its last.
type Doc struct {
	about About
	pdf   *pdf.Document
	page  *pdf.Page
	fonts [3]*pdf.Font
	y     float64
	// bottom is where a page ends for what is set on it.
	bottom float64
	// Of the round before: how many pages there are, and on which each anchor is.
	total int
	pages map[string]int
	found map[string]int
	// What is open, by its level of heading.
	sections []section
	part     string // named at the head of pages
}

type section struct {
	level   int
	element *pdf.Element
}

// Write composes a document and writes it. Compose is called twice, and must do the same both times: first nothing is written, and only
// the numbers of pages are learned, which tables of contents and references show.
func Write(out io.Writer, about About, compose func(*Doc) error) error {
	draft, err := run(nil, about, compose, nil)
	if err != nil {
		return err
	}
	final, err := run(out, about, compose, draft)
	if err != nil {
		return err
	}
	if final.total != draft.total {
		return fmt.Errorf("the document has %d pages, and had %d before", final.total, draft.total)
	}
	return nil
}

func run(out io.Writer, about About, compose func(*Doc) error, before *Doc) (*Doc, error) {
	d := &Doc{about: about, found: map[string]int{}, bottom: foot}
	d.pdf = pdf.New(out, pdf.Info{
		Title: about.Title, Author: "Stance", Subject: about.Subject, Language: "en", Producer: about.Producer, Created: about.Created,
	})
	if before != nil {
		d.total, d.pages = before.total, before.found
	}
	for face, ttf := range [...][]byte{Regular: goregular.TTF, Bold: gobold.TTF, Mono: gomono.TTF} {
		var err error
		if d.fonts[face], err = d.pdf.Font(ttf); err != nil {
			return nil, err
		}
	}
	d.newPage()
	if err := compose(d); err != nil {
		return nil, err
	}
	d.closeSections(0)
	d.total = d.pdf.Pages()
	return d, d.pdf.Close()
}

// newPage begins a page, with what stands on every one.
func (d *Doc) newPage() {
	d.page, d.y = d.pdf.Page(), top
	d.page.Mark(nil)
	number := d.pdf.Pages()
	count := fmt.Sprintf("Page %d of %d", number, d.total)
	quiet := Style{Regular, 7.5, Grey}
	width := d.width(quiet, count)
	d.page.Fill(left, foot+14, Room, 0.4, Line)
	mark := d.plain(quiet, d.about.Mark)
	footer := d.fit(quiet, d.about.Footer, Room-width-20-d.width(quiet, mark))
	d.draw(left, foot+28, quiet, footer+mark)
	d.draw(right-width, foot+28, quiet, count)
	if d.part != "" && number > 1 {
		d.draw(left, top-24, quiet, d.fit(quiet, d.part, Room))
	}
	d.page.Unmark()
}

// Break begins a new page, unless this one is empty.
func (d *Doc) Break() {
	if d.y > top {
		d.newPage()
	}
}

// Skip leaves a space, but not at the head of a page.
func (d *Doc) Skip(height float64) {
	if d.y > top {
		d.y += height
	}
}

// need begins a new page unless there is room.
func (d *Doc) need(height float64) {
	if d.y+height > d.bottom && d.y > top {
		d.newPage()
	}
}

// Together sets blocks on one page, if they fit on half of one. What it sets must not begin a page of its own.
func (d *Doc) Together(set func(*Doc)) {
	trial := &Doc{about: d.about, pdf: pdf.New(nil, pdf.Info{}), fonts: d.fonts, found: map[string]int{}, bottom: math.Inf(1), pages: d.pages, total: d.total}
	trial.page = trial.pdf.Page()
	trial.y = top + 1 // spaces count
	set(trial)
	if height := trial.y - top; height <= (foot-top)/2 {
		d.need(height)
	}
	set(d)
}

// within is the part of the document that new blocks belong to.
func (d *Doc) within() *pdf.Element {
	if len(d.sections) == 0 {
		return nil
	}
	return d.sections[len(d.sections)-1].element
}

// closeSections ends the sections of a level and below.
func (d *Doc) closeSections(level int) {
	for n := len(d.sections) - 1; n >= 0 && d.sections[n].level >= level; n-- {
		d.sections[n].element.Close()
		d.sections = d.sections[:n]
	}
}

// Leave ends the parts of the document that headings of a level and below began: what follows belongs to what is above them.
func (d *Doc) Leave(level int) { d.closeSections(level) }

func (d *Doc) width(s Style, text string) float64 { return d.fonts[s.Face].Width(text) * s.Size }

func (d *Doc) draw(x, baseline float64, s Style, text string) {
	d.page.Text(x, baseline, d.fonts[s.Face], s.Size, s.Color, text)
}

// fit cuts a text to a width.
func (d *Doc) fit(s Style, text string, room float64) string {
	text = d.plain(s, text)
	if d.width(s, text) <= room {
		return text
	}
	end := d.fitting(s, text, room-d.width(s, "…"))
	return text[:end] + "…"
}

// anchor makes a place that links lead to.
func (d *Doc) anchor(name string, y float64) {
	if name != "" {
		d.found[name] = d.pdf.Pages()
		d.pdf.Target(name, y)
	}
}

// Place makes a place that links lead to of where the next block begins.
func (d *Doc) Place(name string) { d.anchor(name, d.y) }
