package manifest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/kustomize"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// Found is what a folder has of Kubernetes.
type Found struct {
	Charts         []string // folders with a Chart.yaml that are no dependency within another chart
	Kustomizations []string // folders with a kustomization that no other one uses, components apart
	Manifests      []string // files with plain objects, those of no chart and no kustomization
	Problems       []iac.Problem

	charts         map[string]*chartFile // all, by folder
	kustomizations map[string]*kustomize.Kustomization
}

// chartFile is what a Chart.yaml says, as far as it is needed to find charts.
type chartFile struct {
	dir, name, version string
	library            bool
	dependencies       []dependency
	at                 iac.Range
}

type dependency struct {
	name, version, repository string
	at                        iac.Range
}

// Find looks through a folder. The error is the context's.
func Find(ctx context.Context, root fs.FS, limits iac.Limits) (*Found, error) {
	if limits == (iac.Limits{}) {
		limits = iac.DefaultLimits()
	}
	f := &Found{charts: map[string]*chartFile{}, kustomizations: map[string]*kustomize.Kustomization{}}
	files, err := f.walk(ctx, root, limits)
	if err != nil {
		return nil, err
	}
	f.chooseCharts()
	used := f.chooseKustomizations()
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if used[file] || f.ofChart(file) {
			continue
		}
		text, err := yamltree.File(root, file, limits.FileBytes)
		if err != nil {
			f.unreadable(file, err)
			continue
		}
		if hasObjects(file, text) {
			f.Manifests = append(f.Manifests, file)
		}
	}
	return f, nil
}

// walk finds the YAML and JSON files, and reads charts' and kustomizations' own.
func (f *Found) walk(ctx context.Context, root fs.FS, limits iac.Limits) (files []string, err error) {
	err = fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			f.unreadable(file, err)
			return nil
		}
		name := entry.Name()
		if entry.IsDir() {
			if name == ".git" || name == ".terraform" || name == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if kustomize.IsName(name) {
			if k := kustomize.Load(root, file, limits); k != nil {
				f.kustomizations[k.Dir] = k
				return nil
			}
		}
		switch ext := path.Ext(name); {
		case name == "Chart.yaml":
			f.chart(root, file, limits)
		case ext == ".yaml", ext == ".yml", ext == ".json":
			files = append(files, file)
		}
		return nil
	})
	return files, err
}

func (f *Found) unreadable(file string, err error) {
	kind := iac.Broken
	if limit := (*yamltree.LimitError)(nil); errors.As(err, &limit) {
		kind = iac.LimitReached
	}
	if errors.Is(err, yamltree.ErrNotAFile) {
		kind = iac.Skipped
	}
	f.Problems = append(f.Problems, iac.Problem{Kind: kind, What: "cannot be read: " + err.Error(), Range: iac.Range{File: file, Line: 1}})
}

func (f *Found) chart(root fs.FS, file string, limits iac.Limits) {
	c := &chartFile{dir: path.Dir(file), at: iac.Range{File: file, Line: 1}}
	f.charts[c.dir] = c
	body := first(root, file, limits)
	c.name, c.version = text(body.Get("name")), scalar(body.Get("version"))
	c.library = text(body.Get("type")) == "library"
	c.dependencies = dependencies(body)
	if len(c.dependencies) == 0 { // as charts of Helm 2 have them
		c.dependencies = dependencies(first(root, path.Join(c.dir, "requirements.yaml"), limits))
	}
}

func dependencies(body *iac.Value) (all []dependency) {
	if list := body.Get("dependencies"); list.Is(iac.List) {
		for _, d := range list.Items {
			all = append(all, dependency{text(d.Get("name")), scalar(d.Get("version")), text(d.Get("repository")), d.Range})
		}
	}
	return all
}

// first is a file's first document, nil if there is none.
func first(root fs.FS, file string, limits iac.Limits) *iac.Value {
	content, err := yamltree.File(root, file, limits.FileBytes)
	if err != nil {
		return nil
	}
	for _, d := range yamltree.Read(file, content, limits) {
		if d.Value != nil {
			return d.Value
		}
	}
	return nil
}

// chooseCharts leaves out those in the charts folder of others.
func (f *Found) chooseCharts() {
	for _, dir := range sorted(f.charts) {
		if f.within(dir) == "" {
			f.Charts = append(f.Charts, dir)
		}
	}
}

// within is the chart that has another as a dependency on disk.
func (f *Found) within(dir string) string {
	for at := dir; at != "."; at = path.Dir(at) {
		if parent := path.Dir(at); path.Base(at) == "charts" && f.charts[parent] != nil {
			return parent
		}
	}
	return ""
}

// ofChart tells the files that belong to a chart: templates, values and what they use.
func (f *Found) ofChart(file string) bool {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if f.charts[dir] != nil {
			rest := file
			if dir != "." {
				rest = file[len(dir)+1:]
			}
			top, _, below := strings.Cut(rest, "/")
			if below {
				return slices.Contains([]string{"templates", "crds", "charts", "ci", "files", "tests"}, top)
			}
			return true
		}
		if dir == "." {
			return false
		}
	}
}

// chooseKustomizations leaves out those that others use, and gives all files that any of them names.
func (f *Found) chooseKustomizations() map[string]bool {
	used, bases := map[string]bool{}, map[string]bool{}
	for _, k := range f.kustomizations {
		used[k.File] = true
		for _, file := range slices.Concat(k.Files, k.Refused) {
			used[file] = true
		}
		for _, dir := range k.Dirs {
			if dir != k.Dir {
				bases[dir] = true
			}
		}
	}
	for _, dir := range sorted(f.kustomizations) {
		k := f.kustomizations[dir]
		if !k.Component && !bases[dir] && !f.ofChart(k.File) {
			f.Kustomizations = append(f.Kustomizations, dir)
		}
	}
	return used
}

var (
	hasVersion = regexp.MustCompile(`(?m)^["']?apiVersion["']?[ \t]*:`)
	hasKind    = regexp.MustCompile(`(?m)^["']?kind["']?[ \t]*:`)
)

// hasObjects tells whether a file may have objects of Kubernetes, at a glance: their keys stand at the left, or within brackets.
func hasObjects(file string, text []byte) bool {
	if !bytes.Contains(text, []byte("apiVersion")) || !bytes.Contains(text, []byte("kind")) {
		return false
	}
	if path.Ext(file) == ".json" {
		return bytes.Contains(text, []byte(`"apiVersion"`)) && bytes.Contains(text, []byte(`"kind"`))
	}
	if hasVersion.Match(text) && hasKind.Match(text) {
		return true
	}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte("---")) {
			line = bytes.TrimSpace(line[3:])
		}
		if len(line) > 0 && line[0] != '#' {
			return line[0] == '{' && !bytes.HasPrefix(line, []byte("{{"))
		}
	}
	return false
}
