package terraform

import (
	"math/big"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// convert makes the value of an attribute one of package iac. Elements that are written out in the attribute have the places where
// they are; all others that of the attribute.
func (e *evaluator) convert(v cty.Value, a *attribute) (out *iac.Value) {
	outer := e.perCell
	e.perCell = 0
	defer func() {
		e.perCell = outer
		if broken := recover(); broken != nil {
			why := "it cannot be read"
			if l, is := broken.(limit); is {
				why = string(l)
			}
			if !e.stopped {
				e.problem(iac.LimitReached, a.name+" was not evaluated: "+why, a.at)
			}
			out = &iac.Value{Kind: iac.Unknown, Cause: why, Range: a.at}
		}
	}()
	return e.value(v, a.expr, a.at, false)
}

func (e *evaluator) value(v cty.Value, written hclsyntax.Expression, at iac.Range, secret bool) *iac.Value {
	e.step(1)
	v = e.whole(v)
	bare, own := v.Unmark()
	secret = secret || own.Has(marks.Sensitive{})
	out := &iac.Value{Range: at, Sensitive: secret}
	if !bare.IsKnown() {
		e.unknown(v, out)
		return out
	}
	t := bare.Type()
	switch {
	case bare.IsNull():
	case t == cty.String:
		out.Kind, out.Text = iac.String, bare.AsString()
	case t == cty.Number:
		out.Kind, out.Text = iac.Number, numberText(bare.AsBigFloat())
	case t == cty.Bool:
		out.Kind, out.Text = iac.Bool, "false"
		if bare.True() {
			out.Text = "true"
		}
	case t.IsObjectType() || t.IsMapType():
		out.Kind = iac.Object
		e.fields(v, out, stripped(written))
	case bare.CanIterateElements():
		out.Kind = iac.List
		e.items(v, out, stripped(written))
	default:
		out.Kind, out.Cause = iac.Unknown, "it is a value that cannot be shown"
	}
	return out
}

// unknown says what is known of an unknown.
func (e *evaluator) unknown(v cty.Value, out *iac.Value) {
	out.Kind = iac.Unknown
	if sym, is := marks.IsSymbol(v); is {
		out.Symbol = &iac.Symbol{Address: sym.Address, Attribute: sym.Attr}
		out.Cause = say(v)
		return
	}
	if text := marks.TextOf(v); text != nil {
		out.Kind = iac.String
		out.Parts = make([]iac.Part, len(text.Parts))
		for i, p := range text.Parts {
			out.Parts[i].Text = p.Text
			if p.Sym != nil {
				out.Parts[i] = iac.Part{Symbol: &iac.Symbol{Address: p.Sym.Address, Attribute: p.Sym.Attr}}
			}
		}
		return
	}
	out.Cause = say(v)
	if ref, is := marks.RefOf(v); is {
		out.Symbol = &iac.Symbol{Address: ref.Address, Attribute: ref.Attr}
		return
	}
	for _, arm := range armsOf(v) {
		out.Either = append(out.Either, e.value(arm, nil, out.Range, out.Sensitive))
	}
}

func (e *evaluator) items(v cty.Value, out *iac.Value, written hclsyntax.Expression) {
	list, _ := written.(*hclsyntax.TupleConsExpr)
	bare, _ := v.Unmark()
	n := bare.LengthInt()
	if list != nil && (len(list.Exprs) != n || bare.Type().IsSetType()) {
		list = nil
	}
	out.Items = make([]*iac.Value, 0, n)
	each(v, func(_, item cty.Value) bool {
		at, expr := out.Range, hclsyntax.Expression(nil)
		if list != nil {
			expr = list.Exprs[len(out.Items)]
			at = placeOr(expr.Range(), at)
		}
		out.Items = append(out.Items, e.value(item, expr, at, out.Sensitive))
		return true
	})
}

func (e *evaluator) fields(v cty.Value, out *iac.Value, written hclsyntax.Expression) {
	bare, _ := v.Unmark()
	values := make(map[string]cty.Value, bare.LengthInt())
	keys := make([]string, 0, bare.LengthInt())
	each(v, func(key, value cty.Value) bool {
		bareKey, _ := key.Unmark()
		values[bareKey.AsString()] = value
		keys = append(keys, bareKey.AsString())
		return true
	})
	slices.Sort(keys)
	places := map[string]hclsyntax.ObjectConsItem{}
	order := make([]string, 0, len(keys))
	for _, item := range itemsOf(written) {
		key, known := literalKey(item.KeyExpr)
		if _, has := values[key]; !known || !has {
			continue
		}
		if _, twice := places[key]; !twice {
			order = append(order, key)
		}
		places[key] = item // the last one wins, as in the language
	}
	for _, key := range keys {
		if _, placed := places[key]; !placed {
			order = append(order, key)
		}
	}
	out.Fields = make([]iac.Field, 0, len(order))
	for _, key := range order {
		at, expr := out.Range, hclsyntax.Expression(nil)
		if item, placed := places[key]; placed {
			expr = item.ValueExpr
			at = placeOr(hcl.RangeBetween(item.KeyExpr.Range(), item.ValueExpr.Range()), at)
		}
		out.Fields = append(out.Fields, iac.Field{Key: key, Value: e.value(values[key], expr, at, out.Sensitive)})
	}
}

func itemsOf(written hclsyntax.Expression) []hclsyntax.ObjectConsItem {
	switch x := written.(type) {
	case *hclsyntax.ObjectConsExpr:
		return x.Items
	case *object:
		return x.Items
	}
	return nil
}

// literalKey is a key of an object if it is written out.
func literalKey(x hclsyntax.Expression) (string, bool) {
	if key, is := x.(*hclsyntax.ObjectConsKeyExpr); is {
		if name := hcl.ExprAsKeyword(key.Wrapped); name != "" && !key.ForceNonLiteral {
			return name, true
		}
		x = key.Wrapped
	}
	switch x.(type) {
	case *hclsyntax.LiteralValueExpr, *hclsyntax.TemplateExpr:
		if v, diags := x.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			return v.AsString(), true
		}
	}
	return "", false
}

// stripped is an expression without what does not change it.
func stripped(x hclsyntax.Expression) hclsyntax.Expression {
	for {
		switch outer := x.(type) {
		case *hclsyntax.ParenthesesExpr:
			x = outer.Expression
		case *hclsyntax.TemplateWrapExpr:
			x = outer.Wrapped
		case *functionCall:
			if len(outer.Args) != 1 || outer.Name != "tolist" && outer.Name != "tomap" && outer.Name != "sensitive" {
				return x
			}
			x = outer.Args[0]
		default:
			return x
		}
	}
}

// numberText is a number without loss; those with very many digits are written with an exponent.
func numberText(f *big.Float) string {
	if digits(f) > 1000 {
		return f.Text('g', -1)
	}
	return f.Text('f', -1)
}

// fromBody makes the value of blocks one of the language, for those that refer to it.
func (e *evaluator) fromBody(v *iac.Value) cty.Value {
	e.step(1)
	out := e.fromValue(v)
	if v.Sensitive {
		out = out.Mark(marks.Sensitive{})
	}
	return out
}

func (e *evaluator) fromValue(v *iac.Value) cty.Value {
	switch v.Kind {
	case iac.Bool:
		return cty.BoolVal(v.Text == "true")
	case iac.Number:
		return number(v.Text)
	case iac.String:
		if v.Parts == nil {
			return cty.StringVal(v.Text)
		}
		return textValue(v.Parts)
	case iac.List:
		if v.Open != "" {
			return marks.Unknown(cty.DynamicPseudoType, v.Open).Mark(marks.Derived{})
		}
		items := make([]cty.Value, len(v.Items))
		for i, item := range v.Items {
			items[i] = e.fromBody(item)
		}
		return cty.TupleVal(items)
	case iac.Object:
		fields := make(map[string]cty.Value, len(v.Fields))
		for _, f := range v.Fields {
			fields[f.Key] = e.fromBody(f.Value)
		}
		return cty.ObjectVal(fields)
	case iac.Unknown:
		if v.Symbol != nil {
			return marks.Symbol(leafType(v.Symbol.Attribute), v.Symbol.Address, v.Symbol.Attribute)
		}
		out := marks.Unknown(cty.DynamicPseudoType, v.Cause).Mark(marks.Derived{})
		if len(v.Either) == 0 {
			return out
		}
		arms := make([]cty.Value, len(v.Either))
		for i, arm := range v.Either {
			arms[i] = e.fromBody(arm)
		}
		return eitherOf(arms, out.Marks())
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// textValue is a text with holes as a value of the language.
func textValue(parts []iac.Part) cty.Value {
	out := cty.UnknownVal(cty.String).RefineNotNull().Mark(marks.Derived{})
	text := make([]marks.Part, len(parts))
	for i, p := range parts {
		text[i].Text = p.Text
		if p.Symbol != nil {
			sym := marks.Sym{Address: p.Symbol.Address, Attr: p.Symbol.Attribute}
			text[i] = marks.Part{Sym: &sym}
			out = out.Mark(sym)
		}
	}
	return withText(out, text)
}
