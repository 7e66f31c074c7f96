package typeset

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/report/pdf"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Face is one of the fonts.
type Face int

// Faces.
const (
	Regular Face = iota
	Bold
	Mono
)

// Colors. All that are of text can be told from white by those who see little contrast (7:1), but for Grey (4.5:1).
var (
	Black  = pdf.Color{R: 0x1B, G: 0x1F, B: 0x24}
	Grey   = pdf.Color{R: 0x5F, G: 0x66, B: 0x6E}
	Blue   = pdf.Color{R: 0x0B, G: 0x4A, B: 0x8F}
	Red    = pdf.Color{R: 0x9B, G: 0x1C, B: 0x1C}
	Amber  = pdf.Color{R: 0x7A, G: 0x46, B: 0x00}
	Purple = pdf.Color{R: 0x5A, G: 0x31, B: 0x8A}
	Green  = pdf.Color{R: 0x14, G: 0x5A, B: 0x2E}
	Line   = pdf.Color{R: 0xCB, G: 0xD0, B: 0xD6}
	Shade  = pdf.Color{R: 0xF4, G: 0xF5, B: 0xF7}
)

// Style is how text looks.
type Style struct {
	Face  Face
	Size  float64
	Color pdf.Color
}

// Styles of text.
var (
	Body  = Style{Regular, 9.5, Black}
	Small = Style{Regular, 8.5, Black}
	Quiet = Style{Regular, 8.5, Grey}
	Fine  = Style{Mono, 7.2, Grey}
)

// In is the style with another face, As with another size, Of in another color.
func (s Style) In(f Face) Style { s.Face = f; return s }

// As is the style with another size.
func (s Style) As(size float64) Style { s.Size = size; return s }

// Of is the style in another color.
func (s Style) Of(c pdf.Color) Style { s.Color = c; return s }

// Span is text of one style. To is the anchor or address that it leads to. PageOf is an anchor whose page is shown behind Text, and that
// it leads to.
type Span struct {
	Text       string
	Style      Style
	To, PageOf string
}

// Text is spans one after the other. A line feed ends a line.
type Text []Span

// T is a text in one style.
func T(s Style, text string) Text { return Text{{Text: text, Style: s}} }

// pageDigits is room for the number of a page. It is the same in both rounds, so that lines break at the same places.
const pageDigits = "000"

// plain makes a text safe, and shows what the font lacks: nothing is left out.
func (d *Doc) plain(s Style, text string) string {
	text = terminal.Clean(text)
	font := d.fonts[s.Face]
	if !strings.ContainsFunc(text, func(r rune) bool { return !font.Has(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if font.Has(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	return b.String()
}

// piece is a part of a span that stands on one line.
type piece struct {
	span int
	text string
	x, w float64
}

type line struct {
	pieces []piece
	width  float64
	size   float64 // of the largest letters
	right  bool    // it ends at the right edge
}

// leading is the height of a line, in sizes of its letters.
const leading = 1.36

func (l line) height() float64 { return l.size * leading }

// lines breaks a text to a width: between words, and within those that are longer than a line, where it looks for a place that
// leaves names readable. Further lines of what had to be broken begin at hang.
func (d *Doc) lines(text Text, room, hang float64) []line {
	b := breaker{doc: d, text: text, room: max(room, 40), hang: hang}
	for i, span := range text {
		if span.PageOf != "" {
			b.word = append(b.word, piece{span: i, w: d.width(span.Style, span.Text+pageDigits)})
			continue
		}
		for n, part := range strings.Split(span.Text, "\n") {
			if n > 0 {
				b.endWord()
				b.endLine(false)
			}
			b.add(i, d.plain(span.Style, part))
		}
	}
	b.endWord()
	b.endLine(false)
	return b.all
}

type breaker struct {
	doc        *Doc
	text       Text
	room, hang float64
	all        []line
	line       line
	word       []piece // without blanks; it may be of several spans
	broken     bool    // the room ended the line before, and not a line feed
}

// add takes the text of a span that has no line feeds.
func (b *breaker) add(span int, text string) {
	style := b.text[span].Style
	for text != "" {
		if n := len(text) - len(strings.TrimLeft(text, " ")); n > 0 {
			b.endWord()
			b.blank(span, text[:n], style)
			text = text[n:]
			continue
		}
		n := strings.IndexByte(text, ' ')
		if n < 0 {
			n = len(text)
		}
		b.word = append(b.word, piece{span: span, text: text[:n], w: b.doc.width(style, text[:n])})
		text = text[n:]
	}
}

// blank puts blanks on the line, but not where one begins that the room broke.
func (b *breaker) blank(span int, text string, style Style) {
	if len(b.line.pieces) > 0 || !b.broken {
		b.put(piece{span: span, text: text, w: b.doc.width(style, text)})
	}
}

func (b *breaker) put(p piece) {
	if len(b.line.pieces) == 0 && b.broken {
		b.line.width = b.hang
	}
	p.x = b.line.width
	b.line.width += p.w
	b.line.size = max(b.line.size, b.text[p.span].Style.Size)
	if last := len(b.line.pieces) - 1; last >= 0 && b.line.pieces[last].span == p.span && b.text[p.span].PageOf == "" {
		b.line.pieces[last].text += p.text
		b.line.pieces[last].w += p.w
		return
	}
	b.line.pieces = append(b.line.pieces, p)
}

// endWord puts the word on this line or on the next, or breaks it.
func (b *breaker) endWord() {
	width := 0.0
	for _, p := range b.word {
		width += p.w
	}
	indent := 0.0
	if b.broken {
		indent = b.hang
	}
	left := b.room - max(b.line.width, indent)
	if width > left && len(b.line.pieces) > 0 && (width <= b.room-b.hang || left < b.room/4) {
		b.endLine(true)
		left = b.room - b.hang
	}
	for _, p := range b.word {
		for p.text != "" && p.w > left {
			left = b.split(&p, left)
		}
		if p.text != "" || p.w > 0 {
			b.put(p)
			left -= p.w
		}
	}
	b.word = b.word[:0]
}

// split puts as much of a piece on the line as there is room for, and begins the next one.
func (b *breaker) split(p *piece, left float64) float64 {
	style := b.text[p.span].Style
	n := b.doc.fitting(style, p.text, left)
	if at := strings.LastIndexAny(p.text[:n], "/:.-_,;=&?)}"); at >= n*3/5 {
		n = at + 1
	}
	if n == 0 && len(b.line.pieces) == 0 { // not even one letter
		_, n = utf8.DecodeRuneInString(p.text)
		n = max(n, 1)
	}
	if n > 0 && p.text != "" {
		head := p.text[:n]
		b.put(piece{span: p.span, text: head, w: b.doc.width(style, head)})
		p.text = p.text[n:]
		p.w = b.doc.width(style, p.text)
	}
	b.endLine(true)
	return b.room - b.hang
}

// fitting is how many bytes of a text fit.
func (d *Doc) fitting(s Style, text string, room float64) int {
	font := d.fonts[s.Face]
	for at, r := range text {
		room -= font.Width(string(r)) * s.Size
		if room < 0 {
			return at
		}
	}
	return len(text)
}

func (b *breaker) endLine(broken bool) {
	if b.line.size == 0 && len(b.text) > 0 { // an empty line
		b.line.size = b.text[0].Style.Size
	}
	b.all = append(b.all, b.line)
	b.line, b.broken = line{}, broken
}

func height(lines []line) float64 {
	sum := 0.0
	for _, l := range lines {
		sum += l.height()
	}
	return sum
}
