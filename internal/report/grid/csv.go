package grid

import (
	"encoding/csv"
	"io"
	"strings"
)

// CSV writes comma-separated values as encoding/csv does, each record ended by a line feed alone: what reads them from a pipe
// would take a carriage return for a part of the last value.
type CSV struct{ out *csv.Writer }

// NewCSV starts a document.
func NewCSV(out io.Writer) *CSV { return &CSV{csv.NewWriter(out)} }

// Header writes the first line.
func (c *CSV) Header(names ...string) { _ = c.Row(names...) } // Flush tells of an error

// Row writes a line. Values that a spreadsheet would run as a formula are guarded with an apostrophe.
func (c *CSV) Row(values ...string) error {
	guarded := make([]string, len(values))
	for i, v := range values {
		guarded[i] = guard(v)
	}
	return c.out.Write(guarded)
}

// Flush writes what is buffered and gives the first error of all.
func (c *CSV) Flush() error {
	c.out.Flush()
	return c.out.Error()
}

// guard disarms formulas. A plain negative number stays a number: it calculates nothing.
func guard(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r\n", rune(s[0])) && !strings.HasPrefix(s, "＝") && !strings.HasPrefix(s, "＋") &&
		!strings.HasPrefix(s, "－") && !strings.HasPrefix(s, "＠") {
		return s
	}
	if s[0] == '-' && plainNumber(s[1:]) {
		return s
	}
	return "'" + s
}

func plainNumber(s string) bool {
	dots := 0
	for _, r := range s {
		if r == '.' {
			dots++
		} else if r < '0' || r > '9' {
			return false
		}
	}
	return s != "" && dots <= 1
}
