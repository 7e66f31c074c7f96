// Package yamltree reads YAML and JSON as Kubernetes does, into trees of values that know their lines. It follows YAML 1.1 where
// Kubernetes does (yes is true, 0644 is 420), and bounds what nesting and aliases can cost.
package yamltree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/iac"
)

// Document is one of a file.
type Document struct {
	Value *iac.Value // nil if there is nothing but comments, or an error
	Line  int        // on which it begins
	Err   error      // a *SyntaxError, or a *LimitError
}

// SyntaxError is why a document cannot be read.
type SyntaxError struct {
	Line int
	What string
}

func (e *SyntaxError) Error() string { return e.What }

// LimitError is a limit that a document goes beyond.
type LimitError struct {
	Line int
	What string
}

func (e *LimitError) Error() string { return e.What }

// Problem is what kind of problem an error is, and on which line.
func (d Document) Problem() (kind string, line int) {
	if limit := (*LimitError)(nil); errors.As(d.Err, &limit) {
		return iac.LimitReached, limit.Line
	}
	if syntax := (*SyntaxError)(nil); errors.As(d.Err, &syntax) {
		return iac.Broken, syntax.Line
	}
	return iac.Broken, d.Line
}

// maxDocuments bounds those of a file.
const maxDocuments = 20_000

// Read reads all documents of a file. One that is broken does not keep the others from being read.
func Read(file string, text []byte, limits iac.Limits) []Document {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if int64(len(text)) > limits.FileBytes {
		return []Document{{Line: 1, Err: &LimitError{1, fmt.Sprintf("the file has %d bytes; at most %d are read", len(text), limits.FileBytes)}}}
	}
	var documents []Document
	// What all documents of a file may expand to: what is written, and some for aliases.
	budget := len(text)/2 + 100_000
	for _, part := range split(text) {
		if len(documents) >= maxDocuments {
			return append(documents, Document{Line: part.line, Err: &LimitError{part.line, fmt.Sprintf("the file has more than %d documents", maxDocuments)}})
		}
		documents = append(documents, readPart(file, part, limits, &budget)...)
	}
	return documents
}

// part is what stands between two separators; line is the one on which it begins.
type part struct {
	text []byte
	line int
}

// split cuts at the lines that begin with ---, since the decoder does not go on after an error.
func split(text []byte) []part {
	var parts []part
	begin, beginLine, line := 0, 1, 1
	for at := 0; at < len(text); {
		end := len(text)
		if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		if at > begin && isSeparator(text[at:end]) {
			parts = append(parts, part{text[begin:at], beginLine})
			begin, beginLine = at, line
		}
		at = end
		line++
	}
	return append(parts, part{text[begin:], beginLine})
}

func isSeparator(line []byte) bool {
	rest, found := bytes.CutPrefix(line, []byte("---"))
	return found && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0)
}

func readPart(file string, p part, limits iac.Limits, budget *int) (documents []Document) {
	defer func() {
		if r := recover(); r != nil { // of the decoder, for which the input is to blame
			documents = append(documents, Document{Line: p.line, Err: &SyntaxError{p.line, fmt.Sprint(r)}})
		}
	}()
	text := p.text
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		text = joinSurrogates(text)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var node yaml.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			return documents
		}
		if err != nil {
			return append(documents, Document{Line: p.line, Err: syntaxError(err, p.line)})
		}
		w := walker{file: file, line: p.line - 1, limits: limits, budget: budget}
		value, err := w.value(&node, 0)
		d := Document{Line: p.line, Value: value, Err: err}
		if err != nil {
			d.Value = nil
		} else if value != nil && value.Range.Line > 0 {
			d.Line = value.Range.Line
		}
		documents = append(documents, d)
	}
}

var atLine = regexp.MustCompile(`^(?:yaml: |go-yaml: )?(?:[a-z ]*?at |[a-z ]*?)?[Ll](?:ine )?(\d+)[^:]*: `)

func syntaxError(err error, offset int) *SyntaxError {
	text := err.Error()
	line := offset
	if m := atLine.FindStringSubmatchIndex(text); m != nil {
		if n, convErr := strconv.Atoi(text[m[2]:m[3]]); convErr == nil {
			line = offset + max(n, 1) - 1
			text = text[m[1]:]
		}
	}
	return &SyntaxError{line, text}
}
