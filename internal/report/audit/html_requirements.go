package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report"
)

// How many accounts a page lists; the rest is counted.
const (
	maxAccounts  = 500 // in the list of all
	maxOfOne     = 25  // of one requirement
	maxMatrix    = 64  // beside each other, in tables of so many columns:
	matrixWidth  = 16
	wordsInCells = 4 // accounts for whose statuses a table has room for words
)

// pageSection is a heading with what stands below it, in the framework's order.
type pageSection struct {
	*section
	Anchor    string
	ID, Title string // empty where the section is all there is
	Bar       []barPart
	Items     []*pageItem
}

// pageItem is a heading below the first, or a requirement.
type pageItem struct {
	*compliance.Result
	Anchor string
	Level  int     // of the heading: 4 and more; of a requirement, how far it stands below another
	Of     tallied // of a heading
	By     string  // the status in each account, a digit each, for the page's filter
	Was    compliance.Status
	// Back is the heading that the requirement stands below where another heading, deeper down, came in between.
	Back *compliance.Result
	// Scoped are accounts, the worst first; Rest says how the others stand.
	Scoped []scoped
	Rest   string
	// Answering are the checks of what was scanned; Elsewhere says how many others there are.
	Answering []*compliance.CheckResult
	Elsewhere string
}

// scoped is a requirement in one account.
type scoped struct {
	compliance.Scope
	compliance.ScopeResult
}

func (d *Document) pageSections() []*pageSection {
	below, depth, above := d.below(), d.depth(), d.above()
	was := map[string]compliance.Status{}
	for _, c := range d.changed() {
		was[c.ID] = c.Before
	}
	headings := map[string]*compliance.Result{}
	for i := range d.Report.Requirements {
		if r := &d.Report.Requirements[i]; r.Group {
			headings[r.ID] = r
		}
	}
	indent := map[string]int{}
	var all []*pageSection
	sections := d.sections()
	for i, s := range sections {
		ps := &pageSection{section: s, Anchor: fmt.Sprintf("part-%d", i+1), Bar: bar(s.Of)}
		if s.Heading != nil || len(sections) > 1 {
			ps.ID, ps.Title = s.label()
		}
		if s.Heading != nil {
			ps.Anchor = anchor("s", s.Heading.ID)
		}
		last := s.Heading // that requirements stand below
		for _, r := range s.Results {
			item := &pageItem{Result: r, Of: below[r.ID]}
			if r.Group {
				item.Anchor, item.Level = anchor("s", r.ID), min(6, 3+depth[r.ID])
				ps.Items = append(ps.Items, item)
				last = r
				continue
			}
			if parent := above[r.ID]; parent != "" && headings[parent] == nil {
				indent[r.ID] = min(3, indent[parent]+1)
			}
			if heading := headingOf(r.ID, above, headings); heading != nil && heading != last {
				item.Back, last = heading, heading
			}
			item.Anchor, item.Level, item.Was = anchor("r", r.ID), indent[r.ID], was[r.ID]
			item.By = digits(r)
			checks, elsewhere := d.answering(r)
			item.Answering, item.Elsewhere = checks, elsewhereLine(elsewhere)
			item.Scoped, item.Rest = d.scoped(r)
			ps.Items = append(ps.Items, item)
		}
		all = append(all, ps)
	}
	return all
}

// headingOf is the one that a requirement stands below, nil if there is none.
func headingOf(id string, above map[string]string, headings map[string]*compliance.Result) *compliance.Result {
	for id = above[id]; id != ""; id = above[id] {
		if headings[id] != nil {
			return headings[id]
		}
	}
	return nil
}

func digits(r *compliance.Result) string {
	var b strings.Builder
	for _, s := range r.Scopes {
		b.WriteByte('0' + byte(order(compliance.Statuses(), s.Status)))
	}
	return b.String()
}

// scoped lists the accounts of a requirement where there are several, the worst first. Where all say the same, rest says so.
func (d *Document) scoped(r *compliance.Result) (listed []scoped, rest string) {
	if len(r.Scopes) < 2 || r.Answer == content.AnswerManual {
		return nil, ""
	}
	all, same := make([]scoped, len(r.Scopes)), true
	for i, s := range r.Scopes {
		s.Why = because(r, s.Why)
		all[i] = scoped{d.Report.Scopes[i], s}
		same = same && s.Status == all[0].Status && s.Why == all[0].Why && s.Attested == all[0].Attested
	}
	if same {
		return nil, "It is the same in all " + report.Count(int64(len(all)), "account") + "."
	}
	slices.SortStableFunc(all, func(a, b scoped) int {
		return cmp.Compare(order(compliance.Statuses(), a.Status), order(compliance.Statuses(), b.Status))
	})
	if len(all) <= maxOfOne {
		return all, ""
	}
	others := tallied{}
	for _, s := range all[maxOfOne:] {
		others[s.Status]++
	}
	return all[:maxOfOne], "And " + report.Count(int64(others.total()), "other account") + ": " + others.line() + "."
}

// line says numbers by status: "3 not met, 1 unknown".
func (t tallied) line() string {
	var parts []string
	for _, s := range compliance.Statuses() {
		if t[s] > 0 {
			parts = append(parts, number(int64(t[s]))+" "+StatusWords(s))
		}
	}
	return strings.Join(parts, ", ")
}

// Line says them for templates.
func (t tallied) Line() string { return t.line() }

// Standings are the numbers of findings by standing, without those that are 0.
func (i *pageItem) Standings() []standingCount { return standingCounts(i.Counts) }

type standingCount struct {
	Standing standing
	N        int64
}

func standingCounts(c compliance.Counts) []standingCount {
	var all []standingCount
	for _, s := range standings() {
		if n := of(c, s); n > 0 {
			all = append(all, standingCount{s, n})
		}
	}
	return all
}

// Because is why the status is what it is, without what is said beside it.
func (i *pageItem) Because() string {
	if i.Look != "" && i.Why == i.Look {
		return ""
	}
	return because(i.Result, i.Why)
}

// because leaves out of a reason what is left to a person, which stands beside it.
func because(r *compliance.Result, why string) string {
	if r.Left == "" {
		return why
	}
	return strings.Replace(why, "; left to a person: "+r.Left, "", 1)
}

// Reach says how far checks answer a requirement.
func (i *pageItem) Reach() string { return reach(i.Result, len(i.Answering)) }

func reach(r *compliance.Result, checks int) string {
	switch {
	case r.Answer == content.AnswerManual:
		return "Not at all: a person must look."
	case checks == 0:
		return "Not at all for what was scanned: a person must look."
	case r.Answer == content.AnswerPartial:
		return "In part."
	}
	return "In full."
}

// Publisher is what the publisher says of how the requirement is to be met.
func (i *pageItem) Publisher() string {
	var parts []string
	if len(i.Levels) > 0 {
		parts = append(parts, strings.Join(i.Levels, ", "))
	}
	if i.Assessment != "" {
		parts = append(parts, i.Assessment+" assessment")
	}
	return strings.Join(parts, "; ")
}

// Part is what checks alone say, where the status does not.
func (i *pageItem) Part() string {
	if i.Measured == "" || i.Measured == i.Status {
		return ""
	}
	return StatusWords(i.Measured)
}

// pageAccount is one account with its score.
type pageAccount struct {
	compliance.Scope
	Regions  string
	Score    string
	Of       []int // by status
	Attested int
}

// accounts lists the accounts with their scores.
func (d *Document) accounts() (listed []pageAccount, more int) {
	regions := map[string][]string{}
	for _, a := range d.Result.Scan.Accounts {
		regions[a.ID] = a.Regions
	}
	for i, s := range d.Report.Scopes {
		if i == maxAccounts {
			return listed, len(d.Report.Scopes) - i
		}
		of := d.Report.ByScope[i]
		a := pageAccount{Scope: s, Regions: few(regions[s.Account], 30), Score: "–", Attested: of.AttestedMet + of.AttestedNotMet + of.AttestedNotHere}
		if percent, measured := of.Percent(); measured {
			a.Score = number(int64(percent)) + " %"
		}
		for _, status := range compliance.Statuses() {
			a.Of = append(a.Of, of.Of(status))
		}
		listed = append(listed, a)
	}
	return listed, 0
}

// matrix is a table of requirements by some accounts.
type matrix struct {
	Accounts []compliance.Scope
	Words    bool // there is room for words
	Rows     []matrixRow
}

type matrixRow struct {
	*pageItem
	Cells []compliance.Status
}

// matrices are the requirements that checks look at, by account: those accounts with the most that is not met, if there are too many.
func (d *Document) matrices(sections []*pageSection) (all []matrix, same int) {
	if len(d.Report.Scopes) < 2 {
		return nil, 0
	}
	chosen := make([]int, len(d.Report.Scopes))
	for i := range chosen {
		chosen[i] = i
	}
	if len(chosen) > maxMatrix {
		slices.SortStableFunc(chosen, func(a, b int) int { return cmp.Compare(d.Report.ByScope[b].NotMet, d.Report.ByScope[a].NotMet) })
		chosen = chosen[:maxMatrix]
	}
	for part := range slices.Chunk(chosen, matrixWidth) {
		m := matrix{Words: len(chosen) <= wordsInCells}
		for _, i := range part {
			m.Accounts = append(m.Accounts, d.Report.Scopes[i])
		}
		same = 0
		for _, s := range sections {
			for _, item := range s.Items {
				switch {
				case item.Group:
				case len(item.Answering) == 0:
					same++
				default:
					row := matrixRow{pageItem: item}
					for _, i := range part {
						row.Cells = append(row.Cells, item.Scopes[i].Status)
					}
					m.Rows = append(m.Rows, row)
				}
			}
		}
		all = append(all, m)
	}
	return all, same
}

// contentsEntry is a line of the table of contents.
type contentsEntry struct {
	Anchor, ID, Title string
	Of                tallied
	Bar               []barPart
	Below             bool
}

// manyHeadings are too many for headings of the second level to be in the table of contents.
const manyHeadings = 30

func (d *Document) contents(sections []*pageSection) []*contentsEntry {
	headings, depth := 0, d.depth()
	for _, r := range d.Report.Requirements {
		if r.Group {
			headings++
		}
	}
	var all []*contentsEntry
	for _, s := range sections {
		all = append(all, &contentsEntry{Anchor: s.Anchor, ID: s.ID, Title: cmp.Or(s.Title, "All requirements"), Of: s.Of, Bar: s.Bar})
		for _, item := range s.Items {
			if item.Group && depth[item.ID] == 1 && headings <= manyHeadings {
				all = append(all, &contentsEntry{Anchor: item.Anchor, ID: item.ID, Title: item.Title, Of: item.Of, Bar: bar(item.Of), Below: true})
			}
		}
	}
	return all
}
