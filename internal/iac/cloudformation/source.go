package cloudformation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/iac"
)

// source is a file that was read, and where its lines begin.
type source struct {
	file     string
	text     []byte
	lines    []int // offsets of the lines' first bytes
	ascii    bool
	runes    []int // characters before each block of text, if it is not ASCII
	root     *node // nil if the file is broken
	problems []iac.Problem
}

// block is how many bytes lie between two entries of source.runes.
const block = 1024

func newSource(file string, text []byte) *source {
	s := &source{file: file, text: text, lines: []int{0}, ascii: true}
	for i, c := range text {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
		s.ascii = s.ascii && c < utf8.RuneSelf
	}
	if !s.ascii {
		n := 0
		for i, c := range text {
			if i%block == 0 {
				s.runes = append(s.runes, n)
			}
			if c&0xC0 != 0x80 {
				n++
			}
		}
	}
	return s
}

// charactersBefore counts the characters before an offset.
func (s *source) charactersBefore(offset int) int {
	if s.ascii || offset == 0 {
		return offset
	}
	i := min(offset/block, len(s.runes)-1)
	n := s.runes[i]
	for _, c := range s.text[i*block : offset] {
		if c&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

func (s *source) position(offset int) (line, column int) {
	line = sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset })
	return line, s.charactersBefore(offset) - s.charactersBefore(s.lines[line-1]) + 1
}

// rangeOf is the place between two offsets; the second is after the last byte.
func (s *source) rangeOf(start, end int) iac.Range {
	start = max(0, min(start, len(s.text)))
	end = max(start, min(end, len(s.text)))
	r := iac.Range{File: s.file, StartByte: start, EndByte: end}
	r.Line, r.Column = s.position(start)
	r.EndLine, r.EndColumn = r.Line, r.Column
	if end > start {
		r.EndLine, r.EndColumn = s.position(end - 1)
	}
	return r
}

func (s *source) lineRange(line int) iac.Range {
	if line < 1 || line > len(s.lines) {
		return iac.Range{File: s.file, Line: 1, Column: 1, EndLine: 1, EndColumn: 1}
	}
	start, end := s.lines[line-1], len(s.text)
	if line < len(s.lines) {
		end = s.lines[line] - 1
	}
	return s.rangeOf(start, end)
}

// maxProblems are told of a file, and as many of a unit: who has more has one mistake many times.
const maxProblems = 1000

const moreProblems = "there are more problems than these; the rest is not told"

func (s *source) problem(kind, what string, where iac.Range) {
	if len(s.problems) > maxProblems {
		return
	}
	if len(s.problems) == maxProblems {
		kind, what = iac.LimitReached, moreProblems
	}
	s.problems = append(s.problems, iac.Problem{Kind: kind, What: what, Range: where})
}

var errTooLarge = errors.New("file is larger than the limit")

// readFile reads no more than the limit allows.
func readFile(root fs.FS, file string, limits iac.Limits) ([]byte, error) {
	f, err := root.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", file)
	} else if info.Size() > limits.FileBytes {
		return nil, errTooLarge
	}
	text, err := io.ReadAll(io.LimitReader(f, limits.FileBytes+1))
	if err == nil && int64(len(text)) > limits.FileBytes {
		err = errTooLarge
	}
	return text, err
}

// load reads and parses a file. What is wrong with it is in the source's problems.
func load(root fs.FS, file string, limits iac.Limits) *source {
	text, err := readFile(root, file, limits)
	s := newSource(file, text)
	first := iac.Range{File: file, Line: 1, Column: 1, EndLine: 1, EndColumn: 1}
	switch {
	case errors.Is(err, errTooLarge):
		s.problem(iac.LimitReached, fmt.Sprintf("the file has more than %d bytes and was not read", limits.FileBytes), first)
	case err != nil:
		s.problem(iac.Broken, fmt.Sprintf("the file cannot be read: %v", err), first)
	default:
		s.parse(limits)
	}
	return s
}

// parse reads JSON as such, since YAML's parser refuses some of it (pairs of surrogates, long keys), and all else as YAML.
func (s *source) parse(limits iac.Limits) {
	if !utf8.Valid(s.text) {
		s.problem(iac.Broken, "the file is not UTF-8 text", s.lineRange(1))
		return
	}
	body := bytes.TrimLeft(bytes.TrimPrefix(s.text, []byte("\ufeff")), " \t\r\n")
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		jsonErr := s.parseJSON(len(s.text)-len(body), limits)
		if jsonErr == nil {
			return
		}
		// Flow style YAML begins alike; but where both are wrong, JSON's error says more.
		s.problems = nil
		if s.parseYAML(limits); s.root == nil {
			s.problems = []iac.Problem{*jsonErr}
		}
		return
	}
	s.parseYAML(limits)
}
