package grid

import (
	"bufio"
	"io"
	"strings"
)

// CSV writes comma-separated values as RFC 4180 says: records end in CRLF, values with commas, quotes or line ends are
// quoted and otherwise unchanged. (encoding/csv would turn the line ends inside values into CRLF as well.)
type CSV struct {
	out *bufio.Writer
	err error
}

// NewCSV starts a document.
func NewCSV(out io.Writer) *CSV { return &CSV{out: bufio.NewWriterSize(out, 64<<10)} }

// Header writes the first line.
func (c *CSV) Header(names ...string) { _ = c.Row(names...) }

// Row writes a line. Values that a spreadsheet would run as a formula are guarded with an apostrophe.
func (c *CSV) Row(values ...string) error {
	for i, v := range values {
		if i > 0 {
			c.text(",")
		}
		c.text(quote(guard(v)))
	}
	c.text("\r\n")
	return c.err
}

// Flush writes what is buffered and gives the first error of all.
func (c *CSV) Flush() error {
	if c.err != nil {
		return c.err
	}
	return c.out.Flush()
}

func (c *CSV) text(s string) {
	if c.err == nil {
		_, c.err = c.out.WriteString(s)
	}
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

func quote(s string) string {
	if !strings.ContainsAny(s, ",\"\r\n") && strings.TrimSpace(s) == s {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
