package functions

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// sum adds numbers, or text that says numbers.
func sum() function.Function {
	return define(func(args []cty.Value) (cty.Value, error) {
		bare, from := unmark(args)
		list := bare[0]
		if t := list.Type(); t != cty.DynamicPseudoType && !t.IsListType() && !t.IsSetType() && !t.IsTupleType() {
			return cty.NilVal, function.NewArgErrorf(0, "cannot sum noniterable")
		}
		if !list.IsKnown() || !list.Length().IsKnown() {
			return derive(unknownOf(cty.Number), from), nil
		}
		if list.LengthInt() == 0 {
			return cty.NilVal, function.NewArgErrorf(0, "cannot sum an empty list")
		}
		total := cty.Zero
		for _, e := range list.AsValueSlice() {
			n, err := convert.Convert(e, cty.Number)
			if err != nil || n.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "argument must be list, set, or tuple of number values")
			}
			total = total.Add(n)
		}
		return derive(total, from), nil
	}, parameter("list", cty.DynamicPseudoType))
}

// quantifier is alltrue if it starts with true, and anytrue if with false. One element that decides is enough, whatever the others
// will be; null is not true.
func quantifier(start cty.Value) function.Function {
	return define(func(args []cty.Value) (cty.Value, error) {
		bare, from := unmark(args)
		if !bare[0].IsKnown() {
			return derive(unknownOf(cty.Bool), from), nil
		}
		list, err := convertTo(bare[0], cty.List(cty.Bool))
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "%w", err)
		}
		if list.IsNull() {
			return cty.NilVal, function.NewArgErrorf(0, "argument must not be null")
		}
		if !list.IsKnown() { // a set whose length is not known
			return derive(unknownOf(cty.Bool), from), nil
		}
		open := false
		for _, e := range list.AsValueSlice() {
			switch {
			case !e.IsKnown():
				open = true
			case !e.IsNull() && e.True() != start.True(), e.IsNull() && start.True():
				return derive(start.Not(), from), nil
			}
		}
		if open {
			return derive(unknownOf(cty.Bool), from), nil
		}
		return derive(start, from), nil
	}, parameter("list", cty.DynamicPseudoType))
}

// converter is a to… function: the same value as another type, with its marks.
func converter(t cty.Type) function.Function {
	return define(func(args []cty.Value) (cty.Value, error) {
		if t.IsSetType() {
			return toSet(args[0], cty.DynamicPseudoType)
		}
		from := args[0]
		if bare, _ := from.Unmark(); t.IsListType() && bare.Type().IsSetType() && bare.IsKnown() && !bare.IsNull() {
			from = listOf(marks.Elements(from), bare.Type().ElementType())
		}
		v, err := convertTo(from, t)
		if err != nil {
			return cty.NilVal, conversionError(args[0], t, err)
		}
		return v, nil
	}, nullable("v", cty.DynamicPseudoType))
}

func conversionError(v cty.Value, t cty.Type, err error) error {
	bare, _ := v.UnmarkDeep()
	if bare.Type() != cty.String || !bare.IsKnown() || bare.IsNull() {
		return function.NewArgErrorf(0, "cannot convert %s to %s: %w", bare.Type().FriendlyName(), t.FriendlyNameForConstraint(), err)
	}
	if v.IsMarked() { // it may be a secret
		return function.NewArgErrorf(0, "cannot convert the text to %s", t.FriendlyNameForConstraint())
	}
	return function.NewArgErrorf(0, "cannot convert %q to %s", short(bare.AsString()), t.FriendlyNameForConstraint())
}

// short cuts text for messages.
func short(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s…", text[:most])
}

var errEmpty = errors.New("at least one argument is required")
