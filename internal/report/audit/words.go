package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/report/terminal"
)

// How long texts from outside may be in reports for people: a name of a megabyte is nobody's to read, and no page's to hold.
const (
	maxName = 300
	maxText = 2000
	maxSQL  = 20_000
)

// cut shortens a text to so many characters, without reading the rest of it.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := 0
	for range most {
		_, size := utf8.DecodeRuneInString(s[end:])
		if end += size; end >= len(s) {
			return s
		}
	}
	return s[:end] + "…"
}

// safeName makes a name from outside harmless, and short enough for a line.
func safeName(s string) string { return terminal.Clean(cut(s, maxName)) }

// safeText does the same for a text of some sentences.
func safeText(s string) string {
	return terminal.Clean(strings.Join(strings.Fields(cut(s, maxText)), " "))
}

// safeSQL does the same for SQL, whose lines stay.
func safeSQL(s string) string {
	lines := strings.Split(strings.TrimRight(cut(s, maxSQL), " \n"), "\n")
	for i, line := range lines {
		lines[i] = terminal.Clean(strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// number writes an integer with commas: 1,204.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// sentence writes a clause as a sentence. One that begins with an identifier keeps it as it is.
func sentence(s string) string {
	word, _, _ := strings.Cut(cut(s, maxName), " ")
	if !strings.ContainsAny(strings.TrimRight(word, ".,:;"), "_.:/") {
		first, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	return strings.TrimSuffix(s, ".") + "."
}

// few lists some names and counts the rest: "a, b and 3 more".
func few(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + number(int64(len(names)-most)) + " more"
}

// anchor is the id of a place in a page, safe in an address as it is: what is neither a letter nor a digit nor one of "._-" is written
// as a tilde and its hexadecimal code, so that no two names share a place.
func anchor(kind, id string) string {
	var b strings.Builder
	b.WriteString(kind + "-")
	for i := range len(id) {
		switch c := id[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
			b.WriteByte(c)
		default:
			b.WriteString("~" + strconv.FormatInt(0x100+int64(c), 16)[1:])
		}
	}
	return b.String()
}
