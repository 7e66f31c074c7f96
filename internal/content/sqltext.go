package content

import (
	"strings"
	"unicode/utf8"
)

// sqlPart is a piece of SQL text as DuckDB's scanner would cut it, as far as it matters for finding names and ends of
// statements. The parts of a text put together are the text.
type sqlPart struct {
	kind       sqlKind
	start, end int
}

type sqlKind int

const (
	sqlOther   sqlKind = iota // operators, numbers, space
	sqlWord                   // a name or keyword
	sqlQuoted                 // '…', E'…', "…", $$…$$
	sqlComment                // -- … and /* … */
	sqlParam                  // $name
	sqlEnd                    // ;
)

// scanSQL cuts a text into parts. Unclosed quotes and comments reach to the end; the database will complain of them.
func scanSQL(s string) []sqlPart {
	var parts []sqlPart
	add := func(kind sqlKind, start, end int) int {
		if n := len(parts) - 1; n >= 0 && kind == sqlOther && parts[n].kind == sqlOther {
			parts[n].end = end
			return end
		}
		parts = append(parts, sqlPart{kind, start, end})
		return end
	}
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ';':
			i = add(sqlEnd, i, i+1)
		case c == '\'':
			i = add(sqlQuoted, i, closeQuote(s, i+1, '\'', false))
		case c == '"':
			i = add(sqlQuoted, i, closeQuote(s, i+1, '"', false))
		case (c == 'e' || c == 'E') && strings.HasPrefix(s[i+1:], "'"):
			i = add(sqlQuoted, i, closeQuote(s, i+2, '\'', true))
		case strings.HasPrefix(s[i:], "--"):
			end := strings.IndexAny(s[i:], "\r\n")
			if end < 0 {
				end = len(s) - i
			}
			i = add(sqlComment, i, i+end)
		case strings.HasPrefix(s[i:], "/*"):
			i = add(sqlComment, i, closeComment(s, i))
		case c == '$':
			kind, end := scanDollar(s, i)
			i = add(kind, i, end)
		case isNameStart(c):
			i = add(sqlWord, i, nameEnd(s, i))
		case '0' <= c && c <= '9':
			end := i
			for end < len(s) && (isNamePart(s[end]) || s[end] == '.') {
				end++
			}
			i = add(sqlOther, i, end)
		default:
			_, size := utf8.DecodeRuneInString(s[i:])
			i = add(sqlOther, i, i+size)
		}
	}
	return parts
}

// closeQuote gives where a quoted text ends, beginning behind its opening quote. A doubled quote stands for one.
func closeQuote(s string, i int, quote byte, backslashes bool) int {
	for i < len(s) {
		switch {
		case backslashes && s[i] == '\\':
			i += 2
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i += 2
		case s[i] == quote:
			return i + 1
		default:
			i++
		}
	}
	return len(s)
}

// closeComment gives where a block comment ends. They nest.
func closeComment(s string, i int) int {
	for depth := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth, i = depth+1, i+2
		case strings.HasPrefix(s[i:], "*/"):
			if depth, i = depth-1, i+2; depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return len(s)
}

// scanDollar reads $name, or a text between $tag$ and the same again.
func scanDollar(s string, i int) (sqlKind, int) {
	end := i + 1
	for end < len(s) && isNamePart(s[end]) && s[end] != '$' {
		end++
	}
	digit := end > i+1 && '0' <= s[i+1] && s[i+1] <= '9'
	if end < len(s) && s[end] == '$' && !digit {
		tag := s[i : end+1]
		if n := strings.Index(s[end+1:], tag); n >= 0 {
			return sqlQuoted, end + 1 + n + len(tag)
		}
		return sqlQuoted, len(s)
	}
	if end == i+1 {
		return sqlOther, end
	}
	return sqlParam, end
}

func isNameStart(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf
}

func isNamePart(c byte) bool { return isNameStart(c) || '0' <= c && c <= '9' || c == '$' }

func nameEnd(s string, i int) int {
	for i < len(s) && isNamePart(s[i]) {
		i++
	}
	return i
}
