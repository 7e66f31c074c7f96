package scan

import (
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// reachOfTable says what a later scan of fewer regions replaces of a table's rows.
func reachOfTable(tables map[string]*plan.Table, t *plan.Table) lake.Reach {
	switch {
	case t == nil || t.Spec == nil:
		return lake.ReachAccount
	case t.Spec.List != nil && t.Spec.List.For != "": // children are where their parents are
		return reachOfTable(tables, tables[t.Spec.List.For])
	case t.Spec.List != nil && t.Spec.Scope == content.ScopeRegion:
		return lake.ReachRegion
	case t.Spec.List != nil:
		return lake.ReachAccount
	}
	for _, name := range t.Over {
		if reachOfTable(tables, tables[name]) != lake.ReachAccount {
			return lake.ReachRegions
		}
	}
	return lake.ReachAccount
}

// reachOfChecks says the same of the verdicts of checks; those of the whole account are left out.
func reachOfChecks(tables map[string]*plan.Table, checks []*plan.Check) map[string]lake.Reach {
	reaches := map[string]lake.Reach{}
	for _, check := range checks {
		if reach := reachOfCheck(tables, check); reach != lake.ReachAccount {
			reaches[check.ID] = reach
		}
	}
	return reaches
}

func reachOfCheck(tables map[string]*plan.Table, check *plan.Check) lake.Reach {
	resource := tables[check.Spec.Resource]
	if check.Spec.Query == "" && (resource == nil || resource.Spec == nil || resource.Spec.Derive == "") {
		return reachOfTable(tables, resource)
	}
	regional := reachOfTable(tables, resource) != lake.ReachAccount
	for _, name := range check.Tables {
		regional = regional || reachOfTable(tables, tables[name]) != lake.ReachAccount
	}
	switch {
	case !regional:
		return lake.ReachAccount
	case check.Spec.Scope == content.ScopeRegion:
		return lake.ReachRegion
	}
	return lake.ReachRegions
}

// visited are the regions of the accounts that were scanned in some only. An account that refused the sign-in is not among them:
// nothing in it is known any more.
func (r *runner) visited(accounts []report.Account) map[string][]string {
	if r.AllRegions {
		return nil
	}
	regions := map[string][]string{}
	for _, a := range accounts {
		if a.Error == "" {
			regions[a.ID] = append([]string{}, a.Regions...)
		}
	}
	return regions
}
