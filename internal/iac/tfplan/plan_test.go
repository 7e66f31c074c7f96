package tfplan

import (
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// planText is a plan as Terraform 1.11 writes it, but for its line breaks: a bucket with companions, keyed instances, a module, a
// security group whose rules are a set, and resources that are replaced, deleted, forgotten and deposed.
const planText = `{"format_version":"1.2","terraform_version":"1.11.4",
"variables":{"name":{"value":"logs"},"token":{"value":"hunter2"},"zones":{"value":["a","b${x}"]}},
"planned_values":{"root_module":{}},
"resource_changes":[
{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b","provider_name":"registry.terraform.io/hashicorp/aws",
 "change":{"actions":["create"],"before":null,"after":{"bucket":"logs","force_destroy":false,"tags":null,"versioning":[]},
  "after_unknown":{"arn":true,"id":true,"acl":true,"logging":true,"tags_all":true},"after_sensitive":{"tags_all":{}}}},
{"address":"aws_s3_bucket_versioning.v","mode":"managed","type":"aws_s3_bucket_versioning","name":"v","provider_name":"registry.terraform.io/hashicorp/aws",
 "change":{"actions":["delete","create"],"before":{},"after":{"versioning_configuration":[{"status":"Enabled"}]},
  "after_unknown":{"bucket":true,"id":true,"versioning_configuration":[{"mfa_delete":true}]}}},
{"address":"aws_s3_bucket_policy.p","mode":"managed","type":"aws_s3_bucket_policy","name":"p",
 "change":{"actions":["create"],"after":{},"after_unknown":{"bucket":true,"policy":true,"id":true}}},
{"address":"aws_sqs_queue.q[\"a.b\"]","mode":"managed","type":"aws_sqs_queue","name":"q","index":"a.b",
 "change":{"actions":["no-op"],"after":{"arn":"arn:aws:sqs:eu-west-3:111122223333:q","name":"q"},"after_unknown":{}}},
{"address":"aws_sqs_queue.q[\"c\"]","mode":"managed","type":"aws_sqs_queue","name":"q","index":"c",
 "change":{"actions":["update"],"after":{"name":"c","kms_master_key_id":null},"after_unknown":{"arn":true,"id":true}}},
{"address":"aws_sqs_queue_policy.q[\"c\"]","mode":"managed","type":"aws_sqs_queue_policy","name":"q","index":"c",
 "change":{"actions":["create"],"after":{},"after_unknown":{"queue_url":true,"policy":true,"target_arn":true}}},
{"address":"aws_db_instance.d","mode":"managed","type":"aws_db_instance","name":"d",
 "change":{"actions":["create"],"after":{"password":"hunter2","username":"root","size":5e1,"vpc_security_group_ids":[null,null]},"after_unknown":{"id":true,"vpc_security_group_ids":[true,true],"kms_key_id":true},
  "after_sensitive":{"username":true,"vpc_security_group_ids":[false,false]}}},
{"address":"aws_security_group.s","mode":"managed","type":"aws_security_group","name":"s",
 "change":{"actions":["create"],"after":{"ingress":[{"from_port":22,"security_groups":[null]},{"from_port":443,"cidr_blocks":["0.0.0.0/0"]}]},
  "after_unknown":{"id":true,"ingress":[{"security_groups":[true]},{}],"egress":true}}},
{"address":"module.m[0].aws_s3_bucket_public_access_block.x","module_address":"module.m[0]","mode":"managed","type":"aws_s3_bucket_public_access_block","name":"x",
 "change":{"actions":["create"],"after":{"block_public_acls":true},"after_unknown":{"bucket":true,"id":true}}},
{"address":"module.m[0].aws_kms_key.k","module_address":"module.m[0]","mode":"managed","type":"aws_kms_key","name":"k",
 "change":{"actions":["create"],"after":{},"after_unknown":{"arn":true,"id":true}}},
{"address":"data.aws_iam_policy_document.d","mode":"data","type":"aws_iam_policy_document","name":"d",
 "change":{"actions":["read"],"after":{"version":null},"after_unknown":{"json":true}}},
{"address":"aws_instance.gone","mode":"managed","type":"aws_instance","name":"gone","change":{"actions":["delete"],"after":null}},
{"address":"aws_instance.left","mode":"managed","type":"aws_instance","name":"left","change":{"actions":["forget"],"after":null}},
{"address":"aws_instance.b","mode":"managed","type":"aws_instance","name":"b","deposed":"1234","change":{"actions":["no-op"],"after":{}}}],
"prior_state":{"values":{"root_module":{"resources":[{"address":"data.aws_region.r","mode":"data","type":"aws_region","name":"r","values":{"name":"eu-west-1"}},
 {"address":"aws_instance.gone","mode":"managed","type":"aws_instance","name":"gone","values":{}}]}}},
"configuration":{"provider_config":{"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"references":["var.name"]},
  "default_tags":[{"tags":{"constant_value":{"team":"a"}}}]}},"aws.w":{"name":"aws","alias":"w","expressions":{"region":{"constant_value":"us-west-2"}}}},
 "root_module":{"resources":[
 {"address":"aws_s3_bucket.b","provider_config_key":"aws","expressions":{"bucket":{"references":["var.name"]}}},
 {"address":"aws_s3_bucket_versioning.v","provider_config_key":"aws.w","expressions":{"bucket":{"references":["aws_s3_bucket.b.id","aws_s3_bucket.b"]},
   "versioning_configuration":[{"status":{"constant_value":"Enabled"}}]},"depends_on":["module.m"]},
 {"address":"aws_s3_bucket_policy.p","expressions":{"bucket":{"references":["aws_s3_bucket.b.bucket","aws_s3_bucket.b"]},"policy":{"references":["aws_s3_bucket.b.arn","aws_s3_bucket.b"]}}},
 {"address":"aws_sqs_queue.q","expressions":{"name":{"references":["each.key"]}},"for_each_expression":{"constant_value":["a.b","c"]}},
 {"address":"aws_sqs_queue_policy.q","expressions":{"queue_url":{"references":["each.value.id","each.value"]},"policy":{"references":["each.value.arn","each.value"]},
   "target_arn":{"references":["aws_sqs_queue.q","each.key"]}},"for_each_expression":{"references":["aws_sqs_queue.q"]}},
 {"address":"aws_db_instance.d","expressions":{"vpc_security_group_ids":{"references":["aws_security_group.s.id","aws_security_group.s","module.m[0].key_id","module.m[0]"]},
   "kms_key_id":{"references":["local.key"]},"password":{"references":["var.token"]}}},
 {"address":"aws_security_group.s","expressions":{"ingress":[{"from_port":{"constant_value":443}},
   {"from_port":{"constant_value":22},"security_groups":{"references":["aws_db_instance.d.id","aws_db_instance.d"]}}]}}],
 "module_calls":{"m":{"source":"./m","expressions":{"bucket":{"references":["aws_s3_bucket.b"]}},"count_expression":{"constant_value":1},
  "module":{"outputs":{"key_id":{"expression":{"references":["aws_kms_key.k.id","aws_kms_key.k"]}}},
   "resources":[{"address":"aws_s3_bucket_public_access_block.x","expressions":{"bucket":{"references":["var.bucket.id","var.bucket"]}}},
    {"address":"aws_kms_key.k","expressions":{}}],"variables":{"bucket":{}}}}},
 "variables":{"name":{},"token":{"sensitive":true}}}}}`

func TestPlansTellWhatIsKnownAndWhatUnknownsStandFor(t *testing.T) {
	unit := read(t, files("p/plan.json", planText), "p/plan.json").Unit
	if unit.Kind != iac.TerraformPlan || unit.Path != "p/plan.json" || problems(unit) != "" {
		t.Errorf("a %s of %s with problems %q", unit.Kind, unit.Path, problems(unit))
	}
	for _, c := range []struct{ about, address, path, want string }{
		{"known values", "aws_s3_bucket.b", "bucket", "logs"},
		{"what is null is not set", "aws_s3_bucket.b", "tags", "absent"},
		{"what the code leaves to the provider is not set", "aws_s3_bucket.b", "acl", "absent"},
		{"blocks that the code leaves to the provider are not set", "aws_s3_bucket.b", "logging", "absent"},
		{"an attribute of another resource", "aws_s3_bucket_versioning.v", "bucket", "${aws_s3_bucket.b.id}"},
		{"nested blocks", "aws_s3_bucket_versioning.v", "versioning_configuration", "[{status:Enabled}]"},
		{"a document with a reference in it", "aws_s3_bucket_policy.p", "policy", "?(known after apply)"},
		{"numbers as written", "aws_db_instance.d", "size", "5e1"},
		{"what the plan marks sensitive", "aws_db_instance.d", "username", "!root"},
		{"a list of references", "aws_db_instance.d", "vpc_security_group_ids", "[${aws_security_group.s.id} ${module.m[0].aws_kms_key.k.id}]"},
		{"a local is not in the plan", "aws_db_instance.d", "kms_key_id", "?(known after apply)"},
		{"each.value of resources", `aws_sqs_queue_policy.q["c"]`, "queue_url", `${aws_sqs_queue.q["c"].id}`},
		{"the same key of other instances", `aws_sqs_queue_policy.q["c"]`, "target_arn", `${aws_sqs_queue.q["c"].arn}`},
		{"blocks of a set in an order of their own", "aws_security_group.s", "ingress", "[{from_port:22 security_groups:[${aws_db_instance.d.id}]} {from_port:443 cidr_blocks:[0.0.0.0/0]}]"},
		{"an attribute of what a variable holds", "module.m[0].aws_s3_bucket_public_access_block.x", "bucket", "${aws_s3_bucket.b.id}"},
	} {
		if got := show(at(find(t, unit, c.address).Body, c.path)); got != c.want {
			t.Errorf("%s: %s.%s = %s, want %s", c.about, c.address, c.path, got, c.want)
		}
	}
}

func TestPlansTellResourcesThatWillBeThere(t *testing.T) {
	unit := read(t, files("plan.json", planText), "plan.json").Unit
	for _, r := range unit.Resources {
		switch r.Address {
		case "aws_instance.gone", "aws_instance.left", "aws_instance.b":
			t.Errorf("%s is there", r.Address)
		}
		if data := r.Type == "aws_iam_policy_document" || r.Type == "aws_region"; r.Data != data {
			t.Errorf("%s: data %v", r.Address, r.Data)
		}
	}
	find(t, unit, "data.aws_region.r")
	for address, want := range map[string]string{
		"aws_s3_bucket.b":            "logs", // region = var.name
		"aws_s3_bucket_versioning.v": "us-west-2",
		`aws_sqs_queue.q["a.b"]`:     "eu-west-3", // by its ARN
	} {
		if got := show(find(t, unit, address).Provider.Body.Get("region")); got != want {
			t.Errorf("%s is in %s, want %s", address, got, want)
		}
	}
	b := find(t, unit, "aws_s3_bucket.b")
	if got := show(b.Provider.Body.Get("default_tags")); b.Provider.Name != "aws" || got != "[{tags:{team:a}}]" {
		t.Errorf("provider %s with default tags %s", b.Provider.Name, got)
	}
	v := find(t, unit, "aws_s3_bucket_versioning.v")
	if len(v.DependsOn) != 1 || v.DependsOn[0] != "module.m" || v.Provider.Alias != "w" {
		t.Errorf("depends on %v, by %+v", v.DependsOn, v.Provider)
	}
	x := find(t, unit, "module.m[0].aws_s3_bucket_public_access_block.x")
	if len(x.Calls) != 1 || x.Calls[0].Name != "module.m[0]" || x.Calls[0].Source != "./m" || x.Calls[0].Range.Line == 0 {
		t.Errorf("calls %+v", x.Calls)
	}
	if b.Name.File != "plan.json" || b.Name.Line != 5 || planText[b.Range.StartByte:b.Range.StartByte+12] != `{"address":"` {
		t.Errorf("at %+v, %+v", b.Name, b.Range)
	}
}

const code = `variable "name" {}
variable "token" { sensitive = true }
locals { key = aws_kms_key.k.arn }
provider "aws" { region = "eu-central-1" }
resource "aws_kms_key" "k" {}
resource "aws_s3_bucket" "b" {
  bucket = "${var.name}-x"
}
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Resource = aws_s3_bucket.b.arn, Condition = var.token }] })
}
resource "aws_sns_topic" "t" {
  name              = "t"
  kms_master_key_id = local.key
}
resource "aws_security_group" "s" {
  ingress {
    from_port = 443
  }
  ingress {
    from_port = 22
  }
}
`

const planOfCode = `{"format_version":"1.2","terraform_version":"1.11.4","variables":{"name":{"value":"logs"},"token":{"value":"hunter2"}},"resource_changes":[` +
	`{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","change":{"actions":["create"],"after":{"is_enabled":true},"after_unknown":{"arn":true}}},` +
	`{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b","change":{"actions":["create"],"after":{"bucket":"logs-x","force_destroy":false},"after_unknown":{"arn":true,"id":true}}},` +
	`{"address":"aws_s3_bucket_policy.p","mode":"managed","type":"aws_s3_bucket_policy","name":"p","change":{"actions":["create"],"after":{},"after_unknown":{"bucket":true,"policy":true},"after_sensitive":{"policy":true}}},` +
	`{"address":"aws_sns_topic.t","mode":"managed","type":"aws_sns_topic","name":"t","change":{"actions":["create"],"after":{"name":"t"},"after_unknown":{"kms_master_key_id":true}}},` +
	`{"address":"aws_security_group.s","mode":"managed","type":"aws_security_group","name":"s","change":{"actions":["create"],"after":{"ingress":[{"from_port":22},{"from_port":443}]},"after_unknown":{}}}],` +
	`"configuration":{"root_module":{"resources":[{"address":"aws_s3_bucket_policy.p","expressions":{"bucket":{"references":["local.x"]},"policy":{"references":["local.x"]}}},` +
	`{"address":"aws_sns_topic.t","expressions":{"name":{"constant_value":"t"},"kms_master_key_id":{"references":["local.key"]}}}]}}}`

func TestCodeBesideAPlanTellsPlacesAndSymbols(t *testing.T) {
	r := read(t, files("infra/main.tf", code, "infra/out/plan.json", planOfCode), "infra/out/plan.json")
	if r.Root != "infra" || r.Misfit != "" {
		t.Fatalf("root %q, misfit %q", r.Root, r.Misfit)
	}
	for _, c := range []struct {
		address, path, want string
		line                int
	}{
		{"aws_s3_bucket.b", "bucket", "logs-x", 7},
		{"aws_s3_bucket.b", "force_destroy", "false", 0},
		{"aws_s3_bucket_policy.p", "bucket", "${aws_s3_bucket.b.id}", 10},
		{"aws_sns_topic.t", "kms_master_key_id", "${aws_kms_key.k.arn}", 15},
		{"aws_security_group.s", "ingress.from_port", "22", 22},
	} {
		v := at(find(t, r.Unit, c.address).Body, c.path)
		if got := show(v); got != c.want || v.Range.Line != c.line {
			t.Errorf("%s.%s = %s on line %d, want %s on line %d", c.address, c.path, got, v.Range.Line, c.want, c.line)
		}
	}
	b := find(t, r.Unit, "aws_s3_bucket.b")
	if b.Name.File != "infra/main.tf" || b.Name.Line != 6 || show(b.Provider.Body.Get("region")) != "eu-central-1" {
		t.Errorf("at %+v, provider %s", b.Name, show(b.Provider.Body))
	}
	if p := at(find(t, r.Unit, "aws_s3_bucket_policy.p").Body, "policy"); !p.Sensitive || p.Range.Line != 11 {
		t.Errorf("the policy: %s at %+v", show(p), p.Range)
	}
}

func TestPlansOfOtherCodeStandAlone(t *testing.T) {
	for _, c := range []struct{ about, code, root, misfit string }{
		{"the code makes more", code + "resource \"aws_iam_user\" \"new\" {}\n", "", "the code makes aws_iam_user.new, and it does not"},
		{"the code makes less", "resource \"aws_kms_key\" \"k\" {}\n", "", "it makes aws_s3_bucket.b, and the code does not"},
		{"what may be made", code + "variable \"n\" {}\nresource \"aws_iam_user\" \"new\" { count = var.n }\n", "infra", ""},
		{"modules that are not on disk", code + "module \"x\" { source = \"a/b/c\" }\n", "infra", ""},
	} {
		r := read(t, files("infra/main.tf", c.code, "infra/plan.json", planOfCode), "infra/plan.json")
		if r.Root != c.root || r.Misfit != c.misfit {
			t.Errorf("%s: root %q, misfit %q", c.about, r.Root, r.Misfit)
		}
	}
}

func TestPlansThatAreNotWhole(t *testing.T) {
	for _, c := range []struct{ about, text, want string }{
		{"errored", `{"format_version":"1.2","errored":true,"resource_changes":[]}`, "broken: the plan ended with errors: what it had not come to is not in it"},
		{"deferred", `{"format_version":"1.2","deferred_changes":[{}],"resource_changes":[]}`, "not evaluated: the plan puts off 1 changes: what they make is not in it"},
		{"cut off", `{"format_version":"1.2","resource_changes":[`, "broken: it is not well-formed JSON: a value was expected at byte 44"},
		{"something else", `{"a":1}`, "broken: it is neither a plan nor a state"},
		{"a key twice", `{"format_version":"1.2","resource_changes":[{"address":"a","address":"b"}]}`, `broken: key "address" is written twice; only the last one counts`},
	} {
		if got := problems(read(t, files("p.json", c.text), "p.json").Unit); got != c.want {
			t.Errorf("%s: %s", c.about, got)
		}
	}
}
