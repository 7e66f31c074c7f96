package evaluate

import (
	"fmt"
	"sort"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/plan"
)

// gap is a cell of the ledger that leaves something unknown.
type gap struct {
	fixture         any // nil in a scan
	table, group    string
	account, region string
	cause           string
}

// gapsOf picks from the ledger what can touch the checks. An account in which a table should have been listed and was not, for
// no reason that the ledger knows, is a gap as well: what is missing is never silence.
func gapsOf(cells []collect.Cell, jobs []*job, tables map[string]*plan.Table) []gap {
	wanted := wantedTables(jobs)
	type place struct{ provider, account string }
	listed := map[place]map[string]bool{}
	refused := map[place]string{}
	var gaps []gap
	for _, c := range cells {
		at := place{c.Provider, c.Account}
		if listed[at] == nil {
			listed[at] = map[string]bool{}
		}
		if c.Table == "" { // the whole account
			if c.Status != collect.OK {
				refused[at] = causeOf(c)
			}
			continue
		}
		if c.Group == plan.GroupList {
			listed[at][c.Table] = true
		}
		if _, ok := wanted[c.Table]; !ok || c.Status == collect.OK || c.Status == collect.Unsupported && collect.NoService(c.Cause) {
			continue
		}
		gaps = append(gaps, gap{table: c.Table, group: c.Group, account: c.Account, region: regionOf(c.Region), cause: causeOf(c)})
	}
	for at, seen := range listed {
		for name, provider := range wanted {
			t := tables[name]
			if seen[name] || provider != at.provider || t.Spec == nil || t.Spec.List == nil {
				continue
			}
			cause, ok := refused[at]
			if !ok {
				cause = fmt.Sprintf("skipped: %s was not collected", name)
			}
			gaps = append(gaps, gap{table: name, group: plan.GroupList, account: at.account, region: collect.GlobalRegion, cause: cause})
		}
	}
	return gaps
}

// wantedTables are the base tables that jobs read, with the provider of the check that does.
func wantedTables(jobs []*job) map[string]string {
	wanted := map[string]string{}
	for _, j := range jobs {
		if !j.spread {
			wanted[j.table.Name] = j.check.Spec.Provider
		}
		for _, n := range j.needs {
			wanted[n.table.Name] = j.check.Spec.Provider
		}
	}
	return wanted
}

func regionOf(region string) string {
	if region == "" {
		return collect.GlobalRegion
	}
	return region
}

// causeOf is a cell's cause, or words for a status that came without one.
func causeOf(c collect.Cell) string {
	if c.Cause != "" {
		return c.Cause
	}
	switch c.Status {
	case collect.Planned:
		return "interrupted: " + c.Call + " was not reached"
	case collect.Skipped:
		return "skipped: " + c.Call + " was not asked for in this scan"
	case collect.Failed, collect.Partial:
		return "broken: " + c.Call + " gave no complete answer"
	}
	return string(c.Status) + ": " + c.Call
}

// accountsOf are the accounts of a provider that the ledger knows, sorted.
func accountsOf(cells []collect.Cell, provider string) []string {
	seen := map[string]bool{}
	var accounts []string
	for _, c := range cells {
		if c.Provider == provider && !seen[c.Account] {
			seen[c.Account] = true
			accounts = append(accounts, c.Account)
		}
	}
	sort.Strings(accounts)
	return accounts
}
