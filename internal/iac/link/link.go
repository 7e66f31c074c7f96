// Package link finds the infrastructure code that made a resource of a cloud: the states below a folder hold the ids that the cloud
// gave to what the code calls by an address, and the code tells where that address is written. It uses no network: a state that is
// kept in a backend must be pulled first (`terraform state pull > terraform.tfstate`).
package link

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform"
	"github.com/stancehq/stance/internal/iac/tfplan"
)

// Options are what states and code are read with.
type Options struct {
	// Limits of zero are the default ones.
	Limits iac.Limits
	// File is the one state that is read, below the folder; empty: all that are there.
	File string
	// Types are the code's types of resources that a table speaks of; nil: those of the table's own name.
	Types func(table string) []string
}

// Resource is what a live finding is about, as the scan names it.
type Resource struct {
	Table, ID, Name string
	Account, Region string
}

// Place is a resource of code and the state that knows it.
type Place struct {
	*iac.Resource // without its values
	State         string
	account       string // empty: not known
	region        string
}

// InCode tells whether its place is in code, and not only in the state.
func (p *Place) InCode() bool { return !p.Range.IsZero() && p.Range.File != p.State }

// Index finds places. It is safe for concurrent use once it is open.
type Index struct {
	types    func(table string) []string
	arns     map[string][]*Place
	ids      map[[2]string][]*Place // by type and what names it
	States   []string
	Problems []iac.Problem
	Count    int // of resources
}

// Open reads the states below root and finds the code of each. The error is that of ctx.
func Open(ctx context.Context, root fs.FS, o Options) (*Index, error) {
	if o.Limits == (iac.Limits{}) {
		o.Limits = iac.DefaultLimits()
	}
	x := &Index{types: o.Types, arns: map[string][]*Place{}, ids: map[[2]string][]*Place{}}
	r := &reader{ctx: ctx, root: root, source: terraform.Open(root, o.Limits), limits: o.Limits, code: map[string]*iac.Unit{}}
	r.roots, _ = r.source.Roots(ctx)
	files := []tfplan.File{{Path: o.File}}
	if o.File == "" {
		files, x.Problems = tfplan.Find(ctx, root, o.Limits)
	}
	for _, f := range files {
		if f.Form == tfplan.Plan {
			continue
		}
		unit, err := r.state(f.Path)
		if err != nil {
			return nil, fmt.Errorf("read the states: %w", err)
		}
		x.Problems = append(x.Problems, unit.Problems...)
		if unit.Kind != iac.TerraformState && len(unit.Problems) > 0 {
			continue
		}
		if unit.Kind != iac.TerraformState {
			x.Problems = append(x.Problems, iac.Problem{Kind: iac.Skipped, What: "it is not a state, and only states know the ids of the cloud", Range: iac.Range{File: f.Path}})
			continue
		}
		x.States = append(x.States, f.Path)
		x.add(unit)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read the states: %w", err)
	}
	return x, nil
}

// reader reads states, and code once for all of them.
type reader struct {
	ctx    context.Context
	root   fs.FS
	source *terraform.Source
	limits iac.Limits
	roots  []string
	code   map[string]*iac.Unit
}

// state reads one state. Its code is that of the nearest root module, or of the only one elsewhere that makes all that it has.
func (r *reader) state(file string) (*iac.Unit, error) {
	read, err := tfplan.Read(r.ctx, r.root, file, tfplan.Options{Limits: r.limits, Code: r.source, Roots: r.roots})
	if err != nil {
		return nil, err
	}
	if read.Root != "" || read.Unit.Kind != iac.TerraformState {
		return read.Unit, nil
	}
	var found *iac.Unit
	for _, dir := range r.roots {
		code, err := r.evaluated(dir)
		if err != nil {
			return nil, err
		}
		if !makesAll(code, read.Unit) {
			continue
		}
		if found != nil {
			return read.Unit, nil // it may be of either
		}
		found = code
	}
	if found != nil {
		tfplan.Place(read.Unit, found)
	}
	return read.Unit, nil
}

func (r *reader) evaluated(dir string) (*iac.Unit, error) {
	if unit := r.code[dir]; unit != nil {
		return unit, nil
	}
	unit, err := r.source.Read(r.ctx, dir, terraform.Options{Limits: r.limits})
	if err != nil {
		return nil, err
	}
	r.code[dir] = unit
	return unit, nil
}

// makesAll tells whether code has all resources of a state.
func makesAll(code, state *iac.Unit) bool {
	have := map[string]bool{}
	for _, r := range code.Resources {
		have[r.Address] = true
	}
	some := false
	for _, r := range state.Resources {
		if r.Data {
			continue
		}
		if some = true; !have[r.Address] {
			return false
		}
	}
	return some
}

// naming are the attributes by which a cloud, and so a table, may call a resource.
var naming = []string{"id", "name", "identifier", "arn"}

func (x *Index) add(unit *iac.Unit) {
	for _, r := range unit.Resources {
		if r.Data {
			continue
		}
		bare := *r
		bare.Body, bare.Provider = nil, iac.Provider{}
		p := &Place{Resource: &bare, State: unit.Path}
		x.Count++
		arn := text(r.Body, "arn")
		if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
			p.region, p.account = parts[3], parts[4]
		}
		if p.account == "" {
			p.account = text(r.Body, "owner_id")
		}
		if p.region == "" {
			p.region = text(r.Body, "region")
		}
		if arn != "" {
			x.arns[arn] = append(x.arns[arn], p)
		}
		seen := map[string]bool{}
		for _, attribute := range naming {
			if name := text(r.Body, attribute); name != "" && !seen[name] {
				seen[name] = true
				x.ids[[2]string{r.Type, name}] = append(x.ids[[2]string{r.Type, name}], p)
			}
		}
	}
}

// text is an attribute that may be shown.
func text(body *iac.Value, attribute string) string {
	if v := body.Get(attribute); v.Is(iac.String) && !v.Sensitive {
		return v.Text
	}
	return ""
}

// Locate finds the code of a resource: by its ARN, by its id within its type, or by its name within its type, account and region. It
// is nil where no state has it, and where several have and it cannot be told which.
func (x *Index) Locate(r Resource) *Place {
	if r.ID == "" {
		return nil
	}
	types := []string{r.Table}
	if x.types != nil {
		types = append(types, x.types(r.Table)...)
	}
	if found := best(x.arns[r.ID], types); found != nil {
		return found
	}
	var byID, byName []*Place
	for i, typ := range types {
		if slices.Contains(types[:i], typ) {
			continue
		}
		for _, p := range x.ids[[2]string{typ, r.ID}] {
			if p.within(r, false) {
				byID = append(byID, p)
			}
		}
		for _, p := range x.ids[[2]string{typ, r.Name}] {
			if r.Name != "" && p.within(r, true) {
				byName = append(byName, p)
			}
		}
	}
	if len(byID) > 0 {
		return one(byID)
	}
	return one(byName)
}

// within tells whether a place is in the account and region of a resource; surely: both are known, where the service has regions.
func (p *Place) within(r Resource, surely bool) bool {
	if p.account == "" && surely || p.account != "" && r.Account != "" && p.account != r.Account {
		return false
	}
	global := r.Region == "" || r.Region == "global"
	return p.region == "" && (!surely || global) || p.region == r.Region || global
}

// best is the place of an ARN: one of the types, in code if there is one; of several the first.
func best(places []*Place, types []string) (found *Place) {
	score := -1
	for _, p := range places {
		mine := 0
		if slices.Contains(types, p.Type) {
			mine += 2
		}
		if p.InCode() {
			mine++
		}
		if mine > score {
			score, found = mine, p
		}
	}
	return found
}

// one is the only place, or the only one in code; several states may hold the same.
func one(places []*Place) (found *Place) {
	for _, p := range places {
		switch {
		case found == nil, !found.InCode() && p.InCode():
			found = p
		case found.InCode() && !p.InCode():
		case found.Address != p.Address || found.Range.File != p.Range.File && found.InCode():
			return nil
		}
	}
	return found
}
