package terraform

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

const (
	// maxDepth bounds the recursion of evaluation, in nodes of syntax trees, which take about a kilobyte of stack each: a quarter of
	// what Go allows.
	maxDepth = 200_000
	// cellDepth is what one value that refers to another costs, in nodes.
	cellDepth = 6
	// cellShare is what part of all steps one value may take, so that one that has no end leaves enough to the others.
	cellShare = 20
	// maxWeight bounds the elements of one value, and 64 bytes of text count as one.
	maxWeight = 1_000_000
	// maxProblems bounds what is told of expressions that fail: most have the same reason.
	maxProblems = 500
)

// evaluator evaluates one unit. It is used by one goroutine.
type evaluator struct {
	ctx     context.Context
	source  *Source
	options Options
	limits  iac.Limits
	unit    *iac.Unit
	root    *module

	functions map[string]function.Function
	vendored  map[string]vendored
	given     map[string]given
	files     map[string]bool
	told      map[iac.Problem]bool
	reported  map[*module]bool

	steps    int // all
	perCell  int // of the value that is evaluated
	depth    int
	modules  int
	failures int
	stopped  bool // by the context
	overstep bool // by the limit of all steps
}

// limit is the panic that ends the evaluation of one value. The library's own loops cannot be ended otherwise.
type limit string

// step counts what evaluation costs.
func (e *evaluator) step(n int) {
	before := e.steps >> 12
	e.steps += n
	e.perCell += n
	if e.steps>>12 != before && e.ctx.Err() != nil {
		e.stopped = true
	}
	switch {
	case e.stopped:
		panic(limit("the evaluation was interrupted"))
	case e.steps > e.limits.Steps:
		e.overstep = true
		panic(limit(fmt.Sprintf("the code needs more than %d steps of evaluation", e.limits.Steps)))
	case e.perCell > e.limits.Steps/cellShare:
		panic(limit(fmt.Sprintf("it needs more than %d steps of evaluation", e.limits.Steps/cellShare)))
	}
}

// cell is a value that is evaluated at most once.
type cell struct {
	state cellState
	value cty.Value
}

type cellState uint8

const (
	untouched cellState = iota
	busy
	done
)

// once gives a cell's value. A value that needs itself is unknown, like one whose evaluation fails, or is stopped.
func (e *evaluator) once(c *cell, name func() string, depth int, at iac.Range, compute func() (cty.Value, hcl.Diagnostics)) cty.Value {
	switch c.state {
	case done:
		return c.value
	case busy:
		e.problem(iac.NotEvaluated, name()+" refers to itself", at)
		return marks.Unknown(cty.DynamicPseudoType, name()+" refers to itself")
	}
	c.state = busy
	c.value = e.guarded(name, depth+cellDepth, at, compute)
	c.state = done
	return c.value
}

// guarded computes a value and turns what goes wrong into an unknown and a problem.
func (e *evaluator) guarded(name func() string, depth int, at iac.Range, compute func() (cty.Value, hcl.Diagnostics)) (v cty.Value) {
	if e.depth+depth > maxDepth {
		e.problem(iac.LimitReached, name()+" is the end of too long a chain of references", at)
		return marks.Unknown(cty.DynamicPseudoType, "too long a chain of references")
	}
	e.depth += depth
	outer := e.perCell
	e.perCell = 0
	defer func() {
		e.depth -= depth
		e.perCell += outer
		switch broken := recover().(type) {
		case nil:
		case limit:
			if !e.stopped {
				e.problem(iac.LimitReached, fmt.Sprintf("%s was not evaluated: %s", name(), string(broken)), at)
			}
			e.perCell = outer // it is paid for: those that refer to it go on
			v = marks.Unknown(cty.DynamicPseudoType, string(broken))
		default:
			// The libraries panic on combinations of marks and types that nobody foresaw. One value is lost then.
			e.problem(iac.NotEvaluated, fmt.Sprintf("%s cannot be evaluated: %v", name(), broken), at)
			v = marks.Unknown(cty.DynamicPseudoType, "it cannot be evaluated")
		}
	}()
	v, diags := compute()
	if first := firstError(diags); first != nil {
		what := sayDiagnostic(first)
		e.problem(iac.NotEvaluated, fmt.Sprintf("%s cannot be evaluated: %s", name(), what), placeOr(*first.Subject, at))
		return marks.Unknown(cty.DynamicPseudoType, "its expression fails: "+what)
	}
	e.weigh(v)
	return v
}

// attempt does what is no value of its own; what stops it is told.
func (e *evaluator) attempt(name string, at iac.Range, do func()) (ok bool) {
	outer, depth := e.perCell, e.depth
	e.perCell = 0
	defer func() {
		broken := recover()
		e.perCell, e.depth = outer, depth
		ok = broken == nil
		if l, is := broken.(limit); is && !e.stopped {
			e.problem(iac.LimitReached, fmt.Sprintf("%s was not evaluated: %s", name, string(l)), at)
		} else if broken != nil && !is {
			e.problem(iac.NotEvaluated, fmt.Sprintf("%s cannot be evaluated: %v", name, broken), at)
		}
	}()
	do()
	return true
}

func placeOr(r hcl.Range, otherwise iac.Range) iac.Range {
	if r.Filename == "" || r.Start.Line == 0 {
		return otherwise
	}
	return place(r)
}

// problem tells something once, however many instances it is true of.
func (e *evaluator) problem(kind, what string, at iac.Range) {
	p := iac.Problem{Kind: kind, What: what, Range: at}
	if e.told[p] {
		return
	}
	e.told[p] = true
	if kind == iac.NotEvaluated {
		if e.failures++; e.failures > maxProblems {
			return
		}
		if e.failures == maxProblems {
			p = iac.Problem{Kind: kind, What: "more expressions fail; they are not told", Range: iac.Range{File: at.File}}
		}
	}
	e.unit.Problems = append(e.unit.Problems, p)
}

// weigh stops what is too large to be worked with, however little was written to make it.
func (e *evaluator) weigh(values ...cty.Value) {
	left := min(maxWeight, e.limits.Steps/10)
	for _, v := range values {
		if left -= e.weight(v, left, 0); left < 0 {
			panic(limit("a value is too large"))
		}
	}
}

// weight is how many elements a value has, as far as that is not beyond a limit.
func (e *evaluator) weight(v cty.Value, left, depth int) int {
	bare, _ := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() {
		return 1
	}
	t := bare.Type()
	switch {
	case t == cty.String:
		n := len(bare.AsString())
		if n > e.limits.TextBytes {
			panic(limit(fmt.Sprintf("a text is longer than %d bytes", e.limits.TextBytes)))
		}
		return 1 + n/64
	case t == cty.Number:
		return 1 + digits(bare.AsBigFloat())/64
	case t.IsSetType():
		return 1 + bare.LengthInt() // going through one sorts it; its elements were weighed before it was made of them
	case t == cty.Bool || t.IsCapsuleType() || !bare.CanIterateElements():
		return 1
	}
	if depth > e.limits.Nesting {
		panic(limit("a value is nested too deep"))
	}
	n := 1
	for it := bare.ElementIterator(); it.Next() && n <= left; {
		_, item := it.Element()
		n += e.weight(item, left-n, depth+1)
	}
	return n
}

// digits is about how many there are if a number is written out.
func digits(f *big.Float) int {
	exponent := f.MantExp(nil)
	if exponent < 0 {
		exponent = -exponent
	}
	return exponent / 3
}

// say gives why a value is unknown.
func say(v cty.Value) string {
	causes := marks.Causes(v)
	if len(causes) == 0 {
		_, deep := v.UnmarkDeep()
		causes = marks.Causes(cty.DynamicVal.WithMarks(deep))
	}
	if len(causes) == 0 {
		return "known after apply"
	}
	if len(causes) > 3 {
		causes = append(slices.Clone(causes[:3]), "…")
	}
	return strings.Join(causes, "; ")
}
