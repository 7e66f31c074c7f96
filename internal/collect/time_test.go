package collect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// inBubble runs a scan in fake time and gives back what it took.
func inBubble(t *testing.T, opt Options) (*Result, time.Duration) {
	t.Helper()
	var res *Result
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var err error
		if res, err = Run(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
		took = time.Since(start)
		if err := res.Spool.Close(); err != nil {
			t.Error(err)
		}
	})
	return res, took
}

// TestFaultsChangeNothing: throttling, resets and other page sizes leave the same rows and the same states of cells.
func TestFaultsChangeNothing(t *testing.T) {
	cloud, p := world(40)
	clean := collectAll(t, options(t, cloud, p, worldRegions...))
	want := everything(t, clean.Spool, p)
	if len(want) < 300 {
		t.Fatalf("the world has only %d rows", len(want))
	}
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			cloud, p := world(40)
			r := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			cloud.Page = func() int { mu.Lock(); defer mu.Unlock(); return 1 + r.IntN(20) }
			cloud.Before = collecttest.Faults(seed, 0.2, 0.05)
			cloud.Latency = 10 * time.Millisecond
			opt := options(t, cloud, p, worldRegions...)
			opt.Rate, opt.Seed, opt.RetryBudget = 100, seed+1, time.Hour
			res, _ := inBubble(t, opt)
			s, err := OpenSpool(opt.Dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if diff := cmp.Diff(want, everything(t, s, p)); diff != "" {
				t.Errorf("rows differ (-undisturbed +disturbed):\n%s", diff)
			}
			if diff := cmp.Diff(states(clean), states(res)); diff != "" {
				t.Errorf("cells differ (-undisturbed +disturbed):\n%s", diff)
			}
			if res.Totals.Throttles == 0 || res.Totals.Retries == 0 {
				t.Errorf("no faults were met: %+v", res.Totals)
			}
		})
	}
}

// states are the cells without what may differ between two scans of the same cloud.
func states(r *Result) []string {
	var out []string
	for _, c := range r.Cells {
		out = append(out, fmt.Sprintf("%s %s %s %s %d %d %s", c.Table, c.Region, c.Group, c.Status, c.Rows, c.Failures, c.Cause))
	}
	return out
}

func TestRetriesEndWithTheBudget(t *testing.T) {
	for _, class := range []provider.Class{provider.Throttled, provider.Retryable} {
		t.Run(string(class), func(t *testing.T) {
			cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{})}}
			cloud.Before = func(provider.Request) error { return &provider.Error{Class: class, Call: "s:List", Code: "Trouble"} }
			opt := options(t, cloud, planOf(tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))), "eu-west-1")
			opt.Rate = 50
			res, took := inBubble(t, opt)
			c := res.Cells[0]
			want := map[provider.Class]string{provider.Throttled: "throttled: s:List (Trouble)", provider.Retryable: "broken: s:List (Trouble)"}[class]
			if c.Cause != want || c.Calls < 5 || c.Calls != c.Retries+1 {
				t.Errorf("cell is %+v, want cause %s", c, want)
			}
			if took > 3*time.Minute || took < 30*time.Second {
				t.Errorf("took %s, with a budget of 2 min", took)
			}
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{})}}
	n := 0
	cloud.Before = func(provider.Request) error {
		if n++; n == 1 {
			return &provider.Error{Class: provider.Throttled, RetryAfter: 30 * time.Second}
		}
		return nil
	}
	opt := options(t, cloud, planOf(tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))), "eu-west-1")
	res, took := inBubble(t, opt)
	if took < 30*time.Second || took > 31*time.Second || res.Cells[0].Status != OK {
		t.Errorf("took %s, cell %+v", took, res.Cells[0])
	}
}

func TestDeniedIsNotRepeated(t *testing.T) {
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{})}}
	cloud.Before = func(provider.Request) error { return denied("s:List") }
	opt := options(t, cloud, planOf(tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))), "eu-west-1")
	collectAll(t, opt)
	if n := cloud.Total(); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// TestSlowServiceHoldsNobody: with two workers and a service of one call a second, another service is not slowed.
func TestSlowServiceHoldsNobody(t *testing.T) {
	items := []doc{}
	for i := range 30 {
		items = append(items, doc{"Name": fmt.Sprint(i)})
	}
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{
		"slow:List": serve(doc{"L": items}), "slow:Get": serve(doc{}), "fast:List": serve(doc{"L": items}), "fast:Get": serve(doc{}),
	}}
	cloud.Latency = 10 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var lastFast, lastSlow time.Duration
		cloud.Before = func(q provider.Request) error {
			mu.Lock()
			defer mu.Unlock()
			if q.Service == "fast" {
				lastFast = time.Since(start)
			} else {
				lastSlow = time.Since(start)
			}
			return nil
		}
		opt := options(t, cloud, planOf(
			tableOf("slow", content.ScopeRegion, callOf("", "slow:List", "L"), callOf("g", "slow:Get", "", "N=Name")),
			tableOf("fast", content.ScopeRegion, callOf("", "fast:List", "L"), callOf("g", "fast:Get", "", "N=Name")),
		), "eu-west-1")
		opt.Workers, opt.MaxRate = 2, 1000
		opt.Limits = []content.Limit{{Service: "slow", Rate: 1, Burst: 1}, {Service: "fast", Rate: 1000, Burst: 1000}}
		res, err := Run(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		res.Spool.Close()
		if lastFast > time.Second {
			t.Errorf("the fast service ended after %s", lastFast)
		}
		if lastSlow < 4*time.Second {
			t.Errorf("the slow service ended after %s: its limit was not kept", lastSlow)
		}
	})
}

func TestBucketFollowsTheVendor(t *testing.T) {
	now := time.Unix(0, 0)
	b := newBucket("a", now, &content.Limit{Rate: 10, Burst: 20}, 50, 1000)
	b.throttled(now, 0)
	if b.rate != 5 || b.tokens > 0 {
		t.Errorf("after a throttled call: rate %v, tokens %v", b.rate, b.tokens)
	}
	b.throttled(now.Add(100*time.Millisecond), 0)
	if b.rate != 5 {
		t.Errorf("a second throttled call of the same burst cut the rate to %v", b.rate)
	}
	for range 5 {
		b.passed()
	}
	if b.rate < 6.5 || b.rate > 7.5 {
		t.Errorf("a second of calls that pass raised the rate to %v, want about 7", b.rate)
	}
	for i := range 20 {
		b.throttled(now.Add(time.Duration(i)*time.Second), 0)
	}
	if b.rate != minRate {
		t.Errorf("rate %v is below the least", b.rate)
	}
	unknown := newBucket("a", now, nil, 50, 120)
	for range 200 {
		unknown.passed()
	}
	if unknown.rate != 120 {
		t.Errorf("a bucket that met no limit goes at %v, want the most", unknown.rate)
	}
}

func TestInterruptedScanStopsAtOnceAndSaysWhatIsMissing(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("provider deaf %v", deaf), func(t *testing.T) {
			cloud, p := world(50)
			cloud.Latency = 100 * time.Millisecond
			opt := options(t, cloud, p, worldRegions...)
			opt.Workers = 4
			if deaf {
				opt.Provider = deafCloud{cloud}
			}
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 1550*time.Millisecond)
				defer cancel()
				start := time.Now()
				res, err := Run(ctx, opt)
				if err != nil {
					t.Fatal(err)
				}
				defer time.Sleep(10 * time.Second) // of fake time: for the calls that were left behind
				defer res.Spool.Close()
				if took := time.Since(start); took > 2600*time.Millisecond {
					t.Errorf("stopped after %s", took)
				}
				if !res.Interrupted || res.Totals.ByStatus[Planned] == 0 || res.Totals.ByStatus[OK] == 0 {
					t.Errorf("interrupted %v, cells %v", res.Interrupted, res.Totals.ByStatus)
				}
				for _, c := range res.Cells {
					if c.Status == Planned && !strings.HasPrefix(c.Cause, "interrupted: ") {
						t.Errorf("cell %+v", c)
					}
				}
			})
		})
	}
}

// deafCloud does not notice that the context ended.
type deafCloud struct{ *collecttest.Cloud }

func (d deafCloud) Call(ctx context.Context, q provider.Request) (*provider.Answer, error) {
	a, err := d.Cloud.Call(context.WithoutCancel(ctx), q)
	if ctx.Err() != nil {
		time.Sleep(5 * time.Second)
	}
	return a, err
}

func TestFirstCallIsRepeatedUntilItsAnswerIsRight(t *testing.T) {
	for name, tc := range map[string]struct {
		ready int // after so many calls
		want  Status
		cause string
	}{
		"ready": {4, OK, ""},
		"never": {1 << 30, Failed, `broken: s:Make (still "STARTED" after 2m0s)`},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{
				"s:Make": {Serve: func(provider.Request) (any, error) {
					if n++; n >= tc.ready {
						return doc{"State": "DONE"}, nil
					}
					return doc{"State": "STARTED"}, nil
				}},
				"s:Read": serve(doc{"L": []doc{{"A": 1}}}),
			}}
			list := callOf("", "s:Read", "L")
			list.First = &content.First{Service: "s", Op: "Make", UntilPath: "State", UntilValues: []string{"DONE"}}
			res, took := inBubble(t, options(t, cloud, planOf(tableOf("thing", content.ScopeAccount, list))))
			if c := res.Cells[0]; c.Status != tc.want || c.Cause != tc.cause {
				t.Errorf("cell %+v", c)
			}
			if took > 3*time.Minute {
				t.Errorf("took %s", took)
			}
		})
	}
}
