package gitbase

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// maxLinks bounds how many symbolic links a path may go through.
const maxLinks = 40

var errEscapes = errors.New("a symbolic link leads out of the folder")

// place is where a path leads: a node of the tree, or a path of the work tree.
type place struct {
	node *node
	work string
}

// shared are the folders that are not in repositories and yet needed to evaluate code, by what must lie beside them.
var shared = map[string]string{".terraform": "", "charts": "Chart.yaml"}

// fromWork tells whether a folder's entry is shown as it is in the work tree.
func (t *Tree) fromWork(in *node, dir, name string) bool {
	beside, is := shared[name]
	if !is || in.entries[name] != nil || beside != "" && in.entries[beside] == nil {
		return false
	}
	info, err := fs.Stat(t.work.FS(), path.Join(dir, name))
	return err == nil && info.IsDir()
}

// find follows a path; of the last part, a symbolic link is followed if so told.
func (t *Tree) find(name string, last bool) (place, error) {
	if !fs.ValidPath(name) {
		return place{}, fs.ErrInvalid
	}
	rest := strings.Split(name, "/")
	at, trail, links := t.root, []*node{}, 0
	dir := []string{}
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == "." || part == "" {
			continue
		}
		if part == ".." {
			if len(trail) == 0 {
				return place{}, errEscapes
			}
			at, trail, dir = trail[len(trail)-1], trail[:len(trail)-1], dir[:len(dir)-1]
			continue
		}
		below := at.entries[part]
		switch {
		case below == nil && at.mode.IsDir() && t.fromWork(at, path.Join(dir...), part):
			return place{work: path.Join(append(append(dir, part), rest...)...)}, nil
		case below == nil:
			return place{}, fs.ErrNotExist
		case below.mode&fs.ModeSymlink != 0 && (len(rest) > 0 || last):
			target, err := t.target(below)
			if err != nil {
				return place{}, err
			}
			if links++; links > maxLinks {
				return place{}, errors.New("too many symbolic links")
			}
			rest = append(strings.Split(target, "/"), rest...)
			continue
		}
		trail, dir = append(trail, at), append(dir, part)
		at = below
	}
	return place{node: at}, nil
}

// target is where a link leads.
func (t *Tree) target(n *node) (string, error) {
	if n.size > 4096 {
		return "", errors.New("the target of a symbolic link is too long")
	}
	text, err := t.blobs.read(n.object)
	if err != nil {
		return "", err
	}
	if path.IsAbs(string(text)) {
		return "", errEscapes
	}
	return string(text), nil
}

// failedAt is an error as a file system has it.
func failedAt(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Open opens a file or folder.
func (t *Tree) Open(name string) (fs.File, error) {
	p, err := t.find(name, true)
	switch {
	case err != nil:
		return nil, failedAt("open", name, err)
	case p.node == nil:
		return t.work.FS().Open(p.work)
	case p.node.mode.IsDir():
		entries, err := t.entries(p.node, name)
		return &folder{info: info{p.node, path.Base(name)}, entries: entries}, failedAt("open", name, err)
	}
	return &file{t: t, info: info{p.node, path.Base(name)}}, nil
}

// ReadDir gives a folder's entries by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	p, err := t.find(name, true)
	switch {
	case err != nil:
		return nil, failedAt("readdir", name, err)
	case p.node == nil:
		return fs.ReadDir(t.work.FS(), p.work)
	case !p.node.mode.IsDir():
		return nil, failedAt("readdir", name, errors.New("not a folder"))
	}
	entries, err := t.entries(p.node, name)
	return entries, failedAt("readdir", name, err)
}

func (t *Tree) entries(n *node, dir string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, one := range n.sorted() {
		all = append(all, fs.FileInfoToDirEntry(info{one, one.name}))
	}
	added := false
	for name := range shared {
		if !t.fromWork(n, dir, name) {
			continue
		}
		stat, err := fs.Stat(t.work.FS(), path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		all, added = append(all, fs.FileInfoToDirEntry(stat)), true
	}
	if added {
		slices.SortFunc(all, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	}
	return all, nil
}

// ReadFile gives the content of a file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	p, err := t.find(name, true)
	switch {
	case err != nil:
		return nil, failedAt("read", name, err)
	case p.node == nil:
		return fs.ReadFile(t.work.FS(), p.work)
	case p.node.mode.IsDir():
		return nil, failedAt("read", name, errors.New("it is a folder"))
	}
	text, err := t.content(p.node)
	return text, failedAt("read", name, err)
}

func (t *Tree) content(n *node) ([]byte, error) {
	if n.size > maxBlob {
		return nil, fmt.Errorf("it has more than %d MiB", maxBlob>>20)
	}
	return t.blobs.read(n.object)
}

// Stat describes what a path leads to.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return t.describe("stat", name, true) }

// Lstat describes what a path names, be it a symbolic link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) { return t.describe("lstat", name, false) }

func (t *Tree) describe(op, name string, follow bool) (fs.FileInfo, error) {
	p, err := t.find(name, follow)
	switch {
	case err != nil:
		return nil, failedAt(op, name, err)
	case p.node != nil:
		return info{p.node, path.Base(name)}, nil
	case follow:
		return fs.Stat(t.work.FS(), p.work)
	}
	return fs.Lstat(t.work.FS(), p.work)
}

// ReadLink gives the target of a symbolic link.
func (t *Tree) ReadLink(name string) (string, error) {
	p, err := t.find(name, false)
	switch {
	case err != nil:
		return "", failedAt("readlink", name, err)
	case p.node == nil:
		return fs.ReadLink(t.work.FS(), p.work)
	case p.node.mode&fs.ModeSymlink == 0:
		return "", failedAt("readlink", name, fs.ErrInvalid)
	}
	target, err := t.target(p.node)
	return target, failedAt("readlink", name, err)
}

// info describes a node under the name that it was asked for by.
type info struct {
	node *node
	name string
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.node.size }
func (i info) Mode() fs.FileMode  { return i.node.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.node.mode.IsDir() }
func (i info) Sys() any           { return nil }

// file is an open one. Its content is read when it is asked for first.
type file struct {
	t    *Tree
	info info
	text *bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

func (f *file) Read(p []byte) (int, error) {
	if f.text == nil {
		text, err := f.t.content(f.info.node)
		if err != nil {
			return 0, failedAt("read", f.info.name, err)
		}
		f.text = bytes.NewReader(text)
	}
	return f.text.Read(p)
}

// folder is an open one.
type folder struct {
	info    info
	entries []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }

func (f *folder) Read([]byte) (int, error) {
	return 0, failedAt("read", f.info.name, errors.New("it is a folder"))
}

func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.entries)
	} else if len(f.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.entries))
	some := f.entries[:n:n]
	f.entries = f.entries[n:]
	return some, nil
}
