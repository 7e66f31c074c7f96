package property

import (
	"context"
	"testing"
)

// TestAnEmptyAccountCostsAListPerTableAndRegion: nothing is asked about rows that do not exist, and no list twice.
func TestAnEmptyAccountCostsAListPerTableAndRegion(t *testing.T) {
	w := theWorld(t)
	counts, err := w.Empty(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if counts.Calls > int64(counts.Lists) {
		t.Errorf("%d calls for %d lists", counts.Calls, counts.Lists)
	}
	if counts.Groups != 0 {
		t.Errorf("%d calls for groups of tables without rows", counts.Groups)
	}
	t.Logf("%d tables, %d lists, %d calls", counts.Tables, counts.Lists, counts.Calls)
}
