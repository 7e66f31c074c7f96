package suppress

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stancehq/stance/internal/iac"
)

func FuzzComments(f *testing.F) {
	for _, text := range []string{
		"# stance:ignore all r\nresource \"a\" \"b\" {}\n", "/* stance:ignore\n * stance:ignore-file x r */", "a: | # x\n # stance:ignore\n- - 'x\n  # stance:\n",
		"{{- /* stance:ignore all r */ -}}\n--- |\n x\n---\n? |\n", "x = <<E\n# stance:ignore\n", "Resources: {A: {Metadata: {stance: {ignore: [{check: all, reason: r}]}}}}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root := fstest.MapFS{"a.tf": {Data: []byte(text)}, "a.yaml": {Data: []byte(text)}}
		units := []*iac.Unit{
			{Kind: iac.Terraform, Files: []string{"a.tf"}, Resources: []*iac.Resource{{Address: "a", Range: iac.Range{File: "a.tf", Line: 2, EndLine: 3}}}},
			{Kind: iac.CloudFormation, Files: []string{"a.yaml"}, Resources: []*iac.Resource{{Address: "A", Range: iac.Range{File: "a.yaml", Line: 1, Column: 13}}}},
		}
		l, err := New(t.Context(), Options{Root: root, Units: units, Checks: []string{"x"}, Now: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(text, "\n") + 1
		for _, p := range append(l.Problems(), l.Unused(nil)...) {
			if p.Range.Line < 0 || p.Range.Line > lines+1 {
				t.Errorf("%d lines, but a problem on %d: %s", lines, p.Range.Line, p.What)
			}
		}
	})
}

// A big file costs little, whatever it says.
func BenchmarkMatch(b *testing.B) {
	const blocks = 10_000
	var text strings.Builder
	u := &iac.Unit{Kind: iac.Terraform, Path: ".", Files: []string{"main.tf"}}
	for i := range blocks {
		at := iac.Range{File: "main.tf", Line: 4*i + 2, Column: 1, EndLine: 4*i + 3, EndColumn: 1}
		fmt.Fprintf(&text, "# stance:ignore x_%d because of %d\nresource \"a\" \"b%d\" {\n}\n\n", i%100, i, i)
		u.Resources = append(u.Resources, &iac.Resource{Address: fmt.Sprintf("a.b%d", i), Range: at})
	}
	var checks []string
	for i := range 1500 {
		checks = append(checks, fmt.Sprintf("x_%d", i))
	}
	root := fstest.MapFS{"main.tf": {Data: []byte(text.String())}}
	for b.Loop() {
		l, err := New(b.Context(), Options{Root: root, Units: []*iac.Unit{u}, Checks: checks})
		if err != nil {
			b.Fatal(err)
		}
		hits := 0
		for i, r := range u.Resources {
			if l.Match(Subject{Check: checks[i%100], Unit: ".", Address: r.Address, Block: r.Range, At: r.Range}) != nil {
				hits++
			}
		}
		if hits != blocks || len(l.Unused(nil)) > 0 {
			b.Fatalf("%d of %d", hits, blocks)
		}
	}
}
