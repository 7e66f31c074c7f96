package terraform

import (
	"encoding/json"
	"testing"
)

func TestPolicyDocuments(t *testing.T) {
	for _, c := range []struct{ about, body, want string }{
		{"defaults", "statement {\n  actions   = [\"s3:*\"]\n  resources = [\"*\"]\n}", `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"`},
		{"nothing", "", `"{\"Version\":\"2012-10-17\"}"`},
		{
			"version, id and name", "version = \"2008-10-17\"\npolicy_id = \"p\"\nstatement {\n  sid = \"s\"\n  effect = \"Deny\"\n  not_actions = [\"a:B\"]\n  not_resources = [\"*\"]\n}",
			`"{\"Version\":\"2008-10-17\",\"Id\":\"p\",\"Statement\":[{\"Sid\":\"s\",\"Effect\":\"Deny\",\"NotAction\":\"a:B\",\"NotResource\":\"*\"}]}"`,
		},
		{"everyone", "statement {\n  principals {\n    type        = \"*\"\n    identifiers = [\"*\"]\n  }\n}", `"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\"}]}"`},
		{
			"everyone of AWS", "statement {\n  not_principals {\n    type        = \"AWS\"\n    identifiers = [\"*\"]\n  }\n}",
			`"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"NotPrincipal\":{\"AWS\":\"*\"}}]}"`,
		},
		{
			"holes, sorted, with the policy's own variables", "statement {\n  actions = [\"a:A\", \"b:B\"]\n  resources = [aws_s3_bucket.b.arn, \"x/&{aws:username}\"]\n}",
			`t"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"b:B\",\"a:A\"],\"Resource\":[\"${aws_s3_bucket.b.arn}\",\"x/${aws:username}\"]}]}"`,
		},
		{
			"conditions", "statement {\n  condition {\n    test = \"StringEquals\"\n    variable = \"a:b\"\n    values = [\"x\", \"y\"]\n  }\n  condition {\n    test = \"StringEquals\"\n    variable = \"c:d\"\n    values = [\"z\"]\n  }\n}",
			`"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Condition\":{\"StringEquals\":{\"a:b\":[\"x\",\"y\"],\"c:d\":\"z\"}}}]}"`,
		},
		{"a leaf that is not known", "statement {\n  resources = [var.unknown]\n}", `?(variable unknown has no value)`},
		{"statements that are not known", "dynamic \"statement\" {\n  for_each = var.unknown\n  content {\n  }\n}", `?(data.aws_iam_policy_document.d.statement: for_each is not known: variable unknown has no value)`},
		{"sources and overrides", `source_policy_documents = [data.aws_iam_policy_document.base.json]
override_policy_documents = [jsonencode({ Statement = { Sid = "over", Effect = "Deny" } })]
statement {
  sid = "over"
}
statement {
  sid = "own"
}`, `t"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Resource\":\"${aws_s3_bucket.b.arn}\",\"Sid\":\"base\"},{\"Effect\":\"Deny\",\"Sid\":\"over\"},{\"Sid\":\"own\",\"Effect\":\"Allow\"}]}"`},
	} {
		t.Run(c.about, func(t *testing.T) {
			unit := read(t, files("main.tf", `
variable "unknown" {}
resource "aws_s3_bucket" "b" {
}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "base"
    resources = [aws_s3_bucket.b.arn]
  }
}
data "aws_iam_policy_document" "d" {
`+c.body+`
}
resource "x" "x" {
  policy = data.aws_iam_policy_document.d.minified_json
  long   = data.aws_iam_policy_document.d.json
}
`), Options{})
			body := find(t, unit, "x.x").Body
			if got := show(body.Get("policy")); got != c.want {
				t.Errorf("got  %s\nwant %s\n%v", got, c.want, unit.Problems)
			}
			if long, short := body.Get("long"), body.Get("policy"); long.Text != "" {
				var a, b any
				if json.Unmarshal([]byte(long.Text), &a) != nil || json.Unmarshal([]byte(short.Text), &b) != nil {
					t.Errorf("it is not JSON: %s", long.Text)
				}
			}
		})
	}
}

func TestOtherEvaluatedData(t *testing.T) {
	unit := read(t, files("main.tf", `
data "google_iam_policy" "p" {
  binding {
    role    = "roles/viewer"
    members = ["user:b", "allUsers"]
  }
}
data "template_file" "t" {
  template = "a $${b}"
  vars     = { b = x.x.id }
}
resource "terraform_data" "d" {
  input = "in"
}
resource "x" "x" {
}
resource "y" "y" {
  google   = data.google_iam_policy.p.policy_data
  template = data.template_file.t.rendered
  output   = terraform_data.d.output
}
`), Options{})
	want := `{google: "{\"bindings\":[{\"members\":[\"allUsers\",\"user:b\"],\"role\":\"roles/viewer\"}]}", template: t"a ${x.x.id}", output: "in"}`
	if got := show(find(t, unit, "y.y").Body); got != want {
		t.Errorf("got  %s\nwant %s\n%v", got, want, unit.Problems)
	}
}
