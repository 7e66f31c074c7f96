package cloudformation

import (
	"context"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// FuzzRead proves that no text makes reading fail otherwise than with problems, and that every range lies in the text.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		prelude + "!Sub \"${Bucket}\"\n", ranged, samTemplate, outerStack, innerStack, bomb(),
		`{"Resources": {"A": {"Type": "AWS::X::Y", "Properties": {"V": {"Fn::Cidr": ["10.0.0.0/8", 256, 8]}}}}}`,
		`{"Resources": {"Fn::ForEach::I": ["V", ["a","b"], {"A${V}": {"Type": "AWS::X::Y"}}]}}`,
	} {
		f.Add([]byte(text))
	}
	limits := iac.Limits{FileBytes: 1 << 16, Nesting: 100, Instances: 50, Resources: 500, Steps: 200_000, Modules: 10, TextBytes: 1 << 16}
	f.Fuzz(func(t *testing.T, text []byte) {
		root := files(map[string]string{"t.yaml": string(text), "nested/net.yaml": innerStack, "app.yaml": innerStack})
		Find(context.Background(), root, limits)
		u, err := Read(context.Background(), root, "t.yaml", Options{Limits: limits})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range u.Resources {
			check(t, r.Body, len(text), 0)
		}
	})
}

func check(t *testing.T, v *iac.Value, size, depth int) {
	if v == nil || depth > 1000 {
		t.Fatalf("a value that is no value, or has no end: %v", v)
	}
	r := v.Range
	if r.File == "t.yaml" && (r.StartByte < 0 || r.EndByte < r.StartByte || r.EndByte > size || r.Line < 1 || r.EndLine < r.Line || r.Column < 1) {
		t.Fatalf("no place in the text: %+v", r)
	}
	if v.Kind == iac.Unknown && v.Cause == "" {
		t.Fatalf("an unknown without a cause at line %d", r.Line)
	}
	for _, item := range v.Items {
		check(t, item, size, depth+1)
	}
	for _, f := range v.Fields {
		check(t, f.Value, size, depth+1)
	}
	for _, arm := range v.Either {
		check(t, arm, size, depth+1)
	}
}
