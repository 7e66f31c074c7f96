package terraform

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/functions"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// ruleKey is an attribute of a type.
type ruleKey struct {
	data       bool
	kind, name string
}

// evaluated are the attributes that providers compute from the arguments alone, without asking anyone. A rule that gives null says
// that it does not apply.
var evaluated = map[ruleKey]func(*instance) cty.Value{
	{true, "aws_iam_policy_document", "json"}:          func(m *instance) cty.Value { return policyDocument(m, true) },
	{true, "aws_iam_policy_document", "minified_json"}: func(m *instance) cty.Value { return policyDocument(m, false) },
	{true, "google_iam_policy", "policy_data"}:         googlePolicy,
	{true, "aws_region", "name"}:                       regionOf,
	{true, "aws_region", "region"}:                     regionOf,
	{true, "aws_region", "id"}:                         regionOf,
	{true, "template_file", "rendered"}:                renderedTemplate,
	{true, "null_data_source", "outputs"}:              argument("inputs"),
	{false, "terraform_data", "output"}:                argument("input"),
}

// argument is a rule for what comes out as it goes in.
func argument(name string) func(*instance) cty.Value {
	return func(m *instance) cty.Value {
		f := m.group.resource.body.names[name]
		if f == nil || f.attr == nil {
			return cty.NullVal(cty.DynamicPseudoType)
		}
		return m.evaluate(f)
	}
}

// regionOf is the region that a resource's provider is configured with.
func regionOf(m *instance) cty.Value {
	v := m.providerOf().Body.Get("region")
	if !v.Is(iac.String) || v.Parts != nil {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return cty.StringVal(v.Text)
}

// renderedTemplate is the data source that was used before there were template functions.
func renderedTemplate(m *instance) cty.Value {
	text := argument("template")(m)
	bare, own := text.Unmark()
	if bare.IsNull() || !bare.IsKnown() || bare.Type() != cty.String {
		if !bare.IsKnown() {
			return marks.Derive(cty.UnknownVal(cty.String), own)
		}
		return cty.NullVal(cty.String)
	}
	e := m.group.scope.e
	t := functions.Template{Name: m.address, Text: bare.AsString(), Variables: map[string]cty.Value{}, Functions: e.functions}
	vars, _ := e.whole(argument("vars")(m)).Unmark()
	if !vars.IsKnown() {
		return marks.Derive(cty.UnknownVal(cty.String), vars.Marks(), own)
	}
	if !vars.IsNull() && (vars.Type().IsObjectType() || vars.Type().IsMapType()) {
		each(vars, func(key, value cty.Value) bool {
			t.Variables[key.AsString()] = value
			return true
		})
	}
	v, err := e.evaluateTemplate(t)
	if err != nil {
		return marks.Unknown(cty.String, fmt.Sprintf("the template cannot be evaluated: %v", err))
	}
	return v.WithMarks(onlySecret(own))
}

// googlePolicy is the JSON of bindings.
func googlePolicy(m *instance) cty.Value {
	d := &document{}
	var bindings []any
	for _, b := range d.blocks(m.body().Get("binding")) {
		binding := map[string]any{"role": d.leaf(b.Get("role")), "members": d.sorted(b.Get("members"), false)}
		for _, c := range d.blocks(b.Get("condition")) {
			condition := map[string]any{}
			for _, f := range c.Fields {
				condition[f.Key] = d.leaf(f.Value)
			}
			binding["condition"] = condition
		}
		bindings = append(bindings, binding)
	}
	if bindings == nil {
		return cty.StringVal("{}")
	}
	return d.text(map[string]any{"bindings": bindings}, false)
}

// document builds JSON of values some of which are known only after apply. Those are written as tokens first, which are replaced
// by holes when the text is ready, so that escaping and order are the library's.
type document struct {
	holes   []*iac.Symbol
	causes  []string
	secrets bool
}

const (
	tokenStart = '\uE000'
	tokenEnd   = '\uE001'
)

// leaf is a value as JSON has it.
func (d *document) leaf(v *iac.Value) any {
	if v == nil {
		return nil
	}
	d.secrets = d.secrets || v.Sensitive
	switch v.Kind {
	case iac.Bool:
		return v.Text
	case iac.Number, iac.String:
		if v.Parts == nil {
			return v.Text
		}
		text := ""
		for _, p := range v.Parts {
			if p.Symbol == nil {
				text += p.Text
				continue
			}
			text += d.token(p.Symbol)
		}
		return text
	case iac.Unknown:
		if v.Symbol != nil {
			return d.token(v.Symbol)
		}
		d.causes = append(d.causes, v.Cause)
	case iac.List, iac.Object:
		d.causes = append(d.causes, "a list or an object stands where text belongs")
	}
	return nil
}

func (d *document) token(s *iac.Symbol) string {
	d.holes = append(d.holes, s)
	return fmt.Sprintf("%c%d%c", tokenStart, len(d.holes)-1, tokenEnd)
}

// list is a list of texts.
func (d *document) list(v *iac.Value) []string {
	if v == nil || v.Kind == iac.Null {
		return nil
	}
	d.secrets = d.secrets || v.Sensitive
	if v.Kind != iac.List || v.Open != "" {
		d.causes = append(d.causes, firstOf(v.Open, v.Cause, "it is not a list"))
		return nil
	}
	var out []string
	for _, item := range v.Items {
		if text, is := d.leaf(item).(string); is {
			out = append(out, text)
		}
	}
	return out
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// sorted is a list without duplicates, in order.
func (d *document) sorted(v *iac.Value, descending bool) []string {
	out := d.list(v)
	slices.Sort(out)
	out = slices.Compact(out)
	if descending {
		slices.Reverse(out)
	}
	return out
}

// blocks are the objects of nested blocks.
func (d *document) blocks(v *iac.Value) []*iac.Value {
	if v == nil || v.Kind == iac.Null {
		return nil
	}
	if v.Kind == iac.Object { // of the JSON syntax, where one block is no list
		return []*iac.Value{v}
	}
	if v.Kind != iac.List || v.Open != "" {
		d.causes = append(d.causes, firstOf(v.Open, v.Cause, "it is not a block"))
	}
	return v.Items
}

// text is the JSON as a value: text, text with holes, or an unknown.
func (d *document) text(root any, indent bool) cty.Value {
	if len(d.causes) > 0 {
		out := cty.UnknownVal(cty.String).RefineNotNull().Mark(marks.Derived{})
		for _, cause := range d.causes {
			out = out.Mark(marks.Cause{Text: cause})
		}
		return d.secret(out)
	}
	var raw []byte
	var err error
	if indent {
		raw, err = json.MarshalIndent(root, "", "  ")
	} else {
		raw, err = json.Marshal(root)
	}
	if err != nil {
		return marks.Unknown(cty.String, "the document cannot be written: "+err.Error())
	}
	if len(d.holes) == 0 {
		return d.secret(cty.StringVal(string(raw)))
	}
	return d.secret(textValue(d.split(string(raw))))
}

func (d *document) secret(v cty.Value) cty.Value {
	if d.secrets {
		return v.Mark(marks.Sensitive{})
	}
	return v
}

// split makes holes of the tokens in a text.
func (d *document) split(text string) []iac.Part {
	var parts []iac.Part
	start := 0
	for at, c := range text {
		if c != tokenStart {
			continue
		}
		var n int
		if _, err := fmt.Sscanf(text[at+len(string(tokenStart)):], "%d", &n); err != nil || n >= len(d.holes) {
			continue
		}
		token := fmt.Sprintf("%c%d%c", tokenStart, n, tokenEnd)
		if at > start {
			parts = append(parts, iac.Part{Text: text[start:at]})
		}
		parts = append(parts, iac.Part{Symbol: d.holes[n]})
		start = at + len(token)
	}
	if start < len(text) {
		parts = append(parts, iac.Part{Text: text[start:]})
	}
	return parts
}
