package content

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistake is one thing that is wrong in content, where it is, and how to put it right if that can be guessed.
type Mistake struct {
	Pos     Pos
	Message string // what is wrong, lower case, no full stop
	Hint    string // did you mean …; empty if nothing comes to mind
}

// String is the one form in which a mistake is shown:
//
//	content/aws/checks/s3/x.yaml:12:3: unknown key "sevrity" (did you mean "severity"?)
func (m Mistake) String() string {
	var b strings.Builder
	if place := m.Pos.String(); place != "" {
		b.WriteString(place + ": ")
	}
	b.WriteString(m.Message)
	if m.Hint != "" {
		b.WriteString(" (" + m.Hint + ")")
	}
	return b.String()
}

// String is file:line:column, with as much of it as is known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.File == "":
		return fmt.Sprintf("%d:%d", p.Line, p.Column)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Problems are all mistakes of a run. Use Err to treat them as an error: it is nil where there are none.
type Problems []Mistake

// Add appends a mistake.
func (p *Problems) Add(pos Pos, hint, format string, args ...any) {
	*p = append(*p, Mistake{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// Sorted gives the mistakes by file, line and column, each once.
func (p Problems) Sorted() Problems {
	sorted := slices.Clone(p)
	slices.SortStableFunc(sorted, func(a, b Mistake) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(sorted)
}

// Err gives the problems as an error, or nil.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Error writes one mistake a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, m := range p {
		lines[i] = m.String()
	}
	return strings.Join(lines, "\n")
}
