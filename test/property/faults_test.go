package property

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/replay"
	"github.com/stancehq/stance/test/recorded"
)

// TestFaultsChangeNothing: a cloud that throttles every fifth request, cuts every twentieth connection and has pages of any
// size gives the same findings, and nothing stays unknown for it.
//
// The calls are made on synthetic time: the waits that throttling costs are minutes.
func TestFaultsChangeNothing(t *testing.T) {
	w := theWorld(t)
	for _, seed := range []uint64{1, 2, 3} {
		w.proveFaults(t, seed)
	}
}

func (w *world) proveFaults(t *testing.T, seed uint64) {
	seal, err := collect.NewSeal()
	if err != nil {
		t.Fatal(err)
	}
	options := recorded.Options{Dir: t.TempDir(), Seal: seal}
	var cells []collect.Cell
	var requests int64
	synctest.Test(t, func(t *testing.T) {
		faulty := options
		faulty.Faults = replay.Faults{Throttle: 0.2, Reset: 0.05, Seed: seed}
		faulty.Wrap = func(p provider.Provider) provider.Provider { return replay.SplitPages(p, seed) }
		var err error
		if options.Resume, cells, requests, err = w.Collect(context.Background(), faulty); err != nil {
			t.Fatal(err)
		}
	})
	var retries, throttles int64
	for _, c := range cells {
		retries, throttles = retries+c.Retries, throttles+c.Throttles
		if c.Status == collect.Throttled {
			t.Errorf("seed %d: still throttled: %+v", seed, c)
		}
	}
	if requests < w.base.Requests*5/4 || throttles == 0 || retries == 0 {
		t.Errorf("seed %d: %d requests, %d throttled, %d retries: there were hardly any faults", seed, requests, throttles, retries)
	}
	got, err := w.Scan(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range diff(w.base.Findings, got.Findings) {
		t.Errorf("seed %d: %s", seed, line)
	}
	t.Logf("seed %d: %d requests in place of %d, %d throttled, %d retried", seed, requests, w.base.Requests, throttles, retries)
}
