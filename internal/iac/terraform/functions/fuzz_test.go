package functions_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/stancehq/stance/internal/iac/terraform/functions"
)

// values are arguments of all kinds, made of two texts and a number.
func values(a, b string, n float64) []cty.Value {
	text, number := cty.StringVal(a), cty.NumberFloatVal(n)
	all := []cty.Value{
		text, cty.StringVal(b), number, cty.True, cty.NullVal(cty.DynamicPseudoType), cty.NullVal(cty.String), cty.DynamicVal, cty.UnknownVal(cty.String),
		cty.EmptyTupleVal, cty.EmptyObjectVal, cty.ListVal([]cty.Value{text}), cty.SetVal([]cty.Value{text, cty.UnknownVal(cty.String)}),
		cty.TupleVal([]cty.Value{text, number, cty.NullVal(cty.Bool)}), cty.ObjectVal(map[string]cty.Value{a: number, "k": text}),
		cty.MapVal(map[string]cty.Value{a: text, b: cty.UnknownVal(cty.String)}), cty.UnknownVal(cty.List(cty.String)), cty.UnknownVal(cty.Map(cty.Number)),
	}
	for _, name := range slices.Sorted(maps.Keys(names())) {
		all = append(all, names()[name])
	}
	return all
}

// FuzzCalls calls a function with arguments picked from the values, converted as hcl does.
func FuzzCalls(f *testing.F) {
	table := functions.Table(scope())
	all := slices.Sorted(maps.Keys(table))
	for i := range all {
		f.Add(i, uint64(i)*2654435761, "a", "b", 1.5)
		f.Add(i, uint64(i)*40503, "{\"a\": [1]}", "%s-%d", -1.0)
		f.Add(i, uint64(i)*97, "10.0.0.0/8", "/(a/", 8.0)
	}
	f.Fuzz(func(t *testing.T, which int, pick uint64, a, b string, n float64) {
		if n != n {
			return
		}
		name := all[((which%len(all))+len(all))%len(all)]
		function := table[name]
		pool := values(a, b, n)
		params := function.Params()
		count := len(params)
		if function.VarParam() != nil {
			count += int(pick % 4)
			pick /= 4
		}
		args := make([]cty.Value, count)
		for i := range args {
			v := pool[pick%uint64(len(pool))]
			pick = pick/uint64(len(pool)) + pick*31
			want := function.VarParam()
			if i < len(params) {
				want = &params[i]
			}
			if want.Type.IsCapsuleType() {
				return
			}
			converted, err := convert.Convert(v, want.Type)
			if err != nil {
				return
			}
			args[i] = converted
		}
		if _, err := function.Call(args); err != nil && strings.Contains(err.Error(), "panic in function") {
			t.Errorf("%s(%#v): %v", name, args, err)
		}
	})
}
