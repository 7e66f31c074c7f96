package collect

import (
	"math"
	"time"

	"github.com/stancehq/stance/internal/content"
)

// Rates of a bucket that no limit is known for, in calls per second, and the bounds of all. The most is modest: the
// owner's own programs share the vendor's limits.
const (
	defaultRate = 50
	defaultMax  = 250
	minRate     = 0.5
	// cutEvery is how often a bucket is slowed at most: the calls in flight at a cut are answered under the old rate.
	cutEvery = 500 * time.Millisecond
)

// bucket is a token bucket whose rate follows the vendor's answers: more by and by while calls pass, half when one is
// throttled. It is guarded by its queue's mutex.
type bucket struct {
	account string
	tasks   taskHeap
	tokens  float64
	rate    float64
	burst   float64
	max     float64
	at      time.Time // when tokens was right
	pause   time.Time // no call before
	cut     time.Time // when the rate was last cut
	seeking bool      // no limit is known and none was met: the rate doubles each second
	free    bool      // no limit any more: its calls fail without being made
	index   int       // place in the heap it is in
	in      *bucketHeap
}

func newBucket(account string, now time.Time, limit *content.Limit, rate, ceiling float64) *bucket {
	b := &bucket{account: account, at: now, rate: rate, burst: 2 * rate, max: ceiling, seeking: true}
	if limit != nil && limit.Rate > 0 {
		b.seeking = false
		b.rate, b.burst = min(limit.Rate, ceiling), float64(limit.Burst)
	}
	b.burst = max(b.burst, 1)
	b.tokens = b.burst
	return b
}

func (b *bucket) refill(now time.Time) {
	if d := now.Sub(b.at); d > 0 {
		b.tokens = min(b.burst, b.tokens+d.Seconds()*b.rate)
	}
	b.at = now
}

// due is when the next call may be made.
func (b *bucket) due(now time.Time) time.Time {
	if b.free {
		return now
	}
	b.refill(now)
	due := now
	if b.tokens < 1 {
		due = now.Add(time.Duration(math.Ceil((1 - b.tokens) / b.rate * float64(time.Second))))
	}
	if b.pause.After(due) {
		due = b.pause
	}
	return due
}

func (b *bucket) passed() {
	if b.seeking {
		b.rate = min(b.max, b.rate+1)
		b.burst = max(b.burst, b.rate)
		return
	}
	b.rate = min(b.max, b.rate+2/b.rate)
}

func (b *bucket) throttled(now time.Time, wish time.Duration) {
	if until := now.Add(wish); wish > 0 && until.After(b.pause) {
		b.pause = until
	}
	b.seeking = false
	b.refill(now)
	b.tokens = min(b.tokens, 0)
	if !b.cut.IsZero() && now.Sub(b.cut) < cutEvery {
		return
	}
	b.cut = now
	b.rate = max(minRate, b.rate/2)
	b.burst = max(1, min(b.burst, b.rate))
}

// taskHeap holds the waiting calls of one bucket, most urgent first.
type taskHeap []*task

func (h taskHeap) Len() int           { return len(h) }
func (h taskHeap) Less(i, j int) bool { return h[i].before(h[j]) }
func (h taskHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)        { *h = append(*h, x.(*task)) }
func (h *taskHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return t
}

// delayedHeap holds calls that wait for their repetition, the earliest first.
type delayedHeap []*task

func (h delayedHeap) Len() int           { return len(h) }
func (h delayedHeap) Less(i, j int) bool { return h[i].notBefore.Before(h[j].notBefore) }
func (h delayedHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *delayedHeap) Push(x any)        { *h = append(*h, x.(*task)) }
func (h *delayedHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return t
}

// bucketHeap holds buckets with waiting calls: those that have a token by their most urgent call, the others by when
// they will have one.
type bucketHeap struct {
	list []*bucket
	less func(a, b *bucket) bool
}

func (h *bucketHeap) Len() int           { return len(h.list) }
func (h *bucketHeap) Less(i, j int) bool { return h.less(h.list[i], h.list[j]) }
func (h *bucketHeap) Swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.list[i].index, h.list[j].index = i, j
}

func (h *bucketHeap) Push(x any) {
	b := x.(*bucket)
	b.index, b.in = len(h.list), h
	h.list = append(h.list, b)
}

func (h *bucketHeap) Pop() any {
	last := len(h.list) - 1
	b := h.list[last]
	h.list[last] = nil
	h.list = h.list[:last]
	b.in = nil
	return b
}
