package plan

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// BenchmarkLint proves 1,000 checks over 100 tables.
func BenchmarkLint(b *testing.B) {
	library := loadLint(b)
	bucket, check := library.Table("aws_s3_bucket"), library.Check("aws_s3_right")
	library.Tables, library.Checks = nil, nil
	library.Functions = slices.DeleteFunc(library.Functions, func(f *content.Function) bool { return f.Name != "is_on" })
	for i := range 100 {
		t := *bucket
		t.Name, t.Examples = fmt.Sprintf("aws_table_%d", i), nil
		library.Tables = append(library.Tables, &t)
		for j := range 10 {
			c := *check
			c.ID, c.Resource, c.Tests = fmt.Sprintf("aws_check_%d_%d", i, j), t.Name, nil
			library.Checks = append(library.Checks, &c)
		}
	}
	b.ResetTimer()
	for b.Loop() {
		if _, err := Lint(b.Context(), library, apis, false); err != nil {
			b.Fatal(err)
		}
	}
}
