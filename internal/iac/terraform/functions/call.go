package functions

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// maxItems bounds what a call may make of collections: concat of concat of … would fill the memory else.
const maxItems = 100_000

type implementation func(args []cty.Value) (cty.Value, error)

func parameter(name string, t cty.Type) function.Parameter {
	return function.Parameter{Name: name, Type: t, AllowUnknown: true, AllowMarked: true, AllowDynamicType: true}
}

func nullable(name string, t cty.Type) function.Parameter {
	p := parameter(name, t)
	p.AllowNull = true
	return p
}

// define makes a function that gets its arguments as they are, unknown and marked ones too: cty would answer for those without
// asking. The type of the result is that of the value, so that nothing is computed twice.
func define(impl implementation, params ...function.Parameter) function.Function {
	return variadic(impl, nil, params...)
}

// variadic is define with any number of arguments after the named ones.
func variadic(impl implementation, rest *function.Parameter, params ...function.Parameter) function.Function {
	wants := make([]cty.Type, len(params))
	open := slices.Clone(params)
	for i, p := range params {
		wants[i], open[i].Type = p.Type, openType(p.Type)
	}
	var more *function.Parameter
	if rest != nil {
		p := *rest
		p.Type = openType(p.Type)
		more = &p
	}
	return function.New(&function.Spec{
		Params:   open,
		VarParam: more,
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			args = slices.Clone(args)
			for i, arg := range args {
				want := cty.DynamicPseudoType
				if i < len(wants) {
					want = wants[i]
				} else if rest != nil {
					want = rest.Type
				}
				if !want.IsCollectionType() {
					continue
				}
				converted, err := convertTo(arg, want)
				if err != nil {
					return cty.NilVal, function.NewArgError(i, err)
				}
				args[i] = converted
			}
			return impl(args)
		},
	})
}

// openType leaves it to us to make collections: hcl compares the types of all elements with each other.
func openType(t cty.Type) cty.Type {
	if t.IsCollectionType() {
		return cty.DynamicPseudoType
	}
	return t
}

// convertTo is convert.Convert, at a cost that does not grow with the square of a tuple whose elements are of one type.
func convertTo(v cty.Value, t cty.Type) (cty.Value, error) {
	if bare, own := v.Unmark(); t.IsListType() && bare.Type().IsTupleType() && bare.IsKnown() && !bare.IsNull() && bare.LengthInt() > 1 {
		if types := bare.Type().TupleElementTypes(); !slices.ContainsFunc(types, func(e cty.Type) bool { return !e.Equals(types[0]) }) {
			v = cty.ListVal(bare.AsValueSlice()).WithMarks(own)
		}
	}
	return convert.Convert(v, t)
}

// computed makes a function whose result is none of its arguments of one that knows no marks.
func computed(f function.Function) function.Function { return bounded(f, nil) }

// bounded is computed with a look at the arguments, without their marks, before the call: a cause makes the result unknown.
func bounded(f function.Function, cause func(args []cty.Value) string) function.Function {
	params := f.Params()
	for i := range params {
		params[i].AllowUnknown, params[i].AllowMarked, params[i].AllowDynamicType = true, true, true
	}
	rest := f.VarParam()
	if rest != nil {
		rest.AllowUnknown, rest.AllowMarked, rest.AllowDynamicType = true, true, true
	}
	return variadic(func(args []cty.Value) (cty.Value, error) {
		bare, from := unmark(args)
		if cause != nil {
			if why := cause(bare); why != "" {
				return derived(resultType(f, bare), why, from...), nil
			}
		}
		result, err := call(f, bare)
		if err != nil {
			return cty.NilVal, hide(err, from)
		}
		return derive(result, from), nil
	}, rest, params...)
}

// call makes an error that can be read of a panic, which has its stack in its text.
func call(f function.Function, args []cty.Value) (cty.Value, error) {
	v, err := f.Call(args)
	var panicked function.PanicError
	if errors.As(err, &panicked) {
		return cty.NilVal, fmt.Errorf("the arguments are not valid: %v", panicked.Value)
	}
	return v, err
}

// hide replaces what an error says if an argument was a secret: it may be quoted there.
func hide(err error, from []cty.ValueMarks) error {
	for _, set := range from {
		if _, secret := set[marks.Sensitive{}]; secret {
			return errors.New("an argument, which is sensitive, is not valid")
		}
	}
	return err
}

// plain makes a function of its own code, which sees arguments only if they are wholly known, and without marks.
func plain(t cty.Type, impl implementation, params ...function.Parameter) function.Function {
	return define(func(args []cty.Value) (cty.Value, error) {
		bare, from := unmark(args)
		for _, arg := range bare {
			if !arg.IsWhollyKnown() {
				return derive(unknownOf(t), from), nil
			}
		}
		result, err := impl(bare)
		if err != nil {
			return cty.NilVal, hide(err, from)
		}
		return derive(result, from), nil
	}, params...)
}

// handing makes a function whose result has elements of its arguments, with their own marks, of one that keeps those. It is
// called if all arguments are known themselves; what they contain may be unknown.
func handing(f function.Function, cause func(args []cty.Value) string) function.Function {
	params := f.Params()
	for i := range params {
		params[i].AllowUnknown, params[i].AllowMarked, params[i].AllowDynamicType = true, true, true
	}
	rest := f.VarParam()
	if rest != nil {
		rest.AllowUnknown, rest.AllowMarked, rest.AllowDynamicType = true, true, true
	}
	return variadic(func(args []cty.Value) (cty.Value, error) {
		for _, arg := range args {
			if !known(arg) {
				_, from := unmark(args)
				return derive(unknownOf(resultType(f, args)), from), nil
			}
		}
		if cause != nil {
			if why := cause(args); why != "" {
				return derived(resultType(f, args), why), nil
			}
		}
		result, err := call(f, args)
		if err != nil || !known(result) {
			_, from := unmark(args)
			if err != nil {
				return cty.NilVal, hide(err, from)
			}
			return derive(result, from), nil
		}
		return result, nil
	}, rest, params...)
}

// never makes a function whose result is unknown for a cause.
func never(cause string, params ...function.Parameter) function.Function {
	return define(func(args []cty.Value) (cty.Value, error) {
		_, from := unmark(args)
		return derived(cty.String, cause, from...), nil
	}, params...)
}

// unmark gives the arguments without any marks, and the marks that were on and in them.
func unmark(args []cty.Value) ([]cty.Value, []cty.ValueMarks) {
	bare := make([]cty.Value, len(args))
	var from []cty.ValueMarks
	for i, arg := range args {
		if arg.Type().IsPrimitiveType() && !arg.IsMarked() {
			bare[i] = arg
			continue
		}
		var own cty.ValueMarks
		if bare[i], own = arg.UnmarkDeep(); len(own) > 0 {
			from = append(from, own)
		}
	}
	return bare, from
}

// derive is marks.Derive without its cost where nothing is unknown and nothing marked.
func derive(result cty.Value, from []cty.ValueMarks) cty.Value {
	if len(from) == 0 && !result.IsMarked() && result.IsWhollyKnown() {
		return result
	}
	return marks.Derive(result, from...)
}

// derived is unknown for a cause, beside those of the arguments.
func derived(t cty.Type, cause string, from ...cty.ValueMarks) cty.Value {
	return marks.Derive(unknownOf(t).Mark(marks.Cause{Text: cause}), from...)
}

// unknownOf is an unknown that is not null, as results of functions are.
func unknownOf(t cty.Type) cty.Value {
	if t == cty.DynamicPseudoType {
		return cty.DynamicVal
	}
	return cty.UnknownVal(t).RefineNotNull()
}

// resultType is what f would give, as far as its arguments tell.
func resultType(f function.Function, args []cty.Value) cty.Type {
	bare, _ := unmark(args)
	t, err := f.ReturnTypeForValues(bare)
	if err != nil {
		return cty.DynamicPseudoType
	}
	return t
}

// known tells whether a value is known itself, whatever it contains.
func known(v cty.Value) bool {
	bare, _ := v.Unmark()
	return bare.IsKnown()
}

// size is how many elements a known list, tuple, set, map or object has, and 0 for anything else.
func size(v cty.Value) int {
	bare, _ := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return 0
	}
	return bare.LengthInt()
}

// identity tells whether a value is an attribute that names one thing: neither null, nor empty, nor a list, nor that of another.
func identity(v cty.Value) bool {
	s, is := marks.IsSymbol(v)
	t := v.Type()
	return is && (s.Attr == "id" || s.Attr == "arn") && (t == cty.String || t == cty.DynamicPseudoType)
}

// tooMany is the cause of a result that is not made for its size.
func tooMany(name string) string {
	return fmt.Sprintf("%s would give more than %d elements", name, maxItems)
}

// tooLong is the cause of a text that is not made for its length.
func tooLong(name string, limit int) string {
	return fmt.Sprintf("%s would give more than %d bytes", name, limit)
}

// asInt is a number as a whole one.
func asInt(v cty.Value) (int, error) {
	f := v.AsBigFloat()
	if !f.IsInt() {
		return 0, fmt.Errorf("a whole number is required")
	}
	i, accuracy := f.Int64()
	if accuracy != 0 {
		return 0, fmt.Errorf("the number is too large")
	}
	return int(i), nil
}
