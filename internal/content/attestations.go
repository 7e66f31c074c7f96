package content

import (
	"slices"
	"sync"
	"time"
)

// Attestation is a person's answer to a requirement, signed off in a file.
type Attestation struct {
	Framework    string
	Requirements []string
	// Accounts that it is about; empty: all.
	Accounts []string
	Answer   string // met, not_met, not_applicable
	Author   string
	// Date is the day on which it was given, Until the last on which it holds.
	Date, Until string
	Note        string
	Pos         Pos
}

// Answers that a person may give.
const (
	AttestedMet     = "met"
	AttestedNotMet  = "not_met"
	AttestedNotHere = "not_applicable"
)

// AttestationsFile lies beside the tables of a lake.
const AttestationsFile = "attestations.yaml"

var attestationsForm = sync.OnceValue(func() form {
	return object(
		"Answers of people to requirements that no scan can tell, signed off: attestations.yaml.",
		must("attestations", list("Of several that hold, the one given last counts.", object(
			"",
			must("framework", text("The framework's id.")),
			must("requirement", some("The requirement, or several, by id.")),
			may("account", some("Accounts that it is about; left out, all.")),
			must("answer", words("What the person found.", AttestedMet, AttestedNotMet, AttestedNotHere)),
			must("author", text("Who answers for it.")),
			must("date", like(dayPattern(), "The day on which it was given.")),
			must("until", like(dayPattern(), "The last day on which it holds, in UTC.")),
			must("note", text("What was looked at, and where the evidence is.")),
		))),
	)
})

// ReadAttestations reads a file of attestations. Shown is its name in messages. With any problem none of it may be used.
func ReadAttestations(data []byte, shown string, l *Library) ([]*Attestation, Problems) {
	var problems Problems
	if line, column, ok := firstBadByte(data); !ok {
		problems.Add(Pos{shown, line, column}, "save the file as UTF-8", "is not text: invalid byte or control character")
		return nil, problems
	}
	var all []*Attestation
	for _, v := range readOne(data, shown, attestationsForm(), &problems).at("attestations").all() {
		if v != nil {
			all = append(all, buildAttestation(v, l, &problems))
		}
	}
	return all, problems.Sorted()
}

func buildAttestation(v *value, l *Library, problems *Problems) *Attestation {
	a := &Attestation{
		Framework: v.at("framework").string(), Requirements: v.at("requirement").strings(), Accounts: v.at("account").strings(),
		Answer: v.at("answer").string(), Author: v.at("author").string(), Date: v.at("date").string(), Until: v.at("until").string(),
		Note: oneLine(v.at("note").string()), Pos: v.pos,
	}
	wantDay(v, "date", problems)
	wantDay(v, "until", problems)
	if a.Date != "" && a.Until != "" && a.Until < a.Date {
		problems.Add(v.at("until").pos, "", "it ends on %s, before it was given on %s", a.Until, a.Date)
	}
	f := l.Framework(a.Framework)
	if f == nil {
		if a.Framework != "" {
			problems.Add(v.at("framework").pos, DidYouMean(a.Framework, frameworkIDs(l)), "there is no framework %q", a.Framework)
		}
		return a
	}
	for _, one := range patternsAt(v, "requirement") {
		switch r := f.Requirement(one.string()); {
		case r == nil:
			problems.Add(one.pos, DidYouMean(one.string(), f.RequirementIDs()), "%s has no requirement %q", f.ID, one.string())
		case r.Group:
			problems.Add(one.pos, "name the requirements below it", "%q is a heading", r.ID)
		}
	}
	return a
}

// Holds says whether the attestation holds on a day.
func (a *Attestation) Holds(at time.Time) bool {
	day := at.UTC().Format(DateFormat)
	return a.Date <= day && day <= a.Until
}

// About says whether the attestation is about an account.
func (a *Attestation) About(account string) bool {
	return len(a.Accounts) == 0 || slices.Contains(a.Accounts, account)
}

// RequirementIDs lists the framework's requirements, without headings.
func (f *Framework) RequirementIDs() []string {
	var ids []string
	for _, r := range f.Requirements {
		if !r.Group {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
