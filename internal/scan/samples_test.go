package scan

import (
	"os"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// TestEveryCheckThatCodeCanAnswerPassesAndFailsInSamples walks the content: a check that runs on code in some language has a sample
// there that must pass and one that must fail, as its fixtures do for live documents.
func TestEveryCheckThatCodeCanAnswerPassesAndFailsInSamples(t *testing.T) {
	library, catalog := packed(t)
	samples, err := ProveSamples(t.Context(), os.DirFS("../../content"), library, catalog, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range samples.Failures {
		t.Error(f)
	}
	for _, u := range samples.Unproved {
		t.Error(u)
	}
	for _, language := range []string{iac.Terraform, iac.CloudFormation, iac.Kubernetes} {
		t.Logf("%s: %d checks", language, len(samples.Answers[language]))
		if len(samples.Answers[language]) == 0 {
			t.Errorf("code in %s answers no check", language)
		}
	}
	t.Logf("%d samples, %d expectations", samples.Files, samples.Expectations)
}
