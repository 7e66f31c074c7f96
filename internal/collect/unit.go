package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// unit is one table in one scope: the cells that are committed together. It is done when its lists have ended and all
// their rows are written.
type unit struct {
	run     *run
	family  *family
	table   *table
	account *account
	region  string // the scope's; GlobalRegion for account-wide tables
	gen     int64
	list    stat
	groups  []stat

	mu       sync.Mutex
	open     int // lists and pages under way, and rows not yet written
	listing  int // lists and pages under way
	finished bool
	rows     int64
	buf      []byte
	buffered int // rows in buf
	frames   []frame
	batches  []*batches // by group; nil for groups that are not batches
}

func (r *run) newUnit(f *family, t *table, gen int64) *unit {
	u := &unit{
		run: r, family: f, table: t, account: f.account, region: f.scope, gen: gen,
		groups: make([]stat, len(t.groups)), batches: make([]*batches, len(t.groups)),
	}
	for i, g := range t.groups {
		if g.perRow >= 0 {
			u.batches[i] = &batches{unit: u, group: g, open: map[string]*batch{}}
		}
	}
	return u
}

// begin notes that rows may come; end that they have.
func (u *unit) begin() {
	u.mu.Lock()
	u.open++
	u.listing++
	u.mu.Unlock()
}

func (u *unit) end() {
	u.mu.Lock()
	u.listing--
	ended := u.listing == 0
	u.mu.Unlock()
	if ended {
		for _, b := range u.batches {
			if b != nil {
				b.flushIfComplete()
			}
		}
	}
	u.left()
}

func (u *unit) left() {
	u.mu.Lock()
	u.open--
	done, again := u.open == 0, u.finished
	u.finished = u.finished || done
	u.mu.Unlock()
	switch {
	case again: // rows came after the unit was committed
		u.run.fail(fmt.Errorf("table %s in %s/%s ended twice: this is a defect of the program", u.table.name, u.account.ID, u.region))
	case done:
		u.finish()
	}
}

// addRows makes rows of a page's items and starts what they need.
func (u *unit) addRows(page *page, region string, parent *origin, in []byte, rows [][]byte) {
	u.mu.Lock()
	u.rows += int64(len(rows))
	u.open += len(rows)
	u.mu.Unlock()
	u.run.progress.rows.Add(int64(len(rows)))
	for _, b := range u.batches {
		if b != nil {
			b.await(len(rows))
		}
	}
	for _, item := range rows {
		row := &row{unit: u, page: page, origin: &origin{item: item, parent: parent, input: in}, region: region}
		if u.table.region != nil {
			if v := lookup(item, u.table.region); v != nil {
				row.region = text(v)
			}
		}
		if row.region == "" {
			row.region = GlobalRegion
		}
		row.answers = make([]answer, len(u.table.groups))
		row.start()
	}
}

// write puts a row's line into the buffer, and the buffer into the spool when it is full.
func (u *unit) write(line []byte, limit int) error {
	u.mu.Lock()
	u.buf = append(append(u.buf, line...), '\n')
	u.buffered++
	u.run.buffered.Add(int64(len(line) + 1))
	full := len(u.buf) >= limit
	var buf []byte
	var rows int
	if full {
		buf, rows = u.takeBuffer()
	}
	u.mu.Unlock()
	if !full {
		return nil
	}
	return u.spill(buf, rows)
}

// bufferLimit is when a unit's lines are written: the sooner, the more all units together hold.
func (r *run) bufferLimit() int {
	switch held := r.buffered.Load(); {
	case held < r.opt.Memory/16:
		return 256 << 10
	case held < r.opt.Memory/8:
		return 64 << 10
	}
	return 4 << 10
}

func (u *unit) takeBuffer() ([]byte, int) {
	buf, rows := u.buf, u.buffered
	u.run.buffered.Add(-int64(len(buf)))
	u.buf, u.buffered = nil, 0
	return buf, rows
}

func (u *unit) spill(buf []byte, rows int) error {
	f, err := u.run.spool.append(u.table.name, buf, rows)
	if err != nil {
		return err
	}
	u.mu.Lock()
	u.frames = append(u.frames, f)
	u.mu.Unlock()
	return nil
}

// finish commits the unit and tells its children that no more parents come.
func (u *unit) finish() {
	u.mu.Lock()
	buf, rows := u.takeBuffer()
	u.mu.Unlock()
	if rows > 0 {
		if err := u.spill(buf, rows); err != nil {
			u.run.fail(err)
			return
		}
	}
	u.run.commit(u.result())
	u.family.ended(u.table, u.list.failures)
	u.family.left()
}

// result is the unit's ledger and where its rows are.
func (u *unit) result() *commit {
	c := &commit{
		Table: u.table.name, Account: u.account.ID, Region: u.region, Gen: u.gen, Parents: u.family.gens(u.table),
		Frames: u.frames, Failures: u.list.failures,
	}
	base := Cell{Provider: u.run.opt.Provider.ID(), Account: u.account.ID, Region: u.region, Table: u.table.name, Rows: u.rows}
	retry := func(f failures) {
		for class := range f {
			switch class {
			case provider.Throttled, provider.Expired, provider.Broken, provider.Retryable:
				c.Transient = true
			case provider.Denied:
				c.Denied = true
			}
		}
	}
	base.Group, base.Call = plan.GroupList, callName(u.table.spec.List)
	list := u.list.cell(base, u.list.answered || u.rows > 0)
	if list.Status == Partial && NoService(list.Cause) { // what is there was listed, and what is not there has nothing
		list.Status, list.Cause, list.Failures = OK, "", 0
	}
	c.Cells = append(c.Cells, list)
	retry(u.list.failures)
	for i, g := range u.table.groups {
		base.Group, base.Call = g.spec.Name, g.name
		s := &u.groups[i]
		cell := s.cell(base, s.failures.total() < u.rows)
		if u.rows == 0 && list.Status != OK { // there may be rows, and nothing is known of them
			cell.Status, cell.Cause = list.Status, list.Cause
		}
		c.Cells = append(c.Cells, cell)
		retry(s.failures)
	}
	for _, g := range u.table.skipped {
		base.Group, base.Call = g.spec.Name, g.name
		cell := base
		cell.Status, cell.Cause = Skipped, g.skipped
		c.Cells = append(c.Cells, cell)
	}
	return c
}

// page is the memory of one answer's rows: it is given back when all of them are done with it.
type page struct {
	run   *run
	bytes int64
	users atomic.Int64
	at    time.Time
}

func (r *run) newPage(bytes int) *page {
	p := &page{run: r, bytes: int64(bytes), at: r.opt.Now().UTC()}
	p.users.Store(1)
	r.queue.page(p.bytes)
	return p
}

func (p *page) retain() { p.users.Add(1) }

func (p *page) release() {
	if p.users.Add(-1) == 0 {
		p.run.queue.hold(-p.bytes)
	}
}

// oneLine takes the line breaks out of a document, which stand between its tokens only.
func oneLine(line []byte) []byte {
	if bytes.IndexByte(line, '\n') < 0 {
		return line
	}
	var out bytes.Buffer
	if json.Compact(&out, line) != nil {
		return line
	}
	return out.Bytes()
}
