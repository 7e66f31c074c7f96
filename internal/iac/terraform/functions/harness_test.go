package functions_test

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/terraform/functions"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

var bucket = marks.Symbol(cty.String, "aws_s3_bucket.b", "arn")

// repository is what the functions of files see; programs are run in its folder live.
func repository() fstest.MapFS {
	return fstest.MapFS{
		"live/hello.txt":       {Data: []byte("hello world")},
		"live/greet.tftpl":     {Data: []byte("Hello, ${name}!")},
		"live/loop.tftpl":      {Data: []byte(`${templatefile("loop.tftpl", {})}`)},
		"live/binary.dat":      {Data: []byte{0xff, 0xfe}},
		"live/conf/a.json":     {Data: []byte("{}")},
		"live/conf/b.json":     {Data: []byte("{}")},
		"live/conf/c.yaml":     {Data: []byte("{}")},
		"live/conf/sub/d.json": {Data: []byte("{}")},
		"shared/policy.json":   {Data: []byte(`{"Version":"2012-10-17"}`)},
	}
}

func scope() functions.Scope {
	return functions.Scope{Root: repository(), Dir: "live", Evaluate: render}
}

// render is hcl's own evaluation of templates.
func render(t functions.Template) (cty.Value, error) {
	expr, diags := hclsyntax.ParseTemplate([]byte(t.Text), t.Name, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	v, diags := expr.Value(&hcl.EvalContext{Variables: t.Variables, Functions: t.Functions})
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	return v, nil
}

// names are what expressions of the tests can refer to: attributes known only after apply, and others that are not known.
func names() map[string]cty.Value {
	return map[string]cty.Value{
		"arn":     bucket,
		"id":      marks.Symbol(cty.String, "aws_s3_bucket.b", "id"),
		"other":   marks.Symbol(cty.String, "aws_s3_bucket.other", "arn"),
		"ip":      marks.Symbol(cty.String, "aws_instance.i", "public_ip"),
		"any":     marks.Symbol(cty.DynamicPseudoType, "aws_instance.i", "arn"),
		"list":    marks.Symbol(cty.List(cty.String), "aws_instance.i", "groups"),
		"missing": marks.Unknown(cty.DynamicPseudoType, "variable v has no value"),
		"text":    marks.Unknown(cty.String, "variable t has no value"),
		"tags":    marks.Unknown(cty.Map(cty.String), "variable tags has no value"),
		"objects": marks.Derive(cty.UnknownVal(cty.String), cty.NewValueMarks(marks.Sym{Address: "aws_s3_bucket.b", Attr: "arn"})).Mark(
			marks.NewText([]marks.Part{{Sym: &marks.Sym{Address: "aws_s3_bucket.b", Attr: "arn"}}, {Text: "/\"*"}}),
		),
		"secret": cty.StringVal("s3cr3t").Mark(marks.Sensitive{}),
		"path": cty.ObjectVal(map[string]cty.Value{
			"cwd": marks.Symbol(cty.String, marks.WorkingDirectory.Address, marks.WorkingDirectory.Attr), "module": cty.StringVal("."),
		}),
	}
}

func evaluate(t testing.TB, expression string, s functions.Scope) (cty.Value, error) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(expression), "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", expression, diags)
	}
	v, diags := expr.Value(&hcl.EvalContext{Variables: names(), Functions: functions.Table(s)})
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	return v, nil
}

// show writes a value with its types: tuples and objects as they are written in the language, the others with their kind before
// them. Unknowns show what they carry.
func show(v cty.Value) string {
	bare, own := v.Unmark()
	t := bare.Type()
	suffix := ""
	if _, secret := own[marks.Sensitive{}]; secret {
		suffix = " (sensitive)"
	}
	switch {
	case !bare.IsKnown():
		return showUnknown(v) + suffix
	case bare.IsNull():
		return "null" + suffix
	case t == cty.String:
		return strconv.Quote(bare.AsString()) + suffix
	case t == cty.Number:
		return bare.AsBigFloat().Text('g', 17) + suffix
	case t == cty.Bool:
		return fmt.Sprint(bare.True()) + suffix
	case t.IsTupleType(), t.IsListType(), t.IsSetType():
		var items []string
		for _, e := range marks.Elements(v) {
			items = append(items, show(e))
		}
		kind := map[bool]string{t.IsListType(): "list", t.IsSetType(): "set"}[true]
		return kind + "[" + strings.Join(items, ", ") + "]" + suffix
	}
	var items []string
	for name, e := range bare.AsValueMap() {
		items = append(items, name+": "+show(e))
	}
	sort.Strings(items)
	kind := map[bool]string{t.IsMapType(): "map"}[true]
	return kind + "{" + strings.Join(items, ", ") + "}" + suffix
}

func showUnknown(v cty.Value) string {
	if symbol, is := marks.IsSymbol(v); is {
		return symbol.String()
	}
	if text := marks.TextOf(v); text != nil {
		return "text " + strconv.Quote(text.String())
	}
	return "unknown " + v.Type().FriendlyName() + " (" + strings.Join(marks.Causes(v), "; ") + ")"
}
