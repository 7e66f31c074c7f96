// Package helm renders charts with Helm's own engine, and nothing around it: no cluster, no repository, no plugin, no environment.
// What differs from run to run (times, random text, keys) is made the same each time. Rendering cannot be stopped, and a template
// can take any time and memory: Render is to be called in a process that can be killed.
package helm

import (
	"bytes"
	"fmt"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
)

// Chart is a chart's files.
type Chart struct {
	// Source is its folder, or archive, below the root.
	Source string
	// Files are by path in the chart, without those of its dependencies. An archive has Archive instead.
	Files   map[string][]byte
	Archive []byte
	// Dependencies are those that are at hand.
	Dependencies []*Chart
}

// Request is a chart, and what it is rendered with.
type Request struct {
	Chart       *Chart
	Values      [][]byte // YAML, the later over the earlier
	Set         []string // a.b=c, over those
	Name        string   // of the release
	Namespace   string   // of the release
	KubeVersion string   // v1.36.0
	APIVersions []string // group/version and group/version/Kind, beside those of Kubernetes itself
}

// Result is what a chart gives.
type Result struct {
	Rendered []Rendered
	Failed   []Failure
	Missing  []Dependency
	Error    string // why there is nothing at all
}

// Rendered is the text that a template gives, or a file of crds/ as it is.
type Rendered struct {
	Source string // template, or archive that it lies in, below the root
	Name   string // chart/templates/deployment.yaml, as Helm says
	Text   string
	AsIs   bool
}

// Failure is a template that was left out.
type Failure struct {
	Source   string
	Line     int
	What     string
	Required bool // because a value is missing
}

// Dependency is one that is wanted and not at hand.
type Dependency struct {
	Of                        string // source of the chart that wants it
	Name, Version, Repository string
}

// loaded is a chart as Helm has it, with where each file of it lies.
type loaded struct {
	root    *chart.Chart
	sources map[*common.File]string
	charts  map[string]string // source by full path
}

func load(c *Chart) (*loaded, error) {
	l := &loaded{sources: map[*common.File]string{}, charts: map[string]string{}}
	var err error
	l.root, err = l.load(c)
	return l, err
}

func (l *loaded) load(c *Chart) (*chart.Chart, error) {
	var files []*archive.BufferedFile
	if c.Archive != nil {
		var err error
		if files, err = archive.LoadArchiveFiles(bytes.NewReader(c.Archive)); err != nil {
			return nil, fmt.Errorf("read %s: %w", c.Source, err)
		}
	}
	for name, text := range c.Files {
		files = append(files, &archive.BufferedFile{Name: name, Data: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))})
	}
	one, err := loader.LoadFiles(files)
	if err != nil {
		return nil, fmt.Errorf("load the chart %s: %w", c.Source, err)
	}
	l.remember(one, c)
	for _, dependency := range c.Dependencies {
		sub, err := l.load(dependency)
		if err != nil {
			return nil, err
		}
		one.AddDependency(sub)
	}
	return one, nil
}

func (l *loaded) remember(one *chart.Chart, c *Chart) {
	for _, files := range [][]*common.File{one.Templates, one.Files} {
		for _, f := range files {
			l.sources[f] = c.Source
			if c.Archive == nil {
				l.sources[f] += "/" + f.Name
			}
		}
	}
	for _, sub := range one.Dependencies() { // of an archive
		l.remember(sub, c)
	}
}
