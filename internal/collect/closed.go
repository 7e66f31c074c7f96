package collect

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// ElsewhereRegion is the region of what lies in regions that were not visited because nobody could tell which there are.
const ElsewhereRegion = "elsewhere"

const unvisited = ": there may be regions besides those visited"

// Unvisited tells whether a cause says that there may be regions that the scan did not visit.
func Unvisited(cause string) bool { return strings.HasSuffix(cause, unvisited) }

// elsewhere are the cells that say of every table that is asked in regions: there may be more than was visited.
func (r *run) elsewhere(a *account) (cells []Cell) {
	if a.Err != nil || a.RegionsErr == nil {
		return nil
	}
	e := &provider.Error{Class: provider.Broken}
	errors.As(a.RegionsErr, &e)
	for _, t := range r.scheme.tables {
		if t.regional {
			cells = append(cells, Cell{
				Provider: r.opt.Provider.ID(), Account: a.ID, Region: ElsewhereRegion, Table: t.name, Group: plan.GroupList, Call: e.Call,
				Status: statusOf(e.Class), Cause: a.RegionsErr.Error() + unvisited,
			})
		}
	}
	return cells
}

// Of a region that a policy closes some services stay open, those that are needed everywhere. It counts as closed where
// the policy denied most services, and at least so many that it cannot be about one of them.
const closedServices = 3

// forbidden is how provider.Error words that a policy above the account denies a call; closed is how the ledger says it of
// a region.
var (
	forbidden = regexp.MustCompile(`^denied: [^(]*, which a ([a-z ]+) forbids( \(|$)`)
	closed    = regexp.MustCompile(`^denied: a ([a-z ]+) closes this region \(`)
)

// ClosedBy tells of a cell's cause which kind of policy closes its region, such as "service control policy"; empty if none
// does.
func ClosedBy(cause string) string {
	if m := closed.FindStringSubmatch(cause); m != nil {
		return m[1]
	}
	return ""
}

// closeRegions finds the regions that a policy above the account closes, and gives all cells that it denied there the same
// reason. They stay denied: what was made in the region before the policy is still there.
func closeRegions(cells []Cell) {
	type place struct{ account, region string }
	denied, answered := map[place]map[string]string{}, map[place]map[string]bool{}
	for _, c := range cells {
		if c.Group != plan.GroupList || c.Region == GlobalRegion {
			continue
		}
		at := place{c.Account, c.Region}
		if denied[at] == nil {
			denied[at], answered[at] = map[string]string{}, map[string]bool{}
		}
		service, _, _ := strings.Cut(c.Call, ":")
		if m := forbidden.FindStringSubmatch(c.Cause); m != nil && c.Status == Denied {
			denied[at][service] = m[1]
		} else if c.Status == OK || c.Status == Partial {
			answered[at][service] = true
		}
	}
	for i := range cells {
		c := &cells[i]
		at := place{c.Account, c.Region}
		m := forbidden.FindStringSubmatch(c.Cause)
		if m == nil || c.Status != Denied || len(denied[at]) < closedServices || len(denied[at]) <= len(answered[at]) {
			continue
		}
		c.Cause = fmt.Sprintf("denied: a %s closes this region (%s)", m[1], strings.TrimPrefix(c.Cause, "denied: "))
	}
}
