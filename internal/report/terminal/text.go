package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// width counts ambiguous characters as one column whatever the locale, so that a layout is the same everywhere.
func width() *runewidth.Condition {
	return &runewidth.Condition{EastAsianWidth: false, StrictEmojiNeutral: true}
}

// Width is the number of columns that s takes. s must be clean and without colors.
func Width(s string) int { return width().StringWidth(s) }

// Clean makes a string from outside safe to print on one line: control characters, among them the escape that starts a
// terminal's commands, and characters that reorder text are shown as escapes.
func Clean(s string) string {
	safe := true
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			safe = false
			break
		}
	}
	if safe {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || (r >= 0x7f && r < 0xa0):
			fmt.Fprintf(&b, `\x%02x`, r)
		case reorders(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// reorders tells characters that change the direction of the text after them, or break lines.
func reorders(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x2028 || r == 0x2029
}

// Cut shortens s to at most columns, ending in an ellipsis if something was lost.
func (t Terminal) Cut(s string, columns int) string {
	if columns <= 0 {
		return ""
	}
	tail := "..."
	if t.Unicode {
		tail = "…"
	}
	if columns < len(tail) && !t.Unicode {
		tail = ""
	}
	return width().Truncate(s, columns, tail)
}

// CutMiddle shortens s in its middle, which keeps both ends of an identifier.
func (t Terminal) CutMiddle(s string, columns int) string {
	if Width(s) <= columns {
		return s
	}
	mark := "..."
	if t.Unicode {
		mark = "…"
	}
	rest := columns - Width(mark)
	if rest < 4 {
		return t.Cut(s, columns)
	}
	head := width().Truncate(s, rest-rest/2, "")
	runes := []rune(s)
	tail, used := len(runes), 0
	for tail > 0 {
		w := width().RuneWidth(runes[tail-1])
		if used+w > rest/2 {
			break
		}
		used += w
		tail--
	}
	return head + mark + string(runes[tail:])
}

// Wrap breaks a text between words, so that no line takes more than columns, and nothing is lost. A word that is longer than a
// line is broken too. There is always one line at least.
func Wrap(s string, columns int) []string {
	columns = max(columns, 2) // the widest character
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && Width(line)+1+Width(word) > columns {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
		for Width(line) > columns {
			head := width().Truncate(line, columns, "")
			lines, line = append(lines, head), line[len(head):]
		}
	}
	return append(lines, line)
}

// Pad fills s with spaces to the given columns, on the right.
func Pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(0, columns-Width(s)))
}

// PadLeft fills s with spaces to the given columns, on the left.
func PadLeft(s string, columns int) string {
	return strings.Repeat(" ", max(0, columns-Width(s))) + s
}
