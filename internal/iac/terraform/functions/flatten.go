package functions

import (
	"errors"

	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// flatten takes the elements of lists within lists out of them. One of which it is not known whether it is a list, or how long,
// makes the result unknown; other unknown elements stay what they are.
func flatten(args []cty.Value) (cty.Value, error) {
	bare, _ := args[0].Unmark()
	if t := bare.Type(); t != cty.DynamicPseudoType && !isSequence(t) {
		return cty.NilVal, errors.New("can only flatten lists, sets and tuples")
	}
	f := flattener{}
	f.add(args[0])
	switch {
	case f.open:
		_, from := unmark(args)
		return derive(cty.DynamicVal, from), nil
	case f.full:
		return derived(cty.DynamicPseudoType, tooMany("flatten")), nil
	}
	return cty.TupleVal(f.out), nil
}

type flattener struct {
	out        []cty.Value
	open, full bool
}

func (f *flattener) add(v cty.Value) {
	bare, _ := v.Unmark()
	switch {
	case f.open || f.full:
	case !bare.IsKnown():
		f.open = true
	case bare.Type().IsSetType() && !bare.Length().IsKnown() && !distinctSymbols(v):
		f.open = true
	default:
		for _, e := range marks.Elements(v) {
			f.element(e)
		}
	}
}

func (f *flattener) element(e cty.Value) {
	inner, _ := e.Unmark()
	t := inner.Type()
	switch {
	case !inner.IsNull() && isSequence(t):
		f.add(e)
	case t == cty.DynamicPseudoType && !inner.IsKnown() && !identity(e):
		f.open = true
	case len(f.out) >= maxItems:
		f.full = true
	default:
		f.out = append(f.out, e)
	}
}

// distinctSymbols tells whether all unknown elements of a set are ids or ARNs, each of another resource.
func distinctSymbols(set cty.Value) bool {
	seen := map[marks.Sym]bool{}
	for _, e := range marks.Elements(set) {
		if known(e) {
			continue
		}
		symbol, _ := marks.IsSymbol(e)
		if !identity(e) || seen[symbol] {
			return false
		}
		seen[symbol] = true
	}
	return true
}
