package workbook

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// rowWriter writes the rows of a sheet.
type rowWriter struct {
	out     *bufio.Writer // which keeps its first error
	columns []Column
	letters []string // of the columns
	rows    int
	row     string // the number of this row
	at      int    // in the row
}

func newRowWriter(out io.Writer, columns []Column) *rowWriter {
	r := &rowWriter{out: bufio.NewWriterSize(out, 64<<10), columns: columns}
	for i := range columns {
		r.letters = append(r.letters, letters(i+1))
	}
	return r
}

func (r *rowWriter) text(s string) { _, _ = r.out.WriteString(s) }

func (r *rowWriter) head() {
	r.begin()
	for i, c := range r.columns {
		r.at = i
		r.inline(styleHead, c.Title)
	}
	r.text("</row>\n")
}

// add writes a row, if there is room, and tells whether there is room for another.
func (r *rowWriter) add(cells ...any) bool {
	if r.rows >= MaxRows {
		return false
	}
	r.begin()
	for i, v := range cells[:min(len(cells), len(r.columns))] {
		r.at = i
		r.cell(&r.columns[i], v)
	}
	r.text("</row>\n")
	return r.rows < MaxRows
}

func (r *rowWriter) begin() {
	r.rows++
	r.row = strconv.Itoa(r.rows)
	r.text(`<row r="`)
	r.text(r.row)
	r.text(`">`)
}

func (r *rowWriter) open(style int) {
	r.text(`<c r="`)
	r.text(r.letters[r.at])
	r.text(r.row)
	r.text(`" s="`)
	r.text(strconv.Itoa(style))
}

func (r *rowWriter) cell(c *Column, v any) {
	switch v := v.(type) {
	case string:
		r.inline(textStyle(c, v), v)
	case Cell:
		r.inline(toneStyle(v.Tone), v.Text)
	case int:
		r.number(styleNumber, strconv.Itoa(v))
	case int64:
		r.number(styleNumber, strconv.FormatInt(v, 10))
	case Percent:
		r.number(stylePercent, strconv.FormatFloat(float64(v)/100, 'f', -1, 64))
	case time.Time:
		r.number(styleTime, serial(v))
	case Day:
		if day, err := time.Parse(time.DateOnly, string(v)); err == nil {
			r.number(styleDay, serial(day))
			return
		}
		r.inline(textStyle(c, string(v)), string(v))
	}
}

// serial is a time as Excel counts: days since the end of 1899, in UTC.
func serial(t time.Time) string {
	days := t.UTC().Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Seconds() / (24 * 60 * 60)
	return strconv.FormatFloat(days, 'f', 9, 64)
}

func (r *rowWriter) number(style int, text string) {
	r.open(style)
	r.text(`"><v>`)
	r.text(text)
	r.text(`</v></c>`)
}

// inline writes a text in its cell, as one: it is never a formula.
func (r *rowWriter) inline(style int, text string) {
	if text == "" {
		return
	}
	r.open(style)
	r.text(`" t="inlineStr"><is><t xml:space="preserve">`)
	r.text(escape(cut(text)))
	r.text(`</t></is></c>`)
}

// cut shortens a text to what a cell holds.
func cut(s string) string {
	if len(s) <= maxText {
		return s
	}
	units, kept := 0, 0
	for at, c := range s {
		if units < maxText { // there is room for the mark
			kept = at
		}
		if units += max(1, utf16.RuneLen(c)); units > maxText {
			return s[:kept] + "…"
		}
	}
	return s
}

// escape writes text for XML. Excel reads _x0041_ as a letter, so that a text that has this is written otherwise. What XML cannot hold is
// shown as U+FFFD.
func escape(s string) string {
	if !strings.ContainsFunc(s, func(c rune) bool {
		return c == '&' || c == '<' || c == '>' || c == '"' || c == '_' || c == '\r' || !storable(c)
	}) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for at, c := range s {
		switch {
		case c == '&':
			b.WriteString("&amp;")
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '"':
			b.WriteString("&quot;")
		case c == '\r':
			b.WriteString("&#13;")
		case c == '_' && coded(s[at:]):
			b.WriteString("_x005F_")
		case !storable(c):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// coded says whether a text begins as one that Excel takes for the code of a letter.
func coded(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}

// storable says whether XML can hold a character.
func storable(c rune) bool {
	return c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c != 0xFFFE && c != 0xFFFF
}
