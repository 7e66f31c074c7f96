package tfplan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

const (
	// mostValues is how many values of resources a file may have: each takes some 250 bytes.
	mostValues = 2_000_000
	// mostProblems is how many are told of one file.
	mostProblems = 50
	// mostNesting is how deeply values may nest at most, whatever the limits: each level is walked once more.
	mostNesting = 200
	// mostModules is how deeply modules may call each other.
	mostModules = 64
)

// document is JSON text that was found to be well-formed. Its values are known by the places where they begin, and -1 is none.
type document struct {
	file     string
	text     []byte
	lines    []int // where lines begin
	limits   iac.Limits
	values   int
	problems []iac.Problem
	twice    map[int]bool // keys that were told to be written twice
}

// member is one of an object.
type member struct {
	key     string
	at, end int
}

// open reads a file and proves that it is JSON.
func open(root fs.FS, file string, limits iac.Limits) (*document, *iac.Problem) {
	text, problem := readFile(root, file, limits)
	if problem != nil {
		return nil, problem
	}
	d := &document{file: file, text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), limits: limits, lines: []int{0}, twice: map[int]bool{}}
	for i := 0; ; {
		n := bytes.IndexByte(d.text[i:], '\n')
		if n < 0 {
			break
		}
		i += n + 1
		d.lines = append(d.lines, i)
	}
	if isUTF16(text) {
		return nil, &iac.Problem{Kind: iac.Broken, What: "it is UTF-16 text: write it as UTF-8", Range: iac.Range{File: file}}
	}
	if _, err := jsonscan.Document(d.text); err != nil {
		at := 0
		if where := (*jsonscan.Error)(nil); errors.As(err, &where) {
			at = where.Offset
		}
		return nil, &iac.Problem{Kind: iac.Broken, What: "it is not well-formed JSON: " + err.Error(), Range: d.rangeOf(at, at)}
	}
	if at := d.tooDeep(); at >= 0 {
		return nil, &iac.Problem{
			Kind: iac.LimitReached, What: fmt.Sprintf("values are nested more than %d deep", min(limits.Nesting, mostNesting)), Range: d.rangeOf(at, at),
		}
	}
	return d, nil
}

// tooLarge says that a file was not read for its size, and what to do about it.
func tooLarge(limits iac.Limits) string {
	return fmt.Sprintf("it has more than %d bytes, so it was not read; --max-file-size allows more", limits.FileBytes)
}

// readFile reads a whole file of at most the allowed size.
func readFile(root fs.FS, name string, limits iac.Limits) ([]byte, *iac.Problem) {
	problem := func(kind, what string) *iac.Problem {
		return &iac.Problem{Kind: kind, What: what, Range: iac.Range{File: name}}
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, problem(iac.Broken, "it cannot be read: "+err.Error())
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	switch {
	case err == nil && !info.Mode().IsRegular():
		return nil, problem(iac.Skipped, "it is not a file")
	case err == nil && info.Size() > limits.FileBytes:
		return nil, problem(iac.LimitReached, tooLarge(limits))
	}
	text, err := io.ReadAll(io.LimitReader(file, limits.FileBytes+1))
	if err != nil {
		return nil, problem(iac.Broken, "it cannot be read: "+err.Error())
	}
	if int64(len(text)) > limits.FileBytes {
		return nil, problem(iac.LimitReached, tooLarge(limits))
	}
	return text, nil
}

// tooDeep is where values nest more deeply than is allowed; -1 if nowhere.
func (d *document) tooDeep() int {
	depth := 0
	for i := 0; i < len(d.text); i++ {
		switch d.text[i] {
		case '"':
			i = jsonscan.SkipValid(d.text, i) - 1
		case '{', '[':
			if depth++; depth > min(d.limits.Nesting, mostNesting) {
				return i
			}
		case '}', ']':
			depth--
		}
	}
	return -1
}

func (d *document) tell(kind, what string, at int) {
	if len(d.problems) < mostProblems {
		d.problems = append(d.problems, iac.Problem{Kind: kind, What: what, Range: d.rangeOf(at, at)})
	}
}

// rangeOf is the place of the bytes [at, end). Columns are bytes: the program writes all of a plan on one line.
func (d *document) rangeOf(at, end int) iac.Range {
	last := max(end-1, at)
	line, column := d.position(at)
	endLine, endColumn := d.position(last)
	return iac.Range{File: d.file, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn, StartByte: at, EndByte: max(end, at)}
}

func (d *document) position(at int) (line, column int) {
	line = sort.SearchInts(d.lines, at+1)
	return line, at - d.lines[line-1] + 1
}

func (d *document) whole() int { return jsonscan.Space(d.text, 0) }

func (d *document) kind(at int) byte {
	if at < 0 {
		return 0
	}
	return jsonscan.Kind(d.text, at)
}

func (d *document) skip(at int) int { return jsonscan.SkipValid(d.text, at) }

// members are those of an object, in order; none of anything else. Of keys that are written twice the last one counts, as it does
// for the program.
func (d *document) members(at int) []member {
	if d.kind(at) != jsonscan.Object {
		return nil
	}
	var all []member
	seen := map[string]int{}
	twice := false
	_, _ = jsonscan.Members(d.text, at, func(key []byte, value int) (int, error) { // the text is known to be well-formed
		m := member{string(key), value, d.skip(value)}
		if before, again := seen[m.key]; again {
			if !d.twice[value] {
				d.twice[value] = true
				d.tell(iac.Broken, fmt.Sprintf("key %.40q is written twice; only the last one counts", m.key), value)
			}
			all[before].at, twice = -1, true
		}
		seen[m.key] = len(all)
		all = append(all, m)
		return m.end, nil
	})
	if twice {
		all = slices.DeleteFunc(all, func(m member) bool { return m.at < 0 })
	}
	return all
}

// items are where the items of a list begin; none of anything else.
func (d *document) items(at int) (all []int) {
	d.each(at, func(value, _ int) bool {
		all = append(all, value)
		return true
	})
	return all
}

// each visits where the items of a list begin and end, as long as it is told to go on.
func (d *document) each(at int, visit func(at, end int) bool) {
	if d.kind(at) != jsonscan.List {
		return
	}
	_, _ = jsonscan.Items(d.text, at, func(value int) (int, error) { // the text is known to be well-formed
		end := d.skip(value)
		if !visit(value, end) {
			return end, fs.SkipAll
		}
		return end, nil
	})
}

// get follows keys of objects; -1 if there is nothing.
func (d *document) get(at int, keys ...string) int {
	for _, key := range keys {
		next := -1
		for _, m := range d.members(at) {
			if m.key == key {
				next = m.at
			}
		}
		if at = next; at < 0 {
			return -1
		}
	}
	return at
}

// string is a text; empty of anything else.
func (d *document) string(at int) string {
	if d.kind(at) != jsonscan.String {
		return ""
	}
	return jsonscan.Unquote(d.text[at:d.skip(at)])
}

// raw is a value as it is written.
func (d *document) raw(at int) string {
	if at < 0 {
		return ""
	}
	return string(d.text[at:d.skip(at)])
}

func (d *document) isTrue(at int) bool { return d.kind(at) == jsonscan.Bool && d.text[at] == 't' }

func (d *document) strings(at int) []string {
	var all []string
	for _, item := range d.items(at) {
		if text := d.string(item); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// fields are the members of an object by key, for objects of which several are wanted.
func (d *document) fields(at int) fields {
	all := fields{}
	for _, m := range d.members(at) {
		all[m.key] = m.at
	}
	return all
}

type fields map[string]int

func (f fields) at(key string) int {
	if at, ok := f[key]; ok {
		return at
	}
	return -1
}
