package terraform

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// expansion is what count and for_each make of a block.
type expansion struct {
	mode  mode
	items []item
	// open is why the instances are not known. There is one item then, which stands for any of them.
	open string
}

type mode uint8

const (
	single mode = iota
	counted
	keyed
)

// item is one instance of a block.
type item struct {
	key   cty.Value // NilVal if it has none, a number or a text
	value cty.Value
	// mayExist is why it is not known whether there is this one.
	mayExist string
}

// context is the one of an instance: what each and count are in it.
func (x *expansion) context(ctx *hcl.EvalContext, it item) *hcl.EvalContext {
	key := it.key
	switch x.mode {
	case counted:
		if key == cty.NilVal {
			key = marks.Unknown(cty.Number, x.open)
		}
		return with(ctx, map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": key})})
	case keyed:
		if key == cty.NilVal {
			key = marks.Unknown(cty.String, x.open)
		}
		return with(ctx, map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": it.value})})
	}
	return ctx
}

// expand evaluates how often a block is there.
func (s *scope) expand(address string, count, forEach, enabled *attribute, ctx *hcl.EvalContext) *expansion {
	switch {
	case count != nil:
		return s.e.expandCount(s.evaluate(address+": count", count, ctx), count.at, address)
	case forEach != nil:
		return s.e.expandEach(s.evaluate(address+": for_each", forEach, ctx), forEach.at, address)
	case enabled != nil:
		return expandEnabled(s.evaluate(address+": enabled", enabled, ctx))
	}
	return &expansion{items: []item{{}}}
}

// expandSafely is expand that gives one instance which may exist if it is stopped.
func (s *scope) expandSafely(address string, at iac.Range, count, forEach, enabled *attribute) *expansion {
	var x *expansion
	if !s.e.attempt(address, at, func() { x = s.expand(address, count, forEach, enabled, s.ctx) }) {
		why := "it is not known how often it is there"
		return &expansion{mode: keyed, open: why, items: []item{{mayExist: why, value: marks.Unknown(cty.DynamicPseudoType, why)}}}
	}
	return x
}

// evaluate gives the value of an attribute that is needed once.
func (s *scope) evaluate(name string, a *attribute, ctx *hcl.EvalContext) cty.Value {
	return s.e.guarded(func() string { return name }, a.depth, a.at, func() (cty.Value, hcl.Diagnostics) { return a.expr.Value(ctx) })
}

func expandEnabled(v cty.Value) *expansion {
	bare, _ := v.Unmark()
	if bare.IsKnown() && !bare.IsNull() && bare.Type() == cty.Bool {
		if bare.False() {
			return &expansion{}
		}
		return &expansion{items: []item{{}}}
	}
	return &expansion{items: []item{{mayExist: "enabled is not known: " + say(v)}}}
}

func (e *evaluator) expandCount(v cty.Value, at iac.Range, address string) *expansion {
	why := "count is not known: " + say(v)
	unknown := &expansion{mode: counted, open: why, items: []item{{mayExist: why}}}
	if arms := armsOf(v); arms != nil {
		// Those that there are in any case, and those that there may be.
		low, high := -1, 0
		for _, arm := range arms {
			n, problem := e.countOf(arm)
			if n < 0 || problem != nil {
				return unknown
			}
			if low < 0 || n < low {
				low = n
			}
			high = max(high, n)
		}
		x := countTo(high)
		for i := low; i < high; i++ {
			x.items[i].mayExist = why
		}
		return x
	}
	n, problem := e.countOf(v)
	if problem != nil {
		e.problem(problem.Kind, fmt.Sprintf("%s: %s", address, problem.What), at)
		unknown.open, unknown.items[0].mayExist = problem.What, problem.What
		return unknown
	}
	if n < 0 {
		return unknown
	}
	return countTo(n)
}

func countTo(n int) *expansion {
	x := &expansion{mode: counted, items: make([]item, n)}
	for i := range x.items {
		x.items[i].key = cty.NumberIntVal(int64(i))
	}
	return x
}

// countOf is a count's number; -1 if it is not known.
func (e *evaluator) countOf(v cty.Value) (int, *iac.Problem) {
	bare, _ := v.Unmark()
	bare, err := convert.Convert(bare, cty.Number)
	if err != nil {
		return -1, &iac.Problem{Kind: iac.NotEvaluated, What: "count is not a number"}
	}
	if !bare.IsKnown() {
		return -1, nil
	}
	if bare.IsNull() {
		return -1, &iac.Problem{Kind: iac.NotEvaluated, What: "count is null"}
	}
	f := bare.AsBigFloat()
	if !f.IsInt() || f.Sign() < 0 {
		return -1, &iac.Problem{Kind: iac.NotEvaluated, What: "count is not a whole number of zero or more"}
	}
	if n, _ := f.Float64(); n > float64(e.limits.Instances) {
		return -1, &iac.Problem{Kind: iac.LimitReached, What: fmt.Sprintf("count is more than %d; one instance stands for them", e.limits.Instances)}
	}
	n, _ := f.Int64()
	return int(n), nil
}

func (e *evaluator) expandEach(v cty.Value, at iac.Range, address string) *expansion {
	why := "for_each is not known: " + say(v)
	anything := item{mayExist: why, value: marks.Unknown(cty.DynamicPseudoType, why)}
	unknown := &expansion{mode: keyed, open: why, items: []item{anything}}
	if arms := armsOf(v); arms != nil {
		if x := e.eachOfArms(arms, why); x != nil {
			return x
		}
		return unknown
	}
	items, problem := e.eachOf(v)
	if problem != nil {
		e.problem(problem.Kind, fmt.Sprintf("%s: %s", address, problem.What), at)
		unknown.open, unknown.items[0].mayExist = problem.What, problem.What
		return unknown
	}
	if items == nil {
		return unknown
	}
	return &expansion{mode: keyed, items: items}
}

// eachOfArms are the instances of all the values that for_each may have; nil if one of them is not known.
func (e *evaluator) eachOfArms(arms []cty.Value, why string) *expansion {
	x := &expansion{mode: keyed}
	times := map[string]int{}
	for _, arm := range arms {
		items, problem := e.eachOf(arm)
		if items == nil || problem != nil {
			return nil
		}
		for _, it := range items {
			key := it.key.AsString()
			times[key]++
			if times[key] == 1 {
				x.items = append(x.items, it)
			}
		}
	}
	for i := range x.items {
		key := x.items[i].key.AsString()
		if times[key] < len(arms) {
			x.items[i].mayExist = why
			continue
		}
		x.items[i].value = e.valueInArms(arms, x.items[i].key)
	}
	return x
}

// valueInArms is what an instance that there is in any case has as its value.
func (e *evaluator) valueInArms(arms []cty.Value, key cty.Value) cty.Value {
	var values []cty.Value
	for _, arm := range arms {
		items, _ := e.eachOf(arm)
		for _, it := range items {
			if it.key.RawEquals(key) {
				values = append(values, it.value)
			}
		}
	}
	return eitherOf(values, nil)
}

// eachOf are the elements of a map, an object or a set of texts; nil if they are not known.
func (e *evaluator) eachOf(v cty.Value) ([]item, *iac.Problem) {
	v = e.whole(v)
	bare, own := v.Unmark()
	if bare.IsNull() {
		if bare.Type() == cty.DynamicPseudoType && !bare.IsKnown() {
			return nil, nil
		}
		return nil, &iac.Problem{Kind: iac.NotEvaluated, What: "for_each is null"}
	}
	if !bare.IsKnown() {
		return nil, nil
	}
	if !bare.CanIterateElements() {
		return nil, &iac.Problem{Kind: iac.NotEvaluated, What: "for_each is neither a map nor a set"}
	}
	if n := bare.LengthInt(); n > e.limits.Instances {
		return nil, &iac.Problem{Kind: iac.LimitReached, What: fmt.Sprintf("for_each has more than %d elements; one instance stands for them", e.limits.Instances)}
	}
	items := []item{}
	byKey := bare.Type().IsMapType() || bare.Type().IsObjectType()
	for it := bare.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if !byKey {
			key = value // of lists too, which the program refuses
		}
		bareKey, _ := key.Unmark()
		if !bareKey.IsKnown() || bareKey.IsNull() {
			return nil, nil
		}
		bareKey, err := convert.Convert(bareKey, cty.String)
		if err != nil {
			return nil, &iac.Problem{Kind: iac.NotEvaluated, What: "for_each has elements that are no texts"}
		}
		if !byKey {
			value = bareKey
		}
		items = append(items, item{key: bareKey, value: withSecrets(value, own)})
	}
	slices.SortStableFunc(items, func(a, b item) int {
		switch {
		case a.key.AsString() < b.key.AsString():
			return -1
		case a.key.AsString() > b.key.AsString():
			return 1
		}
		return 0
	})
	return slices.CompactFunc(items, func(a, b item) bool { return a.key.AsString() == b.key.AsString() }), nil
}
