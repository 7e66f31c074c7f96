package compliance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/mute"
)

var today = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// world is two checks of AWS and one of Kubernetes, of which c1 and k1 serve an objective.
func checks() []*content.Check {
	return []*content.Check{
		{ID: "c1", Provider: "aws", Objectives: []string{"o1"}, Params: []*content.Param{{Name: "days", Type: content.TypeInteger, Default: int64(45)}}},
		{ID: "c2", Provider: "aws"},
		{ID: "k1", Provider: "kubernetes", Objectives: []string{"o1"}},
	}
}

var (
	one     = Scope{Provider: "aws", Account: "1"}
	two     = Scope{Provider: "aws", Account: "2"}
	shut    = Scope{Provider: "aws", Account: "3", Error: "the role cannot be assumed"}
	cluster = Scope{Provider: "kubernetes", Account: "prod"}
)

func finding(check string, s Scope, status evaluate.Status) evaluate.Finding {
	return evaluate.Finding{Check: check, Provider: s.Provider, Account: s.Account, Status: status, Cause: "denied: s3:GetBucketPolicy (AccessDenied)", Resource: "r"}
}

type given struct {
	requirement  content.Requirement
	scopes       []Scope
	findings     []evaluate.Finding
	notAsked     []string
	params       map[string]any
	mutes        []content.Mute
	attestations []*content.Attestation
}

func assess(t *testing.T, g given) *Report {
	t.Helper()
	r := g.requirement
	r.ID = "1"
	if r.Answer == "" {
		r.Answer = content.AnswerFull
	}
	f := &content.Framework{ID: "f", Requirements: []*content.Requirement{&r}}
	rules := mute.New(g.mutes, today)
	tally, err := NewTally(func(yield func(evaluate.Finding, error) bool) {
		for _, f := range g.findings {
			if !yield(f, nil) {
				return
			}
		}
	}, rules)
	if err != nil {
		t.Fatal(err)
	}
	if g.scopes == nil {
		g.scopes = []Scope{one}
	}
	return Assess(&Basis{
		Tally: tally, Scopes: g.scopes, Checks: checks(), Now: today, Attestations: g.attestations,
		Asked:  func(check string, _ Scope) bool { return !slices.Contains(g.notAsked, check) },
		Params: func(string) map[string]any { return g.params },
	}, f, "")
}

func TestStatusOfARequirement(t *testing.T) {
	both := content.Requirement{Checks: []string{"c1", "c2"}}
	partial := content.Requirement{Answer: content.AnswerPartial, Checks: []string{"c1"}, Left: "The rest."}
	bounded := content.Requirement{Checks: []string{"c1"}, Requires: []content.Require{{Check: "c1", Param: "days", Bound: content.BoundMost, Value: int64(45)}}}
	pass1, pass2, fail1 := finding("c1", one, evaluate.Pass), finding("c2", one, evaluate.Pass), finding("c1", one, evaluate.Fail)
	unknown2, manual2 := finding("c2", one, evaluate.Unknown), finding("c2", one, evaluate.Manual)
	accepted := []content.Mute{{Checks: map[string]bool{"c1": true}, Accept: true, Owner: "ana", Until: "2026-12-31", Reason: "old"}}
	muted := []content.Mute{{Checks: map[string]bool{"c1": true}, Reason: "noise"}}
	for name, c := range map[string]struct {
		given
		want, measured Status
		why            string
	}{
		"all that answers it passes":                    {given{requirement: both, findings: []evaluate.Finding{pass1, pass2}}, Met, Met, "2 findings pass"},
		"one fails":                                     {given{requirement: both, findings: []evaluate.Finding{fail1, pass2}}, NotMet, NotMet, "1 finding fails"},
		"one fails and another is not known":            {given{requirement: both, findings: []evaluate.Finding{fail1, unknown2}}, NotMet, NotMet, "1 finding fails"},
		"one is not known":                              {given{requirement: both, findings: []evaluate.Finding{pass1, unknown2}}, Unknown, Unknown, "c2: denied: s3:GetBucketPolicy"},
		"one was not asked":                             {given{requirement: both, findings: []evaluate.Finding{pass1}, notAsked: []string{"c2"}}, Unknown, Unknown, "c2: it was not asked in this scan"},
		"one needs a look":                              {given{requirement: both, findings: []evaluate.Finding{pass1, manual2}}, Manual, Manual, "1 finding needs"},
		"nothing is there":                              {given{requirement: both}, NotHere, NotHere, "nothing of what it speaks of"},
		"nothing is there for one of two":               {given{requirement: both, findings: []evaluate.Finding{pass1}}, Met, Met, "1 finding passes"},
		"the account was closed":                        {given{requirement: both, scopes: []Scope{shut}}, Unknown, Unknown, "could not be seen: the role"},
		"the part that is looked at is met":             {given{requirement: partial, findings: []evaluate.Finding{pass1}}, Manual, Met, "left to a person: The rest."},
		"the part that is looked at is not met":         {given{requirement: partial, findings: []evaluate.Finding{fail1}}, NotMet, NotMet, "1 finding fails"},
		"the part that is looked at is not there":       {given{requirement: partial}, Manual, NotHere, "left to a person"},
		"no check answers it":                           {given{requirement: content.Requirement{Answer: content.AnswerManual, Look: "The minutes."}}, Manual, "", "The minutes."},
		"no check of the provider answers it":           {given{requirement: content.Requirement{Checks: []string{"c1"}}, scopes: []Scope{cluster}}, Manual, "", "no check answers it for kubernetes"},
		"an objective answers it":                       {given{requirement: content.Requirement{Objectives: []string{"o1"}}, findings: []evaluate.Finding{fail1}}, NotMet, NotMet, "1 finding fails"},
		"another account is worse":                      {given{requirement: both, scopes: []Scope{one, two}, findings: []evaluate.Finding{pass1, pass2, finding("c1", two, evaluate.Fail)}}, NotMet, NotMet, "2: 1 finding fails"},
		"the risk of what fails is accepted":            {given{requirement: both, findings: []evaluate.Finding{fail1, pass2}, mutes: accepted}, Accepted, Accepted, "accepted as a risk"},
		"what fails is muted":                           {given{requirement: both, findings: []evaluate.Finding{fail1, pass2}, mutes: muted}, Unknown, Unknown, "muted, which is no answer"},
		"the threshold is as wanted":                    {given{requirement: bounded, findings: []evaluate.Finding{fail1}, params: map[string]any{"days": int64(45)}}, NotMet, NotMet, "1 finding fails"},
		"the threshold is looser and all passes":        {given{requirement: bounded, findings: []evaluate.Finding{pass1}, params: map[string]any{"days": float64(90)}}, Unknown, Unknown, "asked with days = 90, but at most 45 is wanted"},
		"the threshold is looser and something fails":   {given{requirement: bounded, findings: []evaluate.Finding{fail1}, params: map[string]any{"days": float64(90)}}, NotMet, NotMet, "1 finding fails"},
		"the threshold is stricter and all passes":      {given{requirement: bounded, findings: []evaluate.Finding{pass1}, params: map[string]any{"days": float64(30)}}, Met, Met, "1 finding passes"},
		"the threshold is stricter and something fails": {given{requirement: bounded, findings: []evaluate.Finding{fail1}, params: map[string]any{"days": float64(30)}}, Unknown, Unknown, "fails with days = 30, but at most 45 is enough"},
		"the threshold is not known, as in an old scan": {given{requirement: bounded, findings: []evaluate.Finding{pass1}}, Unknown, Unknown, "days is not known"},
		"a rule for this framework alone mutes it":      {given{requirement: both, findings: []evaluate.Finding{fail1, pass2}, mutes: []content.Mute{{Frameworks: []string{"f"}, Accept: true, Reason: "r", Owner: "o"}}}, Accepted, Accepted, ""},
		"a rule for another framework does not":         {given{requirement: both, findings: []evaluate.Finding{fail1, pass2}, mutes: []content.Mute{{Frameworks: []string{"g"}, Accept: true, Reason: "r", Owner: "o"}}}, NotMet, NotMet, ""},
		"a rule that ended does not":                    {given{requirement: both, findings: []evaluate.Finding{fail1}, mutes: []content.Mute{{Reason: "r", Until: "2026-05-31"}}}, NotMet, NotMet, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := assess(t, c.given).Requirements[0]
			if got.Status != c.want || got.Measured != c.measured || !strings.Contains(got.Why, c.why) {
				t.Errorf("got %s, measured %q: %s\nwant %s, measured %q: %s", got.Status, got.Measured, got.Why, c.want, c.measured, c.why)
			}
		})
	}
}

// Whatever is missing of whatever answers it, a requirement is not met: every combination of what three findings may be.
func TestNothingIsMetThatWasNotSeen(t *testing.T) {
	states := []evaluate.Status{"", evaluate.Pass, evaluate.Fail, evaluate.Unknown, evaluate.Manual}
	for _, answer := range []string{content.AnswerFull, content.AnswerPartial} {
		for _, a := range states {
			for _, b := range states {
				for _, c := range states {
					for asked := range 4 {
						g := given{requirement: content.Requirement{Answer: answer, Left: "x", Checks: []string{"c1", "c2"}}, scopes: []Scope{one, two}}
						for _, f := range []evaluate.Finding{finding("c1", one, a), finding("c2", one, b), finding("c1", two, c)} {
							if f.Status != "" {
								g.findings = append(g.findings, f)
							}
						}
						for i, id := range []string{"c1", "c2"} {
							if asked&(1<<i) == 0 {
								g.notAsked = append(g.notAsked, id)
							}
						}
						clean := len(g.notAsked) == 0 && len(g.findings) > 0
						for _, f := range g.findings {
							clean = clean && f.Status == evaluate.Pass
						}
						got := assess(t, g).Requirements[0]
						if met := got.Measured == Met; met != clean {
							t.Fatalf("%s: %q %q %q, not asked %v: measured %s, want met: %v", answer, a, b, c, g.notAsked, got.Measured, clean)
						}
						if got.Status == Met && answer != content.AnswerFull {
							t.Fatalf("met although a part is left: %q %q %q", a, b, c)
						}
					}
				}
			}
		}
	}
}

func TestScoreCountsWhatWasMeasured(t *testing.T) {
	s := Score{Met: 2, Partly: 1, Manual: 5, NotMet: 1, Unknown: 1, Accepted: 1, NotHere: 9}
	if percent, ok := s.Percent(); percent != 50 || !ok || s.Measured() != 6 || s.Total() != 19 {
		t.Errorf("got %d %v of %d, %d in all", percent, ok, s.Measured(), s.Total())
	}
	if _, ok := (Score{Manual: 3}).Percent(); ok {
		t.Error("a score of nothing measured")
	}
	if percent, _ := (Score{Met: 199, NotMet: 1}).Percent(); percent != 99 {
		t.Errorf("99.5 %% is shown as %d", percent)
	}
}

func TestAttestationsAreApart(t *testing.T) {
	manual := content.Requirement{Answer: content.AnswerManual, Look: "The minutes."}
	attest := func(answer, date, until string, accounts ...string) *content.Attestation {
		return &content.Attestation{Framework: "f", Requirements: []string{"1"}, Answer: answer, Author: "ana", Date: date, Until: until, Accounts: accounts}
	}
	for name, c := range map[string]struct {
		attestations  []*content.Attestation
		held, expired string
		notes         int
	}{
		"one holds":                              {[]*content.Attestation{attest(content.AttestedMet, "2026-01-01", "2026-12-31")}, content.AttestedMet, "", 0},
		"the last that was given counts":         {[]*content.Attestation{attest(content.AttestedNotMet, "2026-03-01", "2026-12-31"), attest(content.AttestedMet, "2026-01-01", "2026-12-31")}, content.AttestedNotMet, "", 0},
		"it has ended":                           {[]*content.Attestation{attest(content.AttestedMet, "2025-01-01", "2026-05-31")}, "", content.AttestedMet, 1},
		"it holds on its last day":               {[]*content.Attestation{attest(content.AttestedMet, "2025-01-01", "2026-06-01")}, content.AttestedMet, "", 0},
		"it does not hold yet":                   {[]*content.Attestation{attest(content.AttestedMet, "2026-06-02", "2026-12-31")}, "", "", 0},
		"it is about another account":            {[]*content.Attestation{attest(content.AttestedMet, "2026-01-01", "2026-12-31", "2")}, "", "", 0},
		"one has ended and a later one is there": {[]*content.Attestation{attest(content.AttestedMet, "2025-01-01", "2025-12-31"), attest(content.AttestedMet, "2026-01-01", "2026-12-31")}, content.AttestedMet, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			report := assess(t, given{requirement: manual, attestations: c.attestations})
			got := report.Requirements[0]
			if answer(got.Attested) != c.held || answer(got.Expired) != c.expired || len(report.Notes) != c.notes {
				t.Errorf("got %q, expired %q, notes %v", answer(got.Attested), answer(got.Expired), report.Notes)
			}
			if got.Status != Manual || report.Score.Met != 0 {
				t.Errorf("what a person says became a measurement: %s", got.Status)
			}
		})
	}
}

func answer(a *content.Attestation) string {
	if a == nil {
		return ""
	}
	return a.Answer
}

func TestRegionsThatWereLeftOutAreTold(t *testing.T) {
	some := one
	some.Only = "eu-west-1"
	report := assess(t, given{requirement: content.Requirement{Checks: []string{"c1"}}, scopes: []Scope{some}, findings: []evaluate.Finding{finding("c1", one, evaluate.Pass)}})
	if want := "of 1 only eu-west-1 was scanned: this report says nothing of other regions"; !slices.Contains(report.Notes, want) {
		t.Errorf("notes: %v", report.Notes)
	}
}

func TestLevelsKeepTheirHeadings(t *testing.T) {
	f := &content.Framework{Levels: []string{"low", "high"}, Requirements: []*content.Requirement{
		{ID: "A", Group: true},
		{ID: "A.1", Parent: "A", Levels: []string{"low", "high"}},
		{ID: "A.1(1)", Parent: "A.1", Levels: []string{"high"}},
		{ID: "B", Group: true},
		{ID: "B.1", Parent: "B", Levels: []string{"high"}},
		{ID: "B.2", Parent: "B"},
		{ID: "B.2(1)", Parent: "B.2", Levels: []string{"privacy"}},
	}}
	for level, want := range map[string]string{"": "A A.1 A.1(1) B B.1 B.2 B.2(1)", "privacy": "B B.2(1)", "low": "A A.1", "high": "A A.1 A.1(1) B B.1"} {
		var ids []string
		for _, r := range Wanted(f, level) {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q: got %s, want %s", level, got, want)
		}
	}
}

func TestReachTellsProvidersApart(t *testing.T) {
	f := &content.Framework{Requirements: []*content.Requirement{
		{ID: "h", Group: true},
		{ID: "1", Answer: content.AnswerFull, Checks: []string{"c2"}},
		{ID: "2", Answer: content.AnswerPartial, Objectives: []string{"o1"}},
		{ID: "3", Answer: content.AnswerManual},
	}}
	got := fmt.Sprint(ReachOf(f, checks()))
	if want := "[{aws {1 1 1} 2 [3]} {kubernetes {0 1 2} 1 [1 3]}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
