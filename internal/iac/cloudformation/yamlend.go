package cloudformation

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/iac"
)

// The parser says where a node begins, not where it ends; the end is found in the text.

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// skipBlank goes over white space, comments and the characters of also.
func (s *source) skipBlank(i int, also string) int {
	for i < len(s.text) {
		c := s.text[i]
		switch {
		case isSpace(c) || strings.IndexByte(also, c) >= 0:
			i++
		case c == '#':
			for i < len(s.text) && s.text[i] != '\n' {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// wordEnd is where an anchor, alias or tag ends.
func (s *source) wordEnd(i int) int {
	for i < len(s.text) && !isSpace(s.text[i]) && strings.IndexByte(",]}", s.text[i]) < 0 {
		i++
	}
	return i
}

// skipProperties goes over a node's tag and anchor to its content; it stays where nothing follows.
func (s *source) skipProperties(i int) int {
	for i < len(s.text) && (s.text[i] == '!' || s.text[i] == '&') {
		end := s.wordEnd(i)
		next := s.skipBlank(end, "")
		if next == len(s.text) {
			return end
		}
		i = next
	}
	return i
}

// closing is behind the bracket that ends a flow list or map.
func (s *source) closing(i int, empty bool, bracket byte) int {
	also := ","
	if empty {
		also = "[{"
	}
	if end := s.skipBlank(i, also); end < len(s.text) && s.text[end] == bracket {
		return end + 1
	}
	return i
}

// scalarEnd is where a scalar that begins at i ends.
func (s *source) scalarEnd(y *yaml.Node, i int) int {
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return s.quoteEnd(i, '"')
	case y.Style&yaml.SingleQuotedStyle != 0:
		return s.quoteEnd(i, '\'')
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		start := i
		for i < len(s.text) && s.text[i] != '\n' && s.text[i] != '\r' {
			i++
		}
		if end := s.follow(y.Value, i); end > i {
			return end
		}
		return start + len(strings.TrimRight(string(s.text[start:i]), " \t"))
	case y.Value == "":
		return min(i, len(s.text))
	default:
		return s.follow(y.Value, i)
	}
}

func (s *source) quoteEnd(i int, quote byte) int {
	for j := i + 1; j < len(s.text); j++ {
		switch {
		case s.text[j] == '\\' && quote == '"':
			j++
		case s.text[j] != quote:
		case quote == '\'' && j+1 < len(s.text) && s.text[j+1] == quote:
			j++
		default:
			return j + 1
		}
	}
	return len(s.text)
}

// follow finds where a value ends whose white space may have been folded: behind its last character that is not white space.
func (s *source) follow(value string, i int) int {
	for _, r := range value {
		if unicode.IsSpace(r) {
			continue
		}
		for i < len(s.text) {
			c, size := utf8.DecodeRune(s.text[i:])
			i += size
			if c == r {
				break
			}
		}
	}
	return i
}

// plainScalar tells what an unquoted scalar is. Numbers are those of JSON: 012 and 1_000 are text, as account ids must be.
func plainScalar(text string) (iac.Kind, string) {
	switch text {
	case "", "~", "null", "Null", "NULL":
		return iac.Null, text
	case "true", "True", "TRUE":
		return iac.Bool, "true"
	case "false", "False", "FALSE":
		return iac.Bool, "false"
	case "yes", "Yes", "YES", "on", "On", "ON", "no", "No", "NO", "off", "Off", "OFF":
		return iac.Bool, text // kept as written: only where a value of a resource is asked for is it a boolean
	}
	if isNumber(text) {
		return iac.Number, text
	}
	return iac.String, text
}

// isNumber tells whether a text is a number as JSON writes them.
func isNumber(text string) bool {
	t := strings.TrimPrefix(text, "-")
	whole := digits(t)
	if whole == 0 || whole > 1 && t[0] == '0' {
		return false
	}
	t = t[whole:]
	if strings.HasPrefix(t, ".") {
		n := digits(t[1:])
		if n == 0 {
			return false
		}
		t = t[1+n:]
	}
	if t != "" && (t[0] == 'e' || t[0] == 'E') {
		t = t[1:]
		if strings.HasPrefix(t, "+") || strings.HasPrefix(t, "-") {
			t = t[1:]
		}
		return t != "" && digits(t) == len(t)
	}
	return t == ""
}

func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// asBool is what YAML 1.1 makes of a word.
func asBool(text string) string {
	switch strings.ToLower(text) {
	case "true", "yes", "on":
		return "true"
	}
	return "false"
}

// keyEnd is where a key ends, as it is written: what a transform makes has the key of what it is made from.
func (s *source) keyEnd(i int) int {
	if i < len(s.text) && (s.text[i] == '"' || s.text[i] == '\'') {
		return s.quoteEnd(i, s.text[i])
	}
	for j := i; j < len(s.text); j++ {
		if s.text[j] == '\n' || s.text[j] == ':' && (j+1 == len(s.text) || isSpace(s.text[j+1])) {
			return j
		}
	}
	return i
}
