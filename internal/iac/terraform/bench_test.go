package terraform

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/iac"
)

// instances is a module with many instances of one resource, and others that refer to each of them.
func instances(n int) fstest.MapFS {
	return fstest.MapFS{"main.tf": {Data: []byte(fmt.Sprintf(`
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
`, n))}}
}

// repository is a tree of roots and modules: files, resources and calls as asked for, about.
func repository(roots, calls, resources int) fstest.MapFS {
	tree := fstest.MapFS{}
	var module strings.Builder
	module.WriteString("variable \"name\" {\n  type = string\n}\nvariable \"tags\" {\n  type    = map(string)\n  default = {}\n}\n")
	for i := range resources {
		fmt.Fprintf(&module, `
resource "aws_s3_bucket" "b%d" {
  bucket = "${var.name}-%d"
  tags   = merge(var.tags, { Name = "${var.name}-%d" })
}

resource "aws_s3_bucket_policy" "p%d" {
  bucket = aws_s3_bucket.b%d.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = [aws_s3_bucket.b%d.arn, "${aws_s3_bucket.b%d.arn}/*"] }]
  })
}
`, i, i, i, i, i, i, i)
	}
	module.WriteString("\noutput \"arn\" {\n  value = aws_s3_bucket.b0.arn\n}\n")
	for m := range 50 {
		tree[fmt.Sprintf("modules/m%d/main.tf", m)] = &fstest.MapFile{Data: []byte(module.String())}
		tree[fmt.Sprintf("modules/m%d/versions.tf", m)] = &fstest.MapFile{Data: []byte("terraform {\n  required_version = \">= 1.5\"\n}\n")}
	}
	for r := range roots {
		for c := range calls {
			text := fmt.Sprintf("module \"m%d\" {\n  source = \"../../modules/m%d\"\n  name   = \"r%d-%d\"\n  tags   = local.tags\n}\n\nresource \"aws_sns_topic\" \"t%d\" {\n  name = \"t-${module.m%d.arn}\"\n  tags = local.tags\n}\n", c, (r+c)%50, r, c, c, c)
			tree[fmt.Sprintf("roots/r%d/call%d.tf", r, c)] = &fstest.MapFile{Data: []byte(text)}
		}
		for f := range 17 {
			tree[fmt.Sprintf("roots/r%d/extra%d.tf", r, f)] = &fstest.MapFile{Data: []byte(fmt.Sprintf("locals {\n  extra%d = [for i in range(10) : \"${i}-extra\"]\n}\n\nresource \"aws_sqs_queue\" \"q%d\" {\n  name = join(\",\", local.extra%d)\n}\n", f, f, f))}
		}
		tree[fmt.Sprintf("roots/r%d/main.tf", r)] = &fstest.MapFile{Data: []byte("locals {\n  tags = { team = \"a\" }\n}\n\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\n")}
	}
	return tree
}

func BenchmarkInstances5000(b *testing.B) {
	tree := instances(5000)
	for b.Loop() {
		unit, err := Read(context.Background(), tree, ".", Options{})
		if err != nil || len(unit.Resources) != 10_000 || len(unit.Problems) > 0 {
			b.Fatal(err, len(unit.Resources), unit.Problems)
		}
	}
}

func BenchmarkRepository(b *testing.B) {
	tree := repository(130, 10, 2)
	b.Logf("%d files", len(tree))
	for b.Loop() {
		source := Open(tree, iac.Limits{})
		roots, _ := source.Roots(context.Background())
		resources := 0
		for _, root := range roots {
			unit, err := source.Read(context.Background(), root, Options{})
			if err != nil || len(unit.Problems) > 0 {
				b.Fatal(err, unit.Problems)
			}
			resources += len(unit.Resources)
		}
		if len(roots) != 130 || resources != 130*(10*4+10+17) {
			b.Fatal(len(roots), resources)
		}
	}
}
