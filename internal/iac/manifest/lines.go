package manifest

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// templateLine is a line of a template that has a key.
type templateLine struct {
	number, column, width int
}

// templateKeys are the keys of a template, found by how they are indented: a template is no YAML yet.
type templateKeys struct {
	file  string
	at    map[string][]templateLine   // by path: spec/template/spec/containers/image
	in    []map[string][]templateLine // the same, of each document
	kinds []string                    // of the documents
	begin []int                       // the documents' first lines
	end   []int
}

var keyed = regexp.MustCompile(`^( *)((?:- +)*)(["']?[A-Za-z_][-A-Za-z0-9_./]*["']?):(?:\s|$)`)

func readTemplate(file string, source []byte) *templateKeys {
	t := &templateKeys{file: file, at: map[string][]templateLine{}, in: []map[string][]templateLine{{}}, kinds: []string{""}, begin: []int{0}, end: []int{1}}
	type level struct {
		indent int
		path   string
	}
	var stack []level
	number := 0
	for line := range bytes.Lines(source) {
		number++
		line = bytes.TrimRight(line, "\r\n")
		if bytes.HasPrefix(line, []byte("---")) {
			t.in, t.kinds, t.begin, t.end = append(t.in, map[string][]templateLine{}), append(t.kinds, ""), append(t.begin, 0), append(t.end, number)
			stack = stack[:0]
			continue
		}
		doc := len(t.kinds) - 1
		m := keyed.FindSubmatch(line)
		if m == nil {
			continue
		}
		if t.begin[doc] == 0 {
			t.begin[doc] = number
		}
		t.end[doc] = number
		indent, dash := len(m[1]), len(m[2])
		// An item of a list may stand as far left as the key of the list.
		for len(stack) > 0 && (stack[len(stack)-1].indent > indent || dash == 0 && stack[len(stack)-1].indent == indent) {
			stack = stack[:len(stack)-1]
		}
		key := strings.Trim(string(m[3]), `"'`)
		full := key
		if len(stack) > 0 {
			full = stack[len(stack)-1].path + "/" + key
		}
		stack = append(stack, level{indent + dash, full})
		here := templateLine{number, indent + dash + 1, len(line)}
		t.at[full] = append(t.at[full], here)
		t.in[doc][full] = append(t.in[doc][full], here)
		if full == "kind" {
			t.kinds[doc] = strings.Trim(strings.TrimSpace(string(line[len(m[0]):])), `"'`)
		}
	}
	return t
}

// locate gives objects that a template made the places of the template that they come from, as far as these can be told: a key that
// the template has as often as the object, or once, at the same path. What cannot be told gets the place of what it lies in.
func locate(objects []*iac.Value, file string, source []byte) {
	t := readTemplate(file, source)
	seen := map[string]int{}
	total := map[string]int{}
	for _, o := range objects {
		total[text(o.Get("kind"))]++
	}
	for _, o := range objects {
		kind := text(o.Get("kind"))
		document := t.document(kind, seen[kind], total[kind])
		seen[kind]++
		l := locator{t: t, document: document, wanted: map[string]int{}, used: map[string]int{}}
		l.count(o, "")
		at := iac.Range{File: file, Line: 1, Column: 1, EndLine: 1, EndColumn: 1}
		if document >= 0 {
			at.Line, at.EndLine = max(t.begin[document], 1), max(t.end[document], t.begin[document], 1)
		} else if len(t.begin) > 0 {
			at.Line = max(t.begin[0], 1)
			at.EndLine = at.Line
		}
		l.place(o, "", at)
		o.Range = at
	}
}

// document is the one of the template that an object of a kind comes from: the only one of that kind, or the one at the same place
// among as many; -1 if it cannot be told.
func (t *templateKeys) document(kind string, nth, of int) int {
	var same []int
	for i, k := range t.kinds {
		if k == kind {
			same = append(same, i)
		}
	}
	switch {
	case len(same) == 1:
		return same[0]
	case len(same) == of && nth < of:
		return same[nth]
	case len(t.kinds) == 1:
		return 0
	}
	return -1
}

// locator places one object.
type locator struct {
	t            *templateKeys
	document     int
	wanted, used map[string]int // how often the object has a path, and how often it was met
}

func (l *locator) count(v *iac.Value, at string) {
	for _, item := range v.Items {
		l.count(item, at)
	}
	for _, f := range v.Fields {
		below := join(at, f.Key)
		l.wanted[below]++
		l.count(f.Value, below)
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "/" + key
}

// place gives a value its place, and what lies in it theirs.
func (l *locator) place(v *iac.Value, at string, outer iac.Range) {
	v.Range = outer
	for _, item := range v.Items {
		l.place(item, at, outer)
		if len(item.Fields) > 0 {
			item.Range = cover(item.Fields[0].Value.Range, item)
		}
	}
	for _, f := range v.Fields {
		below := join(at, f.Key)
		here, found := l.find(below)
		if !found {
			here = outer
			if here.EndLine > here.Line && at == "" { // of the whole document its begin will do
				here.EndLine, here.EndColumn = here.Line, here.Column
			}
		}
		l.place(f.Value, below, here)
		if found {
			f.Value.Range = cover(here, f.Value)
		}
	}
}

func (l *locator) find(path string) (iac.Range, bool) {
	nth := l.used[path]
	l.used[path]++
	same := l.t.at[path]
	if l.document >= 0 {
		same = l.t.in[l.document][path]
	}
	var line templateLine
	switch {
	case len(same) == 1:
		line = same[0]
	case len(same) == l.wanted[path] && nth < len(same):
		line = same[nth]
	default:
		return iac.Range{}, false
	}
	return iac.Range{File: l.t.file, Line: line.number, Column: line.column, EndLine: line.number, EndColumn: max(line.width, line.column)}, true
}

// cover is a range as far as what lies in a value reaches.
func cover(r iac.Range, v *iac.Value) iac.Range {
	reach := func(inner iac.Range) {
		if inner.File == r.File && inner.EndLine > r.EndLine {
			r.EndLine, r.EndColumn = inner.EndLine, inner.EndColumn
		}
	}
	for _, item := range v.Items {
		reach(item.Range)
	}
	for _, f := range v.Fields {
		reach(f.Value.Range)
	}
	return r
}
