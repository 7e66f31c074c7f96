package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/compliance"
)

// TestTheWorldMeetsTheRequirementsThatItWasBuiltToMeet holds whole statuses, and not findings alone, against what a person who knows the
// framework would say of the world: that a requirement rests on the right checks, that they see what they must, and that nothing
// unseen counts as met. It compares every requirement, so that one which comes or goes is noticed too.
func TestTheWorldMeetsTheRequirementsThatItWasBuiltToMeet(t *testing.T) {
	const framework = "cis-aws-7.0"
	w := scanned(t)
	if w.outcome.code != 0 {
		t.Fatalf("exit status %d\n%s", w.outcome.code, w.outcome.stderr)
	}
	text, err := os.ReadFile(filepath.Join("testdata", framework+".expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Status compliance.Status
		Why    string
	}
	if err := yaml.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	scan := readDocument(t, w.read(t, "all.json")).Scan.ID
	r := w.command(t).run(t, "report", framework, "--lake", "lake", "--scan", scan, "-o", "json")
	if r.code != 0 {
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	var report struct {
		Requirements []struct {
			ID, Assessment, Why string
			Group               bool
			Status              compliance.Status
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatalf("the JSON output: %v", err)
	}
	for _, got := range report.Requirements {
		if got.Group {
			continue
		}
		want, known := expected[got.ID]
		delete(expected, got.ID)
		switch {
		case !known:
			t.Errorf("%s (%s) is not expected: %s: %s", got.ID, got.Assessment, got.Status, got.Why)
		case got.Status != want.Status:
			t.Errorf("%s (%s) is %s, because %s, not %s, because %s", got.ID, got.Assessment, got.Status, got.Why, want.Status, want.Why)
		}
	}
	for id := range expected {
		t.Errorf("%s is not among the requirements", id)
	}
}
