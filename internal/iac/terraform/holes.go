package terraform

import (
	"fmt"
	"math/big"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// ofSymbols are functions of which more can be told, of attributes known only after apply and of text with such, than that they
// are unknown.
func (e *evaluator) ofSymbols(name string, operands []cty.Value) (cty.Value, bool) {
	switch {
	case name == "replace" && len(operands) == 3:
		return replaceInText(operands)
	case name == "basename" && len(operands) == 1:
		return e.lastName(operands[0])
	case name == "slice" && len(operands) == 3:
		return sliceOfSymbol(operands)
	}
	return cty.NilVal, false
}

// maxSlice is how many elements of a list that is not known are named.
const maxSlice = 100

// sliceOfSymbol is a part of a list that is known only after apply: how long it is is known, or the code fails. Networks are laid
// out so, over the first zones of a region.
func sliceOfSymbol(operands []cty.Value) (cty.Value, bool) {
	s, is := marks.IsSymbol(operands[0])
	from, start := wholeNumber(operands[1])
	to, end := wholeNumber(operands[2])
	if !is || !start || !end || from < 0 || to < from || to-from > maxSlice || lazyOf(operands[0]) != nil {
		return cty.NilVal, false
	}
	items := make([]cty.Value, 0, to-from)
	for i := from; i < to; i++ {
		items = append(items, keepSecret(marks.Symbol(cty.DynamicPseudoType, s.Address, fmt.Sprintf("%s[%d]", s.Attr, i)), operands[0]))
	}
	return cty.TupleVal(items), true
}

// wholeNumber is a known one of reasonable size.
func wholeNumber(v cty.Value) (int, bool) {
	bare, _ := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() || bare.Type() != cty.Number {
		return 0, false
	}
	f, accuracy := bare.AsBigFloat().Int64()
	return int(f), accuracy == big.Exact && f < 1<<20 && f > -1<<20
}

// lastName is what follows the last slash, if that is known. The folder that programs are run in has the name that the root module's
// has here: where that folder is matters to nothing, but its name often becomes one of what is made.
func (e *evaluator) lastName(v cty.Value) (cty.Value, bool) {
	if s, is := marks.IsSymbol(v); is {
		if s != marks.WorkingDirectory || e.root.dir == "." {
			return cty.NilVal, false
		}
		return keepSecret(cty.StringVal(path.Base(e.root.dir)), v), true
	}
	t := marks.TextOf(v)
	if t == nil || len(t.Parts) == 0 || t.Parts[len(t.Parts)-1].Sym != nil {
		return cty.NilVal, false
	}
	end := t.Parts[len(t.Parts)-1].Text
	slash := strings.LastIndexByte(end, '/')
	if slash < 0 || slash == len(end)-1 {
		return cty.NilVal, false
	}
	return keepSecret(cty.StringVal(end[slash+1:]), v), true
}

// replaceInText is the function replace where the text has holes, or what is put in is an attribute known only after apply. Modules
// fill in the names of what they make so, for words that their users write. It answers only for such words: what could be a part
// of a hole's text is not looked for, since it is not known whether it is there.
func replaceInText(operands []cty.Value) (cty.Value, bool) {
	word, _ := operands[1].Unmark()
	if !word.IsKnown() || word.IsNull() || word.Type() != cty.String || !isPlaceholder(word.AsString()) {
		return cty.NilVal, false
	}
	text := partsOf(operands[0])
	with := partsOf(operands[2])
	if text == nil || with == nil {
		return cty.NilVal, false
	}
	b := &textBuilder{whole: true, unknown: true, marks: cty.ValueMarks{marks.Derived{}: {}}}
	for _, v := range operands {
		for mark := range v.Marks() {
			switch mark.(type) {
			case marks.Sym, marks.Sensitive:
				b.marks[mark] = struct{}{}
			}
		}
	}
	holes := false
	for _, part := range text {
		if part.Sym != nil {
			b.parts = append(b.parts, part)
			holes = true
			continue
		}
		for i, between := range strings.Split(part.Text, word.AsString()) {
			if i > 0 {
				b.parts = append(b.parts, with...)
				holes = holes || len(with) != 1 || with[0].Sym != nil
			}
			b.parts = append(b.parts, marks.Part{Text: between})
		}
	}
	if !holes {
		return cty.NilVal, false // all of it is known, or nothing is replaced: the function itself is exact
	}
	return b.value(true), true
}

// isPlaceholder tells a word that stands for a value from what names and identifiers are made of: _S3_BUCKET_ARN_, <ACCOUNT>, {{X}}.
func isPlaceholder(word string) bool {
	if strings.HasPrefix(word, "/") && strings.HasSuffix(word, "/") {
		return false // a regular expression
	}
	return len(word) >= 4 && strings.ContainsAny(word, "_<>{}%$@#") && !strings.ContainsAny(word, "abcdefghijklmnopqrstuvwxyz") &&
		strings.Trim(word, "_0123456789") != ""
}

// partsOf is a text, with holes or without; nil if it is neither.
func partsOf(v cty.Value) []marks.Part {
	if s, is := marks.IsSymbol(v); is {
		return []marks.Part{{Sym: &s}}
	}
	if t := marks.TextOf(v); t != nil {
		return t.Parts
	}
	bare, _ := v.Unmark()
	if bare.IsKnown() && !bare.IsNull() && bare.Type() == cty.String {
		return []marks.Part{{Text: bare.AsString()}}
	}
	return nil
}

// distributeDeep is distribute for what is written out whole: it is one of several texts, if one value within it is one of several.
func distributeDeep(operands []cty.Value, compute func([]cty.Value) (cty.Value, hcl.Diagnostics)) (cty.Value, hcl.Diagnostics) {
	var choice *marks.Either
	for _, v := range operands {
		for m := range cty.ValueMarksOfTypeDeep[*marks.Either](v) {
			if choice != nil && choice != m {
				return distribute(operands, compute)
			}
			choice = m
		}
	}
	if choice == nil {
		return compute(operands)
	}
	var results []cty.Value
	chosenBy := cty.ValueMarks{}
	for _, arm := range choice.Values {
		each := make([]cty.Value, len(operands))
		for i, v := range operands {
			each[i] = choose(v, choice, arm, chosenBy)
		}
		v, diags := compute(each)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		results = append(results, v)
	}
	return eitherOf(results, chosenBy), nil
}

// choose puts one of the values of which another is one in its place, and notes why that is not known.
func choose(v cty.Value, choice *marks.Either, arm cty.Value, chosenBy cty.ValueMarks) cty.Value {
	bare, own := v.Unmark()
	if own.Has(choice) {
		for mark := range own {
			chosenBy[mark] = struct{}{}
		}
		return arm
	}
	if !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() || bare.Type().IsSetType() {
		return v
	}
	if t := bare.Type(); t.IsObjectType() || t.IsMapType() {
		fields := map[string]cty.Value{}
		each(v, func(key, field cty.Value) bool {
			fields[key.AsString()] = choose(field, choice, arm, chosenBy)
			return true
		})
		return cty.ObjectVal(fields).WithMarks(own)
	}
	items := []cty.Value{}
	each(v, func(_, item cty.Value) bool {
		items = append(items, choose(item, choice, arm, chosenBy))
		return true
	})
	return cty.TupleVal(items).WithMarks(own)
}
