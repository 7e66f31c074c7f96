package terraform

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/codetest"
)

func TestAnInterruptedReadGivesNoUnit(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, codetest.Instances(5000), ".", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestAFolderWithoutAModuleIsTold(t *testing.T) {
	unit, err := Read(context.Background(), files("a.txt", ""), "x/y", Options{})
	if err != nil || len(unit.Problems) != 1 {
		t.Errorf("%v %v", err, unit)
	}
}

func TestOneSourceServesManyReaders(t *testing.T) {
	source := Open(codetest.Repository(codetest.Size{Roots: 8, Calls: 5, Files: 17, Modules: 50}), iac.Limits{})
	all, _ := source.Roots(context.Background())
	roots := slices.DeleteFunc(all, func(dir string) bool { return strings.HasPrefix(dir, "modules/") })
	var wait sync.WaitGroup
	counts := make([]int, len(roots))
	for i, root := range roots {
		wait.Go(func() {
			unit, err := source.Read(context.Background(), root, Options{})
			if err == nil {
				for _, r := range unit.Resources {
					if !r.Data {
						counts[i]++
					}
				}
			}
		})
	}
	wait.Wait()
	for i, n := range counts {
		if n != 5*5+17+2 {
			t.Errorf("%s has %d resources", roots[i], n)
		}
	}
}

func TestReadingTwiceGivesTheSame(t *testing.T) {
	tree := codetest.Instances(200)
	a, b := read(t, tree, Options{}), read(t, tree, Options{})
	for i := range a.Resources {
		if a.Resources[i].Address != b.Resources[i].Address || show(a.Resources[i].Body) != show(b.Resources[i].Body) {
			t.Fatalf("%s differs from %s", a.Resources[i].Address, b.Resources[i].Address)
		}
	}
}

func TestTheFolderGivesItsName(t *testing.T) {
	tree := files("examples/complete/main.tf", "resource \"x\" \"x\" {\n  a = \"ex-${basename(path.cwd)}\"\n  b = basename(abspath(\"${path.module}/lambda.zip\"))\n  c = path.cwd\n}\n")
	unit, err := Read(context.Background(), tree, "examples/complete", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := show(find(t, unit, "x.x").Body); got != `{a: "ex-complete", b: "lambda.zip", c: ${path.cwd}}` {
		t.Error(got)
	}
}

func TestLimitsOfAUnit(t *testing.T) {
	for _, c := range []struct {
		about, text string
		limits      iac.Limits
		where       string
	}{
		{"resources", "resource \"x\" \"x\" {\n  count = 20\n}\n", iac.Limits{Resources: 10}, "too many resources"},
		{"modules", "module \"m\" {\n  source = \"./m\"\n  count  = 20\n}\n", iac.Limits{Modules: 10}, "calls of modules"},
		{"instances", "resource \"x\" \"x\" {\n  count = 20\n}\n", iac.Limits{Instances: 10}, "count is more than 10"},
		{"bytes of a file", "resource \"x\" \"x\" {\n  count = 20\n}\n", iac.Limits{FileBytes: 10}, "more than 10 bytes"},
		{"bytes of a text", "resource \"x\" \"x\" {\n  a = \"${\"aaaaaaaaaaaaaaaaaa\"}${\"a\"}\"\n}\n", iac.Limits{TextBytes: 10}, "too long"},
	} {
		t.Run(c.about, func(t *testing.T) {
			unit := read(t, files("main.tf", c.text, "m/main.tf", ""), Options{Limits: c.limits})
			if !told(unit, iac.LimitReached, c.where) {
				t.Errorf("problems: %v", unit.Problems)
			}
		})
	}
}
