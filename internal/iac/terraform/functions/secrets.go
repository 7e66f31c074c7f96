package functions

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

func secrets() map[string]function.Function {
	value := nullable("value", cty.DynamicPseudoType)
	return map[string]function.Function{
		"sensitive": define(func(args []cty.Value) (cty.Value, error) {
			return args[0].Mark(marks.Sensitive{}), nil
		}, value),
		"nonsensitive": define(func(args []cty.Value) (cty.Value, error) {
			bare, own := args[0].Unmark()
			delete(own, marks.Sensitive{})
			return bare.WithMarks(own), nil
		}, value),
		"issensitive": define(func(args []cty.Value) (cty.Value, error) {
			if !marks.IsSensitive(args[0]) && !known(args[0]) {
				_, from := unmark(args)
				return derive(unknownOf(cty.Bool), from), nil
			}
			return cty.BoolVal(marks.IsSensitive(args[0])), nil
		}, value),
		// No value here is ephemeral: what a run alone knows is unknown.
		"ephemeralasnull": define(func(args []cty.Value) (cty.Value, error) { return args[0], nil }, value),
	}
}
