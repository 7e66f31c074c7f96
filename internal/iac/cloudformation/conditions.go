package cloudformation

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// truth is true, false, or unknown with a cause.
type truth struct {
	known, value bool
	cause        string
}

func truly(b bool) truth { return truth{known: true, value: b} }

func doubtful(cause string) truth { return truth{cause: cause} }

// assume takes a condition as given while a resource or an arm that depends on it is evaluated; the result undoes it.
func (s *stack) assume(name string, value bool) func() {
	old, was := s.assumed[name]
	s.assumed[name] = value
	return func() {
		if was {
			s.assumed[name] = old
		} else {
			delete(s.assumed, name)
		}
	}
}

// condition evaluates a condition by its name.
func (s *stack) condition(name string, at *node) truth {
	if value, ok := s.assumed[name]; ok {
		return truly(value)
	}
	if t, ok := s.truths[name]; ok {
		return t
	}
	e, ok := s.conditions.find(name)
	if !ok {
		s.problem(iac.NotEvaluated, fmt.Sprintf("there is no condition %s", name), at)
		return doubtful(fmt.Sprintf("there is no condition %s", name))
	}
	if s.busy["condition "+name] {
		s.problem(iac.NotEvaluated, fmt.Sprintf("condition %s depends on itself", name), e.value)
		return doubtful(fmt.Sprintf("condition %s depends on itself", name))
	}
	s.busy["condition "+name] = true
	assumed := s.assumed // what is kept must hold everywhere
	s.assumed = map[string]bool{}
	t := s.test(e.value)
	s.assumed = assumed
	delete(s.busy, "condition "+name)
	s.truths[name] = t
	return t
}

// test evaluates a condition as it is written.
func (s *stack) test(n *node) truth {
	if !s.r.step(1) {
		return doubtful(limitCause)
	}
	if n.isMap() && len(n.keys) == 1 {
		arguments := n.items[0]
		switch name := n.keys[0].text; name {
		case "Condition":
			return s.condition(arguments.literal(), n)
		case "Fn::And", "Fn::Or":
			return s.combine(arguments, name == "Fn::Or")
		case "Fn::Not":
			t := s.combine(arguments, false)
			t.value = !t.value
			return t
		case "Fn::Equals":
			return s.equals(n, arguments)
		}
	}
	v := s.eval(n)
	switch {
	case v.Is(iac.Unknown) && v.Cause != "":
		return doubtful(v.Cause)
	case v != nil && v.Parts == nil && (v.Kind == iac.Bool || v.Kind == iac.String) && isBoolWord(v.Text):
		return truly(strings.EqualFold(v.Text, "true"))
	}
	s.problem(iac.NotEvaluated, "this is not a condition", n)
	return doubtful("it is not a condition")
}

func isBoolWord(text string) bool {
	return strings.EqualFold(text, "true") || strings.EqualFold(text, "false")
}

// combine is And, or with or it is Or: decided as soon as one decides it, whatever else is unknown.
func (s *stack) combine(arguments *node, or bool) truth {
	if arguments.kind != listNode || len(arguments.items) == 0 {
		s.problem(iac.NotEvaluated, "the conditions are not a list", arguments)
		return doubtful("its conditions are not a list")
	}
	result := truly(!or)
	for _, item := range arguments.items {
		t := s.test(item)
		switch {
		case t.known && t.value == or:
			return t
		case !t.known && result.known:
			result = t
		}
	}
	return result
}

func (s *stack) equals(n, arguments *node) truth {
	if arguments.kind != listNode || len(arguments.items) != 2 {
		s.problem(iac.NotEvaluated, "Fn::Equals takes a list of two values", n)
		return doubtful("Fn::Equals takes a list of two values")
	}
	return equal(s.compared(arguments.items[0]), s.compared(arguments.items[1]))
}

// compared takes words as they are written: on is not true where texts are compared.
func (s *stack) compared(n *node) *iac.Value {
	if n.kind == scalarNode {
		return s.text(n.text)
	}
	if v := s.eval(n); v != nil {
		return v
	}
	return &iac.Value{}
}

// equal compares; unknowns are equal or not where that can be told for all that they may be.
func equal(a, b *iac.Value) truth {
	if a.Kind == iac.Unknown && len(a.Either) > 0 {
		return forAll(a, b)
	}
	if b.Kind == iac.Unknown && len(b.Either) > 0 {
		return forAll(b, a)
	}
	if same(a, b) {
		return truly(true)
	}
	if a.Kind == iac.Unknown && a.Symbol == nil {
		return doubtful(a.Cause)
	}
	if b.Kind == iac.Unknown && b.Symbol == nil {
		return doubtful(b.Cause)
	}
	if isText(a) && isText(b) {
		return equalTexts(holes(a), holes(b))
	}
	if a.Kind == b.Kind && (a.Kind == iac.List || a.Kind == iac.Object) {
		return equalTrees(a, b)
	}
	return truly(false)
}

func forAll(v, other *iac.Value) truth {
	first := equal(v.Either[0], other)
	for _, arm := range v.Either[1:] {
		if t := equal(arm, other); !t.known || !first.known || t.value != first.value {
			return doubtful(v.Cause)
		}
	}
	return first
}

func equalTrees(a, b *iac.Value) truth {
	if len(a.Items) != len(b.Items) || len(a.Fields) != len(b.Fields) {
		return truly(false)
	}
	result := truly(true)
	for i := range a.Items {
		if t := equal(a.Items[i], b.Items[i]); t.known && !t.value {
			return t
		} else if !t.known {
			result = t
		}
	}
	for _, f := range a.Fields {
		other := b.Get(f.Key)
		if other == nil {
			return truly(false)
		}
		if t := equal(f.Value, other); t.known && !t.value {
			return t
		} else if !t.known {
			result = t
		}
	}
	return result
}

func isText(v *iac.Value) bool {
	return v.Kind == iac.String || v.Kind == iac.Number || v.Kind == iac.Bool || v.Kind == iac.Unknown && v.Symbol != nil
}

// holes gives a text as parts.
func holes(v *iac.Value) []iac.Part {
	switch {
	case v.Symbol != nil:
		return []iac.Part{{Symbol: v.Symbol}}
	case v.Parts != nil:
		return v.Parts
	case v.Text == "":
		return nil
	}
	return []iac.Part{{Text: v.Text}}
}

// equalTexts can tell that texts with holes differ: a symbol is never empty, and where both begin or end with text, these must fit.
func equalTexts(a, b []iac.Part) truth {
	if len(a) == 0 || len(b) == 0 {
		return truly(len(a) == len(b))
	}
	x, y := a[0].Text, b[0].Text
	if len(a) == 1 && len(b) == 1 && a[0].Symbol == nil && b[0].Symbol == nil {
		return truly(x == y)
	}
	if !strings.HasPrefix(x, y) && !strings.HasPrefix(y, x) {
		return truly(false)
	}
	x, y = a[len(a)-1].Text, b[len(b)-1].Text
	if !strings.HasSuffix(x, y) && !strings.HasSuffix(y, x) {
		return truly(false)
	}
	for _, p := range append(a[:len(a):len(a)], b...) {
		if p.Symbol != nil {
			return doubtful("known after apply: " + strings.TrimSuffix(strings.Trim(p.Symbol.String(), "${}"), ".Ref"))
		}
	}
	return truly(false)
}
