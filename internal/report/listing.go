package report

import (
	"bufio"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// entry is a finding or a change as a listing shows it: a few short words, and what they are about.
type entry struct {
	heads    []head
	resource string
	place    string // account and region; of a listing where both are always the same, empty
	text     string // what was found, or why it is not known
}

// head is a short word, such as a severity. It is never cut.
type head struct {
	text  string
	style terminal.Style
}

// listing prints entries for a person: in columns where they are wide enough to be read, else with what was found below the rest. Words are wrapped, never cut, but for texts of more lines than anyone reads in a list.
type listing struct {
	out     *bufio.Writer
	look    terminal.Terminal
	columns []string // the names: one for each head, then resource, place, text
	widths  []int    // of the columns; the heads' may be given
	places  bool     // whether entries have one
	stacked bool
	above   []head  // the heads that stand above the next entry of a stack
	held    []entry // until the layout is chosen
	drawn   bool
	n       int64
}

const (
	listSample   = 1000 // entries that are held to choose the layout
	widestName   = 44   // columns of a resource; longer ones are wrapped
	longestName  = 160  // characters of it on a terminal
	leastName    = 36   // columns that it may shrink to: a UUID stays whole
	leastText    = 40   // columns that a text needs beside others
	mostLines    = 4    // of one text on a terminal
	betweenHeads = 2
)

// list prints all entries. Widths are the least ones of the heads.
func list(out io.Writer, columns []string, widths []int, entries iter.Seq2[entry, error], look terminal.Terminal) error {
	l := &listing{out: bufio.NewWriterSize(out, 64<<10), look: look, columns: columns, widths: make([]int, len(columns))}
	copy(l.widths, widths)
	for e, err := range entries {
		if err != nil {
			l.draw()
			return firstError(err, l.out.Flush())
		}
		l.n++
		e.resource, e.place, e.text = terminal.Clean(e.resource), terminal.Clean(e.place), terminal.Clean(e.text)
		if l.drawn {
			if err := l.entry(e); err != nil {
				return err
			}
			continue
		}
		if l.held = append(l.held, e); len(l.held) >= listSample {
			l.draw()
		}
	}
	l.draw()
	return l.out.Flush()
}

func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// draw chooses the layout and prints what was held. Errors of the buffer are kept by it.
func (l *listing) draw() {
	if l.drawn {
		return
	}
	l.drawn = true
	heads := len(l.columns) - 3
	for _, e := range l.held {
		l.places = l.places || e.place != ""
		for i, h := range e.heads {
			l.widths[i] = max(l.widths[i], terminal.Width(h.text))
		}
		for i, text := range []string{e.resource, e.place, e.text} {
			l.widths[heads+i] = max(l.widths[heads+i], terminal.Width(text))
		}
	}
	l.widths[heads] = min(l.widths[heads], widestName)
	left := l.look.Columns()
	for i, name := range l.columns {
		if i == heads+1 && !l.places {
			continue
		}
		if i < len(l.columns)-1 {
			l.widths[i] = max(l.widths[i], len(name))
			left -= l.widths[i] + betweenHeads
		}
	}
	name, text := &l.widths[heads], &l.widths[len(l.columns)-1]
	if lacking := min(*text, leastText) - left; lacking > 0 && *name-lacking >= leastName {
		*name, left = *name-lacking, left+lacking
	}
	l.stacked = left < min(*text, leastText)
	*text = min(*text, left)
	if !l.stacked && l.n > 0 {
		l.header()
	}
	for _, e := range l.held {
		_ = l.entry(e)
	}
	l.held = nil
}

func (l *listing) header() {
	dash := "-"
	if l.look.Unicode {
		dash = "─"
	}
	var names, rules []string
	for i, name := range l.columns {
		if i == len(l.columns)-2 && !l.places {
			continue
		}
		width := max(l.widths[i], len(name))
		names = append(names, l.look.Paint(name, terminal.Bold)+strings.Repeat(" ", width-len(name)))
		rules = append(rules, l.look.Paint(strings.Repeat(dash, width), terminal.Dim))
	}
	l.line(strings.Join(names, "  "))
	l.line(strings.Join(rules, "  "))
}

func (l *listing) line(s string) { _, _ = l.out.WriteString(strings.TrimRight(s, " ") + "\n") }

func (l *listing) entry(e entry) error {
	if l.stacked {
		l.stack(e)
	} else {
		l.row(e)
	}
	_, err := l.out.WriteString("") // the first error of all
	return err
}

// row prints an entry in columns, each wrapped in its own width.
func (l *listing) row(e entry) {
	first := ""
	for i, h := range e.heads {
		first += l.look.Paint(h.text, h.style) + strings.Repeat(" ", max(0, l.widths[i]-terminal.Width(h.text))+betweenHeads)
	}
	at := len(e.heads)
	columns := [][]string{terminal.Wrap(e.resource, l.widths[at])}
	widths := []int{l.widths[at]}
	indent := 0
	for _, w := range l.widths[:at] {
		indent += w + betweenHeads
	}
	if l.places {
		columns, widths = append(columns, terminal.Wrap(e.place, l.widths[at+1])), append(widths, l.widths[at+1])
	}
	columns, widths = append(columns, l.text(e.text, l.widths[at+2])), append(widths, l.widths[at+2])
	for i := range tallest(columns) {
		line := first
		if i > 0 {
			line = strings.Repeat(" ", indent)
		}
		for c, lines := range columns {
			text := ""
			if i < len(lines) {
				text = lines[i]
			}
			line += terminal.Pad(text, widths[c]) + "  "
		}
		l.line(line)
	}
}

func tallest(columns [][]string) int {
	n := 0
	for _, lines := range columns {
		n = max(n, len(lines))
	}
	return n
}

// stack prints a line of heads, and below it, indented, the entries that have these heads in common.
func (l *listing) stack(e entry) {
	const indent = "  "
	width := l.look.Columns()
	if !slices.Equal(e.heads, l.above) {
		l.above = e.heads
		l.headLine(indent, width)
	}
	body := e.resource
	if l.look.TTY {
		body = l.look.CutMiddle(body, longestName)
	}
	if e.place != "" {
		body += " (" + e.place + ")"
	}
	if e.text != "" {
		body += ": " + e.text
	}
	for i, text := range l.text(body, width-2*len(indent)) {
		if i > 0 {
			text = indent + text
		}
		l.line(indent + text)
	}
}

func (l *listing) headLine(indent string, width int) {
	line, used := "", 0
	for i, h := range l.above {
		space := 0
		if used > 0 {
			space = betweenHeads
		}
		if used > 0 && used+space+terminal.Width(h.text) > width {
			l.line(line)
			line, used, space = indent, len(indent), 0
		}
		pad := 0
		if i < len(l.above)-1 {
			pad = max(0, l.widths[i]-terminal.Width(h.text))
		}
		line += strings.Repeat(" ", space) + l.look.Paint(h.text, h.style) + strings.Repeat(" ", pad)
		used += space + terminal.Width(h.text) + pad
	}
	l.line(line)
}

// text wraps what was found. On a terminal a text that goes on and on is cut; other outputs have all of it.
func (l *listing) text(s string, width int) []string {
	lines := terminal.Wrap(s, width)
	if l.look.TTY && len(lines) > mostLines {
		rest := strings.Join(lines[mostLines-1:], " ")
		lines = append(lines[:mostLines-1], l.look.Cut(rest, width))
	}
	return lines
}
