package terraform

import (
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

func TestLaterValuesWin(t *testing.T) {
	full := []string{
		"main.tf", "variable \"v\" {\n  default = \"default\"\n}\nresource \"x\" \"x\" {\n  v = var.v\n}\n",
		"terraform.tfvars", "v = \"tfvars\"\n", "terraform.tfvars.json", `{"v": "tfvars.json"}`, "a.auto.tfvars", "v = \"a.auto\"\n",
		"b.auto.tfvars.json", `{"v": "b.auto"}`, "env/prod.tfvars", "v = \"file\"\n",
	}
	environment := func(name string) (string, bool) { return "environment", name == "TF_VAR_v" }
	for _, c := range []struct {
		about string
		files []string
		o     Options
		want  string
	}{
		{"the default", full[:2], Options{}, "default"},
		{"the environment", full[:2], Options{Environment: environment}, "environment"},
		{"terraform.tfvars", full[:4], Options{Environment: environment}, "tfvars"},
		{"terraform.tfvars.json", full[:6], Options{}, "tfvars.json"},
		{"*.auto.tfvars", full[:8], Options{}, "a.auto"},
		{"by name", full[:10], Options{}, "b.auto"},
		{"a file", full, Options{VarFiles: []string{"env/prod.tfvars"}}, "file"},
		{"a value", full, Options{VarFiles: []string{"env/prod.tfvars"}, Variables: map[string]string{"v": "value"}}, "value"},
	} {
		t.Run(c.about, func(t *testing.T) {
			if got := show(find(t, read(t, files(c.files...), c.o), "x.x").Body.Get("v")); got != `"`+c.want+`"` {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestVariablesAreConverted(t *testing.T) {
	for _, c := range []struct{ about, variable, given, want string }{
		{"text to a number", `type = number`, "12", `12`},
		{"text to a list", `type = list(string)`, `["a", 1]`, `["a", "1"]`},
		{"text of no type is text", ``, `["a"]`, `"[\"a\"]"`},
		{"text of any type is an expression", `type = any`, `["a"]`, `["a"]`},
		{"an old type", `type = "map"`, `{ a = 1 }`, `{a: 1}`},
		{"a set is sorted", `type = set(string)`, `["b", "a", "b"]`, `["a", "b"]`},
		{
			"what is optional", `type = object({ a = string, b = optional(number, 3), c = optional(object({ d = optional(bool, true) }), {}) })`, `{ a = "x" }`,
			`{a: "x", b: 3, c: {d: true}}`,
		},
		{"what is not in the type is dropped", `type = object({ a = string })`, `{ a = 1, b = 2 }`, `{a: "1"}`},
		{"a value that does not fit", `type = number`, "abc", `?(its expression fails: Invalid value for variable: it does not have the type of the variable: a number is required)`},
		{"null is a value", "default = \"x\"\n  type = any", "null", `null`},
		{"null is none if it must not be", "default = \"x\"\n  type = any\n  nullable = false", "null", `"x"`},
		{"a secret", `sensitive = true`, "x", `!"x"`},
		{"what fails", `type = any`, "[", ``},
	} {
		t.Run(c.about, func(t *testing.T) {
			tree := files("main.tf", "variable \"v\" {\n  "+c.variable+"\n}\nresource \"x\" \"x\" {\n  v = var.v\n}\n")
			got := show(find(t, read(t, tree, Options{Variables: map[string]string{"v": c.given}}), "x.x").Body.Get("v"))
			if c.want != "" && got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAVariableWithoutAValueIsToldOnce(t *testing.T) {
	unit := read(t, files("main.tf", "variable \"region\" {\n  type = object({ name = string })\n}\nresource \"x\" \"x\" {\n  count = 3\n  a     = var.region.name\n  b     = var.region\n}\n"), Options{})
	if got := show(find(t, unit, "x.x[2]").Body.Get("a")); got != "?(variable region has no value)" {
		t.Error(got)
	}
	if len(unit.Problems) != 1 || unit.Problems[0].Kind != iac.MissingValue || unit.Problems[0].Range.Line != 1 {
		t.Errorf("problems: %v", unit.Problems)
	}
}

func TestKnownDataIsNotAsked(t *testing.T) {
	unit := read(t, files("main.tf", "data \"aws_partition\" \"p\" {\n}\nresource \"x\" \"x\" {\n  a = \"arn:${data.aws_partition.p.partition}:iam::aws:policy/x\"\n}\n"),
		Options{Known: map[string]string{"aws_partition.partition": "aws"}})
	if got := show(find(t, unit, "x.x").Body.Get("a")); got != `"arn:aws:iam::aws:policy/x"` {
		t.Error(got)
	}
}
