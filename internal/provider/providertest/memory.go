package providertest

import (
	"context"
	"fmt"
	"sync"

	"github.com/stancehq/stance/internal/provider"
)

// memory remembers what a provider said. Once it is closed, it says that again and asks no more, so that a cloud elsewhere can
// be scanned on synthetic time.
type memory struct {
	provider.Provider
	mu        sync.Mutex
	closed    bool
	accounts  []provider.Account
	available map[string]error
	answers   map[string]remembered
}

type remembered struct {
	answer *provider.Answer
	err    error
}

// remember scans once, with the pages of a disturbance, and gives the cloud as it was then. That can be disturbed in the same
// way, and by any faults.
func (r *runner) remember(ctx context.Context, dir string, d Disturbance) (*Cloud, error) {
	p, stop, err := r.SignIn(ctx, Disturbance{})
	if err != nil {
		return nil, err
	}
	defer stop()
	m := &memory{Provider: p, available: map[string]error{}, answers: map[string]remembered{}}
	c := *r.Cloud
	c.InProcess = true
	c.SignIn = func(_ context.Context, d Disturbance) (provider.Provider, func(), error) {
		return Disturb(m, d), func() {}, nil
	}
	if _, err := c.Collect(ctx, Options{Dir: dir, Disturbance: Disturbance{Pages: d.Pages, Seed: d.Seed}}); err != nil {
		return nil, err
	}
	m.closed = true
	return &c, nil
}

func (m *memory) Accounts(ctx context.Context) (accounts []provider.Account, err error) {
	if !m.closed {
		m.accounts, err = m.Provider.Accounts(ctx)
	}
	return m.accounts, err
}

func (m *memory) Available(ctx context.Context, scope provider.Scope, service string) error {
	key := fmt.Sprint(scope, service)
	m.mu.Lock()
	err, known := m.available[key]
	m.mu.Unlock()
	if known || m.closed {
		return err
	}
	err = m.Provider.Available(ctx, scope, service)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.available[key] = err
	return err
}

func (m *memory) Call(ctx context.Context, request provider.Request) (*provider.Answer, error) {
	key := fmt.Sprint(keyOf(request), request.Limit)
	m.mu.Lock()
	said, known := m.answers[key]
	m.mu.Unlock()
	switch {
	case known:
		return said.answer, said.err
	case m.closed:
		return nil, &provider.Error{Class: provider.Broken, Call: nameOf(request), Message: "this was not asked before"}
	}
	said.answer, said.err = m.Provider.Call(ctx, request)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[key] = said
	return said.answer, said.err
}
