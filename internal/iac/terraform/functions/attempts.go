package functions

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// attempts get their arguments as expressions, and evaluate them themselves.
func attempts() map[string]function.Function {
	expression := function.Parameter{Name: "expression", Type: customdecode.ExpressionClosureType}
	return map[string]function.Function{
		"try": variadic(try, &expression),
		"can": define(can, expression),
	}
}

// try gives the first expression that has a value. One with unknown parts has one too: an error, once they are known, is so rare
// that the value with its parts is worth more. Only an unknown that may yet be anything is not called an attribute.
func try(args []cty.Value) (cty.Value, error) {
	if len(args) == 0 {
		return cty.NilVal, errEmpty
	}
	var failed strings.Builder
	for _, arg := range args {
		v, diags := customdecode.ExpressionClosureFromVal(arg).Value()
		if diags.HasErrors() {
			for _, d := range diags {
				fmt.Fprintf(&failed, "\n- %s: %s", d.Summary, d.Detail)
			}
			continue
		}
		if _, symbol := marks.IsSymbol(v); known(v) || symbol || marks.TextOf(v) != nil {
			return v, nil
		}
		return v.Mark(marks.Derived{}), nil
	}
	return cty.NilVal, errors.New("no expression succeeded:" + failed.String() + "\nAt least one expression must produce a successful result")
}

// can tells whether an expression has a value. It is not known of one with unknown parts, unless these are attributes.
func can(args []cty.Value) (cty.Value, error) {
	v, diags := customdecode.ExpressionClosureFromVal(args[0]).Value()
	if diags.HasErrors() {
		return cty.False, nil
	}
	if settled(v) {
		return cty.True, nil
	}
	_, from := v.UnmarkDeep()
	return marks.Derive(unknownOf(cty.Bool), from), nil
}

// settled tells whether all that is unknown in a value are attributes: these cannot turn out to be errors.
func settled(v cty.Value) bool {
	bare, _ := v.UnmarkDeep()
	if _, symbol := marks.IsSymbol(v); symbol || bare.IsWhollyKnown() {
		return true
	}
	outer, _ := v.Unmark()
	if !outer.IsKnown() || !outer.CanIterateElements() {
		return false
	}
	var parts []cty.Value
	if isSequence(outer.Type()) {
		parts = marks.Elements(v)
	} else {
		for it := outer.ElementIterator(); it.Next(); {
			_, e := it.Element()
			parts = append(parts, e)
		}
	}
	return !slices.ContainsFunc(parts, func(e cty.Value) bool { return !settled(e) })
}
