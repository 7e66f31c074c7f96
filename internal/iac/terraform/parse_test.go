package terraform

import (
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

func TestAfterAnErrorTheRestGoesOn(t *testing.T) {
	good := func(name string) string { return "resource \"good\" \"" + name + "\" {\n  a = 1\n}\n" }
	for _, c := range []struct {
		about, broken string
		line          int
		want          []string
	}{
		{"an attribute without a value", "resource \"bad\" \"bad\" {\n  a =\n}\n", 5, []string{"good.a", "good.b", "good.c"}},
		{"a bracket that is not closed", "resource \"bad\" \"bad\" {\n  a = [1, 2\n}\n", 6, []string{"good.a", "good.b", "good.c"}},
		{"a quote that is not closed", "resource \"bad\" \"bad\" {\n  a = \"x\n}\n", 5, []string{"good.a", "good.b", "good.c"}},
		{"a block that is not closed", "resource \"bad\" \"bad\" {\n  a = 1\n", 0, []string{"good.a", "good.b", "good.c"}},
		{"two of them", "resource \"bad\" \"bad\" {\n  a =\n}\nresource \"bad\" \"worse\" {\n  a = !\n}\n", 5, []string{"good.a", "good.b", "good.c"}},
		{"text between blocks", "what is this\n", 4, []string{"good.a", "good.b", "good.c"}},
		{"a name too many", "resource \"bad\" \"bad\" \"bad\" {\n}\n", 4, []string{"good.a", "good.b", "good.c"}},
		{"a name too few", "resource \"bad\" {\n}\n", 4, []string{"good.a", "good.b", "good.c"}},
		{"the same twice", good("a"), 4, []string{"good.a", "good.b", "good.c"}},
		{"bytes that are no text", "\xff\xfe\n", 4, nil},
	} {
		t.Run(c.about, func(t *testing.T) {
			unit := read(t, files("main.tf", good("a")+c.broken+good("b"), "other.tf", good("c")), Options{})
			var got []string
			for _, r := range unit.Resources {
				got = append(got, r.Address)
			}
			if c.want != nil && !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v; %v", got, c.want, unit.Problems)
			}
			if len(unit.Problems) == 0 || unit.Problems[0].Kind != iac.Broken || unit.Problems[0].Range.File != "main.tf" {
				t.Fatalf("problems: %v", unit.Problems)
			}
			if line := unit.Problems[0].Range.Line; c.line > 0 && line != c.line {
				t.Errorf("the problem is at line %d, not %d: %s", line, c.line, unit.Problems[0].What)
			}
		})
	}
}

func TestManyErrorsDoNotTakeForever(t *testing.T) {
	unit := read(t, files("main.tf", strings.Repeat("resource \"a\" \"b\" {\n  a =\n}\n", 5_000)), Options{})
	if !told(unit, iac.Broken, "too many errors") {
		t.Error(unit.Problems[:3])
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	unit := read(t, files("main.tf.json", `{
  "//": "a comment",
  "variable": {"name": {"type": "string", "default": "lo${gs"}, "n": {"type": "list(number)", "default": [1, 2]}},
  "locals": [{"full": "x-${var.name}"}, {"//": "kept"}],
  "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "us", "region": "us-east-1"}]},
  "module": {"m": {"source": "./m", "providers": {"aws": "aws.us"}, "v": "${aws_s3_bucket.b[0].arn}"}},
  "resource": {
    "aws_s3_bucket": {
      "b": {
        "bucket": "${local.full}",
        "count": 1,
        "provider": "aws.us",
        "depends_on": ["aws_sg.s", "module.m"],
        "tags": {"${var.name}-k": "v", "n": 1.50, "t": true, "z": null},
        "lifecycle": {"ignore_changes": ["tags"]}
      }
    },
    "aws_sg": [{"s": {
      "for_each": "${toset([\"a\"])}",
      "dynamic": {"ingress": {"for_each": "${var.n}", "content": {"port": "${ingress.value}"}}},
      "rule": [{"a": "${each.key}"}, {"a": "%{if true}y%{endif}"}]
    }}]
  },
  "output": {"o": {"value": "${local.full}"}},
  "terraform": {"backend": {"s3": {}}, "required_version": ">= 1"}
}`, "m/x.tf", "variable \"v\" {}\nresource \"aws_y\" \"y\" {\n  v = var.v\n}\n"), Options{})
	if len(unit.Problems) > 0 {
		t.Fatal(unit.Problems)
	}
	bucket := find(t, unit, "aws_s3_bucket.b[0]")
	for address, want := range map[string]string{
		"aws_s3_bucket.b[0]": `{bucket: "x-lo${gs", tags: {n: 1.5, t: true, z: null, lo${gs-k: "v"}}`,
		`aws_sg.s["a"]`:      `{ingress: [{port: 1}, {port: 2}], rule: [{a: "a"}, {a: "y"}]}`,
		"module.m.aws_y.y":   "{v: ${aws_s3_bucket.b[0].arn}}",
	} {
		if got := show(find(t, unit, address).Body); got != want {
			t.Errorf("%s\n got %s\nwant %s", address, got, want)
		}
	}
	if bucket.Provider.Alias != "us" || !slices.Equal(bucket.DependsOn, []string{"aws_sg.s", "module.m"}) {
		t.Errorf("%+v %v", bucket.Provider, bucket.DependsOn)
	}
	if at := bucket.Body.Get("bucket").Range; at.Line != 10 || at.Column != 9 || at.EndColumn != 33 || at.File != "main.tf.json" {
		t.Errorf("the property's place: %+v", at)
	}
	if at := bucket.Body.Get("tags").Get("n").Range; at.Line != 14 || at.Column != 40 {
		t.Errorf("the place in an object: %+v", at)
	}
	if at := bucket.Range; at.Line != 9 || at.EndLine != 16 {
		t.Errorf("the resource's place: %+v", at)
	}
}

func TestBrokenJSONIsTold(t *testing.T) {
	for _, c := range []struct {
		about, text, kind string
		line              int
	}{
		{"a comma too many", "{\n  \"resource\": {\"a\": {\"b\": {},}}\n}", iac.Broken, 2},
		{"an early end", "{\n  \"resource\": {", iac.Broken, 2},
		{"something behind", "{}\n{}", iac.Broken, 2},
		{"a wrong shape", "{\n  \"resource\": {\"a\": {\"b\": 3}}\n}", iac.Broken, 2},
		{"a broken template", "{\"resource\": {\"a\": {\"b\": {\n  \"x\": \"${\"}}}}", iac.Broken, 2},
		{"nesting", "{\"a\":" + strings.Repeat("[", 100_000), iac.LimitReached, 1},
	} {
		t.Run(c.about, func(t *testing.T) {
			unit := read(t, files("a.tf.json", c.text, "b.tf", "resource \"good\" \"g\" {\n}\n"), Options{})
			find(t, unit, "good.g")
			if len(unit.Problems) == 0 || unit.Problems[0].Kind != c.kind || unit.Problems[0].Range.Line != c.line {
				t.Errorf("problems: %v", unit.Problems)
			}
		})
	}
}

func TestFilesOfAModule(t *testing.T) {
	unit := read(t, files(
		"main.tf", "\xef\xbb\xbfresource \"x\" \"x\" {\n  a = 1\n  b = 1\n  blocks {\n    n = 1\n  }\n}\nlocals {\n  l = 1\n  m = 1\n}\nvariable \"v\" {\n  default = 1\n}\n",
		"x_override.tf", "resource \"x\" \"x\" {\n  b = 2\n  blocks {\n    n = 2\n  }\n  blocks {\n    n = 3\n  }\n  l = local.l\n  m = local.m\n  v = var.v\n}\nlocals {\n  l = 2\n}\nvariable \"v\" {\n  default = 2\n}\n",
		"twice.tf", "resource \"tf\" \"x\" {\n}\n", "twice.tofu", "resource \"tofu\" \"x\" {\n}\n",
		".hidden.tf", "resource \"hidden\" \"x\" {\n}\n", "x.tf~", "!!", "sub/main.tf", "resource \"sub\" \"x\" {\n}\n",
		"moves.tf", "moved {\n  from = a.b\n  to   = c.d\n}\nimport {\n  to = x.x\n  id = \"1\"\n}\nremoved {\n  from = gone.g\n  lifecycle {\n    destroy = false\n  }\n}\ncheck \"c\" {\n  assert {\n    condition     = false\n    error_message = \"x\"\n  }\n}\nephemeral \"e\" \"e\" {\n}\n",
	), Options{})
	if len(unit.Problems) > 0 {
		t.Error(unit.Problems)
	}
	if len(unit.Resources) != 2 {
		t.Errorf("%d resources", len(unit.Resources))
	}
	find(t, unit, "tofu.x")
	if got := show(find(t, unit, "x.x").Body); !strings.Contains(got, "a: 1") || !strings.Contains(got, "b: 2") ||
		!strings.Contains(got, "blocks: [{n: 2}, {n: 3}]") || !strings.Contains(got, "l: 2") || !strings.Contains(got, "m: 1") || !strings.Contains(got, "v: 2") {
		t.Error(got)
	}
	if want := []string{"main.tf", "moves.tf", "twice.tofu", "x_override.tf"}; !slices.Equal(unit.Files, want) {
		t.Errorf("files %v, want %v", unit.Files, want)
	}
}

func TestTextThatLooksLikeABlockIsText(t *testing.T) {
	unit := read(t, files("main.tf", "resource \"bad\" \"bad\" {\n  a =\n}\nresource \"good\" \"g\" {\n  a = <<EOT\nresource \"no\" \"block\" {\nEOT\n}\n"), Options{})
	if got := show(find(t, unit, "good.g").Body); got != `{a: "resource \"no\" \"block\" {\n"}` || len(unit.Problems) != 1 {
		t.Errorf("%s %v", got, unit.Problems)
	}
}
