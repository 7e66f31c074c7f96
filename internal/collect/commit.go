package collect

import (
	"sync"
)

// committer writes finished units to the journal, as many as have come while it wrote the last: so a disk that syncs
// slowly costs one sync for many small units.
type committer struct {
	run     *run
	mu      sync.Mutex
	wake    *sync.Cond
	waiting []*commit
	closed  bool
	ended   chan struct{}
}

func newCommitter(r *run) *committer {
	c := &committer{run: r, ended: make(chan struct{})}
	c.wake = sync.NewCond(&c.mu)
	go c.loop()
	return c
}

func (r *run) commit(c *commit) {
	r.commits.mu.Lock()
	defer r.commits.mu.Unlock()
	r.commits.waiting = append(r.commits.waiting, c)
	r.commits.wake.Signal()
}

func (c *committer) loop() {
	defer close(c.ended)
	counts := map[string]*account{}
	for _, a := range c.run.accounts {
		counts[a.ID] = a
	}
	for {
		c.mu.Lock()
		for len(c.waiting) == 0 && !c.closed {
			c.wake.Wait()
		}
		units := c.waiting
		c.waiting = nil
		c.mu.Unlock()
		if len(units) == 0 {
			return
		}
		if err := c.run.spool.commit(units); err != nil {
			c.run.fail(err)
			return
		}
		for _, u := range units {
			c.run.progress.finished(counts[u.Account], u.Cells)
		}
	}
}

// close waits until all that came is written.
func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.wake.Signal()
	c.mu.Unlock()
	<-c.ended
}
