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

func loadLint(t testing.TB) *content.Library {
	t.Helper()
	library, problems := content.Load(content.Dir("testdata/lint"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return library
}

// lintTable proves a table of provider x against an API. What is wanted is part of what is said; empty: nothing is.
func lintTable(t *testing.T, spec *content.Table, api content.API, want string) {
	t.Helper()
	l := &linter{
		library: &content.Library{Tables: []*content.Table{spec}}, apis: APIs{"x": api},
		prepared: &prepared{catalog: &Catalog{}}, documents: map[*content.Table]*documentShape{},
	}
	l.table(spec)
	var got []string
	for _, p := range l.problems {
		got = append(got, p.Error())
	}
	if text := strings.Join(got, "\n"); (want == "") != (text == "") || !strings.Contains(text, want) {
		t.Errorf("got %q, want %q", text, want)
	}
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
