// Package mute applies a user's rules about findings that nobody need act on for a while, or whose risk is accepted. A rule changes no
// verdict and hides nothing: it marks findings as they are read, and they come back when it ends. The lake knows nothing of it.
package mute

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/normalize"
)

// Rules are the rules of a file that hold on a day. The zero value and nil mark nothing.
type Rules struct {
	rules      []rule
	frameworks []string // that some rule is for alone
	ended      []content.Mute
}

type rule struct {
	content.Mute
	marked evaluate.Suppressed
}

// New gives the rules that hold on the day of at, in UTC.
func New(mutes []content.Mute, at time.Time) *Rules {
	r := &Rules{}
	today := at.UTC().Format(content.DateFormat)
	for _, m := range mutes {
		if m.Until != "" && m.Until < today {
			r.ended = append(r.ended, m)
			continue
		}
		r.rules = append(r.rules, rule{m, evaluate.Suppressed{
			Reason: m.Reason, Until: m.Until, By: fmt.Sprintf("%s:%d", m.Pos.File, m.Pos.Line), Accepted: m.Accept, Owner: m.Owner, Ticket: m.Ticket,
		}})
		r.frameworks = append(r.frameworks, m.Frameworks...)
	}
	slices.Sort(r.frameworks)
	r.frameworks = slices.Compact(r.frameworks)
	return r
}

// Ended are the rules that hold no longer: their findings are back.
func (r *Rules) Ended() []content.Mute {
	if r == nil {
		return nil
	}
	return r.ended
}

// Frameworks are those that some rule is for alone.
func (r *Rules) Frameworks() []string {
	if r == nil {
		return nil
	}
	return r.frameworks
}

// For gives what the first rule says that fits a finding, nil if none does: of the rules that hold everywhere and, where a framework is
// named, of those for it. A finding that passes needs no rule.
func (r *Rules) For(f evaluate.Finding, framework string) *evaluate.Suppressed {
	if r == nil || f.Status == evaluate.Pass {
		return nil
	}
	for i := range r.rules {
		one := &r.rules[i]
		if (len(one.Frameworks) == 0 || slices.Contains(one.Frameworks, framework)) && one.fits(f) {
			marked := one.marked
			return &marked
		}
	}
	return nil
}

func (r *rule) fits(f evaluate.Finding) bool {
	if r.Checks != nil && !r.Checks[f.Check] {
		return false
	}
	for key, pattern := range r.Tags {
		if value, has := f.Tags[key]; !has || !normalize.Glob(pattern, value) {
			return false
		}
	}
	return matches(r.Account, f.Account) && matches(r.Region, cmp.Or(f.Region, "global")) && (matches(r.Resource, f.Resource) || matches(r.Resource, f.ResourceName))
}

// matches says whether one of the patterns matches. What is not named matches no pattern: a rule about a resource is not about an
// account whose resources could not be listed.
func matches(patterns []string, text string) bool {
	return len(patterns) == 0 || text != "" && slices.ContainsFunc(patterns, func(p string) bool { return normalize.Glob(p, text) })
}

// Apply marks findings. Those that code suppresses stay as they are.
func (r *Rules) Apply(findings iter.Seq2[evaluate.Finding, error], framework string) iter.Seq2[evaluate.Finding, error] {
	if r == nil || len(r.rules) == 0 {
		return findings
	}
	return func(yield func(evaluate.Finding, error) bool) {
		for f, err := range findings {
			if err == nil && f.Suppressed == nil {
				f.Suppressed = r.For(f, framework)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}
