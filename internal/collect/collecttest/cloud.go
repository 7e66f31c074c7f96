// Package collecttest is a cloud in memory for tests: operations are functions, answers are paged as the test says, and
// calls can be throttled, reset, refused or delayed. It is a provider.Provider and knows no vendor.
package collecttest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// Cloud is a provider.Provider. Set its fields before the first call.
type Cloud struct {
	Ops map[string]*Op // by "service:Operation"
	// Page is how many items a page has; nil: all.
	Page func() int
	// Before sees each call first; an error of it is the answer.
	Before func(provider.Request) error
	// Missing are services that do not exist: "service" or "service/region".
	Missing map[string]bool
	// Homes are the regions of services that have one endpoint only.
	Homes map[string]string
	// Latency of each call.
	Latency time.Duration

	mu        sync.Mutex
	calls     map[string]int
	underWay  int
	mostAtOne int
}

// Op is one operation.
type Op struct {
	// Serve answers a whole call as a value that becomes JSON, []byte being JSON already.
	Serve func(provider.Request) (any, error)
	// Items is the key at which the answer has a list to be cut into pages; empty: not paged.
	Items string
	// Input and Output may be nil: any member is taken, and the answer is not described.
	Input, Output *content.Shape
}

// ID is "fake".
func (c *Cloud) ID() string { return "fake" }

// API describes the operations.
func (c *Cloud) API() content.API { return api{c} }

// Accounts is not asked by the collector.
func (c *Cloud) Accounts(context.Context) ([]provider.Account, error) { return nil, nil }

// Available says no for what Missing names.
func (c *Cloud) Available(_ context.Context, scope provider.Scope, service string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Missing[service] || c.Missing[service+"/"+scope.Region] {
		return &provider.Error{Class: provider.Unsupported, Call: service, Message: "not in " + scope.Region}
	}
	return nil
}

// Home says what Homes does.
func (c *Cloud) Home(_ provider.Scope, service string) string { return c.Homes[service] }

// Call answers one page.
func (c *Cloud) Call(ctx context.Context, q provider.Request) (*provider.Answer, error) {
	name := q.Service + ":" + q.Op
	c.mu.Lock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[name]++
	c.underWay++
	c.mostAtOne = max(c.mostAtOne, c.underWay)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.underWay--
		c.mu.Unlock()
	}()
	if c.Latency > 0 {
		select {
		case <-time.After(c.Latency):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if c.Before != nil {
		if err := c.Before(q); err != nil {
			return nil, err
		}
	}
	op := c.Ops[name]
	if op == nil {
		return nil, &provider.Error{Class: provider.Broken, Call: name, Code: "UnknownOperation"}
	}
	value, err := op.Serve(q)
	if err != nil {
		return nil, err
	}
	return c.page(op, q, value)
}

func (c *Cloud) page(op *Op, q provider.Request, value any) (*provider.Answer, error) {
	raw, ok := value.([]byte)
	if !ok {
		var err error
		if raw, err = json.Marshal(value); err != nil {
			return nil, err
		}
	}
	if op.Items == "" || c.Page == nil {
		return &provider.Answer{Document: raw}, nil
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(doc[op.Items], &list); err != nil {
		return nil, err
	}
	from, _ := strconv.Atoi(q.Page)
	to := min(len(list), from+max(1, c.Page()))
	var err error
	if doc[op.Items], err = json.Marshal(list[min(from, len(list)):to]); err != nil {
		return nil, err
	}
	answer := &provider.Answer{}
	if to < len(list) {
		answer.Next = strconv.Itoa(to)
		doc["NextToken"], _ = json.Marshal(answer.Next) // a string always marshals
	}
	answer.Document, err = json.Marshal(doc)
	return answer, err
}

// Calls is how often each operation was called; Total is their sum.
func (c *Cloud) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// Total is how many calls were made.
func (c *Cloud) Total() int {
	n := 0
	for _, x := range c.Calls() {
		n += x
	}
	return n
}

// MostAtOnce is how many calls were under way at the same time at most.
func (c *Cloud) MostAtOnce() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mostAtOne
}

type api struct{ cloud *Cloud }

func (a api) Operation(service, name string) (*content.Operation, error) {
	op := a.cloud.Ops[service+":"+name]
	if op == nil {
		return nil, fmt.Errorf("no operation %s:%s", service, name)
	}
	out := &content.Operation{Service: service, Name: name, Input: op.Input, Output: op.Output}
	if out.Input == nil {
		out.Input = &content.Shape{Kind: content.KindStruct}
	}
	if out.Output == nil {
		out.Output = &content.Shape{Kind: content.KindAny}
	}
	if op.Items != "" {
		out.Pager = &content.Pager{
			InputTokens: []string{"NextToken"}, OutputTokens: []string{"NextToken"}, ResultKeys: []string{op.Items},
		}
	}
	return out, nil
}

func (a api) Services() []string {
	var names []string
	for name := range a.cloud.Ops {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Faults throttles and resets a share of the calls, by chance.
func Faults(seed uint64, throttled, reset float64) func(provider.Request) error {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, seed))
	return func(q provider.Request) error {
		mu.Lock()
		x := r.Float64()
		mu.Unlock()
		name := q.Service + ":" + q.Op
		switch {
		case x < throttled:
			return &provider.Error{Class: provider.Throttled, Call: name, Code: "Throttling", Message: "slow down"}
		case x < throttled+reset:
			return &provider.Error{Class: provider.Retryable, Call: name, Message: "connection reset"}
		}
		return nil
	}
}
