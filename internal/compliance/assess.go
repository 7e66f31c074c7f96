package compliance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/content"
)

// Basis is what reports on frameworks rest on. One serves any number of them.
type Basis struct {
	Tally  *Tally
	Scopes []Scope
	// Checks of the content, with the objectives that they serve.
	Checks []*content.Check
	// Asked says whether a check was asked in a scope.
	Asked func(check string, s Scope) bool
	// Params are the values of a check's parameters that it was asked with; nil where that is not known.
	Params       func(check string) map[string]any
	Attestations []*content.Attestation
	Now          time.Time
}

// Assess tells how a framework's requirements are met, of a level if one is named.
func Assess(b *Basis, f *content.Framework, level string) *Report {
	a := &assessor{Basis: b, framework: f, report: &Report{Framework: f, Level: level}}
	for _, s := range b.Scopes {
		if f.SpeaksOf(s.Provider) {
			a.report.Scopes = append(a.report.Scopes, s)
		}
	}
	a.report.ByScope = make([]Score, len(a.report.Scopes))
	for _, r := range Wanted(f, level) {
		if r.Group {
			a.report.Requirements = append(a.report.Requirements, Result{Requirement: r})
			continue
		}
		a.report.Requirements = append(a.report.Requirements, a.requirement(r))
	}
	a.report.Notes = append(a.narrowed(), a.expired()...)
	return a.report
}

// Wanted are the requirements of a level, and the headings that they stand below.
func Wanted(f *content.Framework, level string) []*content.Requirement {
	if level == "" {
		return f.Requirements
	}
	parents := make(map[string]*content.Requirement, len(f.Requirements))
	for _, r := range f.Requirements {
		parents[r.ID] = r
	}
	kept := map[string]bool{}
	for _, r := range f.Requirements {
		if r.Group || !slices.Contains(r.Levels, level) {
			continue
		}
		kept[r.ID] = true
		for above := parents[r.Parent]; above != nil; above = parents[above.Parent] { // one of another level may stand between
			kept[above.ID] = kept[above.ID] || above.Group
		}
	}
	return slices.DeleteFunc(slices.Clone(f.Requirements), func(r *content.Requirement) bool { return !kept[r.ID] })
}

type assessor struct {
	*Basis
	framework *content.Framework
	report    *Report
}

func (a *assessor) requirement(r *content.Requirement) Result {
	result := Result{Requirement: r, Scopes: make([]ScopeResult, len(a.report.Scopes))}
	if r.Answer != content.AnswerManual {
		for _, check := range a.framework.Answering(r, a.Checks) {
			result.Checks = append(result.Checks, a.check(r, check))
		}
	}
	for i, s := range a.report.Scopes {
		one := a.scope(r, result.Checks, s)
		one.Attested = a.attested(r, &s, nil)
		result.Scopes[i] = one
		result.Counts.add(one.Counts)
		a.report.ByScope[i].add(one.Status, one.Measured, one.Attested)
	}
	a.decide(&result)
	result.Attested = a.attested(r, nil, &result.Expired)
	a.report.Score.add(result.Status, result.Measured, result.Attested)
	return result
}

// check gathers what one check says of a requirement in all scopes.
func (a *assessor) check(r *content.Requirement, check *content.Check) CheckResult {
	result := CheckResult{Check: check}
	result.Loose, result.Strict = a.asked(r, check)
	for _, s := range a.report.Scopes {
		if s.Provider != check.Provider {
			continue
		}
		result.Counts.add(a.Tally.of(a.framework.ID, check.ID, s))
		if !a.Asked(check.ID, s) {
			result.NotAsked = append(result.NotAsked, s.Account)
		}
	}
	return result
}

// scope decides a requirement in one scope.
func (a *assessor) scope(r *content.Requirement, checks []CheckResult, s Scope) ScopeResult {
	if r.Answer == content.AnswerManual {
		return ScopeResult{Status: Manual, Why: r.Look}
	}
	var result ScopeResult
	var missing []string // what could speak against it and was not seen
	answered, fails := 0, int64(0)
	for _, c := range checks {
		if c.Check.Provider != s.Provider {
			continue
		}
		answered++
		counts := a.Tally.of(a.framework.ID, c.Check.ID, s)
		result.Counts.add(counts)
		if c.Strict == "" {
			fails += counts.Fail
		}
		switch {
		case c.Strict != "" && counts.Fail > 0:
			missing = append(missing, c.Check.ID+": "+c.Strict)
		case counts.Unknown > 0:
			missing = append(missing, fmt.Sprintf("%s: %s", c.Check.ID, a.Tally.cause(c.Check.ID, s)))
		case !a.Asked(c.Check.ID, s):
			missing = append(missing, c.Check.ID+": it was not asked in this scan")
		case c.Loose != "":
			missing = append(missing, c.Check.ID+": "+c.Loose)
		}
	}
	if answered == 0 {
		result.Status, result.Why = Manual, "no check answers it for "+s.Provider+": a person must look"
		return result
	}
	result.Measured, result.Why = measured(result.Counts, fails, missing, s)
	result.Status = result.Measured
	if r.Answer == content.AnswerPartial && (result.Measured == Met || result.Measured == NotHere) {
		result.Status = Manual
		result.Why += "; left to a person: " + r.Left
	}
	return result
}

// measured is what checks alone say of a requirement. Fails are the failures that tell that it is not met.
func measured(c Counts, fails int64, missing []string, s Scope) (Status, string) {
	switch {
	case fails > 0:
		return NotMet, plural(fails, "finding fails", "findings fail")
	case s.Error != "":
		return Unknown, "the account could not be seen: " + s.Error
	case len(missing) > 0:
		return Unknown, first(missing)
	case c.Manual > 0:
		return Manual, plural(c.Manual, "finding needs a person's look", "findings need a person's look")
	case c.Accepted > 0:
		return Accepted, plural(c.Accepted, "finding is accepted as a risk", "findings are accepted as a risk")
	case c.Muted > 0:
		return Unknown, plural(c.Muted, "finding is muted, which is no answer", "findings are muted, which is no answer")
	case c.Pass > 0:
		return Met, plural(c.Pass, "finding passes", "findings pass")
	}
	return NotHere, "nothing of what it speaks of was found"
}

// decide takes the status of the whole from the scope that is worst off.
func (a *assessor) decide(r *Result) {
	switch {
	case len(r.Scopes) == 0:
		r.Status, r.Why = Unknown, "nothing was scanned that it speaks of"
		if r.Answer == content.AnswerManual {
			r.Status, r.Why = Manual, r.Look
		}
		return
	case len(r.Scopes) == 1:
		r.Status, r.Measured, r.Why = r.Scopes[0].Status, r.Scopes[0].Measured, r.Scopes[0].Why
		return
	}
	for _, status := range Statuses() {
		at := slices.IndexFunc(r.Scopes, func(s ScopeResult) bool { return s.Status == status })
		if at < 0 {
			continue
		}
		alike := 0
		for _, s := range r.Scopes {
			if s.Status == status {
				alike++
			}
		}
		r.Status, r.Why = status, r.Scopes[at].Why
		if status == Manual && r.Answer == content.AnswerManual || status == Met || status == NotHere {
			break
		}
		r.Why = fmt.Sprintf("%s: %s", a.report.Scopes[at].Account, r.Why)
		if alike > 1 {
			r.Why = fmt.Sprintf("%s, and %d more alike", r.Why, alike-1)
		}
		break
	}
	for _, status := range Statuses() {
		if slices.ContainsFunc(r.Scopes, func(s ScopeResult) bool { return s.Measured == status }) {
			r.Measured = status
			return
		}
	}
}

// attested finds the answer of a person that holds: for one scope, or for all where that is nil.
func (a *assessor) attested(r *content.Requirement, s *Scope, expired **content.Attestation) *content.Attestation {
	var held *content.Attestation
	for _, one := range a.Attestations {
		if one.Framework != a.framework.ID || !slices.Contains(one.Requirements, r.ID) || !a.covers(one, s) {
			continue
		}
		switch {
		case one.Holds(a.Now):
			if held == nil || held.Date <= one.Date {
				held = one
			}
		case expired != nil && one.Until < a.Now.UTC().Format(content.DateFormat):
			*expired = one
		}
	}
	if held != nil && expired != nil {
		*expired = nil
	}
	return held
}

func (a *assessor) covers(one *content.Attestation, s *Scope) bool {
	if s != nil {
		return one.About(s.Account)
	}
	return !slices.ContainsFunc(a.report.Scopes, func(s Scope) bool { return !one.About(s.Account) })
}

// narrowed tells of accounts that were not visited everywhere: what passes there says nothing of the other regions.
func (a *assessor) narrowed() []string {
	var notes []string
	for _, s := range a.report.Scopes {
		if s.Only != "" {
			notes = append(notes, fmt.Sprintf("of %s only %s was scanned: this report says nothing of other regions", s.Account, s.Only))
		}
	}
	return notes
}

func (a *assessor) expired() []string {
	var notes []string
	for _, r := range a.report.Requirements {
		if r.Expired != nil {
			notes = append(notes, fmt.Sprintf("the attestation of %s by %s ended on %s (%s:%d)", r.ID, r.Expired.Author, r.Expired.Until, r.Expired.Pos.File, r.Expired.Pos.Line))
		}
	}
	return notes
}

func first(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	return fmt.Sprintf("%s; and %d more", strings.TrimSuffix(all[0], "."), len(all)-1)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
