package report

import (
	"fmt"

	"github.com/stancehq/stance/internal/evaluate"
)

// Narrowed says which of a result's findings are shown, where it is not all of them.
type Narrowed struct {
	// Filter says it in words: "severity critical, status fail".
	Filter string
	// Summary counts the shown ones. What a report gives as the numbers of the scan is never this.
	Summary Summary
}

// Narrow leaves the findings that kept accepts to be shown; filter says in words which those are. Result.Summary stays that of
// all, so that no report gives a part for the whole.
func (r *Result) Narrow(filter string, kept func(evaluate.Finding) bool) error {
	all := r.Findings
	some := func(yield func(evaluate.Finding, error) bool) {
		for f, err := range all {
			if err == nil && !kept(f) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
	summary, err := Summarize(some)
	if err != nil {
		return err
	}
	if r.Narrowed != nil {
		filter = r.Narrowed.Filter + ", " + filter
	}
	r.Findings, r.Narrowed = some, &Narrowed{Filter: filter, Summary: summary}
	return nil
}

// Shown counts the findings that are shown: all of them unless the result was narrowed.
func (r *Result) Shown() Summary {
	if r.Narrowed != nil {
		return r.Narrowed.Summary
	}
	return r.Summary
}

// tallies are the numbers of all findings, by check, whichever are shown.
type tallies map[string]Counts

func newTallies(result *Result) tallies {
	t := make(tallies, len(result.Summary.Checks))
	for _, c := range result.Summary.Checks {
		t[c.ID] = c.Counts
	}
	return t
}

// of says how many of a check's findings failed: "2 of 4".
func (t tallies) of(shown CheckSummary) string {
	return number(t[shown.ID].Fail) + " of " + number(t[shown.ID].Total())
}

// failed says it as a sentence, and how many of them are shown if not all.
func (t tallies) failed(shown CheckSummary) string {
	text := t.of(shown) + " failed"
	if shown.Fail < t[shown.ID].Fail {
		text += ", " + number(shown.Fail) + " of them shown"
	}
	return text
}

// Scope says what part of the findings is shown: "96 of 2,031 findings: severity critical, status fail". It is empty if all are.
func (r *Result) Scope() string {
	if r.Narrowed == nil {
		return ""
	}
	text := fmt.Sprintf("%s of %s: %s", number(r.Narrowed.Summary.Total()), count(r.Summary.Total(), "finding"), r.Narrowed.Filter)
	if n := r.Narrowed.Summary.Suppressed; n > 0 {
		text += ", " + number(n) + " of them suppressed"
	}
	return text
}
