package suppress_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

func TestAnObjectOfKubernetesSaysWhatIsIgnored(t *testing.T) {
	root := tree(map[string]string{"a.yaml": `# stance:ignore kubernetes_* in a comment above
apiVersion: v1
kind: Pod
metadata: {name: above}
---
apiVersion: v1
kind: Pod
metadata:
  name: inside
spec:
  containers:
  - name: it's
    image: "x # stance:ignore all no comment"
    args: [a, 'b'] # stance:ignore kubernetes_* in a comment inside
---
apiVersion: v1
kind: ConfigMap
metadata: {name: text}
data:
  script: |
    # stance:ignore all text

    # stance:ignore all more text
  next: >- # not text
    # stance:ignore all folded
  last: 'quoted
    # stance:ignore all quoted
    '
---
apiVersion: v1
kind: Pod
metadata:
  name: annotated
  annotations:
    stance.dev/ignore: |
      aws_sqs_queue_encrypted of another check
      kubernetes_* in an annotation until=2027-01-01
      kubernetes_nonsense r
---
kind: List
apiVersion: v1
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: first}
# stance:ignore kubernetes_* of the item below
- apiVersion: v1
  kind: Pod
  metadata: {name: second}
`})
	units := readManifests(t, root)
	l := newList(t, root, units)
	if diff := cmp.Diff([]string{
		"Pod/default/above: in a comment above (a.yaml:1)",
		"Pod/default/inside: in a comment inside (a.yaml:14)",
		"Pod/default/annotated: in an annotation (a.yaml:35)",
		"Pod/default/second: of the item below (a.yaml:46)",
	}, suppressed(l, units, "kubernetes_workload_token_safe")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`a.yaml:35: it suppresses nothing: there is no check "kubernetes_nonsense"`}, told(l.Problems())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a.yaml:35: this suppresses no finding any more: it can go"}, told(l.Unused(nil))); diff != "" {
		t.Error(diff)
	}
}

const templateYAML = `Conditions:
  Never: !Equals [a, b]
Resources:
  # stance:ignore aws_s3_* above
  Above:
    Type: AWS::S3::Bucket
  Inside:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${AWS::StackName}#x" # stance:ignore aws_s3_* inside
  Said:
    Type: AWS::S3::Bucket
    Metadata:
      stance:
        ignore:
          - check: [aws_s3_bucket_versioning, aws_s3_bucket_logging]
            reason: in its metadata
            until: 2027-01-01
          - {check: aws_s3_*, reason: old, until: 2020-01-01}
          - {check: aws_s3_*}
          - {check: aws_s3_*, reasons: x}
          - aws_s3_*
  Neither:
    Type: AWS::S3::Bucket
  # stance:ignore all not made
  NotMade:
    Condition: Never
    Type: AWS::S3::Bucket
`

func TestATemplateSaysWhatIsIgnored(t *testing.T) {
	root := tree(map[string]string{"t.yaml": templateYAML})
	units := []*iac.Unit{readTemplate(t, root, "t.yaml")}
	l := newList(t, root, units)
	if diff := cmp.Diff([]string{
		"Above: above (t.yaml:4)", "Inside: inside (t.yaml:10)", "Said: in its metadata (t.yaml:16)",
	}, suppressed(l, units, "aws_s3_bucket_versioning")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"t.yaml:19: it suppresses nothing: it has expired: its last day was 2020-01-01",
		"t.yaml:20: it suppresses nothing: a reason is required; write CHECK the reason until=2027-01-01",
		`t.yaml:21: it suppresses nothing: unknown key "reasons" (did you mean "reason"?)`,
		"t.yaml:22: it suppresses nothing: write {check: CHECK, reason: the reason, until: 2027-01-01}",
	}, told(l.Problems())); diff != "" {
		t.Error(diff)
	}
}

func TestATemplateOnOneLineSaysWhatIsIgnored(t *testing.T) {
	root := tree(map[string]string{"t.json": `{"Resources":{"A":{"Type":"AWS::S3::Bucket"},"B":{"Type":"AWS::S3::Bucket",` +
		`"Metadata":{"stance":{"ignore":{"check":"aws_s3_*","reason":"of one"}}}},"C":{"Type":"AWS::S3::Bucket"}}}`})
	units := []*iac.Unit{readTemplate(t, root, "t.json")}
	if diff := cmp.Diff([]string{"B: of one (t.json:1)"}, suppressed(newList(t, root, units), units, "aws_s3_bucket_versioning")); diff != "" {
		t.Error(diff)
	}
}

func TestMetadataOfANestedStackHoldsForAllItMakes(t *testing.T) {
	root := tree(map[string]string{
		"t.yaml": `Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./inner.yaml}
    Metadata: {stance: {ignore: [{check: aws_s3_*, reason: not ours}]}}
`,
		"inner.yaml": "Resources:\n  B: {Type: 'AWS::S3::Bucket'}\n",
	})
	units := []*iac.Unit{readTemplate(t, root, "t.yaml")}
	want := []string{"Inner: not ours (t.yaml:5)", "Inner/B: not ours (t.yaml:5)"}
	if diff := cmp.Diff(want, suppressed(newList(t, root, units), units, "aws_s3_bucket_versioning")); diff != "" {
		t.Error(diff)
	}
}

// A chart's templates are no YAML: what is made of one shows the lines of the template.
func TestATemplateOfAChartSaysWhatIsIgnored(t *testing.T) {
	const name = "chart/templates/a.yaml"
	root := tree(map[string]string{name: `{{- if .Values.it }}
{{- /* stance:ignore kubernetes_* in a comment of the template */}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "it's" . | quote }}
  # stance:ignore kubernetes_* in a comment of the YAML
{{- end }}
---
# stance:ignore kubernetes_* left out
{{- if .Values.other }}
apiVersion: v1
{{- end }}
`})
	made := func(name string, first, last int) *iac.Resource {
		return &iac.Resource{Address: name, Range: iac.Range{File: "chart/templates/a.yaml", Line: first, Column: 1, EndLine: last, EndColumn: 9}}
	}
	u := &iac.Unit{Kind: iac.Helm, Path: "chart", Files: []string{name}, Resources: []*iac.Resource{made("Pod/a", 3, 6)}}
	l := newList(t, root, []*iac.Unit{u})
	want := []string{"Pod/a: in a comment of the template (chart/templates/a.yaml:2)"}
	if diff := cmp.Diff(want, suppressed(l, []*iac.Unit{u}, "kubernetes_workload_token_safe")); diff != "" {
		t.Error(diff)
	}
	if got := l.Problems(); got != nil {
		t.Error(told(got))
	}
}
