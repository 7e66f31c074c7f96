package terraform

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stancehq/stance/internal/iac"
)

// hostile is code that would take all memory, all stack or forever, and what must be told about it.
var hostile = map[string]struct {
	text  string
	kind  string
	where string // a part of what is told
}{
	"nested brackets":       {"locals {\n  a = " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "\n}\n", iac.LimitReached, "nested"},
	"brackets never closed": {"locals {\n  a = " + strings.Repeat("[", 100_000) + "\n}\n", iac.LimitReached, "nested"},
	"nested templates":      {"locals {\n  a = " + strings.Repeat(`"${`, 100_000) + "\n}\n", iac.LimitReached, "nested"},
	"nested blocks":         {strings.Repeat("resource \"a\" \"b\" {\n", 100_000), iac.LimitReached, "nested"},
	"a long sum":            {"locals {\n  a = 1" + strings.Repeat("+1", 200_000) + "\n}\n", iac.LimitReached, "operators"},
	"many conditions":       {"locals {\n  a = " + strings.Repeat("true ? 1 : ", 200_000) + "1\n}\n", iac.LimitReached, "operators"},
	"many signs":            {"locals {\n  a = " + strings.Repeat("!", 200_000) + "true\n}\n", iac.LimitReached, "operators"},
	"many indexes":          {"locals {\n  a = local.b" + strings.Repeat("[local.c]", 100_000) + "\n}\n", iac.LimitReached, "operators"},
	"count of a billion":    {"resource \"a\" \"b\" {\n  count = 1000000000\n}\n", iac.LimitReached, "count"},
	"for_each of a million": {"resource \"a\" \"b\" {\n  for_each = toset(flatten([for a in range(1000) : [for b in range(1000) : \"${a}-${b}\"]]))\n}\n", iac.LimitReached, ""},
	"dynamic of 40,000":     {"resource \"a\" \"b\" {\n  dynamic \"x\" {\n    for_each = flatten([for a in range(200) : [for b in range(200) : a]])\n    content {\n      y = x.value\n    }\n  }\n}\n", iac.LimitReached, "for_each"},
	"loops in loops": {
		"locals {\n  r = range(1000)\n}\nresource \"a\" \"b\" {\n  x = [for a in local.r : [for b in local.r : [for c in local.r : [for d in local.r : 1]]]]\n}\n",
		iac.LimitReached, "steps",
	},
	"template loops": {
		"locals {\n  r = range(1000)\n}\nresource \"a\" \"b\" {\n  x = \"%{for a in local.r}%{for b in local.r}%{for c in local.r}%{for d in local.r}xxxxxxxx%{endfor}%{endfor}%{endfor}%{endfor}\"\n}\n",
		iac.LimitReached, "",
	},
	"doubling text":              {doubling(`"${local.a%d}${local.a%d}"`, `"xxxxxxxxxxxxxxxx"`), iac.LimitReached, ""},
	"doubling lists":             {doubling(`[local.a%d, local.a%d]`, `[1]`), iac.LimitReached, ""},
	"doubling objects":           {doubling(`{ a = local.a%d, b = local.a%d }`, `{}`), iac.LimitReached, ""},
	"doubling by concat":         {doubling(`concat(local.a%d, local.a%d)`, `[1, 2]`), "", ""},
	"doubling by join":           {doubling(`join("", [local.a%d, local.a%d])`, `"xxxxxxxxxxxxxxxx"`), "", ""},
	"doubling by replace":        {doubling(`replace(local.a%d, "x", local.a%d)`, `"xxxxxxxxxxxxxxxx"`), "", ""},
	"doubling symbols":           {"resource \"s\" \"s\" {\n}\n" + doubling(`"${local.a%d}${local.a%d}"`, `s.s.id`), "", ""},
	"a huge number":              {"resource \"a\" \"b\" {\n  x = \"${1e600000000}\"\n}\n", iac.LimitReached, ""},
	"a huge power":               {"resource \"a\" \"b\" {\n  x = \"${pow(10, 100000000)}\"\n}\n", "", ""},
	"a module that calls itself": {"module \"m\" {\n  source = \"./\"\n}\n", iac.LimitReached, "calls itself"},
	"a cycle of locals":          {"locals {\n  a = local.b\n  b = local.a\n}\nresource \"a\" \"b\" {\n  x = local.a\n}\n", iac.NotEvaluated, "refers to itself"},
	"a count of itself":          {"resource \"a\" \"b\" {\n  count = length(a.b)\n}\n", iac.NotEvaluated, "refers to itself"},
	"a cycle of blocks":          {"resource \"a\" \"b\" {\n  x {\n    y = a.b.x[0].y\n  }\n}\n", iac.NotEvaluated, "refers to itself"},
}

// doubling is a chain of values each of which is made of the one before twice.
func doubling(link, first string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "locals {\n  a0 = %s\n", first)
	for i := range 60 {
		fmt.Fprintf(&b, "  a%d = "+link+"\n", i+1, i, i)
	}
	b.WriteString("}\nresource \"a\" \"b\" {\n  x = local.a60\n}\n")
	return b.String()
}

func TestHostileCodeIsEndedAndTold(t *testing.T) {
	for name, c := range hostile {
		t.Run(name, func(t *testing.T) {
			tree := fstest.MapFS{"main.tf": {Data: []byte(c.text + "\nresource \"good\" \"one\" {\n  a = 1\n}\n")}}
			begin := time.Now()
			unit, err := Read(context.Background(), tree, ".", Options{})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if c.kind != "" && !told(unit, c.kind, c.where) {
				t.Errorf("no problem %q with %q: %v", c.kind, c.where, unit.Problems)
			}
		})
	}
}

func told(unit *iac.Unit, kind, part string) bool {
	for _, p := range unit.Problems {
		if p.Kind == kind && strings.Contains(p.What, part) {
			return true
		}
	}
	return false
}
