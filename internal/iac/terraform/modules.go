package terraform

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// moduleGroup are the instances of one module call in one module instance.
type moduleGroup struct {
	scope *scope
	call  *call
	state cellState
	*expansion
	scopes  []*scope
	byKey   map[string]*scope
	missing string // why the module is not there
}

// moduleGroup gives the instances of a call; nil if the module has none of the name.
func (s *scope) moduleGroup(name string) *moduleGroup {
	g := s.calls[name]
	if g == nil {
		c := s.module.calls[name]
		if c == nil {
			return nil
		}
		g = &moduleGroup{scope: s, call: c}
		s.calls[name] = g
	}
	if g.state == busy {
		return &moduleGroup{scope: s, call: g.call, missing: s.in("module."+name) + " refers to itself"}
	}
	if g.state == untouched {
		g.state = busy
		g.fill()
		g.state = done
	}
	return g
}

// fill finds the module and makes a scope for each instance of the call.
func (g *moduleGroup) fill() {
	s, c := g.scope, g.call
	address := s.in("module." + c.name)
	found, problem := s.locate(c)
	if problem != nil {
		g.missing = s.in("module."+c.name) + " was not read"
		s.e.problem(problem.Kind, problem.What, problem.Range)
		return
	}
	g.expansion = s.expandSafely(address, c.at, c.count, c.forEach, c.enabled)
	g.byKey = map[string]*scope{}
	for _, it := range g.items {
		if s.e.modules++; s.e.modules > s.e.limits.Modules {
			g.missing = fmt.Sprintf("the code makes more than %d calls of modules", s.e.limits.Modules)
			s.e.problem(iac.LimitReached, g.missing, c.at)
			return
		}
		made := newScope(s.e, found.module)
		made.parent, made.call, made.vendor = s, c, found.vendor
		made.address = address + keyText(it.key)
		made.inputs = g.context(s.ctx, it)
		if made.mayExist = it.mayExist; made.mayExist == "" {
			made.mayExist = s.mayExist
		}
		made.chain = append(slices.Clone(s.chain), iac.Call{Name: "module." + c.name + keyText(it.key), Source: found.source, Range: c.at})
		g.scopes = append(g.scopes, made)
		g.byKey[keyText(it.key)] = made
	}
}

// value is what a reference to the call gives.
func (g *moduleGroup) value() cty.Value {
	switch {
	case g.missing != "":
		return marks.Unknown(cty.DynamicPseudoType, g.missing)
	case g.mode == single && len(g.scopes) == 1:
		return lazyValue(g.scopes[0])
	}
	return lazyValue(g)
}

func (g *moduleGroup) attr(name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if g.mode == keyed {
		return g.index(cty.StringVal(name), at)
	}
	if g.mode == single {
		return cty.NullVal(cty.DynamicPseudoType), nil
	}
	return failed(at, "Missing module instance key", fmt.Sprintf("module.%s has a count, so one of its instances must be named", g.call.name))
}

func (g *moduleGroup) index(key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if g.open != "" {
		return lazyValue(g.scopes[0]), nil
	}
	made := g.byKey[normalKey(g.mode, key)]
	if made == nil {
		return failed(at, "Invalid index", fmt.Sprintf("module.%s has no instance %s", g.call.name, keyText(key)))
	}
	return lazyValue(made), nil
}

func (g *moduleGroup) whole() cty.Value {
	if g.open != "" {
		return marks.Unknown(cty.DynamicPseudoType, g.open).Mark(marks.Derived{})
	}
	values := make([]cty.Value, len(g.scopes))
	for i, made := range g.scopes {
		values[i] = lazyValue(made)
	}
	return collect(g.expansion, values, g.scope.in("module."+g.call.name))
}

// A module instance is seen from outside by its outputs.

func (s *scope) attr(name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	v, found := s.output(name)
	if !found {
		return failed(at, "Unsupported attribute", fmt.Sprintf("%s has no output %s", s.address, name))
	}
	return v, nil
}

func (s *scope) index(key cty.Value, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	if key.Type() != cty.String {
		return failed(at, "Invalid index", fmt.Sprintf("%s has no count", s.address))
	}
	return s.attr(key.AsString(), at)
}

func (s *scope) whole() cty.Value {
	fields := make(map[string]cty.Value, len(s.module.outputs))
	for name := range s.module.outputs {
		fields[name], _ = s.output(name)
	}
	return cty.ObjectVal(fields)
}

// located is where the module of a call was found.
type located struct {
	module *module
	vendor string // how modules.json names the call
	source string // as the code says it
}

// locate finds the module of a call on disk.
func (s *scope) locate(c *call) (located, *iac.Problem) {
	out := located{vendor: c.name}
	if s.vendor != "" {
		out.vendor = s.vendor + "." + c.name
	}
	problem := func(kind, why string) (located, *iac.Problem) {
		what := fmt.Sprintf("%s is not read, so its resources are not seen: %s", s.in("module."+c.name), why)
		return out, &iac.Problem{Kind: kind, What: what, Range: c.at}
	}
	if c.source == nil {
		return problem(iac.MissingModule, "it has no source")
	}
	v, _ := s.evaluate(s.in("module."+c.name)+": source", c.source, s.ctx).Unmark()
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return problem(iac.MissingModule, "its source is not known")
	}
	out.source = v.AsString()
	dir, local := localSource(s.module.dir, out.source)
	if local && dir == "" {
		return problem(iac.MissingModule, out.source+" is outside the folder that is scanned; scan a folder that contains both")
	}
	if !local {
		if dir = s.e.vendoredDir(out.vendor); dir == "" {
			from := strings.TrimSpace(out.source + " " + c.version)
			return problem(iac.MissingModule, fmt.Sprintf("%s is not on disk; `terraform init` or `tofu init`, run in %s, gets it", from, folder(s.e.root.dir)))
		}
	}
	for up := s; up != nil; up = up.parent {
		if up.module.dir == dir {
			return problem(iac.LimitReached, "the module calls itself")
		}
	}
	if out.module = s.e.source.module(dir); out.module == nil {
		return problem(iac.MissingModule, "there is no module in the folder "+dir)
	}
	s.e.tell(out.module)
	return out, nil
}

func folder(dir string) string {
	if dir == "." {
		return "the folder that is scanned"
	}
	return dir
}

// localSource is the folder that a relative source names, empty if that is not below the root; false if it is no relative one.
func localSource(from, source string) (string, bool) {
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") && source != "." && source != ".." {
		return "", false
	}
	dir := path.Join(from, source)
	if dir == ".." || strings.HasPrefix(dir, "../") {
		return "", true
	}
	return dir, true
}

// vendored is one entry of the list that the program keeps of the modules that it downloaded.
type vendored struct {
	Key string `json:"Key"`
	Dir string `json:"Dir"`
}

// readVendored reads .terraform/modules/modules.json of the root module, if it is there.
func readVendored(source *Source, dir string) map[string]vendored {
	text, problem := readFile(source.root, path.Join(dir, ".terraform/modules/modules.json"), source.limits)
	if problem != nil {
		return nil
	}
	var list struct {
		Modules []vendored `json:"Modules"`
	}
	if json.Unmarshal(text, &list) != nil {
		return nil
	}
	out := make(map[string]vendored, len(list.Modules))
	for _, entry := range list.Modules {
		out[entry.Key] = entry
	}
	return out
}

// vendoredDir is where a downloaded module is; empty if it is not there, or not below the root.
func (e *evaluator) vendoredDir(key string) string {
	dir := path.Join(".terraform/modules", key)
	if entry, found := e.vendored[key]; found {
		dir = strings.ReplaceAll(entry.Dir, `\`, "/")
	}
	if path.IsAbs(dir) {
		return ""
	}
	dir = path.Join(e.root.dir, dir)
	if dir == ".." || strings.HasPrefix(dir, "../") || e.source.module(dir) == nil {
		return ""
	}
	return dir
}
