package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/discover"
	"github.com/stancehq/stance/internal/iac/manifest"
	"github.com/stancehq/stance/internal/iac/tfplan"
)

// openCode opens a folder, or the folder of one file with nothing else in it, so that no link and no .. leads out of it.
func openCode(path string) (_ fs.FS, dir string, closed func(), _ error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", nil, usage("there is no %s", path)
	case err != nil:
		return nil, "", nil, fmt.Errorf("open %s: %w", path, err)
	}
	only := ""
	if dir = path; !info.IsDir() {
		dir, only = filepath.Dir(path), filepath.Base(path)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, "", nil, fmt.Errorf("open %s: %w", dir, err)
	}
	tree := root.FS()
	if only != "" {
		tree = oneFile{tree, only}
	}
	return tree, dir, func() { _ = root.Close() }, nil
}

// planOrState is the file that is scanned, below its folder, if it is a plan or state: the code around it tells places.
func planOrState(root fs.FS, limits iac.Limits) string {
	one, is := root.(oneFile)
	if !is {
		return ""
	}
	if form, _ := tfplan.Sniff(one, one.name, limits); form != 0 { // what is wrong with it is told where it is read
		return one.name
	}
	return ""
}

// folderInRepository is where a folder, or a file's folder, lies below the root of its git repository; empty if it is in none.
func folderInRepository(name string) string {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	if absolute, err = filepath.EvalSymlinks(absolute); err != nil {
		return ""
	}
	if info, err := os.Stat(absolute); err == nil && !info.IsDir() {
		absolute = filepath.Dir(absolute)
	}
	for dir := absolute; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			below, err := filepath.Rel(dir, absolute)
			if err != nil || below == "." {
				return ""
			}
			return filepath.ToSlash(below)
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// reading says what the languages are read with.
func (f *codeFlags) reading(a *app, providers []*content.Provider) (discover.Options, error) {
	var o discover.Options
	var err error
	if o.Terraform.Variables, err = pairs("--var", f.vars); err != nil {
		return o, err
	}
	o.Terraform.VarFiles, o.Terraform.Workspace = f.varFiles, f.work
	o.Terraform.Environment = func(name string) (string, bool) { text := a.getenv(name); return text, text != "" }
	o.Terraform.Known = map[string]string{}
	for _, p := range providers {
		maps.Copy(o.Terraform.Known, p.Code.Known)
	}
	for _, p := range f.params {
		if !strings.Contains(p, "=") {
			o.CloudFormation.ParameterFiles = append(o.CloudFormation.ParameterFiles, p)
			continue
		}
		given, err := pairs("--param", []string{p})
		if err != nil {
			return o, err
		}
		if o.CloudFormation.Parameters == nil {
			o.CloudFormation.Parameters = map[string]string{}
		}
		for name, value := range given {
			o.CloudFormation.Parameters[name] = value
		}
	}
	o.CloudFormation.Region = f.region
	o.States, o.Limits = f.states, iac.DefaultLimits()
	if f.maxFile < 1 || f.maxFile > 4096 {
		return o, usage("--max-file-size %d: a number of MiB is wanted, from 1 to 4096", f.maxFile)
	}
	o.Limits.FileBytes = int64(f.maxFile) << 20
	for _, file := range f.values {
		text, err := os.ReadFile(file)
		if err != nil {
			return o, usage("--values: %v", err)
		}
		o.Manifest.Values = append(o.Manifest.Values, manifest.Values{Name: file, Text: text})
	}
	o.Manifest.Set, o.Manifest.KubeVersion = f.set, f.kube
	o.Manifest.Renderer = renderer
	return o, nil
}

// renderCommand is the hidden command in which charts are rendered: a process of its own can be stopped.
const renderCommand = "render-charts"

func renderer(ctx context.Context) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return exec.CommandContext(ctx, self, renderCommand)
}

func pairs(flag string, list []string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usage("%s %s: NAME=VALUE is wanted", flag, text)
		}
		values[name] = value
	}
	return values, nil
}

// oneFile is a folder in which only one file can be seen.
type oneFile struct {
	fs.FS
	name string
}

func (o oneFile) Open(name string) (fs.File, error) {
	if name != "." && name != o.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return o.FS.Open(name)
}

func (o oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	info, err := fs.Stat(o.FS, o.name)
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}
