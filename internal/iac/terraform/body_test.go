package terraform

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/iac"
)

func TestBodies(t *testing.T) {
	for _, c := range []struct{ about, body, want string }{
		{"a block is a list of one", "a {\n  b = 1\n}", `{a: [{b: 1}]}`},
		{"blocks of a type are one list, where the first is", "a {\n}\nx = 1\na {\n  b = 2\n}", `{a: [{}, {b: 2}], x: 1}`},
		{"an attribute may be a list of objects", "a = [{ b = 1 }]", `{a: [{b: 1}]}`},
		{"meta-arguments are not there", "count = 1\nprovider = aws\ndepends_on = []\nlifecycle {\n}\nprovisioner \"x\" {\n}\nconnection {\n}\na = 1", `{a: 1}`},
		{"null is there", "a = null", `{a: null}`},
		{"a dynamic block", "dynamic \"a\" {\n  for_each = [1, 2]\n  content {\n    b = a.value\n    k = a.key\n  }\n}", `{a: [{b: 1, k: 0}, {b: 2, k: 1}]}`},
		{"of a map, with an iterator", "dynamic \"a\" {\n  for_each = { x = 1 }\n  iterator = it\n  content {\n    b = \"${it.key}=${it.value}\"\n  }\n}", `{a: [{b: "x=1"}]}`},
		{
			"in a dynamic block", "dynamic \"a\" {\n  for_each = [[1], [2, 3]]\n  content {\n    dynamic \"b\" {\n      for_each = a.value\n      content {\n        c = \"${a.key}${b.value}\"\n      }\n    }\n  }\n}",
			`{a: [{b: [{c: "01"}]}, {b: [{c: "12"}, {c: "13"}]}]}`,
		},
		{"beside a plain one", "a {\n  b = 0\n}\ndynamic \"a\" {\n  for_each = [1]\n  content {\n    b = a.value\n  }\n}", `{a: [{b: 0}, {b: 1}]}`},
		{"of nothing", "dynamic \"a\" {\n  for_each = []\n  content {\n  }\n}", `{a: []}`},
		{
			"of what is not known keeps constants", "dynamic \"a\" {\n  for_each = var.unknown\n  content {\n    b = a.value\n    c = 1\n  }\n}",
			`{a: [{b: ?(x.x[0].a: for_each is not known: variable unknown has no value), c: 1}, …]}`,
		},
		{"of one of two", "dynamic \"a\" {\n  for_each = var.unknown ? [1] : []\n  content {\n    b = a.value\n  }\n}", `{a: [{b: 1}, …]}`},
		{"a heredoc", "a = <<-EOT\n    x\n      y\n    EOT", `{a: "x\n  y\n"}`},
	} {
		t.Run(c.about, func(t *testing.T) {
			body := c.body
			if c.about != "meta-arguments are not there" {
				body = "count = 1\n" + body
			}
			unit := read(t, files("main.tf", "variable \"unknown\" {}\nresource \"x\" \"x\" {\n"+body+"\n}\n"), Options{})
			if got := show(find(t, unit, "x.x[0]").Body); got != c.want {
				t.Errorf("got  %s\nwant %s\n%v", got, c.want, unit.Problems)
			}
		})
	}
}

func TestInstances(t *testing.T) {
	for _, c := range []struct {
		about, meta string
		want        []string // addresses, with ? if they may exist
	}{
		{"a count", "count = 2", []string{"x.x[0]", "x.x[1]"}},
		{"none", "count = 0", nil},
		{"a count in text", `count = "1"`, []string{"x.x[0]"}},
		{"a count that is not known", "count = var.unknown", []string{"x.x?"}},
		{"one or none", "count = var.unknown ? 1 : 0", []string{"x.x[0]?"}},
		{"one or three", "count = var.unknown ? 1 : 3", []string{"x.x[0]", "x.x[1]?", "x.x[2]?"}},
		{"a map", "for_each = { b = 1, a = 2 }", []string{`x.x["a"]`, `x.x["b"]`}},
		{"a set", `for_each = toset(["a", "a"])`, []string{`x.x["a"]`}},
		{"not known", "for_each = var.unknown", []string{"x.x?"}},
		{"keys known only after apply", "for_each = toset([y.y.id])", []string{"x.x?"}},
		{"values known only after apply", "for_each = { a = y.y.id }", []string{`x.x["a"]`}},
		{"one of two", `for_each = var.unknown ? toset(["a", "b"]) : toset(["b"])`, []string{`x.x["a"]?`, `x.x["b"]`}},
		{"other instances", "for_each = y.z", []string{`x.x["k"]`}},
		{"a wrong count", "count = -1", []string{"x.x?"}},
		{"not enabled", "lifecycle {\n  enabled = false\n}", nil},
		{"enabled or not", "lifecycle {\n  enabled = var.unknown\n}", []string{"x.x?"}},
	} {
		t.Run(c.about, func(t *testing.T) {
			unit := read(t, files("main.tf", "variable \"unknown\" {}\nresource \"y\" \"y\" {\n}\nresource \"y\" \"z\" {\n  for_each = { k = 1 }\n}\nresource \"x\" \"x\" {\n"+c.meta+"\n}\n"), Options{})
			var got []string
			for _, r := range unit.Resources {
				if r.Type != "x" {
					continue
				}
				address := r.Address
				if r.MayExist != "" {
					address += "?"
				}
				got = append(got, address)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	unit := read(t, files("main.tf", `locals {
  cidr = "0.0.0.0/0"
}
resource "x" "x" {
  a = local.cidr
  list = [
    "one",
    local.cidr,
  ]
  object = {
    k = { n = 1 }
    "q" = 2
  }
  block {
    inner = local.cidr
  }
  dynamic "many" {
    for_each = [1]
    content {
      y = many.value
    }
  }
  text = <<-EOT
    x
  EOT
}
`), Options{})
	r := find(t, unit, "x.x")
	for name, c := range map[string]struct {
		at   iac.Range
		want string
	}{
		"the resource":    {r.Range, "4:1-26:1"},
		"its header":      {r.Name, "4:1-4:16"},
		"an attribute":    {r.Body.Get("a").Range, "5:3-5:16"},
		"an item":         {r.Body.Get("list").Items[1].Range, "8:5-8:14"},
		"a field":         {r.Body.Get("object").Get("k").Range, "11:5-11:17"},
		"a field in one":  {r.Body.Get("object").Get("k").Get("n").Range, "11:11-11:15"},
		"a quoted field":  {r.Body.Get("object").Get("q").Range, "12:5-12:11"},
		"a block":         {r.Body.Get("block").Items[0].Range, "14:3-16:3"},
		"in a block":      {r.Body.Get("block").Items[0].Get("inner").Range, "15:5-15:22"},
		"a dynamic block": {r.Body.Get("many").Items[0].Range, "17:3-22:3"},
		"in a dynamic":    {r.Body.Get("many").Items[0].Get("y").Range, "20:7-20:20"},
	} {
		if got := fmt.Sprintf("%d:%d-%d:%d", c.at.Line, c.at.Column, c.at.EndLine, c.at.EndColumn); got != c.want || c.at.File != "main.tf" {
			t.Errorf("%s: got %s %s, want %s", name, c.at.File, got, c.want)
		}
	}
	if at := r.Body.Get("text").Range; at.Line != 23 || at.EndLine != 25 {
		t.Errorf("a heredoc: %+v", at)
	}
}

func TestDependsOn(t *testing.T) {
	unit := read(t, files("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n", "m/main.tf",
		"resource \"a\" \"a\" {\n  depends_on = [b.b, data.c.c, module.d, b.b[\"x\"]]\n}\n"), Options{})
	want := []string{"module.m.b.b", "module.m.data.c.c", "module.m.module.d", `module.m.b.b["x"]`}
	if got := find(t, unit, "module.m.a.a").DependsOn; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
