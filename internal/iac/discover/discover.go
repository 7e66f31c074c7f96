// Package discover finds what a folder holds of infrastructure code, in whatever languages, and reads all of it: root modules, plans,
// templates, charts, kustomizations and manifests. One file or folder that cannot be read is a problem of its own and stops no other.
//
// Nothing is read twice. A plan stands for the root module that it was made of, which is that of its folder or the nearest one above
// it, as long as both make the same resources; a plan of other code is left out, since it is older than the code, and told. Plans
// without code around them are read by themselves. States lie about in many folders, and say what was once applied, not what the
// code makes: they are only read where they are asked for.
package discover

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/cloudformation"
	"github.com/stancehq/stance/internal/iac/manifest"
	"github.com/stancehq/stance/internal/iac/sensitive"
	"github.com/stancehq/stance/internal/iac/terraform"
)

// Options are what the languages are read with.
type Options struct {
	Terraform      terraform.Options
	CloudFormation cloudformation.Options
	Manifest       manifest.Options
	Limits         iac.Limits // of all of them
	// File is the one plan or state that is read, below the folder; the code around it only tells places. Empty: all code is read.
	File string
	// States is true if the states that are found are read.
	States bool
	// Skip are the languages that are not looked for: iac.Terraform, iac.CloudFormation, iac.Kubernetes.
	Skip []string
	// Only tells whether a unit, by its kind and path, is to be read; nil: all are.
	Only func(kind, path string) bool
	// Workers is how many units are read at once; 0: as many as there are cores.
	Workers int
}

// Code is all that was found, in the order of kinds and paths.
type Code struct {
	Units []*iac.Unit
	// Problems are those that belong to no unit.
	Problems []iac.Problem
}

// Read finds and reads all code below root. The error is that of ctx.
func Read(ctx context.Context, root fs.FS, o Options) (*Code, error) {
	if o.Limits == (iac.Limits{}) {
		o.Limits = iac.DefaultLimits()
	}
	o.Terraform.Limits, o.CloudFormation.Limits, o.Manifest.Limits = o.Limits, o.Limits, o.Limits
	r := &reader{root: root, options: o, code: &Code{}}
	r.group, r.ctx = errgroup.WithContext(ctx)
	r.group.SetLimit(cmp.Or(o.Workers, runtime.GOMAXPROCS(0)))
	for kind, find := range map[string]func(){
		iac.Terraform: r.terraform, iac.CloudFormation: r.cloudFormation, iac.Kubernetes: r.manifests,
	} {
		if o.File == "" && !slices.Contains(o.Skip, kind) {
			find()
		}
	}
	if o.File != "" {
		r.terraformFile()
	}
	if err := r.group.Wait(); err != nil {
		return nil, fmt.Errorf("read the code: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read the code: %w", err)
	}
	slices.SortFunc(r.code.Units, func(a, b *iac.Unit) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path))
	})
	return r.code, nil
}

type reader struct {
	root    fs.FS
	options Options
	group   *errgroup.Group
	ctx     context.Context
	mu      sync.Mutex
	code    *Code
}

func (r *reader) add(problems []iac.Problem, units ...*iac.Unit) {
	for _, u := range units {
		if u != nil {
			sensitive.Mark(u)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.code.Problems = append(r.code.Problems, problems...)
	for _, u := range units {
		if u != nil {
			r.code.Units = append(r.code.Units, u)
		}
	}
}

// wanted leaves out the units that are not to be read.
func (r *reader) wanted(kind string, paths []string) []string {
	if r.options.Only == nil {
		return paths
	}
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return !r.options.Only(kind, path) })
}

func (r *reader) cloudFormation() {
	files, problems := cloudformation.Find(r.ctx, r.root, r.options.Limits)
	r.add(problems)
	for _, file := range r.wanted(iac.CloudFormation, files) {
		r.group.Go(func() error {
			unit, err := cloudformation.Read(r.ctx, r.root, file, r.options.CloudFormation)
			r.add(nil, unit)
			return err
		})
	}
}

func (r *reader) manifests() {
	r.group.Go(func() error {
		found, err := manifest.Find(r.ctx, r.root, r.options.Limits)
		if err != nil {
			return err
		}
		found.Charts, found.Kustomizations = r.wanted(iac.Helm, found.Charts), r.wanted(iac.Kustomize, found.Kustomizations)
		units, err := manifest.Read(r.ctx, r.root, found, r.options.Manifest)
		units = slices.DeleteFunc(units, func(u *iac.Unit) bool { return u != nil && len(r.wanted(u.Kind, []string{u.Path})) == 0 })
		r.add(nil, units...)
		return err
	})
}
