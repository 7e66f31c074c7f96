package terraform

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// scope is an instance of a module: what names mean in it.
type scope struct {
	e       *evaluator
	module  *module
	parent  *scope
	address string // "", module.a, module.a["x"].module.b
	vendor  string // how modules.json names it: a.b
	chain   []iac.Call
	call    *call
	inputs  *hcl.EvalContext // in which the arguments of the call are evaluated
	// mayExist is why it is not known whether the call is made.
	mayExist string

	ctx       *hcl.EvalContext
	variables map[string]*cell
	locals    map[string]*cell
	outputs   map[string]*cell
	groups    map[string]*group
	calls     map[string]*moduleGroup
	providers map[string]*provider
}

// scopeKey is the name under which expressions, which all instances of a module share, find theirs. No code can write it.
const scopeKey = "\x00scope"

var scopeType = cty.Capsule("scope", reflect.TypeFor[scope]())

func newScope(e *evaluator, m *module) *scope {
	s := &scope{
		e: e, module: m, variables: map[string]*cell{}, locals: map[string]*cell{}, outputs: map[string]*cell{},
		groups: map[string]*group{}, calls: map[string]*moduleGroup{}, providers: map[string]*provider{},
	}
	s.ctx = &hcl.EvalContext{Variables: map[string]cty.Value{scopeKey: cty.CapsuleVal(scopeType, s)}, Functions: e.functions}
	for _, file := range m.files {
		e.files[file] = true
	}
	return s
}

// scopeOf finds the module instance that an expression is evaluated in; nil where only constants are allowed.
func scopeOf(ctx *hcl.EvalContext) *scope {
	for c := ctx; c != nil; c = c.Parent() {
		if v, found := c.Variables[scopeKey]; found {
			s, _ := v.EncapsulatedValue().(*scope)
			return s
		}
	}
	return nil
}

// with gives a context in which more names mean something.
func with(ctx *hcl.EvalContext, variables map[string]cty.Value) *hcl.EvalContext {
	child := ctx.NewChild()
	child.Variables = variables
	return child
}

// in is an address within the module instance as one within the unit.
func (s *scope) in(address string) string {
	if s.address == "" {
		return address
	}
	return s.address + "." + address
}

func cellOf(cells map[string]*cell, name string) *cell {
	c := cells[name]
	if c == nil {
		c = &cell{}
		cells[name] = c
	}
	return c
}

// resolve gives what a path from a name of the module is.
func (s *scope) resolve(t hcl.Traversal) (cty.Value, hcl.Diagnostics) {
	root := t.RootName()
	switch root {
	case "var", "local", "path", "terraform", "tofu", "module":
		name, ok := stepName(t, 1)
		if !ok {
			return failed(t.SourceRange(), "Invalid reference", fmt.Sprintf("%s must be followed by a name", root))
		}
		v, diags := s.named(root, name, t.SourceRange())
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		return s.e.follow(v, t[2:])
	case "data":
		return s.resolveResource(t, 1, "data.")
	case "resource":
		return s.resolveResource(t, 1, "")
	case "each", "count":
		return failed(t.SourceRange(), "Invalid reference", fmt.Sprintf("%s is not set here", root))
	case "self", "ephemeral":
		return marks.Unknown(cty.DynamicPseudoType, root+" is known only during apply"), nil
	}
	return s.resolveResource(t, 0, "")
}

// stepName is the name at one place of a path.
func stepName(t hcl.Traversal, i int) (string, bool) {
	if i >= len(t) {
		return "", false
	}
	switch step := t[i].(type) {
	case hcl.TraverseRoot:
		return step.Name, true
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

func (s *scope) resolveResource(t hcl.Traversal, from int, prefix string) (cty.Value, hcl.Diagnostics) {
	kind, first := stepName(t, from)
	name, second := stepName(t, from+1)
	if !first || !second {
		return failed(t.SourceRange(), "Invalid reference", "a resource is referred to by its type and its name")
	}
	g := s.group(prefix + kind + "." + name)
	if g == nil {
		return failed(t.SourceRange(), "Reference to undeclared resource", fmt.Sprintf("there is no %s%s.%s in this module", prefix, kind, name))
	}
	return s.e.follow(g.value(), t[from+2:])
}

// named gives a variable, a local value, a module or a fact about the run.
func (s *scope) named(root, name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	switch root {
	case "var":
		return s.variable(name, at)
	case "local":
		a := s.module.locals[name]
		if a == nil {
			return failed(at, "Reference to undeclared local value", "there is no local."+name+" in this module")
		}
		c := cellOf(s.locals, name)
		if c.state == done {
			return c.value, nil
		}
		return s.e.once(c, func() string { return s.in("local." + name) }, a.depth, a.at, func() (cty.Value, hcl.Diagnostics) {
			return a.expr.Value(s.ctx)
		}), nil
	case "module":
		g := s.moduleGroup(name)
		if g == nil {
			return failed(at, "Reference to undeclared module", "there is no module."+name+" in this module")
		}
		return g.value(), nil
	case "path":
		return s.path(name, at)
	}
	if name == "workspace" {
		workspace := s.e.options.Workspace
		if workspace == "" {
			workspace = "default"
		}
		return cty.StringVal(workspace), nil
	}
	return marks.Unknown(cty.DynamicPseudoType, root+"."+name+" is known only during the run"), nil
}

// path are folders as they are seen from that of the root module, in which the program is run. Where that is on the machine that
// will run it is not known.
func (s *scope) path(name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	switch name {
	case "root":
		return cty.StringVal("."), nil
	case "cwd":
		return marks.Symbol(cty.String, marks.WorkingDirectory.Address, marks.WorkingDirectory.Attr), nil
	case "module":
		return cty.StringVal(relativePath(s.e.root.dir, s.module.dir)), nil
	}
	return failed(at, "Invalid path attribute", "there is no path."+name)
}

// relativePath is how one folder is found from another; both are below the same one.
func relativePath(from, to string) string {
	if from == to {
		return "."
	}
	a, b := strings.Split(path.Clean(from), "/"), strings.Split(path.Clean(to), "/")
	if a[0] == "." {
		a = nil
	}
	if b[0] == "." {
		b = nil
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	out := strings.Repeat("../", len(a)) + strings.Join(b, "/")
	return strings.TrimSuffix(out, "/")
}

// output gives an output of the module; false if there is none of the name.
func (s *scope) output(name string) (cty.Value, bool) {
	out := s.module.outputs[name]
	if out == nil {
		return cty.NilVal, false
	}
	c := cellOf(s.outputs, name)
	if c.state == done {
		return c.value, true
	}
	if out.value == nil {
		return cty.NullVal(cty.DynamicPseudoType), true
	}
	what := func() string { return s.in("output." + name) }
	return s.e.once(c, what, out.value.depth, out.value.at, func() (cty.Value, hcl.Diagnostics) {
		v, diags := out.value.expr.Value(s.ctx)
		if out.sensitive && !diags.HasErrors() {
			v = v.Mark(marks.Sensitive{})
		}
		return v, diags
	}), true
}
