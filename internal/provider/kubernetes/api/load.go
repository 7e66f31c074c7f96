package api

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/stancehq/stance/internal/content"
)

// archive is the embedded file's directory. A group's entry decodes it once, on first use.
type archive struct {
	files  map[string]*zip.File
	index  *Index
	groups map[string]func() (*group, error)
}

var openArchive = sync.OnceValues(func() (*archive, error) { return readArchive(Archive) })

func readArchive(data string) (*archive, error) {
	r, err := zip.NewReader(strings.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("open the embedded Kubernetes descriptions: %w", err)
	}
	r.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1)))
	a := &archive{files: map[string]*zip.File{}, index: &Index{}, groups: map[string]func() (*group, error){}}
	for _, f := range r.File {
		a.files[f.Name] = f
	}
	if err := a.decode(IndexFile, a.index); err != nil {
		return nil, err
	}
	for service := range a.index.Groups {
		a.groups[service] = sync.OnceValues(func() (*group, error) {
			stored := &Group{}
			if err := a.decode(GroupFile(service), stored); err != nil {
				return nil, err
			}
			return newGroup(service, stored)
		})
	}
	return a, nil
}

func (a *archive) decode(name string, into any) error {
	f := a.files[name]
	if f == nil {
		return fmt.Errorf("the embedded Kubernetes descriptions lack %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("read the embedded %s: %w", name, err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return fmt.Errorf("read the embedded %s: %w", name, err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("decode the embedded %s: %w", name, err)
	}
	return nil
}

// loadIndex gives the index; a binary whose archive does not open is broken.
func loadIndex() *Index {
	a, err := openArchive()
	if err != nil {
		panic(err)
	}
	return a.index
}

// Groups lists the API groups by service name, sorted; the service of what is no resource is not among them.
func Groups() []string { return slices.Sorted(maps.Keys(loadIndex().Groups)) }

func loadGroup(service string) (*group, error) {
	a, err := openArchive()
	if err != nil {
		return nil, err
	}
	if load := a.groups[service]; load != nil {
		return load()
	}
	return nil, unknownGroup(service)
}

func unknownGroup(service string) error {
	return fmt.Errorf("no Kubernetes API group %q is described%s", service, didYouMean(service, append(Groups(), Server)))
}

func didYouMean(name string, known []string) string {
	if hint := content.DidYouMean(name, known); hint != "" {
		return "; " + hint
	}
	return ""
}
