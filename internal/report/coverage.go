package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Coverage is the ledger in a few numbers. Cells that nobody asked for do not count.
type Coverage struct {
	Total, Seen int
	Gaps        []Gap // the most cells first
}

// everyTable stands for the table of a gap that hides a whole region.
const everyTable = "every table there"

// Gap is what was not seen for one reason: a call of one column group that ended the same way in some scopes.
type Gap struct {
	Status collect.Status
	Call   string
	Table  string
	Group  string
	Cause  string // of the first cell
	Cells  int
	Rows   int64 // rows for which the group is not known
	Scopes []collect.Cell
}

// NewCoverage sums up the ledger.
func NewCoverage(cells []collect.Cell) Coverage {
	type key struct {
		status             collect.Status
		call, table, group string
		cause              string
	}
	var c Coverage
	gaps := map[key]*Gap{}
	for _, cell := range cells {
		if !cell.Counts() {
			continue
		}
		c.Total++
		if cell.Status == collect.OK {
			c.Seen++
			continue
		}
		call, table, group := cell.Call, cell.Table, cell.Group
		// What hides a whole region is one gap, not one for each table.
		switch policy := collect.ClosedBy(cell.Cause); {
		case policy != "":
			call, table, group = policy, everyTable, ""
		case cell.Region == collect.ElsewhereRegion:
			table, group = everyTable, ""
		}
		k := key{cell.Status, call, table, group, shortCause(cell.Cause)}
		gap := gaps[k]
		if gap == nil {
			gap = &Gap{Status: cell.Status, Call: call, Table: table, Group: group, Cause: cell.Cause}
			gaps[k] = gap
		}
		gap.Cells++
		gap.Rows += cell.Failures
		gap.Scopes = append(gap.Scopes, cell)
	}
	for _, g := range gaps {
		c.Gaps = append(c.Gaps, *g)
	}
	slices.SortFunc(c.Gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Cells, a.Cells), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Call, b.Call),
			cmp.Compare(a.Table, b.Table), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Cause, b.Cause))
	})
	return c
}

// Missing is the number of cells that were asked for and not, or not wholly, seen.
func (c Coverage) Missing() int { return c.Total - c.Seen }

// Percent is the share of cells seen. It says 100 only if nothing is missing.
func (c Coverage) Percent() string {
	if c.Total == 0 {
		return "0 %"
	}
	share := 100 * float64(c.Seen) / float64(c.Total)
	if c.Missing() > 0 && share > 99 {
		return fmt.Sprintf("%.1f %%", math.Min(99.9, math.Floor(share*10)/10))
	}
	return fmt.Sprintf("%.0f %%", math.Floor(share))
}

// Line says it in one sentence: "97 %: 12 of 431 cells not seen: 8 denied (s3:GetBucketPolicy +2), 4 unsupported".
func (c Coverage) Line() string {
	if c.Total == 0 {
		return "nothing was collected"
	}
	if c.Missing() == 0 {
		return fmt.Sprintf("100 %%: %s, all seen", count(int64(c.Total), "cell"))
	}
	var tally reasons
	for _, gap := range c.Gaps {
		call := gap.Call
		// Where a service does not exist, or an interrupted scan did not go, the call's name says nothing.
		if gap.Status == collect.Unsupported || gap.Status == collect.Planned || gap.Status == collect.Disabled {
			call = ""
		}
		tally.add(StatusWord(gap.Status), call, int64(gap.Cells))
	}
	return fmt.Sprintf("%s: %s of %s cells not seen: %s", c.Percent(), number(int64(c.Missing())), number(int64(c.Total)), tally)
}

// causesLine says why findings are unknown, in the same form: "8 denied (s3:GetBucketPolicy +2), 4 throttled (…)".
func causesLine(causes []Cause) string {
	var tally reasons
	for _, c := range causes {
		if name, ok := optIn(c.Text); ok {
			tally.add(withoutOptIn, name, c.Count)
			continue
		}
		class, what, _ := strings.Cut(c.Text, ": ")
		tally.add(class, what, c.Count)
	}
	return tally.String()
}

// reasonsLine says why findings are suppressed: "2 accepted by the owner (until 2027-01-01), 1 test data, 3 other reasons".
func reasonsLine(reasons []Cause) string {
	const most = 2
	var parts []string
	for _, r := range reasons[:min(most, len(reasons))] {
		parts = append(parts, number(r.Count)+" "+terminal.Terminal{}.Cut(r.Text, 80))
	}
	text := strings.Join(parts, ", ")
	if more := len(reasons) - most; more > 0 {
		text += ", " + countOf(int64(more), "other reason", "other reasons")
	}
	return text
}

// withoutOptIn is the kind of what was not asked for because the user did not allow it.
const withoutOptIn = "skipped without --allow"

// optIn is the word that a user gives to --allow to know what a cause says is not known: "secrets" of "skipped:
// core:v1/secrets/table (it needs --allow secrets)".
func optIn(cause string) (string, bool) {
	_, name, ok := strings.Cut(cause, " (it needs --allow ")
	return strings.TrimSuffix(name, ")"), ok
}

// reasons counts what went wrong by kind, and remembers the calls.
type reasons []*reason

type reason struct {
	kind  string
	count int64
	calls []string // or opt-ins
}

func (r *reasons) add(kind, call string, count int64) {
	i := slices.IndexFunc(*r, func(known *reason) bool { return known.kind == kind })
	if i < 0 {
		*r = append(*r, &reason{kind: kind})
		i = len(*r) - 1
	}
	(*r)[i].count += count
	if call != "" && !slices.Contains((*r)[i].calls, call) {
		(*r)[i].calls = append((*r)[i].calls, call)
	}
}

// String lists the kinds, the most frequent first.
func (r reasons) String() string {
	slices.SortStableFunc(r, func(a, b *reason) int { return cmp.Compare(b.count, a.count) })
	var parts []string
	for _, kind := range r {
		part := number(kind.count) + " " + kind.kind
		if kind.kind == withoutOptIn { // all of them, as they are typed
			part += " " + strings.Join(kind.calls, ",")
		} else if len(kind.calls) > 0 {
			part += " (" + join(kind.calls, 1) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// StatusWord is how a person says that a cell was not seen.
func StatusWord(status collect.Status) string {
	switch status {
	case collect.Planned:
		return "not reached"
	case collect.Partial:
		return "seen in part"
	}
	return string(status)
}
