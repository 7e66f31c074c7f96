package evaluate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// A row of a derived table that names other accounts rests on what could be read there as well.
func TestRowsRestOnOtherAccounts(t *testing.T) {
	ok := []collect.Cell{
		listCell("1", "global", "bucket", collect.OK, ""), listCell("1", "eu", "trail", collect.OK, ""),
		listCell("2", "global", "bucket", collect.OK, ""), listCell("2", "eu", "trail", collect.OK, ""),
	}
	for _, test := range []struct {
		name, rests string
		cells       []collect.Cell
		want        []string
	}{
		{"on none", "[]", nil, []string{"resting FAIL 1 eu a", "resting FAIL 2 eu b"}},
		{"on one that was read", "['2']", nil, []string{"resting FAIL 1 eu a", "resting FAIL 2 eu b"}},
		{
			"on one that was not read whole", "CASE WHEN account_id = '1' THEN ['2'] END",
			[]collect.Cell{listCell("2", "us", "bucket", collect.Denied, "denied: x")},
			[]string{"resting UNKNOWN 1 eu a : denied: x", "resting UNKNOWN 2 eu b : denied: x", "resting UNKNOWN 2 global : denied: x"},
		},
		{
			"the other does not rest on it", "CASE WHEN account_id = '1' THEN ['2'] END",
			[]collect.Cell{listCell("1", "us", "bucket", collect.Denied, "denied: x")},
			[]string{"resting UNKNOWN 1 eu a : denied: x", "resting UNKNOWN 1 global : denied: x", "resting FAIL 2 eu b"},
		},
		{
			"on one that is not part of the scan", "CASE WHEN account_id = '1' THEN ['3'] END", nil,
			[]string{"resting UNKNOWN 1 eu a : skipped: account 3 is not part of this scan", "resting FAIL 2 eu b"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newWorld(t, row{account: "1", region: "eu", id: "a"}, row{account: "2", region: "eu", id: "b"})
			run(t, db, "CREATE VIEW resting_bucket AS SELECT *, ("+test.rests+")::VARCHAR[] AS rests_on FROM bucket")
			tables := worldTables()
			tables["resting_bucket"] = &plan.Table{
				Name: "resting_bucket", Spec: &content.Table{Name: "resting_bucket", Derive: "…"}, Reads: refs("bucket.id"),
				Columns: []plan.Column{{Name: "account_id"}, {Name: "region"}, {Name: "id"}, {Name: "name"}, {Name: "tags"}, {Name: RestsOn}},
			}
			check := &plan.Check{
				ID:   "resting",
				Spec: &content.Check{ID: "resting", Provider: "aws", Severity: "high", Resource: "resting_bucket", Pass: "false"},
				When: refs("resting_bucket.id"),
			}
			got := ask(t, db, Options{Tables: tables, Checks: []*plan.Check{check}, EmitPass: true, Cells: append(ok[:len(ok):len(ok)], test.cells...)})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
