package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/evaluate"
)

// expectation is one line of expected.yaml or expected_kubernetes.yaml.
type expectation struct {
	Check    string `yaml:"check"`
	Resource string `yaml:"resource"`
	Region   string `yaml:"region"`
	Status   string `yaml:"status"`
	Found    string `yaml:"found"`
	Cause    string `yaml:"cause"` // a part of it
	Count    int    `yaml:"count"`
}

// absent is the status of what a check does not speak of.
const absent = "NONE"

func TestTheWorldGetsTheVerdictsThatItWasBuiltFor(t *testing.T) {
	w := scanned(t)
	if w.outcome.code != 0 {
		t.Fatalf("exit status %d\n%s", w.outcome.code, w.outcome.stderr)
	}
	compareAll(t, "expected.yaml", 60, readDocument(t, w.read(t, "all.json")).Findings)
}

// compareAll compares findings with a file of what is expected, which must have so many lines that they can tell.
func compareAll(t *testing.T, file string, least int, findings []evaluate.Finding) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string][]expectation
	if err := yaml.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	byCheck := map[string][]evaluate.Finding{}
	for _, f := range findings {
		byCheck[f.Check] = append(byCheck[f.Check], f)
	}
	pairs := 0
	for group, list := range expected {
		t.Run(group, func(t *testing.T) {
			for _, e := range list {
				e.compare(t, byCheck[e.Check])
			}
		})
		pairs += len(list)
	}
	if pairs < least {
		t.Errorf("%d pairs are expected: that is too few to tell", pairs)
	}
}

func (e expectation) compare(t *testing.T, findings []evaluate.Finding) {
	t.Helper()
	matching := slices.DeleteFunc(slices.Clone(findings), func(f evaluate.Finding) bool { return !e.speaksOf(f) })
	name := strings.TrimSpace(fmt.Sprintf("%s of %q %s", e.Check, e.Resource, e.Region))
	if e.Count > 0 {
		matching = slices.DeleteFunc(matching, func(f evaluate.Finding) bool { return string(f.Status) != e.Status })
		if len(matching) != e.Count {
			t.Errorf("%s: %d findings are %s, not %d: %s", name, len(matching), e.Status, e.Count, brief(findings))
		}
		return
	}
	if e.Status == absent {
		if len(matching) > 0 {
			t.Errorf("%s: it should not speak of it: %s", name, brief(matching))
		}
		return
	}
	if len(matching) == 0 {
		t.Errorf("%s: no finding, but %s: %s", name, e.Status, brief(findings))
	}
	for _, f := range matching {
		if string(f.Status) != e.Status || e.Found != "" && f.Found != e.Found || !strings.Contains(f.Cause, e.Cause) {
			t.Errorf("%s: want %s %s%s, got %s", name, e.Status, e.Found, e.Cause, brief([]evaluate.Finding{f}))
		}
	}
}

func (e expectation) speaksOf(f evaluate.Finding) bool {
	if e.Region != "" && f.Region != e.Region {
		return false
	}
	return e.Resource == "" || f.ResourceName == e.Resource || strings.HasSuffix(f.Resource, "/"+e.Resource) || strings.HasSuffix(f.Resource, ":"+e.Resource)
}

func brief(findings []evaluate.Finding) string {
	var lines []string
	for _, f := range findings {
		lines = append(lines, fmt.Sprintf("%s %s %q (%s) found %q cause %q", f.Status, f.Region, f.ResourceName, f.Resource, f.Found, f.Cause))
		if len(lines) == 6 {
			lines = append(lines, "…")
			break
		}
	}
	return strings.Join(lines, "\n    ")
}
