package providertest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stancehq/stance/internal/collect"
)

// faults proves that a cloud that throttles every fifth request, cuts every twentieth connection and has pages of any size gives
// the same findings, and that nothing stays unknown for it.
func (r *runner) faults(t *testing.T) {
	var calls, throttles, retries atomic.Int64
	seeds := []uint64{1, 2, 3}
	t.Run("seed", func(t *testing.T) {
		for _, seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				collected := r.proveFaults(t, seed)
				calls.Add(collected.Seen.Calls)
				for _, c := range collected.Cells {
					throttles.Add(c.Throttles)
					retries.Add(c.Retries)
				}
			})
		}
	})
	before := r.base.Seen.Calls * int64(len(seeds))
	if calls.Load() < before*5/4 || throttles.Load() == 0 || retries.Load() == 0 {
		t.Error("there were hardly any faults")
	}
	t.Logf("%d calls in place of %d, %d throttled, %d retried", calls.Load(), before, throttles.Load(), retries.Load())
}

// proveFaults collects with faults, and looks what the scan that goes on from there finds.
func (r *runner) proveFaults(t *testing.T, seed uint64) (collected *Collected) {
	seal, err := collect.NewSeal()
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Dir: t.TempDir(), Seal: seal}
	faulty := options
	faulty.Disturbance = Disturbance{Throttle: 0.2, Reset: 0.05, Pages: true, Seed: seed}
	cloud := r.Cloud
	if !cloud.InProcess {
		if cloud, err = r.remember(t.Context(), t.TempDir(), faulty.Disturbance); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) { // the waits that throttling costs are minutes
		if collected, err = cloud.Collect(t.Context(), faulty); err != nil {
			t.Fatal(err)
		}
	})
	r.honest(t, collected.Seen)
	for _, c := range collected.Cells {
		if c.Status == collect.Throttled {
			t.Errorf("still throttled: %+v", c)
		}
	}
	options.Resume = collected.ID
	got, err := r.Scan(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if got.Seen.Calls > 0 && !r.base.Incomplete {
		t.Errorf("%d calls were left to be made", got.Seen.Calls)
	}
	for _, line := range diff(r.base.Findings, got.Findings) {
		t.Error(line)
	}
	return collected
}
