package audit

import (
	"slices"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report"
)

// How much of what was not looked at a page lists; the rest is counted.
const (
	maxGaps     = 200
	maxNotAsked = 200
	maxPlaces   = 8
)

// coverageView is what was not looked at.
type coverageView struct {
	Line       string
	Gaps       []gapView
	MoreGaps   int
	Unseen     []compliance.Scope
	NotAsked   []*weighed
	MoreChecks int
	Unanswered []*compliance.Result
	Partly     int    // requirements that checks answer in part
	Elsewhere  string // how many checks are for what was not scanned
}

// gapView is what was not seen for one reason.
type gapView struct {
	Outcome, Table, Group, Call, Cause string
	Where                              []string
	Cells                              int
	Rows                               int64
}

func (d *Document) coverageView() coverageView {
	c := report.NewCoverage(d.Result.Coverage)
	v := coverageView{Line: c.Line(), Unseen: d.unseen(), NotAsked: d.notAsked(), Unanswered: d.unanswered(), Elsewhere: elsewhereLine(d.elsewhere())}
	for _, g := range c.Gaps[:min(maxGaps, len(c.Gaps))] {
		v.Gaps = append(v.Gaps, gapView{
			Outcome: report.StatusWord(g.Status), Table: g.Table, Group: g.Group, Call: g.Call, Where: firstOf(places(g), maxPlaces), Cause: g.Cause, Cells: g.Cells, Rows: g.Rows,
		})
	}
	v.MoreGaps = len(c.Gaps) - len(v.Gaps)
	if v.MoreChecks = len(v.NotAsked) - maxNotAsked; v.MoreChecks > 0 {
		v.NotAsked = v.NotAsked[:maxNotAsked]
	}
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		if checks, _ := d.answering(r); r.Answer == content.AnswerPartial && len(checks) > 0 {
			v.Partly++
		}
	}
	return v
}

// firstOf leaves the first lines of a list, and counts the others in a line more.
func firstOf(lines []string, most int) []string {
	if len(lines) <= most {
		return lines
	}
	return append(lines[:most:most], "and "+report.Count(int64(len(lines)-most), "more account"))
}

// places names where a gap is, account by account: "111122223333: eu-west-1, us-east-1".
func places(g report.Gap) []string {
	var accounts []string
	regions := map[string][]string{}
	for _, cell := range g.Scopes {
		if regions[cell.Account] == nil {
			accounts = append(accounts, cell.Account)
		}
		if !slices.Contains(regions[cell.Account], cell.Region) {
			regions[cell.Account] = append(regions[cell.Account], cell.Region)
		}
	}
	slices.Sort(accounts)
	var all []string
	for _, account := range accounts {
		slices.Sort(regions[account])
		place := account
		if where := few(regions[account], maxPlaces); where != "" {
			place += ": " + where
		}
		all = append(all, safeText(place))
	}
	return all
}
