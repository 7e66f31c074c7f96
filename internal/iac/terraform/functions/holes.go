package functions

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// Text with holes is made by putting a token where a symbol is, calling the function, and cutting its result at the tokens.

// token is what stands for the n-th hole: characters that nobody writes and nothing escapes.
func token(n int) string { return "\uE000" + strconv.Itoa(n) + "\uE001" }

var tokens = regexp.MustCompile("\uE000([0-9]+)\uE001")

// holes are the tokens that were put into values.
type holes struct {
	parts [][]marks.Part
	from  []cty.ValueMarks // of the values that they stand for
	plain bool             // something unknown is no symbol and no text with symbols
	json  bool             // what is no text may be a hole too
}

// fill gives a value without marks in which tokens stand for symbols and for text with holes. Lists become tuples and maps
// become objects, since a token is text, whatever the other elements are.
func (h *holes) fill(v cty.Value) cty.Value {
	bare, own := v.Unmark()
	if !bare.IsKnown() {
		return h.hole(v, bare.Type(), own)
	}
	if len(own) > 0 {
		h.from = append(h.from, own)
	}
	if bare.IsNull() || !bare.CanIterateElements() {
		return bare
	}
	if isSequence(bare.Type()) {
		elements := marks.Elements(v)
		if bare.Type().IsSetType() && !bare.IsWhollyKnown() && !distinctSymbols(v) && len(elements) > 1 {
			h.plain = true // it is not known how many there are
		}
		for i, e := range elements {
			elements[i] = h.fill(e)
		}
		return cty.TupleVal(elements)
	}
	fields := make(map[string]cty.Value, bare.LengthInt())
	for it := bare.ElementIterator(); it.Next(); {
		key, e := it.Element()
		name, _ := key.Unmark()
		fields[name.AsString()] = h.fill(e)
	}
	return cty.ObjectVal(fields)
}

func (h *holes) hole(v cty.Value, t cty.Type, own cty.ValueMarks) cty.Value {
	h.from = append(h.from, own)
	if symbol, is := marks.IsSymbol(v); is && (h.json || t.IsPrimitiveType() || t == cty.DynamicPseudoType) {
		h.parts = append(h.parts, []marks.Part{{Sym: &symbol}})
		return cty.StringVal(token(len(h.parts) - 1))
	}
	if text := marks.TextOf(v); text != nil {
		h.parts = append(h.parts, text.Parts)
		return cty.StringVal(token(len(h.parts) - 1))
	}
	h.plain = true
	return cty.UnknownVal(t)
}

// cut gives the parts of a text with tokens, the texts around the holes passed through quote, which may be nil.
func (h *holes) cut(text string, quote func(string) string) []marks.Part {
	var parts []marks.Part
	at := 0
	for _, m := range tokens.FindAllStringSubmatchIndex(text, -1) {
		n, err := strconv.Atoi(text[m[2]:m[3]])
		if err != nil || n >= len(h.parts) {
			continue
		}
		parts = append(parts, marks.Part{Text: text[at:m[0]]})
		for _, p := range h.parts[n] {
			if p.Sym == nil && quote != nil {
				p.Text = quote(p.Text)
			}
			parts = append(parts, p)
		}
		at = m[1]
	}
	return append(parts, marks.Part{Text: text[at:]})
}

// value gives a result with tokens as text with holes; list elements are cut each.
func (h *holes) value(result cty.Value, quote func(string) string) cty.Value {
	switch {
	case result.Type() == cty.String:
		if result.IsNull() || !strings.Contains(result.AsString(), "\uE000") {
			return result
		}
		parts := h.cut(result.AsString(), quote)
		unknown := marks.Derive(unknownOf(cty.String), h.from...)
		return unknown.Mark(marks.NewText(parts))
	case result.Type().IsListType() && result.LengthInt() > 0:
		elements := result.AsValueSlice()
		for i, e := range elements {
			elements[i] = h.value(e, quote)
		}
		return cty.ListVal(elements)
	}
	return result
}

// sensitive keeps what must be kept of a result that is known in part.
func (h *holes) sensitive(result cty.Value) cty.Value {
	for _, set := range h.from {
		if _, is := set[marks.Sensitive{}]; is {
			return result.Mark(marks.Sensitive{})
		}
	}
	return result
}

// altered are verbs that would not write a token as it is.
var altered = regexp.MustCompile(`%(\[[0-9]+\])?([-+ #0-9.]+[svqxX]|[qxX])`)

// filled makes a function of text whose result, if what is unknown in its arguments are symbols and text with holes, has those
// holes. In all other cases, and with arguments that are not fit for that, it is a bounded one.
func filled(f function.Function, cause func([]cty.Value) string, fit func(arg cty.Value) bool) function.Function {
	usual := bounded(f, cause)
	params, rest := usual.Params(), usual.VarParam()
	return variadic(func(args []cty.Value) (cty.Value, error) {
		bare, _ := unmark(args)
		whole := true
		for i, arg := range bare {
			if !arg.IsWhollyKnown() {
				whole = false
				if !fit(args[i]) {
					return usual.Call(args)
				}
			}
		}
		if !whole && bare[0].IsKnown() && cause(bare) == "" {
			if v, ok := withHoles(f, args); ok {
				return v, nil
			}
		}
		return usual.Call(args)
	}, rest, params...)
}

func withHoles(f function.Function, args []cty.Value) (cty.Value, bool) {
	h := &holes{}
	fills := make([]cty.Value, len(args))
	for i, arg := range args {
		fills[i] = h.fill(arg)
	}
	if h.plain || fills[0].Type() != cty.String || fills[0].IsNull() || altered.MatchString(strings.ReplaceAll(fills[0].AsString(), "%%", "")) {
		return cty.NilVal, false
	}
	params, rest := f.Params(), f.VarParam()
	for i, v := range fills {
		want := cty.DynamicPseudoType
		if i < len(params) {
			want = params[i].Type
		} else if rest != nil {
			want = rest.Type
		}
		converted, err := convert.Convert(v, want)
		if err != nil {
			return cty.NilVal, false
		}
		fills[i] = converted
	}
	result, err := call(f, fills)
	if err != nil || !result.IsWhollyKnown() {
		return cty.NilVal, false
	}
	return h.sensitive(h.value(result, nil)), true
}

// inJSON writes text as it stands within a JSON string.
func inJSON(text string) string {
	raw, err := json.Marshal(text)
	if err != nil || len(raw) < 2 {
		return ""
	}
	return string(raw[1 : len(raw)-1])
}
