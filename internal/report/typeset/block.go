package typeset

import (
	"fmt"
	"strconv"

	"github.com/stancehq/stance/internal/report/pdf"
)

// Heading begins a part of the document.
type Heading struct {
	// Level is 1 for what begins on a page of its own, up to 6.
	Level int
	Text  Text
	// Right stands at the end of the first line, as a status does.
	Right  Text
	Anchor string
	// Outline is the line of the outline that leads here, Depth how deep that is; empty: none does.
	Outline string
	Depth   int
	// Keep is how much of what follows must fit on the page; 0: three lines.
	Keep float64
	Rule bool // a line above
	Here bool // a heading of level 1 does not begin a new page
}

// spaces are above the headings of each level, and below.
var spaces = [...][2]float64{1: {0, 10}, 2: {16, 5}, 3: {12, 3}, 4: {9, 2}, 5: {8, 2}, 6: {8, 2}}

// Heading sets a heading. It never stands at the foot of a page alone.
func (d *Doc) Heading(h Heading) {
	d.closeSections(h.Level)
	d.sections = append(d.sections, section{h.Level, d.pdf.Element(d.within(), "Sect")})
	if h.Level == 1 {
		d.part = ""
		if !h.Here {
			d.Break()
		}
		if len(h.Text) > 0 {
			d.part = h.Text[0].Text
		}
	}
	beside := d.lines(h.Right, Room/2, 0)
	lines := d.lines(h.Text, Room-beside[0].width-12, 0)
	if h.Keep == 0 {
		h.Keep = 3 * Body.Size * leading
	}
	above, below := spaces[h.Level][0], spaces[h.Level][1]
	d.need(above + height(lines) + below + h.Keep)
	d.Skip(above)
	if h.Rule {
		d.rule()
		d.y += 5
	}
	d.anchor(h.Anchor, d.y-6)
	if h.Outline != "" {
		d.pdf.Outline(h.Depth, d.plain(Body.In(Regular), h.Outline), d.y-6)
	}
	e := d.pdf.Element(d.within(), fmt.Sprintf("H%d", h.Level))
	y := d.y
	for i, l := range lines {
		d.need(l.height())
		d.set(e, l, h.Text, left, d.y)
		d.y += l.height()
		if i == 0 && len(h.Right) > 0 {
			d.set(e, beside[0], h.Right, right-beside[0].width, y+(l.height()-beside[0].height())/2+0.3)
		}
	}
	d.page.Unmark()
	e.Close()
	d.y += below
}

// rule draws a line across the page.
func (d *Doc) rule() {
	d.page.Mark(nil)
	d.page.Fill(left, d.y, Room, 0.5, Line)
	d.page.Unmark()
}

// Paragraph sets a text. After it stands a space.
func (d *Doc) Paragraph(text Text, indent, after float64) {
	e := d.pdf.Element(d.within(), "P")
	d.flow(e, text, d.lines(text, Room-indent, 0), left+indent)
	e.Close()
	d.y += after
}

// flow sets lines down the page and onto the next. No first or last line stands alone.
func (d *Doc) flow(e *pdf.Element, text Text, lines []line, x float64) {
	for i, l := range lines {
		room := l.height()
		if i == 0 && len(lines) > 1 || i == len(lines)-2 {
			room *= 2
		}
		d.need(room)
		d.set(e, l, text, x, d.y)
		d.y += l.height()
	}
	d.page.Unmark()
}

// Bullets sets a list.
func (d *Doc) Bullets(items ...Text) {
	list := d.pdf.Element(d.within(), "L")
	for _, item := range items {
		e := d.pdf.Element(list, "LI")
		label, body := d.pdf.Element(e, "Lbl"), d.pdf.Element(e, "LBody")
		lines := d.lines(item, Room-12, 0)
		d.need(lines[0].height() * float64(min(2, len(lines))))
		d.set(label, line{pieces: []piece{{text: "•"}}, size: lines[0].size}, Text{{Style: item[0].Style}}, left+2, d.y)
		d.flow(body, item, lines, left+12)
		label.Close()
		body.Close()
		e.Close()
		d.y += 1.5
	}
	list.Close()
	d.y += 5
}

// Part is a part of a bar.
type Part struct {
	Share float64
	Color pdf.Color
}

// Bar draws parts of a whole beside each other. It only shows what is said elsewhere.
func (d *Doc) Bar(parts []Part) {
	const high = 7
	sum := 0.0
	for _, p := range parts {
		sum += p.Share
	}
	d.need(high)
	d.page.Mark(nil)
	x := float64(left)
	for _, p := range parts {
		w := p.Share / max(sum, 1e-9) * Room
		d.page.Fill(x, d.y, max(w-1, 0.6), high, p.Color)
		x += w
	}
	d.page.Unmark()
	d.y += high + 6
}

// Entry is a line of a table of contents.
type Entry struct {
	Depth  int
	Text   Text
	Anchor string
}

// Contents sets a table of contents.
func (d *Doc) Contents(entries []Entry) {
	list := d.pdf.Element(d.within(), "TOC")
	for _, entry := range entries {
		indent := 14 * float64(entry.Depth)
		for i := range entry.Text {
			entry.Text[i].To = entry.Anchor
		}
		if entry.Depth == 0 {
			d.Skip(6)
		}
		lines := d.lines(entry.Text, Room-indent-60, 0)
		number := Text{{PageOf: entry.Anchor, Style: entry.Text[0].Style}}
		page := d.lines(number, Room, 0)[0]
		page.right = true
		d.need(height(lines))
		e := d.pdf.Element(list, "TOCI")
		d.flow(e, entry.Text, lines, left+indent)
		d.set(e, page, number, right-page.width, d.y-page.height())
		d.page.Unmark()
		e.Close()
		d.y += 1.5
	}
	list.Close()
}

// Code sets text as it is, line by line, on a shade, with a name beside it. Lines that are too long go on below, indented.
func (d *Doc) Code(indent float64, name, code string) {
	style := Style{Mono, 7.8, Black}
	const pad = 5
	text := T(style, code)
	e := d.pdf.Element(d.within(), "Code")
	for i, l := range d.lines(text, Room-indent-2*pad, 16) {
		room := l.height()
		if i == 0 {
			d.need(pad + 2*room)
			d.codeName(name, d.y+pad)
			d.shade(indent, pad)
		}
		before := d.page
		if d.need(room + pad); d.page != before {
			d.shade(indent, pad)
		}
		d.page.Mark(nil)
		d.page.Fill(left+indent, d.y-0.2, Room-indent, room+0.4, Shade)
		d.set(e, l, text, left+indent+pad, d.y)
		d.y += room
	}
	d.shade(indent, pad)
	e.Close()
	d.y += 5
}

func (d *Doc) codeName(name string, y float64) {
	text := T(Small.Of(Grey), name)
	e := d.pdf.Element(d.within(), "P")
	d.set(e, d.lines(text, Room, 0)[0], text, left, y)
	d.page.Unmark()
	e.Close()
}

func (d *Doc) shade(indent, height float64) {
	d.page.Mark(nil)
	d.page.Fill(left+indent, d.y, Room-indent, height, Shade)
	d.page.Unmark()
	d.y += height
}

// set draws a line with its upper edge at y, as a part of an element.
func (d *Doc) set(e *pdf.Element, l line, text Text, x, y float64) {
	baseline := y + l.height()/2 + l.size*0.34
	for _, p := range l.pieces {
		span := text[p.span]
		shown, to := p.text, span.To
		if span.PageOf != "" {
			shown, to = span.Text+strconv.Itoa(d.pages[span.PageOf]), span.PageOf
			if l.right {
				p.x += p.w - d.width(span.Style, shown)
			}
		}
		if to == "" {
			d.page.Mark(e)
			d.draw(x+p.x, baseline, span.Style, shown)
			continue
		}
		link := d.pdf.Element(e, "Link")
		d.page.Mark(link)
		d.draw(x+p.x, baseline, span.Style, shown)
		d.page.Unmark()
		alt := shown
		if span.PageOf != "" && span.Text == "" {
			alt = "page " + shown
		}
		d.page.Link(x+p.x, y, p.w, l.height(), to, alt, link)
		link.Close()
	}
}
