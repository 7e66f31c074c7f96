package cloudformation

import (
	"bytes"
	"encoding/json"

	"github.com/stancehq/stance/internal/iac"
)

// toJSON writes a value as JSON text. Symbols become holes of the text, so that a policy can still be read.
func (s *stack) toJSON(argument *node) *iac.Value {
	v := s.eval(argument)
	if v == nil {
		return unknown("it has no value")
	}
	return lift(v, func(v *iac.Value) *iac.Value {
		b := textBuilder{s: s}
		s.writeJSON(&b, v)
		return b.value()
	})
}

func (s *stack) writeJSON(b *textBuilder, v *iac.Value) {
	if !s.r.step(1) {
		b.cause = limitCause
		return
	}
	b.sensitive = b.sensitive || v.Sensitive
	if v.Open != "" && b.cause == "" {
		b.cause = v.Open
	}
	switch v.Kind {
	case iac.Null:
		b.write("null")
	case iac.Bool, iac.Number:
		b.write(v.Text)
	case iac.String:
		b.write(`"`)
		for _, p := range holes(v) {
			if p.Symbol != nil {
				b.writeSymbol(p.Symbol)
			} else {
				b.write(quoted(p.Text))
			}
		}
		b.write(`"`)
	case iac.Unknown:
		b.write(`"`)
		b.add(v)
		b.write(`"`)
	case iac.List:
		b.write("[")
		for i, item := range v.Items {
			b.comma(i)
			s.writeJSON(b, item)
		}
		b.write("]")
	case iac.Object:
		b.write("{")
		for i, f := range v.Fields {
			b.comma(i)
			b.write(`"` + quoted(f.Key) + `":`)
			s.writeJSON(b, f.Value)
		}
		b.write("}")
	}
}

func (b *textBuilder) comma(i int) {
	if i > 0 {
		b.write(",")
	}
}

// quoted is text as it stands between JSON's quotes.
func quoted(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return ""
	}
	text = b.String()
	return text[1 : len(text)-2] // without the quotes and the line end
}
