// Package tfplan reads what Terraform and OpenTofu say in JSON: plans (`terraform show -json plan.out`), states
// (`terraform show -json`) and state files of version 4. They give the same resources that package terraform gives of code, with
// what only the provider knows filled in.
//
// A plan tells what is not known before apply, and for each argument which references its expression has; it does not tell the
// expression. An argument whose only reference is an identifier, and which by its name holds one, is taken to be that reference,
// unchanged (reference.go). Where the code that a plan or state was made of is at hand, it says so itself: values that the plan
// does not know are taken from it, and places in files are those of the code (beside.go).
//
// The package takes nothing from a binary plan, runs nothing and asks no backend for its state. What hostile or mistaken files
// contain is bounded by iac.Limits and told as an iac.Problem; a value that the file marks sensitive is marked so in turn.
package tfplan

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform"
)

// Options are what files are read with.
type Options struct {
	// Limits of zero are the default ones.
	Limits iac.Limits
	// Code evaluates the code that plans and states were made of; nil: it is not looked for.
	Code *terraform.Source
	// Roots are the folders with root modules of Code.
	Roots []string
	// Terraform is what Code is evaluated with; a plan's own values of variables come before those that are given here.
	Terraform terraform.Options
}

// Reading is what a file says, and how it fits the code around it.
type Reading struct {
	Unit *iac.Unit
	// Root is the folder of the root module that the file was made of; empty if no code around it fits.
	Root string
	// Misfit is why the code of the nearest root module is another one than the file's; empty if there is none, or it fits.
	Misfit string
}

// Read reads one plan or state. The error is that of ctx: everything else is a Problem of the unit.
func Read(ctx context.Context, root fs.FS, file string, o Options) (*Reading, error) {
	if o.Limits == (iac.Limits{}) {
		o.Limits = iac.DefaultLimits()
	}
	out := &Reading{Unit: &iac.Unit{Kind: iac.TerraformPlan, Path: file, Files: []string{file}}}
	d, problem := open(root, file, o.Limits)
	if problem != nil {
		out.Unit.Problems = []iac.Problem{*problem}
		return out, ctx.Err()
	}
	var variables map[string]string
	switch form := d.form(); form {
	case Plan:
		p := newPlan(d)
		p.read(ctx, out.Unit)
		variables = p.variables()
	case State, ShownState:
		out.Unit.Kind = iac.TerraformState
		readState(ctx, d, form, out.Unit)
	default:
		d.tell(iac.Broken, "it is neither a plan nor a state", 0)
	}
	if d.values > mostValues {
		d.tell(iac.LimitReached, fmt.Sprintf("its resources have more than %d values; the rest is left out", mostValues), 0)
	}
	out.Unit.Problems = append(out.Unit.Problems, d.problems...)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, out.beside(ctx, o, variables)
}

// beside takes over what the code of the nearest root module says, if it is the one that the file was made of.
func (r *Reading) beside(ctx context.Context, o Options, variables map[string]string) error {
	dir, found := o.Nearest(r.Unit.Path)
	if o.Code == nil || !found || len(r.Unit.Resources) == 0 {
		return nil
	}
	options := o.Terraform
	options.Limits = o.Limits
	options.Variables = maps.Clone(options.Variables)
	if options.Variables == nil {
		options.Variables = map[string]string{}
	}
	maps.Copy(options.Variables, variables)
	code, err := o.Code.Read(ctx, dir, options)
	if err != nil {
		return fmt.Errorf("read the code of %s: %w", r.Unit.Path, err)
	}
	if r.Misfit = misfit(r.Unit, code); r.Misfit != "" {
		return nil
	}
	r.Root = dir
	Place(r.Unit, code)
	for _, file := range code.Files {
		if !slices.Contains(r.Unit.Files, file) {
			r.Unit.Files = append(r.Unit.Files, file)
		}
	}
	return nil
}

// Nearest is the root module in a file's folder, or else in the nearest one above it.
func (o Options) Nearest(file string) (dir string, found bool) {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if slices.Contains(o.Roots, dir) {
			return dir, true
		}
		if dir == "." || dir == "/" {
			return "", false
		}
	}
}
