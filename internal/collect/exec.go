package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// Waits before a repetition: a random part of a span that doubles each time.
const (
	backoffStart = 200 * time.Millisecond
	backoffMost  = 20 * time.Second
)

// account is an account of the scan with what became of it.
type account struct {
	provider.Account
	stopped atomic.Pointer[provider.Error] // its sign-in ended
	counts  *accountCounts
}

// ask is one page of one call, until it has an answer or a final error.
type ask struct {
	account *account
	request provider.Request
	name    string // s3:ListBuckets
	optIn   string // what a user must have allowed; empty: nothing
	level   int
	list    bool
	next    bool
	share   bool
	stat    *stat
	wait    time.Duration // before the first attempt
	done    func(*provider.Answer, *provider.Error)

	started  time.Time
	attempts int
}

// scope is where calls to a service for a row or a unit go: to where these are, or to the one endpoint that the service has.
func (r *run) scope(a *account, region, service string) provider.Scope {
	scope := provider.Scope{Account: a.ID, Partition: a.Partition, Region: region}
	if region == GlobalRegion || r.opt.Provider.Home(scope, service) != "" {
		scope.Region = "" // one place, so one quota and one answer to share
	}
	return scope
}

// ask makes a call when its turn comes. done is called once, unless the scan is stopped before.
func (r *run) ask(a *ask) {
	if a.share && !r.cache.join(a) {
		return
	}
	r.enqueue(a)
}

func (r *run) enqueue(a *ask) {
	q := &a.request
	t := &task{bucket: r.queue.bucket(a.account.ID, q.Scope.Region, q.Service, q.Op), level: a.level, list: a.list, next: a.next}
	if a.wait > 0 {
		t.notBefore = time.Now().Add(a.wait)
	}
	t.run = func() { r.attempt(a, t) }
	r.queue.add(t)
}

func (r *run) attempt(a *ask, t *task) {
	if r.ctx.Err() != nil {
		return
	}
	r.calling.Add(1) // the provider may look for the service: that can take as long as a call
	refusal := r.refused(a)
	r.calling.Add(-1)
	if r.ctx.Err() != nil {
		return
	}
	if refusal != nil {
		a.done(nil, refusal)
		return
	}
	if a.started.IsZero() {
		a.started = time.Now()
	}
	a.attempts++
	answer, err := r.exchange(a)
	if r.ctx.Err() != nil {
		return
	}
	if err == nil {
		r.queue.passed(t.bucket)
		a.done(answer, nil)
		return
	}
	switch err.Class {
	case provider.Throttled:
		a.stat.throttled()
		r.progress.throttles.Add(1)
		r.queue.throttled(t.bucket, err.RetryAfter)
	case provider.Expired:
		r.stopAccount(a.account, err)
	case provider.Unsupported:
		if err.Wide {
			r.refuse(a, err)
		}
	}
	if err.Class == provider.Throttled || err.Class == provider.Retryable {
		if wait := r.backoff(a.attempts, err.RetryAfter); time.Since(a.started)+wait <= r.opt.RetryBudget {
			a.stat.retried()
			r.progress.retries.Add(1)
			r.queue.again(t, time.Now().Add(wait))
			return
		}
	}
	a.done(nil, final(err))
}

// exchange makes the call once and looks whether the answer can be read.
func (r *run) exchange(a *ask) (*provider.Answer, *provider.Error) {
	start := time.Now()
	r.calling.Add(1)
	r.progress.begin(a.account, a.request.Service)
	answer, err := r.opt.Provider.Call(r.ctx, a.request)
	r.progress.end(a.request.Service)
	r.calling.Add(-1)
	took := time.Since(start)
	bytes := 0
	if answer != nil {
		if bytes = answer.Bytes; bytes == 0 {
			bytes = len(answer.Document)
		}
	}
	a.stat.called(took, bytes)
	r.progress.bytes.Add(int64(bytes))
	switch {
	case err != nil:
		return nil, asError(a.name, err)
	case !json.Valid(answer.Document):
		return nil, &provider.Error{Class: provider.Broken, Call: a.name, Message: "the answer is not JSON"}
	case answer.Next != "" && answer.Next == a.request.Page:
		return nil, &provider.Error{Class: provider.Broken, Call: a.name, Message: "the answer names its own page as the next"}
	}
	return answer, nil
}

func asError(call string, err error) *provider.Error {
	var e *provider.Error
	if !errors.As(err, &e) {
		class := provider.Broken
		if errors.Is(err, context.DeadlineExceeded) {
			class = provider.Retryable // a time limit of the provider's own
		}
		return &provider.Error{Class: class, Call: call, Message: err.Error(), Err: err}
	}
	if e.Call == "" {
		c := *e
		c.Call, e = call, &c
	}
	return e
}

// final is what remains of an error when it will not be tried again: what could have passed is broken now.
func final(e *provider.Error) *provider.Error {
	if e.Class != provider.Retryable {
		return e
	}
	c := *e
	c.Class = provider.Broken
	return &c
}

// backoff is a random wait, of full jitter, and never less than what the vendor asks for.
func (r *run) backoff(attempt int, wish time.Duration) time.Duration {
	span := backoffMost
	if shift := attempt - 1; shift < 10 {
		span = min(span, backoffStart<<shift)
	}
	return wish + time.Duration(r.random(int64(span)))
}

func (r *run) random(n int64) int64 {
	r.randMu.Lock()
	defer r.randMu.Unlock()
	return r.rand.Int64N(n)
}

func newRand(seed uint64) *rand.Rand {
	if seed == 0 {
		seed = rand.Uint64()
	}
	return rand.New(rand.NewPCG(seed, seed))
}

// stopAccount lets all other calls of the account fail with the same cause: its sign-in is over for all of them.
func (r *run) stopAccount(a *account, err *provider.Error) {
	if a.stopped.CompareAndSwap(nil, err) {
		r.log.Error("sign-in ended: the rest of the account is not collected", "account", a.ID, "cause", err.Error())
		r.queue.release(a.ID)
	}
}

// refusals knows which services are not to be asked.
type refusals struct {
	mu   sync.Mutex
	seen map[serviceKey]*availability
}

type serviceKey struct{ account, region, service string }

type availability struct {
	once sync.Once
	err  atomic.Pointer[provider.Error]
}

func (r *run) availability(a *ask) *availability {
	key := serviceKey{a.account.ID, a.request.Scope.Region, a.request.Service}
	r.refusals.mu.Lock()
	defer r.refusals.mu.Unlock()
	v := r.refusals.seen[key]
	if v == nil {
		v = &availability{}
		r.refusals.seen[key] = v
	}
	return v
}

// refused says why a call need not be made, or nil.
func (r *run) refused(a *ask) *provider.Error {
	if err := a.account.stopped.Load(); err != nil {
		return err
	}
	if a.optIn != "" && !slices.Contains(r.opt.Allow, a.optIn) {
		return &provider.Error{Class: provider.Skipped, Call: a.name, Message: "it needs --allow " + a.optIn}
	}
	v := r.availability(a)
	v.once.Do(func() {
		err := r.opt.Provider.Available(r.ctx, a.request.Scope, a.request.Service)
		var e *provider.Error
		switch {
		case err == nil || r.ctx.Err() != nil:
		case errors.As(err, &e) && e.Class == provider.Unsupported:
			v.err.Store(e)
		default: // whether it exists could not be found out: the call will tell
			r.log.Debug("look for the service", "service", a.request.Service, "region", a.request.Scope.Region, "error", err)
		}
	})
	err := v.err.Load()
	if err != nil && err.Wide {
		own := *err
		own.Call = a.name
		return &own
	}
	return err
}

// refuse remembers that the whole service said no in this account and region.
func (r *run) refuse(a *ask, err *provider.Error) {
	r.availability(a).err.CompareAndSwap(nil, err)
}

// broken is an answer that came and cannot be used.
func broken(call string, err error) *provider.Error {
	return &provider.Error{Class: provider.Broken, Call: call, Message: fmt.Sprint(err), Err: err}
}
