package patch

import (
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// FuzzMake holds that whatever the code, making a patch ends, and that its edits are within the file and apart.
func FuzzMake(f *testing.F) {
	for _, text := range []string{
		"resource \"aws_s3_bucket\" \"a\" {}", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = <<E\nx\nE\n}",
		bucketHead + "    Properties: {A: [1, {b: \"c\"}], } # x\n", "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}",
		deploymentHead + "      containers:\n      - name: |-\n          a\n        securityContext: &x !!map\n          privileged: true\n",
	} {
		f.Add(text, 0, 1)
	}
	edits := []*content.CodeEdit{set("container.securityContext.privileged", false), set("VersioningConfiguration.Status", "x"), removed("bucket")}
	f.Fuzz(func(t *testing.T, text string, start, line int) {
		for kind, typ := range map[string]string{iac.Terraform: "aws_s3_bucket", iac.CloudFormation: "AWS::S3::Bucket", iac.Kubernetes: "apps/v1/Deployment"} {
			for _, e := range edits {
				r := &iac.Resource{Type: typ, Address: "x", Range: iac.Range{File: "f", StartByte: start, Line: line, Column: 1}}
				p, err := Make(Request{Unit: &iac.Unit{Kind: kind}, Resource: r, Edits: []*content.CodeEdit{e}, Read: func(string) ([]byte, error) { return []byte(text), nil }})
				if err != nil {
					continue
				}
				at := 0
				for _, e := range p.Edits {
					if e.Start < at || e.End < e.Start || e.End > len(text) {
						t.Fatalf("%s: %+v of %d bytes", kind, p.Edits, len(text))
					}
					at = e.End
				}
				if !strings.HasPrefix(p.Diff, "--- ") {
					t.Fatalf("%q", p.Diff)
				}
			}
		}
	})
}
