package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
)

// Counts are numbers of findings by status.
type Counts struct {
	Fail    int64 `json:"fail"`
	Unknown int64 `json:"unknown"`
	Manual  int64 `json:"manual"`
	Pass    int64 `json:"pass"`
	// Suppressed findings would be one of Fail, Unknown and Manual, and are not counted there.
	Suppressed int64 `json:"suppressed"`
}

// Total is the number of findings.
func (c Counts) Total() int64 { return c.Fail + c.Unknown + c.Manual + c.Pass + c.Suppressed }

// Of is the number of findings with a status.
func (c Counts) Of(status evaluate.Status) int64 {
	switch status {
	case evaluate.Fail:
		return c.Fail
	case evaluate.Unknown:
		return c.Unknown
	case evaluate.Manual:
		return c.Manual
	case evaluate.Pass:
		return c.Pass
	}
	return 0
}

func (c *Counts) add(f evaluate.Finding) {
	switch {
	case suppressed(f):
		c.Suppressed++
	case f.Status == evaluate.Fail:
		c.Fail++
	case f.Status == evaluate.Unknown:
		c.Unknown++
	case f.Status == evaluate.Manual:
		c.Manual++
	case f.Status == evaluate.Pass:
		c.Pass++
	}
}

// Summary counts findings. Its size depends on the number of checks, not of findings.
type Summary struct {
	Counts
	Severities      map[string]Counts `json:"severities"`
	account, region only
	inCode          int64 // findings about code alone
	// Checks that gave a finding: the worst severity first, then the most failures, then by id.
	Checks []CheckSummary `json:"-"`
	// Causes of UNKNOWN by what went wrong ("denied: s3:GetBucketPolicy"), the most frequent first.
	Causes []Cause `json:"-"`
	// Reasons of suppressions, the most frequent first.
	Reasons []Cause `json:"-"`
}

// only is the value of something that is the same in all findings.
type only struct {
	value      string
	seen, many bool
}

func (o *only) add(value string) {
	o.many = o.many || o.seen && o.value != value
	o.value, o.seen = value, true
}

// one tells whether there was one value, and that is not empty.
func (o only) one() bool { return o.seen && !o.many && o.value != "" }

// CheckSummary counts the findings of one check, and keeps the first few failures.
type CheckSummary struct {
	ID, Title, Severity, Resource string
	Counts
	Examples []evaluate.Finding // failures, at most maxExamples
}

// Cause is a reason for UNKNOWN, or for a suppression, and how many findings have it.
type Cause struct {
	Text  string
	Count int64
}

const (
	maxExamples = 4
	maxCauses   = 1000 // distinct ones that are counted apart; the rest is "other causes", or "other reasons"
)

// Summarize walks the findings once.
func Summarize(findings Findings) (Summary, error) {
	s := Summary{Severities: map[string]Counts{}}
	checks := map[string]*CheckSummary{}
	causes, reasons := causeCounter{}, causeCounter{}
	for f, err := range findings {
		if err != nil {
			return Summary{}, fmt.Errorf("summarize findings: %w", err)
		}
		s.add(f)
		s.place(f)
		counts := s.Severities[f.Severity]
		counts.add(f)
		s.Severities[f.Severity] = counts
		check := checks[f.Check]
		if check == nil {
			check = &CheckSummary{ID: f.Check, Title: f.Title, Severity: f.Severity, Resource: f.ResourceType}
			checks[f.Check] = check
		}
		check.add(f)
		if failed(f) && len(check.Examples) < maxExamples {
			check.Examples = append(check.Examples, f)
		}
		switch {
		case suppressed(f):
			reasons.add(why(f.Suppressed), "other reasons")
		case f.Status == evaluate.Unknown:
			causes.add(shortCause(f.Cause), "other causes")
		}
	}
	for _, c := range checks {
		s.Checks = append(s.Checks, *c)
	}
	slices.SortFunc(s.Checks, func(a, b CheckSummary) int {
		return cmp.Or(cmp.Compare(rank(a.Severity), rank(b.Severity)), cmp.Compare(b.Fail, a.Fail), cmp.Compare(a.ID, b.ID))
	})
	s.Causes, s.Reasons = causes.list(), reasons.list()
	return s, nil
}

// place notes what findings have in common of where they are. Code has no account and no region.
func (s *Summary) place(f evaluate.Finding) {
	if inCode(f) {
		s.inCode++
		f.Account, f.Region = "", ""
	}
	s.account.add(f.Account)
	s.region.add(f.Region)
}

// causeCounter counts texts, but not more different ones than a reader would want.
type causeCounter map[string]int64

func (c causeCounter) add(text, others string) {
	if _, ok := c[text]; !ok && len(c) >= maxCauses {
		text = others
	}
	c[text]++
}

func (c causeCounter) list() []Cause {
	var list []Cause
	for text, count := range c {
		list = append(list, Cause{Text: text, Count: count})
	}
	slices.SortFunc(list, func(a, b Cause) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Text, b.Text)) })
	return list
}

// Failing are the checks with at least one failure.
func (s Summary) Failing() []CheckSummary {
	var failing []CheckSummary
	for _, c := range s.Checks {
		if c.Fail > 0 {
			failing = append(failing, c)
		}
	}
	return failing
}

// shortCause drops the vendor's own words, which differ from resource to resource: "denied: s3:GetBucketPolicy". What to type to know
// more is ours, and stays.
func shortCause(cause string) string {
	if cause == "" {
		return "no cause given"
	}
	if _, ok := optIn(cause); ok {
		return cause
	}
	short, _, _ := strings.Cut(cause, " (")
	return short
}

// Label is what a person calls the finding's resource. A finding about a whole scope is named by the scope.
func Label(f evaluate.Finding) string {
	switch {
	case inCode(f) && f.Location.Address != "":
		return f.Location.Address
	case f.ResourceName != "":
		return f.ResourceName
	case f.Resource != "":
		return f.Resource
	}
	return fmt.Sprintf("all %s in %s", f.ResourceType, place(f))
}

// place is the account and region of a finding, as "111122223333/eu-west-1", or file and line if it is about code.
func place(f evaluate.Finding) string {
	if inCode(f) {
		return at(f.Location.File, f.Location.Line)
	}
	return withCode(f, scopeOf(f))
}

// scopeOf is the account and region.
func scopeOf(f evaluate.Finding) string {
	if f.Region == "" {
		return f.Account
	}
	return f.Account + "/" + f.Region
}

// withCode adds where the code of a live finding is.
func withCode(f evaluate.Finding, place string) string {
	if f.Location == nil || f.Location.File == "" {
		return place
	}
	if place != "" {
		place += ", "
	}
	return place + at(f.Location.File, f.Location.Line)
}

// said is what a finding says beyond its status: what was found, or why it is not known.
func said(f evaluate.Finding) string {
	if f.Status == evaluate.Fail || f.Status == evaluate.Pass || f.Cause == "" {
		return f.Found
	}
	return f.Cause
}
