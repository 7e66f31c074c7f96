package suppress

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// maxPerFile bounds the comments of a file.
const maxPerFile = 10_000

// downloaded is where Terraform puts modules of others. Their authors do not decide what is shown to those who use them, so that
// comments there hold for nothing.
const downloaded = ".terraform/"

// reader is the state of one New.
type reader struct {
	o     Options
	l     *List
	p     parser
	today string
	kinds map[string]string // of the units, by file
	notes map[note]*entry   // of annotations: a template may make many objects with the same one
}

// note is a line of an annotation.
type note struct {
	at   iac.Range
	line string
}

func (r *reader) problem(at iac.Range, format string, args ...any) {
	r.l.problems = append(r.l.problems, iac.Problem{Kind: iac.Suppression, What: fmt.Sprintf(format, args...), Range: at})
}

func (r *reader) read(ctx context.Context) error {
	r.p = parser{checks: r.o.Checks, resolved: map[string]resolution{}, today: r.today}
	r.kinds, r.notes = map[string]string{}, map[note]*entry{}
	for _, u := range r.o.Units {
		for _, name := range u.Files {
			r.kinds[name] = u.Kind
		}
		for _, resource := range u.Resources {
			r.block(u, resource.Range)
			for _, call := range resource.Calls {
				r.block(u, call.Range)
			}
			r.annotation(u, resource)
		}
	}
	names := make([]string, 0, len(r.kinds))
	for name := range r.kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.file(name)
	}
	return nil
}

// block notes where a resource or call stands.
func (r *reader) block(u *iac.Unit, at iac.Range) {
	if at.IsZero() || at.Line == 0 {
		return
	}
	f := r.l.files[at.File]
	if f == nil {
		f = &file{}
		r.l.files[at.File] = f
		r.kinds[at.File] = u.Kind
	}
	if n := len(f.blocks); n > 0 && f.blocks[n-1].at == at { // instances of one block come one after the other
		return
	}
	f.add(at)
}

// file reads the comments of a file.
func (r *reader) file(name string) {
	f := r.l.files[name]
	if f == nil {
		f = &file{}
	}
	f.settle()
	if strings.HasPrefix(name, downloaded) || strings.Contains(name, "/"+downloaded) {
		return
	}
	text := r.text(name)
	if !bytes.Contains(text, []byte("stance")) {
		return
	}
	var found []comment
	var asleep func() []span
	switch language(name, text) {
	case native:
		found, asleep = nativeComments(name, text)
	case yamlText:
		found = yamlComments(text)
		asleep = func() []span { return r.asleep(name, text) }
	}
	if r.kinds[name] == iac.CloudFormation {
		r.metadata(f, name, text)
	}
	if len(found) > maxPerFile {
		r.problem(iac.Range{File: name}, "the file has more than %d comments that begin with %s: the rest is not read", maxPerFile, prefix)
		found = found[:maxPerFile]
	}
	if asleep != nil {
		asleep = sync.OnceValue(asleep)
	}
	for _, c := range found {
		r.comment(f, name, c, asleep)
	}
	r.l.files[name] = f
}

// text reads a file; what cannot be read was told by those who read it for what it says.
func (r *reader) text(name string) []byte {
	file, err := r.o.Root.Open(name)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > r.o.Limits.FileBytes {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(file, r.o.Limits.FileBytes))
	if err != nil {
		return nil
	}
	return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
}

// languages that have comments.
type languages int

const (
	noComments languages = iota
	native               // of Terraform
	yamlText
)

func language(name string, text []byte) languages {
	switch path.Ext(name) {
	case ".tf", ".tofu", ".tfvars", ".hcl":
		return native
	case ".json":
		return noComments
	}
	if first := bytes.TrimSpace(text); len(first) > 0 && first[0] == '{' && !bytes.HasPrefix(first, []byte("{{")) {
		return noComments
	}
	return yamlText
}

// comment makes an entry of a comment.
func (r *reader) comment(f *file, name string, c comment, asleep func() []span) {
	at := iac.Range{File: name, Line: c.line, EndLine: c.line}
	word, rest, wrong := directive(c.text)
	if wrong != "" {
		r.problem(at, "%s", wrong)
	}
	if word == "" {
		return
	}
	e, all := r.p.words(rest, at)
	for _, why := range all {
		r.problem(at, "%s", why)
	}
	if e == nil {
		return
	}
	if word == ignoreFile {
		if !c.top {
			r.problem(at, "it suppresses nothing: stance:ignore-file stands at the top of a file, before all code")
			return
		}
		f.whole = append(f.whole, e)
		r.l.entries = append(r.l.entries, e)
		return
	}
	held := false
	hold := func(b *block) {
		if n := len(b.entries); n == 0 || b.entries[n-1] != e {
			b.entries = append(b.entries, e)
		}
		held = true
	}
	f.around(c.line, hold)
	if c.above > 0 {
		f.beginning(c.above, hold)
	}
	switch {
	case held:
		r.l.entries = append(r.l.entries, e)
	case !slices.ContainsFunc(asleep(), c.standsAt):
		r.problem(at, "it suppresses nothing: write it into the block of a resource or a call, or on the line above it")
	}
}

// asleep gives the lines of what this scan may not make although it is there: resources whose condition is false, objects that the
// values of a chart leave out.
func (r *reader) asleep(name string, text []byte) []span {
	var all []span
	switch r.kinds[name] {
	case iac.Helm:
		if strings.Contains(name, "templates/") {
			all = append(all, span{1, math.MaxInt})
		}
	case iac.CloudFormation:
		for _, d := range yamltree.Read(name, text, r.o.Limits) {
			for _, one := range fields(d.Value.Get("Resources")) {
				all = append(all, span{one.Value.Range.Line, one.Value.Range.EndLine})
			}
		}
	}
	return all
}

func fields(v *iac.Value) []iac.Field {
	if !v.Is(iac.Object) {
		return nil
	}
	return v.Fields
}
