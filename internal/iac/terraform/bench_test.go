package terraform

import (
	"context"
	"testing"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/codetest"
)

func BenchmarkInstances5000(b *testing.B) {
	tree := codetest.Instances(5000)
	for b.Loop() {
		unit, err := Read(context.Background(), tree, ".", Options{})
		if err != nil || len(unit.Resources) != 10_000 || len(unit.Problems) > 0 {
			b.Fatal(err, len(unit.Resources), unit.Problems)
		}
	}
}

func BenchmarkRepository(b *testing.B) {
	tree := codetest.Repository(codetest.Large())
	b.Logf("%d files", len(tree))
	for b.Loop() {
		source := Open(tree, iac.Limits{})
		roots, _ := source.Roots(context.Background())
		resources := 0
		for _, root := range roots {
			unit, err := source.Read(context.Background(), root, Options{})
			if err != nil || len(unit.Problems) > 0 {
				b.Fatal(err, unit.Problems)
			}
			resources += len(unit.Resources)
		}
		if len(roots) != 130 || resources < 9_000 {
			b.Fatal(len(roots), resources)
		}
	}
}
