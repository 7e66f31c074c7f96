package cloudformation

import (
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// maxArms is how many values an unknown may be one of before it is just unknown.
const maxArms = 32

func unknown(cause string) *iac.Value { return &iac.Value{Kind: iac.Unknown, Cause: cause} }

func symbol(address, attribute string) *iac.Value {
	name := address
	if attribute != "" && attribute != "Ref" {
		name += "." + attribute
	}
	v := unknown("known after apply: " + name)
	v.Symbol = &iac.Symbol{Address: address, Attribute: attribute}
	return v
}

// oneOf is a value that is one of several; nil stands for no value. Equal ones count once; a single one is known.
func oneOf(cause string, arms ...*iac.Value) *iac.Value {
	var flat []*iac.Value
	hidden := false
	for _, arm := range arms {
		switch {
		case arm == nil:
			flat = addArm(flat, &iac.Value{})
		case arm.Kind == iac.Unknown && len(arm.Either) > 0:
			hidden = hidden || arm.Sensitive
			for _, a := range arm.Either {
				flat = addArm(flat, a)
			}
		default:
			hidden = hidden || arm.Sensitive
			flat = addArm(flat, arm)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	v := unknown(cause)
	v.Sensitive = hidden
	if len(flat) > 1 && len(flat) <= maxArms {
		v.Either = flat
	}
	return v
}

func addArm(arms []*iac.Value, arm *iac.Value) []*iac.Value {
	if len(arms) > maxArms {
		return arms
	}
	for _, a := range arms {
		if same(a, arm) {
			return arms
		}
	}
	return append(arms, arm)
}

// same tells that two values are surely equal, wherever they are written. Unknowns are, if they are the same symbol.
func same(a, b *iac.Value) bool {
	if a == b {
		return true
	}
	if a.Kind != b.Kind || a.Text != b.Text || a.Open != "" || b.Open != "" ||
		len(a.Parts) != len(b.Parts) || len(a.Items) != len(b.Items) || len(a.Fields) != len(b.Fields) {
		return false
	}
	if a.Kind == iac.Unknown {
		return a.Symbol != nil && b.Symbol != nil && *a.Symbol == *b.Symbol
	}
	for i := range a.Parts {
		x, y := a.Parts[i], b.Parts[i]
		if x.Text != y.Text || (x.Symbol == nil) != (y.Symbol == nil) || x.Symbol != nil && *x.Symbol != *y.Symbol {
			return false
		}
	}
	for i := range a.Items {
		if !same(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for i := range a.Fields {
		if a.Fields[i].Key != b.Fields[i].Key || !same(a.Fields[i].Value, b.Fields[i].Value) {
			return false
		}
	}
	return true
}

// lift applies a function to a value; where the value is one of several, to each of them.
func lift(v *iac.Value, f func(*iac.Value) *iac.Value) *iac.Value {
	if v == nil || v.Kind != iac.Unknown || len(v.Either) == 0 {
		return f(v)
	}
	arms := make([]*iac.Value, len(v.Either))
	for i, arm := range v.Either {
		arms[i] = f(arm)
	}
	result := oneOf(v.Cause, arms...)
	if v.Sensitive {
		result = sensitive(result)
	}
	return result
}

// sensitive marks a value, and what it consists of, as never to be shown.
func sensitive(v *iac.Value) *iac.Value {
	if v == nil {
		return nil
	}
	w := *v
	w.Sensitive = true
	w.Items, w.Either = sensitives(v.Items), sensitives(v.Either)
	w.Fields = append([]iac.Field(nil), v.Fields...)
	for i := range w.Fields {
		w.Fields[i].Value = sensitive(w.Fields[i].Value)
	}
	return &w
}

func sensitives(values []*iac.Value) []*iac.Value {
	var marked []*iac.Value
	for _, v := range values {
		marked = append(marked, sensitive(v))
	}
	return marked
}

// at is a copy of a value that was written elsewhere, with the place where it is used.
func (s *stack) at(v *iac.Value, r iac.Range) *iac.Value {
	if v == nil {
		return nil
	}
	if !s.r.step(valueSteps) {
		return unknown(limitCause)
	}
	w := *v
	w.Range = r
	w.Items, w.Either = s.allAt(v.Items, r), s.allAt(v.Either, r)
	if v.Fields != nil {
		w.Fields = make([]iac.Field, len(v.Fields))
		for i, f := range v.Fields {
			w.Fields[i] = iac.Field{Key: f.Key, Value: s.at(f.Value, r)}
		}
	}
	return &w
}

func (s *stack) allAt(values []*iac.Value, r iac.Range) []*iac.Value {
	if values == nil {
		return nil
	}
	list := make([]*iac.Value, len(values))
	for i, v := range values {
		list[i] = s.at(v, r)
	}
	return list
}

const limitCause = "a limit of evaluation was reached"

// textBuilder joins values to a text with holes.
type textBuilder struct {
	s         *stack
	parts     []iac.Part
	tail      strings.Builder // text behind the last part
	sensitive bool
	cause     string
	size      int
}

func (b *textBuilder) write(text string) {
	if b.size += len(text); b.size <= b.s.r.limits.TextBytes {
		b.tail.WriteString(text)
	}
}

func (b *textBuilder) writeSymbol(symbol *iac.Symbol) {
	b.flush()
	b.parts = append(b.parts, iac.Part{Symbol: symbol})
}

func (b *textBuilder) flush() {
	if b.tail.Len() > 0 {
		b.parts = append(b.parts, iac.Part{Text: b.tail.String()})
		b.tail.Reset()
	}
}

// add takes a scalar; false means that it is no text.
func (b *textBuilder) add(v *iac.Value) bool {
	if v == nil {
		return false
	}
	b.sensitive = b.sensitive || v.Sensitive
	switch v.Kind {
	case iac.Bool, iac.Number, iac.String:
		b.write(v.Text)
		for _, p := range v.Parts {
			if p.Symbol == nil {
				b.write(p.Text)
			} else {
				b.writeSymbol(p.Symbol)
			}
		}
	case iac.Unknown:
		if v.Symbol != nil {
			b.writeSymbol(v.Symbol)
		} else if b.cause == "" {
			b.cause = v.Cause
		}
	default:
		return false
	}
	return true
}

const reference = "{{resolve:"

// value is the text: known, exactly a symbol, with holes, or unknown.
func (b *textBuilder) value() *iac.Value {
	b.flush()
	if !b.s.r.step(b.size / bytesPerStep) {
		return unknown(limitCause)
	}
	if b.size > b.s.r.limits.TextBytes {
		b.s.r.problem(iac.LimitReached, "a text is longer than the limit; it is unknown", iac.Range{File: b.s.src.file, Line: 1, Column: 1, EndLine: 1, EndColumn: 1})
		return unknown(limitCause)
	}
	v := &iac.Value{Kind: iac.String, Sensitive: b.sensitive}
	for _, p := range b.parts {
		if i := strings.Index(p.Text, reference); i >= 0 {
			return dynamic(p.Text[i+len(reference):])
		}
	}
	switch {
	case b.cause != "":
		v = unknown(b.cause)
		v.Sensitive = b.sensitive
	case len(b.parts) == 1 && b.parts[0].Symbol != nil:
		v = symbol(b.parts[0].Symbol.Address, b.parts[0].Symbol.Attribute)
		v.Sensitive = b.sensitive
	case len(b.parts) == 1:
		v.Text = b.parts[0].Text
	case len(b.parts) > 1:
		v.Parts = b.parts
	}
	return v
}

// dynamic is a reference that CloudFormation resolves when it deploys: never in the template, and mostly a secret.
func dynamic(rest string) *iac.Value {
	service, _, _ := strings.Cut(rest, ":")
	v := unknown("known after apply: dynamic reference to " + service)
	v.Sensitive = true
	return v
}

// text is a known text, or a dynamic reference.
func (s *stack) text(text string) *iac.Value {
	if i := strings.Index(text, reference); i >= 0 {
		return dynamic(text[i+len(reference):])
	}
	return &iac.Value{Kind: iac.String, Text: text}
}
