package terraform

import (
	"context"
	"maps"
	"path"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/functions"
)

// Read evaluates the root module in a folder of the tree. o.Limits of what is already parsed no longer count.
func (s *Source) Read(ctx context.Context, dir string, o Options) (*iac.Unit, error) {
	dir = path.Clean(dir)
	e := &evaluator{
		ctx: ctx, source: s, options: o, limits: withDefaults(o.Limits), unit: &iac.Unit{Kind: iac.Terraform, Path: dir},
		files: map[string]bool{}, told: map[iac.Problem]bool{}, reported: map[*module]bool{},
	}
	e.functions = functions.Table(functions.Scope{Root: s.root, Dir: dir, Evaluate: e.evaluateTemplate, Limits: e.limits})
	e.vendored = readVendored(s, dir)
	e.prefetch(dir)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e.root = s.module(dir); e.root == nil {
		e.unit.Problems = append(e.unit.Problems, iac.Problem{Kind: iac.Broken, What: "there is no module in the folder", Range: iac.Range{File: dir}})
		return e.unit, nil
	}
	e.tell(e.root)
	e.readGiven()
	e.emit(newScope(e, e.root))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.unit.Files = slices.Sorted(maps.Keys(e.files))
	return e.unit, nil
}

// prefetch parses what the evaluation will come to: modules whose sources are written out, and all that were downloaded.
func (e *evaluator) prefetch(dir string) {
	dirs := []string{dir}
	for _, entry := range e.vendored {
		if below := path.Join(dir, entry.Dir); entry.Key != "" && !path.IsAbs(entry.Dir) && below != dir {
			dirs = append(dirs, below)
		}
	}
	e.source.prefetch(dirs, localCalls)
}

// localCalls are the folders of the modules that a module calls, as far as their sources are relative and written out.
func localCalls(m *module) []string {
	var dirs []string
	for _, c := range m.callOrder {
		if c.source == nil {
			continue
		}
		if source, known := literalKey(c.source.expr); known {
			if dir, local := localSource(m.dir, source); local && dir != "" {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// tell takes over what was wrong with the files of a module, once.
func (e *evaluator) tell(m *module) {
	if !e.reported[m] {
		e.reported[m] = true
		e.unit.Problems = append(e.unit.Problems, m.problems...)
	}
}

// emit adds the resources of a module instance, and those of the modules that it calls, to the unit.
func (e *evaluator) emit(s *scope) {
	for _, r := range s.module.order {
		for _, made := range s.group(r.key()).instances {
			if e.ctx.Err() != nil {
				return
			}
			if len(e.unit.Resources) >= e.limits.Resources {
				e.problem(iac.LimitReached, "the code makes too many resources; the rest is left out", r.header)
				return
			}
			e.attempt(made.address, r.header, func() { e.unit.Resources = append(e.unit.Resources, made.resource()) })
		}
	}
	for _, c := range s.module.callOrder {
		for _, inner := range s.moduleGroup(c.name).scopes {
			e.emit(inner)
		}
	}
}

func (m *instance) resource() *iac.Resource {
	r, s := m.group.resource, m.group.scope
	out := &iac.Resource{
		Type: r.kind, Address: m.address, Data: r.data, Body: m.body(), Range: r.at, Name: r.header, Calls: s.chain,
		Provider: m.providerOf(), MayExist: m.mayExist,
	}
	for _, t := range r.dependsOn {
		if address := addressOf(t); address != "" {
			out.DependsOn = append(out.DependsOn, s.in(address))
		}
	}
	return out
}

// addressOf is a reference of depends_on as an address: type.name, data.type.name, module.name, with an index if there is one.
func addressOf(t hcl.Traversal) string {
	n := 2
	if root := t.RootName(); root == "data" || root == "resource" || root == "ephemeral" {
		n = 3
	}
	if len(t) < n {
		return ""
	}
	address := ""
	for i, step := range t[:min(n+1, len(t))] {
		if key, is := step.(hcl.TraverseIndex); is && i >= n {
			address += keyText(key.Key)
			continue
		}
		if i >= n {
			break
		}
		name, _ := stepName(t, i)
		if i > 0 && address != "" {
			address += "."
		}
		if i == 0 && name == "resource" {
			continue
		}
		address += name
	}
	return address
}
