package patch

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// The parser says where a node begins, not where it ends; the end is found in the text.

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// skipBlank goes over white space, comments and the characters of also.
func (r *yamlReader) skipBlank(i int, also string) int {
	for i < len(r.text) {
		c := r.text[i]
		switch {
		case isSpace(c) || strings.IndexByte(also, c) >= 0:
			i++
		case c == '#':
			for i < len(r.text) && r.text[i] != '\n' {
				i++
			}
		default:
			return i
		}
	}
	return i
}

// wordEnd is where an anchor, alias or tag ends.
func (r *yamlReader) wordEnd(i int) int {
	for i < len(r.text) && !isSpace(r.text[i]) && strings.IndexByte(",]}", r.text[i]) < 0 {
		i++
	}
	return i
}

// skipProperties goes over a node's tag and anchor to its content; it stays where nothing follows on the line.
func (r *yamlReader) skipProperties(i int) int {
	for i < len(r.text) && (r.text[i] == '!' || r.text[i] == '&') {
		end := r.wordEnd(i)
		next := r.skipBlank(end, "")
		if next == len(r.text) {
			return end
		}
		i = next
	}
	return i
}

// scalarEnd is where a scalar that begins at i ends. outer is the indentation of what it lies in.
func (r *yamlReader) scalarEnd(y *yaml.Node, i, outer int) int {
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return r.quoteEnd(i, '"')
	case y.Style&yaml.SingleQuotedStyle != 0:
		return r.quoteEnd(i, '\'')
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return r.blockEnd(i, outer)
	}
	for _, c := range y.Value { // white space may have been folded
		if unicode.IsSpace(c) {
			continue
		}
		for i < len(r.text) {
			got, size := utf8.DecodeRune(r.text[i:])
			i += size
			if got == c {
				break
			}
		}
	}
	return i
}

func (r *yamlReader) quoteEnd(i int, quote byte) int {
	for j := i + 1; j < len(r.text); j++ {
		switch {
		case r.text[j] == '\\' && quote == '"':
			j++
		case r.text[j] != quote:
		case quote == '\'' && j+1 < len(r.text) && r.text[j+1] == quote:
			j++
		default:
			return j + 1
		}
	}
	return len(r.text)
}

// blockEnd is where a literal or folded block ends: with its last line that has something on it, or with all of its lines if they
// are kept.
func (r *yamlReader) blockEnd(i, outer int) int {
	header := r.text[i:lineEnd(r.text, i)]
	end := i + len(bytes.TrimRight(header, " \t"))
	if hash := bytes.Index(header, []byte(" #")); hash > 0 {
		header = header[:hash]
	}
	keep := bytes.IndexByte(header, '+') >= 0
	own := 0
	for at := i; ; {
		next := bytes.IndexByte(r.text[at:], '\n')
		if next < 0 || at+next+1 >= len(r.text) {
			return end
		}
		at += next + 1
		line := r.text[at:lineEnd(r.text, at)]
		rest := bytes.TrimLeft(line, " ")
		indent := len(line) - len(rest)
		switch blank := len(bytes.TrimSpace(rest)) == 0; {
		case blank && keep:
			end = at + len(line)
		case blank:
		case own == 0 && indent <= outer, own > 0 && indent < own:
			return end
		default:
			if own == 0 {
				own = indent
			}
			if bytes.ContainsAny(header, "123456789") {
				own = min(own, outer+1)
			}
			end = at + len(line)
		}
	}
}
