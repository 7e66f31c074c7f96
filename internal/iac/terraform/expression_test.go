package terraform

import (
	"testing"
	"testing/fstest"
)

// world is what the expressions of the table below see.
const world = `
variable "unknown" {}
variable "secret" {
  default   = "hunter2"
  sensitive = true
}
resource "aws_s3_bucket" "b" {
  bucket = "logs"
  tags   = { Name = "x" }
  versioning {
    enabled = true
  }
}
resource "aws_subnet" "s" {
  count      = 2
  cidr_block = "10.0.${count.index}.0/24"
}
resource "aws_iam_role" "r" {
  for_each = toset(["a", "b"])
  name     = "role-${each.key}"
}
resource "aws_eip" "maybe" {
  count = var.unknown ? 1 : 0
  domain = "vpc"
}
resource "aws_eip" "none" {
  count = 0
}
data "aws_vpc" "v" {
  id = "vpc-1"
}
data "terraform_remote_state" "net" {
  backend = "s3"
}
`

func TestExpressions(t *testing.T) {
	for _, c := range []struct{ about, expression, want string }{
		{"a set attribute is its value", `aws_s3_bucket.b.bucket`, `"logs"`},
		{"a computed attribute is a symbol", `aws_s3_bucket.b.arn`, `${aws_s3_bucket.b.arn}`},
		{"so it is in parentheses and as the only part of a template", `("${aws_s3_bucket.b.arn}")`, `${aws_s3_bucket.b.arn}`},
		{"a block is read", `aws_s3_bucket.b.versioning[0].enabled`, `true`},
		{"what a block does not set is a symbol", `aws_s3_bucket.b.versioning[0].since`, `${aws_s3_bucket.b.versioning[0].since}`},
		{"a path into a computed attribute is one", `aws_s3_bucket.b.endpoints[0].address`, `${aws_s3_bucket.b.endpoints[0].address}`},
		{"text with holes", `"${aws_s3_bucket.b.arn}/*"`, `t"${aws_s3_bucket.b.arn}/*"`},
		{"text of text with holes", `"a${"${aws_s3_bucket.b.arn}/*"}b"`, `t"a${aws_s3_bucket.b.arn}/*b"`},
		{"text with an unknown is unknown", `"x${var.unknown}"`, `?(variable unknown has no value)`},
		{"json with holes", `jsonencode({ a = [aws_s3_bucket.b.arn] })`, `t"{\"a\":[\"${aws_s3_bucket.b.arn}\"]}"`},
		{"json with a choice is one of two", `jsonencode({ a = var.unknown ? "x" : "y" })`, `either("{\"a\":\"x\"}" | "{\"a\":\"y\"}")`},
		{"what is computed of a symbol is none", `upper(aws_s3_bucket.b.arn)`, `?(known after apply: aws_s3_bucket.b.arn)`},
		{"what hands on a symbol keeps it", `coalesce(aws_s3_bucket.b.arn, "x")`, `${aws_s3_bucket.b.arn}`},
		{"an instance by number", `aws_subnet.s[1].cidr_block`, `"10.0.1.0/24"`},
		{"an instance by key", `aws_iam_role.r["a"].arn`, `${aws_iam_role.r["a"].arn}`},
		{"an instance by a computed key", `[for k in ["b"] : aws_iam_role.r[k].name]`, `["role-b"]`},
		{"an instance there is not", `try(aws_subnet.s[7].id, "none")`, `"none"`},
		{"a splat over instances", `aws_subnet.s[*].id`, `[${aws_subnet.s[0].id}, ${aws_subnet.s[1].id}]`},
		{"an old splat", `aws_subnet.s.*.cidr_block`, `["10.0.0.0/24", "10.0.1.0/24"]`},
		{"a splat over one", `aws_s3_bucket.b[*].id`, `[${aws_s3_bucket.b.id}]`},
		{"a loop over instances", `{ for k, r in aws_iam_role.r : k => r.arn }`, `{a: ${aws_iam_role.r["a"].arn}, b: ${aws_iam_role.r["b"].arn}}`},
		{"values of instances", `values(aws_iam_role.r)[*].name`, `["role-a", "role-b"]`},
		{"how many instances", `length(aws_subnet.s)`, `2`},
		{"keys of instances", `keys(aws_iam_role.r)`, `["a", "b"]`},
		{"an instance that may exist", `aws_eip.maybe[0].domain`, `"vpc"`},
		{"how many there may be", `length(aws_eip.maybe)`, `?(count is not known: variable unknown has no value)`},
		{"a known condition takes one arm and its marks", `true ? aws_s3_bucket.b.arn : var.unknown`, `${aws_s3_bucket.b.arn}`},
		{"the other arm may fail", `false ? [][0] : 1`, `1`},
		{"the other arm gives the type", `true ? 1 : "a"`, `"1"`},
		{"an unknown condition keeps both arms", `var.unknown ? ["a"] : ["a", "b"]`, `either(["a"] | ["a", "b"])`},
		{"but not if they are the same", `var.unknown ? "a" : "a"`, `"a"`},
		{"a function of one of two is one of two", `upper(var.unknown ? "a" : "b")`, `either("A" | "B")`},
		{"text of one of two", `"x-${var.unknown ? "a" : "b"}"`, `either("x-a" | "x-b")`},
		{"an element of one of two", `(var.unknown ? { a = 1 } : { a = 2 }).a`, `either(1 | 2)`},
		{"one of two resources", `(var.unknown ? aws_subnet.s[0] : aws_subnet.s[1]).id`, `either(${aws_subnet.s[0].id} | ${aws_subnet.s[1].id})`},
		{
			"one of two lists of resources", `(var.unknown ? aws_subnet.s : aws_eip.none)[*].id`,
			`either([${aws_subnet.s[0].id}, ${aws_subnet.s[1].id}] | [])`,
		},
		{"a condition of conditions", `var.unknown ? 1 : var.unknown ? 2 : 3`, `either(1 | 2 | 3)`},
		{"a symbol is not null", `aws_s3_bucket.b.arn == null`, `false`},
		{"a symbol may equal anything", `aws_s3_bucket.b.arn == "a"`, `?(known after apply: aws_s3_bucket.b.arn)`},
		{"but surely itself", `aws_s3_bucket.b.arn == aws_s3_bucket.b.arn`, `true`},
		{"a whole resource is not null", `aws_s3_bucket.b == null`, `false`},
		{"and decides", `false && var.unknown`, `false`},
		{"or decides on the left", `true || [][0]`, `true`},
		{"or does not decide", `false || var.unknown`, `?(variable unknown has no value)`},
		{"data is a symbol", `data.aws_vpc.v.cidr_block`, `${data.aws_vpc.v.cidr_block}`},
		{"a part of a list of data", `slice(data.aws_vpc.v.ids, 0, 2)`, `[${data.aws_vpc.v.ids[0]}, ${data.aws_vpc.v.ids[1]}]`},
		{"a list of data is unknown", `data.aws_vpc.v.ids[*].x`, `?(known after apply: data.aws_vpc.v.ids)`},
		{"what another state has may be anything", `data.terraform_remote_state.net.outputs.vpc_id`, `?(only the remote state data.terraform_remote_state.net has it: outputs.vpc_id)`},
		{"a secret stays one", `"x-${var.secret}"`, `!"x-hunter2"`},
		{"what it decides is one", `var.secret == "a" ? 1 : 2`, `!2`},
		{"what is made secret", `sensitive("a")`, `!"a"`},
		{"try of a symbol", `try(aws_s3_bucket.b.arn, "x")`, `${aws_s3_bucket.b.arn}`},
		{"can", `can(aws_subnet.s[7])`, `false`},
		{"a loop with a test that is not known", `[for x in [1, 2] : x if var.unknown]`, `?(variable unknown has no value)`},
		{"a loop over what is not known", `[for x in var.unknown : x]`, `?(variable unknown has no value)`},
		{"an index that is not known", `["a", "b"][var.unknown]`, `?(variable unknown has no value)`},
		{"a key that is not known", `{ (var.unknown) = 1 }`, `?(variable unknown has no value)`},
		{"groups", `{ for x in ["a", "b", "aa"] : length(x) => x... }`, `{1: ["a", "b"], 2: ["aa"]}`},
		{"a set with symbols", `toset([aws_s3_bucket.b.arn, "x"])`, `["x", ${aws_s3_bucket.b.arn}]`},
		{"where the module is", `path.module`, `"."`},
		{"the workspace", `terraform.workspace`, `"default"`},
		{"a template directive", `"%{if true}a%{else}b%{endif}"`, `"a"`},
		{"a template loop", `"%{for x in ["a", aws_s3_bucket.b.id]}<${x}>%{endfor}"`, `t"<a><${aws_s3_bucket.b.id}>"`},
		{"arguments that expand", `max([1, 3]...)`, `3`},
		{"arguments that expand and are not known", `max(var.unknown...)`, `?(variable unknown has no value)`},
		{"words in a text with holes", `replace("${aws_s3_bucket.b.id}:_NAME_", "_NAME_", aws_s3_bucket.b.arn)`, `t"${aws_s3_bucket.b.id}:${aws_s3_bucket.b.arn}"`},
		{"other text in one", `replace("${aws_s3_bucket.b.id}:a", "a", "b")`, `?(known after apply: aws_s3_bucket.b.id)`},
		{"a function of a provider", `provider::aws::arn_parse("x")`, `?(provider::aws::arn_parse is a function of a provider)`},
		{"an ephemeral value", `ephemeral.x.y.z`, `?(ephemeral is known only during apply)`},
		{"a large number", `12345678901234567890.25`, `12345678901234567890.25`},
		{"a template file", `templatefile("t.tpl", { arn = aws_s3_bucket.b.arn, n = 1 })`, `t"1 ${aws_s3_bucket.b.arn}/*\n"`},
		{"an object in the order written", `{ z = 1, "a" = 2, m = 3 }`, `{z: 1, a: 2, m: 3}`},
		{"a whole resource has its computed attributes", `{ for k, v in { x = aws_s3_bucket.b } : k => v.arn }`, `{x: ${aws_s3_bucket.b.arn}}`},
	} {
		t.Run(c.about, func(t *testing.T) {
			tree := fstest.MapFS{
				"main.tf": {Data: []byte(world)}, "x.tf": {Data: []byte("resource \"x\" \"x\" {\n  x = " + c.expression + "\n}\n")},
				"t.tpl": {Data: []byte("${n} ${arn}/*\n")},
			}
			unit := read(t, tree, Options{})
			if got := show(find(t, unit, "x.x").Body.Get("x")); got != c.want {
				t.Errorf("%s\n got %s\nwant %s\n%v", c.expression, got, c.want, unit.Problems)
			}
		})
	}
}
