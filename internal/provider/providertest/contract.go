package providertest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/provider"
)

// contract proves what the interface promises of any call, with the calls that an undisturbed scan made.
func (r *runner) contract(t *testing.T) {
	requests := slices.Collect(maps.Values(r.base.Seen.Requests))
	for name, prove := range map[string]func(*testing.T, provider.Provider, []provider.Request){
		"it has content, a description and accounts": r.proveIdentity,
		"what cannot be asked is an error":           proveMisuse,
		"calls end with their context":               proveCancelled,
		"calls may be made at the same time":         proveConcurrent,
	} {
		t.Run(name, func(t *testing.T) {
			p, stop, err := r.SignIn(t.Context(), Disturbance{}) // each its own, with nothing known from calls before
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			prove(t, p, requests)
		})
	}
}

func (r *runner) proveIdentity(t *testing.T, p provider.Provider, requests []provider.Request) {
	if r.Library.Provider(p.ID()) == nil {
		t.Errorf("there is no content of %s", p.ID())
	}
	described := p.API().Services()
	for _, q := range requests {
		if !slices.Contains(described, q.Service) {
			t.Errorf("%s is not among the services that are described", q.Service)
		}
		if _, err := p.API().Operation(q.Service, q.Op); err != nil {
			t.Errorf("%s is not described: %v", nameOf(q), err)
		}
	}
	accounts, err := p.Accounts(t.Context())
	if err != nil || len(accounts) == 0 {
		t.Fatalf("%d accounts: %v", len(accounts), err)
	}
	seen := map[string]bool{}
	for _, a := range accounts {
		if a.ID == "" || seen[a.ID] {
			t.Errorf("account %q has no id or that of another", a.ID)
		}
		seen[a.ID] = true
		if a.Err != nil {
			t.Errorf("account %s refuses: %v", a.ID, a.Err)
		}
	}
}

// nonsense is nobody's account, service, operation, page or input.
const nonsense = "no-such-thing"

func proveMisuse(t *testing.T, p provider.Provider, requests []provider.Request) {
	for _, right := range requests {
		for what, change := range map[string]func(*provider.Request){
			"account":   func(q *provider.Request) { q.Scope.Account = nonsense },
			"service":   func(q *provider.Request) { q.Service = nonsense },
			"operation": func(q *provider.Request) { q.Op = nonsense },
		} {
			q := right
			change(&q)
			answer, err := p.Call(t.Context(), q)
			if err == nil {
				t.Errorf("%s answers for an %s that there is none of", nameOf(q), what)
			}
			if breach := breachOf(t.Context(), q, answer, err); breach != "" {
				t.Errorf("%s of an %s that there is none of: %s", nameOf(q), what, breach)
			}
		}
		for what, change := range map[string]func(*provider.Request){
			"page":  func(q *provider.Request) { q.Page = nonsense },
			"input": func(q *provider.Request) { q.Input = map[string]any{nonsense: []any{nonsense}} },
			"older": func(q *provider.Request) { q.Older = []string{nonsense} },
		} { // what is not for this operation may be passed over
			q := right
			change(&q)
			answer, err := p.Call(t.Context(), q)
			if breach := breachOf(t.Context(), q, answer, err); breach != "" {
				t.Errorf("%s with a wrong %s: %s", nameOf(q), what, breach)
			}
		}
	}
	scope := requests[0].Scope
	var e *provider.Error
	switch err := p.Available(t.Context(), scope, nonsense); {
	case !errors.As(err, &e):
		t.Errorf("a service that there is none of is available: %v", err)
	case e.Class != provider.Unsupported && e.Class != provider.Broken: // broken where nobody can tell what it would be
		t.Errorf("a service that there is none of: %v", err)
	}
	if home := p.Home(scope, nonsense); home != "" {
		t.Errorf("a service that there is none of has the home %q", home)
	}
}

func proveCancelled(t *testing.T, p provider.Provider, requests []provider.Request) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := 0
	for _, q := range requests {
		answer, err := p.Call(ctx, q)
		switch {
		case err == nil && answer != nil: // it needed no exchange
		case !errors.Is(err, context.Canceled):
			t.Errorf("%s, canceled: %v", nameOf(q), err)
		default:
			ended++
		}
	}
	if ended*2 < len(requests) {
		t.Errorf("%d of %d calls notice that they are canceled", ended, len(requests))
	}
	for _, q := range requests { // what was canceled leaves nothing behind
		if err := p.Available(t.Context(), q.Scope, q.Service); err != nil {
			t.Errorf("after it was canceled, %s is not available: %v", q.Service, err)
		}
		if answer, err := p.Call(t.Context(), q); breachOf(t.Context(), q, answer, err) != "" || errors.Is(err, context.Canceled) {
			t.Errorf("after it was canceled, %s: %v", nameOf(q), err)
		}
	}
}

// together is how many make each call at once.
const together = 4

func proveConcurrent(t *testing.T, p provider.Provider, requests []provider.Request) {
	var wg sync.WaitGroup
	for _, q := range requests {
		var mu sync.Mutex
		outcomes := map[string]bool{}
		for range together {
			wg.Go(func() {
				_ = p.Available(t.Context(), q.Scope, q.Service) // that it may be asked is what is tried
				p.Home(q.Scope, q.Service)
				answer, err := p.Call(t.Context(), q)
				if breach := breachOf(t.Context(), q, answer, err); breach != "" {
					t.Errorf("%s: %s", nameOf(q), breach)
				}
				outcome := ""
				if err != nil {
					outcome = err.Error()
				}
				mu.Lock()
				defer mu.Unlock()
				outcomes[outcome] = true
				if len(outcomes) > 1 {
					t.Errorf("%s answers at once in different ways: %v", nameOf(q), slices.Collect(maps.Keys(outcomes)))
				}
			})
		}
	}
	wg.Wait()
}
