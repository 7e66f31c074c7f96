package functions

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// The parameters are of any type and made sets here: hcl would make them of lists before the call, and compare all unknown
// elements with each other.
func sets() map[string]function.Function {
	first, others := parameter("first_set", cty.DynamicPseudoType), parameter("other_sets", cty.DynamicPseudoType)
	a, b := parameter("a", cty.DynamicPseudoType), parameter("b", cty.DynamicPseudoType)
	return map[string]function.Function{
		"setunion":        variadic(union, &others, first),
		"setintersection": variadic(setOperation(stdlib.SetIntersectionFunc), &others, first),
		"setsubtract":     define(setOperation(stdlib.SetSubtractFunc), a, b),
	}
}

// toSet converts to a set, of the element type if one is given. Marks of the elements rise to the set.
func toSet(v cty.Value, t cty.Type) (cty.Value, error) {
	bare, own := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() || !isSequence(bare.Type()) {
		converted, err := convert.Convert(v, cty.Set(t))
		if err != nil {
			return cty.NilVal, conversionError(v, cty.Set(t), err)
		}
		return converted, nil
	}
	if bare.LengthInt() == 0 {
		if bare.Type().IsTupleType() {
			return cty.SetValEmpty(t).WithMarks(own), nil
		}
		return cty.SetValEmpty(bare.Type().ElementType()).WithMarks(own), nil
	}
	if bare.Type().IsSetType() && t == cty.DynamicPseudoType {
		return v, nil
	}
	list, err := convertTo(cty.TupleVal(marks.Elements(v)), cty.List(t))
	if err != nil {
		return cty.NilVal, conversionError(v, cty.Set(t), err)
	}
	return marks.SetVal(list.AsValueSlice()), nil
}

// asSets makes sets of one element type of the arguments; not ok if one of them is unknown.
func asSets(args []cty.Value) (out []cty.Value, t cty.Type, ok bool, err error) {
	out = make([]cty.Value, len(args))
	var types []cty.Type
	ok = true
	for i, arg := range args {
		if out[i], err = toSet(arg, cty.DynamicPseudoType); err != nil {
			return nil, cty.NilType, false, function.NewArgError(i, err)
		}
		bare, _ := out[i].Unmark()
		switch {
		case !bare.IsKnown():
			ok = false
			types = append(types, bare.Type().ElementType())
		case bare.LengthInt() > 0 || bare.Type().ElementType() != cty.DynamicPseudoType:
			types = append(types, bare.Type().ElementType())
		}
	}
	if len(types) == 0 {
		return out, cty.DynamicPseudoType, ok, nil
	}
	if t, _ = convert.UnifyUnsafe(types); t == cty.NilType {
		return nil, cty.NilType, false, errors.New("given sets must all have compatible element types")
	}
	return out, t, ok, nil
}

// union keeps what is unknown in the sets.
func union(args []cty.Value) (cty.Value, error) {
	all, t, ok, err := asSets(args)
	if err != nil {
		return cty.NilVal, err
	}
	_, from := unmark(all)
	if !ok {
		return derive(unknownOf(cty.Set(t)), from), nil
	}
	var elements []cty.Value
	for i, set := range all {
		if size(set) == 0 {
			continue
		}
		set, err = convertTo(cty.TupleVal(marks.Elements(set)), cty.List(t))
		if err != nil {
			return cty.NilVal, function.NewArgError(i, err)
		}
		elements = append(elements, set.AsValueSlice()...)
	}
	switch {
	case len(elements) == 0:
		return cty.SetValEmpty(t), nil
	case len(elements) > maxItems:
		return derived(cty.Set(t), tooMany("setunion"), from...), nil
	}
	return marks.SetVal(elements), nil
}

// setOperation is known if all elements are.
func setOperation(f function.Function) implementation {
	return func(args []cty.Value) (cty.Value, error) {
		all, t, ok, err := asSets(args)
		if err != nil {
			return cty.NilVal, err
		}
		bare, from := unmark(all)
		for _, set := range bare {
			ok = ok && set.IsWhollyKnown()
		}
		if !ok {
			return derive(unknownOf(cty.Set(t)), from), nil
		}
		result, err := call(f, bare)
		if err != nil {
			return cty.NilVal, err
		}
		return derive(result, from), nil
	}
}
