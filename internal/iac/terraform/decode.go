package terraform

import (
	"cmp"
	"path"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
)

func fileName(p string) string { return path.Base(p) }

// newAttribute takes an attribute over, with its expression made one of ours.
func newAttribute(a *hclsyntax.Attribute) *attribute {
	return wrapAttribute(a.Name, a.Expr, place(a.SrcRange))
}

func wrapAttribute(name string, e hclsyntax.Expression, at iac.Range) *attribute {
	expr, depth := rewrite(e)
	return &attribute{name: name, expr: expr, depth: depth, at: at}
}

func optional(b *hclsyntax.Body, name string) *attribute {
	if a := b.Attributes[name]; a != nil {
		return newAttribute(a)
	}
	return nil
}

func sortedAttributes(b *hclsyntax.Body) []*hclsyntax.Attribute {
	all := make([]*hclsyntax.Attribute, 0, len(b.Attributes))
	for _, a := range b.Attributes {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *hclsyntax.Attribute) int { return cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte) })
	return all
}

// literal is an attribute's value if that can be told without any scope; null if not.
func literal(b *hclsyntax.Body, name string) cty.Value {
	a := b.Attributes[name]
	if a == nil {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	switch a.Expr.(type) {
	case *hclsyntax.LiteralValueExpr, *hclsyntax.TemplateExpr:
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.IsKnown() {
			return v
		}
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

func isTrue(b *hclsyntax.Body, name string) bool  { return isBool(literal(b, name), true) }
func isFalse(b *hclsyntax.Body, name string) bool { return isBool(literal(b, name), false) }

func isBool(v cty.Value, want bool) bool {
	return !v.IsNull() && v.Type() == cty.Bool && v.True() == want
}

func literalText(b *hclsyntax.Body, name string) string {
	v := literal(b, name)
	if v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

// references are what depends_on names.
func references(b *hclsyntax.Body) []hcl.Traversal {
	a := b.Attributes["depends_on"]
	if a == nil {
		return nil
	}
	items, _ := hcl.ExprList(a.Expr)
	var out []hcl.Traversal
	for _, item := range items {
		if t, diags := hcl.AbsTraversalForExpr(item); !diags.HasErrors() && !t.IsRelative() {
			out = append(out, t)
		}
	}
	return out
}

// providerName is how a provider is named in code, aws or aws.west, whatever the expression; empty if it is no such name.
func providerName(e hcl.Expression) string {
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		if v, diags := e.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() && !v.IsMarked() {
			return v.AsString()
		}
		return ""
	}
	if t.IsRelative() {
		return ""
	}
	name := t.RootName()
	if len(t) > 1 {
		if alias, is := t[1].(hcl.TraverseAttr); is {
			name += "." + alias.Name
		}
	}
	return name
}

// overrides merges the blocks of override files into those they extend.
type overrides struct {
	known map[string]*hclsyntax.Block
}

// takes tells that a block was merged into another; the one it extends is remembered if not.
func (o *overrides) takes(b *hclsyntax.Block, isOverride bool) bool {
	key := b.Type
	for _, label := range b.Labels {
		key += "\x00" + label
	}
	switch b.Type {
	case "provider":
		key += "\x00" + literalText(b.Body, "alias")
	case "moved", "import", "removed", "check":
		return false
	}
	base := o.known[key]
	if !isOverride || base == nil {
		if base == nil {
			o.known[key] = b
		}
		return false
	}
	if b.Type == "locals" {
		return false // decoded later, so it wins
	}
	for name, a := range b.Body.Attributes {
		base.Body.Attributes[name] = a
	}
	replaced := map[string]bool{}
	for _, inner := range b.Body.Blocks {
		replaced[nestedName(inner)] = true
	}
	base.Body.Blocks = slices.DeleteFunc(base.Body.Blocks, func(inner *hclsyntax.Block) bool {
		name := nestedName(inner)
		return replaced[name] && name != "lifecycle" && b.Type != "terraform"
	})
	base.Body.Blocks = append(base.Body.Blocks, b.Body.Blocks...)
	return true
}

// nestedName is the type of the blocks that a block makes.
func nestedName(b *hclsyntax.Block) string {
	if b.Type == "dynamic" && len(b.Labels) == 1 {
		return b.Labels[0]
	}
	return b.Type
}
