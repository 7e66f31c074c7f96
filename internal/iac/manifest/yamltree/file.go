package yamltree

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrNotAFile is that a name stands for something that is not read: a folder, a pipe, a device.
var ErrNotAFile = errors.New("it is no regular file")

// File is what a file holds, if it is one and not too large; the error is a *LimitError then. It never waits, as reading a pipe would.
func File(root fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(root, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotAFile
	}
	if info.Size() > most {
		return nil, &LimitError{1, fmt.Sprintf("the file has %d bytes; at most %d are read", info.Size(), most)}
	}
	return fs.ReadFile(root, name)
}
