// Package gitbase shows a folder as it was at the revision that a branch began from, as a read-only file system, so that a scan of
// both tells what the branch adds and what it fixes.
//
// It runs the git program, and not a library: the one in pure Go would add 5 MB and some twenty modules, and does not read all that
// repositories are made of today (reftable, SHA-256, partial clones). Who compares branches has git.
//
// A repository is hostile input: its own configuration may name programs to run. So only commands are used that read objects
// (rev-parse, merge-base, ls-tree, cat-file --batch), which know no filters, textconv, hooks or pagers; what other configuration
// could still start (a monitor of files, a transport to fetch what a partial clone lacks) is switched off, and the environment that
// git gets holds no credentials. The configuration of the user and of the system stays in force: it is not the repository's, and
// says which folders of other owners are trusted (safe.directory). Neither work tree nor index is touched or even read. Submodules
// are not entered; symbolic links are followed within the folder only, as they are in the scanned one.
package gitbase

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Tree is a folder at a revision. It is an fs.FS for several goroutines until it is closed.
//
// What is not kept in repositories but needed to evaluate code is shown as it is in the work tree: the modules in .terraform, and the
// folder charts of a Helm chart that has none of its own at that revision.
type Tree struct {
	// Base is the commit that is shown, and Ref what it was asked for as.
	Base, Ref string
	// Submodules are folders in which nothing is seen, although the work tree may have files there.
	Submodules []string

	root  *node
	work  *os.Root
	blobs *blobs
}

// Open shows a folder as it was at the best common ancestor of HEAD and ref. If the folder was not there then, it is empty. The
// error says what to do. ctx holds until the tree is closed.
func Open(ctx context.Context, dir, ref string) (*Tree, error) {
	g, err := newGit(dir)
	if err != nil {
		return nil, err
	}
	r, err := g.repository(ctx)
	if err != nil {
		return nil, err
	}
	base, err := r.base(ctx, ref)
	if err != nil {
		return nil, err
	}
	t := &Tree{Base: base, Ref: ref, root: newFolder(".")}
	if err := t.list(ctx, r); err != nil {
		return nil, err
	}
	if t.work, err = os.OpenRoot(dir); err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	t.blobs = &blobs{ctx: ctx, git: g}
	return t, nil
}

// Close ends the program that reads.
func (t *Tree) Close() error { return errors.Join(t.blobs.close(), t.work.Close()) }

// repository is what there is to know of one before it is read.
type repository struct {
	git     *git
	shallow bool
	prefix  string // of the folder, ending with a slash; empty at the top
}

func (g *git) repository(ctx context.Context) (*repository, error) {
	out, err := g.run(ctx, "rev-parse", "--is-inside-work-tree", "--is-shallow-repository", "--show-prefix")
	var failed *Error
	switch {
	case errors.As(err, &failed) && strings.Contains(failed.Said, "not a git repository"):
		return nil, fmt.Errorf("%s is not in a git repository, so there is no base to compare with", g.dir)
	case err != nil:
		return nil, err
	}
	lines := strings.SplitN(strings.TrimSuffix(out, "\n"), "\n", 3)
	if len(lines) < 2 || lines[0] != "true" {
		return nil, fmt.Errorf("%s is in a git repository, but not in its work tree", g.dir)
	}
	r := &repository{git: g, shallow: lines[1] == "true"}
	if len(lines) > 2 {
		r.prefix = lines[2]
	}
	return r, nil
}

// base is the commit in which HEAD and ref have parted.
func (r *repository) base(ctx context.Context, ref string) (string, error) {
	if ref == "" || strings.HasPrefix(ref, "-") || strings.ContainsAny(ref, "\x00\n") {
		return "", fmt.Errorf("%q is not the name of a revision", ref)
	}
	head, err := r.commit(ctx, "HEAD")
	if err != nil {
		return "", fmt.Errorf("the repository has no commit yet: %w", err)
	}
	other, err := r.commit(ctx, ref)
	if err != nil {
		return "", r.unknown(ctx, ref, err)
	}
	out, err := r.git.run(ctx, "merge-base", head, other)
	base := strings.TrimSpace(out)
	var failed *Error
	none := err == nil || errors.As(err, &failed) && failed.Code == 1 && failed.Said == ""
	switch {
	case base != "":
		return base, nil
	case !none:
		return "", fmt.Errorf("find where HEAD and %s parted: %w", ref, err)
	case r.shallow:
		return "", fmt.Errorf("HEAD and %s have no common ancestor here, because the clone is shallow: run git fetch --unshallow, "+
			"or fetch all of the history in CI (fetch-depth: 0)", ref)
	}
	return "", fmt.Errorf("HEAD and %s have no common ancestor", ref)
}

func (r *repository) commit(ctx context.Context, ref string) (string, error) {
	out, err := r.git.run(ctx, "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	return strings.TrimSpace(out), err
}

// unknown says what may be the matter with a revision that is not there.
func (r *repository) unknown(ctx context.Context, ref string, err error) error {
	var failed *Error
	if !errors.As(err, &failed) {
		return err
	}
	if _, err := r.commit(ctx, "origin/"+ref); err == nil {
		return fmt.Errorf("there is no revision %s here; did you mean origin/%s?", ref, ref)
	}
	if r.shallow {
		return fmt.Errorf("there is no revision %s here, and the clone is shallow: fetch it with its history (in CI, fetch-depth: 0)", ref)
	}
	return fmt.Errorf("there is no revision %s here: fetch it first, or see git branch --all for what there is", ref)
}

var (
	_ fs.ReadDirFS  = (*Tree)(nil)
	_ fs.ReadFileFS = (*Tree)(nil)
	_ fs.StatFS     = (*Tree)(nil)
	_ fs.ReadLinkFS = (*Tree)(nil)
)
