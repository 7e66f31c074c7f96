package aws

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// Calls that sign-in itself makes are repeated here, because the collector sees only those of a scan.
const (
	patienceTries = 6
	patienceFirst = 200 * time.Millisecond
	patienceMost  = 10 * time.Second
)

// patiently repeats a call that was throttled or that failed for the vendor's or the network's reasons.
func (p *Provider) patiently(ctx context.Context, call func() (*provider.Answer, error)) (*provider.Answer, error) {
	wait := patienceFirst
	for try := 1; ; try++ {
		answer, err := call()
		var e *provider.Error
		if err == nil || try == patienceTries || !errors.As(err, &e) || e.Class != provider.Throttled && e.Class != provider.Retryable {
			return answer, err
		}
		timer := time.NewTimer(max(e.RetryAfter, rand.N(wait))) //nolint:gosec // spreads load, keeps no secret
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
		wait = min(2*wait, patienceMost)
	}
}
