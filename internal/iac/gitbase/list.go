package gitbase

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxEntries bounds what is kept in memory of a tree.
const maxEntries = 1_000_000

// node is a file, link or folder of the tree.
type node struct {
	name    string
	mode    fs.FileMode
	object  string // of files and links
	size    int64
	entries map[string]*node // of folders
}

func newFolder(name string) *node {
	return &node{name: name, mode: fs.ModeDir | 0o555, entries: map[string]*node{}}
}

// list reads what lies in the folder. A tree may hold what no work tree could: names such as .., or a file and a folder of one name.
// Of these the first counts, and names that no path can have are left out.
func (t *Tree) list(ctx context.Context, r *repository) error {
	args := []string{"ls-tree", "-r", "-z", "-l", "--full-tree", t.Base}
	if r.prefix != "" {
		args = append(args, "--", r.prefix)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := r.git.command(ctx, args...)
	errs := &head{}
	cmd.Stderr = errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("list the files of %s: %w", t.Base, err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("list the files of %s: %w", t.Base, err)
	}
	wrong := t.take(bufio.NewReaderSize(out, 1<<16), r.prefix)
	if wrong != nil {
		cancel()
	}
	err = failure(ctx, args[0], cmd.Wait(), errs)
	if wrong != nil {
		return wrong
	}
	var failed *Error
	switch {
	case errors.As(err, &failed) && strings.Contains(failed.Said, "promisor"):
		return fmt.Errorf(lacking, t.Base)
	case err != nil:
		return fmt.Errorf("list the files of %s: %w", t.Base, err)
	}
	return nil
}

// lacking is what to do if objects are not there.
const lacking = "the clone is partial and lacks files of the base revision %s: clone without --filter"

func (t *Tree) take(in *bufio.Reader, prefix string) error {
	for n := 0; ; n++ {
		entry, err := in.ReadString(0)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list the files of %s: %w", t.Base, err)
		}
		if n >= maxEntries {
			return fmt.Errorf("the base revision has more than %d files: scan a folder below", maxEntries)
		}
		about, name, _ := strings.Cut(strings.TrimSuffix(entry, "\x00"), "\t")
		words := strings.Fields(about) // mode, type, object, size
		name, below := strings.CutPrefix(name, prefix)
		if len(words) < 4 || !below || !fs.ValidPath(name) || name == "." {
			continue
		}
		one := &node{name: path.Base(name), object: words[2]}
		switch words[0] {
		case "160000":
			t.Submodules = append(t.Submodules, name)
			one = newFolder(one.name)
		case "120000":
			one.mode = fs.ModeSymlink | 0o777
		case "100755":
			one.mode = 0o555
		default:
			one.mode = 0o444
		}
		if !one.mode.IsDir() {
			if one.size, err = strconv.ParseInt(words[3], 10, 64); err != nil {
				return fmt.Errorf(lacking, t.Base)
			}
		}
		t.add(name, one)
	}
}

func (t *Tree) add(name string, one *node) {
	at := t.root
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		if folder == "." {
			continue
		}
		below := at.entries[folder]
		if below == nil {
			below = newFolder(folder)
			at.entries[folder] = below
		}
		if !below.mode.IsDir() {
			return
		}
		at = below
	}
	if at.entries[one.name] == nil {
		at.entries[one.name] = one
	}
}

// sorted gives a folder's entries by name.
func (n *node) sorted() []*node {
	all := make([]*node, 0, len(n.entries))
	for _, one := range n.entries {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *node) int { return cmp.Compare(a.name, b.name) })
	return all
}
