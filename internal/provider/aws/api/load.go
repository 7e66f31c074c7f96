package api

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	apidata "github.com/stancehq/stance/content/aws/api"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/descriptions"
)

// archive is the embedded file. A service's entry is decoded once, on first use.
type archive struct {
	*descriptions.Archive
	names    []string
	services map[string]func() (*Service, error)
}

var openArchive = sync.OnceValues(readArchive)

func readArchive() (*archive, error) {
	opened, err := descriptions.Open("the embedded AWS descriptions", apidata.Services)
	if err != nil {
		return nil, err
	}
	a := &archive{Archive: opened, services: map[string]func() (*Service, error){}}
	for _, file := range opened.Names() {
		name, isService := strings.CutPrefix(strings.TrimSuffix(file, ".json"), "services/")
		if !isService {
			continue
		}
		a.names = append(a.names, name)
		a.services[name] = descriptions.OnFirstUse(opened, file, func(s *Service) (*Service, error) {
			s.Name = name
			return s, s.link()
		})
	}
	slices.Sort(a.names)
	return a, nil
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
