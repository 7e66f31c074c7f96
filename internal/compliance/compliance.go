// Package compliance tells from findings how a framework's requirements are met. It counts nothing as met because nothing was
// looked at: a requirement rests on the checks that answer it, on each account in which they were asked, and on what of its
// input was known. It reads no cloud and writes no report.
package compliance

import (
	"slices"

	"github.com/stancehq/stance/internal/content"
)

// Status of a requirement, as a whole or in one scope.
type Status string

// Statuses. A requirement that checks answer in part is Manual while nothing that they look at speaks against it: see Result.Measured.
const (
	NotMet   Status = "not_met"        // a finding fails
	Unknown  Status = "unknown"        // something that decides was not seen, or not asked
	Accepted Status = "accepted"       // findings fail, and somebody has accepted the risk of each
	Manual   Status = "manual"         // a person must look
	Met      Status = "met"            // all checks that answer it pass
	NotHere  Status = "not_applicable" // there is nothing that it speaks of
)

// Statuses lists all, in the order in which they are shown and in which one of many scopes decides the whole.
func Statuses() []Status { return []Status{NotMet, Unknown, Accepted, Manual, Met, NotHere} }

// Scope is an account (subscription, project, cluster) that a report speaks of.
type Scope struct {
	Provider string `json:"provider"`
	Account  string `json:"account"`
	Name     string `json:"name,omitempty"`
	// Error is set where nothing of the account could be seen.
	Error string `json:"error,omitempty"`
	// Only names the regions that were visited, where the user left others out.
	Only string `json:"only_regions,omitempty"`
}

// Counts are numbers of findings.
type Counts struct {
	Pass    int64 `json:"pass"`
	Fail    int64 `json:"fail"`
	Unknown int64 `json:"unknown"`
	Manual  int64 `json:"manual"`
	// Accepted would be one of Fail, Unknown and Manual; Muted too. Neither is counted there.
	Accepted int64 `json:"accepted"`
	Muted    int64 `json:"muted"`
}

// Total is the number of findings.
func (c Counts) Total() int64 {
	return c.Pass + c.Fail + c.Unknown + c.Manual + c.Accepted + c.Muted
}

func (c *Counts) add(o Counts) {
	c.Pass, c.Fail, c.Unknown, c.Manual = c.Pass+o.Pass, c.Fail+o.Fail, c.Unknown+o.Unknown, c.Manual+o.Manual
	c.Accepted, c.Muted = c.Accepted+o.Accepted, c.Muted+o.Muted
}

// Report is what is known of one framework.
type Report struct {
	Framework *content.Framework
	Level     string  // the level that it is about; empty: all requirements
	Scopes    []Scope // in the order of Result.Scopes
	// Requirements are the framework's, headings among them, in its order; of a level, those that it asks for and their headings.
	Requirements []Result
	Score        Score
	ByScope      []Score // of each scope alone
	// Notes are what was noticed of what a report rests on: expired attestations, checks that were not asked.
	Notes []string
}

// Result is one requirement, or a heading, in which case all but Requirement is empty.
type Result struct {
	*content.Requirement
	// Status is that of the scope which is worst off: see Statuses.
	Status Status
	// Measured is what the checks alone say. It differs from Status where they answer a part only and have nothing against it:
	// Status is then Manual. Empty: no check answers it here.
	Measured Status
	Why      string // one sentence: what decided
	Counts   Counts
	Scopes   []ScopeResult
	Checks   []CheckResult
	// Attested is a person's answer, if there is one that holds; Expired one that no longer does.
	Attested, Expired *content.Attestation
}

// Attestations are the answers of people that hold, each once: for all scopes, and for some alone.
func (r *Result) Attestations() []*content.Attestation {
	var all []*content.Attestation
	add := func(a *content.Attestation) {
		if a != nil && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	add(r.Attested)
	for _, s := range r.Scopes {
		add(s.Attested)
	}
	return all
}

// ScopeResult is a requirement in one scope.
type ScopeResult struct {
	Status   Status
	Measured Status
	Why      string
	Counts   Counts
	// Attested is a person's answer that holds for this scope, also one that is about it alone.
	Attested *content.Attestation
}

// CheckResult is what one of the answering checks says of a requirement.
type CheckResult struct {
	Check  *content.Check
	Counts Counts
	// Loose says why the check does not answer the requirement with the parameters that it was asked with: "days is 90, at most 45 is wanted".
	Loose string
	// Strict says why a failure of the check does not tell that the requirement is not met: it was asked for more than that wants.
	Strict string
	// NotAsked are the accounts in which it was not asked.
	NotAsked []string
}

// Score counts requirements. Its formula is Formula.
type Score struct {
	Met      int `json:"met"`
	NotMet   int `json:"not_met"`
	Unknown  int `json:"unknown"`
	Accepted int `json:"accepted"`
	Manual   int `json:"manual"`
	NotHere  int `json:"not_applicable"`
	// Partly are those of Manual whose checks have nothing against them, and look at a part alone.
	Partly int `json:"manual_with_measured_part_met"`
	// Attested are those that a person answers, by the answer: they stay among the others too.
	AttestedMet, AttestedNotMet, AttestedNotHere int `json:"-"`
}

// Formula is how Percent comes about, for the page that shows it.
const Formula = "met ÷ (met + not met + unknown + accepted). A requirement of which checks look at a part counts as met here while that part is, and is shown as manual; " +
	"manual ones, and those that speak of nothing there is, are left out."

// Total is the number of requirements.
func (s Score) Total() int { return s.Met + s.NotMet + s.Unknown + s.Accepted + s.Manual + s.NotHere }

// Measured is how many requirements the score is about.
func (s Score) Measured() int { return s.Met + s.Partly + s.NotMet + s.Unknown + s.Accepted }

// Percent is the score, rounded down: 100 is only for all. It is false where nothing was measured.
func (s Score) Percent() (int, bool) {
	if s.Measured() == 0 {
		return 0, false
	}
	return (s.Met + s.Partly) * 100 / s.Measured(), true
}

// Of is the number of requirements with a status.
func (s Score) Of(status Status) int {
	return map[Status]int{NotMet: s.NotMet, Unknown: s.Unknown, Accepted: s.Accepted, Manual: s.Manual, Met: s.Met, NotHere: s.NotHere}[status]
}

func (s *Score) add(status, measured Status, attested *content.Attestation) {
	switch status {
	case NotMet:
		s.NotMet++
	case Unknown:
		s.Unknown++
	case Accepted:
		s.Accepted++
	case Manual:
		s.Manual++
	case Met:
		s.Met++
	case NotHere:
		s.NotHere++
	}
	if status == Manual && measured == Met {
		s.Partly++
	}
	if attested == nil {
		return
	}
	switch attested.Answer {
	case content.AttestedMet:
		s.AttestedMet++
	case content.AttestedNotMet:
		s.AttestedNotMet++
	case content.AttestedNotHere:
		s.AttestedNotHere++
	}
}
