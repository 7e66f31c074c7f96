package lake

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/stancehq/stance/internal/database"
)

// Reach says how much of an account a table's rows, or a check's verdicts, come from, and so what a scan that visited
// only some of its regions replaces in the latest state.
type Reach string

// Reaches.
const (
	// ReachAccount: any scan of the account sees all of it, whatever regions it visited.
	ReachAccount Reach = ""
	// ReachRegion: each region is seen by itself.
	ReachRegion Reach = "region"
	// ReachRegions: it comes from all regions together, so that a scan of fewer regions knows less, and replaces nothing that
	// a scan of more of them said.
	ReachRegions Reach = "regions"
)

// global is the region of what has none.
const global = "global"

// claim is what one scan says of one table, or check, in one account.
type claim struct {
	scan    int // its place among the scans
	account string
	name    string
	reach   Reach
	whole   bool            // all regions of the account were visited
	regions map[string]bool // visited; global is always among them
}

func newClaim(scan int, m *Manifest, account, name string, reach Reach) claim {
	visited, narrowed := m.Regions[account]
	c := claim{scan: scan, account: account, name: name, reach: reach, whole: !narrowed, regions: map[string]bool{global: true}}
	for _, region := range visited {
		c.regions[region] = true
	}
	return c
}

// covers says whether the scan visited all that the other one did.
func (c *claim) covers(other *claim) bool {
	if c.whole || other.whole {
		return c.whole
	}
	for region := range other.regions {
		if !c.regions[region] {
			return false
		}
	}
	return true
}

// share is the part of a claim that is the latest state: everything but what later scans say of some regions.
type share struct {
	account, name string
	except        []string // regions, sorted
}

// latest parts the claims by scan into what is still the latest state.
func latest(claims []claim) map[int][]share {
	type key struct{ account, name string }
	byKey := map[key][]*claim{}
	var keys []key
	for i := range claims {
		k := key{claims[i].account, claims[i].name}
		if byKey[k] == nil {
			keys = append(keys, k)
		}
		byKey[k] = append(byKey[k], &claims[i])
	}
	shares := map[int][]share{}
	for _, k := range keys {
		rivals := byKey[k]
		sort.SliceStable(rivals, func(i, j int) bool { return rivals[i].scan > rivals[j].scan })
		taken := map[string]bool{}
		for i, c := range rivals {
			if c.reach == ReachRegions {
				if !outdone(rivals, i) {
					shares[c.scan] = append(shares[c.scan], share{k.account, k.name, nil})
				}
				continue
			}
			if c.reach == ReachAccount {
				shares[c.scan] = append(shares[c.scan], share{k.account, k.name, nil})
				break
			}
			fresh := c.whole
			for region := range c.regions {
				fresh = fresh || !taken[region]
			}
			if fresh {
				shares[c.scan] = append(shares[c.scan], share{k.account, k.name, sortedRegions(taken)})
			}
			if c.whole {
				break
			}
			for region := range c.regions {
				taken[region] = true
			}
		}
	}
	return shares
}

// outdone says whether another scan saw all that a claim rests on, and later, or more of it.
func outdone(rivals []*claim, i int) bool {
	c := rivals[i]
	return slices.ContainsFunc(rivals, func(other *claim) bool {
		return other != c && other.covers(c) && (other.scan > c.scan || !c.covers(other))
	})
}

func sortedRegions(set map[string]bool) []string {
	var regions []string
	for region := range set {
		regions = append(regions, region)
	}
	sort.Strings(regions)
	return regions
}

// sharesSQL is a condition for the rows of some shares. byName is the column that tells the names apart, empty where there
// is but one.
func sharesSQL(shares []share, byName string) string {
	groups := map[string][]share{}
	var order []string
	for _, s := range shares {
		k := database.List(s.except)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], s)
	}
	var parts []string
	for _, k := range order {
		var who []string
		for _, s := range groups[k] {
			if byName == "" {
				who = append(who, database.Literal(s.account))
			} else {
				who = append(who, "("+database.Literal(s.account)+", "+database.Literal(s.name)+")")
			}
		}
		columns := "account_id"
		if byName != "" {
			columns = "(account_id, " + byName + ")"
		}
		part := fmt.Sprintf("%s IN (%s)", columns, strings.Join(who, ", "))
		if except := groups[k][0].except; len(except) > 0 {
			part += fmt.Sprintf(" AND NOT list_contains(%s, coalesce(region, 'global'))", k)
		}
		parts = append(parts, "("+part+")")
	}
	return strings.Join(parts, " OR ")
}
