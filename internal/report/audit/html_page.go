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

// page is a document as the templates want it.
type page struct {
	*Document
	Policy   string
	Title    string
	Scanned  string   // "AWS, 2 accounts, …"
	Percent  string   // of the score; empty: nothing was measured
	Score    string   // what it is of
	Sum      string   // the score's formula with its numbers
	Notices  []string // what a reader must know before anything else
	Bar      []barPart
	Coverage coverageView
	Contents []*contentsEntry
	Sections []*pageSection
	Accounts []pageAccount
	More     int // accounts that are not among them
	Matrix   []matrix
	Same     int // requirements that the matrix leaves out
	Changes  []Changed
	Was      string // the score in the scan before
	Attested []attestation
	Checks   []checkGroup
	Omitted  string // what is not listed of findings
	Wide     string // how wide the identifiers of requirements are
}

// barPart is a status in a bar: where it begins and how long it is, of a thousand.
type barPart struct {
	Status compliance.Status
	N      int
	At     int
	Length int
}

func newPage(d *Document, limits bounds) (*page, error) {
	found, err := d.pick(limits)
	if err != nil {
		return nil, err
	}
	s := d.Report.Score
	p := &page{
		Document: d, Title: d.title(), Scanned: d.scanned(), Notices: d.notices(), Bar: bar(d.tallied()),
		Score: score(s), Coverage: d.coverageView(), Changes: d.changed(), Attested: d.attested(), Wide: wide(d),
	}
	if percent, measured := s.Percent(); measured {
		p.Percent = fmt.Sprintf("%d %%", percent)
		p.Score = strings.TrimPrefix(p.Score, p.Percent+": ")
		p.Sum = sum(s)
	}
	if d.Before != nil {
		p.Was = score(d.Before.Score)
	}
	p.Sections = d.pageSections()
	p.Contents = d.contents(p.Sections)
	p.Accounts, p.More = d.accounts()
	p.Matrix, p.Same = d.matrices(p.Sections)
	p.Checks, p.Omitted = d.checkGroups(found)
	return p, nil
}

// notices are what limits the whole report.
func (d *Document) notices() []string {
	var all []string
	f, scan := d.Report.Framework, d.Result.Scan
	if f.Missing != "" {
		all = append(all, "Not in this report: "+f.Missing)
	}
	if f.OwnIDs {
		all = append(all, "The publisher gives no identifiers. Those in this report are ours.")
	}
	if !f.Quoted {
		all = append(all, "The titles of requirements are our own words, not the publisher's.")
	}
	if f.Notice != "" {
		all = append(all, f.Notice)
	}
	if n := len(f.RequirementIDs()) - d.Report.Score.Total(); d.Report.Level != "" && n > 0 {
		all = append(all, fmt.Sprintf("This report is about %s alone: %s of the framework %s not part of it.", d.Report.Level, report.Count(int64(n), "other requirement"), is(n)))
	}
	if scan.Interrupted {
		all = append(all, "The scan was interrupted. What was not reached is shown as unknown, never as met.")
	}
	if n := len(d.unseen()); n > 0 {
		all = append(all, fmt.Sprintf("%d of %s could not be entered: nothing in %s was seen.", n, report.Count(int64(len(d.Report.Scopes)), "account"), them(n)))
	}
	for _, note := range scan.Notes {
		text := sentence(note.Text)
		if note.Do != "" {
			text += " To do: " + strings.TrimSuffix(note.Do, ".") + "."
		}
		all = append(all, text)
	}
	return all
}

// EvidenceCommand writes what the report rests on.
func (p *page) EvidenceCommand() string { return p.evidenceCommand() }

func (d *Document) evidenceCommand() string {
	command := "stance report " + d.Report.Framework.ID
	if d.Report.Level != "" {
		command += " --level " + d.Report.Level
	}
	if d.Result.Scan.Scans <= 1 { // the latest state of several scans has no id of its own
		command += " --scan " + d.Result.Scan.ID
	}
	return command + " --evidence bundle.zip"
}

// AttestedLine says how many requirements people answer.
func (d *Document) AttestedLine() string {
	s := d.Report.Score
	if s.AttestedMet+s.AttestedNotMet+s.AttestedNotHere == 0 {
		return "People attest none of them."
	}
	return fmt.Sprintf("Beside what was measured, people attest %d as met, %d as not met and %d as not applicable. That changes no status and not the score.",
		s.AttestedMet, s.AttestedNotMet, s.AttestedNotHere)
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// unseen are the accounts in which nothing could be seen.
func (d *Document) unseen() []compliance.Scope {
	return slices.DeleteFunc(slices.Clone(d.Report.Scopes), func(s compliance.Scope) bool { return s.Error == "" })
}

// sum is the score's formula with the numbers in it.
func sum(s compliance.Score) string {
	return fmt.Sprintf("(%d met + %d manual with the measured part met) ÷ (%d + %d + %d not met + %d unknown + %d accepted) = %d ÷ %d",
		s.Met, s.Partly, s.Met, s.Partly, s.NotMet, s.Unknown, s.Accepted, s.Met+s.Partly, s.Measured())
}

// tallied counts all requirements by status.
func (d *Document) tallied() tallied {
	all := tallied{}
	for _, s := range compliance.Statuses() {
		all[s] = d.Report.Score.Of(s)
	}
	return all
}

func bar(t tallied) []barPart {
	var parts []barPart
	total, before := max(1, t.total()), 0
	for _, s := range compliance.Statuses() {
		n := t[s]
		if n == 0 {
			continue
		}
		at := 1000 * before / total
		before += n
		parts = append(parts, barPart{s, n, at, max(2, 1000*before/total-at)})
	}
	return parts
}

// wide tells how much room identifiers need, so that titles stand below each other.
func wide(d *Document) string {
	longest := 0
	for _, r := range d.Report.Requirements {
		if !r.Group {
			longest = max(longest, len(r.ID))
		}
	}
	switch {
	case longest <= 8:
		return "short"
	case longest <= 13:
		return "middle"
	}
	return "long"
}

// attestation is one answer of a person, to one requirement or several.
type attestation struct {
	*content.Attestation
	Ended   bool
	Results []*compliance.Result
}

// attested are the answers of people: those that hold, then those that ended.
func (d *Document) attested() []attestation {
	var all []attestation
	add := func(a *content.Attestation, ended bool, r *compliance.Result) {
		if a == nil {
			return
		}
		at := slices.IndexFunc(all, func(one attestation) bool { return one.Attestation == a })
		if at < 0 {
			at = len(all)
			all = append(all, attestation{Attestation: a, Ended: ended})
		}
		all[at].Results = append(all[at].Results, r)
	}
	for i := range d.Report.Requirements {
		r := &d.Report.Requirements[i]
		for _, a := range r.Attestations() {
			add(a, false, r)
		}
		add(r.Expired, true, r)
	}
	slices.SortStableFunc(all, func(a, b attestation) int {
		ended := func(one attestation) int {
			if one.Ended {
				return 1
			}
			return 0
		}
		return cmp.Compare(ended(a), ended(b))
	})
	return all
}

// AnswerWords is how people say an attestation's answer.
func (a attestation) AnswerWords() string { return answerWords(a.Answer) }

func answerWords(answer string) string {
	return map[string]string{content.AttestedMet: "met", content.AttestedNotMet: "not met", content.AttestedNotHere: "not applicable"}[answer]
}
