package manifest

import (
	"bytes"
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// parsed is a file of plain manifests.
type parsed struct {
	file     string
	objects  []*iac.Value
	problems []iac.Problem
}

// plain makes units of the plain manifests. All that is scanned is one unit, as far as it can be applied together: services must
// meet the deployments that they are for, and network policies their pods, in whatever folders they lie. Folders side by side that
// have the same object are alternatives (dev and prod), and each is a unit of its own.
func (r *reader) plain(ctx context.Context) ([]*iac.Unit, error) {
	var files []*parsed
	for _, file := range r.found.Manifests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		files = append(files, r.parse(file))
	}
	var units []*iac.Unit
	if len(files)+len(r.found.Problems) == 0 {
		return nil, nil
	}
	for _, g := range group(files) {
		units = append(units, r.plainUnit(g))
	}
	if len(units) == 0 {
		units = append(units, &iac.Unit{Kind: iac.Kubernetes, Path: "."})
	}
	units[0].Problems = append(units[0].Problems, r.found.Problems...)
	return units, nil
}

func (r *reader) plainUnit(g folderGroup) *iac.Unit {
	b := newUnit(iac.Kubernetes, g.dir, &r.o)
	for _, f := range g.files {
		for _, o := range f.objects {
			b.learn(o)
		}
	}
	for _, f := range g.files {
		b.file(f.file)
		b.unit.Problems = append(b.unit.Problems, f.problems...)
		for _, o := range f.objects {
			b.add(o)
		}
	}
	b.control()
	return b.unit
}

var placeholder = regexp.MustCompile(`\{\{|<%`)

func (r *reader) parse(file string) *parsed {
	p := &parsed{file: file}
	content, err := yamltree.File(r.root, file, r.o.Limits.FileBytes)
	if err != nil {
		p.problem(iac.Broken, iac.Range{File: file, Line: 1}, "cannot be read: "+err.Error())
		return p
	}
	template := placeholder.Match(content)
	for _, d := range yamltree.Read(file, content, r.o.Limits) {
		at := iac.Range{File: file, Line: d.Line}
		if d.Err != nil {
			kind, line := d.Problem()
			at.Line = line
			if template && kind == iac.Broken {
				at.Line = 1 + bytes.Count(content[:placeholder.FindIndex(content)[0]], []byte("\n"))
				p.problem(iac.Skipped, at, "looks like a template ({{ }}) of something other than Helm; render it and scan what it gives")
				break
			}
			p.problem(kind, at, d.Err.Error())
			continue
		}
		p.take(d.Value)
	}
	return p
}

// take takes a document's objects. What has no apiVersion and kind is something else, and nobody's fault.
func (p *parsed) take(v *iac.Value) {
	if !v.Is(iac.Object) || text(v.Get("apiVersion")) == "" || text(v.Get("kind")) == "" {
		if v.Is(iac.List) { // a file may be a list of objects
			for _, item := range v.Items {
				p.take(item)
			}
		}
		return
	}
	for _, o := range flatten(v) {
		if version := text(o.Get("apiVersion")); !strings.HasPrefix(version, "kustomize.config.k8s.io/") && version != "builtin" && o.Get("metadata").Is(iac.Object) {
			p.objects = append(p.objects, o)
		}
	}
}

func (p *parsed) problem(kind string, at iac.Range, what string) {
	p.problems = append(p.problems, iac.Problem{Kind: kind, What: what, Range: at})
}

// folderGroup are files that make a unit.
type folderGroup struct {
	dir   string
	files []*parsed
}

// folder is one with its manifests and those below it.
type folder struct {
	dir  string
	own  []*parsed
	subs map[string]*folder
}

func group(files []*parsed) []folderGroup {
	top := &folder{dir: ".", subs: map[string]*folder{}}
	for _, f := range files {
		at := top
		if dir := path.Dir(f.file); dir != "." {
			for name := range strings.SplitSeq(dir, "/") {
				if at.subs[name] == nil {
					at.subs[name] = &folder{dir: path.Join(at.dir, name), subs: map[string]*folder{}}
				}
				at = at.subs[name]
			}
		}
		at.own = append(at.own, f)
	}
	groups, rest := top.groups()
	if len(rest.files) > 0 {
		groups = append([]folderGroup{rest}, groups...)
	}
	return groups
}

// groups splits a folder: rest is what can be applied together with what is around it.
func (f *folder) groups() (split []folderGroup, rest folderGroup) {
	split, rest = f.alternatives()
	held := map[string]int{} // how many of the folders below have an object, and this one itself
	for key := range identities(rest.files) {
		held[key] = 2
	}
	var subs []folderGroup
	for _, name := range sorted(f.subs) {
		below, sub := f.subs[name].groups()
		split = append(split, below...)
		subs = append(subs, sub)
		for key := range identities(sub.files) {
			held[key]++
		}
	}
	for _, sub := range subs {
		alone := false
		for key := range identities(sub.files) {
			alone = alone || held[key] > 1
		}
		if alone {
			split = append(split, sub)
		} else {
			rest.files = slices.Concat(rest.files, sub.files)
		}
	}
	return split, rest
}

// alternatives splits the files of a folder: one that has an object which a file before it has is not applied beside that.
func (f *folder) alternatives() (split []folderGroup, rest folderGroup) {
	rest.dir = f.dir
	seen := map[string]bool{}
	for _, file := range f.own {
		own := identities([]*parsed{file})
		again := false
		for key := range own {
			again = again || seen[key]
		}
		if again {
			split = append(split, folderGroup{dir: file.file, files: []*parsed{file}})
			continue
		}
		maps.Copy(seen, own)
		rest.files = append(rest.files, file)
	}
	return split, rest
}

func identities(files []*parsed) map[string]bool {
	all := map[string]bool{}
	for _, f := range files {
		for _, o := range f.objects {
			metadata := o.Get("metadata")
			name, kind, namespace := scalar(metadata.Get("name")), text(o.Get("kind")), scalar(metadata.Get("namespace"))
			if namespace == "default" { // as good as none
				namespace = ""
			}
			if name != "" && kind != "Namespace" { // which many folders repeat that are applied together
				all[kind+"/"+namespace+"/"+name] = true
			}
		}
	}
	return all
}
