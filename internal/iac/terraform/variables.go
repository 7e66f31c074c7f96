package terraform

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/terraform/marks"
)

// given is a value for a variable of the root module.
type given struct {
	value  cty.Value
	text   string // as written on a command line or in the environment, if isText
	isText bool
}

// variable gives the value of a variable.
func (s *scope) variable(name string, at hcl.Range) (cty.Value, hcl.Diagnostics) {
	v := s.module.variables[name]
	if v == nil {
		return failed(at, "Reference to undeclared input variable", "there is no var."+name+" in this module")
	}
	c := cellOf(s.variables, name)
	if c.state == done {
		return c.value, nil
	}
	depth := 1
	if s.call != nil && s.call.arguments[name] != nil {
		depth = s.call.arguments[name].depth
	}
	return s.e.once(c, func() string { return s.in("var." + name) }, depth, v.at, func() (cty.Value, hcl.Diagnostics) {
		out, diags := s.valueOf(v)
		if v.sensitive && !diags.HasErrors() {
			out = out.Mark(marks.Sensitive{})
		}
		return out, diags
	}), nil
}

func (s *scope) valueOf(v *variable) (cty.Value, hcl.Diagnostics) {
	value, found, diags := s.argument(v)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if found {
		if bare, _ := value.Unmark(); bare.IsKnown() && bare.IsNull() && v.notNull {
			found = false
		}
	}
	if !found {
		if v.def == nil {
			why := fmt.Sprintf("variable %s has no value", v.name)
			if s.parent != nil {
				why = fmt.Sprintf("variable %s of %s has no value", v.name, s.address)
			}
			s.e.problem(iac.MissingValue, why, v.at)
			return marks.Unknown(v.typ, why), nil
		}
		if value, diags = v.def.expr.Value(s.ctx); diags.HasErrors() {
			return cty.DynamicVal, diags
		}
	}
	return s.e.convertTo(value, v)
}

// argument is what a variable is given: by the call of the module, or from outside for the root module.
func (s *scope) argument(v *variable) (cty.Value, bool, hcl.Diagnostics) {
	if s.call != nil {
		a := s.call.arguments[v.name]
		if a == nil {
			return cty.NilVal, false, nil
		}
		value, diags := a.expr.Value(s.inputs)
		return value, true, diags
	}
	g, found := s.e.given[v.name]
	if text, is := s.e.environment(v.name); !found && is {
		g, found = given{text: text, isText: true}, true
	}
	if !found || !g.isText {
		return g.value, found, nil
	}
	if v.literal {
		return cty.StringVal(g.text), true, nil
	}
	if why := guard([]byte(g.text), s.e.limits.Nesting, hclsyntax.LexExpression); why != "" {
		panic(limit(why))
	}
	expression, diags := hclsyntax.ParseExpression([]byte(g.text), "", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.DynamicVal, true, diags
	}
	value, diags := expression.Value(nil)
	return value, true, diags
}

func (e *evaluator) environment(name string) (string, bool) {
	if e.options.Environment == nil {
		return "", false
	}
	return e.options.Environment("TF_VAR_" + name)
}

// convertTo makes a value one of the variable's type, with what is optional in it.
func (e *evaluator) convertTo(value cty.Value, v *variable) (cty.Value, hcl.Diagnostics) {
	if v.typ == cty.DynamicPseudoType {
		return value, nil
	}
	return distribute([]cty.Value{value}, func(of []cty.Value) (cty.Value, hcl.Diagnostics) {
		value := e.shape(of[0], v.typ, 0)
		if v.defaults != nil {
			value = v.defaults.Apply(value)
		}
		out, err := convertSet(value, v.typ)
		if err != nil {
			_, diags := failed(hcl.Range{}, "Invalid value for variable", fmt.Sprintf("it does not have the type of the variable: %v", err))
			return cty.DynamicVal, diags
		}
		return keepSymbol(out, value), nil
	})
}

// keepSymbol gives a converted attribute back what a conversion forgets: that it is not null.
func keepSymbol(out, from cty.Value) cty.Value {
	s, is := marks.IsSymbol(from)
	if !is || out.IsKnown() || lazyOf(from) != nil {
		return out
	}
	return keepSecret(marks.Symbol(out.Type(), s.Address, s.Attr), from)
}

// convertSet converts, and makes sets as package marks wants them.
func convertSet(value cty.Value, t cty.Type) (cty.Value, error) {
	bare, own := value.Unmark()
	if !t.IsSetType() || !bare.IsKnown() || bare.IsNull() || !bare.Type().IsTupleType() && !bare.Type().IsListType() || bare.LengthInt() == 0 {
		return convert.Convert(value, t)
	}
	list, err := convert.Convert(bare, cty.List(t.ElementType()))
	if err != nil || !list.IsKnown() {
		return list.WithMarks(own), err
	}
	bare, inner := list.Unmark()
	return marks.SetVal(bare.AsValueSlice()).WithMarks(own, inner), nil
}

// shape makes objects of whole resources and modules, with the attributes that a type asks for.
func (e *evaluator) shape(v cty.Value, t cty.Type, depth int) cty.Value {
	if to := lazyOf(v); to != nil {
		if !t.IsObjectType() {
			if t == cty.DynamicPseudoType && depth == 0 {
				return v
			}
			return e.shape(e.whole(v), t, depth+1)
		}
		fields := map[string]cty.Value{}
		for name := range t.AttributeTypes() {
			if field, diags := to.attr(name, hcl.Range{}); !diags.HasErrors() {
				fields[name] = field
			}
		}
		return cty.ObjectVal(fields)
	}
	lazies := false
	for range cty.ValueMarksOfTypeDeep[lazy](v) {
		lazies = true
		break
	}
	bare, own := v.Unmark()
	if !lazies || depth > e.limits.Nesting || !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return v
	}
	if from := bare.Type(); from.IsObjectType() || from.IsMapType() {
		fields := map[string]cty.Value{}
		each(v, func(key, value cty.Value) bool {
			name := key.AsString()
			fields[name] = e.shape(value, elementType(t, name), depth+1)
			return true
		})
		return cty.ObjectVal(fields).WithMarks(own)
	}
	var items []cty.Value
	each(v, func(_, value cty.Value) bool {
		items = append(items, e.shape(value, elementType(t, ""), depth+1))
		return true
	})
	return cty.TupleVal(items).WithMarks(onlySecret(own))
}

func elementType(t cty.Type, name string) cty.Type {
	switch {
	case t.IsObjectType() && t.HasAttribute(name):
		return t.AttributeType(name)
	case t.IsCollectionType():
		return t.ElementType()
	}
	return cty.DynamicPseudoType
}

// readGiven collects the values for the root module's variables. What comes later wins: terraform.tfvars, *.auto.tfvars by name,
// the files that were asked for, single values. The environment is asked last, and only for what none of them has.
func (e *evaluator) readGiven() {
	e.given = map[string]given{}
	entries, err := fs.ReadDir(e.source.root, e.root.dir)
	if err == nil {
		var names []string
		for _, entry := range entries {
			if name := entry.Name(); !entry.IsDir() && (strings.HasSuffix(name, ".auto.tfvars") || strings.HasSuffix(name, ".auto.tfvars.json")) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range append([]string{"terraform.tfvars", "terraform.tfvars.json"}, names...) {
			if slices.ContainsFunc(entries, func(entry fs.DirEntry) bool { return entry.Name() == name }) {
				e.readVarFile(path.Join(e.root.dir, name))
			}
		}
	}
	for _, name := range e.options.VarFiles {
		full := path.Clean(name)
		if beside := path.Join(e.root.dir, name); !fs.ValidPath(full) || !isFile(e.source.root, full) && isFile(e.source.root, beside) {
			full = beside
		}
		if !fs.ValidPath(full) {
			e.problem(iac.Broken, "the file of values "+name+" is outside the folder that is scanned", iac.Range{File: name})
			continue
		}
		e.readVarFile(full)
	}
	for name, text := range e.options.Variables {
		e.given[name] = given{text: text, isText: true}
	}
}

func isFile(root fs.FS, name string) bool {
	info, err := fs.Stat(root, name)
	return err == nil && info.Mode().IsRegular()
}

func (e *evaluator) readVarFile(name string) {
	text, problem := readFile(e.source.root, name, e.limits)
	if problem != nil {
		e.problem(problem.Kind, problem.What, problem.Range)
		return
	}
	e.files[name] = true
	for attribute, expression := range e.parseVars(name, text) {
		v := e.guarded(func() string { return "the value of " + attribute }, cellDepth, place(expression.Range()), func() (cty.Value, hcl.Diagnostics) {
			return expression.Value(nil)
		})
		e.given[attribute] = given{value: v}
	}
}

// parseVars gives the expressions of a file of values.
func (e *evaluator) parseVars(name string, text []byte) map[string]hclsyntax.Expression {
	out := map[string]hclsyntax.Expression{}
	if strings.HasSuffix(name, ".json") {
		root, problem := newJSONReader(name, text, e.limits.Nesting).read()
		if problem != nil {
			e.problem(problem.Kind, problem.What, problem.Range)
			return nil
		}
		c := &jsonConverter{limits: e.limits}
		for _, m := range root.members {
			out[m.key] = c.literal(m.value)
		}
		return out
	}
	if why := guard(text, e.limits.Nesting, hclsyntax.LexConfig); why != "" {
		e.problem(iac.LimitReached, why, iac.Range{File: name})
		return nil
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if first := firstError(diags); first != nil {
		e.problem(iac.Broken, sayDiagnostic(first), place(*first.Subject))
	}
	if body, is := file.Body.(*hclsyntax.Body); is {
		for _, a := range body.Attributes {
			out[a.Name] = a.Expr
		}
	}
	return out
}
