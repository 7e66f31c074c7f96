// Package marks is what values of the Terraform language carry beside themselves: that they come from an attribute which is known
// only after apply, why they are unknown, that they are secret. The evaluator puts them on values, the functions keep them, and
// whoever turns a value into the rows of a scan reads them back. The package knows no expression and no function.
//
// # The rule
//
// An attribute known only after apply is cty.UnknownVal(T).RefineNotNull().Mark(Sym{Address, Attr}): unknown, so that no
// comparison with it is answered, with no placeholder text (p == "a" would be false) and no refinement but "not null" (a known
// prefix would decide ==).
//
// A mark says "came from", not "is": lower(s) and "${s}-logs" keep it, m[s] loses it. A value *is* a symbol if and only if it is
// unknown, has exactly one Sym and no Derived ([IsSymbol]). So Derived is added
//   - to templates of two parts or more,
//   - to what follows from an unknown test (a condition, an index),
//   - to the unknown results of every function that does not hand an argument on ([Derive]).
//
// Marks that a function does not know are dropped by those that compute and kept by those that hand on: they say what a value is.
//
// A function that hands an argument on (coalesce, lookup, element, one, try, …) gives it with its own marks and no others that
// would make it something else. Plain unknowns carry a Cause, lest, in a set, they pass for the symbol next to them: the marks of
// the elements of a set rise to the set.
//
// Text with holes is an unknown string with a *Text: its parts in order, the holes with the symbols that stand there. Templates
// and jsonencode make it, if every hole is a symbol; a plain unknown leaves no text. Every function that computes from such a
// string drops the *Text, for it is no longer that text. A *Text is a pointer because marks are compared: two texts are never
// one, even if they say the same.
package marks

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Sym marks a value that comes from an attribute known only after apply.
type Sym struct {
	// Address is the resource's within its unit: module.a.aws_s3_bucket.b["x"], data.aws_caller_identity.current
	Address string
	// Attr is the attribute: arn, id, endpoint[0].address
	Attr string
}

// String is how a symbol is written where only text can be.
func (s Sym) String() string { return "${" + s.Address + "." + s.Attr + "}" }

// Ref marks an unknown that is an attribute which the code does set, to something that is not known: what it will be cannot be told,
// whose it is can. Like a Sym it says so of a value only without Derived.
type Ref struct{ Address, Attr string }

// Refer gives an unknown as the attribute of a resource that it was taken from; what is known, a symbol, or text with holes says more
// itself and stays.
func Refer(v cty.Value, address, attr string) cty.Value {
	bare, all := v.Unmark()
	if bare.IsKnown() {
		return v
	}
	kept := []any{Ref{Address: address, Attr: attr}}
	for mark := range all {
		switch mark.(type) {
		case *Text, *Either:
			return v
		case Sym:
			if _, derived := all[Derived{}]; !derived {
				return v
			}
		case Cause, Sensitive:
			kept = append(kept, mark)
		}
	}
	out := bare
	for _, mark := range kept {
		out = out.Mark(mark)
	}
	return out
}

// RefOf tells whose attribute an unknown is, unchanged; false if that is not known or it was computed.
func RefOf(v cty.Value) (found Ref, ok bool) {
	bare, all := v.Unmark()
	if bare.IsKnown() {
		return Ref{}, false
	}
	n := 0
	for mark := range all {
		switch m := mark.(type) {
		case Ref:
			found = m
			n++
		case Derived, Sym, *Text, *Either:
			return Ref{}, false
		}
	}
	return found, n == 1
}

// Derived marks an unknown that was computed from others, so that it is none of them.
type Derived struct{}

// Cause marks an unknown with why it is unknown, in words for the reader: "variable region has no value".
type Cause struct{ Text string }

// Sensitive marks what never leaves the scan.
type Sensitive struct{}

// Text marks an unknown string of which all but its holes is known.
type Text struct{ Parts []Part }

// Either marks an unknown that is one of some values: both arms of a condition that is not known. A pointer, as *Text is; functions
// that compute drop it too.
type Either struct{ Values []cty.Value }

// WorkingDirectory is the folder that programs are run in: the value of path.cwd is this symbol. Text that begins with it names
// files all the same.
var WorkingDirectory = Sym{Address: "path", Attr: "cwd"}

// Part is one part of a text: what is written there, or the symbol that stands there if Sym is not nil.
type Part struct {
	Text string
	Sym  *Sym
}

// String is the text with its holes written as symbols are.
func (t *Text) String() string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Sym != nil {
			b.WriteString(p.Sym.String())
			continue
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// NewText gives a mark for the parts, neighboring texts joined and empty ones left out.
func NewText(parts []Part) *Text {
	t := &Text{}
	for _, p := range parts {
		last := len(t.Parts) - 1
		switch {
		case p.Sym == nil && p.Text == "":
		case p.Sym == nil && last >= 0 && t.Parts[last].Sym == nil:
			t.Parts[last].Text += p.Text
		default:
			t.Parts = append(t.Parts, p)
		}
	}
	return t
}

// Symbol is an attribute known only after apply.
func Symbol(t cty.Type, address, attr string) cty.Value {
	return cty.UnknownVal(t).RefineNotNull().Mark(Sym{Address: address, Attr: attr})
}

// Unknown is a plain unknown and why.
func Unknown(t cty.Type, cause string) cty.Value {
	return cty.UnknownVal(t).Mark(Cause{Text: cause})
}

// IsSymbol tells which attribute a value is, unchanged; false if it is none, or known, or computed.
func IsSymbol(v cty.Value) (Sym, bool) {
	bare, all := v.Unmark()
	if bare.IsKnown() {
		return Sym{}, false
	}
	var found Sym
	n := 0
	for mark := range all {
		switch m := mark.(type) {
		case Sym:
			found = m
			n++
		case Derived, Cause, *Text, *Either:
			return Sym{}, false
		}
	}
	return found, n == 1
}

// TextOf gives the text with holes that a value is; nil if it is none. More than one is none: it is not known which.
func TextOf(v cty.Value) *Text {
	bare, all := v.Unmark()
	if bare.IsKnown() {
		return nil
	}
	var found *Text
	for mark := range all {
		if t, is := mark.(*Text); is {
			if found != nil {
				return nil
			}
			found = t
		}
	}
	return found
}

// Causes are why a value is unknown, sorted, each once; the symbols it was computed from are among them, as "known after apply: a.b".
func Causes(v cty.Value) []string {
	var causes []string
	for mark := range v.Marks() {
		switch m := mark.(type) {
		case Cause:
			causes = append(causes, m.Text)
		case Sym:
			causes = append(causes, "known after apply: "+m.Address+"."+m.Attr)
		}
	}
	slices.Sort(causes)
	return slices.Compact(causes)
}

// IsSensitive tells whether a value is marked so itself; what it contains may be beside it.
func IsSensitive(v cty.Value) bool { return v.HasMark(Sensitive{}) }

// Derive is what a function makes of the marks of its arguments. What is unknown in its result is Derived, with the symbols and
// causes that went in; what is known keeps Sensitive only, since it does not depend on what is not known. Marks that say what a
// value is (*Text, *Either) and those of others are dropped, for it is no longer that.
func Derive(result cty.Value, from ...cty.ValueMarks) cty.Value {
	result, own := result.Unmark()
	sensitive, all := cty.ValueMarks{}, cty.ValueMarks{Derived{}: {}}
	for _, set := range append(from, own) {
		for mark := range set {
			switch mark.(type) {
			case Sensitive:
				sensitive[mark] = struct{}{}
				all[mark] = struct{}{}
			case Derived, Sym, Cause:
				all[mark] = struct{}{}
			}
		}
	}
	if !result.IsKnown() {
		return result.WithMarks(all)
	}
	if !result.IsWhollyKnown() {
		result = markUnknown(result, all)
	}
	return result.WithMarks(sensitive)
}

// markUnknown marks what is unknown within a known value.
func markUnknown(v cty.Value, with cty.ValueMarks) cty.Value {
	marked, err := cty.Transform(v, func(_ cty.Path, leaf cty.Value) (cty.Value, error) {
		if bare, _ := leaf.Unmark(); bare.IsKnown() {
			return leaf, nil
		}
		return leaf.WithMarks(with), nil
	})
	if err != nil { // cannot be: the callback gives none
		return cty.DynamicVal.WithMarks(with)
	}
	return marked
}

// SetVal makes a set of elements of one type, at least one. The marks of the elements rise to the set, where they no longer say
// which element they are of; so unless there is one unknown only, or all of them are symbols, what is unknown in it is Derived,
// and no text. More than MaxUnknown of them make an unknown set, since comparing them all costs their square.
func SetVal(elements []cty.Value) cty.Value {
	all := cty.ValueMarks{}
	unknown, symbols := 0, 0
	bare := make([]cty.Value, len(elements))
	for i, e := range elements {
		if _, is := IsSymbol(e); is {
			symbols++
		}
		var own cty.ValueMarks
		bare[i], own = e.UnmarkDeep()
		if !bare[i].IsWhollyKnown() {
			unknown++
		}
		for mark := range own {
			all[mark] = struct{}{}
		}
	}
	if unknown > MaxUnknown {
		all[Cause{Text: "too many unknown elements of one set"}] = struct{}{}
		return Derive(cty.UnknownVal(cty.Set(elements[0].Type())), all)
	}
	if unknown > 1 && symbols < unknown {
		all[Derived{}] = struct{}{}
		for mark := range all {
			switch mark.(type) {
			case *Text, *Either:
				delete(all, mark)
			}
		}
	}
	return cty.SetVal(bare).WithMarks(all)
}

// MaxUnknown is how many unknown elements a set may have.
const MaxUnknown = 100

// Elements gives the elements of a known list, tuple or set, each with its own marks and the Sensitive of the whole. Those of a
// set get back the marks that rose from them, as far as it is certain whose they are: as many symbols as unknown elements, or
// one unknown element only. The unknown elements get all of them otherwise.
func Elements(v cty.Value) []cty.Value {
	bare, own := v.Unmark()
	elements := bare.AsValueSlice()
	if len(own) == 0 {
		return elements
	}
	sensitive := cty.ValueMarks{}
	symbols := []Sym{}
	only := bare.Type().IsSetType()
	for mark := range own {
		switch m := mark.(type) {
		case Sensitive:
			sensitive[mark] = struct{}{}
		case Sym:
			symbols = append(symbols, m)
		default:
			only = false
		}
	}
	slices.SortFunc(symbols, func(a, b Sym) int { return strings.Compare(a.String(), b.String()) })
	unknown := 0
	for _, e := range elements {
		if !e.IsKnown() {
			unknown++
		}
	}
	next := 0
	for i, e := range elements {
		switch {
		case e.IsKnown():
			elements[i] = e.WithMarks(sensitive)
		case only && unknown == len(symbols):
			elements[i] = e.WithMarks(sensitive).Mark(symbols[next])
			next++
		default:
			elements[i] = e.WithMarks(own)
		}
	}
	return elements
}
