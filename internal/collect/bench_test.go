package collect

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// bigCloud lists so many rows in pages of a thousand without holding them, and describes each in a call of its own if
// groups is set.
func bigCloud(rows int, groups bool, width int) (collecttestProvider, *plan.Plan) {
	const perPage = 1000
	pad := strings.Repeat("abcdefghij", width/10)
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{}), "s:Get": serve(doc{"Size": 12, "Kind": "x"})}}
	big := collecttestProvider{Cloud: cloud, list: func(page string) *provider.Answer {
		from, _ := strconv.Atoi(page)
		to := min(rows, from+perPage)
		b := make([]byte, 0, perPage*(width+60))
		b = append(b, `{"L":[`...)
		for i := from; i < to; i++ {
			if i > from {
				b = append(b, ',')
			}
			b = fmt.Appendf(b, `{"Name":"row-%d","Pad":%q,"N":%d}`, i, pad, i)
		}
		b = append(b, `]}`...)
		a := &provider.Answer{Document: b}
		if to < rows {
			a.Next = strconv.Itoa(to)
		}
		return a
	}}
	t := tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))
	if groups {
		t.Get = append(t.Get, callOf("detail", "s:Get", "", "N=Name"))
	}
	return big, planOf(t)
}

// TestMemoryIsBounded: a million rows go through while only a few pages of them are held, also where the calls that
// finish the rows are much slower than the lists that bring them.
func TestMemoryIsBounded(t *testing.T) {
	const rows, memory = 100_000, 8 << 20 // 20 MB of rows
	var most atomic.Int64
	for _, groups := range []bool{false, true} {
		n := rows
		if !groups {
			n = 1_000_000
		}
		t.Run(fmt.Sprintf("%d rows, groups %v", n, groups), func(t *testing.T) {
			width := 20
			if groups {
				width = 100
			}
			cloud, p := bigCloud(n/4, groups, width)
			opt := options(t, nil, p, "a", "b", "c", "d")
			opt.Provider, opt.Memory, opt.Workers = cloud, memory, 8
			var r *run
			cloud.Before = func(q provider.Request) error {
				if rand.IntN(50) == 0 {
					r.queue.mu.Lock()
					held := r.queue.held
					r.queue.mu.Unlock()
					for old := most.Load(); held > old && !most.CompareAndSwap(old, held); old = most.Load() {
					}
				}
				return nil
			}
			opt.Limits = []content.Limit{{Service: "s", Op: "Get", Rate: 500, Burst: 10}}
			base := liveBytes()
			r = &run{opt: opt.withDefaults()}
			synctest.Test(t, func(t *testing.T) {
				res, err := r.collect(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if res.Totals.Rows != int64(n) {
					t.Errorf("%d rows in totals, want %d", res.Totals.Rows, n)
				}
				res.Spool.Close()
			})
			s, err := OpenSpool(opt.Dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := s.Count("thing"); got != int64(n) {
				t.Errorf("%d rows counted, want %d", got, n)
			}
			got := 0
			for _, err := range s.Rows("thing") {
				if err != nil {
					t.Fatal(err)
				}
				got++
			}
			if got != n {
				t.Errorf("%d rows read", got)
			}
			if groups && most.Load() < memory/8 {
				t.Errorf("only %d bytes of rows were held: the lists did not outrun the groups", most.Load())
			}
			if most.Load() > memory {
				t.Errorf("%d bytes of rows were held, allowed are %d", most.Load(), memory)
			}
			if r.queue.held != 0 {
				t.Errorf("%d bytes are still counted as held", r.queue.held)
			}
			t.Logf("held at most %d KiB, heap after %d KiB more", most.Load()>>10, (int64(liveBytes())-int64(base))>>10)
		})
	}
}

func liveBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkSpool(b *testing.B) {
	for _, groups := range []bool{false, true} {
		b.Run(fmt.Sprintf("groups %v", groups), func(b *testing.B) {
			const rows = 100_000
			for b.Loop() {
				cloud, p := bigCloud(rows/10, groups, 1000)
				opt := options(b, nil, p, strings.Split("a b c d e f g h i j", " ")...)
				opt.Provider = cloud
				start := time.Now()
				res := collectAll(b, opt)
				if res.Totals.Rows != rows {
					b.Fatal(res.Totals)
				}
				b.ReportMetric(rows/time.Since(start).Seconds(), "rows/s")
				b.ReportMetric(float64(res.Totals.Calls), "calls")
				res.Spool.Close()
			}
		})
	}
}

func BenchmarkRows(b *testing.B) {
	const rows = 100_000
	cloud, p := bigCloud(rows, false, 1000)
	opt := options(b, nil, p, "a")
	opt.Provider = cloud
	res := collectAll(b, opt)
	for b.Loop() {
		n := 0
		for range res.Spool.Rows("thing") {
			n++
		}
		if n != rows {
			b.Fatal(n)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
