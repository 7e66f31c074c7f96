// Package cloudformation reads CloudFormation templates, YAML or JSON, with the SAM and language extension transforms and the
// stacks that they nest on disk, as units of infrastructure code: the resources that a deployment would make, as far as can be told
// without one. Conditions are true, false or unknown; what is known only after the deployment is a symbol or unknown with a cause.
//
// It uses no network and runs nothing: imports, dynamic references, macros and templates in buckets are unknown. It knows no
// resource type but those that a transform replaces.
//
// A template goes through four steps: parse to nodes (source.go, yaml.go, json.go), expand loops (foreach.go), transform SAM
// resources to plain ones (sam*.go), evaluate nodes to values (eval.go and what it calls), on demand and per stack (stack.go).
package cloudformation

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/stancehq/stance/internal/iac"
)

// Options say what is known of a deployment.
type Options struct {
	// Parameters are values by parameter name. They go before those in ParameterFiles, of which later ones go before earlier ones.
	Parameters map[string]string
	// ParameterFiles are paths below the root. Both formats of the AWS CLI are read: a list of ParameterKey and ParameterValue,
	// and an object with Parameters.
	ParameterFiles []string
	// Region, AccountID and Partition are symbols where they are empty; the partition follows from the region.
	Region, AccountID, Partition string
	Limits                       iac.Limits // the zero value stands for the defaults
}

// reader is the state of one Read.
type reader struct {
	ctx      context.Context
	root     fs.FS
	o        Options
	limits   iac.Limits
	unit     *iac.Unit
	sources  map[string]*source
	given    map[string]*node // parameters of the root stack
	steps    int
	modules  int
	stopped  bool
	err      error
	reported map[iac.Problem]bool
}

// Costs in steps: a value takes memory, so that it costs more than a look at a node.
const (
	valueSteps    = 10
	bytesPerStep  = 64
	ctxEverySteps = 1 << 12
)

// Read evaluates the template in file. The error is the context's or a mistake of the caller; all that is wrong with the
// template is among the unit's problems.
func Read(ctx context.Context, root fs.FS, file string, o Options) (*iac.Unit, error) {
	if !fs.ValidPath(file) {
		return nil, fmt.Errorf("read template: %q is not a path below the root", file)
	}
	if o.Limits == (iac.Limits{}) {
		o.Limits = iac.DefaultLimits()
	}
	r := &reader{
		ctx: ctx, root: root, o: o, limits: o.Limits, sources: map[string]*source{}, reported: map[iac.Problem]bool{},
		unit: &iac.Unit{Kind: iac.CloudFormation, Path: file}, err: ctx.Err(),
	}
	r.given = r.givenParameters()
	if src := r.source(file); src.root != nil {
		s := r.newStack(src, nil)
		s.transform()
		s.make()
	}
	if r.err == nil {
		r.err = ctx.Err()
	}
	if r.err != nil {
		return nil, fmt.Errorf("read template %s: %w", file, r.err)
	}
	return r.unit, nil
}

// source reads a file once.
func (r *reader) source(file string) *source {
	if s, ok := r.sources[file]; ok {
		return s
	}
	s := load(r.root, file, r.limits)
	r.sources[file] = s
	r.unit.Files = append(r.unit.Files, file)
	r.unit.Problems = append(r.unit.Problems, s.problems...)
	return s
}

// step pays for work; false means that nothing more is to be done.
func (r *reader) step(cost int) bool {
	if r.stopped {
		return false
	}
	before := r.steps
	r.steps += cost
	if before/ctxEverySteps != r.steps/ctxEverySteps {
		if r.err = r.ctx.Err(); r.err != nil {
			r.stopped = true
		}
	}
	if r.steps > r.limits.Steps {
		r.stopped = true
		r.problem(iac.LimitReached, fmt.Sprintf("evaluation takes more than %d steps; what is left is unknown", r.limits.Steps), iac.Range{File: r.unit.Path, Line: 1, Column: 1, EndLine: 1, EndColumn: 1})
	}
	return !r.stopped
}

// problem is told once, however often it is met.
func (r *reader) problem(kind, what string, where iac.Range) {
	p := iac.Problem{Kind: kind, What: what, Range: where}
	if r.reported[p] || r.stopped && kind != iac.LimitReached { // what a limit leaves out is no mistake of the template
		return
	}
	if len(r.reported) >= maxProblems {
		if len(r.reported) > maxProblems {
			return
		}
		p.Kind, p.What = iac.LimitReached, moreProblems
	}
	r.reported[p] = true
	r.unit.Problems = append(r.unit.Problems, p)
}

// givenParameters are those of the options.
func (r *reader) givenParameters() map[string]*node {
	given := map[string]*node{}
	for _, file := range r.o.ParameterFiles {
		if !fs.ValidPath(file) {
			r.problem(iac.Broken, fmt.Sprintf("parameter file %s lies outside of the folder that is scanned", file), iac.Range{})
			continue
		}
		s := r.source(file)
		if s.root == nil {
			continue
		}
		if !readParameters(s.root, given) {
			r.problem(iac.Broken, "the file has no parameters: neither a list of ParameterKey and ParameterValue, nor an object with Parameters", s.rangeOf(s.root.start, s.root.end))
		}
	}
	names := make([]string, 0, len(r.o.Parameters))
	for name := range r.o.Parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		given[name] = place{}.text(r.o.Parameters[name])
	}
	return given
}

// readParameters reads either format.
func readParameters(root *node, given map[string]*node) bool {
	if root.kind == listNode {
		for _, item := range root.items {
			name := item.get("ParameterKey").literal()
			if name == "" {
				return false
			}
			if value := item.get("ParameterValue"); value != nil {
				given[name] = value
			}
		}
		return true
	}
	parameters := root.get("Parameters")
	for _, e := range parameters.entries() {
		given[e.key] = e.value
	}
	return parameters.isMap()
}
