package suppress

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// Annotation is the one by which an object of Kubernetes says what is ignored of it: a line for each, written as in a comment.
const Annotation = "stance.dev/ignore"

// annotation reads what an object of Kubernetes says of itself.
func (r *reader) annotation(u *iac.Unit, of *iac.Resource) {
	if !u.OfObjects() {
		return
	}
	v := of.Body.Get("metadata").Get("annotations").Get(Annotation)
	if v == nil {
		return
	}
	at := v.Range
	if at.IsZero() {
		at = of.Range
	}
	if !v.Is(iac.String) || v.Parts != nil {
		r.problem(at, "it suppresses nothing: the annotation %s is not text", Annotation)
		return
	}
	name := resource{u.Path, of.Address}
	lines := strings.Split(v.Text, "\n")
	for _, line := range lines[:min(len(lines), maxPerFile)] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		e, known := r.notes[note{at, line}]
		if !known {
			var wrong []string
			e, wrong = r.p.words(line, at)
			r.notes[note{at, line}] = e
			r.keep(e, wrong, at, func(*entry) {})
		}
		if e != nil {
			r.l.own[name] = append(r.l.own[name], e)
		}
	}
}

// keep notes an entry and what is wrong with it.
func (r *reader) keep(e *entry, wrong []string, at iac.Range, add func(*entry)) {
	for _, why := range wrong {
		r.problem(at, "%s", why)
	}
	if e != nil {
		add(e)
		r.l.entries = append(r.l.entries, e)
	}
}

// metadata reads what the resources of a template say of themselves: Metadata: {stance: {ignore: [{check, reason, until}]}}.
func (r *reader) metadata(f *file, name string, text []byte) {
	if !bytes.Contains(text, []byte("Metadata")) {
		return
	}
	for _, d := range yamltree.Read(name, text, r.o.Limits) {
		for _, one := range fields(d.Value.Get("Resources")) {
			stance := one.Value.Get("Metadata").Get("stance")
			if stance == nil {
				continue
			}
			if why := unknownKey(stance, ignore); why != "" {
				r.problem(stance.Range, "%s", why)
			}
			items := []*iac.Value{stance.Get(ignore)}
			if items[0].Is(iac.List) {
				items = items[0].Items
			}
			for _, item := range items {
				r.item(f, item, one.Value.Range)
			}
		}
	}
}

// item makes an entry of one item of a resource's metadata.
func (r *reader) item(f *file, item *iac.Value, of iac.Range) {
	if item == nil {
		return
	}
	at := item.Range
	if !item.Is(iac.Object) {
		r.problem(at, "it suppresses nothing: write {check: CHECK, reason: the reason, until: 2027-01-01}")
		return
	}
	if why := unknownKey(item, "check", "reason", "until"); why != "" {
		r.problem(at, "%s", why)
		return
	}
	checks := item.Get("check")
	all := []*iac.Value{checks}
	if checks.Is(iac.List) {
		all = checks.Items
	}
	var names []string
	for _, check := range all {
		if check.Is(iac.String) {
			names = append(names, check.Text)
		}
	}
	e, wrong := r.p.entry(names, textOf(item.Get("reason")), textOf(item.Get("until")), at)
	r.keep(e, wrong, at, func(e *entry) {
		f.around(of.Line, func(b *block) {
			if b.has(of) {
				b.entries = append(b.entries, e)
			}
		})
	})
}

func textOf(v *iac.Value) string {
	if v.Is(iac.String) || v.Is(iac.Number) || v.Is(iac.Bool) {
		return v.Text
	}
	return ""
}

// unknownKey tells of a key that nothing reads, since what it was to say would be lost.
func unknownKey(v *iac.Value, known ...string) string {
	for _, field := range v.Fields {
		if !slices.Contains(known, field.Key) {
			why := fmt.Sprintf("it suppresses nothing: unknown key %q", clean(field.Key))
			if hint := content.DidYouMean(field.Key, known); hint != "" {
				why += " (" + hint + ")"
			}
			return why
		}
	}
	return ""
}
