package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

func sarifRules(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "sarif-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("sarif.json")
}

// readSARIF also holds what the standard asks for beyond its schema.
func readSARIF(t *testing.T, raw []byte) (tool sarifDriver, notes []sarifNotification, results []sarifResult) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := sarifRules(t).Validate(doc); err != nil {
		t.Fatalf("not valid: %v", err)
	}
	var log struct {
		Runs []struct {
			Tool        sarifTool
			Invocations []sarifInvocation
			Results     []sarifResult
		}
	}
	if err := json.Unmarshal(raw, &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for i, r := range run.Results {
		if r.RuleIndex == nil || run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %d: its rule is not %s", i, r.RuleID)
		}
		if r.Kind != "fail" && r.Level != "none" {
			t.Errorf("result %d: kind %s has level %s", i, r.Kind, r.Level)
		}
		if strings.Count(r.Message.Text, "](") != len(r.Related) {
			t.Errorf("result %d: %d related locations, but %q", i, len(r.Related), r.Message.Text)
		}
		for _, l := range slices.Concat(r.Locations, r.Related) {
			if l.Physical == nil {
				continue
			}
			if at := l.Physical.Region; at != nil && at.EndLine == at.StartLine && at.EndColumn > 0 && at.EndColumn <= at.StartColumn {
				t.Errorf("result %d: an empty region %+v", i, *at)
			}
			if uri := l.Physical.Artifact.URI; strings.HasPrefix(uri, "/") || strings.ContainsAny(uri, " \n:\"<>`|\\") {
				t.Errorf("result %d: %q is no relative URI", i, uri)
			}
		}
	}
	known := map[string]bool{}
	for _, n := range run.Tool.Driver.Notifications {
		known[n.ID] = true
	}
	for _, n := range run.Invocations[0].Notifications {
		if !known[n.Descriptor.ID] {
			t.Errorf("the notification %s is not described", n.Descriptor.ID)
		}
	}
	return run.Tool.Driver, run.Invocations[0].Notifications, run.Results
}

func TestEveryLogIsValidSARIF(t *testing.T) {
	empty := codeResult(t)
	empty.Findings, empty.Coverage, empty.Scan.Accounts, empty.Scan.Notes = listed(nil), nil, nil, nil
	summarized(t, empty)
	for name, result := range map[string]*Result{"live": sampleResult(t), "code": codeResult(t), "empty": empty} {
		for _, format := range []string{"sarif", "github"} {
			t.Run(name+" for "+format, func(t *testing.T) {
				readSARIF(t, write(t, format, result, terminal.Terminal{}))
			})
		}
	}
}

func TestLogHasWhatIsNotPassed(t *testing.T) {
	_, notes, results := readSARIF(t, write(t, "sarif", codeResult(t), terminal.Terminal{}))
	got := map[string]int{}
	for _, r := range results {
		kind := r.Kind
		if len(r.Suppressions) > 0 {
			kind += " suppressed " + r.Suppressions[0].Kind
		}
		got[kind]++
	}
	want := map[string]int{"fail": 6, "open": 1, "review": 1, "fail suppressed inSource": 1, "open suppressed external": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(notes) != 3 {
		t.Errorf("a note and a gap are told with the coverage: %+v", notes)
	}
}

func TestGitHubGetsOnlyWhatItShouldOpenAnAlertFor(t *testing.T) {
	_, notes, results := readSARIF(t, write(t, "github", codeResult(t), terminal.Terminal{}))
	if len(results) != 6 {
		t.Fatalf("%d results, want the 6 failures that nobody suppressed", len(results))
	}
	told := map[string]int{}
	for _, n := range notes {
		told[n.Descriptor.ID]++
	}
	if diff := cmp.Diff(map[string]int{"coverage": 2, "scan": 1, "unknown": 1, "suppressed": 2, "left-out": 1}, told); diff != "" {
		t.Error(diff)
	}
	_, _, results = readSARIF(t, write(t, "github", sampleResult(t), terminal.Terminal{}))
	for i, r := range results {
		if r.Kind != "fail" || r.Locations[0].Physical == nil || r.Locations[0].Physical.Region == nil {
			t.Errorf("result %d: GitHub refuses a log with a result that has no file and line: %+v", i, r.Locations)
		}
	}
	if got, want := results[0].Locations[0].Physical.Artifact.URI, "aws/111122223333/eu-west-1/aws_s3_bucket/arn%3Aaws%3As3%3A%3A%3Awebsite"; got != want {
		t.Errorf("a bucket lies in %s, want %s", got, want)
	}
}

func TestResultPointsIntoTheRepository(t *testing.T) {
	_, _, results := readSARIF(t, write(t, "sarif", codeResult(t), terminal.Terminal{}))
	l := results[0].Locations[0].Physical
	want := sarifPhysical{sarifArtifact{"infra/modules/bucket/main.tf", "%SRCROOT%"}, &sarifRegion{12, 3, 14, 21}}
	if diff := cmp.Diff(&want, l); diff != "" {
		t.Error(diff)
	}
	if got := results[0].Message.Text; !strings.HasSuffix(got, `. Called by [module.storage](1), by [module.logs\["a"\]](2)`) {
		t.Errorf("the message links the calls: %s", got)
	}
	if got := results[0].Related[1].Physical.Artifact.URI; got != "infra/modules/storage/main.tf" {
		t.Errorf("the second call is in %s", got)
	}
	if got := results[1].Locations[0].Physical.Artifact.URI; got != "infra/envs/prod/a%20b/%C3%BCn%C3%AFcode%3A1%25.tf" {
		t.Errorf("a path with blanks, letters and a colon became %s", got)
	}
	change := results[1].Fixes[0].Changes[0]
	if diff := cmp.Diff([]sarifReplacement{{sarifRegion{7, 10, 7, 23}, &sarifText{Text: `"private"`}}}, change.Replacements); diff != "" {
		t.Error(diff)
	}
	if change.Artifact.URI != results[1].Locations[0].Physical.Artifact.URI {
		t.Error("the fix is of another file")
	}
}

func TestRuleExplainsTheCheck(t *testing.T) {
	tool, _, _ := readSARIF(t, write(t, "github", codeResult(t), terminal.Terminal{}))
	rule := tool.Rules[0]
	if rule.ID != "aws_s3_bucket_public_access" || rule.HelpURI != "https://docs.aws.amazon.com/s3" || rule.Properties.SecuritySeverity != "9.5" || rule.DefaultConfiguration.Level != "error" {
		t.Errorf("%+v", rule)
	}
	if !strings.Contains(rule.Help.Text, "Fix: Block public access.") || !strings.Contains(rule.Help.Markdown, "**Caution.** Sites") {
		t.Errorf("%+v", rule.Help)
	}
	if diff := cmp.Diff([]string{"security", "aws", "s3"}, rule.Properties.Tags); diff != "" {
		t.Error(diff)
	}
}

func TestFingerprintStaysWhereLinesMove(t *testing.T) {
	scan := Scan{Folder: "infra"}
	base := codeFindings()[2]
	changed := func(change func(*evaluate.Finding, *evaluate.Location)) string {
		f, l := base, *base.Location
		f.Location = &l
		change(&f, &l)
		return scan.key(f)
	}
	key := scan.key(base)
	for name, got := range map[string]string{
		"lines":    changed(func(_ *evaluate.Finding, l *evaluate.Location) { l.Line, l.EndLine, l.Column = 99, 120, 1 }),
		"the file": changed(func(_ *evaluate.Finding, l *evaluate.Location) { l.File = "envs/prod/buckets.tf" }),
		"the name": changed(func(f *evaluate.Finding, _ *evaluate.Location) {
			f.ResourceName, f.Resource = "other", "arn:aws:s3:::other"
		}),
		"what it has": changed(func(f *evaluate.Finding, _ *evaluate.Location) {
			f.Found, f.Region = "versioning is suspended", "global"
		}),
	} {
		if got != key {
			t.Errorf("it changed with %s", name)
		}
	}
	for name, got := range map[string]string{
		"the check":   changed(func(f *evaluate.Finding, _ *evaluate.Location) { f.Check = "other" }),
		"the address": changed(func(_ *evaluate.Finding, l *evaluate.Location) { l.Address = "aws_s3_bucket.other" }),
		"the unit":    changed(func(f *evaluate.Finding, l *evaluate.Location) { l.Unit, f.Account = "envs/test", "envs/test" }),
		"the folder":  Scan{Folder: "other"}.key(base),
	} {
		if got == key {
			t.Errorf("it is the same for another one of %s", name)
		}
	}
}
