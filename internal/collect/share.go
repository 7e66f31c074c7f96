package collect

import (
	"container/list"
	"sync"

	"github.com/stancehq/stance/internal/provider"
)

// cache makes identical calls once. Who asks while the call is under way waits for its answer; who asks later gets it as
// long as it is kept: the answers asked for last are, up to a number of bytes.
type cache struct {
	mu      sync.Mutex
	max     int64
	held    int64
	entries map[string]*entry
	recent  *list.List // of *entry, those with an answer, last asked for first
}

type entry struct {
	key     string
	place   *list.Element // nil while the call is under way
	waiting []*ask
	answer  *provider.Answer
	err     *provider.Error
	bytes   int64
}

func newCache(max int64) *cache {
	return &cache{max: max, entries: map[string]*entry{}, recent: list.New()}
}

func (a *ask) key() string {
	q := &a.request
	b := make([]byte, 0, 160)
	for _, s := range []string{q.Scope.Account, q.Scope.Region, q.Service, q.Op, q.Page} {
		b = append(append(b, s...), 0)
	}
	return string(append(b, encodeInput(q.Input)...))
}

// join tells whether the caller must make the call. If not, a.done has been or will be called.
func (c *cache) join(a *ask) bool {
	key := a.key()
	c.mu.Lock()
	e := c.entries[key]
	switch {
	case e == nil:
		e = &entry{key: key}
		c.entries[key] = e
		done := a.done
		a.done = func(answer *provider.Answer, err *provider.Error) {
			for _, w := range c.answer(e, answer, err) {
				w.done(answer, err)
			}
			done(answer, err)
		}
		c.mu.Unlock()
		return true
	case e.place == nil:
		e.waiting = append(e.waiting, a)
		c.mu.Unlock()
		return false
	}
	c.recent.MoveToFront(e.place)
	c.mu.Unlock()
	a.done(e.answer, e.err)
	return false
}

// answer keeps an answer and gives back who waits for it.
func (c *cache) answer(e *entry, answer *provider.Answer, err *provider.Error) []*ask {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := e.waiting
	e.waiting, e.answer, e.err = nil, answer, err
	e.bytes = int64(len(e.key)) + 300 // about what the bookkeeping takes
	if answer != nil {
		e.bytes += int64(len(answer.Document))
	}
	e.place = c.recent.PushFront(e)
	c.held += e.bytes
	for c.held > c.max && c.recent.Len() > 0 {
		last := c.recent.Back()
		old := c.recent.Remove(last).(*entry)
		c.held -= old.bytes
		delete(c.entries, old.key)
	}
	return waiting
}
