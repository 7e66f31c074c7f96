package audit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	embedded "github.com/stancehq/stance/content"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// oscalSchema is NIST's; its file names the source.
var oscalSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	raw, err := os.ReadFile(filepath.Join("testdata", "oscal-1.1.3.json"))
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("oscal.json", doc); err != nil {
		return nil, err
	}
	return compiler.Compile("oscal.json")
})

// validOSCAL holds a document against the schema and against rules that the schema cannot say. It gives the results.
func validOSCAL(t *testing.T, raw []byte) oscalRead {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := oscalSchema()
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Fatalf("not valid: %v", err)
	}
	for _, wrong := range oscalMistakes(doc) {
		t.Error(wrong)
	}
	var all struct {
		Results oscalRead `json:"assessment-results"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all.Results
}

// oscalRead is what tests look at.
type oscalRead struct {
	Metadata oscalMetadata
	Local    struct{ Activities []oscalActivity } `json:"local-definitions"`
	Results  []struct {
		Reviewed     oscalReviewed `json:"reviewed-controls"`
		Attestations []oscalAttestation
		Observations []oscalObservation
		Risks        []oscalRisk
		Findings     []oscalFinding
		Remarks      string
	}
}

// references are the keys whose values name something of the document, with the keys of the lists in which that stands.
var references = map[string][]string{
	"observation-uuid": {"observations"}, "risk-uuid": {"risks"}, "task-uuid": {"tasks"}, "activity-uuid": {"activities"},
	"actor-uuid": {"components", "assessment-platforms", "parties"}, "component-uuid": {"components"}, "subject-uuid": {"inventory-items", "components", "parties"},
	"party-uuids": {"parties"}, "role-id": {"roles"},
}

// oscalMistakes finds what the schema cannot: names that are not unique or stand for nothing, properties in OSCAL's own space that it does
// not define, selections that exclude what they do not include, empty texts, and text that is markup or controls a screen.
func oscalMistakes(doc any) []string {
	var wrong []string
	defined, named := map[string][]string{}, map[string]bool{}
	walkJSON(doc, "", func(path string, key string, v any) {
		object, ok := v.(map[string]any)
		if !ok {
			return
		}
		for _, id := range []any{object["uuid"], object["id"]} {
			if id, ok := id.(string); ok {
				if named[id] {
					wrong = append(wrong, path+": "+id+" is not unique")
				}
				named[id] = true
				defined[key] = append(defined[key], id)
			}
		}
	})
	walkJSON(doc, "", func(path string, key string, v any) {
		switch v := v.(type) {
		case string:
			if lists := references[key]; lists != nil && !slices.ContainsFunc(lists, func(list string) bool { return slices.Contains(defined[list], v) }) {
				wrong = append(wrong, path+": "+v+" stands for nothing")
			}
			if key == "href" && strings.HasPrefix(v, "#") && !slices.Contains(defined["resources"], v[1:]) {
				wrong = append(wrong, path+": "+v+" is no resource")
			}
			if strings.TrimSpace(v) == "" {
				wrong = append(wrong, path+" is empty")
			}
			if strings.ContainsAny(v, "\x1b\u202e\r") || key != "description" && regexp.MustCompile(`<[a-z/]|[^\\]\]\(`).MatchString(v) && !strings.Contains(path, "/props/") {
				wrong = append(wrong, path+" is not escaped: "+v)
			}
		case map[string]any:
			if key == "props" && v["ns"] == nil && !slices.Contains([]string{"method", "asset-id", "version"}, v["name"].(string)) {
				wrong = append(wrong, path+": OSCAL defines no property "+v["name"].(string))
			}
			if key == "control-selections" {
				include, _ := v["include-controls"].([]any)
				exclude, _ := v["exclude-controls"].([]any)
				for _, one := range exclude {
					if !slices.ContainsFunc(include, func(i any) bool { return cmp.Equal(i, one) }) {
						wrong = append(wrong, path+": excludes what it does not include")
					}
				}
			}
		}
	})
	return wrong
}

// walkJSON visits all values. The items of a list have its key.
func walkJSON(v any, key string, visit func(path, key string, v any)) {
	var walk func(path, key string, v any)
	walk = func(path, key string, v any) {
		visit(path, key, v)
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				walk(path+"/"+name, name, member)
			}
		case []any:
			for _, item := range v {
				walk(path, key, item)
			}
		}
	}
	walk("", key, v)
}

func TestEveryDocumentIsValidOSCAL(t *testing.T) {
	validOSCAL(t, written(t, OSCAL{}, sample()))
}

func TestRulesOfOSCALFindWhatIsWrong(t *testing.T) {
	spoil := map[string]func(string) string{
		"stands for nothing": func(s string) string { return strings.Replace(s, `"risk-uuid":"`, `"risk-uuid":"0`, 1) },
		"is no resource":     func(s string) string { return strings.Replace(s, `"href":"#`, `"href":"#0`, 1) },
		"is not unique": func(s string) string {
			ids := regexp.MustCompile(`"uuid":"([^"]*)"`).FindAllStringSubmatch(s, 2)
			return strings.Replace(s, ids[1][0], ids[0][0], 1)
		},
		"defines no property": func(s string) string { return strings.Replace(s, `"name":"method"`, `"name":"way"`, 1) },
	}
	for want, change := range spoil {
		raw := string(written(t, OSCAL{}, sample()))
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(change(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if wrong := strings.Join(oscalMistakes(doc), "\n"); !strings.Contains(wrong, want) {
			t.Errorf("want a complaint %q, got %q", want, wrong)
		}
	}
}

func TestOnlyWhatIsMetIsSatisfied(t *testing.T) {
	d := sample()
	findings := map[string]oscalFinding{}
	for _, f := range validOSCAL(t, written(t, OSCAL{}, d)).Results[0].Findings {
		findings[prop(f.Props, "requirement")] = f
	}
	want := map[compliance.Status]oscalObjective{
		compliance.Met: {State: "satisfied", Reason: "pass"}, compliance.NotMet: {State: "not-satisfied", Reason: "fail"},
		compliance.Unknown: {State: "not-satisfied", Reason: "other"}, compliance.Manual: {State: "not-satisfied", Reason: "other"},
		compliance.Accepted: {State: "not-satisfied", Reason: "fail"}, compliance.NotHere: {State: "not-satisfied", Reason: "other"},
	}
	seen := map[compliance.Status]bool{}
	for _, r := range d.Report.Requirements {
		f, has := findings[r.ID]
		if has != (!r.Group && (len(r.Checks) > 0 || r.Attested != nil)) {
			t.Errorf("%s: a finding: %t", r.ID, has)
		}
		if !has {
			continue
		}
		seen[r.Status] = true
		if got := f.Target.Status; got.State != want[r.Status].State || got.Reason != want[r.Status].Reason || got.Remarks == "" || prop(f.Props, "status") != string(r.Status) {
			t.Errorf("%s is %s, but %+v", r.ID, r.Status, got)
		}
		if applies := f.Target.Implementation == nil || f.Target.Implementation.State != "not-applicable"; applies == (r.Status == compliance.NotHere) {
			t.Errorf("%s is %s, but its implementation is %+v", r.ID, r.Status, f.Target.Implementation)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("only %v were looked at", seen)
	}
}

func TestWhatIsAcceptedUnseenDoesNotFail(t *testing.T) {
	d := sample()
	findings := sampleFindings()
	for i, f := range findings {
		if f.Suppressed != nil && f.Suppressed.Accepted {
			findings[i].Status = evaluate.Unknown
		}
	}
	d.Result.Findings = listed(findings)
	d.Report = assess(d, findings, nil)
	for _, f := range validOSCAL(t, written(t, OSCAL{}, d)).Results[0].Findings {
		if prop(f.Props, "status") == "accepted" && f.Target.Status.Reason != "other" {
			t.Errorf("%s: %+v", f.Title, f.Target.Status)
		}
	}
}

func prop(props []oscalProp, name string) string {
	for _, p := range props {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

func TestNobodyAssessedIsNotReviewed(t *testing.T) {
	reviewed := validOSCAL(t, written(t, OSCAL{}, sample())).Results[0].Reviewed.Selections[0]
	if diff := cmp.Diff([]oscalControlRef{{"acme-2.0_1.4"}}, reviewed.Exclude); diff != "" {
		t.Error(diff)
	}
	if len(reviewed.Include) != 11 {
		t.Errorf("%d controls", len(reviewed.Include))
	}
}

func TestRisksAreWhatFails(t *testing.T) {
	risks := map[string]oscalRisk{}
	for _, r := range validOSCAL(t, written(t, OSCAL{}, sample())).Results[0].Risks {
		risks[prop(r.Props, "check")] = r
	}
	if len(risks) != 3 {
		t.Fatalf("%d risks", len(risks))
	}
	if r := risks["aws_iam_user_mfa_for_console"]; r.Status != "open" || r.Deadline != "" || len(r.Responses) != 1 || r.Characters[0].Facets[0].Value != "critical" {
		t.Errorf("%+v", r)
	}
	if r := risks["aws_s3_bucket_versioning"]; r.Status != "deviation-approved" || r.Deadline != "2027-06-30T23:59:59Z" || prop(r.Props, "ticket") != "SEC-12" || prop(r.Props, "owner") != "Web team" {
		t.Errorf("%+v", r)
	}
	if r := risks["aws_s3_bucket_access_logged"]; r.Status != "open" || r.Deadline != "" || !strings.Contains(r.Description, "Muted until 2026-12-31") {
		t.Errorf("what is muted stays open: %+v", r)
	}
}

func TestRulesOfManyResourcesAreBounded(t *testing.T) {
	b := &observed{}
	for i := range 1000 {
		day := "2027-01-01"
		if i == 700 {
			day = "2026-12-31"
		}
		b.endanger(evaluate.Finding{Status: evaluate.Fail, Suppressed: &evaluate.Suppressed{By: strings.Repeat("x", i), Until: day, Accepted: true, Owner: "a"}})
	}
	last := b.dangers[len(b.dangers)-1]
	if len(b.dangers) != maxRules+1 || !last.others || last.fails != 1000-maxRules || last.rule.Until != "2026-12-31" {
		t.Errorf("%d, of which the last is %+v", len(b.dangers), last)
	}
}

func TestObservationsAreOnePerCheckAndAccount(t *testing.T) {
	observations := validOSCAL(t, written(t, OSCAL{}, sample())).Results[0].Observations
	seen := map[[2]string]oscalObservation{}
	for _, b := range observations {
		key := [2]string{prop(b.Props, "check"), prop(b.Props, "account")}
		if _, twice := seen[key]; twice {
			t.Errorf("%v twice", key)
		}
		seen[key] = b
		if len(b.Evidence) > 2*passEvidence {
			t.Errorf("%v lists %d", key, len(b.Evidence))
		}
	}
	// One of the 9 checks was not asked in one of the 2 accounts.
	if len(seen) != 17 {
		t.Errorf("%d observations", len(seen))
	}
	if b := seen[[2]string{"aws_s3_bucket_access_logged", production}]; len(b.Evidence) != passEvidence || b.Remarks != "5 of 30 findings are listed here; -o json has all." {
		t.Errorf("%+v", b)
	}
	if b := seen[[2]string{"aws_efs_file_system_encrypted", sandbox}]; !strings.Contains(b.Description, "nothing that it speaks of was found") || b.Evidence != nil {
		t.Errorf("%+v", b)
	}
}

// Findings of a check come in several runs where it had another severity in an earlier scan of the state.
func TestObservationsInSeveralRunsAreApart(t *testing.T) {
	d := sample()
	d.Result.Findings = listed(slices.Concat(sampleFindings(), sampleFindings()))
	validOSCAL(t, written(t, OSCAL{}, d))
}

func TestAttestationsAreOfParties(t *testing.T) {
	all := validOSCAL(t, written(t, OSCAL{}, sample()))
	if len(all.Metadata.Parties) != 1 || all.Metadata.Parties[0].Name != "ann@acme.example" || len(all.Results[0].Attestations) != 1 {
		t.Fatalf("%+v", all.Metadata.Parties)
	}
	a := all.Results[0].Attestations[0]
	if a.Responsible[0].Parties[0] != all.Metadata.Parties[0].ID || a.Parts[0].Class != "met" || prop(a.Parts[0].Props, "control") != "acme-2.0_1.3" {
		t.Errorf("%+v", a)
	}
	d := sample()
	d.Report = assess(d, sampleFindings(), nil)
	if all := validOSCAL(t, written(t, OSCAL{}, d)); all.Metadata.Parties != nil || all.Metadata.Roles != nil || all.Results[0].Attestations != nil {
		t.Error("there is nobody to name")
	}
}

func TestControlsAreNamedAsCatalogsDo(t *testing.T) {
	for _, c := range []struct {
		framework, as, id string
		want              oscalControl
	}{
		{"nist-800-53-r5", "", "AC-2(1)", oscalControl{"ac-2.1", "ac-2.1_smt"}},
		{"fedramp-r5-moderate", "nist-800-53-r5", "SC-7(18)", oscalControl{"sc-7.18", "sc-7.18_smt"}},
		{"nist-800-171-r3", "", "03.01.01", oscalControl{"SP_800_171_03.01.01", "statement_03.01.01"}},
		{"nist-csf-2.0", "", "PR.AA-01", oscalControl{"PR.AA-01", "PR.AA-01_statement"}},
		{"cis-aws-7.0", "", "2.1.1", oscalControl{"cis-aws-7.0_2.1.1", "cis-aws-7.0_2.1.1_smt"}},
		{"soc2-2017", "", "CC6.1", oscalControl{"CC6.1", "CC6.1_smt"}},
		{"hipaa-security-rule", "", "164.308(a)(1)(ii)(A)", oscalControl{"hipaa-security-rule_164.308.a.1.ii.A", "hipaa-security-rule_164.308.a.1.ii.A_smt"}},
		{"csa-ccm-4.0", "", "A&A-01", oscalControl{"A_A-01", "A_A-01_smt"}},
		{"7 of ours", "", "=2.9", oscalControl{"_2.9", "_2.9_smt"}},
	} {
		got := oscalControls(&content.Framework{ID: c.framework, As: c.as, Requirements: []*content.Requirement{{ID: c.id}}})[c.id]
		if got != c.want {
			t.Errorf("%s of %s became %v, want %v", c.id, c.framework, got, c.want)
		}
	}
}

func TestControlsOfAllFrameworksAreApart(t *testing.T) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pack.Frameworks()
	if err != nil {
		t.Fatal(err)
	}
	clash := &content.Framework{ID: "clash", Requirements: []*content.Requirement{{ID: "A(1)"}, {ID: "A.1"}, {ID: "A.1_2"}, {ID: "a&b"}, {ID: "a b"}}}
	token := regexp.MustCompile(`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`)
	for _, f := range append(all, clash) {
		seen := map[string]string{}
		for id, c := range oscalControls(f) {
			if other, twice := seen[c.id]; twice || !token.MatchString(c.id) || !token.MatchString(c.statement) {
				t.Errorf("%s: %s is %v, and %q too", f.ID, id, c, other)
			}
			seen[c.id] = id
		}
	}
}

func TestUnseenAccountIsSaid(t *testing.T) {
	d := sample()
	d.Result.Scan.Accounts = append(d.Result.Scan.Accounts, report.Account{ID: "777788889999", Error: "denied: sts:AssumeRole"})
	d.Report = assess(d, sampleFindings(), nil)
	all := validOSCAL(t, written(t, OSCAL{}, d))
	if !strings.Contains(all.Results[0].Remarks, "account 777788889999: denied: sts:AssumeRole") {
		t.Error(all.Results[0].Remarks)
	}
	for _, b := range all.Results[0].Observations {
		if prop(b.Props, "account") == "777788889999" {
			t.Errorf("nothing was observed there: %+v", b)
		}
	}
}
