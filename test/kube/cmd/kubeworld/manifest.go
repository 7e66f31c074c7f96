package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// manifest is an object with where it was read.
type manifest struct {
	object
	file string
}

// stages are the kinds that must be applied before others, or after them; all other kinds are the stage rest. Within a stage
// the order is that of the files, by name.
var stages = map[string]int{
	"Namespace":                0,
	"CustomResourceDefinition": 1,
	// What the API server looks up when others are created.
	"PriorityClass": 2, "RuntimeClass": 2, "StorageClass": 2, "IngressClass": 2, "ServiceAccount": 2,
	// What could refuse others.
	"ResourceQuota":                    4,
	"ValidatingAdmissionPolicy":        5,
	"ValidatingAdmissionPolicyBinding": 6,
	"MutatingAdmissionPolicy":          5,
	"MutatingAdmissionPolicyBinding":   6,
	"ValidatingWebhookConfiguration":   6,
	"MutatingWebhookConfiguration":     6,
	"APIService":                       7,
}

// The stages after which something has to be done.
const (
	stageNamespaces  = 0
	stageDefinitions = 1
	stageRest        = 3
	stageLast        = 7
)

func (m manifest) stage() int {
	if stage, ok := stages[m.text("kind")]; ok {
		return stage
	}
	return stageRest
}

// read reads the objects of files, and of the .yaml files of folders.
func read(paths []string) ([]manifest, error) {
	var all []manifest
	for _, path := range paths {
		files, err := yamlFiles(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			objects, err := readFile(file)
			if err != nil {
				return nil, err
			}
			all = append(all, objects...)
		}
	}
	slices.SortStableFunc(all, func(a, b manifest) int { return a.stage() - b.stage() })
	return all, nil
}

func yamlFiles(path string) (files []string, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(file) == ".yaml" {
			files = append(files, file)
		}
		return err
	})
	return files, err
}

func readFile(path string) ([]manifest, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []manifest
	for documents := yaml.NewDecoder(file); ; {
		var read map[string]any
		err := documents.Decode(&read)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if read == nil { // an empty document
			continue
		}
		o := object(read)
		if o.text("apiVersion") == "" || o.text("kind") == "" || o.text("metadata", "name") == "" {
			return nil, fmt.Errorf("read %s: an object has no apiVersion, kind or metadata.name: %v", path, o)
		}
		all = append(all, manifest{o, path})
	}
}

// at is what is at a path of keys, or nil.
func (o object) at(path ...string) any {
	var value any = map[string]any(o)
	for _, key := range path {
		inner, is := value.(map[string]any)
		if !is {
			return nil
		}
		value = inner[key]
	}
	return value
}

// text is the text at a path of keys, or "".
func (o object) text(path ...string) string {
	text, _ := o.at(path...).(string)
	return text
}
