package discover

import (
	"fmt"
	"path"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform"
	"github.com/stancehq/stance/internal/iac/tfplan"
)

// terraform reads root modules, and the plans and states among them.
func (r *reader) terraform() {
	source := terraform.Open(r.root, r.options.Limits)
	roots, problems := source.Roots(r.ctx)
	r.add(problems)
	found, problems := tfplan.Find(r.ctx, r.root, r.options.Limits)
	r.add(problems)
	o := r.planOptions(source, roots)
	plans := map[string][]string{} // by the root module that they may stand for
	for _, f := range found {
		dir, beside := o.Nearest(f.Path)
		switch {
		case f.Form == tfplan.Plan && beside:
			plans[dir] = append(plans[dir], f.Path)
		case f.Form == tfplan.Plan || r.options.States:
			r.alone(f.Path, o)
		default:
			r.add([]iac.Problem{{
				Kind: iac.Skipped, What: "it is a state, which tells what was applied, not what the code makes: name it as PATH, or say --states, to scan it",
				Range: iac.Range{File: f.Path},
			}})
		}
	}
	for _, dir := range roots {
		r.group.Go(func() error { return r.rootModule(source, dir, plans[dir], o) })
	}
}

// terraformFile reads the one plan or state that is asked for.
func (r *reader) terraformFile() {
	source := terraform.Open(r.root, r.options.Limits)
	var roots []string
	if dir := path.Dir(r.options.File); source.Has(dir) {
		roots = []string{dir}
	}
	r.alone(r.options.File, r.planOptions(source, roots))
}

func (r *reader) planOptions(source *terraform.Source, roots []string) tfplan.Options {
	return tfplan.Options{Limits: r.options.Limits, Code: source, Roots: roots, Terraform: r.options.Terraform}
}

// alone reads a plan or state that stands for nothing else.
func (r *reader) alone(file string, o tfplan.Options) {
	r.group.Go(func() error {
		read, err := tfplan.Read(r.ctx, r.root, file, o)
		if err != nil {
			return err
		}
		if read.Misfit != "" && read.Unit.Kind == iac.TerraformPlan {
			r.add([]iac.Problem{{Kind: iac.Skipped, What: "places are those in the plan, for the code beside it is other: " + read.Misfit, Range: iac.Range{File: file}}})
		}
		r.add(nil, read.Unit)
		return nil
	})
}

// rootModule reads a root module, or the plans that stand for it.
func (r *reader) rootModule(source *terraform.Source, dir string, plans []string, o tfplan.Options) error {
	stood := false
	for _, file := range plans {
		read, err := tfplan.Read(r.ctx, r.root, file, o)
		switch {
		case err != nil:
			return err
		case read.Root != "":
			stood = true
			r.add(nil, read.Unit)
		case read.Misfit != "":
			r.add([]iac.Problem{{
				Kind: iac.Skipped, What: fmt.Sprintf("it is a plan of other code than is in %s now, which is scanned in its place: %s", dir, read.Misfit),
				Range: iac.Range{File: file},
			}})
		default: // it is broken, or makes nothing
			r.add(read.Unit.Problems)
		}
	}
	if stood {
		return nil
	}
	unit, err := source.Read(r.ctx, dir, r.options.Terraform)
	r.add(nil, unit)
	return err
}
