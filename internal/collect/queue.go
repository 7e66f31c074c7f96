package collect

import (
	"container/heap"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/content"
)

// task is one page of one call that waits for its turn, or a piece of work of our own (bucket is nil).
type task struct {
	bucket    *bucket
	level     int  // of the table: 0, or one more than the parent's
	list      bool // brings new rows; all else finishes rows that are in memory
	next      bool // not the first page
	seq       uint64
	notBefore time.Time
	expected  int64 // bytes reserved for it
	run       func()
}

// urgency orders tasks: what finishes rows before what brings new ones, deep before shallow, begun lists before new
// ones. So the rows in memory stay few.
func (t *task) urgency() int {
	u := t.level * 2
	if !t.list {
		return u + 1_000_000
	}
	if t.next {
		u++
	}
	return u
}

func (t *task) before(o *task) bool {
	if a, b := t.urgency(), o.urgency(); a != b {
		return a > b
	}
	return t.seq < o.seq
}

// queue is the one bounded queue of a scan. A worker is never held by a bucket: it takes the most urgent task of those
// buckets that have a token. Pages that bring rows wait while too many bytes of rows are in memory.
type queue struct {
	mu      sync.Mutex
	stopped bool
	workers int
	running int
	seq     uint64
	buckets map[bucketKey]*bucket
	ready   bucketHeap // have a token
	later   bucketHeap // will have one at tokenAt
	tokenAt map[*bucket]time.Time
	delayed delayedHeap
	own     *bucket // of tasks without a bucket
	timer   *time.Timer

	limits     map[[2]string]*content.Limit
	rate, max  float64
	memory     int64
	held       int64 // bytes of rows in memory
	reserved   int64 // bytes that the list pages under way are expected to bring
	pages      int64 // list pages received, and their bytes: for the expectation
	pageBytes  int64
	waiting    map[int]int // tasks not finished, by urgency
	waitingAll int
	idle       chan struct{} // closed when stopped and no task runs
	stalled    func()        // called when nothing runs and nothing waits
}

type bucketKey struct{ account, region, service, op string }

func newQueue(workers int, memory int64, rate, ceiling float64, limits []content.Limit) *queue {
	q := &queue{
		workers: workers, memory: memory, rate: rate, max: ceiling, buckets: map[bucketKey]*bucket{}, limits: map[[2]string]*content.Limit{},
		tokenAt: map[*bucket]time.Time{}, waiting: map[int]int{}, idle: make(chan struct{}), own: &bucket{free: true},
	}
	for i := range limits {
		l := &limits[i]
		if l.Service == "*" { // content's word for all others
			l = &content.Limit{Op: l.Op, Rate: l.Rate, Burst: l.Burst}
		}
		q.limits[[2]string{l.Service, l.Op}] = l
	}
	q.ready.less = func(a, b *bucket) bool { return a.tasks[0].before(b.tasks[0]) }
	q.later.less = func(a, b *bucket) bool { return q.tokenAt[a].Before(q.tokenAt[b]) }
	return q
}

// bucket gives the bucket of an operation: its own if it has a limit of its own, else its service's.
func (q *queue) bucket(account, region, service, op string) *bucket {
	q.mu.Lock()
	defer q.mu.Unlock()
	limit := q.limits[[2]string{service, op}]
	if limit == nil {
		op = ""
		if limit = q.limits[[2]string{service, ""}]; limit == nil {
			limit = q.limits[[2]string{"", ""}]
		}
	}
	key := bucketKey{account, region, service, op}
	b := q.buckets[key]
	if b == nil {
		b = newBucket(account, time.Now(), limit, q.rate, q.max)
		q.buckets[key] = b
	}
	return b
}

// add puts a task into the queue. Tasks that are added to a stopped queue are forgotten.
func (q *queue) add(t *task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	if t.bucket == nil {
		t.bucket = q.own
	}
	q.seq++
	t.seq = q.seq
	q.waiting[t.urgency()]++
	q.waitingAll++
	q.place(t, time.Now())
	q.dispatch()
}

// again puts a running task back, to be run not before at. It must be followed by the end of its run.
func (q *queue) again(t *task, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	q.waiting[t.urgency()]++
	q.waitingAll++
	t.notBefore = at
	q.place(t, time.Now())
}

func (q *queue) place(t *task, now time.Time) {
	if t.notBefore.After(now) && !t.bucket.free {
		heap.Push(&q.delayed, t)
		return
	}
	heap.Push(&t.bucket.tasks, t)
	q.settle(t.bucket, now)
}

// settle puts a bucket where it belongs after a change.
func (q *queue) settle(b *bucket, now time.Time) {
	if len(b.tasks) == 0 {
		if b.in != nil {
			heap.Remove(b.in, b.index)
		}
		return
	}
	due := b.due(now)
	to := &q.ready
	if due.After(now) {
		to = &q.later
		q.tokenAt[b] = due
	}
	if b.in == to {
		heap.Fix(to, b.index)
		return
	}
	if b.in != nil {
		heap.Remove(b.in, b.index)
	}
	heap.Push(to, b)
}

// dispatch starts as many tasks as there are workers for.
func (q *queue) dispatch() {
	now := time.Now()
	q.promote(now)
	for q.running < q.workers && !q.stopped {
		t := q.pick(now)
		if t == nil {
			break
		}
		q.running++
		if t.list {
			t.expected = q.expected()
			q.reserved += t.expected
		}
		go q.work(t, t.expected)
	}
	q.arm(now)
}

func (q *queue) work(t *task, expected int64) {
	t.run()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	q.reserved -= expected
	q.waitingAll--
	if u := t.urgency(); q.waiting[u] > 1 {
		q.waiting[u]--
	} else {
		delete(q.waiting, u)
	}
	if q.stopped {
		q.checkIdle()
		return
	}
	q.dispatch()
	if q.waitingAll == 0 && q.stalled != nil {
		go q.stalled()
	}
}

// promote moves what has become due.
func (q *queue) promote(now time.Time) {
	for len(q.delayed) > 0 && (!q.delayed[0].notBefore.After(now) || q.delayed[0].bucket.free) {
		t := heap.Pop(&q.delayed).(*task)
		heap.Push(&t.bucket.tasks, t)
		q.settle(t.bucket, now)
	}
	for len(q.later.list) > 0 && !q.tokenAt[q.later.list[0]].After(now) {
		q.settle(q.later.list[0], now)
	}
}

func (q *queue) pick(now time.Time) *task {
	if len(q.ready.list) == 0 {
		return nil
	}
	b := q.ready.list[0]
	t := b.tasks[0]
	if t.list && !q.admits(t) {
		return nil // and so would be all others: they are less urgent lists
	}
	heap.Pop(&b.tasks)
	if !b.free {
		b.tokens--
	}
	q.settle(b, now)
	return t
}

// admits tells whether a page that brings rows may be asked for. Deeper levels may fill more of the memory: a parent's
// rows wait for their children, so children must always find room. If nothing that could free memory is left, it is
// admitted whatever is held.
func (q *queue) admits(t *task) bool {
	room := q.memory - q.memory>>(t.level+1)
	if q.held+q.reserved+q.expected() <= room {
		return true
	}
	if q.running > 0 {
		return false
	}
	for u := range q.waiting {
		if u > t.urgency() {
			return false
		}
	}
	return true
}

// expected is how many bytes the next list page will bring, as far as can be told.
func (q *queue) expected() int64 {
	const guess, weight = 64 << 10, 4
	return (guess*weight + q.pageBytes) / (weight + q.pages)
}

// arm sets the timer to when the next token or repetition is due.
func (q *queue) arm(now time.Time) {
	var next time.Time
	if len(q.later.list) > 0 {
		next = q.tokenAt[q.later.list[0]]
	}
	if len(q.delayed) > 0 && (next.IsZero() || q.delayed[0].notBefore.Before(next)) {
		next = q.delayed[0].notBefore
	}
	if next.IsZero() || q.stopped {
		return
	}
	if q.timer == nil {
		q.timer = time.AfterFunc(next.Sub(now), q.tick)
		return
	}
	q.timer.Reset(next.Sub(now))
}

func (q *queue) tick() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.stopped {
		q.dispatch()
	}
}

// hold counts bytes of rows that came into memory; negative for those that left.
func (q *queue) hold(bytes int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held += bytes
	if bytes < 0 && !q.stopped {
		q.dispatch()
	}
}

// page counts a list page's bytes.
func (q *queue) page(bytes int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pages++
	q.pageBytes += bytes
	q.held += bytes
}

func (q *queue) passed(b *bucket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b.passed()
}

func (q *queue) throttled(b *bucket, wish time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	b.throttled(now, wish)
	q.settle(b, now)
}

// release lets all calls of an account pass at once: they fail without being made.
func (q *queue) release(account string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, b := range q.buckets {
		if b.account == account {
			b.free = true
			q.settle(b, now)
		}
	}
	waiting := q.delayed
	q.delayed = nil
	for _, t := range waiting {
		q.place(t, now)
	}
	if !q.stopped {
		q.dispatch()
	}
}

// stop forgets what waits. Tasks that run are not disturbed.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped {
		return
	}
	q.stopped = true
	if q.timer != nil {
		q.timer.Stop()
	}
	q.checkIdle()
}

func (q *queue) checkIdle() {
	if q.running == 0 {
		select {
		case <-q.idle:
		default:
			close(q.idle)
		}
	}
}

// crowded tells whether so much is held that rows should not wait for company.
func (q *queue) crowded() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held > q.memory/4
}
