package cloudformation

import (
	"encoding/base64"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// sub is Sub, with or without a map of its own names.
func (s *stack) sub(n, argument *node) *iac.Value {
	var own *node
	if argument.kind == listNode {
		if len(argument.items) != 2 || !argument.items[1].isMap() {
			return s.failed(n, "Fn::Sub takes a text, or a list of a text and a map")
		}
		own, argument = argument.items[1], argument.items[0]
	}
	text := argument.literal()
	if argument.kind != scalarNode {
		v := s.eval(argument)
		if v.Is(iac.Unknown) {
			return v
		}
		if !v.Is(iac.String) || v.Parts != nil {
			return s.failed(n, "Fn::Sub takes a text")
		}
		text = v.Text
	}
	var pieces []*iac.Value
	values := map[string]*iac.Value{} // of own names: each is evaluated once
	for text != "" {
		i := strings.Index(text, "${")
		end := -1
		if i >= 0 {
			end = strings.IndexByte(text[i:], '}')
		}
		if end < 0 {
			break
		}
		name := text[i+2 : i+end]
		literal, escaped := strings.CutPrefix(name, "!")
		if escaped {
			pieces = append(pieces, plain(text[:i]+"${"+literal+"}"))
		} else {
			pieces = append(pieces, plain(text[:i]), s.hole(n, own, strings.TrimSpace(name), values))
		}
		text = text[i+end+1:]
	}
	return s.concat(n, append(pieces, plain(text)))
}

func plain(text string) *iac.Value { return &iac.Value{Kind: iac.String, Text: text} }

// hole is what stands for a name in Sub.
func (s *stack) hole(n, own *node, name string, values map[string]*iac.Value) *iac.Value {
	if v, ok := values[name]; ok {
		return v
	}
	if e, ok := own.find(name); ok {
		values[name] = s.eval(e.value)
		return values[name]
	}
	if s.parameter(name) == nil && strings.Contains(name, ".") {
		if id, ok := s.logical(name); ok {
			return symbol(s.prefix+id, "Ref")
		}
		return s.attribute(n, name)
	}
	return s.named(n, name)
}

// concat joins scalars to a text. Where one is one of several, so is the text.
func (s *stack) concat(n *node, pieces []*iac.Value) *iac.Value {
	arms := 1
	for i, p := range pieces {
		if p == nil || p.Kind != iac.Unknown || len(p.Either) == 0 {
			continue
		}
		if arms *= len(p.Either); arms > maxArms {
			return unknown(p.Cause)
		}
		return lift(p, func(arm *iac.Value) *iac.Value {
			rest := append([]*iac.Value(nil), pieces...)
			rest[i] = arm
			if !s.r.step(len(rest)) {
				return unknown(limitCause)
			}
			return s.concat(n, rest)
		})
	}
	b := textBuilder{s: s}
	for _, p := range pieces {
		if !b.add(p) {
			return s.failed(n, "a part of the text is not text")
		}
	}
	return b.value()
}

func (s *stack) join(n, argument *node) *iac.Value {
	args := argument.arguments(2, 2)
	if args == nil {
		return s.failed(n, "Fn::Join takes a delimiter and a list")
	}
	delimiter := s.eval(args[0])
	return lift(s.eval(args[1]), func(list *iac.Value) *iac.Value {
		switch {
		case list.Is(iac.Unknown):
			return unknown(list.Cause)
		case !list.Is(iac.List):
			return s.failed(n, "Fn::Join takes a delimiter and a list")
		case list.Open != "":
			return unknown(list.Open)
		}
		var pieces []*iac.Value
		for i, item := range list.Items {
			if i > 0 {
				pieces = append(pieces, delimiter)
			}
			pieces = append(pieces, item)
		}
		v := s.concat(n, pieces)
		if list.Sensitive {
			v = sensitive(v)
		}
		return v
	})
}

func (s *stack) split(n, argument *node) *iac.Value {
	args := argument.arguments(2, 2)
	if args == nil || args[0].literal() == "" {
		return s.failed(n, "Fn::Split takes a delimiter and a text")
	}
	return lift(s.eval(args[1]), func(v *iac.Value) *iac.Value {
		if !v.Is(iac.String) && !v.Is(iac.Unknown) {
			return s.failed(n, "Fn::Split takes a delimiter and a text")
		}
		list := splitText(v, args[0].literal())
		if !s.r.step(valueSteps * len(list.Items)) {
			return unknown(limitCause)
		}
		return list
	})
}

// splitText splits text. Symbols are taken to have no comma, but may well have any other delimiter (an ARN has colons).
func splitText(v *iac.Value, delimiter string) *iac.Value {
	if v.Kind == iac.Unknown && v.Symbol == nil || v.Kind != iac.Unknown && !isText(v) {
		return unknown(v.Cause)
	}
	parts := holes(v)
	list := &iac.Value{Kind: iac.List, Sensitive: v.Sensitive}
	item := &iac.Value{Kind: iac.String, Sensitive: v.Sensitive}
	var current []iac.Part
	flush := func() {
		switch {
		case len(current) == 1 && current[0].Symbol == nil:
			item.Text = current[0].Text
		case len(current) == 1:
			item = symbol(current[0].Symbol.Address, current[0].Symbol.Attribute)
			item.Sensitive = v.Sensitive
		case len(current) > 1:
			item.Parts = current
		}
		list.Items = append(list.Items, item)
		item, current = &iac.Value{Kind: iac.String, Sensitive: v.Sensitive}, nil
	}
	for _, p := range parts {
		if p.Symbol != nil {
			if delimiter != "," {
				return unknown("known after apply: " + strings.TrimSuffix(strings.Trim(p.Symbol.String(), "${}"), ".Ref"))
			}
			current = append(current, p)
			continue
		}
		for i, text := range strings.Split(p.Text, delimiter) {
			if i > 0 {
				flush()
			}
			if delimiter == "," {
				text = strings.TrimSpace(text)
			}
			if text != "" {
				current = append(current, iac.Part{Text: text})
			}
		}
	}
	flush()
	return list
}

func (s *stack) base64(n, argument *node) *iac.Value {
	return lift(s.eval(argument), func(v *iac.Value) *iac.Value {
		switch {
		case v.Is(iac.String) && v.Parts == nil:
			return &iac.Value{Kind: iac.String, Text: base64.StdEncoding.EncodeToString([]byte(v.Text)), Sensitive: v.Sensitive}
		case v.Is(iac.String):
			w := unknown("known after apply: text in Base64 with values that are not known yet")
			w.Sensitive = v.Sensitive
			return w
		case v.Is(iac.Unknown):
			w := unknown(v.Cause)
			w.Sensitive = v.Sensitive
			return w
		}
		return s.failed(n, "Fn::Base64 takes a text")
	})
}
