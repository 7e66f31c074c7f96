package evidence

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"
)

// fileTime is that of all files in a bundle, so that the same evidence gives the same bytes. It is the first that a zip can tell.
var fileTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// writer writes a bundle file by file. Nothing is seen under the bundle's name before finish.
type writer struct {
	target string
	file   *os.File
	buffer *bufio.Writer
	zip    *zip.Writer
	files  []fileManifest
}

func newWriter(target string) (*writer, error) {
	file, err := os.OpenFile(target+".part", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", target, err)
	}
	buffer := bufio.NewWriterSize(file, 1<<20)
	return &writer{target: target, file: file, buffer: buffer, zip: zip.NewWriter(buffer)}, nil
}

// counted hashes and counts what is written.
type counted struct {
	out  io.Writer
	hash hash.Hash
	size int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.out.Write(p)
	c.hash.Write(p[:n])
	c.size += int64(n)
	return n, err
}

// add writes one file and notes its hash.
func (w *writer) add(name string, write func(out io.Writer) error) error {
	out, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: fileTime})
	if err != nil {
		return fmt.Errorf("write %s: %w", w.target, err)
	}
	c := &counted{out: out, hash: sha256.New()}
	b := bufio.NewWriterSize(c, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", w.target, err)
	}
	w.files = append(w.files, fileManifest{Name: name, SHA256: hex.EncodeToString(c.hash.Sum(nil)), Size: c.size})
	return nil
}

func (w *writer) addText(name string, text []byte) error {
	return w.add(name, func(out io.Writer) error {
		_, err := out.Write(text)
		return err
	})
}

// end writes what ends a zip. The bundle still lies under the name of its part.
func (w *writer) end() (size int64, err error) {
	err = errors.Join(w.zip.Close(), w.buffer.Flush())
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", w.target, err)
	}
	info, err := w.file.Stat()
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", w.target, err)
	}
	return info.Size(), nil
}

// publish gives the bundle its name.
func (w *writer) publish() error {
	if err := errors.Join(w.file.Close(), os.Rename(w.part(), w.target)); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", w.target, err), os.Remove(w.part()))
	}
	return nil
}

func (w *writer) part() string { return w.target + ".part" }

// abandon leaves nothing behind.
func (w *writer) abandon() error { return errors.Join(w.file.Close(), os.Remove(w.part())) }
