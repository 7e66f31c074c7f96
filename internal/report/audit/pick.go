package audit

import (
	"fmt"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/evaluate"
)

// standing is where a finding stands in a report: its status, or that somebody set it aside.
type standing string

// Standings, in the order in which a check's findings are shown, and in which they are kept where not all can be.
const (
	standFail     standing = "fail"
	standUnknown  standing = "unknown"
	standAccepted standing = "accepted"
	standMuted    standing = "muted"
	standManual   standing = "manual"
	standPass     standing = "pass"
)

func standings() []standing {
	return []standing{standFail, standUnknown, standAccepted, standMuted, standManual, standPass}
}

// standingOf tells it of a finding. What passes needs no rule, and is not set aside.
func standingOf(f evaluate.Finding) standing {
	switch {
	case f.Status == evaluate.Pass:
		return standPass
	case f.Suppressed != nil && f.Suppressed.Accepted:
		return standAccepted
	case f.Suppressed != nil:
		return standMuted
	}
	return map[evaluate.Status]standing{evaluate.Fail: standFail, evaluate.Unknown: standUnknown, evaluate.Manual: standManual}[f.Status]
}

// of is how many findings of some counts have a standing.
func of(c compliance.Counts, s standing) int64 {
	return map[standing]int64{standFail: c.Fail, standUnknown: c.Unknown, standAccepted: c.Accepted, standMuted: c.Muted, standManual: c.Manual, standPass: c.Pass}[s]
}

// bounds say how many findings a report lists.
type bounds struct {
	all    int64 // of all checks together
	check  int64 // of one check and standing
	passes int64 // of one check
}

// fewest are listed of each check and standing before any gets more: one verdict of each kind can always be looked at.
const fewest = 5

// picked are the findings of a check that a report lists, by standing, and how many there are.
type picked struct {
	rows  map[standing][]evaluate.Finding
	total map[standing]int64
}

// left is how many findings of a standing are not listed.
func (p *picked) left(s standing) int64 { return p.total[s] - int64(len(p.rows[s])) }

// pick reads the findings once and keeps what a report lists, by check. All texts in what it keeps are bounded, so that the memory is.
func (d *Document) pick(b bounds) (map[string]*picked, error) {
	quota := d.quota(b)
	all := map[string]*picked{}
	for f, err := range d.byCheck() {
		if err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		p := all[f.Check]
		if p == nil {
			p = &picked{rows: map[standing][]evaluate.Finding{}, total: map[standing]int64{}}
			all[f.Check] = p
		}
		s := standingOf(f)
		p.total[s]++
		if int64(len(p.rows[s])) < quota[quotaKey{f.Check, s}] {
			p.rows[s] = append(p.rows[s], slim(f))
		}
	}
	return all, nil
}

type quotaKey struct {
	check string
	standing
}

// quota shares what may be listed among checks: a few of each kind for all, then what standFail, then what is standUnknown, and so on. Where
// there are more than fit, the checks with the most findings give way first.
func (d *Document) quota(b bounds) map[quotaKey]int64 {
	wanted := map[standing]map[string]int64{}
	for _, s := range standings() {
		wanted[s] = map[string]int64{}
	}
	for _, r := range d.Report.Requirements {
		for _, c := range r.Checks {
			for _, s := range standings() {
				most := b.check
				if s == standPass {
					most = b.passes
				}
				if n := min(of(c.Counts, s), most); n > 0 {
					wanted[s][c.Check.ID] = n
				}
			}
		}
	}
	quota, room := map[quotaKey]int64{}, b.all
	for _, most := range []int64{fewest, b.check} {
		for _, s := range standings() {
			level := min(most, waterline(wanted[s], room, func(check string) int64 { return quota[quotaKey{check, s}] }))
			for check, n := range wanted[s] {
				key := quotaKey{check, s}
				more := max(0, min(n, level)-quota[key])
				quota[key] += more
				room -= more
			}
		}
	}
	return quota
}

// waterline is the highest number that every check may have of what it wants without all of them exceeding the room, beyond what they
// have already.
func waterline(wanted map[string]int64, room int64, has func(string) int64) int64 {
	needs := func(level int64) int64 {
		var sum int64
		for check, n := range wanted {
			sum += max(0, min(n, level)-has(check))
		}
		return sum
	}
	var low, high int64
	for _, n := range wanted {
		high = max(high, n)
	}
	for low < high {
		middle := (low + high + 1) / 2
		if needs(middle) <= room {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// slim is what a report shows of a finding.
func slim(f evaluate.Finding) evaluate.Finding {
	f.Found, f.Cause = cut(f.Found, maxText), cut(f.Cause, maxText)
	f.Resource, f.ResourceName, f.ResourceType = cut(f.Resource, maxName), cut(f.ResourceName, maxName), cut(f.ResourceType, maxName)
	f.Account, f.Region = cut(f.Account, maxName), cut(f.Region, maxName)
	f.Tags, f.Objectives, f.Requirements, f.Params = nil, nil, nil, nil
	if s := f.Suppressed; s != nil {
		short := *s
		short.Reason, short.Owner, short.Ticket, short.By = cut(s.Reason, maxText), cut(s.Owner, maxName), cut(s.Ticket, maxName), cut(s.By, maxName)
		f.Suppressed = &short
	}
	return f
}
