package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// light are functions that look at little of what they are given, so that weighing it would be most of their cost.
var light = map[string]bool{"length": true, "lookup": true, "element": true, "coalesce": true, "one": true, "try": true, "can": true, "sensitive": true, "nonsensitive": true}

// deep are functions that read all of what they are given.
var deep = map[string]bool{"jsonencode": true, "yamlencode": true, "templatefile": true, "templatestring": true, "tostring": true}

// call calls a function with arguments that it can work with: no lazy ones, and not too large.
func (e *evaluator) call(x *hclsyntax.FunctionCallExpr, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	name := strings.TrimPrefix(x.Name, "core::")
	switch {
	case strings.HasPrefix(name, "provider::"):
		return marks.Unknown(cty.DynamicPseudoType, name+" is a function of a provider"), nil
	case name == "try":
		return try(x, ctx)
	case name == "can" && len(x.Args) == 1:
		v, diags := x.Args[0].Value(ctx)
		if lazyOf(v) != nil && !diags.HasErrors() {
			return cty.True, nil
		}
		return x.Value(ctx)
	}
	if _, known := functionOf(ctx, x.Name); !known {
		return failed(x.NameRange, "Call to unknown function", "there is no function "+x.Name)
	}
	operands := make([]cty.Value, len(x.Args))
	for i, arg := range x.Args {
		v, diags := arg.Value(ctx)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		if deep[name] {
			operands[i] = e.wholeDeep(v)
		} else {
			operands[i] = e.whole(v)
		}
	}
	if !light[name] {
		e.weigh(operands...)
	}
	if v, done := e.ofSymbols(name, operands); done {
		return v, nil
	}
	compute := func(operands []cty.Value) (cty.Value, hcl.Diagnostics) {
		for i, v := range operands { // of what may be one of two resources
			operands[i] = e.whole(v)
		}
		return invoke(x, operands, ctx)
	}
	if deep[name] {
		return distributeDeep(operands, compute)
	}
	return distribute(operands, compute)
}

// functionOf finds a function: templates have others than modules.
func functionOf(ctx *hcl.EvalContext, name string) (function.Function, bool) {
	for c := ctx; c != nil; c = c.Parent() {
		if f, found := c.Functions[name]; found {
			return f, true
		}
	}
	return function.Function{}, false
}

// invoke has the library convert arguments and call the function.
func invoke(x *hclsyntax.FunctionCallExpr, operands []cty.Value, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	args := make([]hclsyntax.Expression, len(operands))
	values := make([]hclsyntax.LiteralValueExpr, len(operands))
	for i, v := range operands {
		values[i] = hclsyntax.LiteralValueExpr{Val: v, SrcRange: x.Args[i].Range()}
		args[i] = &values[i]
	}
	if last := len(operands) - 1; x.ExpandFinal && last >= 0 {
		if bare, own := operands[last].Unmark(); !bare.IsKnown() { // of which the library would forget why
			all := []cty.ValueMarks{own}
			for _, v := range operands[:last] {
				_, deep := v.UnmarkDeep()
				all = append(all, deep)
			}
			return marks.Derive(cty.DynamicVal, all...), nil
		}
	}
	v, diags := (&hclsyntax.FunctionCallExpr{
		Name: x.Name, Args: args, ExpandFinal: x.ExpandFinal,
		NameRange: x.NameRange, OpenParenRange: x.OpenParenRange, CloseParenRange: x.CloseParenRange,
	}).Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	return v, nil
}

// try gives the first argument that has a value. A whole resource or module has one, which no function of the table knows.
func try(x *hclsyntax.FunctionCallExpr, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var problems hcl.Diagnostics
	for _, arg := range x.Args {
		v, diags := arg.Value(ctx)
		if !diags.HasErrors() {
			return v, nil
		}
		problems = append(problems, diags...)
	}
	if len(x.Args) == 0 {
		return failed(x.Range(), "Not enough function arguments", "try needs at least one expression")
	}
	return cty.DynamicVal, problems
}
