package collect

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/provider"
)

// target is what all calls made for a row, a batch or a list have in common.
type target struct {
	account *account
	region  string
	level   int
	stat    *stat
}

// fetch asks for all pages of a call and gives them back as one document.
func (r *run) fetch(c *call, to target, in map[string]any, done func([]byte, *provider.Error)) {
	var pages [][]byte
	var page func(token string)
	page = func(token string) {
		r.ask(&ask{
			account: to.account, name: c.name, optIn: c.spec.OptIn, level: to.level, share: c.shared, stat: to.stat, next: token != "",
			request: provider.Request{
				Scope: r.scope(to.account, to.region, c.service), Service: c.service, Op: c.op.Name, Older: c.spec.Older, Input: in, Page: token,
			},
			done: func(answer *provider.Answer, err *provider.Error) {
				if err != nil {
					if len(pages) > 0 {
						err = midway(err)
					}
					done(nil, err)
					return
				}
				pages = append(pages, answer.Document)
				if answer.Next != "" {
					page(answer.Next)
					return
				}
				done(merge(pages, c.op.Pager), nil)
			},
		})
	}
	page("")
}

// midway is an error of a later page. Whatever its code says of a whole answer, such as that nothing is configured, here it says
// that the rest of one is missing: no table takes it for an absence.
func midway(err *provider.Error) *provider.Error {
	own := *err
	if own.Code != "" {
		own.Message = strings.TrimSuffix(own.Code+": "+own.Message, ": ")
		own.Code = ""
	}
	return &own
}

// preparation is a call that others wait for: a report that is being made.
type preparation struct {
	done    bool
	err     *provider.Error
	waiting []func(*provider.Error)
}

type preparations struct {
	mu   sync.Mutex
	seen map[string]*preparation
}

// prepare makes a call's first call, once for all that need the same, and calls then when it has answered as it must.
func (r *run) prepare(c *call, to target, in map[string]any, then func(*provider.Error)) {
	if c.first == nil {
		then(nil)
		return
	}
	f := c.first
	p := &polling{run: r, first: f, to: to, ask: ask{
		account: to.account, name: f.name, level: to.level, stat: to.stat,
		request: provider.Request{Scope: r.scope(to.account, to.region, f.service), Service: f.service, Op: f.op, Input: in},
	}}
	r.preparations.mu.Lock()
	key := p.ask.key()
	known := r.preparations.seen[key]
	if known == nil {
		known = &preparation{waiting: []func(*provider.Error){then}}
		r.preparations.seen[key] = known
		r.preparations.mu.Unlock()
		p.finish = func(err *provider.Error) { r.prepared(known, err) }
		p.poll(0)
		return
	}
	if !known.done {
		known.waiting = append(known.waiting, then)
		r.preparations.mu.Unlock()
		return
	}
	r.preparations.mu.Unlock()
	then(known.err)
}

func (r *run) prepared(p *preparation, err *provider.Error) {
	r.preparations.mu.Lock()
	p.done, p.err = true, err
	waiting := p.waiting
	p.waiting = nil
	r.preparations.mu.Unlock()
	for _, then := range waiting {
		then(err)
	}
}

// polling repeats a first call until its answer is as said, within the budget of one call's retries.
type polling struct {
	run    *run
	first  *first
	to     target
	ask    ask
	begun  time.Time
	finish func(*provider.Error)
}

func (p *polling) poll(times int) {
	a := p.ask
	if times > 0 {
		a.wait = min(backoffStart<<min(times-1, 10), 10*time.Second)
	}
	a.done = func(answer *provider.Answer, err *provider.Error) {
		if p.begun.IsZero() {
			p.begun = time.Now()
		}
		if err != nil || len(p.first.path) == 0 {
			p.finish(err)
			return
		}
		state := text(lookup(answer.Document, p.first.path))
		switch {
		case slices.Contains(p.first.values, state):
			p.finish(nil)
		case time.Since(p.begun) > p.run.opt.RetryBudget:
			p.finish(&provider.Error{
				Class: provider.Broken, Call: p.first.name,
				Message: fmt.Sprintf("still %q after %s", state, p.run.opt.RetryBudget),
			})
		default:
			p.poll(times + 1)
		}
	}
	p.run.ask(&a)
}
