package mapping

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac/terraform"
	"github.com/stancehq/stance/internal/plan"
)

// thing is a table with one column for each type that values are written as.
func thing(section string) map[string]*plan.Table {
	return map[string]*plan.Table{"aws_thing": {
		Name: "aws_thing",
		Spec: &content.Table{
			Name: "aws_thing", Provider: "aws", Scope: content.ScopeRegion, ID: "arn", NameColumn: "name", List: &content.Call{}, Terraform: parsed(section),
		},
		Columns: []plan.Column{
			{Name: "id", Type: "VARCHAR", Rests: []string{"name"}},
			{Name: "arn", Type: "VARCHAR", Rests: []string{"name"}},
			{Name: "name", Type: "VARCHAR"},
			{Name: "on", Type: "BOOLEAN"},
			{Name: "size", Type: "BIGINT"},
			{Name: "mode", Type: "VARCHAR"},
			{Name: "keys", Type: "VARCHAR[]"},
			{Name: "rules", Type: "STRUCT(FromPort BIGINT, Ranges STRUCT(CidrIp VARCHAR)[])[]"},
			{Name: "policy", Type: "JSON"},
			{Name: "raw", Type: "JSON"},
		},
		Paths: []plan.Path{
			{Column: "name", Path: "Name"},
			{Column: "on", Path: "On"},
			{Column: "size", Path: "Size"},
			{Column: "mode", Path: "Mode"},
			{Column: "keys", Path: "Keys", List: true},
			{Column: "rules", Path: "Rules", List: true},
			{Column: "policy", Path: "Policy", As: plan.SemanticPolicy},
		},
	}}
}

// parsed reads a section as JSON, which is shorter here than its YAML.
func parsed(text string) any {
	var section any
	if err := json.Unmarshal([]byte(text), &section); err != nil {
		panic(err)
	}
	return section
}

func provider() []*content.Provider {
	return []*content.Provider{{ID: "aws", Code: content.Code{
		Partition: "aws", Region: []string{"region", "provider/region"}, Symbols: map[string]string{"data.aws_caller_identity.account_id": "{account_id}"},
	}}}
}

// rowsOf maps a Terraform text.
func rowsOf(t *testing.T, section, code string) []*Row {
	t.Helper()
	m, err := New(thing(section), provider(), SectionTerraform)
	if err != nil {
		t.Fatal(err)
	}
	unit, err := terraform.Read(t.Context(), fstest.MapFS{"main.tf": {Data: []byte(code)}}, ".", terraform.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := m.Rows(unit, Place{Account: "000000000001"})
	return rows
}

func TestSourcesOfColumns(t *testing.T) {
	const plain = `{"resource": "aws_thing", "columns": {"name": "name", %s}}`
	for _, test := range []struct{ name, column, code, want string }{
		{"a path", `"mode": "mode"`, `mode = "a"`, `"mode":"a"`},
		{"through a block", `"mode": "b.mode"`, "b {\n mode = \"a\"\n }", `"mode":"a"`},
		{"what is not there is a known null", `"mode": "mode"`, ``, `"mode":null`},
		{"text of another type", `"on": "on", "size": "size"`, "on = \"true\"\n size = \"12\"", `"on":true,"size":12`},
		{"numbers as text", `"mode": "mode"`, `mode = 12`, `"mode":"12"`},
		{"a default", `"on": {"path": "on", "default": false}`, ``, `"on":false`},
		{"a default is for null too", `"on": {"path": "on", "default": false}`, `on = null`, `"on":false`},
		{"chosen by the vendor", `"mode": {"path": "mode", "computed": "AWS chooses"}`, ``, `?known after apply: AWS chooses`},
		{"the code's words", `"mode": {"path": "on", "values": {"true": "On", "false": "Off"}}`, `on = true`, `"mode":"On"`},
		{"other words", `"mode": {"path": "mode", "values": {"a": "A"}, "else": "?"}`, `mode = "b"`, `"mode":"?"`},
		{"the first that is there", `"mode": {"first": ["b.mode", "mode"]}`, `mode = "a"`, `"mode":"a"`},
		{"a constant", `"size": {"value": 3}`, ``, `"size":3`},
		{"whether there is something", `"on": {"path": "b", "set": true}`, "b {\n }", `"on":true`},
		{"whether there is nothing", `"on": {"path": "b", "set": true}`, ``, `"on":false`},
		{"how many", `"size": {"path": "b", "count": true}`, "b {\n }\n b {\n }", `"size":2`},
		{"one value for a list", `"keys": "mode"`, `mode = "a"`, `"keys":["a"]`},
		{"lists joined", `"keys": {"concat": ["keys", "b.key"]}`, "keys = [\"a\"]\n b {\n key = \"c\"\n }", `"keys":["a","c"]`},
		{"a condition that holds", `"mode": {"path": "mode", "where": {"on": "true"}}`, "on = true\n mode = \"a\"", `"mode":"a"`},
		{"one that does not", `"mode": {"path": "mode", "where": {"on": "true"}}`, "on = false\n mode = \"a\"", `"mode":null`},
		{"one that is not known", `"mode": {"path": "mode", "where": {"on": "true"}}`, "on = var.v\n mode = \"a\"", `?variable v has no value`},
		{
			"structures in lists", `"rules": {"each": "rule", "members": {"FromPort": "from", "Ranges": {"each": "cidrs", "members": {"CidrIp": "."}}}}`,
			"rule {\n from = 22\n cidrs = [\"10.0.0.0/8\", \"::/0\"]\n }", `"rules":[{"FromPort":22,"Ranges":[{"CidrIp":"10.0.0.0/8"},{"CidrIp":"::/0"}]}]`,
		},
		{
			"items left out", `"rules": {"each": "rule", "where": {"type": "in"}, "members": {"FromPort": "from"}}`,
			"rule {\n type = \"in\"\n from = 1\n }\n rule {\n type = \"out\"\n from = 2\n }", `"rules":[{"FromPort":1}]`,
		},
		{
			"a list that may have more", `"rules": {"each": "rule", "members": {"FromPort": "from"}}`,
			"dynamic \"rule\" {\n for_each = var.v\n content {\n from = 1\n }\n }", `?`,
		},
		{"text with values", `"mode": {"text": "m-{mode}-{region}"}`, `mode = "a"`, `"mode":"m-a-unknown"`},
		{"an id of another resource", `"mode": "mode"`, `mode = aws_other.o.id`, `"mode":"${aws_other.o.id}"`},
		{"another attribute of it", `"mode": "mode"`, `mode = aws_other.o.version`, `?known after apply: aws_other.o.version`},
		{"both arms alike", `"mode": "mode"`, `mode = var.v ? "a" : "a"`, `"mode":"a"`},
		{"arms that differ", `"mode": "mode"`, `mode = var.v ? "a" : "b"`, `?`},
		{"a secret", `"mode": "mode"`, `mode = sensitive("hunter2")`, `"mode":"(sensitive)"`},
		{
			"the account in a policy", `"policy": "policy"`, `policy = jsonencode({a = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"})`,
			`"policy":"{\"a\":\"arn:aws:iam::000000000001:root\"}"`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := "variable \"v\" {}\ndata \"aws_caller_identity\" \"me\" {}\nresource \"aws_other\" \"o\" {}\nresource \"aws_thing\" \"t\" {\n name = \"n\"\n " + test.code + "\n}\n"
			rows := rowsOf(t, strings.Replace(plain, "%s", test.column, 1), code)
			if len(rows) != 1 {
				t.Fatalf("%d rows", len(rows))
			}
			if cause, unknown := strings.CutPrefix(test.want, "?"); unknown {
				found := false
				for column, why := range rows[0].Unknown {
					found = found || column != "name" && strings.Contains(why, cause)
				}
				if !found {
					t.Errorf("it is known, or for another cause: %s %v", rows[0].Document, rows[0].Unknown)
				}
				return
			}
			got := strings.SplitN(string(rows[0].Document), `,"_code"`, 2)[0]
			if want := `{"name":"n",` + test.want; !sameMembers(got, want) {
				t.Errorf("got  %s\nwant %s\nunknown %v", got, want, rows[0].Unknown)
			}
		})
	}
}

// sameMembers compares objects whatever the order of their keys.
func sameMembers(a, b string) bool {
	var x, y map[string]any
	return json.Unmarshal([]byte(a+"}"), &x) == nil && json.Unmarshal([]byte(b+"}"), &y) == nil && cmp.Equal(x, y)
}

func TestCompanions(t *testing.T) {
	const section = `{"resource": "aws_thing", "attributes": {"arn": "arn:{partition}:thing:{region}:{account_id}:{name}"},
		"with": {"mode": {"resource": "aws_thing_mode", "on": {"thing": "name"}}}, "columns": {"name": "name", "mode": "mode/mode"}}`
	for _, test := range []struct{ name, code, want string }{
		{"by reference", `resource "aws_thing_mode" "m" {` + "\n thing = aws_thing.t.id\n mode = \"a\"\n}", `"a"`},
		{"by an attribute that the code sets", `resource "aws_thing_mode" "m" {` + "\n thing = aws_thing.t.name\n mode = \"a\"\n}", `"a"`},
		{"by the same text", `resource "aws_thing_mode" "m" {` + "\n thing = \"n\"\n mode = \"a\"\n}", `"a"`},
		{"by a formula's text", `resource "aws_thing_mode" "m" {` + "\n thing = aws_thing.t.arn\n mode = \"a\"\n}", `"a"`},
		{"of another", `resource "aws_thing_mode" "m" {` + "\n thing = \"other\"\n mode = \"a\"\n}", `null`},
		{"nobody knows whose", `resource "aws_thing_mode" "m" {` + "\n thing = var.v\n mode = \"a\"\n}", `?aws_thing_mode.m may be for it: variable v has no value`},
		{"its own, beside one of which nobody knows", `resource "aws_thing_mode" "m" {` + "\n thing = aws_thing.t.id\n mode = \"a\"\n}\n" +
			`resource "aws_thing_mode" "o" {` + "\n thing = var.v\n mode = \"b\"\n}", `"a"`},
		{"one that may not be made", `resource "aws_thing_mode" "m" {` + "\n count = var.v\n thing = aws_thing.t.id\n mode = \"a\"\n}", `?may not be made`},
		{"one that is not made", `resource "aws_thing_mode" "m" {` + "\n count = 0\n thing = aws_thing.t.id\n mode = \"a\"\n}", `null`},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows := rowsOf(t, section, "variable \"v\" {}\nresource \"aws_thing\" \"t\" {\n name = \"n\"\n}\n"+test.code)
			var got struct{ Mode any }
			if err := json.Unmarshal(rows[0].Document, &got); err != nil {
				t.Fatal(err)
			}
			if cause, unknown := strings.CutPrefix(test.want, "?"); unknown {
				if !strings.Contains(rows[0].Unknown["mode"], cause) {
					t.Errorf("unknown %q, want %q", rows[0].Unknown["mode"], cause)
				}
				return
			}
			text, _ := json.Marshal(got.Mode)
			if string(text) != test.want || rows[0].Unknown["mode"] != "" {
				t.Errorf("got %s, unknown %q; want %s", text, rows[0].Unknown["mode"], test.want)
			}
		})
	}
}

func TestWhatOnlyMayBeMadeIsUnknown(t *testing.T) {
	rows := rowsOf(t, `{"resource": "aws_thing", "columns": {"name": "name", "mode": "mode"}}`,
		"variable \"v\" {}\nresource \"aws_thing\" \"t\" {\n count = var.v\n name = \"n\"\n mode = \"a\"\n}")
	want := "it may not be made: "
	for _, column := range []string{"name", "mode"} {
		if !strings.HasPrefix(rows[0].Unknown[column], want) {
			t.Errorf("%s: unknown %q", column, rows[0].Unknown[column])
		}
	}
}

func TestNamesThatAreNotKnownAreTheResourcesOwn(t *testing.T) {
	const section = `{"resource": "aws_thing", "attributes": {"id": "{name}"}, "columns": {"name": "name", "mode": "mode"}}`
	rows := rowsOf(t, section, `
variable "v" {}
resource "aws_thing" "a" {
  name = "x-${var.v}"
}
resource "aws_thing" "b" {
  name = "y-${var.v}"
  mode = aws_thing.a.id
}`)
	var a, b struct{ Name, Mode string }
	for i, to := range []any{&a, &b} {
		if err := json.Unmarshal(rows[i].Document, to); err != nil {
			t.Fatal(err)
		}
	}
	if a.Name == "" || a.Name == b.Name || b.Mode != a.Name {
		t.Errorf("names %q and %q, and a reference to the first %q", a.Name, b.Name, b.Mode)
	}
}

func TestARNsAreOfTheRegionOfWhatTheyName(t *testing.T) {
	const section = `{"resource": "aws_thing", "attributes": {"arn": "arn:{partition}:thing:{region}:{account_id}:{name}"}, "columns": {"name": "name", "mode": "mode"}}`
	rows := rowsOf(t, section, `
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_thing" "a" {
  provider = aws.us
  name     = "a"
}
resource "aws_thing" "b" {
  name = "b"
  mode = aws_thing.a.arn
}`)
	var b struct{ Mode string }
	if err := json.Unmarshal(rows[1].Document, &b); err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:thing:us-east-1:000000000001:a"; b.Mode != want || rows[0].Region != "us-east-1" || rows[1].Region != "eu-west-1" {
		t.Errorf("got %s in %s and %s, want %s", b.Mode, rows[0].Region, rows[1].Region, want)
	}
}

func TestPlacesOfColumns(t *testing.T) {
	rows := rowsOf(t, `{"resource": "aws_thing", "columns": {"name": "name", "mode": "b.mode"}}`, "resource \"aws_thing\" \"t\" {\n  name = \"n\"\n  b {\n    mode = \"a\"\n  }\n}")
	got := map[string]int{}
	for column, at := range rows[0].Ranges {
		got[column] = at.Line
	}
	if diff := cmp.Diff(map[string]int{"name": 2, "mode": 4}, got); diff != "" {
		t.Error(diff)
	}
}

func TestKindsOfObjects(t *testing.T) {
	for typ, want := range map[string]string{
		"v1/Pod": "core/v1/pods", "apps/v1/Deployment": "apps/v1/deployments", "networking.k8s.io/v1/NetworkPolicy": "networking.k8s.io/v1/networkpolicies",
		"networking.k8s.io/v1/Ingress": "networking.k8s.io/v1/ingresses", "v1/Endpoints": "core/v1/endpoints", "gateway.networking.k8s.io/v1/Gateway": "gateway.networking.k8s.io/v1/gateways",
		"storage.k8s.io/v1/StorageClass": "storage.k8s.io/v1/storageclasses",
	} {
		group, version, resource := resourceOf(typ)
		if got := group + "/" + version + "/" + resource; got != want {
			t.Errorf("%s: got %s, want %s", typ, got, want)
		}
	}
}
