package scan

import (
	"context"
	"fmt"
	"hash/maphash"
	"io/fs"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/patch"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// FixLimits bound what the search for patches may cost: each is only shown if a scan of the changed code proves it. The zero value
// looks for none.
type FixLimits struct {
	// Scans is how often code is scanned again. One scan holds many copies of it, with different patches.
	Scans int
	Time  time.Duration
}

// DefaultFixLimits are enough for what people review, and no burden where thousands of findings have a patch.
func DefaultFixLimits() FixLimits { return FixLimits{Scans: 8, Time: 30 * time.Second} }

// FixStats count the failures that a patch was looked for.
type FixStats struct {
	Proved int // they have a patch
	None   int // the code is such that no patch can be made
	Wrong  int // the patch does not help, or does harm elsewhere
	Left   int // the limits were reached before a scan
}

// findingKey is what a finding is about, the same in each scan of a unit.
type findingKey struct{ check, account, region, table, resource string }

func keyOf(f evaluate.Finding) findingKey {
	return findingKey{f.Check, f.Account, f.Region, f.ResourceType, f.Resource}
}

// candidate is a failure and the patch that may make it pass.
type candidate struct {
	key     findingKey
	place   *codePlace
	address string
	patch   *patch.Patch
	alone   bool // it is to be tried without others in its unit
}

// fixer looks for patches.
type fixer struct {
	*codeRunner
	index   *codeIndex
	texts   map[string][]byte
	parsed  patch.Parsed
	shared  map[iac.Range]bool         // blocks that several calls of a module use
	before  map[uint64]evaluate.Status // by the hash of a key: there may be very many
	seed    maphash.Seed
	pending []*candidate
	proved  map[findingKey]*evaluate.Patch
	stats   FixStats
	until   time.Time
}

// suggest finds patches for what fails.
func (r *codeRunner) suggest(ctx context.Context, index *codeIndex) error {
	if r.Fixes.Scans == 0 {
		return nil
	}
	f := &fixer{
		codeRunner: r, index: index, texts: map[string][]byte{}, shared: sharedBlocks(r.code.Units),
		before: map[uint64]evaluate.Status{}, seed: maphash.MakeSeed(), proved: map[findingKey]*evaluate.Patch{}, until: time.Now().Add(r.Fixes.Time),
	}
	if err := f.collect(ctx); err != nil {
		return err
	}
	if len(f.pending) > 0 {
		r.Stage(Fixing)
	}
	for scans := 0; len(f.pending) > 0 && scans < r.Fixes.Scans && time.Now().Before(f.until); scans++ {
		if err := f.round(ctx); err != nil {
			return err
		}
	}
	f.stats.Left += len(f.pending)
	r.fixes, r.fixStats = f.proved, f.stats
	return nil
}

// sharedBlocks are the blocks from which resources are made in several ways: a change for one would change the others.
func sharedBlocks(units []*iac.Unit) map[iac.Range]bool {
	by := map[iac.Range]string{}
	shared := map[iac.Range]bool{}
	for _, u := range units {
		for _, r := range u.Resources {
			if r.Range.StartByte == r.Range.EndByte {
				continue // of objects, which nothing calls
			}
			way := u.Kind + " " + u.Path
			for _, call := range r.Calls {
				way += " " + call.Name
			}
			if first, ok := by[r.Range]; ok && first != way {
				shared[r.Range] = true
			}
			by[r.Range] = way
		}
	}
	return shared
}

// collect notes all verdicts, and makes the patches of what fails.
func (f *fixer) collect(ctx context.Context) error {
	checks := map[string]*plan.Check{}
	for _, c := range f.checks {
		if c.Spec.Fix.Code != nil {
			checks[c.ID] = c
		}
	}
	if len(checks) == 0 {
		return nil
	}
	for found, err := range evaluate.Findings(ctx, f.db.DB) {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		f.before[maphash.Comparable(f.seed, keyOf(found))] = found.Status
		check := checks[found.Check]
		if check == nil || found.Status != evaluate.Fail {
			continue
		}
		if line, ok := f.index.find(found); ok && f.placed(found, f.index, checks).Suppressed == nil {
			f.try(ctx, check, found, line)
		}
	}
	return nil
}

// try makes a patch, if the code allows one.
func (f *fixer) try(ctx context.Context, check *plan.Check, found evaluate.Finding, line codeRow) {
	unit := line.place.unit
	edits := patch.EditsOf(check.Spec.Fix.Code, unit.Kind)
	if len(edits) == 0 {
		return
	}
	switch {
	case f.shared[line.Resource.Range]:
		f.stats.None++
		return
	case time.Now().After(f.until):
		f.stats.Left++
		return
	}
	made, err := patch.Make(patch.Request{
		Unit: unit, Resource: line.Resource, Part: f.index.part(found), Edits: edits, Read: f.read, Parsed: &f.parsed,
		Param: func(name string) (any, bool) { return f.Settings.Value(check.Spec, name) },
	})
	if err != nil {
		if f.Logger != nil {
			f.Logger.DebugContext(ctx, "no patch", "check", check.ID, "resource", line.Resource.Address, "why", err)
		}
		f.stats.None++
		return
	}
	f.pending = append(f.pending, &candidate{key: keyOf(found), place: line.place, address: line.Resource.Address, patch: made})
}

// part is what a finding's resource is called within the row that it was located by: a container.
func (c *codeIndex) part(f evaluate.Finding) string {
	if i := strings.LastIndexByte(f.Resource, '/'); i >= 0 {
		if _, whole := c.ids[rowPlace{"", f.Account, f.Resource}]; !whole {
			return f.Resource[i+1:]
		}
	}
	return ""
}

func (f *fixer) read(file string) ([]byte, error) {
	if text, ok := f.texts[file]; ok {
		return text, nil
	}
	text, err := fs.ReadFile(f.Root, file)
	f.texts[file] = text
	return text, err
}

func patchOf(p *patch.Patch) *evaluate.Patch {
	out := &evaluate.Patch{File: p.File, About: p.About, Diff: p.Diff}
	for _, e := range p.Edits {
		out.Edits = append(out.Edits, evaluate.Edit(e))
	}
	return out
}

// notes say what patches were left out because it would have taken too long.
func (s FixStats) notes() []report.CodeProblem {
	if s.Left == 0 {
		return nil
	}
	return []report.CodeProblem{{
		Kind: iac.LimitReached, Note: true,
		What: fmt.Sprintf("for %s no patch was proved in time; scan fewer files or checks to see them", report.Count(int64(s.Left), "failure")),
	}}
}
