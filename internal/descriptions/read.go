package descriptions

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Archive is an opened archive. It is safe for concurrent use.
type Archive struct {
	title  string
	notice string
	names  []string
	files  map[string]*zip.File
}

// Open reads an archive's directory, and none of its entries. The title names it in errors: "the embedded AWS descriptions".
func Open(title, data string) (*Archive, error) {
	r, err := zip.NewReader(strings.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", title, err)
	}
	r.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1)))
	a := &Archive{title: title, notice: r.Comment, files: map[string]*zip.File{}}
	for _, f := range r.File {
		a.names = append(a.names, f.Name)
		a.files[f.Name] = f
	}
	return a, nil
}

// Notice says what the archive was generated from.
func (a *Archive) Notice() string { return a.notice }

// Names lists the entries in the order in which they were written. It must not be changed.
func (a *Archive) Names() []string { return a.names }

// Decode gives an entry's value. It is decoded anew each time.
func Decode[T any](a *Archive, name string) (*T, error) {
	data, err := a.read(name)
	if err != nil {
		return nil, err
	}
	value := new(T)
	if err := json.Unmarshal(data, value); err != nil {
		return nil, fmt.Errorf("decode %s of %s: %w", name, a.title, err)
	}
	return value, nil
}

// OnFirstUse gives a function that decodes an entry and makes something of it when it is first called, and gives that to all
// who call it. It is safe for concurrent use.
func OnFirstUse[T, Made any](a *Archive, name string, from func(*T) (Made, error)) func() (Made, error) {
	return sync.OnceValues(func() (made Made, err error) {
		value, err := Decode[T](a, name)
		if err != nil {
			return made, err
		}
		return from(value)
	})
}

func (a *Archive) read(name string) ([]byte, error) {
	f := a.files[name]
	if f == nil {
		return nil, fmt.Errorf("there is no %s in %s", name, a.title)
	}
	data, err := unpack(f)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", name, a.title, err)
	}
	return data, nil
}

// most is how much memory is set aside on the word of a directory, which may be damaged. Larger entries grow as they are read.
const most = 16 << 20

func unpack(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := bytes.NewBuffer(make([]byte, 0, min(f.UncompressedSize64, most)+bytes.MinRead))
	// To the end, and not just as many bytes as it should have: the checksum is compared there.
	_, err = io.Copy(data, r)
	return data.Bytes(), err
}
