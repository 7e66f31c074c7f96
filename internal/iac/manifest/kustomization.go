package manifest

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/child"
	"github.com/stancehq/stance/internal/iac/manifest/kustomize"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// kustomization reads one as a unit.
func (r *reader) kustomization(ctx context.Context, dir string) (*iac.Unit, error) {
	b := newUnit(iac.Kustomize, dir, &r.o)
	top := r.found.kustomizations[dir]
	at := iac.Range{File: top.File, Line: 1}
	request, parts, err := kustomize.Prepare(r.root, dir, r.found.kustomizations)
	for _, k := range parts {
		b.file(k.File)
		b.unit.Problems = append(b.unit.Problems, k.Problems...)
		b.unit.Problems = append(b.unit.Problems, k.Missing(r.found.kustomizations)...)
	}
	switch {
	case err != nil:
		b.problem(iac.Broken, at, "the kustomization cannot be read: %v", err)
		return b.unit, nil
	case top.Broken():
		return b.unit, nil
	case r.pool == nil:
		b.problem(iac.Skipped, at, "kustomizations are not built here")
		return b.unit, nil
	}
	answer, err := r.pool.Do(ctx, child.Request{Kustomize: &request})
	if errors.Is(err, child.ErrEnded) {
		b.problem(iac.LimitReached, at, "building the kustomization: %v", err)
		return b.unit, nil
	}
	if err != nil {
		return nil, fmt.Errorf("build the kustomization in %s: %w", dir, err)
	}
	if answer.Kustomize.Error != "" {
		b.problem(iac.NotEvaluated, at, "the kustomization cannot be built: %s", tell(answer.Kustomize.Error))
		return b.unit, nil
	}
	if why := answer.Kustomize.Unpatched; why != "" {
		b.problem(iac.NotEvaluated, at, "its patches are left out, for one cannot be applied: %s", tell(why))
	}
	for name := range request.Files {
		if k := r.found.kustomizations[path.Dir(name)]; k == nil || path.Base(name) != "kustomization.yaml" {
			b.file(name)
		}
	}
	s := r.sources(parts)
	var objects []*iac.Value
	for _, d := range yamltree.Read(top.File, answer.Kustomize.YAML, r.o.Limits) {
		if d.Err != nil {
			kind, _ := d.Problem()
			b.problem(kind, at, "what it gives cannot be read: %v", d.Err)
		} else if d.Value.Is(iac.Object) {
			objects = append(objects, s.place(top, d.Value))
		}
	}
	for _, o := range objects {
		b.learn(o)
	}
	for _, o := range objects {
		b.add(o)
	}
	b.control()
	return b.unit, nil
}

// tell is what the library says, by the paths that are scanned.
func tell(what string) string { return oneLine(strings.ReplaceAll(what, "/scan/", "")) }

// sources are the files that a kustomization is made of.
type sources struct {
	r       *reader
	files   map[string][]*iac.Value
	patches []*iac.Value
}

func (r *reader) sources(parts []*kustomize.Kustomization) *sources {
	s := &sources{r: r, files: map[string][]*iac.Value{}}
	for _, k := range parts { // those on top first, for their patches come last
		for _, file := range k.Patches {
			s.patches = append(s.patches, s.file(file)...)
		}
		for _, inline := range k.Inline {
			for _, o := range objectsOf(yamltree.Read(k.File, []byte(inline.Text), r.o.Limits)) {
				s.patches = append(s.patches, shift(o, inline.Line))
			}
		}
	}
	return s
}

func objectsOf(documents []yamltree.Document) (all []*iac.Value) {
	for _, d := range documents {
		if d.Value.Is(iac.Object) {
			all = append(all, flatten(d.Value)...)
		}
	}
	return all
}

// shift moves a value down by so many lines.
func shift(v *iac.Value, lines int) *iac.Value {
	v.Range.Line += lines
	v.Range.EndLine += lines
	for _, item := range v.Items {
		shift(item, lines)
	}
	for _, f := range v.Fields {
		shift(f.Value, lines)
	}
	return v
}

func (s *sources) file(file string) []*iac.Value {
	if all, read := s.files[file]; read {
		return all
	}
	content, err := yamltree.File(s.r.root, file, s.r.o.Limits.FileBytes)
	if err != nil {
		return nil
	}
	all := objectsOf(yamltree.Read(file, content, s.r.o.Limits))
	s.files[file] = all
	return all
}

// place gives an object that was built the places of what it was built of, and takes the note of its origin from it.
func (s *sources) place(k *kustomize.Kustomization, o *iac.Value) *iac.Value {
	file := k.File
	metadata := o.Get("metadata")
	annotations := metadata.Get("annotations")
	if note := annotations.Get(kustomize.Origin); note != nil {
		for _, d := range yamltree.Read("", []byte(note.Text), s.r.o.Limits) {
			for _, name := range []string{"path", "configuredIn"} {
				if at := text(d.Value.Get(name)); at != "" {
					file = s.onDisk(path.Join(k.Dir, at))
				}
			}
		}
		o = put(o, "metadata", without(metadata, annotations))
	}
	kind, name := text(o.Get("kind")), scalar(o.Get("metadata").Get("name"))
	origin := choose(s.file(file), kind, name)
	from := []*iac.Value{}
	if origin != nil {
		original := scalar(origin.Get("metadata").Get("name"))
		for _, p := range s.patches {
			if text(p.Get("kind")) == kind && scalar(p.Get("metadata").Get("name")) == original {
				from = append(from, p)
			}
		}
		from = append(from, origin)
	}
	at := iac.Range{File: file, Line: 1, Column: 1, EndLine: 1, EndColumn: 1}
	if origin != nil {
		at = origin.Range
	}
	lay(o, from, at)
	o.Range = at
	return o
}

// onDisk is a kustomization's own name, since it is built under another.
func (s *sources) onDisk(file string) string {
	if k := s.r.found.kustomizations[path.Dir(file)]; k != nil && kustomize.IsName(path.Base(file)) {
		return k.File
	}
	return file
}

func without(metadata, annotations *iac.Value) *iac.Value {
	if rest := drop(annotations, kustomize.Origin); len(rest.Fields) > 0 {
		return put(metadata, "annotations", rest)
	}
	return drop(metadata, "annotations")
}

// choose is the object of a file that became one of this kind and name: names may have got a prefix, a suffix or a hash.
func choose(objects []*iac.Value, kind, name string) *iac.Value {
	var best *iac.Value
	for _, o := range objects {
		if text(o.Get("kind")) != kind {
			continue
		}
		own := scalar(o.Get("metadata").Get("name"))
		if own == name {
			return o
		}
		if own != "" && strings.Contains(name, own) && (best == nil || len(own) > len(scalar(best.Get("metadata").Get("name")))) {
			best = o
		}
	}
	return best
}
