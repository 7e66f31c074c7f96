package terraform

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// notRead are folders that hold no code of the people who scan: downloads, histories, dependencies.
var notRead = map[string]bool{".terraform": true, ".git": true, ".terragrunt-cache": true, "node_modules": true}

// Roots finds the root modules: folders with files of the language that no other module of the tree calls. A folder that is called
// is a root as well if it says where its state is kept or has a file of values that is read on its own, since only what is
// applied itself has these. A provider block does not make it one: older modules have them, and what such a module makes is seen
// by its calls. Folders that call each other in a circle would all be lost; the first of them is taken.
func (s *Source) Roots(ctx context.Context) ([]string, []iac.Problem) {
	dirs, values, problems := s.folders(ctx)
	s.prefetch(dirs, func(*module) []string { return nil })
	called := map[string]bool{}
	for _, dir := range dirs {
		if m := s.module(dir); m != nil {
			for _, to := range localCalls(m) {
				if to != dir {
					called[to] = true
				}
			}
		}
	}
	var roots []string
	reached := map[string]bool{}
	for _, dir := range dirs {
		if m := s.module(dir); m != nil && (!called[dir] || m.backend || values[dir]) {
			roots = append(roots, dir)
			s.reach(dir, reached)
		}
	}
	for _, dir := range dirs {
		if s.module(dir) != nil && !reached[dir] {
			roots = append(roots, dir)
			s.reach(dir, reached)
		}
	}
	slices.Sort(roots)
	return roots, problems
}

// reach notes a folder and those that it calls.
func (s *Source) reach(dir string, reached map[string]bool) {
	todo := []string{dir}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[next] {
			continue
		}
		reached[next] = true
		if m := s.module(next); m != nil {
			todo = append(todo, localCalls(m)...)
		}
	}
}

// folders are those with files of the language, and which of them have values of their own.
func (s *Source) folders(ctx context.Context) (dirs []string, values map[string]bool, problems []iac.Problem) {
	found := map[string]bool{}
	values = map[string]bool{}
	err := fs.WalkDir(s.root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			problems = append(problems, iac.Problem{Kind: iac.Broken, What: "it cannot be read: " + err.Error(), Range: iac.Range{File: name}})
			return nil //nolint:nilerr // it is told, and the rest is read
		case entry.IsDir():
			if name != "." && notRead[entry.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		base, dir := entry.Name(), path.Dir(name)
		if baseName(base) != "" {
			found[dir] = true
		}
		if base == "terraform.tfvars" || base == "terraform.tfvars.json" || strings.HasSuffix(base, ".auto.tfvars") || strings.HasSuffix(base, ".auto.tfvars.json") {
			values[dir] = true
		}
		return nil
	})
	if err != nil {
		problems = append(problems, iac.Problem{Kind: iac.Skipped, What: "the search for root modules was interrupted: " + err.Error(), Range: iac.Range{File: "."}})
	}
	for dir := range found {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return dirs, values, problems
}
