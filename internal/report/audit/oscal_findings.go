package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/report"
)

// assessed says whether checks looked at a requirement, or a person answered it.
func assessed(r *compliance.Result) bool {
	return !r.Group && (r.Measured != "" || len(r.Attestations()) > 0)
}

// reviewed names the controls, and excludes those that nobody assessed.
func (o *oscalWriter) reviewed() oscalReviewed {
	var all oscalSelection
	for i := range o.d.Report.Requirements {
		r := &o.d.Report.Requirements[i]
		if r.Group {
			continue
		}
		control := oscalControlRef{o.controls[r.ID].id}
		all.Include = append(all.Include, control)
		if !assessed(r) {
			all.Exclude = append(all.Exclude, control)
		}
	}
	all.Description = fmt.Sprintf("%s, of which %d were assessed", report.Count(int64(len(all.Include)), "requirement"), len(all.Include)-len(all.Exclude))
	if len(all.Exclude) > 0 {
		all.Remarks = "Those that are excluded were not assessed: no check looked at them, and nobody attests. A person must."
	}
	return oscalReviewed{Selections: []oscalSelection{all}}
}

func (o *oscalWriter) scoreProps() []oscalProp {
	s := o.d.Report.Score
	var props []oscalProp
	if percent, measured := s.Percent(); measured {
		props = []oscalProp{{"score-percent", oscalSpace, fmt.Sprint(percent), oscalText(compliance.Formula)}}
	}
	var pairs []string
	for _, status := range compliance.Statuses() {
		pairs = append(pairs, string(status), fmt.Sprint(s.Of(status)))
	}
	pairs = append(pairs, "attested-met", fmt.Sprint(s.AttestedMet), "attested-not_met", fmt.Sprint(s.AttestedNotMet),
		"attested-not_applicable", fmt.Sprint(s.AttestedNotHere))
	return append(props, stanceProps(pairs...)...)
}

// findings are one for each requirement that was assessed.
func (o *oscalWriter) findings(add func(any)) {
	for i := range o.d.Report.Requirements {
		if r := &o.d.Report.Requirements[i]; assessed(r) {
			add(o.finding(r))
		}
	}
}

func (o *oscalWriter) finding(r *compliance.Result) oscalFinding {
	control := o.controls[r.ID]
	f := oscalFinding{
		ID: o.id("finding", r.ID), Title: oscalLine(cut(r.ID+" "+r.Title, oscalMaxLine-30) + ": " + StatusWords(r.Status)),
		Description: oscalText(sentence(StatusWords(r.Status) + ": " + r.Why)), Origins: o.byTool(),
		Props: append(stanceProps("requirement", r.ID, "control", control.id, "status", string(r.Status), "measured", string(r.Measured), "answer", r.Answer), countProps(r.Counts)...),
		Target: oscalTarget{
			Type: "statement-id", ID: control.statement, Title: oscalLine(r.Title), Status: o.objective(r), Implementation: implementation(r),
		},
		Remarks: strings.Join(o.findingRemarks(r), "\n"),
	}
	for _, c := range r.Checks {
		for _, s := range o.d.Report.Scopes {
			b := o.seen[observedKey{c.Check.ID, s.Provider, s.Account}]
			if b == nil {
				continue
			}
			for _, id := range b.ids {
				f.Observations = append(f.Observations, oscalRelatedObservation{id})
			}
			for _, id := range b.risks {
				f.Risks = append(f.Risks, oscalRelatedRisk{id})
			}
		}
	}
	return f
}

// objective says whether a requirement is satisfied, in OSCAL's words: see OSCAL.
func (o *oscalWriter) objective(r *compliance.Result) oscalObjective {
	status := oscalObjective{"not-satisfied", "other", oscalText(statusMeaning(r.Status))}
	switch {
	case r.Status == compliance.Met:
		status.State, status.Reason = "satisfied", "pass"
	case r.Status == compliance.NotMet, r.Status == compliance.Accepted && o.fails(r):
		status.Reason = "fail"
	}
	return status
}

// fails says whether something fails of what was accepted as a risk: it may only be unknown.
func (o *oscalWriter) fails(r *compliance.Result) bool {
	return slices.ContainsFunc(r.Checks, func(c compliance.CheckResult) bool {
		return slices.ContainsFunc(o.d.Report.Scopes, func(s compliance.Scope) bool {
			b := o.seen[observedKey{c.Check.ID, s.Provider, s.Account}]
			return b != nil && b.acceptedFails > 0
		})
	})
}

// implementation says how far a control is implemented where that is known: wholly, or there is nothing to implement.
func implementation(r *compliance.Result) *oscalImplementation {
	switch r.Status {
	case compliance.Met:
		return &oscalImplementation{"implemented", ""}
	case compliance.NotHere:
		return &oscalImplementation{"not-applicable", oscalText(statusMeaning(r.Status))}
	}
	return nil
}

// findingRemarks say what a reader of the verdict must know, a line each.
func (o *oscalWriter) findingRemarks(r *compliance.Result) []string {
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, "- "+oscalText(fmt.Sprintf(format, args...))) }
	if len(r.Scopes) > 1 {
		for i, s := range r.Scopes {
			line("%s: %s: %s", scopeName(o.d.Report.Scopes[i]), StatusWords(s.Status), s.Why)
		}
	}
	if r.Left != "" {
		line("Checks answer a part; left to a person: %s", r.Left)
	}
	if r.Look != "" {
		line("To look at: %s", r.Look)
	}
	for _, c := range r.Checks {
		for _, why := range filled(c.Loose, c.Strict) {
			line("%s: %s", c.Check.ID, why)
		}
		if len(c.NotAsked) > 0 {
			line("%s was not asked in %s", c.Check.ID, few(c.NotAsked, 20))
		}
	}
	for _, a := range r.Attestations() {
		where := ""
		if len(a.Accounts) > 0 {
			where = " in " + few(a.Accounts, 20)
		}
		line("A person attests that it is %s%s: %s, on %s, until %s. This finding does not rest on it.", attestedWords(a), where, a.Author, a.Date, a.Until)
	}
	if a := r.Expired; a != nil {
		line("An attestation of %s that it is %s ended on %s", a.Author, attestedWords(a), a.Until)
	}
	return lines
}

func attestedWords(a *content.Attestation) string {
	return StatusWords(compliance.Status(a.Answer))
}

const attesterRole = "attester"

// attested is a person's answer with the requirements of the report that it is about.
type attested struct {
	*content.Attestation
	requirements []string
}

func (o *oscalWriter) attestations() []*attested {
	var all []*attested
	for _, r := range o.d.Report.Requirements {
		for _, one := range r.Attestations() {
			at := slices.IndexFunc(all, func(a *attested) bool { return a.Attestation == one })
			if at < 0 {
				at, all = len(all), append(all, &attested{Attestation: one})
			}
			all[at].requirements = append(all[at].requirements, r.ID)
		}
	}
	return all
}

func partyID(a *content.Attestation) string { return lastingID("party", a.Author) }

func hasParty(parties []oscalParty, id string) bool {
	return slices.ContainsFunc(parties, func(p oscalParty) bool { return p.ID == id })
}

func (o *oscalWriter) writeAttestations(add func(any)) {
	for i, a := range o.attestations() {
		part := oscalPart{
			ID: o.id("attestation", fmt.Sprint(i)), Name: "attestation", Space: oscalSpace, Class: a.Answer,
			Title: oscalLine(few(a.requirements, 20) + ": " + attestedWords(a.Attestation)),
			Props: stanceProps("answer", a.Answer, "date", a.Date, "until", a.Until), Prose: oscalText(a.Note),
		}
		for _, r := range a.requirements {
			part.Props = append(part.Props, stanceProps("requirement", r, "control", o.controls[r].id)...)
		}
		add(oscalAttestation{[]oscalResponsible{{attesterRole, []string{partyID(a.Attestation)}}}, []oscalPart{part}})
	}
}

// What the remarks of a result list; the rest is counted.
const (
	oscalMaxGaps    = 100
	oscalMaxChanges = 100
)

// notLookedAt says what was not seen, and what else a reader must know, a line each.
func (o *oscalWriter) notLookedAt() string {
	d := o.d
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, "- "+oscalText(fmt.Sprintf(format, args...))) }
	if d.Result.Scan.Interrupted {
		line("The scan was interrupted: not everything was looked at.")
	}
	for _, s := range d.Report.Scopes {
		if s.Error != "" {
			line("Not seen: account %s: %s", scopeName(s), s.Error)
		}
	}
	gaps := report.NewCoverage(d.Result.Coverage).Gaps
	for _, g := range gaps[:min(oscalMaxGaps, len(gaps))] {
		line("Not seen: %s (%s), %s: %s", g.Table, strings.Join(filled(g.Group, g.Call), ", "), report.Count(int64(g.Cells), "cell"), g.Cause)
	}
	if more := len(gaps) - oscalMaxGaps; more > 0 {
		line("Not seen: %s more: -o json has all", number(int64(more)))
	}
	for _, note := range slices.Concat(d.Report.Notes, scanNotes(d.Result.Scan)) {
		line("Note: %s", note)
	}
	changed := d.changed()
	for _, c := range changed[:min(oscalMaxChanges, len(changed))] {
		line("Changed since scan %s: %s is %s, was %s", d.BeforeScan.ID, c.ID, StatusWords(c.Status), StatusWords(c.Before))
	}
	if more := len(changed) - oscalMaxChanges; more > 0 {
		line("Changed since scan %s: %s more: -o json has all", d.BeforeScan.ID, number(int64(more)))
	}
	if lines == nil {
		return ""
	}
	return "What was not looked at, and what else there is to know:\n\n" + strings.Join(lines, "\n")
}

func scanNotes(s report.Scan) []string {
	var notes []string
	for _, n := range s.Notes {
		notes = append(notes, strings.Join(filled(n.Text, n.Do), ": "))
	}
	return notes
}
