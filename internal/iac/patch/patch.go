// Package patch changes infrastructure code as the content's fixes say: it sets, changes, removes and adds in the text of a file,
// and leaves its comments, its layout and all else as they are. It does not know whether a check then passes: who asks for a patch
// must scan the changed code.
package patch

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// Request asks for a patch.
type Request struct {
	Unit     *iac.Unit
	Resource *iac.Resource // of the unit
	// Part is the name of the container that the patch is for; empty: all of them.
	Part  string
	Edits []*content.CodeEdit // of the unit's language
	// Parsed keeps what was parsed for other requests of the same code; it may be nil.
	Parsed *Parsed
	// Param gives the value of a parameter of the check: what $days stands for.
	Param func(name string) (any, bool)
	Read  func(file string) ([]byte, error)
}

// Parsed are files of YAML and JSON that were parsed. The zero value is empty.
type Parsed struct{ trees map[string]*tree }

// Patch is a change of one file.
type Patch struct {
	File  string
	Edits []Edit // in the file's order; none overlaps another
	Diff  string // the same as a unified diff
	// About says what is done, in a few words.
	About string
}

// Edit replaces the bytes [Start, End) of the file as it was by Text. Columns count characters; the end is that of the next one.
type Edit struct {
	Start, End         int
	Line, Column       int
	EndLine, EndColumn int
	Text               string
}

// EditsOf are the edits of a fix that are for a unit's language.
func EditsOf(fix *content.CodeFix, kind string) []*content.CodeEdit {
	switch {
	case fix == nil:
	case kind == iac.Terraform:
		return fix.Terraform
	case kind == iac.CloudFormation:
		return fix.CloudFormation
	case kind == iac.Kubernetes:
		return fix.Kubernetes
	}
	return nil
}

// Make makes a patch. The error says why there is none: what the code is like that the edits cannot be made without changing more
// than was asked for.
func Make(r Request) (*Patch, error) {
	var edits []*content.CodeEdit
	for _, e := range r.Edits {
		if e.For != "" && e.For != r.Resource.Type {
			continue
		}
		if name, is := paramOf(e.To); is {
			value, ok := r.Param(name)
			if !ok {
				return nil, fmt.Errorf("there is no parameter %q", name)
			}
			with := *e
			with.To = value
			e = &with
		}
		edits = append(edits, e)
	}
	switch file := r.Resource.Range.File; {
	case len(edits) == 0:
		return nil, fmt.Errorf("there is no fix for %s", r.Resource.Type)
	case file == "":
		return nil, fmt.Errorf("it is not known where %s is written", r.Resource.Address)
	case slices.Contains(strings.Split(path.Dir(file), "/"), ".terraform"):
		return nil, fmt.Errorf("%s is of a module that was downloaded", file)
	}
	r.Edits = edits
	w := &work{Request: r, was: map[string][]byte{}, now: map[string][]byte{}}
	var err error
	switch r.Unit.Kind {
	case iac.Terraform:
		err = w.terraform()
	case iac.CloudFormation:
		err = w.cloudFormation()
	case iac.Kubernetes:
		err = w.kubernetes()
	default:
		err = fmt.Errorf("code of kind %s is not changed", r.Unit.Kind)
	}
	if err != nil {
		return nil, err
	}
	return w.patch()
}

// work is a patch on its way: files as they were, and as they are now.
type work struct {
	Request
	was, now map[string][]byte
	about    []string
	spans    []*tracked // blocks of Terraform
	moves    []move
}

func (w *work) text(file string) ([]byte, error) {
	if text, ok := w.now[file]; ok {
		return text, nil
	}
	text, err := w.Read(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	w.was[file], w.now[file] = text, text
	return text, nil
}

// say notes what was done.
func (w *work) say(format string, args ...any) {
	if said := fmt.Sprintf(format, args...); !slices.Contains(w.about, said) {
		w.about = append(w.about, said)
	}
}

// patch gives the difference, which must be in one file.
func (w *work) patch() (*Patch, error) {
	var p *Patch
	for file, now := range w.now {
		was := w.was[file]
		if bytes.Equal(was, now) {
			continue
		}
		if p != nil {
			return nil, fmt.Errorf("more than one file would change")
		}
		p = &Patch{File: file, About: strings.Join(w.about, ", ")}
		p.Edits, p.Diff = difference(file, string(was), string(now))
	}
	if p == nil {
		return nil, fmt.Errorf("the code says already what the fix would say")
	}
	return p, nil
}

// Apply makes edits, which must not overlap, in a text.
func Apply(text []byte, edits []Edit) []byte {
	sorted := slices.SortedFunc(slices.Values(edits), func(a, b Edit) int { return a.Start - b.Start })
	var out []byte
	at := 0
	for _, e := range sorted {
		out = append(append(out, text[at:e.Start]...), e.Text...)
		at = e.End
	}
	return append(out, text[at:]...)
}

// change is an edit without its lines, of a text on its way.
type change struct {
	start, end int
	text       string
}

func apply(text []byte, changes []change) []byte {
	edits := make([]Edit, len(changes))
	for i, c := range changes {
		edits[i] = Edit{Start: c.start, End: c.end, Text: c.text}
	}
	return Apply(text, edits)
}

// Overlap tells whether edits of two patches of a file touch, so that they cannot be made together.
func Overlap(a, b []Edit) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Start <= y.End && y.Start <= x.End {
				return true
			}
		}
	}
	return false
}

// newline is how the line at an offset ends, or the file's first.
func newline(text []byte, at int) string {
	if i := bytes.IndexByte(text[at:], '\n'); i > 0 && text[at+i-1] == '\r' || i < 0 && bytes.Contains(text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// lineStart is where the line of an offset begins, lineEnd where it ends, before what breaks it.
func lineStart(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

func lineEnd(text []byte, at int) int {
	end := len(text)
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		end = at + i
	}
	if end > at && text[end-1] == '\r' {
		end--
	}
	return end
}

// indentOf is the white space that the line of an offset begins with.
func indentOf(text []byte, at int) string {
	start := lineStart(text, at)
	end := start
	for end < len(text) && (text[end] == ' ' || text[end] == '\t') {
		end++
	}
	return string(text[start:end])
}
