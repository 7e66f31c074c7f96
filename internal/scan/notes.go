package scan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/report"
)

// notes say in a line each what makes many things unknown at once, and what to do about it.
func notes(accounts []provider.Account, cells []collect.Cell, findings report.Findings) ([]report.Note, error) {
	regions := regionsOf(accounts, cells)
	if len(regions.closed) == 0 && len(regions.unlisted) == 0 {
		return nil, nil
	}
	hidden, elsewhere := int64(0), int64(0)
	for f, err := range findings {
		switch {
		case err != nil:
			return nil, fmt.Errorf("count what is unknown: %w", err)
		case f.Status != evaluate.Unknown:
		case collect.ClosedBy(f.Cause) != "":
			hidden++
		case collect.Unvisited(f.Cause):
			elsewhere++
		}
	}
	var all []report.Note
	if len(regions.unlisted) > 0 {
		all = append(all, regions.unlistedNote(elsewhere))
	}
	if len(regions.closed) > 0 {
		all = append(all, regions.closedNote(hidden))
	}
	return all, nil
}

// regions are those that could not be seen as a whole.
type regions struct {
	closed    map[string]map[string]bool // by region: the accounts that it is closed in
	policy    string                     // that closes them
	unlisted  []provider.Account         // whose regions nobody could tell
	visited   map[string]map[string]bool // by region: the accounts that it was visited in
	manyOwner bool
}

func regionsOf(accounts []provider.Account, cells []collect.Cell) regions {
	r := regions{closed: map[string]map[string]bool{}, visited: map[string]map[string]bool{}, manyOwner: len(accounts) > 1}
	for _, a := range accounts {
		if a.Err != nil {
			continue
		}
		if a.RegionsErr != nil {
			r.unlisted = append(r.unlisted, a)
		}
		for _, region := range a.Regions {
			mark(r.visited, region, a.ID)
		}
	}
	for _, c := range cells {
		if policy := collect.ClosedBy(c.Cause); policy != "" {
			r.policy = policy
			mark(r.closed, c.Region, c.Account)
		}
	}
	return r
}

func mark(places map[string]map[string]bool, region, account string) {
	if places[region] == nil {
		places[region] = map[string]bool{}
	}
	places[region][account] = true
}

// closedNote advises to leave out only what is closed in every account: elsewhere the region would be missed.
func (r *regions) closedNote(findings int64) report.Note {
	var everywhere []string
	for region, accounts := range r.closed {
		if len(accounts) == len(r.visited[region]) {
			everywhere = append(everywhere, region)
		}
	}
	slices.Sort(everywhere)
	some := ""
	if r.manyOwner && len(everywhere) < len(r.closed) {
		some = " in some accounts"
	}
	are := "regions are"
	if len(r.closed) == 1 {
		are = "region is"
	}
	n := report.Note{Text: fmt.Sprintf("%d of %d %s closed by a %s%s, which alone makes %s UNKNOWN", len(r.closed), len(r.visited), are, r.policy, some, report.Count(findings, "finding"))}
	if len(everywhere) > 0 {
		n.Do = "if you keep nothing there: --exclude-region " + strings.Join(everywhere, ",")
	}
	return n
}

func (r *regions) unlistedNote(findings int64) report.Note {
	first := r.unlisted[0]
	what, _, _ := strings.Cut(first.RegionsErr.Error(), " (")
	in := ""
	if r.manyOwner {
		in = fmt.Sprintf(" in %s", first.ID)
		if more := len(r.unlisted) - 1; more > 0 {
			in += fmt.Sprintf(" and %d more accounts", more)
		}
	}
	return report.Note{
		Text: fmt.Sprintf("not every region may have been visited%s: which are enabled could not be told (%s), which makes %s UNKNOWN", in, what, report.Count(findings, "finding")),
		Do:   "allow that call, or name the regions that you use with --region",
	}
}
