package functions

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// templates are evaluated by whoever made the scope. Within one, the functions are the same but for these, so that no template
// calls itself.
func templates(scope Scope, within map[string]function.Function) map[string]function.Function {
	for _, name := range []string{"templatefile", "templatestring", "core::templatefile", "core::templatestring"} {
		within[name] = define(func([]cty.Value) (cty.Value, error) {
			return cty.NilVal, errors.New("templates cannot be called from within a template")
		}, nullable("path", cty.DynamicPseudoType), nullable("vars", cty.DynamicPseudoType))
	}
	variables := parameter("vars", cty.DynamicPseudoType)
	return map[string]function.Function{
		"templatefile": define(func(args []cty.Value) (cty.Value, error) {
			var t Template
			var secret cty.ValueMarks
			v, err := scope.reading(args[:1], cty.String, func(file string) (cty.Value, error) {
				raw, cause := scope.read(file)
				if cause != "" {
					return derived(cty.String, cause), nil
				}
				t.Name = file
				return fileText(raw)
			})
			if err != nil || !known(v) {
				return v, err
			}
			v, secret = v.Unmark()
			t.Text, t.Functions = v.AsString(), within
			return scope.render(t, args[1], secret)
		}, parameter("path", cty.String), variables),
		"templatestring": define(func(args []cty.Value) (cty.Value, error) {
			v, own := args[0].Unmark()
			if !v.IsKnown() {
				return keepUnknown(args[0]), nil
			}
			return scope.render(Template{Name: "templatestring", Text: v.AsString(), Functions: within}, args[1], own)
		}, parameter("template", cty.String), variables),
	}
}

// render gives the variables to the template with their marks, and adds those of the text itself, if it is a secret.
func (s Scope) render(t Template, variables cty.Value, text cty.ValueMarks) (cty.Value, error) {
	bare, own := variables.Unmark()
	if ty := bare.Type(); ty != cty.DynamicPseudoType && !ty.IsObjectType() && !ty.IsMapType() {
		return cty.NilVal, function.NewArgErrorf(1, "invalid vars value: must be a map")
	}
	if !bare.IsKnown() {
		return marks.Derive(cty.DynamicVal, own, text), nil
	}
	if s.Evaluate == nil {
		return derived(cty.DynamicPseudoType, "templates are not evaluated here", own, text), nil
	}
	t.Variables = make(map[string]cty.Value, bare.LengthInt())
	for it := bare.ElementIterator(); it.Next(); {
		key, v := it.Element()
		name := key.AsString()
		if !hclsyntax.ValidIdentifier(name) {
			return cty.NilVal, function.NewArgErrorf(1, "invalid template variable name %q: must start with a letter, followed by zero or more letters, digits, and underscores", short(name))
		}
		t.Variables[name] = v
	}
	result, err := s.Evaluate(t)
	if err != nil {
		return cty.NilVal, fmt.Errorf("template %s: %w", t.Name, err)
	}
	if marks.IsSensitive(variables) || marks.IsSensitive(cty.EmptyObjectVal.WithMarks(text)) {
		result = result.Mark(marks.Sensitive{})
	}
	if bare, _ := result.UnmarkDeep(); bare.IsKnown() && !bare.IsNull() && bare.Type() == cty.String && len(bare.AsString()) > s.Limits.TextBytes {
		return derived(cty.String, tooLong("the template", s.Limits.TextBytes), result.Marks()), nil
	}
	return result, nil
}
