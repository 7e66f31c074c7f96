package inventory

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

func secretTable() *content.Table {
	table := bucketTable()
	table.Columns = append(table.Columns,
		&content.Column{Name: "mfa", Path: "versioning.MFADelete", Sensitive: true},
		&content.Column{Name: "mfa_length", SQL: "length(mfa)"})
	return table
}

// restored loads lines into a second world as Restore does.
func restored(t *testing.T, table *content.Table, given []string, lines ...string) (*world, error) {
	t.Helper()
	w := newWorld(t, bucketAPI, table)
	_, err := w.Restore(w.ctx, w.tables[table.Name], given, func(yield func([]byte, error) bool) {
		for _, line := range lines {
			if !yield([]byte(line), nil) {
				return
			}
		}
	})
	return w, err
}

// TestRowsAreRestored: what the lake keeps of rows gives the same rows again.
func TestRowsAreRestored(t *testing.T) {
	const all = "SELECT * REPLACE (collected_at::VARCHAR AS collected_at) FROM aws_s3_bucket ORDER BY ALL"
	lines := []string{
		spooled("a", "01", `{"Name":"x","versioning":{"Status":"On","MFADelete":"s3cret"}}`, ""),
		spooled("b", "02", `{"Name":"y","versioning":7}`, `{"policy":"denied: s3:GetBucketPolicy"}`),
		spooled("c", "03", `{"Name":"z","versioning":{"MFADelete":[1]}}`, ""),
		`{"account":"111122223333","region":"d","at":"2026-01-15T12:00:04Z","doc":7}`,
	}
	w := newWorld(t, bucketAPI, secretTable())
	w.loadLines("aws_s3_bucket", lines...)
	want := w.ask(all)
	if !slices.ContainsFunc(want, func(row string) bool {
		return strings.Contains(row, `"mfa":"[masked]"`) && strings.Contains(row, `"mfa_length":6`)
	}) {
		t.Fatalf("the test proves nothing:\n%s", strings.Join(want, "\n"))
	}
	given := []string{"mfa", "mfa_length"}
	var kept []string
	for _, row := range w.ask(`SELECT json_object('account', account_id, 'partition', "partition", 'region', region, 'at', strftime(collected_at, '%Y-%m-%dT%H:%M:%SZ'), 'doc', raw,
		'unknown', unknown, 'columns', {'mfa': mfa, 'mfa_length': mfa_length}) AS line FROM aws_s3_bucket`) {
		line, _ := strings.CutPrefix(row, `{"line":`)
		kept = append(kept, strings.TrimSuffix(line, "}"))
	}
	again, err := restored(t, secretTable(), given, kept...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again.ask(all)); diff != "" {
		t.Error(diff)
	}
	if _, err := restored(t, secretTable(), nil, `{"account":"1","doc":[]}`); err == nil || !strings.Contains(err.Error(), "it is not an object") {
		t.Errorf("a line that is broken: %v", err)
	}
}

// TestLedgerBeforeRowsWereLookedAt: what Settle found is taken back, what calls said stays.
func TestLedgerBeforeRowsWereLookedAt(t *testing.T) {
	cell := func(status collect.Status, cause string) collect.Cell {
		return collect.Cell{Table: "t", Group: plan.GroupList, Status: status, Cause: cause}
	}
	calls := []collect.Cell{
		cell(collect.OK, ""), cell(collect.Denied, "denied: x:Get"), cell(collect.Partial, "throttled: x:Get"),
		cell(collect.Partial, "broken: 2 rows cannot be read: it is no JSON"), cell(collect.Failed, "unexpected type: as a call might say"),
	}
	if diff := cmp.Diff(calls, Collected(calls)); diff != "" {
		t.Error(diff)
	}
	for _, cause := range []string{unexpectedType + "Name is a number", "defect: the column id is empty", brokenDocument + " (x)"} {
		cells := []collect.Cell{cell(collect.Partial, cause)}
		if got := Collected(cells); got[0] != cell(collect.OK, "") || cells[0].Cause != cause {
			t.Errorf("%s: %+v, %+v", cause, got[0], cells[0])
		}
	}
}
