package compliance

import (
	"cmp"
	"fmt"
	"iter"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/mute"
)

// Tally is what findings say by check and scope. Its size depends on checks and accounts, not on findings: one walk over them
// serves any number of frameworks.
type Tally struct {
	counts map[tallyKey]*tallied
}

type tallyKey struct{ check, provider, account string }

type tallied struct {
	Counts
	causes map[string]int64 // of UNKNOWN
	// only counts findings that rules of some framework set aside there, by the framework.
	only map[string]*aside
}

// aside are findings that are set aside in the reports on one framework, and elsewhere counted under their status.
type aside struct {
	accepted, muted map[evaluate.Status]int64
}

const maxCauses = 20 // of one check in one scope; more tell a reader nothing

// NewTally walks findings once. Rules that hold in the reports on one framework alone count there alone.
func NewTally(findings iter.Seq2[evaluate.Finding, error], rules *mute.Rules) (*Tally, error) {
	t := &Tally{counts: map[tallyKey]*tallied{}}
	for f, err := range findings {
		if err != nil {
			return nil, fmt.Errorf("count findings: %w", err)
		}
		t.add(f, rules)
	}
	return t, nil
}

func (t *Tally) add(f evaluate.Finding, rules *mute.Rules) {
	key := tallyKey{f.Check, f.Provider, f.Account}
	n := t.counts[key]
	if n == nil {
		n = &tallied{causes: map[string]int64{}, only: map[string]*aside{}}
		t.counts[key] = n
	}
	if f.Suppressed == nil {
		f.Suppressed = rules.For(f, "")
	}
	if f.Suppressed != nil && f.Status != evaluate.Pass {
		if f.Suppressed.Accepted {
			n.Accepted++
		} else {
			n.Muted++
		}
		return
	}
	switch f.Status {
	case evaluate.Pass:
		n.Pass++
		return
	case evaluate.Fail:
		n.Fail++
	case evaluate.Manual:
		n.Manual++
	case evaluate.Unknown:
		n.Unknown++
		cause, _, _ := strings.Cut(f.Cause, " (")
		if len(n.causes) < maxCauses || n.causes[cause] > 0 {
			n.causes[cause]++
		}
	}
	for _, framework := range rules.Frameworks() {
		if marked := rules.For(f, framework); marked != nil {
			n.setAside(f.Status, framework, marked.Accepted)
		}
	}
}

func (n *tallied) setAside(status evaluate.Status, framework string, accepted bool) {
	a := n.only[framework]
	if a == nil {
		a = &aside{map[evaluate.Status]int64{}, map[evaluate.Status]int64{}}
		n.only[framework] = a
	}
	if accepted {
		a.accepted[status]++
	} else {
		a.muted[status]++
	}
}

// of gives the counts of a check in a scope, as reports on a framework see them.
func (t *Tally) of(framework, check string, s Scope) Counts {
	n := t.counts[tallyKey{check, s.Provider, s.Account}]
	if n == nil {
		return Counts{}
	}
	c := n.Counts
	if a := n.only[framework]; a != nil {
		for _, status := range []evaluate.Status{evaluate.Fail, evaluate.Unknown, evaluate.Manual} {
			both := a.accepted[status] + a.muted[status]
			c.Accepted, c.Muted = c.Accepted+a.accepted[status], c.Muted+a.muted[status]
			switch status {
			case evaluate.Fail:
				c.Fail -= both
			case evaluate.Unknown:
				c.Unknown -= both
			case evaluate.Manual:
				c.Manual -= both
			}
		}
	}
	return c
}

// cause is the most frequent reason why a check is unknown in a scope.
func (t *Tally) cause(check string, s Scope) string {
	n := t.counts[tallyKey{check, s.Provider, s.Account}]
	if n == nil {
		return ""
	}
	var most string
	for cause, count := range n.causes {
		if most == "" || cmp.Or(cmp.Compare(count, n.causes[most]), cmp.Compare(most, cause)) > 0 {
			most = cause
		}
	}
	return most
}
