package plan

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

var update = flag.Bool("update", false, "write the golden files")

func loadLint(t *testing.T) *content.Library {
	t.Helper()
	library, problems := content.Load(content.Dir("testdata/lint"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return library
}

// Every mistake in testdata/lint is found, in its place, and nothing else is.
func TestLintTellsEachMistakeInItsPlace(t *testing.T) {
	problems, err := Lint(t.Context(), loadLint(t), APIs{"aws": api.API()}, false)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(strings.TrimPrefix(p.Error(), "testdata/lint/") + "\n")
		if p.Pos.Line == 0 || strings.Contains(p.Message, "\n") {
			t.Errorf("without a place, or on several lines: %s", p.Error())
		}
	}
	if *update {
		if err := os.WriteFile("testdata/lint.golden", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/lint.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("(-want +got; -update writes the file)\n%s", diff)
	}
}

func TestLintStrictMakesWarningsErrors(t *testing.T) {
	problems, err := Lint(t.Context(), loadLint(t), APIs{"aws": api.API()}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if p.Severity == SeverityWarning {
			t.Errorf("still a warning: %s", p.Error())
		}
	}
}
