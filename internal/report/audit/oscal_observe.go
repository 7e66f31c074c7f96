package audit

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/evaluate"
)

// How many findings an observation lists as its evidence; the others are counted.
const (
	maxEvidence  = 100 // of each status but PASS
	passEvidence = 5
)

type observedKey struct{ check, provider, account string }

// observed is what one check found in one account.
type observed struct {
	observedKey
	ids    []string // of the observations: one, unless findings come in several runs
	counts compliance.Counts
	// acceptedFails are those of counts.Accepted that fail.
	acceptedFails int64
	dangers       []*danger
	risks         []string // ids of those that were written
}

// observation is one that is being gathered.
type observation struct {
	of       *observed
	counts   compliance.Counts
	evidence []oscalEvidenceItem
	listed   map[standing]int
}

// observations walks the findings once. Those of a check in an account follow each other, so that one observation is held at a time.
func (o *oscalWriter) observations(add func(any)) error {
	var now *observation
	flush := func() {
		if now != nil {
			add(o.observation(now))
		}
	}
	for f, err := range o.d.byCheck() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		if o.checks[f.Check] == nil {
			continue
		}
		if key := (observedKey{f.Check, f.Provider, f.Account}); now == nil || now.of.observedKey != key {
			flush()
			now = o.observe(key)
		}
		now.add(f)
		if o.err != nil {
			return o.err
		}
	}
	flush()
	o.nothingFound(add)
	return nil
}

func (o *oscalWriter) observe(key observedKey) *observation {
	of := o.seen[key]
	if of == nil {
		of = &observed{observedKey: key}
		o.seen[key] = of
		o.order = append(o.order, of)
	}
	of.ids = append(of.ids, o.id("observation", key.check, key.provider, key.account, fmt.Sprint(len(of.ids))))
	return &observation{of: of, listed: map[standing]int{}}
}

// nothingFound says of checks that were asked in an account, and found nothing there that they speak of, that they did.
func (o *oscalWriter) nothingFound(add func(any)) {
	notAsked := map[observedKey]bool{}
	for _, r := range o.d.Report.Requirements {
		for _, c := range r.Checks {
			for _, account := range c.NotAsked {
				notAsked[observedKey{c.Check.ID, c.Check.Provider, account}] = true
			}
		}
	}
	for _, c := range o.d.checks() {
		for _, s := range o.d.Report.Scopes {
			key := observedKey{c.ID, s.Provider, s.Account}
			if c.Provider == s.Provider && s.Error == "" && o.seen[key] == nil && !notAsked[key] {
				add(o.observation(o.observe(key)))
			}
		}
	}
}

func (n *observation) add(f evaluate.Finding) {
	s := standingOf(f)
	for _, c := range []*compliance.Counts{&n.counts, &n.of.counts} {
		*countOf(c, s)++
	}
	n.of.endanger(f)
	most := maxEvidence
	if f.Status == evaluate.Pass {
		most = passEvidence
	}
	if n.listed[s]++; n.listed[s] <= most {
		n.evidence = append(n.evidence, newEvidence(f, s))
	}
}

func countOf(c *compliance.Counts, s standing) *int64 {
	return map[standing]*int64{
		standPass: &c.Pass, standFail: &c.Fail, standUnknown: &c.Unknown, standManual: &c.Manual, standAccepted: &c.Accepted, standMuted: &c.Muted,
	}[s]
}

func newEvidence(f evaluate.Finding, s standing) oscalEvidenceItem {
	name := f.ResourceName
	if name == "" {
		name = f.Resource
	}
	if name == "" {
		name = "all " + f.ResourceType
	}
	said := f.Found
	if said == "" {
		said = f.Cause
	}
	e := oscalEvidenceItem{
		Description: oscalText(strings.Join(filled(name+": "+standingWords(s), said), ", ")),
		Props:       stanceProps("status", strings.ToLower(string(f.Status)), "resource", f.Resource, "resource-type", f.ResourceType, "region", f.Region),
	}
	if marked := suppressedAs(f); marked != nil {
		e.Remarks = oscalText(ruleText(marked))
	}
	return e
}

// ruleText says who set a finding aside, and why.
func ruleText(s *evaluate.Suppressed) string {
	text := "Muted"
	if s.Accepted {
		text = "Risk accepted"
	}
	if s.Until != "" {
		text += " until " + s.Until
	}
	text += ": " + strings.TrimSuffix(s.Reason, ".")
	for _, part := range []struct{ name, value string }{{"owner", s.Owner}, {"ticket", s.Ticket}, {"by", s.By}} {
		if part.value != "" {
			text += "; " + part.name + " " + part.value
		}
	}
	return text
}

func (o *oscalWriter) observation(n *observation) oscalObservation {
	check, scope := o.checks[n.of.check], o.scopeOf(n.of.observedKey)
	found := countText(n.counts)
	if n.counts.Total() == 0 {
		found = "asked, and nothing that it speaks of was found"
	}
	origin := o.byTool()
	origin[0].Tasks = []oscalRelatedTask{{o.taskID(check.ID)}}
	b := oscalObservation{
		ID: n.of.ids[len(n.of.ids)-1], Title: oscalLine(check.Title), Description: oscalText(scopeName(scope) + ": " + found),
		Props:   append(stanceProps("check", check.ID, "severity", check.Severity, "account", n.of.account), countProps(n.counts)...),
		Methods: []string{"TEST"}, Types: []string{"finding"}, Origins: origin, Evidence: n.evidence, Collected: oscalTime(o.d.Result.Scan.Finished),
	}
	if _, known := o.scopes[scopeKey{scope.Provider, scope.Account}]; known {
		b.Subjects = []oscalSubject{{accountID(scope), "inventory-item", oscalLine(scopeName(scope))}}
	}
	if left := n.counts.Total() - int64(len(n.evidence)); left > 0 {
		b.Remarks = fmt.Sprintf("%s of %s findings are listed here; -o json has all.", number(int64(len(n.evidence))), number(n.counts.Total()))
	}
	return b
}

// scopeOf is the account of findings, as the report has it.
func (o *oscalWriter) scopeOf(key observedKey) compliance.Scope {
	if s, known := o.scopes[scopeKey{key.provider, key.account}]; known {
		return s
	}
	return compliance.Scope{Provider: key.provider, Account: key.account}
}

// scopeName is how a person calls an account: "production (111122223333)".
func scopeName(s compliance.Scope) string {
	if s.Name == "" || s.Name == s.Account {
		return s.Account
	}
	return s.Name + " (" + s.Account + ")"
}

// countText says numbers of findings in words: "2 fail, 1 pass".
func countText(c compliance.Counts) string {
	var parts []string
	for _, s := range standings() {
		if n := of(c, s); n > 0 {
			parts = append(parts, number(n)+" "+standingWords(s))
		}
	}
	return strings.Join(parts, ", ")
}

// countProps has numbers of findings by what they are; what is not there is 0.
func countProps(c compliance.Counts) []oscalProp {
	var pairs []string
	for _, s := range standings() {
		if n := of(c, s); n > 0 {
			pairs = append(pairs, string(s), fmt.Sprint(n))
		}
	}
	return stanceProps(pairs...)
}
