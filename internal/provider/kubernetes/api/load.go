package api

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/descriptions"
)

// archive is the embedded file. A group's entry is decoded once, on first use.
type archive struct {
	index  *Index
	groups map[string]func() (*group, error)
}

var openArchive = sync.OnceValues(func() (*archive, error) { return readArchive(Archive) })

func readArchive(data string) (*archive, error) {
	opened, err := descriptions.Open("the embedded Kubernetes descriptions", data)
	if err != nil {
		return nil, err
	}
	index, err := descriptions.Decode[Index](opened, IndexFile)
	if err != nil {
		return nil, err
	}
	a := &archive{index: index, groups: map[string]func() (*group, error){}}
	for service := range index.Groups {
		a.groups[service] = descriptions.OnFirstUse(opened, GroupFile(service), func(stored *Group) (*group, error) {
			return newGroup(service, stored)
		})
	}
	return a, nil
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
