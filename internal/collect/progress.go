package collect

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Progress counts what a scan does. Make one, hand it to Run, and call Snapshot as often as the display changes; it costs
// the scan nothing.
type Progress struct {
	cellsDone, cellsTotal     atomic.Int64
	calls, throttles, retries atomic.Int64
	bytes, rows               atomic.Int64

	mu       sync.Mutex
	services map[string]int // calls under way
	accounts []*accountCounts
	at       time.Time // of the last snapshot with a rate
	counted  int64
	rate     float64
}

type accountCounts struct {
	id                            string
	cellsDone, cellsTotal, callsN atomic.Int64
	failed                        bool
}

// Snapshot is a scan at one moment.
type Snapshot struct {
	CellsDone, CellsTotal int64
	Calls                 int64
	CallsPerSecond        float64 // since the last snapshots
	Throttled, Retries    int64
	Bytes, Rows           int64
	Services              []string // that are being asked, sorted
	Accounts              []AccountSnapshot
}

// AccountSnapshot is one account of it.
type AccountSnapshot struct {
	ID                    string
	CellsDone, CellsTotal int64
	Calls                 int64
	Refused               bool // its sign-in failed
}

func (p *Progress) addAccount(id string, refused bool) *accountCounts {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &accountCounts{id: id, failed: refused}
	p.accounts = append(p.accounts, a)
	return a
}

func (p *Progress) planned(a *account, cells int64) {
	p.cellsTotal.Add(cells)
	a.counts.cellsTotal.Add(cells)
}

// finished counts the cells of a unit. That a service does not exist in a region comes out only here: such a cell is then
// none of the scan's.
func (p *Progress) finished(a *account, cells []Cell) {
	for _, c := range cells {
		switch {
		case c.Counts():
			p.cellsDone.Add(1)
			a.counts.cellsDone.Add(1)
		case c.Status != Skipped:
			p.planned(a, -1)
		}
	}
}

func (p *Progress) begin(a *account, service string) {
	p.calls.Add(1)
	a.counts.callsN.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.services == nil {
		p.services = map[string]int{}
	}
	p.services[service]++
}

func (p *Progress) end(service string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.services[service]--; p.services[service] <= 0 {
		delete(p.services, service)
	}
}

// Snapshot tells how far the scan is.
func (p *Progress) Snapshot() Snapshot {
	s := Snapshot{
		CellsDone: p.cellsDone.Load(), CellsTotal: p.cellsTotal.Load(), Calls: p.calls.Load(),
		Throttled: p.throttles.Load(), Retries: p.retries.Load(), Bytes: p.bytes.Load(), Rows: p.rows.Load(),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.services {
		s.Services = append(s.Services, name)
	}
	slices.Sort(s.Services)
	for _, a := range p.accounts {
		s.Accounts = append(s.Accounts, AccountSnapshot{
			ID: a.id, CellsDone: a.cellsDone.Load(), CellsTotal: a.cellsTotal.Load(), Calls: a.callsN.Load(), Refused: a.failed,
		})
	}
	s.CallsPerSecond = p.measure(s.Calls)
	return s
}

// measure smooths the rate over a second or more.
func (p *Progress) measure(calls int64) float64 {
	now := time.Now()
	d := now.Sub(p.at)
	switch {
	case p.at.IsZero() || d > time.Minute:
		p.at, p.counted = now, calls
	case d >= time.Second:
		current := float64(calls-p.counted) / d.Seconds()
		if p.rate == 0 {
			p.rate = current
		}
		p.rate += (current - p.rate) / 2
		p.at, p.counted = now, calls
	}
	return p.rate
}
