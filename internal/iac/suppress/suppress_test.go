package suppress_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/cloudformation"
	"github.com/stancehq/stance/internal/iac/manifest"
	"github.com/stancehq/stance/internal/iac/suppress"
	"github.com/stancehq/stance/internal/iac/terraform"
)

var (
	checks = []string{"aws_s3_bucket_logging", "aws_s3_bucket_versioning", "aws_sqs_queue_encrypted", "kubernetes_workload_token_safe"}
	now    = time.Date(2026, 1, 15, 23, 30, 0, 0, time.FixedZone("", 2*3600)) // the 15th in UTC too
)

// tree makes a file system of files by name.
func tree(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func readTerraform(t *testing.T, root fstest.MapFS, dir string) *iac.Unit {
	t.Helper()
	u, err := terraform.Read(t.Context(), root, dir, terraform.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func readTemplate(t *testing.T, root fstest.MapFS, file string) *iac.Unit {
	t.Helper()
	u, err := cloudformation.Read(t.Context(), root, file, cloudformation.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func readManifests(t *testing.T, root fstest.MapFS) []*iac.Unit {
	t.Helper()
	found, err := manifest.Find(t.Context(), root, iac.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	units, err := manifest.Read(t.Context(), root, found, manifest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return units
}

func newList(t *testing.T, root fstest.MapFS, units []*iac.Unit, listed ...content.Suppression) *suppress.List {
	t.Helper()
	l, err := suppress.New(t.Context(), suppress.Options{Root: root, Units: units, Checks: checks, Listed: listed, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// subject is a finding about a resource that shows the resource itself.
func subject(u *iac.Unit, r *iac.Resource, check string) suppress.Subject {
	return suppress.Subject{Check: check, Unit: u.Path, Address: r.Address, Block: r.Range, Calls: r.Calls, At: r.Range}
}

// suppressed gives what is said of the findings of a check about all resources: address: reason (by).
func suppressed(l *suppress.List, units []*iac.Unit, check string) []string {
	var all []string
	for _, u := range units {
		for _, r := range u.Resources {
			if result := l.Match(subject(u, r, check)); result != nil {
				all = append(all, fmt.Sprintf("%s: %s (%s)", r.Address, result.Reason, result.By))
			}
		}
	}
	return all
}

// told gives problems as file:line: what.
func told(problems []iac.Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, fmt.Sprintf("%s:%d: %s", p.Range.File, p.Range.Line, p.What))
	}
	return all
}

func TestACommentHoldsForItsBlock(t *testing.T) {
	const versioning = "stance:ignore aws_s3_bucket_versioning kept elsewhere"
	for name, c := range map[string]struct{ code, want string }{
		"above":                         {"# " + versioning + "\nresource \"aws_s3_bucket\" \"a\" {\n}", "1"},
		"above, with slashes":           {"// " + versioning + "\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"above, between others":         {"# x\n#" + versioning + "\n// y\n\nresource \"aws_s3_bucket\" \"a\" {}", ""},
		"stacked":                       {"# " + versioning + "\n# stance:ignore aws_s3_bucket_logging r\n# about it\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"in a comment of several lines": {"/* about\n * " + versioning + "\n */\nresource \"aws_s3_bucket\" \"a\" {}", "2"},
		"in a comment of one line":      {"/* " + versioning + " */\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"on the first line":             {"resource \"aws_s3_bucket\" \"a\" { # " + versioning + "\n}", "1"},
		"inside":                        {"resource \"aws_s3_bucket\" \"a\" {\n  # " + versioning + "\n  bucket = \"x\"\n}", "2"},
		"behind an attribute":           {"resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"x\" # " + versioning + "\n}", "2"},
		"on the last line":              {"resource \"aws_s3_bucket\" \"a\" {\n} # " + versioning, "2"},
		"a blank line below":            {"# " + versioning + "\n\nresource \"aws_s3_bucket\" \"a\" {}", ""},
		"behind other code above":       {"locals {} # " + versioning + "\nresource \"aws_s3_bucket\" \"a\" {}", ""},
		"of another block":              {"resource \"aws_s3_bucket\" \"a\" {}\n# " + versioning + "\nresource \"aws_sqs_queue\" \"a\" {}", ""},
		"in text":                       {"resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"# " + versioning + "\"\n}", ""},
		"in a heredoc":                  {"resource \"aws_s3_bucket\" \"a\" {\n  bucket = <<E\n# " + versioning + "\nE\n}", ""},
		"not at its beginning":          {"resource \"aws_s3_bucket\" \"a\" { # see " + versioning + "\n}", ""},
		"commented out":                 {"# # " + versioning + "\nresource \"aws_s3_bucket\" \"a\" {}", ""},
		"a pattern":                     {"# stance:ignore aws_s3_* kept elsewhere\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"a list":                        {"# stance:ignore aws_sqs_queue_encrypted, aws_s3_bucket_versioning kept elsewhere\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"all":                           {"# stance:ignore all kept elsewhere\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"another check":                 {"# stance:ignore aws_s3_bucket_logging kept elsewhere\nresource \"aws_s3_bucket\" \"a\" {}", ""},
		"the file":                      {"# about\n# stance:ignore-file aws_s3_* kept elsewhere\n\nlocals {}\nresource \"aws_s3_bucket\" \"a\" {}", "2"},
		"until today":                   {"# " + versioning + " until=2026-01-15\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
		"with Windows' ends of lines":   {"# " + versioning + "\r\nresource \"aws_s3_bucket\" \"a\" {\r\n}\r\n", "1"},
		"behind a byte order mark":      {"\xef\xbb\xbf# " + versioning + "\nresource \"aws_s3_bucket\" \"a\" {}", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(map[string]string{"main.tf": c.code})
			u := readTerraform(t, root, ".")
			var want []string
			if c.want != "" {
				want = []string{"aws_s3_bucket.a: kept elsewhere (main.tf:" + c.want + ")"}
			}
			var got []string
			l := newList(t, root, []*iac.Unit{u})
			for _, one := range suppressed(l, []*iac.Unit{u}, "aws_s3_bucket_versioning") {
				if strings.HasPrefix(one, "aws_s3_bucket.") {
					got = append(got, one)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff, told(l.Problems()))
			}
		})
	}
}

func TestMistakesInComments(t *testing.T) {
	for comment, want := range map[string]string{
		"stance:ignore":                                                   "it suppresses nothing: it names no check; write CHECK the reason until=2027-01-01",
		"stance:ignore until=2027-01-01":                                  "it suppresses nothing: it names no check; write CHECK the reason until=2027-01-01",
		"stance:ignore aws_s3_bucket_logging":                             "it suppresses nothing: a reason is required; write CHECK the reason until=2027-01-01",
		"stance:ignore aws_s3_bucket_logging until=2027-01-01":            "it suppresses nothing: a reason is required; write CHECK the reason until=2027-01-01",
		"stance:ignore aws_s3_bucket_logging --":                          "it suppresses nothing: a reason is required; write CHECK the reason until=2027-01-01",
		"stance:ignore aws_s3_bucket_loging r":                            `it suppresses nothing: there is no check "aws_s3_bucket_loging" (did you mean "aws_s3_bucket_logging"?)`,
		"stance:ignore aws_s4_* r":                                        `it suppresses nothing: no check is called "aws_s4_*"`,
		"stance:ignore * r":                                               `it suppresses nothing: "*" is too wide for a check: write all if all are meant`,
		"stance:ignore aws_s3_bucket_logging,nonsense r":                  `it suppresses only a part of what it names: there is no check "nonsense"`,
		"stance:ignore aws_s3_bucket_logging r until=2026-01-14":          "it suppresses nothing: it has expired: its last day was 2026-01-14",
		"stance:ignore aws_s3_bucket_logging r until=soon":                "it suppresses nothing: until=soon is no day; write until=2027-01-01",
		"stance:ignore aws_s3_bucket_logging r until=2027-02-30":          "it suppresses nothing: until=2027-02-30 is no day; write until=2027-01-01",
		"stance:ignore aws_s3_bucket_logging until=2027-01-01 r until=no": "it suppresses nothing: it says until= more than once",
		"stance:ignroe aws_s3_bucket_logging r":                           `it suppresses nothing: there is no stance:ignroe (did you mean "stance:ignore"?)`,
		"stance: ignore aws_s3_bucket_logging r":                          "it suppresses nothing: write stance:ignore without a space in it",
		"stance: how we stand":                                            "",
		"stance:ignore-file aws_s3_* r":                                   "it suppresses nothing: stance:ignore-file stands at the top of a file, before all code",
	} {
		root := tree(map[string]string{"main.tf": "resource \"aws_s3_bucket\" \"a\" {\n  # " + comment + "\n}"})
		u := readTerraform(t, root, ".")
		var all []string
		if want != "" {
			all = []string{"main.tf:2: " + want}
		}
		if diff := cmp.Diff(all, told(newList(t, root, []*iac.Unit{u}).Problems())); diff != "" {
			t.Errorf("%s: %s", comment, diff)
		}
	}
}

func TestACommentThatHoldsForNothingIsTold(t *testing.T) {
	for name, c := range map[string]struct{ code, want string }{
		"on a variable":             {"# stance:ignore all r\nvariable \"x\" {}", "main.tf:1: it suppresses nothing: write it into the block of a resource or a call, or on the line above it"},
		"too far above":             {"# stance:ignore all r\n\nresource \"aws_s3_bucket\" \"a\" {}", "main.tf:1: it suppresses nothing: write it into the block of a resource or a call, or on the line above it"},
		"on what is not made":       {"# stance:ignore all r\nresource \"aws_s3_bucket\" \"a\" {\n  count = 0\n}", ""},
		"in what is not made":       {"resource \"aws_s3_bucket\" \"a\" {\n  # stance:ignore all r\n  count = 0\n}", ""},
		"on a module not here":      {"# stance:ignore all r\nmodule \"a\" {\n  source = \"./nowhere\"\n}", ""},
		"in a template's condition": {"locals {\n  a = \"${true ? \"a\" : \"b\"}\" # stance:ignore all r\n}", "main.tf:2: it suppresses nothing: write it into the block of a resource or a call, or on the line above it"},
	} {
		root := tree(map[string]string{"main.tf": c.code})
		l := newList(t, root, []*iac.Unit{readTerraform(t, root, ".")})
		if got := strings.Join(told(l.Problems()), "\n"); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		if got := l.Unused(nil); len(got) > 0 && c.want == "" {
			t.Errorf("%s: unused %v", name, told(got))
		}
	}
}

var modules = map[string]string{
	"main.tf": `
# stance:ignore aws_s3_bucket_versioning from the call
module "logs" {
  source = "./modules/logs"
}
module "data" {
  source   = "./modules/logs"
  for_each = toset(["a.b", "c"])
}`,
	"modules/logs/main.tf": `
resource "aws_s3_bucket" "this" {
  bucket = "x"
}
module "inner" {
  source = "../inner" # stance:ignore aws_sqs_* from the inner call
}`,
	"modules/inner/main.tf": `
resource "aws_sqs_queue" "q" {
  for_each = toset(["x", "y"])
}`,
}

func TestACommentOnACallHoldsForAllItMakes(t *testing.T) {
	root := tree(modules)
	units := []*iac.Unit{readTerraform(t, root, ".")}
	l := newList(t, root, units)
	if diff := cmp.Diff([]string{
		"module.logs.aws_s3_bucket.this: from the call (main.tf:2)",
		`module.logs.module.inner.aws_sqs_queue.q["x"]: from the call (main.tf:2)`,
		`module.logs.module.inner.aws_sqs_queue.q["y"]: from the call (main.tf:2)`,
	}, suppressed(l, units, "aws_s3_bucket_versioning")); diff != "" {
		t.Error(diff)
	}
	if got := suppressed(l, units, "aws_sqs_queue_encrypted"); len(got) != 9 { // of three calls of logs, whose buckets are no queues, too
		for _, one := range got {
			if !strings.Contains(one, "from the inner call (modules/logs/main.tf:6)") {
				t.Error(one)
			}
		}
	}
}

func TestCommentsOfOthersModulesHoldForNothing(t *testing.T) {
	root := tree(map[string]string{
		"main.tf":                         "module \"a\" {\n  source = \"x/y/z\"\n}",
		".terraform/modules/modules.json": `{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"a","Source":"registry.terraform.io/x/y/z","Version":"1.0.0","Dir":".terraform/modules/a"}]}`,
		".terraform/modules/a/main.tf":    "# stance:ignore all we know better\nresource \"aws_s3_bucket\" \"this\" {}",
	})
	units := []*iac.Unit{readTerraform(t, root, ".")}
	if len(units[0].Resources) != 1 {
		t.Fatal(units[0].Problems)
	}
	if got := suppressed(newList(t, root, units), units, "aws_s3_bucket_versioning"); got != nil {
		t.Error(got)
	}
	byAddress := content.Suppression{Reason: "r", Address: []string{"module.a.**"}, Pos: content.Pos{File: "stance.yaml", Line: 3}}
	if got := suppressed(newList(t, root, units, byAddress), units, "aws_s3_bucket_versioning"); len(got) != 1 {
		t.Error(got)
	}
}

func TestACommentHoldsWhereTheFindingPoints(t *testing.T) {
	root := tree(map[string]string{"main.tf": `
resource "aws_s3_bucket" "a" {}
resource "aws_s3_bucket_versioning" "a" {
  bucket = aws_s3_bucket.a.id
  # stance:ignore aws_s3_bucket_versioning said where it is decided
  versioning_configuration { status = "Suspended" }
}`})
	u := readTerraform(t, root, ".")
	l := newList(t, root, []*iac.Unit{u})
	s := subject(u, u.Resources[0], "aws_s3_bucket_versioning")
	if l.Match(s) != nil {
		t.Error("it holds for a finding that points elsewhere")
	}
	s.At = iac.Range{File: "main.tf", Line: 6, Column: 3, EndLine: 6, EndColumn: 50}
	if l.Match(s) == nil {
		t.Error("it does not hold")
	}
}

func TestWhatSuppressesNothingAnyMoreIsTold(t *testing.T) {
	root := tree(map[string]string{"main.tf": `
# stance:ignore aws_s3_bucket_versioning used
# stance:ignore aws_s3_bucket_logging unused
# stance:ignore all also used
resource "aws_s3_bucket" "a" {}`})
	u := readTerraform(t, root, ".")
	l := newList(t, root, []*iac.Unit{u}, content.Suppression{
		Checks: map[string]bool{"aws_sqs_queue_encrypted": true}, Reason: "r", Pos: content.Pos{File: "stance.yaml", Line: 7},
	})
	if got := l.Match(subject(u, u.Resources[0], "aws_s3_bucket_versioning")); got == nil || got.Reason != "used" {
		t.Fatal(got)
	}
	const can = ": this suppresses no finding any more: it can go"
	if diff := cmp.Diff([]string{"main.tf:3" + can, "stance.yaml:7" + can}, told(l.Unused(nil))); diff != "" {
		t.Error(diff)
	}
	leftOut := func(check string) bool { return check == "aws_s3_bucket_logging" }
	if diff := cmp.Diff([]string{"stance.yaml:7" + can}, told(l.Unused(leftOut))); diff != "" {
		t.Error(diff)
	}
}

func TestNewEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := tree(map[string]string{"main.tf": "locals {}"})
	o := suppress.Options{Root: root, Units: []*iac.Unit{{Files: []string{"main.tf"}}}, Now: now}
	if _, err := suppress.New(ctx, o); err == nil {
		t.Error("no error")
	}
}
