package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
)

// TestSharesOfASelection: which scans the verdicts of a selection are from, and what one scan alone says of its checks.
func TestSharesOfASelection(t *testing.T) {
	folder := twoScans(t)
	for selection, want := range map[string]string{
		"":         "20260101-a[c1 c2 c3] 20260102-b[c1 c2]",
		"20260101": "20260101-a[c1 c2 c3]",
		"latest":   "20260102-b[c1 c2]",
	} {
		var got []string
		for _, s := range opened(t, Options{Lake: folder, Scan: selection}).Shares() {
			got = append(got, s.ID+fmt.Sprint(s.Asked))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %s", selection, got)
		}
	}
	h, err := opened(t, Options{Lake: folder}).Of(t.Context(), "20260101-a", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	var found []evaluate.Finding
	for f, err := range h.Verdicts(t.Context(), []string{"c2", "c3"}) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, f)
	}
	if len(found) != 2 || found[0].Check != "c2" || found[0].Status != evaluate.Unknown || found[1].Check != "c3" {
		t.Errorf("%+v", found)
	}
	cells, err := h.Cells(t.Context(), []string{"thing"})
	if err != nil || len(cells) == 0 {
		t.Errorf("%+v, %v", cells, err)
	}
	if cells, err := h.Cells(t.Context(), nil); err != nil || len(cells) != 0 {
		t.Errorf("of no table: %+v, %v", cells, err)
	}
}
