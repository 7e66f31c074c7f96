package patch

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/schema"
)

var errDynamic = errors.New("its blocks are made by a dynamic block")

// span is a block in the text as it is now.
type span struct {
	file       string
	start, end int
}

// terraform makes the edits in the block of a resource.
func (w *work) terraform() error {
	r := w.Resource
	if path.Ext(r.Range.File) == ".json" {
		return fmt.Errorf("%s is JSON, which is not changed", r.Range.File)
	}
	at, err := w.spanOf(r)
	if err != nil {
		return err
	}
	for _, e := range w.Edits {
		if e.Add != "" {
			if err := w.companion(e, at); err != nil {
				return err
			}
			continue
		}
		was := w.now[r.Range.File]
		if err := w.block(at, e, e.To); err != nil {
			return err
		}
		if !bytes.Equal(was, w.now[r.Range.File]) {
			w.said(e)
		}
	}
	return nil
}

// said notes an edit.
func (w *work) said(e *content.CodeEdit) {
	name, where := strings.ReplaceAll(e.Path(), ".*", ""), ""
	if w.Unit.Kind == iac.Kubernetes {
		if below, of := strings.CutPrefix(name, "container."); of {
			name, where = below, " in each container"
			if w.Part != "" {
				where = " in the container " + w.Part
			}
		}
		name = strings.TrimPrefix(name, "pod.")
	}
	if e.Remove != "" {
		w.say("remove %s%s", name, where)
	} else {
		w.say("set %s to %s%s", name, shortly(e.To), where)
	}
}

// spanOf is the block of a resource.
func (w *work) spanOf(r *iac.Resource) (*span, error) {
	if _, err := w.text(r.Range.File); err != nil {
		return nil, err
	}
	for _, known := range w.spans {
		if known.file == r.Range.File && known.was == r.Range {
			return &known.span, nil
		}
	}
	at := &tracked{span{r.Range.File, r.Range.StartByte, r.Range.EndByte}, r.Range}
	for _, done := range w.moves { // places are those of the file as it was
		if done.file == at.file && done.at <= at.start {
			at.start += done.by
			at.end += done.by
		}
	}
	w.spans = append(w.spans, at)
	b, err := w.parse(&at.span)
	if err != nil {
		return nil, err
	}
	if b.Type != "resource" || len(b.Labels) != 2 || b.Labels[0] != r.Type {
		return nil, fmt.Errorf("the block of %s is not in %s", r.Address, r.Range.File)
	}
	return &at.span, nil
}

// tracked is a span that moves when text before it changes.
type tracked struct {
	span
	was iac.Range
}

// move is a change of how much text stands before a place.
type move struct {
	file   string
	at, by int
}

// parse reads the block of a span alone: files may be large, and blocks many.
func (w *work) parse(at *span) (*hclsyntax.Block, error) {
	text := w.now[at.file]
	if at.start < 0 || at.end > len(text) || at.start >= at.end {
		return nil, fmt.Errorf("%s is not as it was", at.file)
	}
	parsed, diags := hclsyntax.ParseConfig(text[at.start:at.end], at.file, hcl.Pos{Line: 1, Column: 1, Byte: at.start})
	if diags.HasErrors() {
		return nil, fmt.Errorf("%s is broken: %w", at.file, diags)
	}
	body, is := parsed.Body.(*hclsyntax.Body)
	if !is || len(body.Blocks) != 1 || len(body.Attributes) > 0 {
		return nil, fmt.Errorf("the block is not where it is expected in %s", at.file)
	}
	return body.Blocks[0], nil
}

// replace takes the new text of a file in which a span, or what is right behind it, was changed.
func (w *work) replace(at *span, now []byte, inside bool) {
	by := len(now) - len(w.now[at.file])
	end := at.end
	w.now[at.file] = now
	w.moves = append(w.moves, move{at.file, end, by})
	for _, other := range w.spans {
		if &other.span != at && other.file == at.file && other.start >= end {
			other.start += by
			other.end += by
		}
	}
	if inside {
		at.end += by
	}
}

// block makes one edit in the block of a resource, and keeps it formatted if it was.
func (w *work) block(at *span, e *content.CodeEdit, value any) error {
	b, err := w.parse(at)
	if err != nil {
		return err
	}
	text := w.now[at.file]
	typ, _ := schema.Terraform.Type(b.Labels[0])
	ed := &blockEditor{text: text, typ: typ, expanded: b.Body.Attributes["count"] != nil || b.Body.Attributes["for_each"] != nil, value: value}
	switch {
	case e.Remove != "":
		ed.mode = modeRemove
	case e.Change != "":
		ed.mode = modeChange
	}
	if ed.mode != modeRemove {
		if ed.rendered, err = hclValue(value); err != nil {
			return err
		}
	}
	steps := strings.Split(e.Path(), ".")
	if typ != nil {
		if _, err := typ.At(strings.ReplaceAll(e.Path(), ".*", "")); err != nil {
			return err
		}
	}
	if err := ed.body(b, steps, nil); err != nil {
		return fmt.Errorf("%s: %w", e.Path(), err)
	}
	if len(ed.changes) > 0 {
		w.replace(at, reformatted(text, b, apply(text, ed.changes)), true)
	}
	return nil
}

// companion sets the attributes of a resource beside the one at hand, which is made if there is none.
func (w *work) companion(e *content.CodeEdit, of *span) error {
	at, err := w.findCompanion(e)
	if err != nil {
		return err
	}
	made, refer := at == nil, ""
	if made {
		if at, refer, err = w.makeCompanion(e, of); err != nil {
			return err
		}
	}
	for _, s := range e.With {
		value := s.Value
		if attribute, refers := s.Refers(); refers {
			if !made {
				continue
			}
			value = reference(refer + "." + attribute)
		}
		was := w.now[at.file]
		if err := w.block(at, &content.CodeEdit{Set: s.Path}, value); err != nil {
			return err
		}
		if !made && !bytes.Equal(was, w.now[at.file]) {
			w.said(&content.CodeEdit{Set: e.Add + "." + s.Path, To: s.Value})
		}
	}
	return nil
}

// findCompanion gives the block of the companion that refers to the resource; nil if there is none.
func (w *work) findCompanion(e *content.CodeEdit) (*span, error) {
	var tied string
	for _, s := range e.With {
		if _, refers := s.Refers(); refers {
			tied = s.Path
		}
	}
	var found *iac.Resource
	for _, r := range w.Unit.Resources {
		if r.Type != e.Add || r.Data || !belongs(r.Body.Get(tied), w.Resource, tied) {
			continue
		}
		if found != nil && found.Range != r.Range {
			return nil, fmt.Errorf("%s and %s both belong to it", found.Address, r.Address)
		}
		found = r
	}
	if found == nil {
		return nil, nil //nolint:nilnil // there is none, and nothing wrong with that
	}
	return w.spanOf(found)
}

// belongs tells whether a value is the resource, or the name that it has.
func belongs(v *iac.Value, r *iac.Resource, attribute string) bool {
	switch {
	case v == nil:
		return false
	case v.Symbol != nil:
		return v.Symbol.Address == r.Address
	case v.Kind == iac.String && len(v.Parts) == 1 && v.Parts[0].Symbol != nil:
		return v.Parts[0].Symbol.Address == r.Address
	case v.Kind == iac.String && v.Text != "":
		own := r.Body.Get(attribute)
		return own != nil && own.Kind == iac.String && own.Text == v.Text
	}
	return false
}

// makeCompanion writes an empty block behind that of the resource, and tells how it refers to the resource. It has as many
// instances.
func (w *work) makeCompanion(e *content.CodeEdit, of *span) (at *span, refer string, err error) {
	b, err := w.parse(of)
	if err != nil {
		return nil, "", err
	}
	text, name := w.now[of.file], b.Labels[1]
	for _, r := range w.Unit.Resources {
		if r.Type != e.Add || path.Dir(r.Range.File) != path.Dir(of.file) {
			continue
		}
		if strings.HasSuffix(r.Address, e.Add+"."+name) || strings.Contains(r.Address, e.Add+"."+name+"[") {
			return nil, "", fmt.Errorf("there is another %s called %s", e.Add, name)
		}
	}
	nl := newline(text, b.OpenBraceRange.Start.Byte)
	refer = b.Labels[0] + "." + name
	made := fmt.Sprintf("resource %q %q {%s", e.Add, name, nl)
	for _, meta := range []struct{ name, key string }{{"provider", ""}, {"count", "[count.index]"}, {"for_each", "[each.key]"}} {
		a := b.Body.Attributes[meta.name]
		if a == nil {
			continue
		}
		expr := string(text[a.Expr.Range().Start.Byte:a.Expr.Range().End.Byte])
		if strings.Contains(expr, "\n") {
			return nil, "", fmt.Errorf("its %s is too long to be written twice", meta.name)
		}
		made += "  " + meta.name + " = " + expr + nl
		refer += meta.key
	}
	made += "}"
	end := lineEnd(text, of.end)
	w.replace(of, apply(text, []change{{end, end, nl + nl + made}}), false)
	start := end + 2*len(nl)
	block := &tracked{span: span{of.file, start, start + len(made)}}
	w.spans = append(w.spans, block)
	w.say("add %s.%s", e.Add, name)
	return &block.span, refer, nil
}
