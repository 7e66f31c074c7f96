package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
)

// danger is what fails of one check in one account for which one rule speaks, or none.
type danger struct {
	rule                  *evaluate.Suppressed // nil: nobody set it aside
	others                bool                 // it stands for several rules, of which rule is the first to end
	fails, unknown, looks int64
}

// maxRules bounds the rules that are told apart for one check in one account: comments in code are rules of one resource each.
const maxRules = 50

// endanger notes a finding that is a risk: that fails, or that somebody has accepted as one.
func (b *observed) endanger(f evaluate.Finding) {
	rule := suppressedAs(f)
	accepted := rule != nil && rule.Accepted
	if f.Status != evaluate.Fail && !accepted {
		return
	}
	r := b.danger(rule)
	switch f.Status {
	case evaluate.Fail:
		r.fails++
		if accepted {
			b.acceptedFails++
		}
	case evaluate.Unknown:
		r.unknown++
	case evaluate.Manual:
		r.looks++
	}
}

func (b *observed) danger(rule *evaluate.Suppressed) *danger {
	for _, r := range b.dangers {
		if !r.others && (rule == nil && r.rule == nil || rule != nil && r.rule != nil && *rule == *r.rule) {
			return r
		}
	}
	if rule == nil || len(b.dangers) < maxRules {
		r := &danger{rule: rule}
		b.dangers = append(b.dangers, r)
		return r
	}
	at := slices.IndexFunc(b.dangers, func(r *danger) bool { return r.others && r.rule.Accepted == rule.Accepted })
	if at < 0 {
		b.dangers = append(b.dangers, &danger{rule: rule, others: true})
		return b.dangers[len(b.dangers)-1]
	}
	r := b.dangers[at]
	if rule.Until != "" && (r.rule.Until == "" || rule.Until < r.rule.Until) {
		r.rule = rule
	}
	return r
}

// risks are what fails, by check, account and the rule that sets it aside.
func (o *oscalWriter) risks(add func(any)) {
	for _, b := range o.order {
		for _, r := range b.dangers {
			risk := o.risk(b, r)
			b.risks = append(b.risks, risk.ID)
			add(risk)
		}
	}
}

func (o *oscalWriter) risk(b *observed, r *danger) oscalRisk {
	check := o.checks[b.check]
	found := countText(countsOf(r)) + " in " + scopeName(o.scopeOf(b.observedKey))
	risk := oscalRisk{
		ID: o.id("risk", b.check, b.provider, b.account, ruleKey(r)), Title: oscalLine(check.Title), Description: oscalText(check.ID + ": " + found),
		Statement: oscalText(cmp.Or(check.Why, check.Title)), Props: stanceProps("check", check.ID, "account", b.account), Status: "open", Origins: o.byTool(),
		Characters: []oscalCharacter{{o.byTool()[0], []oscalFacet{{"severity", "http://csrc.nist.gov/ns/oscal", cmp.Or(oscalString(check.Severity), "unknown")}}}},
	}
	for _, id := range b.ids {
		risk.Observations = append(risk.Observations, oscalRelatedObservation{id})
	}
	if r.rule == nil {
		if fix := fixText(check); fix != "" {
			risk.Responses = []oscalResponse{{o.id("response", b.check, b.provider, b.account), "recommendation", "Put it right", fix}}
		}
		return risk
	}
	risk.Description += ". " + oscalText(ruleText(r.rule))
	if r.others {
		risk.Description += oscalText("; with other rules, of which this one is the first to end")
	}
	risk.Props = append(risk.Props, stanceProps("reason", r.rule.Reason, "until", r.rule.Until, "owner", r.rule.Owner, "ticket", r.rule.Ticket, "rule", r.rule.By)...)
	if r.rule.Accepted {
		risk.Status, risk.Deadline = "deviation-approved", endOf(r.rule.Until)
	}
	return risk
}

func countsOf(r *danger) compliance.Counts {
	return compliance.Counts{Fail: r.fails, Unknown: r.unknown, Manual: r.looks}
}

func ruleKey(r *danger) string {
	if r.rule == nil {
		return "open"
	}
	if r.others {
		return fmt.Sprint("others ", r.rule.Accepted)
	}
	return fmt.Sprintf("%t %s %s %s %s %s", r.rule.Accepted, r.rule.By, r.rule.Until, r.rule.Reason, r.rule.Owner, r.rule.Ticket)
}

// endOf is the end of a day, empty where that is none.
func endOf(day string) string {
	at, err := time.Parse(content.DateFormat, day)
	if err != nil {
		return ""
	}
	return oscalTime(at.AddDate(0, 0, 1).Add(-time.Second))
}

func fixText(c *content.Check) string {
	texts := filled(oscalText(c.Fix.Text))
	if c.Fix.CLI != "" {
		texts = append(texts, "Command line: "+oscalText(c.Fix.CLI))
	}
	if c.Fix.Caution != "" {
		texts = append(texts, "Caution: "+oscalText(c.Fix.Caution))
	}
	return strings.Join(texts, "\n\n")
}
