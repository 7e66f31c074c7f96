package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/report"
)

// section is a heading at the top of a framework with all that stands below it.
type section struct {
	Heading *compliance.Result // nil where requirements stand below no heading
	Results []*compliance.Result
	Of      tallied
}

// label is how the section is called: by its heading, or by what stands in it.
func (s *section) label() (id, title string) {
	switch {
	case s.Heading != nil:
		return s.Heading.ID, s.Heading.Title
	case len(s.Results) == 1:
		return s.Results[0].ID, s.Results[0].Title
	}
	return "", s.Results[0].ID + " to " + s.Results[len(s.Results)-1].ID
}

// tallied are numbers of requirements by status.
type tallied map[compliance.Status]int

func (t tallied) total() int {
	sum := 0
	for _, n := range t {
		sum += n
	}
	return sum
}

// above gives by requirement the heading or requirement that it stands below: the next one that the report has, for of a level what is
// in between may be left out.
func (d *Document) above() map[string]string {
	here, parents := map[string]bool{}, map[string]string{}
	for _, r := range d.Report.Requirements {
		here[r.ID] = true
	}
	for _, r := range d.Report.Framework.Requirements {
		parents[r.ID] = r.Parent
	}
	above := map[string]string{}
	for id := range here {
		parent := parents[id]
		for parent != "" && !here[parent] {
			parent = parents[parent]
		}
		above[id] = parent
	}
	return above
}

// sections are the framework's, in its order. Headings below the first stay among the results of their section.
func (d *Document) sections() []*section {
	above := d.above()
	var all []*section
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		if above[r.ID] == "" && (r.Group || len(all) == 0 || all[len(all)-1].Heading != nil) {
			all = append(all, &section{Of: tallied{}})
			if r.Group {
				all[len(all)-1].Heading = r
				continue
			}
		}
		s := all[len(all)-1]
		s.Results = append(s.Results, r)
		if !r.Group {
			s.Of[r.Status]++
		}
	}
	return all
}

// below counts the requirements below each heading and requirement, at any depth.
func (d *Document) below() map[string]tallied {
	above, all := d.above(), map[string]tallied{}
	for _, r := range d.Report.Requirements {
		if r.Group {
			continue
		}
		for id := above[r.ID]; id != ""; id = above[id] {
			if all[id] == nil {
				all[id] = tallied{}
			}
			all[id][r.Status]++
		}
	}
	return all
}

// weighed is a check with all that the framework asks of it.
type weighed struct {
	*compliance.CheckResult
	answers []string // the requirements
	worst   standing // of its findings; empty: there are none
}

// weighed lists the checks of what was scanned, those with the most to do first: by the worst standing of a finding, by severity, by id.
func (d *Document) weighed() []*weighed {
	answers, known := d.answers(), map[string]bool{}
	var all []*weighed
	for i := range d.Report.Requirements {
		checks, _ := d.answering(&d.Report.Requirements[i])
		for _, c := range checks {
			if !known[c.Check.ID] {
				known[c.Check.ID] = true
				all = append(all, &weighed{CheckResult: c, answers: answers[c.Check.ID], worst: worst(c.Counts)})
			}
		}
	}
	slices.SortFunc(all, func(a, b *weighed) int { return compareChecks(a.CheckResult, b.CheckResult) })
	return all
}

// answering are the checks of what was scanned that answer a requirement, those with the most to do first, and how many others do for
// what was not scanned, by provider.
func (d *Document) answering(r *compliance.Result) (checks []*compliance.CheckResult, elsewhere map[string]int) {
	elsewhere = map[string]int{}
	for i := range r.Checks {
		c := &r.Checks[i]
		if slices.ContainsFunc(d.Report.Scopes, func(s compliance.Scope) bool { return s.Provider == c.Check.Provider }) {
			checks = append(checks, c)
		} else {
			elsewhere[c.Check.Provider]++
		}
	}
	slices.SortFunc(checks, compareChecks)
	return checks, elsewhere
}

// elsewhere are the checks that answer requirements for what was not scanned: how many, by provider.
func (d *Document) elsewhere() map[string]int {
	all := map[string]int{}
	for _, c := range d.checks() {
		if !slices.ContainsFunc(d.Report.Scopes, func(s compliance.Scope) bool { return s.Provider == c.Provider }) {
			all[c.Provider]++
		}
	}
	return all
}

// elsewhereLine says how many checks are for what was not scanned: "12 for kubernetes, 3 for gcp".
func elsewhereLine(checks map[string]int) string {
	var parts []string
	for _, provider := range slices.Sorted(maps.Keys(checks)) {
		parts = append(parts, number(int64(checks[provider]))+" for "+provider)
	}
	return strings.Join(parts, ", ")
}

// worst is the worst standing that some finding has; empty where there are none.
func worst(c compliance.Counts) standing {
	for _, s := range standings() {
		if of(c, s) > 0 {
			return s
		}
	}
	return ""
}

func compareChecks(a, b *compliance.CheckResult) int {
	return cmp.Or(cmp.Compare(order(standings(), worst(a.Counts)), order(standings(), worst(b.Counts))),
		cmp.Compare(order(report.Severities(), a.Check.Severity), order(report.Severities(), b.Check.Severity)), cmp.Compare(a.Check.ID, b.Check.ID))
}

// order is where one of a list stands; what is not in it comes last.
func order[T comparable](list []T, one T) int {
	if at := slices.Index(list, one); at >= 0 {
		return at
	}
	return len(list)
}

// unanswered are the requirements that no check answers for what was scanned.
func (d *Document) unanswered() []*compliance.Result {
	var all []*compliance.Result
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		if checks, _ := d.answering(r); !r.Group && len(checks) == 0 {
			all = append(all, r)
		}
	}
	return all
}

// notAsked are the checks that were not asked everywhere.
func (d *Document) notAsked() []*weighed {
	return slices.DeleteFunc(d.weighed(), func(w *weighed) bool { return len(w.NotAsked) == 0 })
}

// standingWords is how people say in what standing so many findings are.
func standingWords(s standing) string {
	return map[standing]string{
		standFail: "fail", standUnknown: "unknown", standAccepted: "risk accepted", standMuted: "muted", standManual: "to look at", standPass: "pass",
	}[s]
}
