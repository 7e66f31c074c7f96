package e2e

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/internal/scan"
	"github.com/stancehq/stance/test/recorded"
)

// lacking tries what checks say to one who lacks a permission that they need.
type lacking struct {
	*providertest.Cloud
	checks []*plan.Check
	reads  map[string][]string // the tables of a check
	plan   *plan.Plan
	calls  []*plan.PlannedCall
	// signIn signs in as somebody who lacks one permission.
	signIn func(t *testing.T, permission string) provider.Provider
}

// planLacking plans the checks of a provider that can be tried: those whose every call passes.
func planLacking(t *testing.T, id string, passes func(*plan.PlannedCall) bool) *lacking {
	t.Helper()
	cloud, err := recorded.Content(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	l := &lacking{Cloud: cloud, reads: map[string][]string{}}
	of := func(checks ...*plan.Check) (*plan.Plan, []*plan.PlannedCall) {
		planned, err := plan.New(plan.Selection{Provider: id, Checks: checks}, cloud.Catalog)
		if err != nil {
			t.Fatal(err)
		}
		calls, err := planned.Calls(recorded.APIs(), id)
		if err != nil {
			t.Fatal(err)
		}
		return planned, calls
	}
	for _, check := range cloud.Checks {
		own, calls := of(check)
		if slices.ContainsFunc(calls, func(call *plan.PlannedCall) bool { return !passes(call) }) {
			continue
		}
		l.checks = append(l.checks, check)
		for _, table := range own.Tables {
			l.reads[check.ID] = append(l.reads[check.ID], table.Table.Name)
		}
	}
	l.plan, l.calls = of(l.checks...)
	return l
}

// proveEach tries each permission by its absence, and counts those that were asked for, and refused.
func (l *lacking) proveEach(t *testing.T, permissions []string, before []evaluate.Finding) int64 {
	var refused atomic.Int64
	t.Run("without", func(t *testing.T) {
		for _, permission := range permissions {
			t.Run(permission, func(t *testing.T) {
				t.Parallel()
				if l.prove(t, permission, before) {
					refused.Add(1)
				}
			})
		}
	})
	return refused.Load()
}

// prove scans as one who lacks a permission, those checks alone that it can matter to. It says whether it was asked for at
// all: for some there is no resource.
func (l *lacking) prove(t *testing.T, permission string, before []evaluate.Finding) bool {
	dependents, checks := l.touched(permission)
	if len(checks) == 0 {
		return false // of the sign-in alone
	}
	findings, denied := l.scan(t, permission, checks)
	turned := map[string]bool{}
	for _, f := range findings {
		if f.Status == evaluate.Unknown && strings.Contains(f.Cause, permission) {
			turned[f.Check] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(turned)) {
		if !dependents[id] {
			t.Errorf("%s turned UNKNOWN and does not depend on %s", id, permission)
		}
	}
	if !denied {
		return false
	}
	for _, id := range slices.Sorted(maps.Keys(dependents)) {
		if !turned[id] && judged(before, id) {
			t.Errorf("%s depends on %s and did not turn UNKNOWN", id, permission)
		}
	}
	return true
}

// touched are the checks that depend on a permission, and with them those that only read a table that it helps to fill.
func (l *lacking) touched(permission string) (dependents map[string]bool, checks []*plan.Check) {
	dependents = map[string]bool{}
	fed := map[string]bool{}
	for _, call := range l.calls {
		if !slices.Contains(call.Permissions, permission) {
			continue
		}
		own := map[string]bool{}
		for _, feed := range call.Feeds {
			fed[feed.Table], own[feed.Table] = true, true
		}
		for _, id := range l.plan.Dependents(call.Name()) {
			// A call of the same name may be about other objects, which need another permission.
			if call.Feeds == nil || slices.ContainsFunc(l.reads[id], func(table string) bool { return own[table] }) {
				dependents[id] = true
			}
		}
	}
	for _, c := range l.checks {
		if dependents[c.ID] || slices.ContainsFunc(l.reads[c.ID], func(table string) bool { return fed[table] }) {
			checks = append(checks, c)
		}
	}
	return dependents, checks
}

// judged says whether a check has a verdict, so that it has something to lose.
func judged(findings []evaluate.Finding, id string) bool {
	return slices.ContainsFunc(findings, func(f evaluate.Finding) bool {
		return f.Check == id && (f.Status == evaluate.Pass || f.Status == evaluate.Fail)
	})
}

func (l *lacking) scan(t *testing.T, permission string, checks []*plan.Check) (findings []evaluate.Finding, denied bool) {
	t.Helper()
	dir := t.TempDir()
	outcome, err := scan.Run(t.Context(), scan.Options{
		Provider: l.signIn(t, permission), Library: l.Library, Catalog: l.Catalog, Settings: content.DefaultSettings(l.Library), Checks: checks,
		Lake: filepath.Join(dir, "lake"), Spools: filepath.Join(dir, "spools"), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer outcome.Close()
	for f, err := range outcome.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, f)
	}
	return findings, slices.ContainsFunc(outcome.Result.Coverage, func(c collect.Cell) bool { return strings.Contains(c.Cause, permission) })
}

// nothingDenied: who has all that is printed is refused nothing.
func nothingDenied(t *testing.T, coverage []collect.Cell) {
	t.Helper()
	for _, c := range coverage {
		if c.Status == collect.Denied || strings.Contains(c.Cause, "denied") {
			t.Errorf("denied with all that is printed: %s %s: %s", c.Table, c.Group, c.Cause)
		}
	}
}
