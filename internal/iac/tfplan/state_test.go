package tfplan

import (
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

// stateText is a state as Terraform 1.11 writes it, but for its line breaks.
const stateText = `{
  "version": 4, "terraform_version": "1.11.4", "serial": 12, "lineage": "x", "outputs": {"secret": {"value": "hunter2", "type": "string"}},
  "resources": [
    {"mode": "managed", "type": "aws_db_instance", "name": "d", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].west",
      "instances": [
        {"schema_version": 2, "attributes": {"arn": "arn:aws:rds:us-west-2:111122223333:db:d", "id": "db-1", "password": "hunter2", "tags": null,
          "restore": [{"key": "hunter2", "at": "x"}], "set": ["hunter2"], "nested": {"list": ["a", "hunter2"]}},
         "sensitive_attributes": [[{"type": "get_attr", "value": "password"}],
           [{"type": "get_attr", "value": "restore"}, {"type": "index", "value": {"value": 0, "type": "number"}}, {"type": "get_attr", "value": "key"}],
           [{"type": "get_attr", "value": "nested"}, {"type": "get_attr", "value": "list"}, {"type": "index", "value": {"value": 1, "type": "number"}}],
           [{"type": "get_attr", "value": "set"}, {"type": "index", "value": {"value": {"a": 1}, "type": ["object", {}]}}]],
         "private": "aGk=", "dependencies": ["aws_security_group.s"]}]},
    {"module": "module.m[\"a\"]", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "each": "map",
      "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].west",
      "instances": [
        {"index_key": "x.y", "attributes": {"bucket": "one", "arn": "arn:aws:s3:::one"}, "sensitive_attributes": []},
        {"index_key": 1, "attributes": {"bucket": "two"}},
        {"index_key": 2, "deposed": "abcd", "attributes": {"bucket": "old"}},
        {"index_key": 3, "attributes_flat": {"bucket": "three"}}]},
    {"mode": "data", "type": "aws_region", "name": "r", "provider": "provider.aws", "instances": [{"attributes": {"name": "eu-west-1"}}]}
  ]
}`

func TestStatesTellAllValues(t *testing.T) {
	unit := read(t, files("terraform.tfstate", stateText), "terraform.tfstate").Unit
	if unit.Kind != iac.TerraformState || len(unit.Resources) != 4 {
		t.Errorf("a %s with %d resources", unit.Kind, len(unit.Resources))
	}
	for _, c := range []struct{ address, path, want string }{
		{"aws_db_instance.d", "password", "!hunter2"},
		{"aws_db_instance.d", "restore", "[{key:!hunter2 at:x}]"},
		{"aws_db_instance.d", "set", "![!hunter2]"},
		{"aws_db_instance.d", "nested", "{list:[a !hunter2]}"},
		{"aws_db_instance.d", "tags", "absent"},
		{`module.m["a"].aws_s3_bucket.b["x.y"]`, "bucket", "one"},
		{`module.m["a"].aws_s3_bucket.b[1]`, "bucket", "two"},
		{"data.aws_region.r", "name", "eu-west-1"},
	} {
		if got := show(at(find(t, unit, c.address).Body, c.path)); got != c.want {
			t.Errorf("%s.%s = %s, want %s", c.address, c.path, got, c.want)
		}
	}
	d := find(t, unit, "aws_db_instance.d")
	if d.Provider.Name != "aws" || d.Provider.Alias != "west" || show(d.Provider.Body) != "{region:us-west-2}" || len(d.DependsOn) != 1 || d.Name.Line != 4 {
		t.Errorf("%+v", d)
	}
	one := find(t, unit, `module.m["a"].aws_s3_bucket.b["x.y"]`)
	if len(one.Calls) != 1 || one.Calls[0].Name != `module.m["a"]` || one.Name.Line != 16 || one.Provider.Body != nil {
		t.Errorf("%+v", one)
	}
	if got := problems(unit); got != `skipped: module.m["a"].aws_s3_bucket.b is written in a form of an older release: any later Terraform rewrites it` {
		t.Error(got)
	}
}

func TestShownStatesTellTheSame(t *testing.T) {
	const text = `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[
	{"address":"aws_db_instance.d","mode":"managed","type":"aws_db_instance","name":"d","provider_name":"registry.terraform.io/hashicorp/aws",
	 "values":{"password":"hunter2","arn":"arn:aws:rds:us-west-2:111122223333:db:d"},"sensitive_values":{"password":true},"depends_on":["aws_kms_key.k"]}],
	"child_modules":[{"address":"module.m","resources":[{"address":"module.m.aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b","values":{"bucket":"one"}}]}]}}}`
	unit := read(t, files("state.json", text), "state.json").Unit
	d := find(t, unit, "aws_db_instance.d")
	if got := show(d.Body); got != "{password:!hunter2 arn:arn:aws:rds:us-west-2:111122223333:db:d}" || unit.Kind != iac.TerraformState || show(d.Provider.Body) != "{region:us-west-2}" {
		t.Errorf("%s of %s, %s", got, unit.Kind, show(d.Provider.Body))
	}
	if b := find(t, unit, "module.m.aws_s3_bucket.b"); len(b.Calls) != 1 || b.Name.Line != 4 {
		t.Errorf("%+v", b)
	}
}

func TestCodeBesideAStateTellsPlaces(t *testing.T) {
	const state = `{"version":4,"terraform_version":"1.11.4","resources":[
	{"mode":"managed","type":"aws_s3_bucket","name":"b","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[{"attributes":{"bucket":"logs-x"}}]},
	{"mode":"managed","type":"aws_iam_user","name":"left","instances":[{"attributes":{"name":"u"}}]}]}`
	r := read(t, files("infra/main.tf", code, "infra/terraform.tfstate", state), "infra/terraform.tfstate")
	b, left := find(t, r.Unit, "aws_s3_bucket.b"), find(t, r.Unit, "aws_iam_user.left")
	if r.Root != "infra" || b.Name.File != "infra/main.tf" || b.Name.Line != 6 || left.Name.File != "infra/terraform.tfstate" || left.Name.Line != 3 {
		t.Errorf("root %q, %+v, %+v", r.Root, b.Name, left.Name)
	}
	if show(b.Body.Get("bucket")) != "logs-x" || b.Body.Get("bucket").Range.Line != 7 || show(b.Provider.Body.Get("region")) != "eu-central-1" {
		t.Errorf("%+v by %s", b.Body.Get("bucket"), show(b.Provider.Body))
	}
}
