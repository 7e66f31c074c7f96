package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// The kinds of expressions that refer, choose and compute. Those that iterate and make text are in files of their own.
type (
	reference struct{ *hclsyntax.ScopeTraversalExpr }
	relative  struct {
		*hclsyntax.RelativeTraversalExpr
	}
	index        struct{ *hclsyntax.IndexExpr }
	conditional  struct{ *hclsyntax.ConditionalExpr }
	functionCall struct{ *hclsyntax.FunctionCallExpr }
	binary       struct{ *hclsyntax.BinaryOpExpr }
	unary        struct{ *hclsyntax.UnaryOpExpr }
	object       struct{ *hclsyntax.ObjectConsExpr }
)

// failed is the value of an expression with an error.
func failed(at hcl.Range, summary, detail string) (cty.Value, hcl.Diagnostics) {
	return cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at}}
}

func (x *reference) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	s := scopeOf(ctx)
	name := x.Traversal.RootName()
	if v, found := variableOf(ctx, name); found {
		if s == nil {
			return x.Traversal[1:].TraverseRel(v)
		}
		s.e.step(1)
		return s.e.follow(v, x.Traversal[1:])
	}
	if s == nil {
		return failed(x.SrcRange, "Variables not allowed", "only constant values may be used here")
	}
	s.e.step(1)
	return s.resolve(x.Traversal)
}

// variableOf finds what loops, instances and templates give a name to.
func variableOf(ctx *hcl.EvalContext, name string) (cty.Value, bool) {
	for c := ctx; c != nil; c = c.Parent() {
		if v, found := c.Variables[name]; found {
			return v, true
		}
	}
	return cty.NilVal, false
}

func (x *relative) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := x.Source.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	s := scopeOf(ctx)
	if s == nil {
		return x.Traversal.TraverseRel(v)
	}
	return s.e.follow(v, x.Traversal)
}

func (x *index) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	collection, diags := x.Collection.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	key, diags := x.Key.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	s := scopeOf(ctx)
	if s == nil {
		return hcl.Index(collection, key, &x.BracketRange)
	}
	s.e.step(1)
	return s.e.index(collection, key, x.BracketRange)
}

// Value evaluates only the arm that is taken if the condition is known, and gives it as it is: the marks of the other arm, and
// those of a condition that turned out known, say nothing about it. If the condition is not known the result is either arm.
func (x *conditional) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	test, diags := x.Condition.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	bare, testMarks := test.Unmark()
	if bare.IsNull() {
		return failed(x.Condition.Range(), "Null condition", "the condition is null")
	}
	bare, err := convert.Convert(bare, cty.Bool)
	if err != nil {
		return failed(x.Condition.Range(), "Incorrect condition type", "the condition is neither true nor false")
	}
	if bare.IsKnown() {
		taken, other := x.TrueResult, x.FalseResult
		if bare.False() {
			taken, other = other, taken
		}
		v, diags := taken.Value(ctx)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		return withSecrets(unify(v, other, ctx), testMarks), diags
	}
	yes, yesDiags := x.TrueResult.Value(ctx)
	no, noDiags := x.FalseResult.Value(ctx)
	if yesDiags.HasErrors() && noDiags.HasErrors() {
		return cty.DynamicVal, append(yesDiags, noDiags...)
	}
	return eitherOf([]cty.Value{yes, no}, testMarks), nil
}

// unify gives a number or a boolean the type of the arm that was not taken, if that is text: it would be text then.
func unify(v cty.Value, other hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	if t := v.Type(); t != cty.Number && t != cty.Bool {
		return v
	}
	o, diags := other.Value(ctx)
	if diags.HasErrors() || o.Type() != cty.String {
		return v
	}
	if converted, err := convert.Convert(v, cty.String); err == nil {
		return converted
	}
	return v
}

// withSecrets marks a value as secret if what chose it is.
func withSecrets(v cty.Value, from cty.ValueMarks) cty.Value {
	if from.Has(marks.Sensitive{}) {
		return v.Mark(marks.Sensitive{})
	}
	return v
}

func (x *functionCall) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	s := scopeOf(ctx)
	if s == nil {
		return failed(x.Range(), "Function calls not allowed", "only constant values may be used here")
	}
	s.e.step(1)
	return s.e.call(x.FunctionCallExpr, ctx)
}

func (x *binary) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	left, diags := x.LHS.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if settled, is := shortCircuit(x.Op, left); is {
		return settled, nil
	}
	right, diags := x.RHS.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	s := scopeOf(ctx)
	if s == nil {
		return x.compute([]cty.Value{left, right})
	}
	s.e.step(1)
	if x.Op == hclsyntax.OpEqual || x.Op == hclsyntax.OpNotEqual {
		if same, is := identical(left, right); is {
			return cty.BoolVal(same == (x.Op == hclsyntax.OpEqual)), nil
		}
	}
	operands := []cty.Value{s.e.whole(left), s.e.whole(right)}
	s.e.weigh(operands...)
	return distribute(operands, x.compute)
}

// shortCircuit is the result of "and" and "or" where the left side decides, so that what is right of a test for null may fail.
func shortCircuit(op *hclsyntax.Operation, left cty.Value) (cty.Value, bool) {
	bare, _ := left.Unmark()
	if bare.IsNull() || !bare.IsKnown() || bare.Type() != cty.Bool {
		return cty.NilVal, false
	}
	if op == hclsyntax.OpLogicalAnd && bare.False() || op == hclsyntax.OpLogicalOr && bare.True() {
		return left, true
	}
	return cty.NilVal, false
}

// identical compares what can be told without knowing values: an object that the code makes is not null, and an attribute equals
// itself.
func identical(left, right cty.Value) (same, told bool) {
	if left.IsNull() || right.IsNull() {
		if lazyOf(left) != nil || lazyOf(right) != nil {
			return false, true
		}
		return false, false
	}
	a, first := marks.IsSymbol(left)
	b, second := marks.IsSymbol(right)
	return true, first && second && a == b
}

func (x *binary) compute(operands []cty.Value) (cty.Value, hcl.Diagnostics) {
	left, right := &hclsyntax.LiteralValueExpr{Val: operands[0], SrcRange: x.LHS.Range()}, &hclsyntax.LiteralValueExpr{Val: operands[1], SrcRange: x.RHS.Range()}
	v, diags := (&hclsyntax.BinaryOpExpr{LHS: left, Op: x.Op, RHS: right, SrcRange: x.SrcRange}).Value(nil)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return derive(v, operands...), nil
}

func (x *unary) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := x.Val.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return distribute([]cty.Value{v}, func(operands []cty.Value) (cty.Value, hcl.Diagnostics) {
		operand := &hclsyntax.LiteralValueExpr{Val: operands[0], SrcRange: x.Val.Range()}
		v, diags := (&hclsyntax.UnaryOpExpr{Op: x.Op, Val: operand, SrcRange: x.SrcRange, SymbolRange: x.SymbolRange}).Value(nil)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		return derive(v, operands...), nil
	})
}

// derive is the rule of package marks for what is computed from operands, with all that is in them.
func derive(result cty.Value, from ...cty.Value) cty.Value {
	all := make([]cty.ValueMarks, 0, len(from))
	for _, v := range from {
		if v.IsMarked() || !v.Type().IsPrimitiveType() {
			_, deep := v.UnmarkDeep()
			all = append(all, deep)
		}
	}
	if len(all) == 0 && !result.IsMarked() && result.IsKnown() {
		return result
	}
	return marks.Derive(result, all...)
}

// Value is the library's, but what made a key unknown is not lost.
func (x *object) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	fields := make(map[string]cty.Value, len(x.Items))
	var unknown []cty.ValueMarks
	known, secret := true, cty.ValueMarks{}
	for _, item := range x.Items {
		key, diags := item.KeyExpr.Value(ctx)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		v, diags := item.ValueExpr.Value(ctx)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		key, keyMarks := key.Unmark()
		if key.IsNull() {
			return failed(item.KeyExpr.Range(), "Null value as key", "a key of an object is null")
		}
		key, err := convert.Convert(key, cty.String)
		if err != nil {
			return failed(item.KeyExpr.Range(), "Incorrect key type", "a key of an object is no text")
		}
		if keyMarks.Has(marks.Sensitive{}) {
			secret[marks.Sensitive{}] = struct{}{}
		}
		if !key.IsKnown() {
			known = false
			unknown = append(unknown, keyMarks)
			continue
		}
		fields[key.AsString()] = v
	}
	if !known {
		return marks.Derive(cty.DynamicVal, unknown...), nil
	}
	return cty.ObjectVal(fields).WithMarks(secret), nil
}
