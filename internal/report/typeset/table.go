package typeset

import "github.com/stancehq/stance/internal/report/pdf"

// Column is a column of a table. Widths are shares of the room; a column without a title makes a table without a head.
type Column struct {
	Title string
	Share float64
	Right bool // its text ends at the right edge
}

// Table is a table that is being set. Its head stands again on each page.
type Table struct {
	doc     *Doc
	columns []Column
	at      []float64 // where columns begin; the last is the end
	head    [][]line  // of titles; nil: there is none
	// Plain leaves out the lines between rows. The first cell of a row is its head.
	Plain   bool
	element *pdf.Element
	rows    int
}

const (
	gap    = 8.0 // between columns
	rowPad = 2.5 // above and below the text of a row

	headLines = 3 // of a title; more would leave no room for rows
)

var headStyle = Style{Bold, 8, Grey}

// Table begins a table. End must follow.
func (d *Doc) Table(indent float64, columns ...Column) *Table {
	t := &Table{doc: d, columns: columns, element: d.pdf.Element(d.within(), "Table")}
	sum := 0.0
	for _, c := range columns {
		sum += c.Share
	}
	x := left + indent
	for _, c := range columns {
		t.at = append(t.at, x)
		x += c.Share / sum * (Room - indent)
	}
	t.at = append(t.at, right)
	if columns[0].Title != "" {
		for i, c := range columns {
			lines := d.lines(T(headStyle, c.Title), t.room(i), 0)
			t.head = append(t.head, lines[:min(len(lines), headLines)])
		}
	}
	return t
}

// Row sets a row. It is not broken, unless it is longer than half a page.
func (t *Table) Row(cells ...Text) {
	d := t.doc
	lines := make([][]line, len(cells))
	need := 0.0
	for i, cell := range cells {
		lines[i] = d.lines(cell, t.room(i), 0)
		need = max(need, height(lines[i]))
	}
	need += 2 * rowPad
	room := d.bottom - d.y
	if t.rows == 0 {
		room -= t.headHeight()
	}
	switch {
	case need > room && (need <= (foot-top)/2 || room < 60) && d.y > top+2*t.headHeight():
		d.newPage()
		t.setHead()
	case t.rows == 0:
		t.setHead()
	}
	t.rows++
	row := d.pdf.Element(t.element, "TR")
	elements := make([]*pdf.Element, len(cells))
	for i, cell := range cells {
		if t.Plain && i == 0 && len(cell) > 0 {
			elements[i] = d.pdf.Element(row, "TH")
			elements[i].Row = true
			continue
		}
		elements[i] = d.pdf.Element(row, "TD")
	}
	for !t.rowPart(cells, lines, elements) {
		d.newPage()
		t.setHead()
	}
	for _, e := range elements {
		e.Close()
	}
	row.Close()
}

// rowPart sets what fits of a row, and tells whether that was all.
func (t *Table) rowPart(cells []Text, lines [][]line, elements []*pdf.Element) (done bool) {
	d := t.doc
	done = true
	end := d.y
	for i := range cells {
		y := d.y + rowPad
		for len(lines[i]) > 0 && y+lines[i][0].height() <= d.bottom {
			l := lines[i][0]
			x := t.at[i]
			if t.columns[i].Right {
				x, l.right = t.at[i]+t.room(i)-l.width, true
			}
			d.set(elements[i], l, cells[i], x, y)
			y += l.height()
			lines[i] = lines[i][1:]
		}
		d.page.Unmark()
		end = max(end, y)
		done = done && len(lines[i]) == 0
	}
	if t.Plain || !done {
		d.y = end
		return done
	}
	d.y = end + rowPad
	d.page.Mark(nil)
	d.page.Fill(t.at[0], d.y, right-t.at[0], 0.4, Line)
	d.page.Unmark()
	d.y += 0.4
	return done
}

func (t *Table) room(column int) float64 {
	room := t.at[column+1] - t.at[column]
	if column < len(t.columns)-1 {
		room -= gap
	}
	return room
}

func (t *Table) headHeight() float64 {
	tallest := 0.0
	for _, lines := range t.head {
		tallest = max(tallest, height(lines)+2*rowPad)
	}
	return tallest
}

// setHead sets the head. A screen reader is told of the first only.
func (t *Table) setHead() {
	if t.head == nil {
		return
	}
	d := t.doc
	var row *pdf.Element
	if t.rows == 0 {
		row = d.pdf.Element(t.element, "TR")
	}
	end := d.y + t.headHeight()
	for i, lines := range t.head {
		var e *pdf.Element
		if row != nil {
			e = d.pdf.Element(row, "TH")
		}
		y := end - rowPad - height(lines)
		for _, l := range lines {
			x := t.at[i]
			if t.columns[i].Right {
				x += t.room(i) - l.width
			}
			d.set(e, l, T(headStyle, t.columns[i].Title), x, y)
			y += l.height()
		}
		d.page.Unmark()
		if e != nil {
			e.Close()
		}
	}
	if row != nil {
		row.Close()
	}
	d.y = end
	d.page.Mark(nil)
	d.page.Fill(t.at[0], d.y-0.8, right-t.at[0], 0.8, Grey)
	d.page.Unmark()
}

// End ends the table. After it stands a space.
func (t *Table) End() {
	t.element.Close()
	t.doc.y += 8
}

// Fact is something with a name.
type Fact struct {
	Name string
	Text Text
}

// Facts sets names and, beside them, what is said. Empty ones are left out.
func (d *Doc) Facts(indent, names float64, facts ...Fact) {
	var t *Table
	for _, f := range facts {
		if len(f.Text) == 0 {
			continue
		}
		if t == nil {
			t = d.Table(indent, Column{Share: names}, Column{Share: Room - indent - names})
			t.Plain = true
		}
		t.Row(T(Style{Regular, f.Text[0].Style.Size, Grey}, f.Name), f.Text)
	}
	if t != nil {
		t.element.Close()
	}
}
