package scan

import (
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac/link"
	"github.com/stancehq/stance/internal/report"
)

func TestLiveFindingsAreLinkedToTheirCode(t *testing.T) {
	tree := fstest.MapFS{
		"main.tf":   {Data: []byte("module \"m\" {\n  source = \"./m\"\n}\n")},
		"m/main.tf": {Data: []byte("\nresource \"aws_s3_bucket\" \"b\" {\n}\n")},
		"terraform.tfstate": {Data: []byte(`{"version": 4, "terraform_version": "1", "resources": [
{"module": "module.m", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [{"attributes": {"arn": "arn:aws:s3:::x"}}]}]}`)},
	}
	x, err := link.Open(t.Context(), tree, link.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := []evaluate.Finding{
		{Check: "a", Account: "111122223333", ResourceType: "aws_s3_bucket", Resource: "arn:aws:s3:::x"},
		{Check: "b", Account: "111122223333", ResourceType: "aws_s3_bucket", Resource: "arn:aws:s3:::other"},
		{Check: "c", Account: "111122223333", ResourceType: "aws_s3_bucket"},
	}
	var findings report.Findings = func(yield func(evaluate.Finding, error) bool) {
		for _, f := range all {
			if !yield(f, nil) {
				return
			}
		}
	}
	for range 2 { // reports read them again and again
		got := map[string]*evaluate.Location{}
		for f, err := range Link(findings, []LinkedCode{{Index: x, Folder: "infra/prod"}}) {
			if err != nil {
				t.Fatal(err)
			}
			got[f.Check] = f.Location
		}
		if got["b"] != nil || got["c"] != nil || got["a"] == nil {
			t.Fatalf("linked: %+v", got)
		}
		l := got["a"]
		if l.File != "infra/prod/m/main.tf" || l.Line != 2 || l.Address != "module.m.aws_s3_bucket.b" || l.Resource != "aws_s3_bucket" || l.Unit != "infra/prod/terraform.tfstate" {
			t.Errorf("%+v", l)
		}
		if len(l.Calls) != 1 || l.Calls[0].Name != "module.m" || l.Calls[0].File != "infra/prod/main.tf" || l.Calls[0].Line != 1 {
			t.Errorf("called by %+v", l.Calls)
		}
	}
}
