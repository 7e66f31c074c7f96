package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// codeTree writes files into a new folder.
func codeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// scanned gives the findings of a scan of code as "STATUS check file:line address", sorted.
func scanned(t *testing.T, args ...string) []string {
	t.Helper()
	r := stance(t, append([]string{"scan", "code", "-o", "json"}, args...)...)
	r.wants(t, exitDone)
	var result struct {
		Findings []struct {
			Status, Check string
			Location      struct {
				File, Address string
				Line          int
			}
			Suppressed *struct{ Reason, By string }
		}
	}
	if err := json.Unmarshal([]byte(r.out), &result); err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	var lines []string
	for _, f := range result.Findings {
		line := fmt.Sprintf("%s %s %s:%d %s", f.Status, f.Check, f.Location.File, f.Location.Line, f.Location.Address)
		if f.Suppressed != nil {
			line += " (" + f.Suppressed.Reason + ", " + f.Suppressed.By + ")"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

const versionedBuckets = `
provider "aws" { region = "eu-west-1" }

resource "aws_s3_bucket" "good" {
  bucket = "good"
}

resource "aws_s3_bucket_versioning" "good" {
  bucket = aws_s3_bucket.good.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "bad" {
  bucket = "bad"
}
`

const onlyVersioning = "aws_s3_bucket_versioning"

func TestOneCheckJudgesEveryLanguage(t *testing.T) {
	dir := codeTree(t, map[string]string{
		"tf/main.tf": versionedBuckets,
		"tf/calls.tf": `module "logs" {
  source  = "../module"
  buckets = ["a", "b"]
}`,
		"module/main.tf": `variable "buckets" { type = set(string) }
resource "aws_s3_bucket" "this" {
  for_each = var.buckets
  bucket   = each.key
}`,
		"cfn/stack.yaml": `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Good:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration:
        Status: Enabled
  Bad:
    Type: AWS::S3::Bucket
`,
	})
	want := []string{
		"FAIL aws_s3_bucket_versioning cfn/stack.yaml:8 Bad",
		"FAIL aws_s3_bucket_versioning module/main.tf:2 module.logs.aws_s3_bucket.this[\"a\"]",
		"FAIL aws_s3_bucket_versioning module/main.tf:2 module.logs.aws_s3_bucket.this[\"b\"]",
		"FAIL aws_s3_bucket_versioning tf/main.tf:15 aws_s3_bucket.bad",
		"PASS aws_s3_bucket_versioning cfn/stack.yaml:7 Good",
		"PASS aws_s3_bucket_versioning tf/main.tf:11 aws_s3_bucket.good",
	}
	if diff := cmp.Diff(want, scanned(t, "--check", onlyVersioning, dir)); diff != "" {
		t.Error(diff)
	}
}

func TestManifestsChartsAndKustomizations(t *testing.T) {
	const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: %s}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: example.com/web:1.2.3
          securityContext: {privileged: %s}
`
	dir := codeTree(t, map[string]string{
		"plain/web.yaml":               fmt.Sprintf(deployment, "plain", "true"),
		"chart/Chart.yaml":             "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
		"chart/values.yaml":            "privileged: false\n",
		"chart/templates/web.yaml":     fmt.Sprintf(deployment, "{{ .Release.Name }}", "{{ .Values.privileged }}"),
		"base/kustomization.yaml":      "resources: [web.yaml]\n",
		"base/web.yaml":                fmt.Sprintf(deployment, "base", "false"),
		"overlay/kustomization.yaml":   "resources: [../base]\nnamePrefix: prod-\n",
		"remote/kustomization.yaml":    "resources: [github.com/example/base]\n",
		"chart/templates/broken.yaml":  "{{ .Values.missing.deeper }}\n",
		"chart/templates/_helpers.tpl": "",
	})
	statuses := map[string]string{}
	for _, line := range scanned(t, "--check", "kubernetes_container_not_privileged", dir) {
		fields := strings.Fields(line)
		statuses[fields[3]] = fields[0]
	}
	want := map[string]string{"Deployment/default/plain": "FAIL", "Deployment/default/chart": "PASS", "Deployment/default/prod-base": "PASS"}
	if diff := cmp.Diff(want, statuses); diff != "" {
		t.Error(diff)
	}
	values := filepath.Join(dir, "chart", "prod.yaml")
	if err := os.WriteFile(values, []byte("privileged: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := scanned(t, "--check", "kubernetes_container_not_privileged", "--values", values, filepath.Join(dir, "chart"))
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "FAIL ") {
		t.Errorf("with privileged set in values: %v", lines)
	}
}

func TestWhatIsNotKnownBeforeApplyIsUnknown(t *testing.T) {
	dir := codeTree(t, map[string]string{"main.tf": `
variable "status" {}
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = var.status
  }
}`})
	unknown := []string{"UNKNOWN aws_s3_bucket_versioning main.tf:9 aws_s3_bucket.b"}
	if diff := cmp.Diff(unknown, scanned(t, "--check", onlyVersioning, dir)); diff != "" {
		t.Error(diff)
	}
	known := []string{"PASS aws_s3_bucket_versioning main.tf:9 aws_s3_bucket.b"}
	if diff := cmp.Diff(known, scanned(t, "--check", onlyVersioning, "--var", "status=Enabled", dir)); diff != "" {
		t.Error(diff)
	}
}

func TestSuppressionsInCodeAndSettings(t *testing.T) {
	dir := codeTree(t, map[string]string{
		"main.tf": "# stance:ignore aws_s3_bucket_versioning nothing is ever changed here\n" + `resource "aws_s3_bucket" "comment" {
  bucket = "comment"
}
resource "aws_s3_bucket" "listed" {
  bucket = "listed"
}`,
		"stance.yaml": "suppress:\n  - {check: aws_s3_bucket_versioning, address: aws_s3_bucket.listed, reason: copied every night}\n",
	})
	want := []string{
		"FAIL aws_s3_bucket_versioning main.tf:2 aws_s3_bucket.comment (nothing is ever changed here, main.tf:1)",
		"FAIL aws_s3_bucket_versioning main.tf:5 aws_s3_bucket.listed (copied every night, " + filepath.Join(dir, "stance.yaml") + ":2)",
	}
	if diff := cmp.Diff(want, scanned(t, "--check", onlyVersioning, dir)); diff != "" {
		t.Error(diff)
	}
	stance(t, "scan", "code", "--check", onlyVersioning, "--fail-on", "low", dir).wants(t, exitDone)
}

func TestExitStatusOfScansOfCode(t *testing.T) {
	dir := codeTree(t, map[string]string{"main.tf": versionedBuckets})
	broken := codeTree(t, map[string]string{"main.tf": versionedBuckets, "broken.tf": "resource \"x\" {{{\n"})
	for _, test := range []struct {
		name string
		code int
		said string
		args []string
	}{
		{"done", exitDone, "", []string{dir}},
		{"a finding", exitFindings, "--fail-on", []string{"--fail-on", "medium", dir}},
		{"broken code", exitDone, "", []string{broken}},
		{"broken code is lost coverage", exitIncomplete, "coverage is incomplete", []string{"--strict", "--check", onlyVersioning, broken}},
		{"no such folder", exitUsage, "there is no", []string{filepath.Join(dir, "nowhere")}},
		{"a variable without a value", exitUsage, "NAME=VALUE", []string{"--var", "x", dir}},
		{"an unknown check", exitUsage, "did you mean", []string{"--check", "aws_s3_bucket_versionin", dir}},
		{"no repository", exitUsage, "git repository", []string{"--diff-base", "main", dir}},
		{"a file alone", exitFindings, "--fail-on", []string{"--fail-on", "medium", filepath.Join(dir, "main.tf")}},
		{"a folder without code", exitDone, "", []string{t.TempDir()}},
	} {
		t.Run(test.name, func(t *testing.T) {
			said := []string{test.said}
			if test.said == "" {
				said = nil
			}
			stance(t, append([]string{"scan", "code"}, test.args...)...).wants(t, test.code, said...)
		})
	}
	if r := stance(t, "scan", "code", broken); !strings.Contains(r.out, "broken.tf:1") {
		t.Errorf("the summary does not say where the code is broken:\n%s", r.out)
	}
}

func TestOnlyWhatABranchAdds(t *testing.T) {
	dir := codeTree(t, map[string]string{"infra/main.tf": versionedBuckets})
	git := func(args ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	git("add", ".")
	git("commit", "-qm", "before")
	git("checkout", "-qb", "branch")
	added := strings.Replace(versionedBuckets, `resource "aws_s3_bucket" "bad"`, "# moved down\n\n"+`resource "aws_s3_bucket" "bad"`, 1) + `
resource "aws_s3_bucket" "new" {
  bucket = "new"
}`
	if err := os.WriteFile(filepath.Join(dir, "infra", "main.tf"), []byte(added), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"FAIL aws_s3_bucket_versioning main.tf:21 aws_s3_bucket.new"}
	if diff := cmp.Diff(want, scanned(t, "--check", onlyVersioning, "--diff-base", "main", filepath.Join(dir, "infra"))); diff != "" {
		t.Error(diff)
	}
}
