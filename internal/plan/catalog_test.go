package plan

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

var apis = APIs{"aws": api.API()}

// right is the part of testdata/lint that has no mistakes.
func right(t *testing.T) *content.Library {
	t.Helper()
	l := loadLint(t)
	tables, checks := []string{"aws_s3_bucket", "aws_bucket_count"}, []string{"aws_s3_right", "aws_s3_right_query", "aws_s3_right_derived"}
	l.Tables = slices.DeleteFunc(l.Tables, func(t *content.Table) bool { return !slices.Contains(tables, t.Name) })
	l.Checks = slices.DeleteFunc(l.Checks, func(c *content.Check) bool { return !slices.Contains(checks, c.ID) })
	l.Functions = slices.DeleteFunc(l.Functions, func(f *content.Function) bool { return f.Name != "is_on" })
	return l
}

func prepareRight(t *testing.T) *Catalog {
	t.Helper()
	c, problems, err := Prepare(t.Context(), right(t), apis)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return c
}

func TestPrepareTellsLineage(t *testing.T) {
	c := prepareRight(t)
	versioning := []Ref{{"aws_s3_bucket", "versioning_status"}}
	counted := []Ref{{"aws_s3_bucket", "account_id"}, {"aws_s3_bucket", "versioning_status"}}
	for id, want := range map[string]*Check{
		"aws_s3_right":         {Pass: versioning, Found: versioning, Tables: []string{"aws_s3_bucket"}},
		"aws_s3_right_query":   {Query: []Ref{{"aws_s3_bucket", "id"}, {"aws_s3_bucket", "versioning_status"}}, Tables: []string{"aws_s3_bucket"}},
		"aws_s3_right_derived": {When: counted[:1], Pass: counted, Found: counted[:1], Tables: []string{"aws_bucket_count"}},
	} {
		if diff := cmp.Diff(want, c.Checks[id], cmpopts.IgnoreFields(Check{}, "Spec", "ID")); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	derived := c.Tables["aws_bucket_count"]
	if !slices.Equal(derived.Over, []string{"aws_s3_bucket"}) || !slices.Equal(derived.Reads, counted) {
		t.Errorf("over %v, reads %v", derived.Over, derived.Reads)
	}
	var names []string
	for _, column := range derived.Columns {
		names = append(names, column.Name)
		if column.Name == "buckets" && column.Type != "BIGINT" {
			t.Errorf("buckets is %s", column.Type)
		}
	}
	if got := strings.Join(names, " "); got != "provider account_id partition region id name tags account buckets versioned raw collected_at unknown" {
		t.Errorf("columns: %s", got)
	}
}

func TestPreparedContentIsTheSameFromItsPack(t *testing.T) {
	want := prepareRight(t)
	pack := packed(t, want)
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	// No API is needed where nothing is the user's own.
	got, problems, err := Restore(t.Context(), library, pack, nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Table{}, "Spec"), cmpopts.IgnoreFields(Check{}, "Spec"), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	if got.Tables["aws_s3_bucket"].Spec == nil || got.Checks["aws_s3_right"].Spec == nil {
		t.Error("the specs are missing")
	}
}

func packed(t *testing.T, c *Catalog) *content.Pack {
	t.Helper()
	prepared, err := c.Pack()
	if err != nil {
		t.Fatal(err)
	}
	data, err := content.WritePack(right(t), prepared)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := content.OpenPack(data)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

func TestRestorePreparesWhatTheUserChanged(t *testing.T) {
	pack := packed(t, prepareRight(t))
	base, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	bucket := *right(t).Table("aws_s3_bucket")
	bucket.Columns = slices.Clone(bucket.Columns)
	bucket.Columns[3] = &content.Column{Name: "versioning_status", Path: "policy.Policy", About: "something else"}
	wrong := *right(t).Check("aws_s3_right")
	wrong.ID, wrong.Pass = "aws_s3_mine", "versioning_stattus = 'Enabled'"
	misnamed, derived := wrong, *right(t).Check("aws_s3_right_derived")
	misnamed.Pass, derived.ID = "is_onn(versioning_status)", "aws_s3_mine"
	broken := &content.Function{Name: "is_on", SQL: "CREATE MACRO is_on(x) AS now() > x"}
	for _, c := range []struct {
		name     string
		user     content.Library
		problems []string
		groups   []string // of versioning_status
		checks   int
	}{
		{"a table", content.Library{Tables: []*content.Table{&bucket}}, nil, []string{"policy"}, 3},
		{"a check", content.Library{Checks: []*content.Check{&wrong}}, []string{`column "versioning_stattus" does not exist`}, []string{"versioning"}, 3},
		{"a check with a function that is misspelled", content.Library{Checks: []*content.Check{&misnamed}}, []string{`did you mean "is_on"?`}, []string{"versioning"}, 3},
		{"a check of a derived table", content.Library{Checks: []*content.Check{&derived}}, nil, []string{"versioning"}, 4},
		{"a function", content.Library{Functions: []*content.Function{broken}}, []string{`function "now" may not be used`}, []string{"versioning"}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems, err := Restore(t.Context(), content.Overlay(base, &c.user), pack, apis)
			if err != nil {
				t.Fatal(err)
			}
			if len(problems) != len(c.problems) || len(problems) > 0 && !strings.Contains(problems[0].Error(), c.problems[0]) {
				t.Errorf("problems: %v", problems)
			}
			for _, column := range got.Tables["aws_s3_bucket"].Columns {
				if column.Name == "versioning_status" && !slices.Equal(column.Groups, c.groups) {
					t.Errorf("versioning_status rests on %v, want %v", column.Groups, c.groups)
				}
			}
			if len(got.Checks) != c.checks || len(got.Tables) != 2 {
				t.Errorf("checks %v, tables %v", slices.Collect(maps.Keys(got.Checks)), slices.Collect(maps.Keys(got.Tables)))
			}
		})
	}
}
