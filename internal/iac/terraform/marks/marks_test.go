package marks_test

import (
	"fmt"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

func symbol(name string) cty.Value { return marks.Symbol(cty.String, name, "arn") }

func TestAValueIsASymbolOnlyUnchanged(t *testing.T) {
	a, b := marks.Sym{Address: "a", Attr: "arn"}, marks.Sym{Address: "b", Attr: "arn"}
	unknown := cty.UnknownVal(cty.String)
	for name, test := range map[string]struct {
		value cty.Value
		is    bool
	}{
		"as it comes":          {symbol("a"), true},
		"a secret":             {symbol("a").Mark(marks.Sensitive{}), true},
		"computed from":        {symbol("a").Mark(marks.Derived{}), false},
		"with a cause":         {symbol("a").Mark(marks.Cause{Text: "x"}), false},
		"text with holes":      {symbol("a").Mark(marks.NewText(nil)), false},
		"one of two":           {symbol("a").Mark(&marks.Either{}), false},
		"from two":             {unknown.Mark(a).Mark(b), false},
		"known":                {cty.StringVal("x").Mark(a), false},
		"unknown for no cause": {unknown, false},
	} {
		if found, is := marks.IsSymbol(test.value); is != test.is || is && found != a {
			t.Errorf("%s: is a symbol: %v (%v), want %v", name, is, found, test.is)
		}
	}
}

func TestTextIsWrittenWithItsHoles(t *testing.T) {
	a := marks.Sym{Address: "a", Attr: "arn"}
	text := marks.NewText([]marks.Part{{Text: "x"}, {Text: ""}, {Text: "y"}, {Sym: &a}, {Text: ""}, {Text: "/*"}})
	if len(text.Parts) != 3 || text.String() != "xy${a.arn}/*" {
		t.Errorf("%v: %s", text.Parts, text)
	}
	unknown := cty.UnknownVal(cty.String).Mark(text)
	if marks.TextOf(unknown) != text || marks.TextOf(unknown.Mark(marks.NewText(nil))) != nil || marks.TextOf(cty.StringVal("x").Mark(text)) != nil {
		t.Error("a value is the text of its only mark, if it is unknown")
	}
}

func TestWhatIsComputedSaysFromWhat(t *testing.T) {
	from := cty.NewValueMarks(marks.Sym{Address: "a", Attr: "arn"}, marks.Sensitive{}, marks.NewText(nil), &marks.Either{}, "of others")
	unknown := marks.Derive(cty.UnknownVal(cty.String), from)
	want := cty.NewValueMarks(marks.Sym{Address: "a", Attr: "arn"}, marks.Sensitive{}, marks.Derived{})
	if !unknown.Marks().Equal(want) {
		t.Errorf("unknown: %v, want %v", unknown.Marks(), want)
	}
	if known := marks.Derive(cty.True, from); !known.Marks().Equal(cty.NewValueMarks(marks.Sensitive{})) {
		t.Errorf("known: %v", known.Marks())
	}
	list, _ := marks.Derive(cty.ListVal([]cty.Value{cty.UnknownVal(cty.String), cty.StringVal("x")}), from).Unmark()
	if first, second := list.AsValueSlice()[0], list.AsValueSlice()[1]; !first.Marks().Equal(want) || second.IsMarked() {
		t.Errorf("in a list: %v, %v", first.Marks(), second.Marks())
	}
	if causes := marks.Causes(unknown.Mark(marks.Cause{Text: "a first"})); fmt.Sprint(causes) != "[a first known after apply: a.arn]" {
		t.Errorf("causes: %v", causes)
	}
}

func TestElementsOfSetsGetBackWhatIsCertain(t *testing.T) {
	plain := marks.Unknown(cty.String, "x")
	text := cty.UnknownVal(cty.String).WithMarks(cty.NewValueMarks(marks.Derived{}, marks.NewText([]marks.Part{{Text: "x"}})))
	for name, test := range map[string]struct {
		elements       []cty.Value
		symbols, texts int
	}{
		"one symbol":             {[]cty.Value{symbol("a"), cty.StringVal("x")}, 1, 0},
		"two symbols":            {[]cty.Value{symbol("a"), symbol("b"), cty.StringVal("x")}, 2, 0},
		"the same symbol":        {[]cty.Value{symbol("a"), symbol("a")}, 2, 0},
		"three, two of one kind": {[]cty.Value{symbol("a"), symbol("a"), symbol("b")}, 0, 0},
		"a symbol and another":   {[]cty.Value{symbol("a"), plain}, 0, 0},
		"one text":               {[]cty.Value{text, cty.StringVal("x")}, 0, 1},
		"a text and a symbol":    {[]cty.Value{text, symbol("a")}, 0, 0},
	} {
		symbols, texts := 0, 0
		for _, e := range marks.Elements(marks.SetVal(test.elements)) {
			if _, is := marks.IsSymbol(e); is {
				symbols++
			}
			if marks.TextOf(e) != nil {
				texts++
			}
		}
		if symbols != test.symbols || texts != test.texts {
			t.Errorf("%s: %d symbols and %d texts, want %d and %d", name, symbols, texts, test.symbols, test.texts)
		}
	}
}
