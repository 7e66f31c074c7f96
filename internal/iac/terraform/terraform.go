// Package terraform evaluates root modules of the Terraform and OpenTofu languages as far as that can be done without a provider,
// a network or a state: it gives each resource instance that the code makes, with its arguments evaluated, and says of everything
// that it cannot tell why. It plans nothing, validates nothing and knows no resource type, but for a few data sources whose answer
// is computed from their arguments alone ([evaluated]).
//
// Files are parsed into the library's syntax trees, whose expressions are then replaced by our own kinds (expression*.go): they
// evaluate on demand, each argument of each instance at most once, and keep track of attributes that are known only after apply
// (package marks). A module call is a scope that shares the tree of its module; nothing is sorted and no graph is built.
//
// Whatever hostile or mistaken code contains is bounded by iac.Limits, costs no more than the expression it stands in, and is told
// as an iac.Problem.
package terraform

import (
	"context"
	"io/fs"

	"github.com/stancehq/stance/internal/iac"
)

// Options are what a root module is evaluated with.
type Options struct {
	// Variables are values given by name, as on a command line: text for primitive types, expressions for others.
	Variables map[string]string
	// VarFiles are files of values, below the folder that is scanned or the root module. Later ones win, Variables win over all.
	VarFiles []string
	// Environment is asked for TF_VAR_name; nil: there is none.
	Environment func(name string) (string, bool)
	// Workspace is the selected one; empty: "default".
	Workspace string
	// Known are attributes of data sources that are known beforehand, by type.attribute: aws_partition.partition = aws.
	Known map[string]string
	// Limits of zero are replaced by the default ones.
	Limits iac.Limits
}

// Read evaluates one root module of a tree that is read once. dir is slash-separated and below root; "." is root itself. The error
// is that of ctx: everything else is a Problem of the unit.
func Read(ctx context.Context, root fs.FS, dir string, o Options) (*iac.Unit, error) {
	return Open(root, o.Limits).Read(ctx, dir, o)
}

// Roots finds the root modules of a tree.
func Roots(ctx context.Context, root fs.FS, limits iac.Limits) ([]string, []iac.Problem) {
	return Open(root, limits).Roots(ctx)
}

// withDefaults replaces limits that are not set.
func withDefaults(l iac.Limits) iac.Limits {
	d := iac.DefaultLimits()
	for _, f := range []struct{ have, standard *int }{
		{&l.Nesting, &d.Nesting},
		{&l.Instances, &d.Instances},
		{&l.Resources, &d.Resources},
		{&l.Steps, &d.Steps},
		{&l.Modules, &d.Modules},
		{&l.TextBytes, &d.TextBytes},
	} {
		if *f.have <= 0 {
			*f.have = *f.standard
		}
	}
	if l.FileBytes <= 0 {
		l.FileBytes = d.FileBytes
	}
	return l
}
