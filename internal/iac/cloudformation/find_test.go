package cloudformation

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
)

func TestFindTellsTemplatesFromOthers(t *testing.T) {
	const plain = "Resources:\n  A: {Type: AWS::S3::Bucket}\n"
	root := files(map[string]string{
		"plain.yaml":           plain,
		"json.template":        `{"Resources": {"A": {"Type": "Custom::Thing"}}}`,
		"version.yml":          "AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n",
		"sam.yaml":             "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function}\n",
		"loop.yaml":            "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::X: [A, [a], {}]\n",
		"broken.yaml":          "AWSTemplateFormatVersion: 2010-09-09\nResources: {A: [\n",
		"flow.yaml":            `{Resources: {A: {Type: AWS::S3::Bucket}}}`,
		"text.txt":             plain,
		"kubernetes.yaml":      "apiVersion: v1\nkind: ConfigMap\nAWSTemplateFormatVersion: x\nResources: {A: {Type: AWS::S3::Bucket}}\n",
		"framework.yml":        "service: x\nresources:\n  Resources:\n    A: {Type: AWS::S3::Bucket}\n",
		"state.json":           `{"terraform_version": "1", "resources": [{"type": "aws_s3_bucket"}], "x": "AWS::Resources"}`,
		"other.json":           `{"Resources": {"A": {"Type": "thing"}}, "x": "AWS::"}`,
		"parameters.json":      `[{"ParameterKey": "Resources", "ParameterValue": "AWS::"}]`,
		"node_modules/x.yaml":  plain,
		".terraform/x.yaml":    plain,
		".git/x.yaml":          plain,
		"sub/outer.yaml":       "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../nested/n.yaml}}\n",
		"nested/n.yaml":        "Resources:\n  A: {Type: AWS::Serverless::Application, Properties: {Location: ./m.yaml}}\n",
		"nested/m.yaml":        plain,
		"circle/a.yaml":        "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: b.yaml}}\n",
		"circle/b.yaml":        "Resources:\n  A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: a.yaml}}\n",
		"utf8.yaml":            "\ufeff" + plain,
		"documents/first.yaml": plain + "---\na: b\n",
	})
	got, problems := Find(context.Background(), root, iac.DefaultLimits())
	want := []string{
		"broken.yaml", "circle/a.yaml", "documents/first.yaml", "flow.yaml", "json.template", "loop.yaml", "plain.yaml", "sam.yaml",
		"sub/outer.yaml", "utf8.yaml", "version.yml",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 0 {
		t.Error(problems)
	}
}

func TestFindReadsManifestsOfCloudAssemblies(t *testing.T) {
	const template = `{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}`
	root := files(map[string]string{
		"cdk.out/manifest.json": `{"version": "36.0.0", "artifacts": {
			"App.assets": {"type": "cdk:asset-manifest", "properties": {"file": "App.assets.json"}},
			"App": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "App.template.json"}},
			"Stage": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}}}`,
		"cdk.out/App.template.json":        template,
		"cdk.out/Old.template.json":        template,
		"cdk.out/N.nested.template.json":   template,
		"cdk.out/tree.json":                template,
		"cdk.out/asset.1234/template.yaml": template,
		"cdk.out/asset.5678.json":          template,
		"cdk.out/assembly-Stage/manifest.json": `{"version": "36.0.0", "artifacts": {
			"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}}}}`,
		"cdk.out/assembly-Stage/S.template.json": template,
	})
	got, problems := Find(context.Background(), root, iac.Limits{})
	if diff := cmp.Diff([]string{"cdk.out/App.template.json", "cdk.out/assembly-Stage/S.template.json"}, got); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 1 || problems[0].Kind != iac.Skipped || problems[0].What != "2 assets of the CDK are not templates of the project" {
		t.Error(problems)
	}
}
