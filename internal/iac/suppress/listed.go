package suppress

import (
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// list takes the suppressions of the settings file.
func (r *reader) list() {
	for _, s := range r.o.Listed {
		at := iac.Range{File: s.Pos.File, Line: s.Pos.Line, Column: s.Pos.Column, EndLine: s.Pos.Line, EndColumn: s.Pos.Column}
		if s.Until != "" && s.Until < r.today {
			r.problem(at, "it suppresses nothing: it has expired: its last day was %s", s.Until)
			continue
		}
		e := &entry{
			checks: s.Checks, at: at, where: whereOf(s),
			result: Result{Reason: clean(s.Reason), Until: s.Until, By: by(at), Owner: s.Owner, Ticket: s.Ticket},
		}
		r.l.entries = append(r.l.entries, e)
		for check := range s.Checks {
			r.l.listed[check] = append(r.l.listed[check], e)
		}
		if s.Checks == nil {
			r.l.listed[content.AllChecks] = append(r.l.listed[content.AllChecks], e)
		}
	}
}

// where is what must hold for a finding, beside its check.
type where struct {
	addresses []address
	paths     [][]string
	units     [][]string
	tags      map[string]string
}

func whereOf(s content.Suppression) *where {
	w := &where{tags: s.Tags}
	for _, pattern := range s.Address {
		w.addresses = append(w.addresses, splitAddress(pattern))
	}
	for _, pattern := range s.Path {
		w.paths = append(w.paths, strings.Split(strings.TrimSuffix(pattern, "/"), "/"))
	}
	for _, pattern := range s.Unit {
		w.units = append(w.units, strings.Split(strings.TrimSuffix(pattern, "/"), "/"))
	}
	return w
}

func (w *where) holds(s Subject) bool {
	return w.tagged(s.Tags) && w.addressed(s.Address) && within(w.units, s.Unit) &&
		(within(w.paths, s.Block.File) || within(w.paths, s.At.File))
}

func (w *where) tagged(tags map[string]string) bool {
	for key, pattern := range w.tags {
		value, there := tags[key]
		if !there || !matchText(pattern, value) {
			return false
		}
	}
	return true
}

func (w *where) addressed(text string) bool {
	if len(w.addresses) == 0 {
		return true
	}
	if text == "" {
		return false
	}
	own := splitAddress(text)
	for _, pattern := range w.addresses {
		if pattern.matches(own) {
			return true
		}
	}
	return false
}

// within tells whether a path, or a folder that it lies in, matches one of the patterns. No pattern is no condition.
func within(patterns [][]string, name string) bool {
	if len(patterns) == 0 {
		return true
	}
	if name == "" {
		return false
	}
	segments := strings.Split(name, "/")
	for _, pattern := range patterns {
		if matchSegments(pattern, segments, matchText, true) {
			return true
		}
	}
	return false
}
