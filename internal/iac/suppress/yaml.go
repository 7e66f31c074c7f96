package suppress

import (
	"bytes"
	"regexp"
	"strings"
)

// yamlComments finds the comments of YAML, and of templates that make YAML: lines are looked at one by one, since a template is no
// YAML yet, and since the parser does not tell where comments stand.
func yamlComments(text []byte) []comment {
	if !bytes.Contains(text, []byte(prefix)) {
		return nil
	}
	s := yamlScanner{template: bytes.Contains(text, []byte("{{")), top: true}
	l := layOut(text)
	number := 0
	for line := range bytes.Lines(text) {
		number++
		said, alone := s.line(strings.TrimRight(string(line), "\r\n"))
		l.only[number] = alone
		if strings.HasPrefix(said, prefix) {
			s.found = append(s.found, comment{text: said, line: number, top: s.top})
		}
		if !alone && !l.blank[number] && !bytes.HasPrefix(line, []byte("---")) && line[0] != '%' {
			s.top = false
		}
	}
	return l.place(s.found)
}

// yamlScanner keeps what one line tells of the next.
type yamlScanner struct {
	template bool
	quote    byte // in which text goes on, 0 if none
	inBlock  bool // within a block of text (| or >)
	block    int  // the indentation that its lines go beyond
	top      bool
	found    []comment
}

// headOfBlock is a line whose value is text over the lines that follow.
var headOfBlock = regexp.MustCompile(`^(\s*(?:- +)*)([^\s#][^#]*?: +|[^\s#][^#]*?:\t+)?(?:[!&]\S+ +)*[|>][-+0-9]*\s*$`)

// templateComment is one of Go templates that fills its line.
var templateComment = regexp.MustCompile(`^\s*\{\{-?\s*/\*(.*?)\*/\s*-?\}\}\s*$`)

// line gives the comment of a line, without its sign, and tells whether there is nothing else on the line.
func (s *yamlScanner) line(line string) (said string, alone bool) {
	if s.inBlock {
		if strings.TrimSpace(line) == "" || indent(line) > s.block && !strings.HasPrefix(line, "---") {
			return "", false
		}
		s.inBlock = false
	}
	if s.template {
		s.quote = 0
		if m := templateComment.FindStringSubmatch(line); m != nil {
			return strings.TrimSpace(m[1]), true
		}
	}
	at := s.commentAt(line)
	code := line
	if at >= 0 {
		code = line[:at]
		said = strings.TrimSpace(strings.TrimLeft(line[at:], "#"))
		alone = strings.TrimSpace(code) == ""
	}
	if s.quote == 0 && !alone {
		if m := headOfBlock.FindStringSubmatch(code); m != nil {
			s.inBlock, s.block = true, parentOf(m[1], m[2] != "")
		}
	}
	return said, alone
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// parentOf is the indentation that a block of text must go beyond: that of its key, or of the dash of which it is the item.
func parentOf(before string, key bool) int {
	if dash := strings.LastIndexByte(before, '-'); !key && dash >= 0 {
		return dash
	}
	if key {
		return len(before)
	}
	return len(before) - 1
}

// commentAt is where a comment begins, -1 if there is none; it remembers a quoted text that goes on.
func (s *yamlScanner) commentAt(line string) int {
	start := true // a value may begin here, hence a quote opens a text
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case s.quote == '"' && c == '\\':
			i++
		case s.quote == '\'' && c == '\'' && i+1 < len(line) && line[i+1] == '\'':
			i++
		case s.quote != 0:
			if c == s.quote {
				s.quote, start = 0, false
			}
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return i
		case start && (c == '"' || c == '\''):
			s.quote = c
		case c == ' ' || c == '\t': // what may begin before, may after
		case strings.IndexByte("[{,", c) >= 0:
			start = true
		case (c == ':' || c == '-' || c == '?') && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t'):
			start = true
		case c == '!' || c == '&':
			if !start {
				continue
			}
			for i+1 < len(line) && line[i+1] != ' ' {
				i++
			}
		default:
			start = false
		}
	}
	return -1
}
