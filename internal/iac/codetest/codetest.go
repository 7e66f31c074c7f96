// Package codetest makes trees of infrastructure code for tests and measurements, as large as they are asked for and always the same.
package codetest

import (
	"fmt"
	"strings"
	"testing/fstest"
)

// File is one file of Terraform, as somebody writes it: a bucket and what belongs to it, a security group, a database.
func File() fstest.MapFS {
	return fstest.MapFS{"main.tf": text(`variable "name" {
  default = "logs"
}

locals {
  tags = { team = "a" }
}

` + bucket + group + database)}
}

// Manifest is one file of Kubernetes.
func Manifest() fstest.MapFS {
	return fstest.MapFS{"web.yaml": text(strings.NewReplacer("{{ .Release.Name }}", "web", "{{ .Values.image }}", "example.com/web:1.2", "{{ .Values.replicas }}", "2").Replace(workload))}
}

// Instances is a module with many instances of one resource, and others that refer to each of them.
func Instances(n int) fstest.MapFS {
	return fstest.MapFS{"main.tf": text(fmt.Sprintf(`
variable "n" { default = %d }
locals {
  names = [for a in range(100) : [for b in range(ceil(var.n / 100)) : "bucket-${a}-${b}"]]
  all   = toset(flatten(local.names))
}
resource "aws_s3_bucket" "b" {
  for_each = local.all
  bucket   = "logs-${each.key}"
  tags     = { Name = each.value, Env = "prod" }
  versioning {
    enabled = true
  }
}
resource "aws_s3_bucket_policy" "p" {
  for_each = local.all
  bucket   = aws_s3_bucket.b[each.key].id
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b[each.key].arn}/*" }] })
}
`, n))}
}

// Size says how large a repository is.
type Size struct {
	Roots   int // root modules
	Calls   int // module calls of each, in a file each
	Files   int // further files of each, with a resource each
	Modules int // local modules that are called
}

// Large is a repository of about 4,000 files, 9,000 resources and 1,300 module calls.
func Large() Size { return Size{Roots: 130, Calls: 10, Files: 17, Modules: 50} }

// Repository is a tree of root modules that call modules beside them.
func Repository(s Size) fstest.MapFS {
	tree := fstest.MapFS{}
	for m := range s.Modules {
		dir := fmt.Sprintf("modules/m%d/", m)
		tree[dir+"main.tf"] = text(modules[m%len(modules)])
		tree[dir+"variables.tf"] = text("variable \"name\" {\n  type = string\n}\n\nvariable \"tags\" {\n  type    = map(string)\n  default = {}\n}\n")
		tree[dir+"outputs.tf"] = text("output \"name\" {\n  value = var.name\n}\n")
		tree[dir+"versions.tf"] = text("terraform {\n  required_version = \">= 1.5\"\n}\n")
	}
	for r := range s.Roots {
		dir := fmt.Sprintf("roots/r%d/", r)
		for c := range s.Calls {
			tree[fmt.Sprintf("%scall%d.tf", dir, c)] = text(fmt.Sprintf(
				"module \"m%d\" {\n  source = \"../../modules/m%d\"\n  name   = \"${var.stage}-r%d-%d\"\n  tags   = merge(local.tags, { part = \"%d\" })\n}\n", c, (r+c)%s.Modules, r, c, c,
			))
		}
		for f := range s.Files {
			tree[fmt.Sprintf("%sextra%d.tf", dir, f)] = text(fmt.Sprintf(
				"locals {\n  extra%d = [for i in range(10) : \"${i}-extra\"]\n}\n\nresource \"aws_sqs_queue\" \"q%d\" {\n  name = join(\"-\", local.extra%d)\n  tags = local.tags\n}\n", f, f, f,
			))
		}
		tree[dir+"main.tf"] = text(root)
		tree[dir+"variables.tf"] = text("variable \"stage\" {\n  type    = string\n  default = \"test\"\n}\n")
		if r%4 == 0 {
			tree[dir+"terraform.tfvars"] = text("stage = \"prod\"\n")
		}
	}
	return tree
}

// Charts are many Helm charts side by side.
func Charts(n int) fstest.MapFS {
	tree := fstest.MapFS{}
	for i := range n {
		dir := fmt.Sprintf("charts/c%d/", i)
		tree[dir+"Chart.yaml"] = text(fmt.Sprintf("apiVersion: v2\nname: c%d\nversion: 1.0.%d\nappVersion: \"1.2\"\n", i, i))
		tree[dir+"values.yaml"] = text(fmt.Sprintf("image: example.com/c%d:1.2\nreplicas: %d\nservice:\n  type: ClusterIP\n  port: 80\n", i, i%3+1))
		tree[dir+"templates/_helpers.tpl"] = text("{{- define \"labels\" -}}\napp: {{ .Release.Name }}\nversion: {{ .Chart.AppVersion | quote }}\n{{- end }}\n")
		tree[dir+"templates/deployment.yaml"] = text(workload)
		tree[dir+"templates/service.yaml"] = text(service)
	}
	return tree
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s), Mode: 0o644} }
