package gitbase_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac/gitbase"
)

// alone keeps the settings of whoever runs the tests away from git.
func alone(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(name, value)
	}
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "x")
}

// branched is a repository whose branch "work" has parted from "main", and both have gone on.
func branched(t *testing.T) string {
	t.Helper()
	alone(t)
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	write(t, dir, map[string]string{
		"main.tf": "old\n", "gone.tf": "gone\n", "envs/dev/main.tf": "dev\n", "envs/dev/empty.tf": "", "a b/ä\n.tf": "odd\n",
	})
	commit(t, dir)
	git(t, dir, "checkout", "-q", "-b", "work")
	write(t, dir, map[string]string{"main.tf": "new\n", "new.tf": "new\n", "envs/new/main.tf": "new\n"})
	if err := os.Remove(filepath.Join(dir, "gone.tf")); err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	git(t, dir, "checkout", "-q", "main")
	write(t, dir, map[string]string{"main.tf": "newer on main\n"})
	commit(t, dir)
	git(t, dir, "checkout", "-q", "work")
	write(t, dir, map[string]string{"main.tf": "not committed\n"})
	return dir
}

func open(t *testing.T, dir, ref string) *gitbase.Tree {
	t.Helper()
	tree, err := gitbase.Open(t.Context(), dir, ref)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}

// contents are all files of a file system.
func contents(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		all[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestATreeIsTheFolderWhereTheBranchBegan(t *testing.T) {
	dir := branched(t)
	tree := open(t, dir, "main")
	if diff := cmp.Diff(map[string]string{
		"main.tf": "old\n", "gone.tf": "gone\n", "envs/dev/main.tf": "dev\n", "envs/dev/empty.tf": "", "a b/ä\n.tf": "odd\n",
	}, contents(t, tree)); diff != "" {
		t.Error(diff)
	}
	if tree.Base != git(t, dir, "rev-parse", "main~1") {
		t.Errorf("base %s", tree.Base)
	}
	if err := fstest.TestFS(tree, "main.tf", "envs/dev/main.tf", "a b/ä\n.tf"); err != nil {
		t.Error(err)
	}
}

func TestATreeOfAFolderBelow(t *testing.T) {
	dir := branched(t)
	if diff := cmp.Diff(map[string]string{"main.tf": "dev\n", "empty.tf": ""}, contents(t, open(t, filepath.Join(dir, "envs", "dev"), "main"))); diff != "" {
		t.Error(diff)
	}
	if got := contents(t, open(t, filepath.Join(dir, "envs", "new"), "main")); len(got) > 0 {
		t.Errorf("a folder that was not there has %v", got)
	}
	if _, err := open(t, dir, "main").Stat("main.tf/x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("below a file: %v", err)
	}
}

func TestNeitherWorkTreeNorIndexIsTouched(t *testing.T) {
	dir := branched(t)
	write(t, dir, map[string]string{"staged.tf": "x"})
	git(t, dir, "add", "staged.tf")
	index := filepath.Join(dir, ".git", "index")
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	contents(t, open(t, dir, "main"))
	after, err := os.ReadFile(index)
	if err != nil || string(before) != string(after) {
		t.Errorf("the index has changed: %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "main.tf")); string(text) != "not committed\n" {
		t.Errorf("the work tree has changed: %q", text)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	dir := branched(t)
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, dir, "clone", "-q", "--branch", "work", "file://"+dir, clone)
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, dir, "clone", "-q", "--depth", "1", "--no-single-branch", "--branch", "work", "file://"+dir, shallow)
	single := filepath.Join(t.TempDir(), "single")
	git(t, dir, "clone", "-q", "--depth", "1", "--branch", "work", "file://"+dir, single)
	empty := t.TempDir()
	git(t, empty, "init", "-q")
	outside := t.TempDir()
	git(t, dir, "checkout", "-q", "--orphan", "apart")
	git(t, dir, "commit", "-q", "-m", "apart")
	for name, c := range map[string]struct{ dir, ref, want string }{
		"no repository":       {outside, "main", "is not in a git repository, so there is no base to compare with"},
		"no folder":           {filepath.Join(outside, "x"), "main", "no such file or directory"},
		"a file":              {filepath.Join(dir, "new.tf"), "main", "a folder is wanted"},
		"within .git":         {filepath.Join(dir, ".git"), "main", "but not in its work tree"},
		"no commit":           {empty, "main", "the repository has no commit yet"},
		"unknown":             {dir, "nowhere", "there is no revision nowhere here: fetch it first"},
		"only on the remote":  {clone, "main", "there is no revision main here; did you mean origin/main?"},
		"nothing in common":   {dir, "main", "HEAD and main have no common ancestor"},
		"a shallow clone":     {shallow, "origin/main", "because the clone is shallow: run git fetch --unshallow, or fetch all of the history in CI (fetch-depth: 0)"},
		"a ref not in it":     {single, "origin/main", "the clone is shallow: fetch it with its history (in CI, fetch-depth: 0)"},
		"an option":           {dir, "--all", `"--all" is not the name of a revision`},
		"a range":             {dir, "main..work", "there is no revision main..work here"},
		"no name":             {dir, "", `"" is not the name of a revision`},
		"a file, not commits": {dir, "HEAD:main.tf", "there is no revision HEAD:main.tf here"},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := gitbase.Open(t.Context(), c.dir, c.ref)
			if err == nil {
				tree.Close()
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	dir := branched(t)
	ctx, cancel := context.WithCancel(t.Context())
	tree, err := gitbase.Open(ctx, dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.ReadFile("main.tf"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	if _, err := tree.ReadFile("main.tf"); err == nil {
		t.Error("a closed tree is read")
	}
	if _, err := gitbase.Open(ctx, dir, "main"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
