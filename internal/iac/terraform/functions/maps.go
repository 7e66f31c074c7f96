package functions

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

func maps() map[string]function.Function {
	any := cty.DynamicPseudoType
	rest := nullable("default", any)
	objects := nullable("maps", any)
	return map[string]function.Function{
		"keys":      define(keys, parameter("inputMap", any)),
		"lookup":    variadic(lookup, &rest, parameter("inputMap", any), parameter("key", cty.String)),
		"matchkeys": define(matchKeys, parameter("values", cty.List(any)), parameter("keys", cty.List(any)), parameter("searchset", cty.List(any))),
		"merge":     variadic(merge, &objects),
		"transpose": plain(cty.Map(cty.List(cty.String)), transpose, parameter("values", cty.Map(cty.List(cty.String)))),
		"values":    handing(stdlib.ValuesFunc, nil),
		"zipmap":    define(zipmap, parameter("keys", cty.List(cty.String)), parameter("values", any)),
	}
}

// keys are known of an object whose values are not.
func keys(args []cty.Value) (cty.Value, error) {
	bare, own := args[0].Unmark()
	if bare.Type() == cty.DynamicPseudoType {
		return keepUnknown(args[0]), nil
	}
	result, err := call(stdlib.KeysFunc, []cty.Value{bare})
	if err != nil {
		return cty.NilVal, err
	}
	return marks.Derive(result, own), nil
}

// lookup needs of the map only that it and the key are known, not what else is in it.
func lookup(args []cty.Value) (cty.Value, error) {
	if len(args) > 3 {
		return cty.NilVal, errors.New("lookup() takes two or three arguments")
	}
	from, own := args[0].Unmark()
	t := from.Type()
	if t != cty.DynamicPseudoType && !t.IsMapType() && !t.IsObjectType() {
		return cty.NilVal, function.NewArgErrorf(0, "lookup() requires a map as the first argument")
	}
	element := cty.DynamicPseudoType
	if t.IsMapType() {
		element = t.ElementType()
	}
	name, named := args[1].Unmark()
	if !from.IsKnown() || !name.IsKnown() {
		all := []cty.ValueMarks{own, named}
		if len(args) == 3 {
			_, more := args[2].UnmarkDeep()
			all = append(all, more)
		}
		return marks.Derive(cty.UnknownVal(element), all...), nil
	}
	if t.IsObjectType() && t.HasAttribute(name.AsString()) {
		return from.GetAttr(name.AsString()).WithMarks(own), nil
	}
	if t.IsMapType() && from.HasIndex(name).True() {
		return from.Index(name).WithMarks(own), nil
	}
	if len(args) < 3 {
		return cty.NilVal, hide(function.NewArgErrorf(0, "the given object has no attribute %q", short(name.AsString())), []cty.ValueMarks{named})
	}
	other, err := convert.Convert(args[2], element)
	if err != nil {
		return cty.NilVal, function.NewArgErrorf(2, "the default value must have the same type as the map elements")
	}
	return other.WithMarks(own), nil
}

// matchKeys gives the values whose keys are among those searched.
func matchKeys(args []cty.Value) (cty.Value, error) {
	values, own := args[0].Unmark()
	bare, from := unmark(args)
	if !values.IsKnown() || !bare[1].IsWhollyKnown() || !bare[2].IsWhollyKnown() {
		return derive(unknownOf(args[0].Type()), from), nil
	}
	all := values.AsValueSlice()
	names := bare[1].AsValueSlice()
	if len(all) != len(names) {
		return cty.NilVal, errors.New("length of keys and values should be equal")
	}
	t, _ := convert.UnifyUnsafe([]cty.Type{bare[1].Type(), bare[2].Type()})
	if t == cty.NilType {
		return cty.NilVal, errors.New("keys and searchset must be of the same type")
	}
	searched := map[string]bool{}
	for _, e := range bare[2].AsValueSlice() {
		searched[canonical(e, t)] = true
	}
	var kept []cty.Value
	for i, e := range names {
		if searched[canonical(e, t)] {
			kept = append(kept, all[i])
		}
	}
	return listOf(kept, values.Type().ElementType()).WithMarks(own), nil
}

// canonical writes a known value so that equal ones of a list's element type are written alike.
func canonical(v cty.Value, list cty.Type) string {
	if converted, err := convert.Convert(v, list.ElementType()); err == nil {
		v = converted
	}
	return v.GoString()
}

// merge is unknown if a map is; what the maps contain may be unknown.
func merge(args []cty.Value) (cty.Value, error) {
	for _, arg := range args {
		if known(arg) {
			continue
		}
		_, from := unmark(args)
		return derive(unknownOf(resultType(stdlib.MergeFunc, args)), from), nil
	}
	return call(stdlib.MergeFunc, args)
}

// transpose makes of {a = [x, y]} {x = [a], y = [a]}.
func transpose(args []cty.Value) (cty.Value, error) {
	turned := map[string][]cty.Value{}
	for it := args[0].ElementIterator(); it.Next(); {
		key, list := it.Element()
		if list.IsNull() {
			return cty.NilVal, function.NewArgErrorf(0, "the lists must not be null")
		}
		for _, e := range list.AsValueSlice() {
			if e.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "the lists must not contain null")
			}
			turned[e.AsString()] = append(turned[e.AsString()], key)
		}
	}
	if len(turned) == 0 {
		return cty.MapValEmpty(cty.List(cty.String)), nil
	}
	out := make(map[string]cty.Value, len(turned))
	for key, list := range turned {
		out[key] = cty.ListVal(list)
	}
	return cty.MapVal(out), nil
}

func zipmap(args []cty.Value) (cty.Value, error) {
	bare, from := unmark(args[:1])
	if !bare[0].IsWhollyKnown() || !known(args[1]) {
		_, more := unmark(args[1:])
		return derive(unknownOf(resultType(stdlib.ZipmapFunc, args)), append(from, more...)), nil
	}
	for _, key := range bare[0].AsValueSlice() {
		if key.IsNull() {
			return cty.NilVal, errors.New("keys list has a null value")
		}
	}
	return call(stdlib.ZipmapFunc, []cty.Value{bare[0], args[1]})
}
