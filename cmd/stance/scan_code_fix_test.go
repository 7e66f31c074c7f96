package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac/patch"
)

// fixSamples are code that fails, in each language.
var fixSamples = map[string]string{
	"tf/main.tf": `# Where the logs go.
resource "aws_s3_bucket" "logs" {
  bucket = "logs" # short
}
`,
	"cfn/template.yaml": `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Cache: # of sessions
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
`,
	"k8s/cart.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      containers:
      - name: cart # the shop's
        image: cart:1
        securityContext:
          privileged: true # for now
`,
}

// codeFindings scans a folder for some checks, and gives the findings that are no passes, and how many pass.
func codeFindings(t *testing.T, dir string, checks []string, args ...string) (failed []evaluate.Finding, passed int) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.jsonl")
	stance(t, append([]string{"scan", "code", dir, "-o", "jsonl=" + out, "--check", strings.Join(checks, ",")}, args...)...).wants(t, exitDone)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var f evaluate.Finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		switch {
		case f.Check == "":
		case f.Status == evaluate.Pass:
			passed++
		default:
			failed = append(failed, f)
		}
	}
	return failed, passed
}

func TestCodeThatIsPatchedAsAReportSaysPasses(t *testing.T) {
	dir := codeTree(t, fixSamples)
	checks := []string{"aws_s3_bucket_versioning", "aws_dynamodb_table_point_in_time_recovery", "kubernetes_container_not_privileged"}
	if failed, _ := codeFindings(t, dir, checks, "--fixes=false"); len(failed) != len(checks) || slices.ContainsFunc(failed, func(f evaluate.Finding) bool { return f.Location.Fix != nil }) {
		t.Fatalf("without patches: %+v", failed)
	}
	failed, _ := codeFindings(t, dir, checks)
	for _, f := range failed {
		if f.Location == nil || f.Location.Fix == nil {
			t.Fatalf("%s has no patch", f.Check)
		}
		var edits []patch.Edit
		for _, e := range f.Location.Fix.Edits {
			edits = append(edits, patch.Edit(e))
		}
		changed := patch.Apply([]byte(fixSamples[f.Location.Fix.File]), edits)
		for line := range strings.Lines(fixSamples[f.Location.Fix.File]) {
			if _, comment, has := strings.Cut(line, "#"); has && !strings.Contains(string(changed), "#"+comment) {
				t.Errorf("the comment %q is lost:\n%s", comment, changed)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, f.Location.Fix.File), changed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if failed, passed := codeFindings(t, dir, checks); len(failed) > 0 || passed != len(checks) {
		t.Errorf("after the patches %d pass, and these do not: %+v", passed, failed)
	}
}
