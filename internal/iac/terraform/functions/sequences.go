package functions

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

func sequences() map[string]function.Function {
	any, text := cty.DynamicPseudoType, cty.List(cty.String)
	values := nullable("vals", any)
	seqs := parameter("seqs", any)
	return map[string]function.Function{
		"chunklist":    handing(stdlib.ChunklistFunc, nil),
		"coalesce":     variadic(coalesce, &values),
		"coalescelist": variadic(coalesceList, &values),
		"compact":      define(compact, parameter("list", text)),
		"concat":       variadic(concat, &seqs),
		"contains":     define(contains, parameter("list", any), nullable("value", any)),
		"distinct":     define(distinct, parameter("list", cty.List(any))),
		"element":      define(element, parameter("list", any), parameter("index", cty.Number)),
		"flatten":      define(flatten, parameter("list", any)),
		"index":        define(index, parameter("list", any), parameter("value", any)),
		"length":       define(length, parameter("value", any)),
		"one":          define(one, parameter("list", any)),
		"reverse":      handing(stdlib.ReverseListFunc, nil),
		"slice":        handing(stdlib.SliceFunc, nil),
		"sort":         computed(stdlib.SortFunc),
		"setproduct": handing(stdlib.SetProductFunc, func(args []cty.Value) string {
			total := 1
			for _, arg := range args {
				if total *= size(arg); total > maxItems {
					return tooMany("setproduct")
				}
			}
			return ""
		}),
	}
}

// listOf makes a list of elements of one type, with their marks.
func listOf(elements []cty.Value, t cty.Type) cty.Value {
	if len(elements) == 0 {
		return cty.ListValEmpty(t)
	}
	return cty.ListVal(elements)
}

func isSequence(t cty.Type) bool { return t.IsListType() || t.IsSetType() || t.IsTupleType() }

// coalesce gives the first argument that is neither null nor "". An unknown one decides if it can be neither, or if nothing that
// is neither follows.
func coalesce(args []cty.Value) (cty.Value, error) {
	types := make([]cty.Type, len(args))
	for i, arg := range args {
		types[i] = arg.Type()
	}
	t, _ := convert.UnifyUnsafe(types)
	if len(args) == 0 || t == cty.NilType {
		return cty.NilVal, errors.New("all arguments must have the same type")
	}
	for i, arg := range args {
		bare, _ := arg.Unmark()
		switch {
		case !bare.IsKnown():
			if identity(arg) || surely(bare) || nothing(args[i+1:]) {
				return convert.Convert(arg, t)
			}
			_, from := unmark(args[i:])
			return derive(unknownOf(t), from), nil
		case bare.IsNull(), bare.Type() == cty.String && bare.AsString() == "":
			continue
		}
		return convert.Convert(arg, t)
	}
	return cty.NilVal, errors.New("no non-null, non-empty-string arguments")
}

// surely tells whether an unknown is neither null nor the empty text.
func surely(bare cty.Value) bool {
	t := bare.Type()
	if t == cty.DynamicPseudoType || bare.Range().CouldBeNull() {
		return false
	}
	return t != cty.String || bare.Range().StringPrefix() != ""
}

// nothing tells whether all of these are null or empty text.
func nothing(args []cty.Value) bool {
	for _, arg := range args {
		bare, _ := arg.Unmark()
		if !bare.IsKnown() || !bare.IsNull() && (bare.Type() != cty.String || bare.AsString() != "") {
			return false
		}
	}
	return true
}

func coalesceList(args []cty.Value) (cty.Value, error) {
	if len(args) == 0 {
		return cty.NilVal, errEmpty
	}
	for i, arg := range args {
		bare, _ := arg.Unmark()
		t := bare.Type()
		if (t != cty.DynamicPseudoType || bare.IsNull()) && !t.IsListType() && !t.IsTupleType() {
			return cty.NilVal, errors.New("coalescelist arguments must be lists or tuples")
		}
		if !bare.IsKnown() {
			if i == len(args)-1 {
				return arg, nil
			}
			_, from := unmark(args[i:])
			return derive(cty.DynamicVal, from), nil
		}
		if !bare.IsNull() && bare.LengthInt() > 0 {
			return arg, nil
		}
	}
	return cty.NilVal, errors.New("no non-null arguments")
}

// compact leaves out null and "". What may become either makes the list unknown.
func compact(args []cty.Value) (cty.Value, error) {
	list, own := args[0].Unmark()
	if !list.IsKnown() {
		return keepUnknown(args[0]), nil
	}
	var kept []cty.Value
	for _, e := range list.AsValueSlice() {
		bare, _ := e.Unmark()
		switch {
		case !bare.IsKnown() && !identity(e) && !surely(bare):
			_, from := unmark(args)
			return derive(unknownOf(list.Type()), from), nil
		case !bare.IsKnown(), !bare.IsNull() && bare.AsString() != "":
			kept = append(kept, e)
		}
	}
	return listOf(kept, cty.String).WithMarks(own), nil
}

// keepUnknown is what becomes of an unknown argument that a function computes from.
func keepUnknown(v cty.Value) cty.Value {
	bare, own := v.Unmark()
	return marks.Derive(unknownOf(bare.Type()), own)
}

func concat(args []cty.Value) (cty.Value, error) {
	total := 0
	for _, arg := range args {
		if !known(arg) {
			_, from := unmark(args)
			return derive(unknownOf(resultType(stdlib.ConcatFunc, args)), from), nil
		}
		if total += size(arg); total > maxItems {
			return derived(cty.DynamicPseudoType, tooMany("concat")), nil
		}
	}
	return call(stdlib.ConcatFunc, args)
}

// contains is true for an attribute that is in the list as such, unknown as it is.
func contains(args []cty.Value) (cty.Value, error) {
	if symbol, is := marks.IsSymbol(args[1]); is && known(args[0]) && isSequence(args[0].Type()) {
		for _, e := range marks.Elements(args[0]) {
			if other, also := marks.IsSymbol(e); also && other == symbol {
				return cty.True, nil
			}
		}
	}
	bare, from := unmark(args)
	if bare[1].IsNull() && bare[1].Type() == cty.DynamicPseudoType && known(bare[0]) && isSequence(bare[0].Type()) {
		for _, e := range bare[0].AsValueSlice() {
			if e.IsKnown() && e.IsNull() {
				return derive(cty.True, from), nil
			}
		}
		if bare[0].IsWhollyKnown() {
			return derive(cty.False, from), nil
		}
		return derive(unknownOf(cty.Bool), from), nil
	}
	result, err := call(stdlib.ContainsFunc, bare)
	if err != nil {
		return cty.NilVal, err
	}
	return derive(result, from), nil
}

// distinct takes ids and ARNs known only after apply for different if they are those of different resources. Anything else that
// is unknown makes the list unknown.
func distinct(args []cty.Value) (cty.Value, error) {
	list, own := args[0].Unmark()
	if !list.IsKnown() {
		return keepUnknown(args[0]), nil
	}
	var kept []cty.Value
	seen := map[marks.Sym]bool{}
	seenText := map[string]bool{}
	for _, e := range list.AsValueSlice() {
		if identity(e) {
			if symbol, _ := marks.IsSymbol(e); !seen[symbol] {
				seen[symbol] = true
				kept = append(kept, e)
			}
			continue
		}
		bare, _ := e.UnmarkDeep()
		if !bare.IsWhollyKnown() {
			_, from := unmark(args)
			return derive(unknownOf(list.Type()), from), nil
		}
		key := fmt.Sprintf("%#v", bare)
		if !seenText[key] {
			seenText[key] = true
			kept = append(kept, e)
		}
	}
	return listOf(kept, list.Type().ElementType()).WithMarks(own), nil
}

// element gives one of a list that is known, as it is.
func element(args []cty.Value) (cty.Value, error) {
	at, _ := args[1].Unmark()
	if known(args[0]) && at.IsKnown() {
		return call(stdlib.ElementFunc, []cty.Value{args[0], at})
	}
	_, from := unmark(args)
	return derive(cty.UnknownVal(resultType(stdlib.ElementFunc, args)), from), nil
}

// index gives the place of a value; what is unknown before it makes that unknown.
func index(args []cty.Value) (cty.Value, error) {
	bare, from := unmark(args)
	list, value := bare[0], bare[1]
	if t := list.Type(); t != cty.DynamicPseudoType && !t.IsListType() && !t.IsTupleType() {
		return cty.NilVal, errors.New("argument must be a list or tuple")
	}
	if !list.IsKnown() || !value.IsKnown() {
		return derive(unknownOf(cty.Number), from), nil
	}
	if list.LengthInt() == 0 {
		return cty.NilVal, errors.New("cannot search an empty list")
	}
	for i, e := range list.AsValueSlice() {
		same := e.Equals(value)
		if !same.IsKnown() {
			return derive(unknownOf(cty.Number), from), nil
		}
		if same.True() {
			return derive(cty.NumberIntVal(int64(i)), from), nil
		}
	}
	return cty.NilVal, errors.New("item not found")
}

// length is of collections, objects and, in characters as people see them, of text.
func length(args []cty.Value) (cty.Value, error) {
	bare, from := unmark(args)
	v := bare[0]
	t := v.Type()
	var result cty.Value
	switch {
	case t == cty.String:
		n, err := stdlib.Strlen(v)
		if err != nil {
			return cty.NilVal, err
		}
		result = n
	case t.IsTupleType(), t.IsObjectType():
		n := 0
		if t.IsTupleType() {
			n = t.Length()
		} else {
			n = len(t.AttributeTypes())
		}
		result = cty.NumberIntVal(int64(n))
	case t.IsCollectionType():
		result = v.Length()
	case t == cty.DynamicPseudoType:
		result = unknownOf(cty.Number)
	default:
		return cty.NilVal, errors.New("argument must be a string, a collection type, or a structural type")
	}
	return derive(result, from), nil
}

// one gives the only element, or null if there is none.
func one(args []cty.Value) (cty.Value, error) {
	list, own := args[0].Unmark()
	t := list.Type()
	wrong := function.NewArgErrorf(0, "must be a list, set, or tuple value with either zero or one elements")
	if t == cty.DynamicPseudoType {
		return keepUnknown(args[0]), nil
	}
	if !isSequence(t) {
		return cty.NilVal, wrong
	}
	element := cty.DynamicPseudoType
	if !t.IsTupleType() {
		element = t.ElementType()
	}
	if !list.IsKnown() || !list.Length().IsKnown() {
		return marks.Derive(cty.UnknownVal(element), own), nil
	}
	switch elements := marks.Elements(args[0]); len(elements) {
	case 0:
		return cty.NullVal(element).WithMarks(own), nil
	case 1:
		return elements[0], nil
	}
	return cty.NilVal, wrong
}
