package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// bomb is a billion laughs.
func bomb() string {
	var b strings.Builder
	b.WriteString("X0: &x0 [a, a, a, a, a, a, a, a, a, a]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "X%d: &x%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i-1), 10), ", "))
	}
	return b.String() + "Resources:\n  A: {Type: AWS::X::Y, Properties: {V: *x11}}\n"
}

func TestLimits(t *testing.T) {
	sub := `a`
	for range 40 {
		sub = `{"Fn::Sub": ["${x}${x}", {"x": ` + sub + `}]}`
	}
	loop := `{"Fn::ForEach::I%d": [V%d, [a, b, c, d, e, f, g, h, i, j], %s]}`
	loops := `{"k": 1}`
	for i := range 9 {
		loops = fmt.Sprintf(loop, i, i, loops)
	}
	many := "{Type: AWS::X::Y, Properties: {V: [" + strings.Repeat("1,", 3000) + "]}}\n"
	small := iac.Limits{FileBytes: 1 << 20, Nesting: 100, Instances: 5, Resources: 2, Steps: 20_000, Modules: 2, TextBytes: 1000}
	big := iac.DefaultLimits()
	tests := []struct {
		name, text string
		limits     iac.Limits
	}{
		{"aliases that multiply", bomb(), big},
		{"brackets", "Resources: {A: {Type: AWS::X::Y, Properties: {V: " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}}}", big},
		{"brackets of JSON", `{"Resources": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", big},
		{"indentation", "Resources:\n  A: {Type: AWS::X::Y}\n  B: " + strings.Repeat("[", 300) + strings.Repeat("]", 300), small},
		{"file", "#" + strings.Repeat(" ", 2<<20), small},
		{"steps", "Resources:\n  A: " + many, small},
		{"resources", "Resources:\n  A: {Type: AWS::X::Y}\n  B: {Type: AWS::X::Y}\n  C: {Type: AWS::X::Y}\n", small},
		{"rounds of a loop", `{"Resources": {"Fn::ForEach::I": ["V", ["a","b","c","d","e","f"], {"A${V}": {"Type": "AWS::X::Y"}}]}}`, small},
		{"loops in loops", `{"Resources": {"A": {"Type": "AWS::X::Y", "Properties": ` + strings.ReplaceAll(loops, "[V", `["V`) + "}}}", big},
		{"text that doubles", `Resources: {A: {Type: AWS::X::Y, Properties: {V: ` + sub + "}}}", big},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := tt.text
			if tt.name == "loops in loops" {
				text = strings.NewReplacer(`, [a, b, c, d, e, f, g, h, i, j]`, `", ["a","b","c","d","e","f","g","h","i","j"]`).Replace(text)
			}
			u := read(t, map[string]string{"t.yaml": text}, "t.yaml", Options{Limits: tt.limits})
			if !slices.Contains(problems(u), iac.LimitReached) && !slices.Contains(problems(u), iac.Broken) {
				t.Errorf("got %v", u.Problems)
			}
			for _, p := range u.Problems {
				if p.Kind == iac.NotEvaluated || p.What == "" {
					t.Errorf("got %v", p)
				}
			}
		})
	}
}

func TestTheContextEndsReading(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, files(map[string]string{"t.yaml": prelude + "1"}), "t.yaml", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := Read(context.Background(), files(nil), "../t.yaml", Options{}); err == nil {
		t.Error("a path outside of the root is read")
	}
}
