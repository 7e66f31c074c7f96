package providertest

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"syscall"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// Disturbance is what goes wrong between a provider and its cloud. With the zero value nothing does.
type Disturbance struct {
	Deny     map[string]bool // calls (apps:v1/deployments) that are refused for want of a permission
	Throttle float64         // share of calls that are refused as too many, 0..1
	Reset    float64         // share of calls whose connection is cut when they are made already, 0..1
	Pages    bool            // pages have other sizes than they would have, down to none
	Latency  time.Duration   // of each call, beside its own
	// Seed makes faults repeatable: whether a call fails depends on the seed, the call with its input and page, and how often it
	// was tried.
	Seed uint64
}

// Disturb wraps a provider so that its calls are disturbed, whatever it is.
func Disturb(p provider.Provider, d Disturbance) provider.Provider {
	p = &disturbed{Provider: p, Disturbance: d, tries: map[string]uint64{}}
	if d.Pages {
		p = SplitPages(limited{p, d.Seed}, d.Seed)
	}
	return p
}

type disturbed struct {
	provider.Provider
	Disturbance
	mu    sync.Mutex
	tries map[string]uint64
}

func (d *disturbed) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	if err := wait(ctx, d.Latency); err != nil {
		return nil, err
	}
	call := nameOf(request)
	chance := d.chance(request)
	switch {
	case chance < d.Reset:
		if _, _ = d.Provider.Call(ctx, request); ctx.Err() != nil { // whatever it answers is lost
			return nil, ctx.Err()
		}
		return nil, &provider.Error{Class: provider.Retryable, Call: call, Message: syscall.ECONNRESET.Error(), Err: syscall.ECONNRESET}
	case chance < d.Reset+d.Throttle:
		return nil, &provider.Error{Class: provider.Throttled, Call: call, Code: "Disturbed", Message: "too many calls", Status: 429}
	case d.Deny[call]:
		denied := &provider.Error{Class: provider.Denied, Call: call, Code: "Disturbed", Message: "the test denies this call", Status: 403}
		if op, err := d.API().Operation(request.Service, request.Op); err == nil {
			denied.Permissions = op.Permissions
		}
		return nil, denied
	}
	return d.Provider.Call(ctx, request)
}

// chance draws a call's luck, in 0..1.
func (d *disturbed) chance(request provider.Request) float64 {
	key := keyOf(request)
	d.mu.Lock()
	d.tries[key]++
	tries := d.tries[key]
	d.mu.Unlock()
	return rand.New(rand.NewPCG(d.Seed^hashOf(key), tries)).Float64()
}

func keyOf(request provider.Request) string {
	input, _ := json.Marshal(request.Input) // values that were made from JSON
	return fmt.Sprint(request.Scope, nameOf(request), string(input), request.Page)
}

func hashOf(key string) uint64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(key)) // never fails
	return hash.Sum64()
}

func wait(ctx context.Context, span time.Duration) error {
	if span <= 0 {
		return nil
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// limited asks for pages of few results, each call for another number of them.
type limited struct {
	provider.Provider
	seed uint64
}

// mostResults is the size of the largest page that is asked for: little, because test clouds are small.
const mostResults = 12

func (l limited) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	if request.Limit == 0 {
		request.Limit = 1 + rand.New(rand.NewPCG(l.seed, hashOf(keyOf(request)))).IntN(mostResults)
	}
	return l.Provider.Call(ctx, request)
}
