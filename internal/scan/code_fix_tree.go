package scan

import (
	"errors"
	"io"
	"io/fs"
)

// patched is a tree of which some files have another text.
type patched struct {
	fs.FS
	files map[string][]byte
}

// ReadDir gives a folder's entries.
func (p patched) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(p.FS, name) }

// Open opens a file, with its other text if it has one.
func (p patched) Open(name string) (fs.File, error) {
	file, err := p.FS.Open(name)
	text, other := p.files[name]
	if err != nil || !other {
		return file, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &patchedFile{File: file, info: patchedInfo{info, int64(len(text))}, rest: text}, nil
}

type patchedFile struct {
	fs.File
	info patchedInfo
	rest []byte
}

func (f *patchedFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *patchedFile) Read(into []byte) (int, error) {
	if len(f.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(into, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

type patchedInfo struct {
	fs.FileInfo
	size int64
}

func (i patchedInfo) Size() int64 { return i.size }
