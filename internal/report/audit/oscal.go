package audit

import (
	"encoding/base64"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/terminal"
)

// OSCAL is assessment results as NIST's Open Security Controls Assessment Language has them, in JSON.
//
// A target of a finding is satisfied or not-satisfied there, and a word of its own says why: pass, fail or other. Only what is met is
// satisfied. What is unknown, what a person must look at, what is accepted and what does not apply is not-satisfied, which by OSCAL's
// definition "has not been completely satisfied", with the reason other where nothing fails, the status in Stance's words as a property,
// and remarks that say what decided. Requirements that no check looks at and nobody attests have no finding: nobody assessed them.
// They are excluded from the reviewed controls, where they are named.
//
// An observation is what one check found in one account; its evidence lists findings up to a bound and counts the rest. What fails is a
// risk, open until it passes; a risk that somebody accepted is a deviation-approved one, with the day on which that ends. An answer of
// a person is an attestation, and changes no finding.
type OSCAL struct{}

const (
	oscalVersion = "1.1.3"
	// oscalSpace qualifies the properties that are Stance's own.
	oscalSpace = "https://github.com/stancehq/stance/ns/oscal"
)

// Write implements Writer.
func (OSCAL) Write(out io.Writer, d *Document, _ terminal.Terminal) error {
	return writeObject(out, func(w *stream) {
		o := newOSCALWriter(w, d)
		w.object("assessment-results", func() {
			w.field("uuid", o.id("document"))
			w.field("metadata", o.metadata())
			w.field("import-ap", oscalImport{"#" + o.id("no plan"), "There is no assessment plan: the resource says why."})
			w.object("local-definitions", func() { w.some("activities", o.activities) })
			w.key("results")
			w.nest("[", "]", func() {
				w.next()
				w.nest("{", "}", o.result)
			})
			w.field("back-matter", o.backMatter())
		})
	})
}

// oscalWriter writes the parts of a document and keeps what those that come later refer to: it grows with checks and accounts, not
// with findings.
type oscalWriter struct {
	*stream
	d        *Document
	controls map[string]oscalControl // by requirement
	scopes   map[scopeKey]compliance.Scope
	checks   map[string]*content.Check
	seen     map[observedKey]*observed
	order    []*observed // as they were written
}

type scopeKey struct{ provider, account string }

func newOSCALWriter(w *stream, d *Document) *oscalWriter {
	o := &oscalWriter{
		stream: w, d: d, controls: oscalControls(d.Report.Framework), scopes: map[scopeKey]compliance.Scope{}, checks: map[string]*content.Check{},
		seen: map[observedKey]*observed{},
	}
	for _, s := range d.Report.Scopes {
		o.scopes[scopeKey{s.Provider, s.Account}] = s
	}
	for _, c := range d.checks() {
		o.checks[c.ID] = c
	}
	return o
}

// id names something of this scan, framework and level. The same report has the same names whenever it is written.
func (o *oscalWriter) id(parts ...string) string {
	return lastingID(append([]string{o.d.Result.Scan.ID, o.d.Report.Framework.ID, o.d.Report.Level}, parts...)...)
}

// lastingID names something that many reports speak of, such as an account.
func lastingID(parts ...string) string {
	space := uuid.NewSHA1(uuid.NameSpaceURL, []byte(oscalSpace))
	return uuid.NewSHA1(space, []byte(strings.Join(parts, "\x00"))).String()
}

func toolID(version string) string { return lastingID("tool", version) }

func accountID(s compliance.Scope) string { return lastingID("account", s.Provider, s.Account) }

// byTool is the origin of what Stance says.
func (o *oscalWriter) byTool() []oscalOrigin {
	return []oscalOrigin{{Actors: []oscalActor{{"tool", toolID(o.d.Version)}}}}
}

func (o *oscalWriter) metadata() oscalMetadata {
	d := o.d
	m := oscalMetadata{
		Title: oscalLine(d.title() + ": assessment results"), Modified: oscalTime(d.Generated), Version: oscalString(d.Result.Scan.ID), OSCAL: oscalVersion,
		Props: stanceProps("framework", d.Report.Framework.ID, "level", d.Report.Level, "scan", d.Result.Scan.ID, "stance-version", d.Version, "content", d.Content),
		Links: []oscalLink{{"#" + o.id("framework"), "reference", "The framework"}},
		Remarks: "Only what is met is *satisfied*. What is unknown, what a person must look at, what is accepted as a risk and what does not apply is " +
			"*not-satisfied*; the property *status* and the remarks of its target tell them apart. Requirements that no check looks at and nobody attests " +
			"are excluded from the reviewed controls and have no finding.",
	}
	for _, a := range o.attestations() {
		id := partyID(a.Attestation)
		if !hasParty(m.Parties, id) {
			m.Parties = append(m.Parties, oscalParty{id, "person", oscalString(a.Author)})
		}
	}
	if len(m.Parties) > 0 {
		m.Roles = []oscalRole{{attesterRole, "Attester", "Answers for requirements that no scan can tell."}}
	}
	return m
}

func (o *oscalWriter) backMatter() oscalBackMatter {
	f := o.d.Report.Framework
	const noPlan = "There is no assessment plan in OSCAL. Which checks were asked, how each decides and which controls it answers is in the activities of " +
		"local-definitions; what was examined is in the inventory items of the results."
	source := oscalResource{
		ID: o.id("framework"), Title: oscalLine(f.Title), Description: oscalText(f.About),
		Props:    stanceProps("framework", f.ID, "version", f.Version, "publisher", f.Publisher, "date", f.Source.Date),
		Citation: &oscalCitation{oscalLine(strings.Join(filled(f.Publisher, f.Source.Document, f.Source.Date), ", "))},
		Remarks:  oscalText(strings.Join(frameworkNotes(f), " ")),
	}
	if u, err := url.Parse(f.Source.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		source.Links = []oscalResourceLink{{u.String()}}
	}
	plan := oscalResource{
		ID: o.id("no plan"), Title: "No assessment plan", Description: noPlan,
		Base64: &oscalBase64{"no-assessment-plan.txt", "text/plain", base64.StdEncoding.EncodeToString([]byte(noPlan))},
	}
	return oscalBackMatter{[]oscalResource{plan, source}}
}

// frameworkNotes are what a reader must know of a framework's text.
func frameworkNotes(f *content.Framework) []string {
	var notes []string
	if !f.Quoted {
		notes = append(notes, "Titles are our own words, not the publisher's.")
	}
	if f.Missing != "" {
		notes = append(notes, "Not here: "+f.Missing)
	}
	if f.OwnIDs {
		notes = append(notes, "The publisher gives no identifiers: they are our own.")
	}
	return notes
}

// activities are the checks: what was done, and how each decides.
func (o *oscalWriter) activities(add func(any)) {
	answers := o.d.answers()
	for _, c := range o.d.checks() {
		a := oscalActivity{
			ID: o.id("activity", c.ID), Title: oscalLine(c.Title), Description: oscalText(c.Why),
			Props: append([]oscalProp{{Name: "method", Value: "TEST"}}, stanceProps("check", c.ID, "severity", c.Severity, "resource-type", c.Resource)...),
		}
		if a.Description == "" {
			a.Description = a.Title
		}
		if params := o.d.Params[c.ID]; len(params) > 0 {
			a.Remarks = oscalText("It was asked with " + paramText(params) + ".")
		}
		for _, part := range logic(c) {
			text := oscalText(part.SQL)
			if part.Name != "manual" {
				text = oscalSQL(part.SQL)
			}
			a.Steps = append(a.Steps, oscalStep{o.id("step", c.ID, part.Name), part.Name, text})
		}
		var controls []oscalControlRef
		for _, r := range answers[c.ID] {
			controls = append(controls, oscalControlRef{o.controls[r].id})
		}
		a.Controls = &oscalReviewed{Selections: []oscalSelection{{Include: controls}}}
		add(a)
	}
}

// result writes all that the scan found.
func (o *oscalWriter) result() {
	scan := o.d.Result.Scan
	o.field("uuid", o.id("result"))
	o.field("title", oscalLine(o.d.title()+": scan "+scan.ID))
	o.field("description", oscalText(o.d.scanned()+". Coverage "+report.NewCoverage(o.d.Result.Coverage).Line()+"."))
	o.field("start", oscalTime(scan.Started))
	o.field("end", oscalTime(scan.Finished))
	o.field("props", o.scoreProps())
	o.object("local-definitions", func() {
		o.some("inventory-items", o.inventory)
		o.field("assessment-assets", o.assets())
		o.some("tasks", o.tasks)
	})
	o.field("reviewed-controls", o.reviewed())
	o.some("attestations", o.writeAttestations)
	o.some("observations", func(add func(any)) { o.fail(o.observations(add)) })
	o.some("risks", o.risks)
	o.some("findings", o.findings)
	if remarks := o.notLookedAt(); remarks != "" {
		o.field("remarks", remarks)
	}
}

// inventory is the accounts that were examined.
func (o *oscalWriter) inventory(add func(any)) {
	known := map[string]report.Account{}
	for _, a := range o.d.Result.Scan.Accounts {
		known[a.ID] = a
	}
	for _, s := range o.d.Report.Scopes {
		item := oscalItem{
			ID: accountID(s), Description: oscalText(strings.Join(filled(s.Provider+" "+s.Account, s.Name), ", ")),
			Props: append(plainProps("asset-id", s.Account), stanceProps("provider", s.Provider, "name", s.Name)...),
		}
		if regions := known[s.Account].Regions; len(regions) > 0 {
			item.Remarks = oscalText("Regions: " + strings.Join(regions, ", "))
		}
		if s.Error != "" {
			item.Remarks = oscalText("Nothing of it could be seen: " + s.Error)
		}
		add(item)
	}
}

func (o *oscalWriter) assets() oscalAssets {
	tool := toolID(o.d.Version)
	return oscalAssets{
		Components: []oscalComponent{{
			ID: tool, Type: "software", Title: "Stance", Description: "Reads the configuration of clouds and judges it by checks. It changes nothing.",
			Props: plainProps("version", o.d.Version), Status: oscalState{"operational"},
		}},
		Platforms: []oscalPlatform{{lastingID("platform", o.d.Version), "Stance " + oscalLine(o.d.Version), []oscalUses{{tool}}}},
	}
}

// tasks tie observations to activities: OSCAL knows no other way.
func (o *oscalWriter) tasks(add func(any)) {
	for _, c := range o.d.checks() {
		all := oscalSubjects{Type: "inventory-item", All: &struct{}{}}
		add(oscalTask{o.taskID(c.ID), "action", oscalLine(c.Title), []oscalAssociated{{o.id("activity", c.ID), []oscalSubjects{all}}}})
	}
}

func (o *oscalWriter) taskID(check string) string { return o.id("task", check) }

func oscalTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// suppressedAs is what somebody said of a finding that counts as set aside.
func suppressedAs(f evaluate.Finding) *evaluate.Suppressed {
	if f.Status == evaluate.Pass {
		return nil
	}
	return f.Suppressed
}
