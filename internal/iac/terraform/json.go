package terraform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// jsonLabels are the blocks of a module, and how many names follow each.
var jsonLabels = map[string]int{
	"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "check": 1,
	"locals": 0, "terraform": 0, "moved": 0, "import": 0, "removed": 0,
}

// jsonBlocks are properties of resources and calls that are the language's own blocks. Any other may be an attribute or a block:
// only the provider knows. It is read as an attribute.
var jsonBlocks = map[string]bool{"lifecycle": true, "connection": true, "provisioner": true}

// jsonConverter turns the JSON form of a module into the tree of the native one, so that nothing else needs to know of it.
type jsonConverter struct {
	limits   iac.Limits
	problems []iac.Problem
}

// parseJSON parses a file of the JSON syntax.
func parseJSON(name string, text []byte, limits iac.Limits) ([]*hclsyntax.Block, []iac.Problem) {
	root, problem := newJSONReader(name, text, limits.Nesting).read()
	if problem != nil {
		return nil, []iac.Problem{*problem}
	}
	c := &jsonConverter{limits: limits}
	var blocks []*hclsyntax.Block
	for _, object := range listOf(root) {
		for _, m := range object.members {
			if count, is := jsonLabels[m.key]; is && object.kind == '{' {
				blocks = append(blocks, c.blocks(m.key, m.keyAt, nil, nil, count, m.value)...)
			}
		}
	}
	return blocks, c.problems
}

// listOf gives what is written as one or as a list of it.
func listOf(n *jsonNode) []*jsonNode {
	if n.kind != '[' {
		return []*jsonNode{n}
	}
	nodes := make([]*jsonNode, 0, len(n.members))
	for _, m := range n.members {
		nodes = append(nodes, listOf(m.value)...)
	}
	return nodes
}

// blocks are those of one type: objects with as many levels of names as it has labels.
func (c *jsonConverter) blocks(kind string, kindAt hcl.Range, labels []string, places []hcl.Range, missing int, n *jsonNode) []*hclsyntax.Block {
	var out []*hclsyntax.Block
	for _, object := range listOf(n) {
		if object.kind != '{' {
			if object.kind != '0' {
				c.broken(object.at, fmt.Sprintf("%s must be an object", kind))
			}
			continue
		}
		if missing > 0 {
			for _, m := range object.members {
				if m.key == "//" {
					continue
				}
				names := append(slices.Clone(labels), m.key)
				at := append(slices.Clone(places), m.keyAt)
				out = append(out, c.blocks(kind, kindAt, names, at, missing-1, m.value)...)
			}
			continue
		}
		start := kindAt
		if len(places) > 0 {
			start = places[len(places)-1] // what names this block, and no other below the same type
		}
		out = append(out, &hclsyntax.Block{
			Type: kind, Labels: labels, TypeRange: start, LabelRanges: places, OpenBraceRange: object.at,
			CloseBraceRange: hcl.Range{Filename: object.at.Filename, Start: object.at.End, End: object.at.End},
			Body:            c.body(kind, object),
		})
	}
	return out
}

func (c *jsonConverter) broken(at hcl.Range, what string) {
	c.problems = append(c.problems, iac.Problem{Kind: iac.Broken, What: what, Range: place(at)})
}

// body makes the attributes and the blocks that can be told from them.
func (c *jsonConverter) body(kind string, object *jsonNode) *hclsyntax.Body {
	body := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: object.at, EndRange: object.at}
	for _, m := range object.members {
		switch {
		case m.key == "//" && kind != "locals":
		case m.key == "dynamic" && kind != "locals":
			body.Blocks = append(body.Blocks, c.dynamic(m)...)
		case kind == "terraform" || jsonBlocks[m.key] && (kind == "resource" || kind == "data" || kind == "module"):
			labels := 0
			if m.key == "backend" || m.key == "provisioner" {
				labels = 1
			}
			body.Blocks = append(body.Blocks, c.blocks(m.key, m.keyAt, nil, nil, labels, c.objectsOnly(m.value))...)
		case hasDynamic(m.value) && kind != "locals" && kind != "variable":
			body.Blocks = append(body.Blocks, c.blocks(m.key, m.keyAt, nil, nil, 0, m.value)...)
		default:
			at := hcl.RangeBetween(m.keyAt, m.value.at)
			body.Attributes[m.key] = &hclsyntax.Attribute{
				Name: m.key, NameRange: m.keyAt, EqualsRange: m.keyAt, SrcRange: at, Expr: c.attribute(kind, m.key, m.value),
			}
		}
	}
	return body
}

// objectsOnly drops plain values, such as required_version, where blocks are looked for.
func (c *jsonConverter) objectsOnly(n *jsonNode) *jsonNode {
	if n.kind == '{' || n.kind == '[' {
		return n
	}
	return &jsonNode{kind: '[', at: n.at}
}

// hasDynamic tells that a value is a block: dynamic blocks stand in nothing else.
func hasDynamic(n *jsonNode) bool {
	for _, object := range listOf(n) {
		for _, inner := range object.members {
			if object.kind != '{' {
				continue
			}
			if inner.key == "dynamic" {
				for _, named := range listOf(inner.value) {
					if isDynamic(named) {
						return true
					}
				}
			} else if hasDynamic(inner.value) {
				return true
			}
		}
	}
	return false
}

// isDynamic tells that an object is {"setting": {"for_each": …, "content": {…}}}.
func isDynamic(named *jsonNode) bool {
	if named.kind != '{' || len(named.members) == 0 {
		return false
	}
	for _, object := range listOf(named.members[0].value) {
		if object.get("content") != nil {
			return true
		}
	}
	return false
}

// dynamic makes {"setting": {"for_each": …, "content": {…}}} the blocks that it stands for.
func (c *jsonConverter) dynamic(m jsonMember) []*hclsyntax.Block {
	blocks := c.blocks("dynamic", m.keyAt, nil, nil, 1, m.value)
	for _, block := range blocks {
		content, is := block.Body.Attributes["content"]
		if !is {
			continue
		}
		delete(block.Body.Attributes, "content")
		for _, named := range listOf(m.value) {
			if node := contentOf(named, block); node != nil {
				block.Body.Blocks = append(block.Body.Blocks, c.blocks("content", content.NameRange, nil, nil, 0, node)...)
			}
		}
	}
	return blocks
}

// contentOf finds the JSON that a dynamic block was made of.
func contentOf(named *jsonNode, block *hclsyntax.Block) *jsonNode {
	for _, m := range named.members {
		for _, object := range listOf(m.value) {
			if object.at == block.Body.SrcRange {
				return object.get("content")
			}
		}
	}
	return nil
}

// attribute makes the expression of one property. Some are not templates but the native expression, or plain text.
func (c *jsonConverter) attribute(kind, name string, n *jsonNode) hclsyntax.Expression {
	switch {
	case kind == "variable" && name == "type" && n.kind == 's', kind == "provider" && name == "alias",
		name == "provider" && n.kind == 's' && (kind == "resource" || kind == "data"):
		if name == "alias" {
			return c.literal(n)
		}
		return c.native(n)
	case kind == "variable":
		return c.literal(n)
	case kind == "module" && name == "providers", name == "depends_on":
		return c.references(n)
	case kind == "dynamic" && name == "iterator" && n.kind == 's':
		return c.native(n)
	}
	return c.expression(n)
}

// native parses text that is an expression and no template. The places in it are those of the text.
func (c *jsonConverter) native(n *jsonNode) hclsyntax.Expression {
	if why := guard([]byte(n.text), c.limits.Nesting, hclsyntax.LexExpression); why != "" {
		c.broken(n.at, why)
		return c.literal(n)
	}
	text := n.text
	if inner, is := strings.CutPrefix(text, "${"); is { // as older versions wrote references
		text = strings.TrimSuffix(inner, "}")
	}
	expression, diags := hclsyntax.ParseExpression([]byte(text), n.at.Filename, n.at.Start)
	if diags.HasErrors() {
		c.broken(n.at, sayDiagnostic(firstError(diags)))
		return c.literal(n)
	}
	return expression
}

// references are lists and maps of native expressions.
func (c *jsonConverter) references(n *jsonNode) hclsyntax.Expression {
	switch n.kind {
	case 's':
		return c.native(n)
	case '[':
		list := &hclsyntax.TupleConsExpr{SrcRange: n.at, OpenRange: n.at}
		for _, m := range n.members {
			list.Exprs = append(list.Exprs, c.references(m.value))
		}
		return list
	case '{':
		object := &hclsyntax.ObjectConsExpr{SrcRange: n.at, OpenRange: n.at}
		for _, m := range n.members {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: text(m.key, m.keyAt), ValueExpr: c.references(m.value)})
		}
		return object
	}
	return c.literal(n)
}

func text(s string, at hcl.Range) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: cty.StringVal(s), SrcRange: at}
}

// literal makes the value that is written, without a look for templates.
func (c *jsonConverter) literal(n *jsonNode) hclsyntax.Expression { return c.convert(n, text) }

// expression makes a value in which all texts and keys are templates.
func (c *jsonConverter) expression(n *jsonNode) hclsyntax.Expression { return c.convert(n, c.template) }

// template parses a text with holes. Escapes in the JSON shift the places in it; nothing is reported by them but errors.
func (c *jsonConverter) template(s string, at hcl.Range) hclsyntax.Expression {
	if !strings.Contains(s, "${") && !strings.Contains(s, "%{") {
		return text(s, at)
	}
	if why := guard([]byte(s), c.limits.Nesting, hclsyntax.LexTemplate); why != "" {
		c.problems = append(c.problems, iac.Problem{Kind: iac.LimitReached, What: why, Range: place(at)})
		return text(s, at)
	}
	start := at.Start
	start.Byte++
	start.Column++
	expression, diags := hclsyntax.ParseTemplate([]byte(s), at.Filename, start)
	if diags.HasErrors() {
		c.broken(at, sayDiagnostic(firstError(diags)))
		return &hclsyntax.ExprSyntaxError{Placeholder: cty.DynamicVal, ParseDiags: diags, SrcRange: at}
	}
	return expression
}

func (c *jsonConverter) convert(n *jsonNode, leaf func(string, hcl.Range) hclsyntax.Expression) hclsyntax.Expression {
	switch n.kind {
	case '{':
		object := &hclsyntax.ObjectConsExpr{SrcRange: n.at, OpenRange: n.at}
		for _, m := range n.members {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: leaf(m.key, m.keyAt), ValueExpr: c.convert(m.value, leaf)})
		}
		return object
	case '[':
		list := &hclsyntax.TupleConsExpr{SrcRange: n.at, OpenRange: n.at}
		for _, m := range n.members {
			list.Exprs = append(list.Exprs, c.convert(m.value, leaf))
		}
		return list
	case 's':
		return leaf(n.text, n.at)
	case 'n':
		return &hclsyntax.LiteralValueExpr{Val: number(n.text), SrcRange: n.at}
	case 'b':
		return &hclsyntax.LiteralValueExpr{Val: cty.BoolVal(n.truth), SrcRange: n.at}
	}
	return &hclsyntax.LiteralValueExpr{Val: cty.NullVal(cty.DynamicPseudoType), SrcRange: n.at}
}

// number reads digits as the language does.
func number(digits string) cty.Value {
	v, err := cty.ParseNumberVal(digits)
	if err != nil {
		return marks.Unknown(cty.Number, "the number cannot be read")
	}
	return v
}
