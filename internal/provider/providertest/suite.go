// Package providertest proves of a provider that the engine can rely on it, and of the engine that it tells the truth about
// what that provider shows: a call that is refused is never a verdict, faults and pages of any size change nothing, and a scan
// that is stopped goes on where it was. It works on the interface alone and knows no vendor: whoever has a provider and a cloud
// to scan describes them as a Cloud and calls Run. No part of the product imports this package.
package providertest

import (
	"fmt"
	"os/exec"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
)

// Suite is what Run needs. Cloud and LeastCalls must be set.
type Suite struct {
	*Cloud
	// LeastCalls is how many different calls a scan makes at least. A suite that denies nothing would prove nothing.
	LeastCalls int
	// Base is an undisturbed scan of all checks; nil: the suite makes one.
	Base *Scan
	// Stopped are the checks of the scans that are stopped and killed, which scans of everything would be too slow for; nil: all.
	Stopped []*plan.Check
	// Victim makes a command that calls Suite.Sacrifice with the folder, in a process that may be killed.
	Victim func(t *testing.T, dir string) *exec.Cmd
	// Kills is how many of those processes are killed, at random points; 0: none.
	Kills int
}

// Run runs the suite as subtests.
func Run(t *testing.T, s Suite) {
	r := newRunner(t, s)
	t.Run("the interface's promises hold", r.contract)
	t.Run("a denied call is never a verdict", r.deny)
	t.Run("faults change nothing", r.faults)
	t.Run("a stopped scan resumes to the same", r.stop)
	if s.Kills > 0 {
		t.Run("a killed scan resumes to the same", r.kill)
	}
}

// runner is a suite under way.
type runner struct {
	Suite
	id   string
	api  content.API
	base *Scan
}

func newRunner(t *testing.T, s Suite) *runner {
	t.Helper()
	p, stop, err := s.SignIn(t.Context(), Disturbance{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	r := &runner{Suite: s, id: p.ID(), api: p.API(), base: s.Base}
	if r.Stopped == nil {
		r.Stopped = s.Checks
	}
	if r.base == nil {
		if r.base, err = s.Scan(t.Context(), Options{Dir: t.TempDir()}); err != nil {
			t.Fatal(err)
		}
	}
	r.honest(t, r.base.Seen)
	if len(r.base.Findings) == 0 {
		t.Fatal("an undisturbed scan finds nothing, so that nothing could change")
	}
	t.Logf("%d checks, %d findings, %d calls of %d kinds, %s", len(s.Checks), len(r.base.Findings), r.base.Seen.Calls, len(r.base.Seen.Requests), r.base.Took)
	return r
}

// honest fails for every answer that was not as the interface says.
func (r *runner) honest(t *testing.T, seen *Seen) {
	t.Helper()
	for _, breach := range seen.Breaches {
		t.Errorf("not as the interface promises: %s", breach)
	}
}

// diff says how findings differ, as lines.
func diff(want, got []evaluate.Finding) []string {
	counts := map[string]int{}
	for _, f := range want {
		counts[fmt.Sprintf("%+v", f)]++
	}
	for _, f := range got {
		counts[fmt.Sprintf("%+v", f)]--
	}
	var lines []string
	for text, n := range counts {
		for ; n > 0; n-- {
			lines = append(lines, "lost: "+text)
		}
		for ; n < 0; n++ {
			lines = append(lines, "new: "+text)
		}
	}
	return lines
}

// findingsOf are the findings of some checks.
func findingsOf(all []evaluate.Finding, checks []*plan.Check) (some []evaluate.Finding) {
	ids := map[string]bool{}
	for _, c := range checks {
		ids[c.ID] = true
	}
	for _, f := range all {
		if ids[f.Check] {
			some = append(some, f)
		}
	}
	return some
}
