package grid

import (
	"bufio"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// sample is how many rows are held to choose the columns' widths. Later rows that are wider are cut on a terminal, and
// shift their line elsewhere.
const sample = 1000

// How narrow a column may become before others give way.
const (
	minColumn = 8
	minProse  = 24
)

type cell struct {
	text  string
	right bool
	null  bool
}

func writeTable(out *bufio.Writer, rows Rows, look terminal.Terminal) (int64, error) {
	t := &table{out: out, look: look, names: rows.Columns}
	n, err := each(rows, func(_ int64, values []any) error { return t.add(values) })
	if drawErr := t.draw(); err == nil && drawErr != nil {
		return n, drawErr
	}
	return n, err
}

type table struct {
	out    *bufio.Writer
	look   terminal.Terminal
	names  []string
	held   [][]cell
	widths []int // nil until the header is drawn
	right  []bool
}

func (t *table) add(values []any) error {
	row := make([]cell, len(t.names))
	for i := range row {
		v := values[i]
		row[i] = cell{text: terminal.Clean(Text(v)), right: number(v), null: plain(v) == nil}
		if row[i].null {
			row[i].text = "NULL"
		}
	}
	if t.widths != nil {
		return t.line(row)
	}
	t.held = append(t.held, row)
	if len(t.held) >= sample {
		return t.draw()
	}
	return nil
}

// draw writes the header and what was held.
func (t *table) draw() error {
	if t.widths != nil || len(t.names) == 0 {
		return nil
	}
	t.layout()
	header, rule := make([]cell, len(t.names)), make([]cell, len(t.names))
	dash := "-"
	if t.look.Unicode {
		dash = "─"
	}
	for i, name := range t.names {
		header[i] = cell{text: terminal.Clean(name)}
		rule[i] = cell{text: strings.Repeat(dash, t.widths[i])}
	}
	if err := t.styled(header, terminal.Bold); err != nil {
		return err
	}
	if err := t.styled(rule, terminal.Dim); err != nil {
		return err
	}
	for _, row := range t.held {
		if err := t.line(row); err != nil {
			return err
		}
	}
	t.held = nil
	return nil
}

func (t *table) layout() {
	t.widths, t.right = make([]int, len(t.names)), make([]bool, len(t.names))
	for i, name := range t.names {
		t.widths[i] = max(1, terminal.Width(terminal.Clean(name)))
		numbers, others := 0, 0
		for _, row := range t.held {
			t.widths[i] = max(t.widths[i], terminal.Width(row[i].text))
			if row[i].right {
				numbers++
			} else if !row[i].null {
				others++
			}
		}
		t.right[i] = numbers > 0 && others == 0
	}
	if t.look.TTY {
		space := t.look.Columns() - 2*(len(t.widths)-1)
		shrink(t.widths, t.prose(), space, minProse)
		shrink(t.widths, nil, space, minColumn)
	}
}

// prose tells columns with sentences: they are cut before identifiers are, which one may want to copy.
func (t *table) prose() map[int]bool {
	found := map[int]bool{}
	for i := range t.names {
		for _, row := range t.held {
			found[i] = found[i] || strings.Contains(row[i].text, " ")
		}
	}
	return found
}

// shrink takes from the widest of the columns named by only (nil: all) until all fit, or until none is wider than least.
func shrink(widths []int, only map[int]bool, space, least int) {
	total := 0
	for _, w := range widths {
		total += w
	}
	for total > space {
		widest := -1
		for i, w := range widths {
			if (only == nil || only[i]) && w > least && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
		total--
	}
}

func (t *table) line(row []cell) error { return t.styled(row, terminal.Plain) }

func (t *table) styled(row []cell, style terminal.Style) error {
	var b strings.Builder
	for i, c := range row {
		if i > 0 {
			b.WriteString("  ")
		}
		text := c.text
		if t.look.TTY {
			text = t.cut(text, t.widths[i])
		}
		padding := strings.Repeat(" ", max(0, t.widths[i]-terminal.Width(text)))
		paint := style
		if c.null {
			paint = terminal.Dim
		}
		switch {
		case t.right[i]:
			b.WriteString(padding + t.look.Paint(text, paint))
		case i == len(row)-1:
			b.WriteString(t.look.Paint(text, paint))
		default:
			b.WriteString(t.look.Paint(text, paint) + padding)
		}
	}
	_, err := t.out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	return err
}

// cut shortens prose at its end, and identifiers in the middle, because these often differ at both ends.
func (t *table) cut(text string, width int) string {
	if strings.Contains(text, " ") {
		return t.look.Cut(text, width)
	}
	return t.look.CutMiddle(text, width)
}
