// Package suppress tells which findings of infrastructure code nobody need act on, because the user said so and why: in comments of
// the code itself (stance:ignore), in a resource's own metadata where a language has no comments, and in the list of the settings
// file. It changes no verdict: a finding that is suppressed is still there, with the reason.
//
// A reason is required and a last day is respected. What does not hold is told as an iac.Problem, as is what holds for no finding
// any more; so neither a mistyped comment nor a forgotten one goes unnoticed.
//
// A comment holds for whole blocks: resources, or calls of modules, nested stacks and charts with all that they make. It does not
// matter on which line of the block it stands, since the attribute that decided is not always there to put a comment on.
package suppress

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// Options are what suppressions are read from and with.
type Options struct {
	// Root is the folder that is scanned, and Units what was read of it.
	Root  fs.FS
	Units []*iac.Unit
	// Checks are the ids of all checks that there are, whether or not they are asked.
	Checks []string
	// Listed are those of the settings file.
	Listed []content.Suppression
	// Now decides what has expired. Days are those of UTC.
	Now    time.Time
	Limits iac.Limits // the default ones if zero
}

// Subject is what there is to know of a finding. The caller asks about findings that somebody would have to act on; a suppression
// of what passes is not needed any more, and Unused says so.
type Subject struct {
	Check string
	// Unit is the path of the resource's unit, Address and Block the resource's own, Calls how the code comes to it.
	Unit, Address string
	Block         iac.Range
	Calls         []iac.Call
	// At is the place that the finding shows. It may lie in another block, which says more of the resource.
	At   iac.Range
	Tags map[string]string
}

// Result is why nobody need act on a finding, and who said so.
type Result struct {
	Reason string
	Until  string // 2027-01-01: the last day; empty: for ever
	By     string // main.tf:12, stance.yaml:7
	// Owner and Ticket are set by the settings file alone.
	Owner, Ticket string
}

// List is all that is suppressed in a scan. It may be asked from several goroutines.
type List struct {
	checks   []string              // that there are
	files    map[string]*file      // comments by file
	own      map[resource][]*entry // what resources say of themselves
	listed   map[string][]*entry   // of the settings file, by check
	entries  []*entry              // all
	problems []iac.Problem         // of what does not hold
}

// resource names one across units.
type resource struct{ unit, address string }

// entry is a suppression, wherever it was written.
type entry struct {
	result Result
	at     iac.Range
	checks map[string]bool // nil: all
	where  *where          // of the settings file's; nil: whatever it was found for
	used   atomic.Bool
}

func (e *entry) names(check string) bool { return e.checks == nil || e.checks[check] }

// New reads the comments and metadata of the files of all units. The error is that of ctx.
func New(ctx context.Context, o Options) (*List, error) {
	if o.Limits == (iac.Limits{}) {
		o.Limits = iac.DefaultLimits()
	}
	r := reader{
		o: o, l: &List{checks: o.Checks, files: map[string]*file{}, own: map[resource][]*entry{}, listed: map[string][]*entry{}},
		today: o.Now.UTC().Format(content.DateFormat),
	}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	r.list()
	r.l.problems = sorted(r.l.problems)
	return r.l, nil
}

// Problems are the suppressions that do not hold: without a reason, expired, of checks that there are not.
func (l *List) Problems() []iac.Problem { return l.problems }

// Match tells why nobody need act on a finding; nil if somebody must. What stands nearest to the resource is told where several hold.
func (l *List) Match(s Subject) *Result {
	var first *Result
	take := func(e *entry) {
		e.used.Store(true)
		if first == nil {
			first = &e.result
		}
	}
	for _, e := range l.own[resource{s.Unit, s.Address}] {
		if e.names(s.Check) {
			take(e)
		}
	}
	l.comments(s.Check, s.Block, take)
	if s.At.File != s.Block.File || s.At.Line < s.Block.Line || s.At.EndLine > s.Block.EndLine {
		l.comments(s.Check, s.At, take)
	}
	for _, call := range slices.Backward(s.Calls) {
		l.comments(s.Check, call.Range, take)
	}
	for _, check := range []string{s.Check, content.AllChecks} {
		for _, e := range l.listed[check] {
			if e.where.holds(s) {
				take(e)
			}
		}
	}
	return first
}

// comments takes those that hold for what begins at a place.
func (l *List) comments(check string, at iac.Range, take func(*entry)) {
	if f := l.files[at.File]; f != nil {
		f.holding(at, func(e *entry) {
			if e.names(check) {
				take(e)
			}
		})
	}
}

// Unused tells the suppressions that Match found for no finding, after it was asked about all. One that names a check for which
// leftOut is true, because this scan was told not to ask it, is not among them; leftOut may be nil.
func (l *List) Unused(leftOut func(check string) bool) []iac.Problem {
	var unused []iac.Problem
	for _, e := range l.entries {
		if e.used.Load() || leftOut != nil && slices.ContainsFunc(l.checks, func(check string) bool { return e.names(check) && leftOut(check) }) {
			continue
		}
		unused = append(unused, iac.Problem{Kind: iac.Unused, What: "this suppresses no finding any more: it can go", Range: e.at})
	}
	return sorted(unused)
}

// sorted gives problems by place, each once.
func sorted(problems []iac.Problem) []iac.Problem {
	slices.SortStableFunc(problems, func(a, b iac.Problem) int {
		return cmp.Or(cmp.Compare(a.Range.File, b.Range.File), cmp.Compare(a.Range.Line, b.Range.Line), cmp.Compare(a.What, b.What))
	})
	return slices.Compact(problems)
}

func by(at iac.Range) string {
	if at.Line == 0 {
		return at.File
	}
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}
