package terraform

import (
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// rewrite replaces the nodes of an expression by ours where the library's own evaluation would lose what a value comes from, would
// evaluate what is not needed, or could not be stopped. It also gives how deep the tree is. Ours embed theirs, which makes them
// expressions of the library; what they do not define themselves (places, static analysis) is as it was.
func rewrite(e hclsyntax.Expression) (hclsyntax.Expression, int) {
	r := &rewriter{items: map[*hclsyntax.AnonSymbolExpr]string{}}
	return r.rewrite(e, 1), r.deepest
}

type rewriter struct {
	items   map[*hclsyntax.AnonSymbolExpr]string // what stands for the element of a splat, and under which name it is found
	deepest int
}

func (r *rewriter) all(list []hclsyntax.Expression, depth int) {
	for i := range list {
		list[i] = r.rewrite(list[i], depth)
	}
}

func (r *rewriter) rewrite(e hclsyntax.Expression, depth int) hclsyntax.Expression {
	r.deepest = max(r.deepest, depth)
	depth++
	switch x := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		x.Expression = r.rewrite(x.Expression, depth)
	case *hclsyntax.TupleConsExpr:
		r.all(x.Exprs, depth)
	case *hclsyntax.TemplateWrapExpr:
		x.Wrapped = r.rewrite(x.Wrapped, depth)
	case *hclsyntax.ObjectConsExpr:
		return r.object(x, depth)
	case *hclsyntax.ScopeTraversalExpr:
		return &reference{x}
	case *hclsyntax.RelativeTraversalExpr:
		x.Source = r.rewrite(x.Source, depth)
		return &relative{x}
	case *hclsyntax.IndexExpr:
		x.Collection, x.Key = r.rewrite(x.Collection, depth), r.rewrite(x.Key, depth)
		return &index{x}
	case *hclsyntax.SplatExpr:
		x.Source = r.rewrite(x.Source, depth)
		name := "\x00item" + strconv.Itoa(len(r.items))
		r.items[x.Item] = name
		x.Each = r.rewrite(x.Each, depth)
		return &splat{x, name}
	case *hclsyntax.AnonSymbolExpr:
		return &splatItem{x, r.items[x]}
	case *hclsyntax.ForExpr:
		return r.loop(x, depth)
	case *hclsyntax.ConditionalExpr:
		x.Condition = r.rewrite(x.Condition, depth)
		x.TrueResult, x.FalseResult = r.rewrite(x.TrueResult, depth), r.rewrite(x.FalseResult, depth)
		return &conditional{x}
	case *hclsyntax.FunctionCallExpr:
		r.all(x.Args, depth)
		return &functionCall{x}
	case *hclsyntax.BinaryOpExpr:
		x.LHS, x.RHS = r.rewrite(x.LHS, depth), r.rewrite(x.RHS, depth)
		return &binary{x}
	case *hclsyntax.UnaryOpExpr:
		x.Val = r.rewrite(x.Val, depth)
		return &unary{x}
	case *hclsyntax.TemplateExpr:
		if x.IsStringLiteral() {
			return x
		}
		r.all(x.Parts, depth)
		return &template{x}
	case *hclsyntax.TemplateJoinExpr:
		x.Tuple = r.rewrite(x.Tuple, depth)
		return &templateJoin{x}
	}
	return e
}

func (r *rewriter) object(x *hclsyntax.ObjectConsExpr, depth int) hclsyntax.Expression {
	constant := true
	for i := range x.Items {
		item := &x.Items[i]
		item.ValueExpr = r.rewrite(item.ValueExpr, depth)
		if key, is := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); is {
			if !key.ForceNonLiteral && hcl.ExprAsKeyword(key.Wrapped) != "" {
				continue // a name, which is text here
			}
			key.Wrapped = r.rewrite(key.Wrapped, depth)
			if t, is := key.Wrapped.(*hclsyntax.TemplateExpr); is && t.IsStringLiteral() {
				continue
			}
			constant = false
			continue
		}
		item.KeyExpr = r.rewrite(item.KeyExpr, depth)
		if _, is := item.KeyExpr.(*hclsyntax.LiteralValueExpr); !is {
			constant = false
		}
	}
	if constant {
		return x
	}
	return &object{x}
}

func (r *rewriter) loop(x *hclsyntax.ForExpr, depth int) hclsyntax.Expression {
	x.CollExpr, x.ValExpr = r.rewrite(x.CollExpr, depth), r.rewrite(x.ValExpr, depth)
	if x.KeyExpr != nil {
		x.KeyExpr = r.rewrite(x.KeyExpr, depth)
	}
	if x.CondExpr != nil {
		x.CondExpr = r.rewrite(x.CondExpr, depth)
	}
	return &loop{x}
}
