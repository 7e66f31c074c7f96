package inventory

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// Whatever a line holds, DuckDB must be given JSON, and a broken line must be told.
func FuzzRow(f *testing.F) {
	spec := things(
		&content.Column{Name: "rules", Path: "Rules"}, &content.Column{Name: "port", Path: "Rules.Port"},
		&content.Column{Name: "cidrs", Path: "Rules.Ranges.Cidr", Type: "cidr"}, &content.Column{Name: "secrets", Path: "Secrets", Sensitive: true},
		&content.Column{Name: "policy", Path: "Attributes.policy", Type: "iam_policy"}, &content.Column{Name: "free", Path: "Free.a.b"},
		&content.Column{Name: "users", Path: "users"}, &content.Column{Name: "when", Path: "At"}, &content.Column{Name: "tags", Path: "Attributes", Type: "tags"},
	)
	table, problems, err := plan.PrepareTable(context.Background(), spec, thingAPI)
	if err != nil || len(problems) > 0 {
		f.Fatal(err, problems)
	}
	p, err := newProjector(table)
	if err != nil {
		f.Fatal(err)
	}
	for _, doc := range []string{
		`{"Id":"a","Rules":[{"Port":1,"Ranges":[{"Cidr":"10.0.0.0/8","At":"2024-01-01"}],"Labels":{"x":1}}],"At":0}`,
		`{"Attributes":{"policy":"{\"Statement\":[]}"},"Secrets":{"k":"v"},"Free":[{"a":{"b":1}}],"users":[{"User":"u","Level":"2"}]}`,
		`{"Rules":{},"Free":{"a":[{"b":[1]},2]},"users":7,"Id":"\ud83d"}`,
	} {
		f.Add([]byte(line(f, doc, map[string]string{"users": "denied"})))
	}
	f.Add([]byte(`{"account":"1","doc":{`))
	f.Fuzz(func(t *testing.T, text []byte) {
		reader := newRowReader(newSource(table, p))
		row, ok := reader.read(text)
		if !ok {
			if reader.report.Lost != 1 {
				t.Fatalf("%q is lost silently", text)
			}
			return
		}
		if !json.Valid(row.doc) || row.raw != nil && !json.Valid(row.raw) {
			t.Fatalf("%q gives %q and %q", text, row.doc, row.raw)
		}
		if row.raw == nil && reader.report.Malformed != 1 {
			t.Fatalf("%q is malformed silently", text)
		}
	})
}
