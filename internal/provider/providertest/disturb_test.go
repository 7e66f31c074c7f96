package providertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/provider"
)

// counting is a cloud that notes the limits of what it is asked.
func counting(limits map[int]int) *collecttest.Cloud {
	return &collecttest.Cloud{
		Ops:    map[string]*collecttest.Op{"s:List": {Items: "L", Serve: func(provider.Request) (any, error) { return doc{"L": []int{1, 2, 3}}, nil }}},
		Before: func(q provider.Request) error { limits[q.Limit]++; return nil },
	}
}

// requestOf is one of many that differ.
func requestOf(i int) provider.Request {
	return provider.Request{Service: "s", Op: "List", Input: doc{"I": i}}
}

func TestDisturbanceRefusesAsTheInterfaceSays(t *testing.T) {
	for name, test := range map[string]struct {
		Disturbance
		want  provider.Class
		asked bool // the cloud too
	}{
		"denied":      {Disturbance{Deny: map[string]bool{"s:List": true}}, provider.Denied, false},
		"throttled":   {Disturbance{Throttle: 1}, provider.Throttled, false},
		"reset":       {Disturbance{Reset: 1}, provider.Retryable, true},
		"undisturbed": {Disturbance{Deny: map[string]bool{"s:Other": true}}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			limits := map[int]int{}
			answer, err := Disturb(counting(limits), test.Disturbance).Call(t.Context(), requestOf(0))
			if breach := breachOf(t.Context(), requestOf(0), answer, err); breach != "" {
				t.Error(breach)
			}
			var e *provider.Error
			errors.As(err, &e)
			if e == nil && test.want != "" || e != nil && e.Class != test.want {
				t.Errorf("got %v, want an error of class %q", err, test.want)
			}
			if test.want == provider.Retryable && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %v, want a connection that is reset", err)
			}
			if asked := len(limits) > 0; asked != test.asked {
				t.Errorf("the cloud was asked: %v, want %v", asked, test.asked)
			}
		})
	}
}

func TestFaultsComeAsOftenAsIsSaidAndAreTheSameForASeed(t *testing.T) {
	const calls = 2000
	faults := func(seed uint64) string {
		p := Disturb(counting(map[int]int{}), Disturbance{Throttle: 0.2, Reset: 0.05, Seed: seed})
		counts := map[provider.Class]int{}
		which := make([]byte, calls)
		for i := range calls {
			which[i] = '.'
			var e *provider.Error
			if _, err := p.Call(t.Context(), requestOf(i%500)); errors.As(err, &e) { // each four times
				counts[e.Class]++
				which[i] = e.Class[0]
			}
		}
		if n := counts[provider.Throttled]; n < calls*15/100 || n > calls*25/100 {
			t.Errorf("seed %d: %d of %d are throttled, want a fifth", seed, n, calls)
		}
		if n := counts[provider.Retryable]; n < calls*3/100 || n > calls*7/100 {
			t.Errorf("seed %d: %d of %d are reset, want a twentieth", seed, n, calls)
		}
		if string(which[:500]) == string(which[500:1000]) {
			t.Errorf("seed %d: a call that is repeated fails again as it did", seed)
		}
		return string(which)
	}
	first := faults(1)
	if faults(1) != first {
		t.Error("the same seed makes other faults")
	}
	if faults(2) == first {
		t.Error("another seed makes the same faults")
	}
}

func TestPagesOfEverySizeAreAskedFor(t *testing.T) {
	limits := map[int]int{}
	p := Disturb(counting(limits), Disturbance{Pages: true, Seed: 7})
	for i := range 300 {
		var list []int
		for token, more := "", true; more; more = token != "" {
			q := requestOf(i)
			q.Page = token
			answer, err := p.Call(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			var page struct{ L []int }
			if err := json.Unmarshal(answer.Document, &page); err != nil {
				t.Fatal(err)
			}
			list, token = append(list, page.L...), answer.Next
		}
		if fmt.Sprint(list) != "[1 2 3]" {
			t.Errorf("got %v", list)
		}
	}
	for size := 1; size <= mostResults; size++ {
		if limits[size] == 0 {
			t.Errorf("no page of %d was asked for", size)
		}
	}
	if limits[0] > 0 || len(limits) != mostResults {
		t.Errorf("pages of sizes %v were asked for", limits)
	}
}

func TestLatencyIsWaitedForOrTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := Disturb(counting(map[int]int{}), Disturbance{Latency: time.Second})
		began := time.Now()
		if _, err := p.Call(t.Context(), requestOf(0)); err != nil || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := p.Call(ctx, requestOf(0)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatBreaksTheInterfacesPromisesIsSeen(t *testing.T) {
	var none *provider.Error
	q := provider.Request{Service: "s", Op: "List", Page: "p"}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	good := &provider.Answer{Document: []byte("{}")}
	for name, test := range map[string]struct {
		ctx    context.Context
		answer *provider.Answer
		err    error
		breach bool
	}{
		"an answer":                         {t.Context(), good, nil, false},
		"an error":                          {t.Context(), nil, &provider.Error{Class: provider.Gone, Call: "s:List"}, false},
		"the context's error":               {canceled, nil, fmt.Errorf("ask: %w", context.Canceled), false},
		"the error of a context that lives": {t.Context(), nil, context.Canceled, true},
		"nothing":                           {t.Context(), nil, nil, true},
		"both":                              {t.Context(), good, errors.New("x"), true},
		"text":                              {t.Context(), &provider.Answer{Document: []byte("<a>")}, nil, true},
		"its own page":                      {t.Context(), &provider.Answer{Document: []byte("{}"), Next: "p"}, nil, true},
		"another error":                     {t.Context(), nil, errors.New("x"), true},
		"no error that is not nil":          {t.Context(), nil, none, true},
		"no class":                          {t.Context(), nil, &provider.Error{Call: "s:List"}, true},
		"another call":                      {t.Context(), nil, &provider.Error{Class: provider.Gone, Call: "s:Get"}, true},
	} {
		if got := breachOf(test.ctx, q, test.answer, test.err); (got != "") != test.breach {
			t.Errorf("%s: %q", name, got)
		}
	}
}
