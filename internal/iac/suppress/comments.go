package suppress

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// comment is one that begins with stance:.
type comment struct {
	text string
	line int
	// above is the line that it stands directly above, other comments apart; 0 if there is none.
	above int
	// top tells that no code comes before it.
	top bool
}

// span is some lines.
type span struct{ first, last int }

// standsAt tells whether the comment lies within some lines, or directly above them.
func (c comment) standsAt(s span) bool {
	return s.first <= c.line && c.line <= s.last || c.above > 0 && c.above == s.first
}

// layout is what the lines of a file are, counted from 1.
type layout struct {
	only  []bool // lines that hold comments and nothing else
	blank []bool
}

func layOut(text []byte) *layout {
	l := &layout{only: []bool{false}, blank: []bool{true}}
	for line := range bytes.Lines(text) {
		l.only = append(l.only, false)
		l.blank = append(l.blank, len(bytes.TrimSpace(line)) == 0)
	}
	return l
}

// below is the first line after one that is not a comment, 0 if it is blank or the file ends.
func (l *layout) below(line int) int {
	for line++; line < len(l.only); line++ {
		if !l.only[line] {
			if l.blank[line] {
				return 0
			}
			return line
		}
	}
	return 0
}

// place fills in what comments stand above, those of one line with nothing else on it.
func (l *layout) place(found []comment) []comment {
	for i := range found {
		if l.only[found[i].line] {
			found[i].above = l.below(found[i].line)
		}
	}
	return found
}

// nativeComments finds the comments of the native syntax, which strings and heredocs do not have.
//
// asleep gives the blocks that may make something: one that nothing is made of may have a count of 0.
func nativeComments(name string, text []byte) (found []comment, asleep func() []span) {
	if !bytes.Contains(text, []byte(prefix)) {
		return nil, nil
	}
	// Diagnostics are left to those who read the file for what it says: what the lexer understands is enough here.
	tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos)
	l := layOut(text)
	last := 0 // the line on which the last token ended that is not a comment
	code := false
	for i, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenNewline, hclsyntax.TokenEOF:
			continue
		case hclsyntax.TokenComment:
		default:
			code, last = true, token.Range.End.Line
			continue
		}
		first := token.Range.Start.Line
		lines := strings.Split(strings.TrimRight(string(token.Bytes), "\r\n"), "\n")
		alone := last != first && !codeOn(tokens[i+1:], first+len(lines)-1)
		for n, line := range lines {
			if first+n < len(l.only) {
				l.only[first+n] = alone
			}
			if said := uncommented(line); strings.HasPrefix(said, prefix) && first+n < len(l.only) {
				found = append(found, comment{text: said, line: first + n, top: !code})
			}
		}
	}
	return l.place(found), func() []span { return makers(tokens) }
}

// makers are the blocks at the top of a file that make something.
func makers(tokens hclsyntax.Tokens) []span {
	var all []span
	depth, begin := 0, 0
	var word string
	for _, token := range tokens {
		switch token.Type {
		case hclsyntax.TokenIdent:
			if depth == 0 && word == "" {
				word, begin = string(token.Bytes), token.Range.Start.Line
			}
		case hclsyntax.TokenOBrace:
			depth++
		case hclsyntax.TokenCBrace:
			if depth--; depth == 0 {
				if word == "resource" || word == "module" || word == "data" {
					all = append(all, span{begin, token.Range.End.Line})
				}
				word = ""
			}
		}
	}
	return all
}

// codeOn tells whether code follows on a line.
func codeOn(tokens hclsyntax.Tokens, line int) bool {
	for _, token := range tokens {
		switch {
		case token.Range.Start.Line > line || token.Type == hclsyntax.TokenNewline || token.Type == hclsyntax.TokenEOF:
			return false
		case token.Type != hclsyntax.TokenComment:
			return true
		}
	}
	return false
}

// uncommented is a line of a comment without the signs that make it one.
func uncommented(line string) string {
	line = strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(line, "#"):
		line = strings.TrimLeft(line, "#")
	case strings.HasPrefix(line, "//"):
		line = strings.TrimLeft(line, "/")
	default:
		line = strings.TrimLeft(strings.TrimPrefix(line, "/"), "*")
	}
	line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), "*/"))
	return line
}
