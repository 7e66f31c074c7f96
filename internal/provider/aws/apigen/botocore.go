package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// botocore reads the data folder of a wheel.
type botocore struct {
	files map[string]*zip.File
	// latest is the newest API version of each service: s3 → 2006-03-01.
	latest map[string]string
}

func openBotocore(wheel []byte) (*botocore, error) {
	r, err := zip.NewReader(bytes.NewReader(wheel), int64(len(wheel)))
	if err != nil {
		return nil, fmt.Errorf("open the botocore wheel: %w", err)
	}
	b := &botocore{files: map[string]*zip.File{}, latest: map[string]string{}}
	for _, f := range r.File {
		name, ok := strings.CutPrefix(f.Name, "botocore/data/")
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, ".gz")
		b.files[name] = f
		if service, file, ok := strings.Cut(path.Dir(name), "/"); ok && path.Base(name) == "service-2.json" {
			b.latest[service] = max(b.latest[service], file) // versions are dates
		}
	}
	if len(b.latest) == 0 {
		return nil, errors.New("the botocore wheel has no service descriptions")
	}
	return b, nil
}

func (b *botocore) services() []string {
	var names []string
	for name := range b.latest {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// model reads a service's description in its newest version.
func (b *botocore) model(service string) (*rawModel, error) {
	m := &rawModel{}
	if err := b.merged(service, "service-2", m); err != nil {
		return nil, err
	}
	return m, nil
}

// pagination reads a service's pager list; a service may have none.
func (b *botocore) pagination(service string) (map[string]rawPager, error) {
	var list struct {
		Pagination map[string]rawPager `json:"pagination"`
	}
	err := b.merged(service, "paginators-1", &list)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list.Pagination, err
}

// merged decodes a file of a service and lays its sdk-extras over it.
func (b *botocore) merged(service, name string, into any) error {
	base := path.Join(service, b.latest[service], name)
	if err := b.decode(base+".json", into); err != nil {
		return err
	}
	if name != "service-2" {
		return nil // the extras of pagers name only what must not be merged, which nothing here uses
	}
	var extra struct {
		Merge json.RawMessage `json:"merge"`
	}
	err := b.decode(base+".sdk-extras.json", &extra)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(extra.Merge, into); err != nil {
		return fmt.Errorf("merge the extras of %s: %w", base, err)
	}
	return nil
}

func (b *botocore) decode(name string, into any) error {
	f := b.files[name]
	if f == nil {
		return fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	rc, err := f.Open()
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer rc.Close()
	var r io.Reader = rc
	if strings.HasSuffix(f.Name, ".gz") {
		if r, err = gzip.NewReader(rc); err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}
