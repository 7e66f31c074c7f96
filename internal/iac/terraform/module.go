package terraform

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
)

// module is what the files of one folder say. It is not changed after it was decoded: all calls of it share it.
type module struct {
	dir       string
	files     []string
	problems  []iac.Problem
	variables map[string]*variable
	locals    map[string]*attribute
	outputs   map[string]*output
	resources map[string]*resource // by type.name, data.type.name
	calls     map[string]*call
	providers []*providerBlock
	// order and callOrder are resources and calls as they are written.
	order     []*resource
	callOrder []*call
	// backend tells that the module says where its state is kept, which only root modules can.
	backend bool
}

// attribute is a named expression. depth bounds how deep the stack gets by evaluating it.
type attribute struct {
	name  string
	expr  hclsyntax.Expression
	depth int
	at    iac.Range
}

type variable struct {
	name               string
	def                *attribute
	typ                cty.Type // what it must be converted to
	defaults           *typeexpr.Defaults
	literal            bool // values given as text are that text, not an expression
	sensitive, notNull bool
	at                 iac.Range
}

type output struct {
	value     *attribute
	sensitive bool
}

type resource struct {
	kind, name string
	data       bool
	count      *attribute
	forEach    *attribute
	enabled    *attribute
	provider   *attribute
	dependsOn  []hcl.Traversal
	body       *body
	at, header iac.Range
}

// key is a resource's in module.resources, and its address within its module.
func (r *resource) key() string {
	if r.data {
		return "data." + r.kind + "." + r.name
	}
	return r.kind + "." + r.name
}

type call struct {
	name      string
	source    *attribute
	version   string
	count     *attribute
	forEach   *attribute
	enabled   *attribute
	providers map[string]*attribute // by the name within the called module
	arguments map[string]*attribute
	at        iac.Range
}

type providerBlock struct {
	name, alias string
	forEach     *attribute
	body        *body
	at          iac.Range
}

// body is the content of a block: fields in the order written, blocks of one type together where the first stands.
type body struct {
	fields []*field
	names  map[string]*field
}

// field is an attribute, or the blocks of one type.
type field struct {
	name   string
	attr   *attribute
	blocks []*block
}

type block struct {
	body *body
	at   iac.Range
	// Of dynamic blocks: what they are made for, and how that is called in them.
	forEach  *attribute
	iterator string
}

// decodeModule puts the blocks of a folder's files together.
func decodeModule(dir string, files []parsed) *module {
	m := &module{
		dir: dir, variables: map[string]*variable{}, locals: map[string]*attribute{}, outputs: map[string]*output{},
		resources: map[string]*resource{}, calls: map[string]*call{},
	}
	var blocks []*hclsyntax.Block
	merged := &overrides{known: map[string]*hclsyntax.Block{}}
	for _, file := range files {
		m.files = append(m.files, file.name)
		m.problems = append(m.problems, file.problems...)
		for _, b := range file.blocks {
			if merged.takes(b, isOverride(baseName(fileName(file.name)))) {
				continue
			}
			blocks = append(blocks, b)
		}
	}
	for _, b := range blocks {
		m.decode(b)
	}
	return m
}

func (m *module) decode(b *hclsyntax.Block) {
	if labels, is := jsonLabels[b.Type]; is && len(b.Labels) != labels {
		m.problem(iac.Broken, "the block was left out: it has the wrong number of names", place(b.DefRange()))
		return
	}
	switch b.Type {
	case "variable":
		m.decodeVariable(b)
	case "locals":
		for _, a := range sortedAttributes(b.Body) {
			m.locals[a.Name] = newAttribute(a)
		}
	case "output":
		out := &output{sensitive: isTrue(b.Body, "sensitive") || isTrue(b.Body, "ephemeral")}
		if a := b.Body.Attributes["value"]; a != nil {
			out.value = newAttribute(a)
		}
		m.outputs[b.Labels[0]] = out
	case "resource", "data":
		m.decodeResource(b)
	case "module":
		m.decodeCall(b)
	case "provider":
		p := &providerBlock{name: b.Labels[0], alias: literalText(b.Body, "alias"), forEach: optional(b.Body, "for_each"), at: place(b.Range())}
		p.body = decodeBody(b.Body, map[string]bool{"alias": true, "for_each": true, "version": true})
		m.providers = append(m.providers, p)
	case "terraform":
		for _, inner := range b.Body.Blocks {
			m.backend = m.backend || inner.Type == "backend" || inner.Type == "cloud"
		}
	}
}

func (m *module) problem(kind, what string, at iac.Range) {
	m.problems = append(m.problems, iac.Problem{Kind: kind, What: what, Range: at})
}

func (m *module) decodeVariable(b *hclsyntax.Block) {
	v := &variable{
		name: b.Labels[0], typ: cty.DynamicPseudoType, literal: true, at: place(b.DefRange()), def: optional(b.Body, "default"),
		sensitive: isTrue(b.Body, "sensitive") || isTrue(b.Body, "ephemeral"), notNull: isFalse(b.Body, "nullable"),
	}
	if a := b.Body.Attributes["type"]; a != nil {
		t, defaults, diags := typeexpr.TypeConstraintWithDefaults(legacyType(a.Expr))
		if first := firstError(diags); first != nil {
			m.problem(iac.NotEvaluated, "the type is taken for any: "+sayDiagnostic(first), place(*first.Subject))
		} else {
			v.typ, v.defaults, v.literal = t, defaults, t.IsPrimitiveType()
		}
	}
	m.variables[v.name] = v
}

// legacyType is a type as versions before 0.12 wrote it, "string", as it is written now.
func legacyType(e hclsyntax.Expression) hclsyntax.Expression {
	t, is := e.(*hclsyntax.TemplateExpr)
	if !is || !t.IsStringLiteral() {
		return e
	}
	v, _ := t.Value(nil)
	root := func(name string) hclsyntax.Expression {
		return &hclsyntax.ScopeTraversalExpr{Traversal: hcl.Traversal{hcl.TraverseRoot{Name: name, SrcRange: t.SrcRange}}, SrcRange: t.SrcRange}
	}
	switch name := v.AsString(); name {
	case "list", "map":
		return &hclsyntax.FunctionCallExpr{Name: name, Args: []hclsyntax.Expression{root("any")}, NameRange: t.SrcRange, CloseParenRange: t.SrcRange}
	case "string", "number", "bool", "any":
		return root(name)
	}
	return e
}

// resourceMeta are the arguments of resources that are the language's own, not the provider's.
var resourceMeta = map[string]bool{
	"count": true, "for_each": true, "provider": true, "depends_on": true, "lifecycle": true, "provisioner": true, "connection": true,
}

func (m *module) decodeResource(b *hclsyntax.Block) {
	r := &resource{
		kind: b.Labels[0], name: b.Labels[1], data: b.Type == "data", at: place(b.Range()), header: place(b.DefRange()),
		count: optional(b.Body, "count"), forEach: optional(b.Body, "for_each"), provider: optional(b.Body, "provider"),
		dependsOn: references(b.Body), enabled: enabledOf(b.Body),
	}
	if m.resources[r.key()] != nil {
		m.problem(iac.Broken, "the block was left out: there is another "+r.key(), r.header)
		return
	}
	r.body = decodeBody(b.Body, resourceMeta)
	m.resources[r.key()] = r
	m.order = append(m.order, r)
}

// enabledOf is OpenTofu's lifecycle { enabled = … }, a count of one or none.
func enabledOf(b *hclsyntax.Body) *attribute {
	for _, inner := range b.Blocks {
		if inner.Type == "lifecycle" {
			return optional(inner.Body, "enabled")
		}
	}
	return nil
}

func (m *module) decodeCall(b *hclsyntax.Block) {
	c := &call{
		name: b.Labels[0], at: place(b.Range()), source: optional(b.Body, "source"), version: literalText(b.Body, "version"),
		count: optional(b.Body, "count"), forEach: optional(b.Body, "for_each"), enabled: enabledOf(b.Body),
		arguments: map[string]*attribute{}, providers: map[string]*attribute{},
	}
	for _, a := range b.Body.Attributes {
		switch a.Name {
		case "source", "version", "count", "for_each", "depends_on":
		case "providers":
			pairs, _ := hcl.ExprMap(a.Expr)
			for _, pair := range pairs {
				if value, is := pair.Value.(hclsyntax.Expression); is {
					c.providers[providerName(pair.Key)] = wrapAttribute(a.Name, value, place(a.SrcRange))
				}
			}
		default:
			c.arguments[a.Name] = newAttribute(a)
		}
	}
	if m.calls[c.name] != nil {
		m.problem(iac.Broken, "the block was left out: there is another module."+c.name, place(b.DefRange()))
		return
	}
	m.calls[c.name] = c
	m.callOrder = append(m.callOrder, c)
}

// decodeBody makes a body of all but some of the content of a block.
func decodeBody(b *hclsyntax.Body, without map[string]bool) *body {
	type written struct {
		at    int
		name  string
		attr  *hclsyntax.Attribute
		block *hclsyntax.Block
	}
	var all []written
	for _, a := range b.Attributes {
		all = append(all, written{at: a.SrcRange.Start.Byte, name: a.Name, attr: a})
	}
	for _, inner := range b.Blocks {
		name := inner.Type
		if name == "dynamic" && len(inner.Labels) == 1 {
			name = inner.Labels[0]
		}
		all = append(all, written{at: inner.TypeRange.Start.Byte, name: name, block: inner})
	}
	slices.SortStableFunc(all, func(a, b written) int { return cmp.Compare(a.at, b.at) })
	out := &body{names: make(map[string]*field, len(all))}
	for _, w := range all {
		if without[w.name] {
			continue
		}
		f := out.names[w.name]
		if f == nil {
			f = &field{name: w.name}
			out.names[w.name] = f
			out.fields = append(out.fields, f)
		}
		if w.attr != nil {
			f.attr = newAttribute(w.attr)
		} else if decoded := decodeBlock(w.block); decoded != nil {
			f.blocks = append(f.blocks, decoded)
		}
	}
	return out
}

func decodeBlock(b *hclsyntax.Block) *block {
	if b.Type != "dynamic" || len(b.Labels) != 1 {
		return &block{body: decodeBody(b.Body, nil), at: place(b.Range())}
	}
	for _, content := range b.Body.Blocks {
		if content.Type != "content" {
			continue
		}
		iterator := b.Labels[0]
		if a := b.Body.Attributes["iterator"]; a != nil {
			if name := hcl.ExprAsKeyword(a.Expr); name != "" {
				iterator = name
			}
		}
		return &block{body: decodeBody(content.Body, nil), at: place(b.Range()), forEach: optional(b.Body, "for_each"), iterator: iterator}
	}
	return nil
}
