package history

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/report"
)

func TestScansUnderOneHeader(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	wide := report.Scan{
		ID: "s1", Provider: "aws", Started: day(1), Finished: day(2), Checks: 600, Tables: 170, Resources: 480, Calls: 1000, Bytes: 5000,
		Accounts: []report.Account{{ID: "A", Name: "old name", Regions: []string{"r1", "r2"}}, {ID: "B", Regions: []string{"r1"}}},
		Notes:    []report.Note{{Text: "r2 is forbidden"}},
	}
	narrow := report.Scan{
		ID: "s2", Provider: "aws", Started: day(3), Finished: day(4), Command: "stance scan aws", Checks: 1, Tables: 1, Resources: 44, Calls: 8, Bytes: 10,
		Accounts: []report.Account{{ID: "A", Name: "name", Regions: []string{"r1", "r3"}}},
		Notes:    []report.Note{{Text: "r2 is forbidden"}},
	}
	got := together([]report.Scan{wide, narrow})
	want := report.Scan{
		ID: "s2", Provider: "aws", Started: day(1), Finished: day(4), Scans: 2, Checks: 1, Tables: 1, Resources: 44, Calls: 1008, Bytes: 5010,
		Accounts: []report.Account{{ID: "A", Name: "name", Regions: []string{"r1", "r2", "r3"}}, {ID: "B", Regions: []string{"r1"}}},
		Notes:    []report.Note{{Text: "r2 is forbidden"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(wide.Accounts[0].Regions, []string{"r1", "r2"}) {
		t.Error("the header of a scan was changed")
	}
}
