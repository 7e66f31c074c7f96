package evidence

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/collect"
)

// Bounds of what is read of a bundle, which may be hostile. Real ones stay far below.
const (
	maxLine     = 256 << 20 // of documents and findings
	maxManifest = 256 << 20
	maxContent  = 64 << 20 // of one check or table
	maxFiles    = 1 << 20
	// A bundle unpacks to so many times its size at most, beside what is allowed anyhow.
	maxRatio    = 300
	allowedSize = 256 << 20
)

// NotBundle is the error of a file that is no evidence bundle at all.
type NotBundle struct{ File, Why string }

func (e *NotBundle) Error() string { return fmt.Sprintf("%s is no evidence bundle: %s", e.File, e.Why) }

// archive is an open bundle. Nothing of it is ever written to disk under a name of its own.
type archive struct {
	file    *os.File
	entries map[string]*zip.File
	twice   []string // names that stand for several files
}

func openArchive(name string) (_ *archive, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &NotBundle{name, reason(err)}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if info.IsDir() {
		return nil, &NotBundle{name, "it is a folder"}
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(file, head); err != nil || !bytes.Equal(head, []byte("PK\x03\x04")) {
		return nil, &NotBundle{name, "it is no zip"}
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read %s: it is damaged, or not all of it is there: %w", name, err)
	}
	a := &archive{file: file, entries: make(map[string]*zip.File, len(z.File))}
	return a, a.index(name, z, info.Size())
}

func reason(err error) string {
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// index notes the files, and refuses what would unpack to more than its size can mean.
func (a *archive) index(name string, z *zip.Reader, size int64) error {
	if len(z.File) > maxFiles {
		return fmt.Errorf("read %s: it has %d files, more than evidence can", name, len(z.File))
	}
	var unpacked uint64
	limit := uint64(size)*maxRatio + allowedSize
	for _, f := range z.File {
		if unpacked += f.UncompressedSize64; unpacked > limit || f.UncompressedSize64 > limit {
			return fmt.Errorf("read %s: it would unpack to more than %d bytes, which no evidence of its size does", name, limit)
		}
		if a.entries[f.Name] != nil {
			a.twice = append(a.twice, f.Name)
			continue
		}
		a.entries[f.Name] = f
	}
	if a.entries[manifestName] == nil {
		return &NotBundle{name, "it has no " + manifestName}
	}
	return nil
}

func (a *archive) close() error { return a.file.Close() }

func (a *archive) has(name string) bool { return a.entries[name] != nil }

// open reads a file, of which no more comes than the zip says.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.entries[name]
	if f == nil {
		return nil, fmt.Errorf("%s is missing", name)
	}
	in, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	return in, nil
}

// read gives a whole file.
func (a *archive) read(name string, most int64) ([]byte, error) {
	in, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s is damaged: %w", name, err)
	case int64(len(text)) > most:
		return nil, fmt.Errorf("%s has more than %d bytes, which no evidence needs", name, most)
	}
	return text, nil
}

// sum gives a file's SHA-256 in hexadecimal digits.
func (a *archive) sum(ctx context.Context, name string) (string, error) {
	in, err := a.open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, abortable{ctx, in}); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%s is damaged: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// abortable is a reader that ends with a context.
type abortable struct {
	ctx context.Context
	in  io.Reader
}

func (c abortable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.in.Read(p)
}

// lines yields the lines of a file, valid until the next, with an error that names the line.
func (a *archive) lines(ctx context.Context, name string, check func(line []byte) ([]byte, error)) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := a.open(name)
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		r := bufio.NewReaderSize(abortable{ctx, in}, 256<<10)
		for n := 1; ; n++ {
			line, err := readLine(r)
			if errors.Is(err, io.EOF) && len(line) == 0 {
				return
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(nil, fmt.Errorf("%s, line %d: %w", name, n, err))
				return
			}
			if line, err = check(line); err != nil {
				yield(nil, fmt.Errorf("%s, line %d: %w", name, n, err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
	}
}

// readLine reads a line without its end. Of one that is too long no more is read than may be.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if line = append(line, part...); len(line) > maxLine {
				return nil, fmt.Errorf("it has more than %d bytes", maxLine)
			}
			continue
		case line == nil:
			line = part
		default:
			line = append(line, part...)
		}
		return bytes.TrimSuffix(line, []byte("\n")), err
	}
}

// below lists the JSON files that lie in a folder, without their ending, sorted.
func (a *archive) below(folder string) []string {
	var names []string
	for name := range a.entries {
		rest, within := strings.CutPrefix(name, folder)
		if rest, whole := strings.CutSuffix(rest, ".json"); within && whole && rest != "" && !strings.Contains(rest, "/") {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return names
}

// manifest reads what the bundle says that it is, and the same as text.
func (a *archive) manifest(bundle string) (*manifest, []byte, error) {
	text, err := a.read(manifestName, maxManifest)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", bundle, err)
	}
	var head struct {
		Kind   string `json:"kind"`
		Format int    `json:"format"`
	}
	if err := decode(text, &head); err != nil {
		return nil, nil, fmt.Errorf("read %s: %s, %w", bundle, manifestName, err)
	}
	switch {
	case head.Kind != kind:
		return nil, nil, &NotBundle{bundle, manifestName + " is of something else"}
	case head.Format != formatVersion:
		return nil, nil, fmt.Errorf("read %s: it has format %d, and this version of stance reads format %d", bundle, head.Format, formatVersion)
	}
	m := &manifest{}
	if err := decode(text, m); err != nil {
		return nil, nil, fmt.Errorf("read %s: %s, %w", bundle, manifestName, err)
	}
	return m, text, nil
}

// cells reads a ledger.
func (a *archive) cells(ctx context.Context, name string) ([]collect.Cell, error) {
	in, err := a.open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d := json.NewDecoder(abortable{ctx, in})
	fail := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s, byte %d: %w", name, d.InputOffset(), err)
	}
	if start, err := d.Token(); err != nil {
		return nil, fail(err)
	} else if start != json.Delim('[') {
		return nil, fail(errors.New("a list is wanted"))
	}
	var cells []collect.Cell
	for d.More() {
		var c collect.Cell
		if err := d.Decode(&c); err != nil {
			return nil, fail(err)
		}
		cells = append(cells, c)
	}
	if _, err := d.Token(); err != nil {
		return nil, fail(err)
	}
	return cells, nil
}
