package providertest

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// stops is in how many parts a scan is made at least, or nearly. Later parts may be longer: each begins again what it finds half done,
// so that it may need as many calls as the whole to come further.
const stops = 8

// stop stops a scan again and again, at random calls, and goes on with it until it is whole.
func (r *runner) stop(t *testing.T) {
	whole, err := r.Collect(t.Context(), Options{Dir: t.TempDir(), Checks: r.Stopped})
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	luck := rand.New(rand.NewPCG(seed, 0))
	options := Options{Dir: t.TempDir(), Checks: r.Stopped, Workers: 4}
	var calls []int64
	for interrupted := true; interrupted; {
		ctx, cancel := context.WithCancel(t.Context())
		stopping := options
		after := 1 + luck.Int64N(max(whole.Seen.Calls*int64(len(calls)+1)/stops, 1))
		stopping.Wrap = func(p provider.Provider) provider.Provider {
			return &stopper{Provider: p, after: after, early: after%2 == 0, stop: cancel}
		}
		collected, err := r.Collect(ctx, stopping)
		cancel()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		r.honest(t, collected.Seen)
		calls, interrupted, options.Resume = append(calls, collected.Seen.Calls), collected.Interrupted, collected.ID
		if len(calls) > 10*stops {
			t.Fatalf("seed %d: the scan has no end; calls of its parts: %v", seed, calls)
		}
	}
	if len(calls) < 2 {
		t.Errorf("seed %d: it was never stopped", seed)
	}
	got, err := r.Scan(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range diff(findingsOf(r.base.Findings, r.Stopped), got.Findings) {
		t.Errorf("seed %d: %s", seed, line)
	}
	t.Logf("%d calls, and %v in parts", whole.Seen.Calls, calls)
}

// stopper stops the scan at a call: before that is made, or with its answer.
type stopper struct {
	provider.Provider
	after int64
	early bool
	stop  func()
	calls atomic.Int64
}

func (s *stopper) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	if s.calls.Add(1) != s.after {
		return s.Provider.Call(ctx, request)
	}
	if s.early {
		s.stop()
	}
	answer, err := s.Provider.Call(ctx, request)
	s.stop()
	return answer, err
}
