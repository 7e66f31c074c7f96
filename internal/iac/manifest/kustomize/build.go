package kustomize

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
)

// Request is a kustomization with all that it is made of.
type Request struct {
	Dir   string
	Files map[string][]byte // by path below the root
}

// Result is what was built. Origins of objects stand in the annotation Origin.
type Result struct {
	YAML  []byte
	Error string
	// Unpatched is why patches were left out.
	Unpatched string
}

// Origin is the annotation that says where an object comes from; it is none of the object's own.
const Origin = "config.kubernetes.io/origin"

// maxKustomizations bounds those that one is made of.
const maxKustomizations = 2_000

// Prepare gathers what a kustomization is made of: all is the kustomizations by folder.
func Prepare(root fs.FS, dir string, all map[string]*Kustomization) (Request, []*Kustomization, error) {
	r := Request{Dir: dir, Files: map[string][]byte{}}
	var parts []*Kustomization
	seen := map[string]bool{}
	for queue := []string{dir}; len(queue) > 0; queue = queue[1:] {
		k := all[queue[0]]
		if k == nil || seen[queue[0]] {
			continue
		}
		seen[queue[0]] = true
		if parts = append(parts, k); len(parts) > maxKustomizations {
			return r, parts, fmt.Errorf("it is made of more than %d kustomizations", maxKustomizations)
		}
		queue = append(queue, k.Dirs...)
		for _, file := range k.Files {
			if _, there := r.Files[file]; !there {
				text, err := fs.ReadFile(root, file)
				if err != nil {
					return r, parts, fmt.Errorf("read %s: %w", file, err)
				}
				r.Files[file] = text
			}
		}
	}
	for _, k := range parts {
		text, err := json.Marshal(k.document(k.Dir == dir, all))
		if err != nil {
			return r, parts, fmt.Errorf("write %s: %w", k.File, err)
		}
		r.Files[path.Join(k.Dir, "kustomization.yaml")] = text
	}
	return r, parts, nil
}

// document is the kustomization that is built, without the folders that hold none, or a broken one.
func (k *Kustomization) document(top bool, all map[string]*Kustomization) any {
	document, ok := yamltree.JSON(k.body).(map[string]any)
	if !ok {
		document = map[string]any{}
	}
	for _, field := range []string{"resources", "bases", "components", "generators", "transformers", "validators"} {
		if list, ok := document[field].([]any); ok {
			document[field] = slices.DeleteFunc(list, func(entry any) bool {
				text, _ := entry.(string)
				at := path.Join(k.Dir, text)
				return slices.Contains(k.Dirs, at) && (all[at] == nil || all[at].Broken())
			})
		}
	}
	if top {
		document["buildMetadata"] = []any{types.OriginAnnotations}
	}
	return document
}

// Missing are the folders that it names and that hold no kustomization, as problems.
func (k *Kustomization) Missing(all map[string]*Kustomization) []iac.Problem {
	var problems []iac.Problem
	for _, dir := range k.Dirs {
		if all[dir] == nil {
			problems = append(problems, iac.Problem{Kind: iac.MissingModule, What: dir + " holds no kustomization", Range: iac.Range{File: k.File, Line: 1}})
		}
	}
	return problems
}

// Build renders a request; if that fails for patches, without them, since what they are for may not be at hand. It cannot be stopped, and what it needs in memory is not bounded: call it in a process that can be killed.
func Build(r Request) (result Result) {
	defer func() {
		if p := recover(); p != nil {
			result = Result{Error: fmt.Sprint(p)}
		}
	}()
	result = build(r)
	if result.Error == "" || !unpatchable.MatchString(result.Error) {
		return result
	}
	files := maps.Clone(r.Files)
	for name, text := range files {
		if path.Base(name) == "kustomization.yaml" {
			files[name] = unpatched(text)
		}
	}
	if again := build(Request{r.Dir, files}); again.Error == "" {
		return Result{YAML: again.YAML, Unpatched: result.Error}
	}
	return result
}

// unpatchable is what the library says of a patch or replacement for an object that there is not.
var unpatchable = regexp.MustCompile(`no resource matches|no matches for Id|failed to find unique target|nothing selected by`)

// unpatched is a kustomization without its patches.
func unpatched(text []byte) []byte {
	var document map[string]any
	if json.Unmarshal(text, &document) != nil {
		return text
	}
	for _, field := range []string{"patches", "patchesStrategicMerge", "patchesJson6902", "replacements"} {
		delete(document, field)
	}
	out, err := json.Marshal(document)
	if err != nil {
		return text
	}
	return out
}

func build(r Request) Result {
	files := filesys.MakeFsInMemory()
	for name, text := range r.Files {
		if err := files.WriteFile(path.Join(mount, name), text); err != nil {
			return Result{Error: err.Error()}
		}
	}
	options := krusty.MakeDefaultOptions()                // which has plugins and helm switched off
	options.LoadRestrictions = types.LoadRestrictionsNone // all there is are the files of the request
	built, err := krusty.MakeKustomizer(options).Run(files, path.Join(mount, r.Dir))
	if err != nil {
		return Result{Error: err.Error()}
	}
	text, err := built.AsYaml()
	if err != nil {
		return Result{Error: err.Error()}
	}
	return Result{YAML: text}
}

// mount is where the root lies among the files in memory, deep enough for no path to leave it.
const mount = "/scan"
