package scan

import (
	"os"
	"testing"

	embedded "github.com/stancehq/stance/content"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// TestEveryCheckThatCodeCanAnswerPassesAndFailsInSamples walks the content: a check that runs on code in some language has a sample
// there that must pass and one that must fail, as its fixtures do for live documents.
func TestEveryCheckThatCodeCanAnswerPassesAndFailsInSamples(t *testing.T) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		t.Fatal(err)
	}
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	catalog, problems, err := plan.Restore(t.Context(), library, pack, nil)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
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
	answers, err := CodeAnswers(library, catalog)
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{iac.Terraform, iac.CloudFormation, iac.Kubernetes} {
		t.Logf("%s: %d checks", language, len(answers[language]))
		if len(answers[language]) == 0 {
			t.Errorf("code in %s answers no check", language)
		}
	}
	t.Logf("%d samples, %d expectations", samples.Files, samples.Expectations)
}
