package api

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	apidata "github.com/stancehq/stance/content/aws/api"
	"github.com/stancehq/stance/internal/content"
)

// archive is the embedded file's directory. A service's entry decodes it once, on first use.
type archive struct {
	files    map[string]*zip.File
	names    []string
	services map[string]func() (*Service, error)
}

var openArchive = sync.OnceValues(readArchive)

func readArchive() (*archive, error) {
	r, err := zip.NewReader(strings.NewReader(apidata.Services), int64(len(apidata.Services)))
	if err != nil {
		return nil, fmt.Errorf("open the embedded AWS descriptions: %w", err)
	}
	r.RegisterDecompressor(zstd.ZipMethodWinZip, zstd.ZipDecompressor(zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1)))
	a := &archive{files: map[string]*zip.File{}, services: map[string]func() (*Service, error){}}
	for _, f := range r.File {
		a.files[f.Name] = f
		name, isService := strings.CutPrefix(strings.TrimSuffix(f.Name, ".json"), "services/")
		if !isService {
			continue
		}
		a.names = append(a.names, name)
		a.services[name] = sync.OnceValues(func() (*Service, error) {
			s := &Service{Name: name}
			if err := a.decode(f.Name, s); err != nil {
				return nil, err
			}
			return s, s.link()
		})
	}
	slices.Sort(a.names)
	return a, nil
}

func (a *archive) decode(name string, into any) error {
	f := a.files[name]
	if f == nil {
		return fmt.Errorf("the embedded AWS descriptions lack %s", name)
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

// Load gives a service's description by boto3's name of it. It is decoded on first use, and safe for concurrent use.
func Load(service string) (*Service, error) {
	a, err := openArchive()
	if err != nil {
		return nil, err
	}
	if load := a.services[service]; load != nil {
		return load()
	}
	return nil, fmt.Errorf("AWS has no service %q that can be read%s", service, didYouMean(service, a.names))
}

// Names lists all services, by name.
func Names() []string {
	a, err := openArchive()
	if err != nil {
		panic(err) // the binary itself is broken
	}
	return slices.Clone(a.names)
}

func didYouMean(name string, known []string) string {
	if hint := content.DidYouMean(name, known); hint != "" {
		return "; " + hint
	}
	return ""
}
