package link

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

const code = `resource "aws_s3_bucket" "b" {
  for_each = toset(["one", "two"])
  bucket   = each.key
}

resource "aws_security_group" "s" {
  name = "s"
}
module "m" {
  source = "../m"
}
`

const state = `{"version": 4, "terraform_version": "1.11.4", "resources": [
{"mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [
 {"index_key": "one", "attributes": {"id": "one", "bucket": "one", "arn": "arn:aws:s3:::one", "region": "eu-west-1"}},
 {"index_key": "two", "attributes": {"id": "two", "bucket": "two", "arn": "arn:aws:s3:::two"}}]},
{"mode": "managed", "type": "aws_security_group", "name": "s", "instances": [
 {"attributes": {"id": "sg-1", "name": "s", "vpc_id": "vpc-1", "owner_id": "111122223333", "arn": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"}}]},
{"module": "module.m", "mode": "managed", "type": "aws_iam_user", "name": "u", "instances": [
 {"attributes": {"id": "u", "name": "u", "arn": "arn:aws:iam::111122223333:user/u"}}]},
{"mode": "managed", "type": "aws_instance", "name": "gone", "instances": [{"attributes": {"id": "i-1"}}]},
{"mode": "managed", "type": "aws_db_instance", "name": "d", "instances": [
 {"attributes": {"id": "db-1", "identifier": "d", "arn": "arn:aws:rds:eu-west-1:111122223333:db:d"}, "sensitive_attributes": [[{"type": "get_attr", "value": "arn"}]]}]},
{"mode": "data", "type": "aws_vpc", "name": "v", "instances": [{"attributes": {"id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}}]}]}`

func files(pairs ...string) fstest.MapFS {
	tree := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return tree
}

func open(t *testing.T, tree fstest.MapFS, o Options) *Index {
	t.Helper()
	o.Types = func(table string) []string { return map[string][]string{"aws_ec2_instance": {"aws_instance"}}[table] }
	x, err := Open(context.Background(), tree, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestLocateFindsTheCodeOfLiveResources(t *testing.T) {
	x := open(t, files("infra/main.tf", code, "m/main.tf", "resource \"aws_iam_user\" \"u\" {\n}\n", "infra/terraform.tfstate", state), Options{})
	const here = "111122223333"
	for _, c := range []struct {
		about   string
		of      Resource
		address string
		file    string
		line    int
	}{
		{"by ARN", Resource{"aws_s3_bucket", "arn:aws:s3:::two", "two", here, "eu-west-1"}, `aws_s3_bucket.b["two"]`, "infra/main.tf", 1},
		{"by ARN, whatever the table", Resource{"aws_s3_bucket_grant", "arn:aws:s3:::one", "one", here, "eu-west-1"}, `aws_s3_bucket.b["one"]`, "infra/main.tf", 1},
		{"by id", Resource{"aws_security_group", "sg-1", "s", here, "eu-west-1"}, "aws_security_group.s", "infra/main.tf", 6},
		{"in a module", Resource{"aws_iam_user", "arn:aws:iam::111122223333:user/u", "u", here, "global"}, "module.m.aws_iam_user.u", "m/main.tf", 1},
		{"by name, in its account", Resource{"aws_iam_user", "AIDA1", "u", here, "global"}, "module.m.aws_iam_user.u", "m/main.tf", 1},
		{"the code has it no more", Resource{"aws_ec2_instance", "i-1", "", here, "eu-west-1"}, "aws_instance.gone", "infra/terraform.tfstate", 9},
		{"a name in another account", Resource{"aws_iam_user", "AIDA1", "u", "999999999999", "global"}, "", "", 0},
		{"a name in another region", Resource{"aws_security_group", "sg-2", "s", here, "us-east-1"}, "", "", 0},
		{"an id of another account", Resource{"aws_security_group", "sg-1", "s", "999999999999", "eu-west-1"}, "", "", 0},
		{"an id of another type", Resource{"aws_vpc", "vpc-1", "", here, "eu-west-1"}, "", "", 0},
		{"what only is looked up", Resource{"aws_vpc", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "", here, "eu-west-1"}, "", "", 0},
		{"a sensitive ARN", Resource{"aws_db_instance", "arn:aws:rds:eu-west-1:111122223333:db:d", "", here, "eu-west-1"}, "", "", 0},
		{"a scope", Resource{Table: "aws_s3_bucket", Account: here}, "", "", 0},
	} {
		p := x.Locate(c.of)
		switch {
		case p == nil && c.address != "":
			t.Errorf("%s: not found", c.about)
		case p != nil && (p.Address != c.address || p.Name.File != c.file || p.Name.Line != c.line):
			t.Errorf("%s: %s at %s:%d", c.about, p.Address, p.Name.File, p.Name.Line)
		}
	}
	if u := x.Locate(Resource{Table: "aws_iam_user", ID: "arn:aws:iam::111122223333:user/u"}); len(u.Calls) != 1 || u.Calls[0].Name != "module.m" || u.Calls[0].Range.Line != 9 {
		t.Errorf("called by %+v", u.Calls)
	}
}

func TestStatesFindTheirCodeElsewhere(t *testing.T) {
	const bucket = `{"version": 4, "terraform_version": "1", "resources": [{"mode": "managed", "type": "aws_s3_bucket", "name": "b", "instances": [{"attributes": {"arn": "arn:aws:s3:::x"}}]}]}`
	const module = "resource \"aws_s3_bucket\" \"b\" {\n}\n"
	of := Resource{Table: "aws_s3_bucket", ID: "arn:aws:s3:::x"}
	for _, c := range []struct {
		about string
		tree  fstest.MapFS
		o     Options
		file  string
	}{
		{"the only code that makes it", files("states/x.tfstate", bucket, "a/main.tf", module, "b/main.tf", "resource \"aws_vpc\" \"v\" {}\n"), Options{}, "a/main.tf"},
		{"either code may make it", files("states/x.tfstate", bucket, "a/main.tf", module, "b/main.tf", module), Options{}, "states/x.tfstate"},
		{"no code", files("states/x.tfstate", bucket), Options{}, "states/x.tfstate"},
		{"one state", files("x.tfstate", bucket, "y.tfstate", bucket, "main.tf", module), Options{File: "y.tfstate"}, "main.tf"},
		{"a copy without code", files("a/x.tfstate", bucket, "b/main.tf", module, "b/c.tf", "resource \"aws_vpc\" \"v\" {}\n", "b/x.tfstate", bucket), Options{}, "b/main.tf"},
	} {
		if p := open(t, c.tree, c.o).Locate(of); p == nil || p.Name.File != c.file {
			t.Errorf("%s: %+v", c.about, p)
		}
	}
}

func TestWhatIsNoStateIsAProblem(t *testing.T) {
	for name, want := range map[string]string{"x.tfstate": "not well-formed JSON", "plan.json": "it is not a state"} {
		x := open(t, files(name, `{"format_version":"1.2","resource_changes":[]}`[:map[string]int{"x.tfstate": 20, "plan.json": 46}[name]]), Options{File: name})
		if len(x.Problems) == 0 || !strings.Contains(x.Problems[len(x.Problems)-1].What, want) && !strings.Contains(x.Problems[0].What, want) {
			t.Errorf("%s: %+v", name, x.Problems)
		}
	}
}
