package functions_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac/terraform/functions"
)

// example is a line of testdata: an expression, what it gives, and whether terraform gives the same.
type example struct {
	group, expression, want string
	ours                    bool
}

// examples reads testdata. A line is "expression => value"; "~ " before it says that other programs give something else, since
// they know the moment, the disk and the run.
func examples(t testing.TB) []example {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		group := strings.TrimSuffix(filepath.Base(name), ".txt")
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			line, ours := strings.CutPrefix(line, "~ ")
			at := strings.LastIndex(line, " => ")
			if at < 0 {
				t.Fatalf("%s: no value in %q", name, line)
			}
			all = append(all, example{group, strings.TrimSpace(line[:at]), line[at+4:], ours})
		}
	}
	return all
}

func TestFunctionsGiveTheDocumentedValues(t *testing.T) {
	all := examples(t)
	if len(all) < 300 {
		t.Fatalf("only %d examples were found", len(all))
	}
	for _, e := range all {
		t.Run(e.group+"/"+e.expression, func(t *testing.T) {
			v, err := evaluate(t, e.expression, scope())
			switch {
			case err != nil && e.want == "error":
			case err != nil:
				t.Errorf("%s gives an error, want %s: %v", e.expression, e.want, err)
			case show(v) != e.want:
				t.Errorf("%s gives %s, want %s", e.expression, show(v), e.want)
			}
		})
	}
}

func TestEveryFunctionHasAnExample(t *testing.T) {
	var text strings.Builder
	for _, e := range examples(t) {
		text.WriteString(e.expression + "\n")
	}
	for name := range functions.Table(scope()) {
		if !strings.Contains(name, "::") && !strings.Contains(text.String(), name+"(") {
			t.Errorf("no example calls %s", name)
		}
	}
}
