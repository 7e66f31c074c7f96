package terraform

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// The kinds of expressions that iterate. They end at the first error: the library would note one for each element.
type (
	loop  struct{ *hclsyntax.ForExpr }
	splat struct {
		*hclsyntax.SplatExpr
		item string
	}
	// splatItem is the element that a splat is at. The library's own can only be set by the library.
	splatItem struct {
		*hclsyntax.AnonSymbolExpr
		name string
	}
)

func (x *splatItem) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if v, found := variableOf(ctx, x.name); found {
		return v, nil
	}
	return cty.DynamicVal, nil
}

// Value is that of the rest of the path for each element. What is no list is one element, or none if it is null.
func (x *splat) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	source, diags := x.Source.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	s := scopeOf(ctx)
	if s == nil {
		return failed(x.SrcRange, "Variables not allowed", "only constant values may be used here")
	}
	return distribute([]cty.Value{source}, func(of []cty.Value) (cty.Value, hcl.Diagnostics) {
		return x.over(s, of[0], ctx)
	})
}

func (x *splat) over(s *scope, source cty.Value, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	switch to := lazyOf(source).(type) {
	case *group, *moduleGroup:
		source = to.whole()
	}
	bare, own := source.Unmark()
	lazy := lazyOf(source) != nil // one resource or module
	t := bare.Type()
	list := t.IsTupleType() || t.IsListType() || t.IsSetType()
	switch {
	case bare.IsNull() && !lazy:
		if list {
			return failed(x.Source.Range(), "Splat of null value", "the list is null")
		}
		return cty.EmptyTupleVal, nil
	case !bare.IsKnown() && !lazy && (list || t == cty.DynamicPseudoType):
		return marks.Derive(cty.DynamicVal, own), nil
	case !list:
		source, own = cty.TupleVal([]cty.Value{source}), nil
	}
	var values []cty.Value
	var diags hcl.Diagnostics
	each(source, func(_, element cty.Value) bool {
		s.e.step(1)
		var v cty.Value
		v, diags = x.Each.Value(with(ctx, map[string]cty.Value{x.item: element}))
		values = append(values, v)
		return !diags.HasErrors()
	})
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return cty.TupleVal(values).WithMarks(onlySecret(own)), nil
}

func (x *loop) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	collection, diags := x.CollExpr.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	s := scopeOf(ctx)
	if s == nil {
		return failed(x.SrcRange, "Variables not allowed", "only constant values may be used here")
	}
	return distribute([]cty.Value{collection}, func(of []cty.Value) (cty.Value, hcl.Diagnostics) {
		run := &iteration{loop: x, scope: s, ctx: ctx, secret: cty.ValueMarks{}, fields: map[string]cty.Value{}, groups: map[string][]cty.Value{}}
		return run.over(s.e.whole(of[0]))
	})
}

// iteration is one run of a for expression.
type iteration struct {
	*loop
	scope  *scope
	ctx    *hcl.EvalContext
	values []cty.Value
	fields map[string]cty.Value
	groups map[string][]cty.Value
	secret cty.ValueMarks
	// unknown are the marks of tests and keys that are not known: then it is not known what the result is.
	unknown []cty.ValueMarks
}

func (r *iteration) over(collection cty.Value) (cty.Value, hcl.Diagnostics) {
	bare, own := collection.Unmark()
	if bare.IsKnown() && bare.IsNull() {
		return failed(r.CollExpr.Range(), "Iteration over null value", "what is iterated over is null")
	}
	if !bare.IsKnown() {
		return marks.Derive(cty.DynamicVal, own), nil
	}
	if !bare.CanIterateElements() {
		return failed(r.CollExpr.Range(), "Iteration over non-iterable value", "what is iterated over is neither a list nor a map")
	}
	var diags hcl.Diagnostics
	each(collection, func(key, value cty.Value) bool {
		r.scope.e.step(1)
		diags = r.element(key, value)
		return !diags.HasErrors()
	})
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if len(r.unknown) > 0 {
		return marks.Derive(cty.DynamicVal, r.unknown...), nil
	}
	switch {
	case r.KeyExpr == nil:
		return cty.TupleVal(r.values).WithMarks(onlySecret(own), r.secret), nil
	case r.Group:
		for key, group := range r.groups {
			r.fields[key] = cty.TupleVal(group)
		}
	}
	return cty.ObjectVal(r.fields).WithMarks(onlySecret(own), r.secret), nil
}

func (r *iteration) element(key, value cty.Value) hcl.Diagnostics {
	names := map[string]cty.Value{r.ValVar: value}
	if r.KeyVar != "" {
		names[r.KeyVar] = key
	}
	ctx := with(r.ctx, names)
	if r.CondExpr != nil {
		test, diags := r.operand(r.CondExpr, ctx, cty.Bool)
		if diags.HasErrors() || !test.IsKnown() || test.False() {
			return diags
		}
	}
	if r.KeyExpr == nil {
		v, diags := r.ValExpr.Value(ctx)
		r.values = append(r.values, v)
		return diags
	}
	name, diags := r.operand(r.KeyExpr, ctx, cty.String)
	if diags.HasErrors() || !name.IsKnown() {
		return diags
	}
	v, diags := r.ValExpr.Value(ctx)
	if diags.HasErrors() {
		return diags
	}
	k := name.AsString()
	if r.Group {
		r.groups[k] = append(r.groups[k], v)
		return nil
	}
	if _, twice := r.fields[k]; twice {
		_, diags := failed(r.KeyExpr.Range(), "Duplicate object key", fmt.Sprintf("two elements have the key %q", k))
		return diags
	}
	r.fields[k] = v
	return nil
}

// operand evaluates a test or a key. Unknown ones are noted.
func (r *iteration) operand(x hclsyntax.Expression, ctx *hcl.EvalContext, t cty.Type) (cty.Value, hcl.Diagnostics) {
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	bare, own := v.Unmark()
	if bare.IsKnown() && bare.IsNull() {
		return failed(x.Range(), "Null value", "the key or condition of a for expression is null")
	}
	bare, err := convert.Convert(bare, t)
	if err != nil {
		return failed(x.Range(), "Incorrect type", "the key or condition of a for expression has the wrong type")
	}
	if !bare.IsKnown() {
		r.unknown = append(r.unknown, own)
	}
	if own.Has(marks.Sensitive{}) {
		r.secret[marks.Sensitive{}] = struct{}{}
	}
	return bare, nil
}
