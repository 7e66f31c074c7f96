package scan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac/patch"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

const disksYML = `table: fake_disk
title: Disk
about: A disk.
scope: account
id: name
name_column: name
list: {call: disks:List, items: L}
columns:
  name:   {path: Name, type: VARCHAR, about: Its name}
  locked: {path: Locked, type: BOOLEAN, about: It is encrypted}
  fast:   {path: Fast, type: BOOLEAN, about: It is fast}
  kept:   {path: Kept, type: VARCHAR, about: For how long it is kept}
sample: {Name: a, Locked: true, Fast: true, Kept: long}
terraform:
  resource: fake_disk
  with:
    keep: {resource: fake_keep, on: {disk: id}}
  columns:
    name: name
    locked: {path: locked, default: false}
    fast: {path: fast, default: true}
    kept: {path: keep/rule.days}
`

// fixingChecks are checks by what they ask and how they are fixed.
var fixingChecks = map[string][2]string{
	"fake_disk_locked": {"coalesce(locked, false)", "{set: locked, to: true}"},
	"fake_disk_kept":   {"coalesce(kept, '') = 'long'", `{add: fake_keep, with: {disk: "${self.id}", rule.days: long}}`},
	"fake_disk_fast":   {"coalesce(fast, false)", "{change: fast, to: true}"},
	// Its fix makes another check fail, and the next one's is of no use.
	"fake_disk_slow_or_open": {"not coalesce(locked, false) or not coalesce(fast, false)", "{set: fast, to: false}"},
	"fake_disk_named":        {"name = 'x'", "{set: kind, to: x}"},
}

// fixed scans code with some checks, and gives the patches by check and address, and the verdicts.
func fixed(t *testing.T, root fstest.MapFS, limits FixLimits, checks ...string) (map[string]*evaluate.Patch, map[string]evaluate.Status, *CodeOutcome) {
	t.Helper()
	files := fstest.MapFS{"fake/provider.yaml": {Data: []byte(fakeYML)}, "fake/tables/disks.yaml": {Data: []byte(disksYML)}}
	for id, of := range fixingChecks {
		files["fake/checks/disks/"+id+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"id: %s\ntitle: T\nseverity: low\nresource: fake_disk\npass: %q\nfix: {text: F, code: {terraform: [%s]}}\n", id, of[0], of[1])}
	}
	library, problems := content.Load(content.Folder{FS: files})
	for _, p := range problems {
		t.Fatal(p)
	}
	apis := plan.APIs{"fake": (&collecttest.Cloud{Ops: map[string]*collecttest.Op{"disks:List": {Output: &content.Shape{Kind: content.KindStruct, Members: []content.Member{{
		Name: "L", Shape: &content.Shape{Kind: content.KindList, Elem: &content.Shape{Kind: content.KindStruct, Members: []content.Member{
			{Name: "Name", Shape: &content.Shape{Kind: content.KindString}},
			{Name: "Locked", Shape: &content.Shape{Kind: content.KindBoolean}},
			{Name: "Fast", Shape: &content.Shape{Kind: content.KindBoolean}},
			{Name: "Kept", Shape: &content.Shape{Kind: content.KindString}},
		}}},
	}}}}}}).API()}
	catalog, mistakes, err := plan.Prepare(t.Context(), library, apis)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range mistakes {
		t.Fatal(p)
	}
	o := CodeOptions{Root: root, Library: library, Catalog: catalog, Settings: content.DefaultSettings(library), Timeout: time.Minute, Fixes: limits}
	for _, id := range checks {
		o.Checks = append(o.Checks, catalog.Checks[id])
	}
	outcome, err := Code(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := outcome.Close(); err != nil {
			t.Error(err)
		}
	})
	patches, verdicts := map[string]*evaluate.Patch{}, map[string]evaluate.Status{}
	for f, err := range outcome.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		key := f.Check + " " + f.Location.Address
		verdicts[key] = f.Status
		if f.Location.Fix != nil {
			patches[key] = f.Location.Fix
		}
	}
	return patches, verdicts, outcome
}

func codeTree(text string) fstest.MapFS { return fstest.MapFS{"main.tf": {Data: []byte(text)}} }

var generous = FixLimits{Scans: 8, Time: time.Minute}

func TestPatchesMakeTheirChecksPass(t *testing.T) {
	code := codeTree("resource \"fake_disk\" \"a\" {\n  name = \"a\" # one\n}\n\nresource \"fake_disk\" \"b\" {\n  name = \"b\"\n  locked = false\n}\n")
	patches, verdicts, outcome := fixed(t, code, generous, "fake_disk_locked", "fake_disk_kept", "fake_disk_named")
	want := []string{"fake_disk_kept fake_disk.a", "fake_disk_kept fake_disk.b", "fake_disk_locked fake_disk.a", "fake_disk_locked fake_disk.b"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(patches))); diff != "" {
		t.Fatalf("%s\n%v %+v", diff, verdicts, outcome.Fixes)
	}
	if diff := cmp.Diff(FixStats{Proved: 4, Wrong: 2}, outcome.Fixes); diff != "" {
		t.Error(diff)
	}
	for key, p := range patches {
		var edits []patch.Edit
		for _, e := range p.Edits {
			edits = append(edits, patch.Edit(e))
		}
		_, after, _ := fixed(t, codeTree(string(patch.Apply(code[p.File].Data, edits))), FixLimits{}, "fake_disk_locked", "fake_disk_kept")
		for other, was := range verdicts {
			if now, asked := after[other]; asked && now != was && other != key {
				t.Errorf("the patch for %s makes %s %s", key, other, now)
			}
		}
		if after[key] != evaluate.Pass {
			t.Errorf("after the patch %s is %s:\n%s", key, after[key], p.Diff)
		}
	}
}

func TestAPatchThatDoesHarmIsNotShown(t *testing.T) {
	code := "resource \"fake_disk\" \"a\" {\n  name   = \"a\"\n  locked = true\n}\n"
	patches, _, outcome := fixed(t, codeTree(code), generous, "fake_disk_slow_or_open", "fake_disk_fast", "fake_disk_kept")
	if diff := cmp.Diff([]string{"fake_disk_kept fake_disk.a"}, slices.Sorted(maps.Keys(patches))); diff != "" {
		t.Errorf("%s\n%+v", diff, outcome.Fixes)
	}
}

func TestWhatSeveralCallsUseIsNotChanged(t *testing.T) {
	code := fstest.MapFS{
		"main.tf":   {Data: []byte("module \"one\" {\n  source = \"./m\"\n  name = \"1\"\n}\nmodule \"two\" {\n  source = \"./m\"\n  name = \"2\"\n}\nmodule \"single\" {\n  source = \"./n\"\n}\n")},
		"m/main.tf": {Data: []byte("variable \"name\" {}\nresource \"fake_disk\" \"a\" {\n  name = var.name\n}\n")},
		"n/main.tf": {Data: []byte("resource \"fake_disk\" \"a\" {\n  name = \"3\"\n}\n")},
	}
	patches, _, outcome := fixed(t, code, generous, "fake_disk_locked")
	if diff := cmp.Diff([]string{"fake_disk_locked module.single.fake_disk.a"}, slices.Sorted(maps.Keys(patches))); diff != "" || outcome.Fixes.None != 2 {
		t.Errorf("%s\n%+v", diff, outcome.Fixes)
	}
}

func TestNobodyLooksForPatchesOfWhatIsSuppressed(t *testing.T) {
	code := "# stance:ignore fake_disk_locked it holds nothing\nresource \"fake_disk\" \"a\" {\n  name = \"a\"\n}\n"
	if patches, _, _ := fixed(t, codeTree(code), generous, "fake_disk_locked"); len(patches) > 0 {
		t.Errorf("%v", patches)
	}
}

func TestPatchesThatAreNotProvedInTimeAreCounted(t *testing.T) {
	code := codeTree("resource \"fake_disk\" \"a\" {\n  name = \"a\"\n}\n")
	patches, _, outcome := fixed(t, code, FixLimits{Scans: 3}, "fake_disk_locked", "fake_disk_kept")
	noted := slices.ContainsFunc(outcome.Result.Scan.Code.Problems, func(p report.CodeProblem) bool {
		return p.Note && strings.Contains(p.What, "for 2 failures no patch was proved in time")
	})
	if len(patches) > 0 || outcome.Fixes.Left != 2 || !noted {
		t.Errorf("%v %+v %+v", patches, outcome.Fixes, outcome.Result.Scan.Code.Problems)
	}
	if patches, _, outcome := fixed(t, code, FixLimits{}, "fake_disk_locked"); len(patches) > 0 || outcome.Fixes != (FixStats{}) {
		t.Errorf("%v %+v", patches, outcome.Fixes)
	}
}
