package property

import (
	"context"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/replay"
	"github.com/stancehq/stance/test/recorded"
)

// TestFaultsChangeNothing: a cloud that throttles every fifth request, cuts every twentieth connection and cuts pages
// anywhere gives the same findings, and nothing stays unknown for it.
func TestFaultsChangeNothing(t *testing.T) {
	w := theWorld(t)
	for _, seed := range []uint64{1, 2, 3} {
		got, err := w.Scan(context.Background(), recorded.Options{
			Dir: t.TempDir(), Faults: replay.Faults{Throttle: 0.2, Reset: 0.05, Seed: seed},
			Wrap: func(p provider.Provider) provider.Provider { return replay.SplitPages(p, seed) },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range diff(w.base.Findings, got.Findings) {
			t.Errorf("seed %d: %s", seed, line)
		}
		var retries, throttles int64
		for _, c := range got.Cells {
			retries, throttles = retries+c.Retries, throttles+c.Throttles
			if c.Status == collect.Throttled {
				t.Errorf("seed %d: still throttled: %+v", seed, c)
			}
		}
		if got.Requests < w.base.Requests*5/4 || throttles == 0 || retries == 0 {
			t.Errorf("seed %d: %d requests, %d throttled, %d retries: there were hardly any faults", seed, got.Requests, throttles, retries)
		}
		t.Logf("seed %d: %d requests in place of %d, %d throttled, %d retried, %s", seed, got.Requests, w.base.Requests, throttles, retries, got.Took)
	}
}
