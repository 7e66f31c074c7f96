package scan

import (
	"slices"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
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

// visited are the regions of the accounts that were scanned in some only, or may have been. An account that refused the
// sign-in is not among them: nothing in it is known any more.
func (r *runner) visited(accounts []provider.Account) map[string][]string {
	var regions map[string][]string
	for _, a := range accounts {
		if a.Err != nil || r.AllRegions && a.RegionsErr == nil {
			continue
		}
		if regions == nil {
			regions = map[string][]string{}
		}
		regions[a.ID] = append([]string{}, a.Regions...)
	}
	return regions
}

// groupsOf says which of a table's column groups a scan asks for.
func groupsOf(t plan.TablePlan) lake.Groups {
	groups := lake.Groups{Asked: t.Groups}
	if t.Table.Spec == nil {
		return groups
	}
	for _, call := range t.Table.Spec.Get {
		if !slices.Contains(t.Groups, call.Name) {
			groups.Skipped = append(groups.Skipped, call.Name)
		}
	}
	for _, c := range t.Table.Columns {
		rests := slices.DeleteFunc(slices.Clone(c.Groups), func(group string) bool { return group == plan.GroupList })
		if len(rests) > 0 && c.Name != "raw" { // raw is completed group by group
			if groups.Columns == nil {
				groups.Columns = map[string][]string{}
			}
			groups.Columns[c.Name] = rests
		}
	}
	return groups
}
