package cloudformation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// finder is the state of one Find.
type finder struct {
	ctx       context.Context
	root      fs.FS
	limits    iac.Limits
	templates []string
	nested    map[string][]string // templates by the template that nests them
	clouds    map[string]bool     // folders that are cloud assemblies
	stacks    map[string]bool     // templates that their manifests name
	assets    map[string]int      // of cloud assemblies, by folder
	problems  []iac.Problem
}

// skippedFolders hold no code of the project.
var skippedFolders = []string{".git", "node_modules", ".terraform", ".aws-sam"}

// Find gives the templates below root, in the order of their paths, that are deployed by themselves: not those that another
// one nests. In the output of the CDK (a cloud assembly) its manifest tells what is a template. Where the context ends, so does
// the search: what it gives then is not all.
func Find(ctx context.Context, root fs.FS, limits iac.Limits) ([]string, []iac.Problem) {
	if limits == (iac.Limits{}) {
		limits = iac.DefaultLimits()
	}
	f := &finder{
		ctx: ctx, root: root, limits: limits, nested: map[string][]string{},
		clouds: map[string]bool{}, stacks: map[string]bool{}, assets: map[string]int{},
	}
	if err := fs.WalkDir(root, ".", f.visit); err != nil {
		f.problems = append(f.problems, iac.Problem{Kind: iac.Broken, What: fmt.Sprintf("the folder cannot be read to its end: %v", err)})
	}
	for _, folder := range sortedKeys(f.assets) {
		f.problems = append(f.problems, iac.Problem{
			Kind: iac.Skipped, What: fmt.Sprintf("%d assets of the CDK are not templates of the project", f.assets[folder]),
			Range: iac.Range{File: folder},
		})
	}
	return f.roots(), f.problems
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (f *finder) visit(file string, d fs.DirEntry, err error) error {
	if f.ctx.Err() != nil {
		return fs.SkipAll
	}
	if err != nil {
		f.problems = append(f.problems, iac.Problem{Kind: iac.Broken, What: fmt.Sprintf("it cannot be read: %v", err), Range: iac.Range{File: file}})
		if d != nil && d.IsDir() {
			return fs.SkipDir
		}
		return nil
	}
	if d.IsDir() {
		return f.folder(file, d.Name())
	}
	if !d.Type().IsRegular() {
		return nil
	}
	if folder := path.Dir(file); f.clouds[folder] {
		if strings.HasPrefix(d.Name(), "asset.") {
			f.assets[folder]++
		}
		if !f.stacks[file] {
			return nil
		}
	}
	switch path.Ext(file) {
	case ".yaml", ".yml", ".json", ".template":
		f.sniff(file)
	}
	return nil
}

func (f *finder) folder(file, name string) error {
	if file == "." {
		f.assembly(file)
		return nil
	}
	if slices.Contains(skippedFolders, name) {
		return fs.SkipDir
	}
	if strings.HasPrefix(name, "asset.") && (path.Base(path.Dir(file)) == "cdk.out" || f.clouds[path.Dir(file)]) {
		f.assets[path.Dir(file)]++
		return fs.SkipDir
	}
	f.assembly(file)
	return nil
}

// assembly reads the manifest of a cloud assembly, if a folder is one.
func (f *finder) assembly(folder string) {
	text, err := readFile(f.root, path.Join(folder, "manifest.json"), f.limits)
	if err != nil {
		return
	}
	var manifest struct {
		Version   string
		Artifacts map[string]struct {
			Type       string
			Properties struct{ TemplateFile string }
		}
	}
	if json.Unmarshal(text, &manifest) != nil || manifest.Version == "" || manifest.Artifacts == nil {
		return
	}
	for _, a := range manifest.Artifacts {
		switch {
		case strings.HasPrefix(a.Type, "aws:cloudformation:stack"):
			f.clouds[folder] = true
			if a.Properties.TemplateFile != "" {
				f.stacks[path.Join(folder, a.Properties.TemplateFile)] = true
			}
		case strings.HasPrefix(a.Type, "cdk:"):
			f.clouds[folder] = true
		}
	}
}

// sniff takes a file if it is a template. What cannot be parsed is taken if its text says that it is meant to be one: Read tells
// what is wrong with it.
func (f *finder) sniff(file string) {
	text, err := readFile(f.root, file, f.limits)
	if errors.Is(err, errTooLarge) {
		f.problems = append(f.problems, iac.Problem{
			Kind: iac.LimitReached, What: fmt.Sprintf("the file has more than %d bytes and was not read", f.limits.FileBytes), Range: iac.Range{File: file},
		})
		return
	}
	if err != nil || !looksLikeTemplate(text) {
		return
	}
	s := newSource(file, text)
	if s.parse(f.limits); s.root == nil {
		if claimsTemplate(text) {
			f.templates = append(f.templates, file)
		}
		return
	}
	if !isTemplate(s.root) {
		return
	}
	f.templates = append(f.templates, file)
	for _, e := range s.root.get("Resources").entries() {
		location := assetPath(e.value)
		switch e.value.get("Type").literal() {
		case stackType:
			if location == "" {
				location = constantText(e.value.get("Properties").get("TemplateURL"))
			}
		case samPrefix + "Application":
			location = constantText(e.value.get("Properties").get("Location"))
		}
		if location == "" || strings.Contains(location, "://") {
			continue
		}
		if target, ok := below(file, location); ok && target != file {
			f.nested[file] = append(f.nested[file], target)
		}
	}
}

// constantText is a text, or one in Sub without names in it.
func constantText(n *node) string {
	if name, argument := n.function(); name == "Fn::Sub" {
		n = argument
	}
	if text := n.literal(); !strings.Contains(text, "${") {
		return text
	}
	return ""
}

// looksLikeTemplate is a cheap look at the text: no template passes it by.
func looksLikeTemplate(text []byte) bool {
	return bytes.Contains(text, []byte("AWSTemplateFormatVersion")) || bytes.Contains(text, []byte("Resources")) &&
		(bytes.Contains(text, []byte("AWS::")) || bytes.Contains(text, []byte("Custom::")) || bytes.Contains(text, []byte("Alexa::")) || bytes.Contains(text, []byte("Transform")))
}

// claimsTemplate is a look at the text of what cannot be parsed.
func claimsTemplate(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.Trim(line, " \t\r\n{")
		if bytes.HasPrefix(line, []byte("AWSTemplateFormatVersion")) || bytes.HasPrefix(line, []byte(`"AWSTemplateFormatVersion"`)) ||
			bytes.HasPrefix(line, []byte("Transform: AWS::Serverless-")) {
			return true
		}
	}
	return false
}

// isTemplate tells templates from Kubernetes manifests, state files, parameters and all else with similar words.
func isTemplate(root *node) bool {
	if !root.isMap() || root.has("apiVersion") && root.has("kind") {
		return false
	}
	if root.has("AWSTemplateFormatVersion") {
		return true
	}
	resources := root.get("Resources")
	if !resources.isMap() || len(resources.keys) == 0 {
		return false
	}
	transform := root.get("Transform")
	for i, key := range resources.keys {
		kind := resources.items[i].get("Type").literal()
		switch {
		case strings.HasPrefix(key.text, "Fn::"):
		case strings.HasPrefix(kind, "AWS::"), strings.HasPrefix(kind, "Custom::"), strings.HasPrefix(kind, "Alexa::"):
		case strings.Count(kind, "::") >= 2 && transform != nil: // of a third party
		default:
			return transform != nil && strings.HasPrefix(transform.literal(), "AWS::")
		}
	}
	return true
}

// roots leaves out what others nest. Where templates nest each other in a circle, the first is the root.
func (f *finder) roots() []string {
	slices.Sort(f.templates)
	inner := map[string]bool{}
	for _, targets := range f.nested {
		for _, target := range targets {
			inner[target] = true
		}
	}
	var roots []string
	reached := map[string]bool{}
	var reach func(file string)
	reach = func(file string) {
		if reached[file] {
			return
		}
		reached[file] = true
		for _, target := range f.nested[file] {
			reach(target)
		}
	}
	for _, file := range f.templates {
		if !inner[file] {
			roots = append(roots, file)
			reach(file)
		}
	}
	for _, file := range f.templates {
		if !reached[file] {
			roots = append(roots, file)
			reach(file)
		}
	}
	slices.Sort(roots)
	return roots
}
