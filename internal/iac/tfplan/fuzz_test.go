package tfplan

import (
	"context"
	"testing"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform"
)

var small = iac.Limits{FileBytes: 1 << 16, Nesting: 100, Instances: 50, Resources: 500, Steps: 200_000, Modules: 10, TextBytes: 1 << 16}

// FuzzPlan proves that no text makes reading a plan fail otherwise than with problems, and that every place lies in the text.
func FuzzPlan(f *testing.F) {
	for _, text := range []string{
		planText, planOfCode, `{"format_version":"1.2","resource_changes":[{"address":"module.a","type":"a","mode":"managed","change":{"actions":["create"],"after":[],"after_unknown":true}}]}`,
		`{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"address":"a.b","type":"a","mode":"managed","values":{"x":1}}]}}}`,
		`{"format_version":"1.2","resource_changes":[{"address":"a.b","name":"b","type":"a","mode":"managed","change":{"actions":["create"],"after":{},"after_unknown":{"x":true}}}],"configuration":{"root_module":{"resources":[{"address":"a.b","expressions":{"x":{"references":["module.m.o"]}}}],"module_calls":{"m":{"expressions":{"v":{"references":["module.m.o"]}},"module":{"outputs":{"o":{"expression":{"references":["var.v"]}}}}}}}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { readAny(t, "plan.json", text) })
}

// FuzzState proves the same of states.
func FuzzState(f *testing.F) {
	f.Add([]byte(stateText))
	f.Add([]byte(`{"format_version":"1.0","terraform_version":"1","values":{"root_module":{"resources":[{"address":"a.b","type":"a","mode":"managed","values":{"x":[1]},"sensitive_values":{"x":[true]}}]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) { readAny(t, "terraform.tfstate", text) })
}

func readAny(t *testing.T, name string, text []byte) {
	root := files(name, string(text), "main.tf", code)
	Find(context.Background(), root, small)
	r, err := Read(context.Background(), root, name, Options{Limits: small, Code: terraform.Open(root, small), Roots: []string{"."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range r.Unit.Resources {
		if made.Body == nil || made.Body.Kind != iac.Object || made.Address == "" {
			t.Fatalf("no resource: %+v", made)
		}
		check(t, made.Body, name, len(text), 0)
	}
}

func check(t *testing.T, v *iac.Value, name string, size, depth int) {
	if v == nil || depth > 1000 {
		t.Fatalf("a value that is no value, or has no end: %v", v)
	}
	r := v.Range
	if r.File == name && (r.StartByte < 0 || r.EndByte < r.StartByte || r.EndByte > size || r.Line < 1 || r.EndLine < r.Line || r.Column < 1) {
		t.Fatalf("no place in the text: %+v", r)
	}
	if v.Kind == iac.Unknown && v.Cause == "" {
		t.Fatalf("an unknown without a cause at line %d", r.Line)
	}
	for _, item := range v.Items {
		check(t, item, name, size, depth+1)
	}
	for _, f := range v.Fields {
		check(t, f.Value, name, size, depth+1)
	}
	for _, arm := range v.Either {
		check(t, arm, name, size, depth+1)
	}
}
