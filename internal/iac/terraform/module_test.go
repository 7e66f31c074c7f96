package terraform

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

func TestSymbolsGoThroughModules(t *testing.T) {
	tree := files(
		"main.tf", `
module "store" {
  source = "./store"
  name   = "logs"
}
module "policy" {
  source = "./policy"
  bucket = module.store.bucket
  arn    = module.store.arn
}
`,
		"store/main.tf", `
variable "name" {}
locals {
  full = "x-${var.name}"
}
resource "aws_s3_bucket" "this" {
  bucket = local.full
}
output "arn" { 
  value = aws_s3_bucket.this.arn
}
output "bucket" {
  value = aws_s3_bucket.this
}
`,
		"policy/main.tf", `
variable "bucket" {
  type = object({ id = string, bucket = string })
}
variable "arn" {
  type = string
}
locals {
  policy = jsonencode({ Resource = [var.arn, "${var.arn}/*"] })
}
resource "aws_s3_bucket_policy" "this" {
  bucket = var.bucket.id
  name   = var.bucket.bucket
  policy = local.policy
}
`,
	)
	r := find(t, read(t, tree, Options{}), "module.policy.aws_s3_bucket_policy.this")
	for key, want := range map[string]string{
		"bucket": `${module.store.aws_s3_bucket.this.id}`,
		"name":   `"x-logs"`,
		"policy": `t"{\"Resource\":[\"${module.store.aws_s3_bucket.this.arn}\",\"${module.store.aws_s3_bucket.this.arn}/*\"]}"`,
	} {
		if got := show(r.Body.Get(key)); got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	if len(r.Calls) != 1 || r.Calls[0].Name != "module.policy" || r.Calls[0].Source != "./policy" || r.Calls[0].Range.Line != 6 {
		t.Errorf("calls: %+v", r.Calls)
	}
	if at := r.Body.Get("bucket").Range; at.File != "policy/main.tf" || at.Line != 12 {
		t.Errorf("the place is %+v, not that of the attribute", at)
	}
}

func TestModulesHaveInstances(t *testing.T) {
	tree := files("main.tf", `
module "m" {
  source   = "./m"
  for_each = { a = "x", b = "y" }
  v        = each.value
}
module "n" {
  source = "./m"
  count  = 2
  v      = "n${count.index}"
}
resource "x" "x" {
  one = module.m["a"].v
  all = [for k, m in module.m : m.v]
  n   = module.n[*].v
}
`, "m/main.tf", "variable \"v\" {}\nresource \"r\" \"r\" {\n  v = var.v\n}\noutput \"v\" {\n  value = r.r.v\n}\n")
	unit := read(t, tree, Options{})
	var addresses []string
	for _, r := range unit.Resources {
		addresses = append(addresses, r.Address)
	}
	want := []string{"x.x", `module.m["a"].r.r`, `module.m["b"].r.r`, "module.n[0].r.r", "module.n[1].r.r"}
	if !slices.Equal(addresses, want) {
		t.Errorf("got %v, want %v", addresses, want)
	}
	if got := show(find(t, unit, "x.x").Body); got != `{one: "x", all: ["x", "y"], n: ["n0", "n1"]}` {
		t.Error(got)
	}
}

func TestVendoredModulesAreFoundByTheList(t *testing.T) {
	unit := read(t, files(
		"main.tf", "module \"vpc\" {\n  source  = \"terraform-aws-modules/vpc/aws\"\n  version = \"5.0\"\n}\nresource \"x\" \"x\" {\n  id = module.vpc.id\n}\n",
		".terraform/modules/modules.json", `{"Modules":[{"Key":"","Dir":"."},{"Key":"vpc","Dir":".terraform/modules/vpc"},{"Key":"vpc.inner","Dir":".terraform/modules/elsewhere/sub"}]}`,
		".terraform/modules/vpc/main.tf", "module \"inner\" {\n  source = \"x/y/z\"\n}\noutput \"id\" {\n  value = module.inner.id\n}\n",
		".terraform/modules/elsewhere/sub/main.tf", "resource \"aws_vpc\" \"v\" {\n}\noutput \"id\" {\n  value = aws_vpc.v.id\n}\n",
	), Options{})
	if got := show(find(t, unit, "x.x").Body.Get("id")); got != "${module.vpc.module.inner.aws_vpc.v.id}" {
		t.Error(got)
	}
	if len(unit.Problems) > 0 {
		t.Error(unit.Problems)
	}
}

func TestModulesThatAreNotThereAreTold(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"of a registry":    {`"a/b/c"`, "terraform init"},
		"of git":           {`"git::https://example.com/x.git"`, "terraform init"},
		"outside the root": {`"../../x"`, "outside the folder"},
		"no such folder":   {`"./nothing"`, "no module in the folder"},
		"not known":        {`var.source`, "not known"},
	} {
		t.Run(name, func(t *testing.T) {
			unit := read(t, files("main.tf", "variable \"source\" {}\nmodule \"m\" {\n  source = "+c.source+"\n}\nresource \"x\" \"x\" {\n  a = module.m.id\n  b = module.m[0].list[*].x\n}\n"), Options{})
			if !told(unit, iac.MissingModule, c.want) {
				t.Errorf("problems: %v", unit.Problems)
			}
			if got := show(find(t, unit, "x.x").Body); got != "{a: ?(module.m was not read), b: ?(module.m was not read)}" {
				t.Error(got)
			}
		})
	}
}

func TestALongChainIsEvaluated(t *testing.T) {
	var b strings.Builder
	b.WriteString("resource \"s\" \"s\" {\n}\nlocals {\n  a0 = s.s.id\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  a%d = local.a%d\n", i+1, i)
	}
	b.WriteString("}\nresource \"x\" \"x\" {\n  a = local.a10000\n}\n")
	unit := read(t, files("main.tf", b.String()), Options{})
	if got := show(find(t, unit, "x.x").Body.Get("a")); got != "${s.s.id}" {
		t.Error(got)
	}
}

func TestAChainWithoutEndIsEnded(t *testing.T) {
	var b strings.Builder
	b.WriteString("locals {\n  a0 = 1\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  a%d = [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[local.a%d]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]][0]\n", i+1, i)
	}
	b.WriteString("}\nresource \"x\" \"x\" {\n  a = local.a10000\n}\n")
	unit := read(t, files("main.tf", b.String()), Options{})
	if !told(unit, iac.LimitReached, "chain") {
		t.Error(unit.Problems)
	}
}

func TestProvidersArePassedToModules(t *testing.T) {
	unit := read(t, files("main.tf", `
variable "region" {
  default = "eu-west-1"
}
provider "aws" {
  region = var.region
  default_tags {
    tags = { team = "a" }
  }
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_x" "plain" {
}
resource "aws_x" "us" {
  provider = aws.us
}
resource "google_x" "none" {
}
module "inherits" {
  source = "./m"
}
module "given" {
  source    = "./m"
  providers = { aws = aws.us }
}
module "other" {
  source    = "./n"
  providers = { aws.second = aws.us }
}
data "aws_region" "here" {
}
resource "x" "x" {
  region = data.aws_region.here.name
}
`, "m/main.tf", "resource \"aws_x\" \"x\" {\n}\n", "n/main.tf", "resource \"aws_x\" \"x\" {\n  provider = aws.second\n}\n"), Options{})
	for address, want := range map[string]string{
		"aws_x.plain":             `aws  {region: "eu-west-1", default_tags: [{tags: {team: "a"}}]}`,
		"aws_x.us":                `aws us {region: "us-east-1"}`,
		"google_x.none":           `google  absent`,
		"module.inherits.aws_x.x": `aws  {region: "eu-west-1", default_tags: [{tags: {team: "a"}}]}`,
		"module.given.aws_x.x":    `aws us {region: "us-east-1"}`,
		"module.other.aws_x.x":    `aws us {region: "us-east-1"}`,
	} {
		p := find(t, unit, address).Provider
		if got := fmt.Sprintf("%s %s %s", p.Name, p.Alias, show(p.Body)); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	if got := show(find(t, unit, "x.x").Body.Get("region")); got != `"eu-west-1"` {
		t.Error(got)
	}
}

func TestRoots(t *testing.T) {
	call := func(to string) string { return "module \"m\" {\n  source = \"" + to + "\"\n}\n" }
	roots, problems := Roots(context.Background(), files(
		"app/main.tf", call("../modules/a"),
		"modules/a/main.tf", call("../b"),
		"modules/b/main.tf", "resource \"x\" \"x\" {\n}\n",
		"modules/unused/main.tf.json", `{"resource": {}}`,
		"called/with-backend/main.tf", "terraform {\n  backend \"s3\" {\n  }\n}\n",
		"called/with-values/main.tf", "",
		"called/with-values/terraform.tfvars", "",
		"called/with-provider/main.tf", "provider \"aws\" {\n  region = \"x\"\n}\n",
		"caller/main.tf", call("../called/with-backend"), "caller/b.tf", call("../called/with-values"),
		"caller/c.tofu", strings.ReplaceAll(call("../called/with-provider"), "\"m\"", "\"n\""),
		"circle/a/main.tf", call("../b"), "circle/b/main.tf", call("../a"),
		"app/.terraform/modules/x/main.tf", "", "node_modules/x/main.tf", "", "docs/readme.md", "",
	), iac.Limits{})
	want := []string{"app", "called/with-backend", "caller", "circle/a", "modules/unused"}
	want = append(want, "called/with-values")
	slices.Sort(want)
	if !reflect.DeepEqual(roots, want) || len(problems) > 0 {
		t.Errorf("got %v, want %v; %v", roots, want, problems)
	}
}
