package terraform

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// maxArms bounds of how many values an unknown may be one; beyond, it is just unknown.
const maxArms = 16

// lazy marks an unknown that stands for a whole resource, module or list of them. What of it is asked for is evaluated then: an
// object of everything would cost more than it is used for, and would read arguments that refer back to it.
type lazy struct{ to target }

// target is what a lazy value stands for.
type target interface {
	attr(name string, at hcl.Range) (cty.Value, hcl.Diagnostics)
	index(key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics)
	// whole is the object or list, of values that may be lazy again.
	whole() cty.Value
}

func lazyValue(to target) cty.Value { return cty.DynamicVal.Mark(lazy{to: to}) }

// lazyOf gives what a value stands for; nil if it is not lazy, or was computed from what is.
func lazyOf(v cty.Value) target {
	if v.Type() != cty.DynamicPseudoType || !v.IsMarked() {
		return nil
	}
	var found target
	for mark := range v.Marks() {
		switch m := mark.(type) {
		case lazy:
			if found != nil {
				return nil
			}
			found = m.to
		case marks.Derived:
			return nil
		}
	}
	return found
}

// whole replaces a lazy value by what it stands for, one level deep.
func (e *evaluator) whole(v cty.Value) cty.Value {
	to := lazyOf(v)
	if to == nil {
		return v
	}
	e.step(1)
	out := to.whole()
	if marks.IsSensitive(v) {
		out = out.Mark(marks.Sensitive{})
	}
	return out
}

// wholeDeep replaces lazy values wherever they are.
func (e *evaluator) wholeDeep(v cty.Value) cty.Value {
	return e.wholeBelow(v, 0)
}

func (e *evaluator) wholeBelow(v cty.Value, depth int) cty.Value {
	if depth > e.limits.Nesting {
		panic(limit("a value is nested too deep"))
	}
	v = e.whole(v)
	any := false
	for range cty.ValueMarksOfTypeDeep[lazy](v) {
		any = true
		break
	}
	if !any {
		return v
	}
	bare, own := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return v
	}
	if t := bare.Type(); t.IsObjectType() || t.IsMapType() {
		fields := map[string]cty.Value{}
		for it := bare.ElementIterator(); it.Next(); {
			key, field := it.Element()
			fields[key.AsString()] = e.wholeBelow(field, depth+1)
		}
		return cty.ObjectVal(fields).WithMarks(own)
	}
	items := make([]cty.Value, 0, bare.LengthInt())
	for it := bare.ElementIterator(); it.Next(); {
		_, item := it.Element()
		items = append(items, e.wholeBelow(item, depth+1))
	}
	return cty.TupleVal(items).WithMarks(own)
}

// armsOf gives the values of which an unknown is one: the arms of a condition that is not known. nil if it is none such.
func armsOf(v cty.Value) []cty.Value {
	if !v.IsMarked() || v.IsKnown() {
		return nil
	}
	var found *marks.Either
	for mark := range v.Marks() {
		if m, is := mark.(*marks.Either); is {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	if found == nil {
		return nil
	}
	return found.Values
}

// eitherOf is the value that is one of several, chosen by what is not known.
func eitherOf(values []cty.Value, chosenBy cty.ValueMarks) cty.Value {
	var arms []cty.Value
	for _, v := range values {
		inner := armsOf(v)
		if inner == nil {
			inner = []cty.Value{v}
		}
		for _, arm := range inner {
			arms = appendNew(arms, arm)
		}
	}
	if len(arms) == 1 {
		return withSecrets(arms[0], chosenBy)
	}
	t, null := arms[0].Type(), false
	secret := chosenBy.Has(marks.Sensitive{})
	for _, arm := range arms {
		if !arm.Type().Equals(t) {
			t = cty.DynamicPseudoType
		}
		bare, own := arm.Unmark()
		null = null || bare.IsNull() || !bare.Range().DefinitelyNotNull()
		secret = secret || own.Has(marks.Sensitive{})
	}
	out := cty.UnknownVal(t)
	if !null && t != cty.DynamicPseudoType {
		out = out.RefineNotNull()
	}
	out = marks.Derive(out, chosenBy)
	if secret {
		out = out.Mark(marks.Sensitive{})
	}
	if len(arms) > maxArms {
		return out
	}
	return out.Mark(&marks.Either{Values: arms})
}

func appendNew(arms []cty.Value, arm cty.Value) []cty.Value {
	for _, have := range arms {
		if have.RawEquals(arm) {
			return arms
		}
	}
	return append(arms, arm)
}

// distribute computes from operands; if one of them is one of several values, for each of those. If more of them are, they may
// hang together, so that the combinations are not known.
func distribute(operands []cty.Value, compute func([]cty.Value) (cty.Value, hcl.Diagnostics)) (cty.Value, hcl.Diagnostics) {
	at := -1
	for i, v := range operands {
		if armsOf(v) == nil {
			continue
		}
		if at >= 0 {
			return compute(operands)
		}
		at = i
	}
	if at < 0 {
		return compute(operands)
	}
	var results []cty.Value
	var problems hcl.Diagnostics
	for _, arm := range armsOf(operands[at]) {
		each := append([]cty.Value(nil), operands...)
		each[at] = arm
		v, diags := compute(each)
		if diags.HasErrors() {
			problems = append(problems, diags...)
			continue
		}
		results = append(results, v)
	}
	if len(results) == 0 {
		return cty.DynamicVal, problems
	}
	if len(problems) > 0 { // one of the arms fails, so it is not the one, or the code is wrong then
		results = append(results, marks.Unknown(cty.DynamicPseudoType, "an expression fails in one of the cases"))
	}
	return eitherOf(results, operands[at].Marks()), nil
}

// onlySecret are the marks that what is known keeps of those of what it is made from.
func onlySecret(all cty.ValueMarks) cty.ValueMarks {
	if all.Has(marks.Sensitive{}) {
		return cty.NewValueMarks(marks.Sensitive{})
	}
	return nil
}

// each goes through the elements of a known collection, each with its own marks; the keys of a set are its elements.
func each(v cty.Value, do func(key, value cty.Value) bool) {
	bare, _ := v.Unmark()
	if bare.Type().IsSetType() {
		for _, element := range marks.Elements(v) {
			if !do(element, element) {
				return
			}
		}
		return
	}
	for it := bare.ElementIterator(); it.Next(); {
		if !do(it.Element()) {
			return
		}
	}
}

// follow walks a path from a value.
func (e *evaluator) follow(v cty.Value, steps hcl.Traversal) (cty.Value, hcl.Diagnostics) {
	for i, step := range steps {
		if made, is := lazyOf(v).(*instance); is {
			return made.follow(steps[i:])
		}
		var diags hcl.Diagnostics
		switch t := step.(type) {
		case hcl.TraverseAttr:
			v, diags = e.attr(v, t.Name, t.SrcRange)
		case hcl.TraverseIndex:
			v, diags = e.index(v, t.Key, t.SrcRange)
		default:
			v, diags = failed(step.SourceRange(), "Unsupported path", "this kind of path cannot be followed")
		}
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
	}
	return v, nil
}

// attr is v.name.
func (e *evaluator) attr(v cty.Value, name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if to := lazyOf(v); to != nil {
		out, diags := to.attr(name, at)
		return keepSecret(out, v), diags
	}
	if s, is := marks.IsSymbol(v); is {
		if t := v.Type(); !t.IsObjectType() && !t.IsMapType() {
			return keepSecret(marks.Symbol(leafType(name), s.Address, s.Attr+"."+name), v), nil
		} else if t.IsObjectType() && t.HasAttribute(name) {
			return keepSecret(marks.Symbol(t.AttributeType(name), s.Address, s.Attr+"."+name), v), nil
		}
	}
	return distribute([]cty.Value{v}, func(of []cty.Value) (cty.Value, hcl.Diagnostics) {
		if lazyOf(of[0]) != nil {
			return e.attr(of[0], name, at)
		}
		return hcl.GetAttr(of[0], name, &at)
	})
}

// index is v[key].
func (e *evaluator) index(v, key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	return distribute([]cty.Value{v, key}, func(of []cty.Value) (cty.Value, hcl.Diagnostics) {
		out, diags := e.indexOne(of[0], of[1], at)
		return keepSecret(out, v), diags
	})
}

func (e *evaluator) indexOne(v, key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	bareKey, keyMarks := key.Unmark()
	if bareKey.IsNull() {
		return failed(at, "Invalid index", "the index is null")
	}
	if !bareKey.IsKnown() {
		_, own := v.Unmark()
		return marks.Derive(cty.DynamicVal, own, keyMarks), nil
	}
	if to := lazyOf(v); to != nil {
		return to.index(bareKey, at)
	}
	if s, is := marks.IsSymbol(v); is && !v.Type().IsObjectType() && !v.Type().IsCollectionType() && !v.Type().IsTupleType() {
		return marks.Symbol(cty.DynamicPseudoType, s.Address, s.Attr+keyText(bareKey)), nil
	}
	return hcl.Index(v, bareKey, &at)
}

func keepSecret(v, from cty.Value) cty.Value {
	if from.IsMarked() && marks.IsSensitive(from) {
		return v.Mark(marks.Sensitive{})
	}
	return v
}

// keyText is an index as addresses have it: [0], ["a"].
func keyText(key cty.Value) string {
	switch {
	case key == cty.NilVal:
		return ""
	case key.Type() == cty.Number:
		return "[" + key.AsBigFloat().Text('f', -1) + "]"
	case key.Type() == cty.String:
		return "[" + strconv.Quote(key.AsString()) + "]"
	}
	return "[?]"
}

// leafType guesses the type of a computed attribute by its name, without which tests for null could not be answered: names and
// identifiers are text, and there as soon as the resource is. Of others nothing is known.
func leafType(name string) cty.Type {
	switch name {
	case "id", "arn", "name", "bucket", "self_link":
		return cty.String
	}
	if strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_arn") || strings.HasSuffix(name, "_name") {
		return cty.String
	}
	return cty.DynamicPseudoType
}
