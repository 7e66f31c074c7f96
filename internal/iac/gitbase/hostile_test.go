package gitbase_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac/gitbase"
)

// A repository's own configuration and attributes may name programs; none of them runs.
func TestARepositoryStartsNoProgram(t *testing.T) {
	dir := branched(t)
	proof := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "program")
	script := "#!/bin/sh\ntouch '" + proof + "'\ncat\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"core.fsmonitor", "core.pager", "pager.ls-tree", "pager.cat-file", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "diff.external",
		"filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.x.command", "credential.helper", "gpg.program", "alias.ls-tree",
		"alias.cat-file", "uploadpack.packObjectsHook", "core.alternateRefsCommand", "remote.origin.uploadpack",
	} {
		git(t, dir, "config", key, program)
	}
	git(t, dir, "config", "alias.rev-parse", "!"+program)
	for _, hook := range []string{"pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman", "post-checkout"} {
		if err := os.Symlink(program, filepath.Join(dir, ".git", "hooks", hook)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, map[string]string{".git/info/attributes": "* filter=x diff=x\n", "git": script})
	if got := contents(t, open(t, dir, "main"))["main.tf"]; got != "old\n" {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(proof); err == nil {
		t.Error("a program of the repository was run")
	}
}

// What a partial clone lacks is fetched by git on demand, from wherever and through whatever its configuration says.
func TestAPartialCloneFetchesNothing(t *testing.T) {
	dir := branched(t)
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	proof := filepath.Join(t.TempDir(), "ran")
	for _, filter := range []string{"blob:none", "tree:0"} {
		clone := filepath.Join(t.TempDir(), "clone")
		git(t, dir, "clone", "-q", "--filter="+filter, "--branch", "work", "file://"+dir, clone)
		git(t, clone, "config", "remote.origin.uploadpack", "touch '"+proof+"'; git-upload-pack")
		git(t, clone, "config", "protocol.file.allow", "always")
		git(t, clone, "config", "protocol.ext.allow", "always")
		for _, url := range []string{"file://" + dir, "ext::sh -c touch% " + proof} {
			git(t, clone, "config", "remote.origin.url", url)
			tree, err := gitbase.Open(t.Context(), clone, "origin/main")
			if err == nil {
				tree.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "clone without --filter") {
				t.Errorf("%s: got %v", filter, err)
			}
		}
	}
	if _, err := os.Stat(proof); err == nil {
		t.Error("something was fetched")
	}
}

// Hooks run with variables that name the repository in which they run.
func TestTheEnvironmentNamesNoOtherRepository(t *testing.T) {
	dir := branched(t)
	t.Setenv("GIT_DIR", t.TempDir())
	t.Setenv("GIT_WORK_TREE", t.TempDir())
	t.Setenv("GIT_INDEX_FILE", "nowhere")
	if got := contents(t, open(t, dir, "main"))["main.tf"]; got != "old\n" {
		t.Errorf("got %q", got)
	}
}

func TestLinksAreFollowedWithinTheFolder(t *testing.T) {
	dir := branched(t)
	git(t, dir, "stash", "-q")
	for name, target := range map[string]string{
		"envs/dev/shared.tf": "../../main.tf", "envs/dev/own": ".", "envs/dev/self.tf": "own/own/main.tf", "envs/dev/loop": "loop",
		"envs/dev/absolute": "/etc/passwd", "envs/dev/nothing": "nowhere", "there": "envs/dev",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, dir)
	whole := open(t, dir, "HEAD")
	for name, want := range map[string]string{
		"envs/dev/shared.tf": "new\n", "envs/dev/self.tf": "dev\n", "there/main.tf": "dev\n", "there/own/shared.tf": "new\n",
	} {
		if got, err := whole.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	below := open(t, filepath.Join(dir, "envs", "dev"), "HEAD")
	for name, want := range map[string]string{
		"shared.tf": "leads out of the folder", "absolute": "leads out of the folder", "loop": "too many symbolic links", "nothing": "does not exist",
	} {
		if _, err := below.ReadFile(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if target, err := below.ReadLink("shared.tf"); err != nil || target != "../../main.tf" {
		t.Errorf("%q, %v", target, err)
	}
	if info, err := below.Lstat("shared.tf"); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v, %v", info, err)
	}
}

// Trees can be made that no work tree can have.
func TestNamesThatNoPathCanHaveAreLeftOut(t *testing.T) {
	dir := branched(t)
	git(t, dir, "stash", "-q")
	blob := git(t, dir, "rev-parse", "HEAD:main.tf")
	inner := mktree(t, dir, "100644 blob "+blob+"\t..\n100644 blob "+blob+"\tok.tf\n")
	outer := mktree(t, dir, "040000 tree "+inner+"\t..\n040000 tree "+inner+"\tin\n100644 blob "+blob+"\tin\n100644 blob "+blob+"\tmain.tf\n")
	base := git(t, dir, "commit-tree", "-m", "x", outer)
	git(t, dir, "reset", "-q", "--soft", base)
	if diff := cmp.Diff(map[string]string{"main.tf": "new\n", "in": "new\n"}, contents(t, open(t, dir, base))); diff != "" {
		t.Error(diff)
	}
}

func TestSubmodulesAreNotEntered(t *testing.T) {
	dir := branched(t)
	other := branched(t)
	git(t, dir, "submodule", "--quiet", "add", "file://"+other, "modules/other")
	commit(t, dir)
	tree := open(t, dir, "HEAD")
	if diff := cmp.Diff([]string{"modules/other"}, tree.Submodules); diff != "" {
		t.Error(diff)
	}
	if entries, err := tree.ReadDir("modules/other"); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestModulesAndChartsAreThoseOfTheWorkTree(t *testing.T) {
	dir := branched(t)
	write(t, dir, map[string]string{"chart/Chart.yaml": "name: a\n", ".gitignore": ".terraform\n/chart/charts\n", "envs/dev/charts/own.yaml": "x"})
	commit(t, dir)
	write(t, dir, map[string]string{
		"envs/dev/.terraform/modules/modules.json": "{}", "chart/charts/b.tgz": "tgz", "envs/.terraform": "no folder", "charts/x.tgz": "of no chart",
		"envs/dev/new.tf": "not in the base",
	})
	got := contents(t, open(t, dir, "HEAD"))
	for name, there := range map[string]bool{
		"envs/dev/.terraform/modules/modules.json": true, "chart/charts/b.tgz": true, "envs/dev/charts/own.yaml": true,
		"envs/.terraform": false, "charts/x.tgz": false, "envs/dev/new.tf": false,
	} {
		if _, is := got[name]; is != there {
			t.Errorf("%s: %v", name, is)
		}
	}
}

func mktree(t *testing.T, dir, entries string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "mktree")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(entries)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
