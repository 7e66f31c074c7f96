// Package kustomize builds kustomizations without their reaching anything but the files of one folder. The library fetches what
// looks like an address, by HTTP and by git, and no option keeps it from that. So every kustomization is read first: what is not a
// path on disk is taken out of it and told as a problem, and what remains is built from files in memory.
package kustomize

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// Kustomization is one, by itself: what it takes from others is named, not read.
type Kustomization struct {
	File, Dir string // below the root
	// Component tells that it is only ever part of others.
	Component bool
	// Files are those that it names; Dirs the kustomizations.
	Files, Dirs []string
	// Refused are files that it names and that are not taken.
	Refused []string
	// Patches are those Files that patch.
	Patches []string
	// Inline are patches that stand in it, as text; their first line is the one after Line.
	Inline   []Inline
	Problems []iac.Problem
	body     *iac.Value // without what was refused
}

// Inline is a patch within a kustomization.
type Inline struct {
	Text string
	Line int
}

// IsName tells the names that a kustomization may have.
func IsName(name string) bool {
	return name == "kustomization.yaml" || name == "kustomization.yml" || name == "Kustomization"
}

// loader reads one kustomization.
type loader struct {
	root   fs.FS
	limits iac.Limits
	k      *Kustomization
	seen   map[string]bool
}

// Load reads the kustomization in a file; nil if it is something else that has this name.
func Load(root fs.FS, file string, limits iac.Limits) *Kustomization {
	l := loader{root: root, limits: limits, k: &Kustomization{File: file, Dir: path.Dir(file)}, seen: map[string]bool{}}
	text, err := yamltree.File(root, file, limits.FileBytes)
	if err != nil {
		l.problem(iac.Broken, iac.Range{File: file, Line: 1}, "cannot be read: %v", err)
		return l.k
	}
	var body *iac.Value
	for _, d := range yamltree.Read(file, text, limits) {
		if d.Err != nil {
			kind, line := d.Problem()
			l.problem(kind, iac.Range{File: file, Line: line}, "the kustomization cannot be read: %v", d.Err)
			return l.k
		}
		if d.Value != nil && body == nil {
			body = d.Value
		}
	}
	if body == nil {
		body = &iac.Value{Kind: iac.Object}
	}
	version := body.Get("apiVersion")
	if !body.Is(iac.Object) || version != nil && version.Text != "" && !strings.HasPrefix(version.Text, "kustomize.config.k8s.io/") {
		return nil // Flux has a kind of this name too
	}
	kind := body.Get("kind")
	l.k.Component = kind != nil && kind.Text == "Component"
	l.k.body = l.clean(body)
	return l.k
}

// Broken tells that it cannot be built at all.
func (k *Kustomization) Broken() bool { return k.body == nil }

// How a field names files.
type form uint8

const (
	paths       form = iota // a list of paths, of files or folders
	pathsOrText             // a list of paths, or YAML as text
	inPath                  // a list of objects with a path
	sources                 // a list of generators with files and envs
	onePath                 // an object with a path
	refused                 // needs what there is not: other programs
)

var forms = map[string]form{
	"resources": paths, "bases": paths, "components": paths, "crds": paths, "configurations": paths,
	"generators": pathsOrText, "transformers": pathsOrText, "validators": pathsOrText, "patchesStrategicMerge": pathsOrText,
	"patches": inPath, "patchesJson6902": inPath, "replacements": inPath,
	"configMapGenerator": sources, "secretGenerator": sources, "openapi": onePath,
	"helmCharts": refused, "helmChartInflationGenerator": refused,
}

// clean is the kustomization without what must not, or cannot, be built.
func (l *loader) clean(body *iac.Value) *iac.Value {
	out := &iac.Value{Kind: iac.Object, Range: body.Range}
	for _, f := range body.Fields {
		kind, named := forms[f.Key]
		if !named {
			if f.Key != "helmGlobals" && f.Key != "buildMetadata" {
				out.Fields = append(out.Fields, f)
			}
			continue
		}
		if v := l.field(kind, f); v != nil {
			out.Fields = append(out.Fields, iac.Field{Key: f.Key, Value: v})
		}
	}
	return out
}

func (l *loader) field(kind form, f iac.Field) *iac.Value {
	switch {
	case kind == refused:
		l.problem(iac.Skipped, f.Value.Range, "%s needs Helm's program and its network; render the chart on its own", f.Key)
		return nil
	case kind == onePath:
		return l.inPath(f.Value, f.Key)
	case !f.Value.Is(iac.List):
		return f.Value // the library says what is wrong
	}
	list := &iac.Value{Kind: iac.List, Range: f.Value.Range, Items: []*iac.Value{}}
	for _, item := range f.Value.Items {
		var v *iac.Value
		switch kind {
		case paths:
			v = l.path(item, f.Key)
		case pathsOrText:
			v = l.pathOrText(item, f.Key)
		case inPath:
			v = l.inPath(item, f.Key)
		case sources:
			v = l.generator(item, f.Key)
		}
		if v != nil {
			list.Items = append(list.Items, v)
		}
	}
	return list
}

// path is an entry as it may stay: ./ before it, so that nothing takes it for an address. Nil if there is no such thing on disk.
func (l *loader) path(v *iac.Value, field string) *iac.Value {
	if !v.Is(iac.String) || v.Text == "" {
		l.problem(iac.Broken, v.Range, "%s has an entry that is no path", field)
		return nil
	}
	at, ok := l.locate(v.Text)
	if !ok {
		kind, what := iac.MissingModule, "is not on disk below the scanned folder"
		if remote(v.Text) {
			what = "is fetched from elsewhere, which a scan does not do; vendor it to have it scanned"
		}
		l.problem(kind, v.Range, "%s: %s %s", field, v.Text, what)
		return nil
	}
	if info, err := fs.Stat(l.root, at); err == nil && info.IsDir() {
		l.add(&l.k.Dirs, at)
	} else if !l.file(at, field, v.Range) {
		l.add(&l.k.Refused, at)
		return nil
	} else if strings.HasPrefix(field, "patches") {
		l.k.Patches = append(l.k.Patches, at)
	}
	out := *v
	out.Text = l.relative(at)
	return &out
}

// locate is where an entry lies below the root. Paths that leave it are not there.
func (l *loader) locate(entry string) (string, bool) {
	if path.IsAbs(entry) || strings.Contains(entry, "://") {
		return "", false
	}
	at := path.Join(l.k.Dir, entry)
	if !fs.ValidPath(at) {
		return "", false
	}
	_, err := fs.Stat(l.root, at)
	return at, err == nil
}

// relative is the path from the kustomization's folder, and begins with ./ or ../
func (l *loader) relative(at string) string {
	from, to := segments(l.k.Dir), segments(at)
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		from, to = from[1:], to[1:]
	}
	up := "./" + strings.Repeat("../", len(from))
	if len(from) > 0 {
		up = up[2:]
	}
	return up + strings.Join(to, "/")
}

func segments(p string) []string {
	if p == "." {
		return nil
	}
	return strings.Split(p, "/")
}

func remote(entry string) bool {
	return strings.Contains(entry, "://") || strings.Contains(entry, "?ref=") || strings.Contains(entry, "git@") ||
		strings.HasPrefix(entry, "git::") || strings.HasPrefix(entry, "github.com") || strings.Contains(entry, ".git/")
}

func (l *loader) problem(kind string, at iac.Range, format string, args ...any) {
	if at.File == "" {
		at = iac.Range{File: l.k.File, Line: 1}
	}
	l.k.Problems = append(l.k.Problems, iac.Problem{Kind: kind, What: fmt.Sprintf(format, args...), Range: at})
}

func (l *loader) add(list *[]string, at string) {
	if !l.seen[at] {
		l.seen[at] = true
		*list = append(*list, at)
	}
}
