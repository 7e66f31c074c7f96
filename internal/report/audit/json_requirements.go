package audit

import (
	"fmt"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
)

// jsonHeading is all that there is to say of a heading, and how a requirement begins.
type jsonHeading struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Parent string `json:"parent"`
	Group  bool   `json:"group"`
}

type jsonRequirement struct {
	jsonHeading
	Levels     []string          `json:"levels"`
	Assessment string            `json:"assessment,omitempty"`
	As         string            `json:"as,omitempty"` // framework/requirement whose answer this one has
	Answer     string            `json:"answer"`
	Left       string            `json:"left,omitempty"`
	Look       string            `json:"look,omitempty"`
	Status     compliance.Status `json:"status"`
	Measured   compliance.Status `json:"measured"` // empty: no check answers it here
	Why        string            `json:"why"`
	Counts     compliance.Counts `json:"counts"`
	Scopes     []jsonScopeResult `json:"scopes"`
	Checks     []jsonCheckResult `json:"checks"`
	Attested   *jsonAttestation  `json:"attestation,omitempty"`
	Expired    *jsonAttestation  `json:"expired_attestation,omitempty"`
}

type jsonScopeResult struct {
	Provider string            `json:"provider"`
	Account  string            `json:"account"`
	Status   compliance.Status `json:"status"`
	Measured compliance.Status `json:"measured"`
	Why      string            `json:"why"`
	Counts   compliance.Counts `json:"counts"`
	Attested *jsonAttestation  `json:"attestation,omitempty"`
}

type jsonCheckResult struct {
	Check    string            `json:"check"`
	Counts   compliance.Counts `json:"counts"`
	Loose    string            `json:"loose,omitempty"`
	Strict   string            `json:"strict,omitempty"`
	NotAsked []string          `json:"not_asked"`
}

type jsonAttestation struct {
	Answer   string   `json:"answer"`
	Author   string   `json:"author"`
	Date     string   `json:"date"`
	Until    string   `json:"until"`
	Note     string   `json:"note"`
	Accounts []string `json:"accounts"` // empty: all
	At       string   `json:"at"`       // attestations.yaml:3
}

func newJSONAttestation(a *content.Attestation) *jsonAttestation {
	if a == nil {
		return nil
	}
	return &jsonAttestation{a.Answer, a.Author, a.Date, a.Until, a.Note, notNil(a.Accounts), fmt.Sprintf("%s:%d", a.Pos.File, a.Pos.Line)}
}

func (d *Document) jsonRequirements(add func(any)) {
	for _, r := range d.Report.Requirements {
		head := jsonHeading{r.ID, r.Title, r.Parent, r.Group}
		if r.Group {
			add(head)
			continue
		}
		one := jsonRequirement{
			jsonHeading: head, Levels: notNil(r.Levels), Assessment: r.Assessment, As: r.As, Answer: r.Answer, Left: r.Left, Look: r.Look,
			Status: r.Status, Measured: r.Measured, Why: r.Why, Counts: r.Counts, Scopes: []jsonScopeResult{}, Checks: []jsonCheckResult{},
			Attested: newJSONAttestation(r.Attested), Expired: newJSONAttestation(r.Expired),
		}
		for i, s := range r.Scopes {
			in := d.Report.Scopes[i]
			one.Scopes = append(one.Scopes, jsonScopeResult{in.Provider, in.Account, s.Status, s.Measured, s.Why, s.Counts, newJSONAttestation(s.Attested)})
		}
		for _, c := range r.Checks {
			one.Checks = append(one.Checks, jsonCheckResult{c.Check.ID, c.Counts, c.Loose, c.Strict, notNil(c.NotAsked)})
		}
		add(one)
	}
}

type jsonCheck struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Severity string         `json:"severity"`
	Provider string         `json:"provider"`
	Resource string         `json:"resource_type"`
	Why      string         `json:"why"`
	Params   map[string]any `json:"params"` // that it was asked with
	// SQL is how it decides, by part: query, or when, ask, pass and found.
	SQL          map[string]string `json:"sql"`
	Manual       string            `json:"manual,omitempty"` // what a person must look at
	Fix          jsonFix           `json:"fix"`
	References   []string          `json:"references"`
	Requirements []string          `json:"requirements"`
}

type jsonFix struct {
	Text      string `json:"text"`
	CLI       string `json:"cli,omitempty"`
	Terraform string `json:"terraform,omitempty"`
	Caution   string `json:"caution,omitempty"`
}

func (d *Document) jsonChecks(add func(any)) {
	answers := d.answers()
	for _, c := range d.checks() {
		one := jsonCheck{
			ID: c.ID, Title: c.Title, Severity: c.Severity, Provider: c.Provider, Resource: c.Resource, Why: c.Why, Params: d.Params[c.ID], SQL: map[string]string{},
			Manual: c.Manual, Fix: jsonFix{c.Fix.Text, c.Fix.CLI, c.Fix.Terraform, c.Fix.Caution}, References: notNil(c.References), Requirements: answers[c.ID],
		}
		if one.Params == nil {
			one.Params = map[string]any{}
		}
		for _, part := range logic(c) {
			if part.Name != "manual" {
				one.SQL[part.Name] = part.SQL
			}
		}
		add(one)
	}
}
