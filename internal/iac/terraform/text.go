package terraform

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/stancehq/stance/internal/iac/terraform/functions"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// The kinds of expressions that make text.
type (
	template     struct{ *hclsyntax.TemplateExpr }
	templateJoin struct{ *hclsyntax.TemplateJoinExpr }
)

func (x *template) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	s := scopeOf(ctx)
	parts := make([]cty.Value, len(x.Parts))
	for i, part := range x.Parts {
		v, diags := part.Value(ctx)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		if s != nil {
			v = s.e.whole(v)
		}
		parts[i] = v
	}
	return s.join(parts, func(i int) hcl.Range { return x.Parts[i].Range() })
}

// Value joins what a loop in a template made.
func (x *templateJoin) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	list, diags := x.Tuple.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	bare, own := list.Unmark()
	if !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return marks.Derive(cty.UnknownVal(cty.String).RefineNotNull(), own), nil
	}
	parts := make([]cty.Value, 0, bare.LengthInt())
	for it := bare.ElementIterator(); it.Next(); {
		_, v := it.Element()
		parts = append(parts, v.WithMarks(onlySecret(own)))
	}
	return scopeOf(ctx).join(parts, func(int) hcl.Range { return x.Range() })
}

// join makes text of parts. Parts that are attributes known only after apply leave holes in it.
func (s *scope) join(parts []cty.Value, at func(int) hcl.Range) (cty.Value, hcl.Diagnostics) {
	return distribute(parts, func(parts []cty.Value) (cty.Value, hcl.Diagnostics) {
		b := &textBuilder{whole: true, marks: cty.ValueMarks{}}
		if s != nil {
			s.e.step(len(parts))
			b.limit = s.e.limits.TextBytes
		}
		for i, v := range parts {
			if problem := b.add(v); problem != "" {
				return failed(at(i), "Invalid template interpolation value", problem)
			}
		}
		return b.value(len(parts) > 1), nil
	})
}

// textBuilder collects the parts of a text.
type textBuilder struct {
	parts   []marks.Part
	text    strings.Builder
	size    int
	limit   int
	unknown bool
	whole   bool // every hole is an attribute
	marks   cty.ValueMarks
}

// add appends a value; what it gives is why that cannot be, or empty.
func (b *textBuilder) add(v cty.Value) string {
	bare, own := v.Unmark()
	if bare.IsKnown() && bare.IsNull() {
		return "a value in the text is null"
	}
	for mark := range own {
		switch mark.(type) {
		case marks.Sym, marks.Cause, marks.Derived, marks.Sensitive:
			b.marks[mark] = struct{}{}
		}
	}
	if bare.IsKnown() {
		if bare.Type() == cty.Number && digits(bare.AsBigFloat()) > b.limit && b.limit > 0 {
			panic(limit("a number has too many digits to be written out"))
		}
		text, is := plainText(bare)
		if !is {
			return "a value in the text is neither text nor a number nor a boolean"
		}
		b.text.WriteString(text)
		b.grow(len(text))
		return ""
	}
	if t := bare.Type(); t != cty.DynamicPseudoType && !t.IsPrimitiveType() {
		return "a value in the text is neither text nor a number nor a boolean"
	}
	b.unknown = true
	switch sym, is := marks.IsSymbol(v); {
	case is:
		b.flush()
		b.parts = append(b.parts, marks.Part{Sym: &sym})
		b.grow(len(sym.Address) + len(sym.Attr))
	case marks.TextOf(v) != nil:
		b.flush()
		for _, part := range marks.TextOf(v).Parts {
			if len(b.parts) > maxHoles {
				break
			}
			b.parts = append(b.parts, part)
			b.grow(len(part.Text) + 1)
		}
	default:
		b.whole = false
	}
	return ""
}

// plainText is a known value as text. Whole numbers, of which loops make many, need not take the library's long way.
func plainText(bare cty.Value) (string, bool) {
	if bare.Type() == cty.Number {
		if n, accuracy := bare.AsBigFloat().Int64(); accuracy == big.Exact {
			return strconv.FormatInt(n, 10), true
		}
	}
	text, err := convert.Convert(bare, cty.String)
	if err != nil || text.IsNull() {
		return "", false
	}
	return text.AsString(), true
}

// flush makes a part of the text before a hole.
func (b *textBuilder) flush() {
	if b.text.Len() > 0 {
		b.parts = append(b.parts, marks.Part{Text: b.text.String()})
		b.text.Reset()
	}
}

func (b *textBuilder) grow(n int) {
	if b.size += n; b.limit > 0 && b.size > b.limit {
		panic(limit("a text is too long"))
	}
}

func (b *textBuilder) value(several bool) cty.Value {
	if !b.unknown {
		out := cty.StringVal(b.text.String())
		if b.marks.Has(marks.Sensitive{}) {
			return out.Mark(marks.Sensitive{})
		}
		return out
	}
	out := cty.UnknownVal(cty.String).RefineNotNull().WithMarks(b.marks)
	if several {
		out = out.Mark(marks.Derived{})
	}
	if b.flush(); b.whole && len(b.parts) > 1 && len(b.parts) < maxHoles {
		return withText(out, b.parts)
	}
	return out
}

// withText marks an unknown as text with holes. What it surely begins with tells it from the empty text, which functions ask for.
func withText(v cty.Value, parts []marks.Part) cty.Value {
	t := marks.NewText(parts)
	if len(t.Parts) > 0 && t.Parts[0].Sym == nil {
		prefix := t.Parts[0].Text
		bare, own := v.Unmark()
		v = bare.Refine().NotNull().StringPrefix(prefix[:min(len(prefix), maxPrefix)]).NewValue().WithMarks(own)
	}
	return v.Mark(t)
}

// maxHoles bounds the parts of a text with holes. No document that anyone reads has more.
const maxHoles = 10_000

// maxPrefix is how much is remembered of what a text begins with.
const maxPrefix = 64

// evaluateTemplate evaluates the text of a template function. It sees its variables and nothing of the module.
func (e *evaluator) evaluateTemplate(t functions.Template) (cty.Value, error) {
	if why := guard([]byte(t.Text), e.limits.Nesting, hclsyntax.LexTemplate); why != "" {
		panic(limit(why))
	}
	parsed, diags := hclsyntax.ParseTemplate([]byte(t.Text), t.Name, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	expression, depth := rewrite(parsed)
	if e.depth+depth > maxDepth {
		panic(limit("too long a chain of references"))
	}
	e.depth += depth
	defer func() { e.depth -= depth }()
	s := newScope(e, &module{})
	s.ctx.Functions = t.Functions
	v, diags := expression.Value(with(s.ctx, t.Variables))
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	return v, nil
}
