package plan

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stancehq/stance/internal/content"
)

func TestAPartIsWhatTheWholeHasOfIt(t *testing.T) {
	whole := prepareRight(t)
	pack := packed(t, whole)
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about  string
		tables []string
		want   *Catalog
	}{
		{"no table", nil, &Catalog{}},
		{"a table that is not there", []string{"aws_nothing"}, &Catalog{}},
		{"a table, with the checks of what derives from it", []string{"aws_s3_bucket"}, whole},
	} {
		got, err := RestorePart(library, pack, c.tables)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(Table{}, "Spec"), cmpopts.IgnoreFields(Check{}, "Spec"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", c.about, diff)
		}
		for name, table := range got.Tables {
			if table.Spec != library.Table(name) {
				t.Errorf("%s: the spec of %s is missing", c.about, name)
			}
		}
	}
	own := *library.Check("aws_s3_right")
	library.Checks = append(slices.Clone(library.Checks), &own)
	if _, err := RestorePart(library, pack, []string{"aws_s3_bucket"}); err == nil {
		t.Error("a check of the user's own was taken for the pack's")
	}
}

func TestFunctionsComeAfterThoseThatTheyUse(t *testing.T) {
	functions := []*content.Function{
		{Name: "a", SQL: "CREATE MACRO a(x) AS c(b(x))"},
		{Name: "b", SQL: "CREATE MACRO b(x) AS c(x)"},
		{Name: "c", SQL: "CREATE MACRO c(x) AS x"},
		{Name: "of_table", SQL: "CREATE MACRO of_table(x) AS x"},
		{Name: "unused", SQL: "CREATE MACRO unused(x) AS a(x)"},
	}
	tables := []*Table{{Name: "t", Select: "SELECT Of_Table(x) FROM documents"}}
	checks := []*Check{{Spec: &content.Check{When: "x > 1", Pass: "a(x)"}}}
	var names []string
	for _, f := range FunctionsOf(tables, checks, functions) {
		names = append(names, f.Name)
	}
	if want := []string{"of_table", "c", "b", "a"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}
