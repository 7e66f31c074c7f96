package cloudformation

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// stack is one instance of a template: with its parameters, below the stack that nests it.
type stack struct {
	r      *reader
	src    *source
	outer  *stack
	prefix string // of its addresses: Outer/
	calls  []iac.Call
	may    string // why it is not known whether the stack exists

	parameters *node
	passed     map[string]*iac.Value // by the stack that nests it
	mappings   *node
	conditions *node
	resources  *node
	outputs    *node
	aliases    map[string]string // generated ids by their names in SAM templates: MyApi.Stage
	macro      string            // a transform that is not known and may change everything

	values  map[string]*iac.Value // of parameters
	truths  map[string]truth      // of conditions
	busy    map[string]bool       // what is being evaluated: parameters, conditions, outputs, stacks
	assumed map[string]bool       // conditions that hold (or not) where evaluation is now
	nested  map[string]*stack
}

func (r *reader) newStack(src *source, outer *stack) *stack {
	root := src.root
	s := &stack{
		r: r, src: src, outer: outer,
		parameters: root.get("Parameters"), mappings: root.get("Mappings"), conditions: root.get("Conditions"),
		resources: root.get("Resources"), outputs: root.get("Outputs"),
		aliases: map[string]string{}, values: map[string]*iac.Value{}, truths: map[string]truth{}, busy: map[string]bool{},
		assumed: map[string]bool{}, nested: map[string]*stack{},
	}
	return s
}

// transform expands loops and replaces SAM resources, as the template's Transform asks for.
func (s *stack) transform() {
	s.conditions = s.expandLoops(s.conditions, nil)
	s.resources = s.expandLoops(s.resources, nil)
	s.outputs = s.expandLoops(s.outputs, nil)
	declared := s.src.root.get("Transform")
	names := []*node{declared}
	if declared != nil && declared.kind == listNode {
		names = declared.items
	}
	sam := false
	for _, n := range names {
		name := n.literal()
		if n.isMap() {
			name = n.get("Name").literal()
		}
		switch {
		case n == nil, name == "AWS::LanguageExtensions", strings.HasPrefix(name, "AWS::CodeDeployBlueGreen"):
		case strings.HasPrefix(name, "AWS::Serverless-"):
			sam = true
		default:
			s.macro = name
			s.problem(iac.NotEvaluated, fmt.Sprintf("what the transform %s makes of the template is not known", name), n)
		}
	}
	if sam {
		s.serverless()
	}
}

func (s *stack) problem(kind, what string, at *node) {
	s.r.problem(kind, what, s.src.rangeOf(at.start, at.end))
}

// make adds the stack's resources, and those of the stacks that it nests, to the unit.
func (s *stack) make() {
	for _, e := range s.parameters.entries() {
		s.parameter(e.key)
	}
	for _, e := range s.resources.entries() {
		if len(s.r.unit.Resources) >= s.r.limits.Resources {
			s.r.problem(iac.LimitReached, fmt.Sprintf("more than %d resources; the rest is left out", s.r.limits.Resources), s.src.rangeOf(e.start, e.value.end))
			return
		}
		if !s.r.step(1) {
			return
		}
		s.resource(e)
	}
}

func (s *stack) resource(e entry) {
	kind := e.value.get("Type").literal()
	switch {
	case strings.HasPrefix(e.key, "Fn::"):
		s.problem(iac.NotEvaluated, fmt.Sprintf("the resources that %s makes are not known", e.key), e.value)
		return
	case kind == "":
		s.problem(iac.Broken, fmt.Sprintf("resource %s has no Type", e.key), e.value)
		return
	}
	may := s.may
	condition := e.value.get("Condition").literal()
	if condition != "" {
		holds := s.condition(condition, e.value)
		if holds.known && !holds.value {
			return
		}
		if !holds.known && may == "" {
			may = fmt.Sprintf("condition %s is not known: %s", condition, holds.cause)
		}
		defer s.assume(condition, true)()
	}
	r := &iac.Resource{
		Type: kind, Address: s.prefix + e.key, MayExist: may, Calls: s.calls,
		Range: s.src.rangeOf(e.start, e.value.end), Name: s.src.rangeOf(e.start, s.src.keyEnd(e.start)),
	}
	r.Body = s.body(e)
	for _, id := range s.dependsOn(e.value.get("DependsOn")) {
		r.DependsOn = append(r.DependsOn, s.prefix+id)
	}
	s.r.unit.Resources = append(s.r.unit.Resources, r)
	if kind == stackType {
		if inner := s.stack(e.key); inner != nil {
			inner.may = may
			inner.make()
		}
	}
}

func (s *stack) dependsOn(n *node) []string {
	if n == nil {
		return nil
	}
	if n.kind == listNode {
		var ids []string
		for _, item := range n.items {
			ids = append(ids, s.dependsOn(item)...)
		}
		return ids
	}
	if id := n.literal(); id != "" {
		return []string{id}
	}
	return nil
}

// body is a resource's properties as an object, whatever is written there.
func (s *stack) body(e entry) *iac.Value {
	p, ok := e.value.find("Properties")
	if !ok || p.value.isNull() {
		return &iac.Value{Kind: iac.Object, Range: s.src.rangeOf(e.start, e.value.end)}
	}
	v := s.eval(p.value)
	if v == nil {
		v = &iac.Value{Kind: iac.Object}
	}
	if v.Kind != iac.Object {
		why := v.Cause
		if v.Kind != iac.Unknown {
			why = "its properties are not an object"
			s.problem(iac.Broken, fmt.Sprintf("the properties of %s are not an object", e.key), p.value)
		}
		v = &iac.Value{Kind: iac.Object, Open: why}
	}
	v.Range = s.src.rangeOf(p.start, p.value.end)
	return v
}

const stackType = "AWS::CloudFormation::Stack"

// stack gives a nested stack by its logical id, nil if it is none or cannot be read.
func (s *stack) stack(id string) *stack {
	if inner, ok := s.nested[id]; ok {
		return inner
	}
	e, ok := s.resources.find(id)
	if !ok || e.value.get("Type").literal() != stackType {
		return nil
	}
	if s.busy["stack "+id] {
		s.problem(iac.NotEvaluated, fmt.Sprintf("nested stack %s depends on its own outputs", id), e.value)
		return nil
	}
	s.busy["stack "+id] = true
	inner := s.nest(e)
	delete(s.busy, "stack "+id)
	s.nested[id] = inner
	return inner
}

// nest instantiates the template that a nested stack names.
func (s *stack) nest(e entry) *stack {
	// It may be asked for by another resource, whose condition is not the stack's.
	assumed := s.assumed
	defer func() { s.assumed = assumed }()
	s.assumed = map[string]bool{}
	if condition := e.value.get("Condition").literal(); condition != "" {
		s.assumed[condition] = true
	}
	properties := e.value.get("Properties")
	url, ok := properties.find("TemplateURL")
	if !ok {
		url = e
	}
	location := s.location(e.value, url.value)
	src, kind, why := s.template(location)
	if why != "" {
		s.r.problem(kind, fmt.Sprintf("nested stack %s is not read: %s", s.prefix+e.key, why), s.src.rangeOf(url.start, url.value.end))
		return nil
	}
	inner := s.r.newStack(src, s)
	inner.prefix = s.prefix + e.key + "/"
	inner.calls = slices.Concat(s.calls, []iac.Call{{Name: e.key, Source: location, Range: s.src.rangeOf(e.start, e.value.end)}})
	inner.passed = map[string]*iac.Value{}
	if v := s.eval(orEmpty(properties.get("Parameters"))); v.Is(iac.Object) {
		for _, f := range v.Fields {
			inner.passed[f.Key] = f.Value
		}
		if v.Open != "" {
			inner.passed[""] = unknown(v.Open)
		}
	} else {
		inner.passed[""] = unknown("the parameters of the nested stack are not known")
	}
	inner.transform()
	return inner
}

// location is where a nested template lies, as far as that is known.
func (s *stack) location(resource, url *node) string {
	if location := assetPath(resource); location != "" {
		return location
	}
	v := s.eval(url)
	if !v.Is(iac.String) {
		return ""
	}
	location := v.Text
	for _, part := range v.Parts {
		if part.Symbol != nil {
			part.Text = part.Symbol.String()
		}
		location += part.Text
	}
	return location
}

// template reads a nested template, or tells why it cannot.
func (s *stack) template(location string) (src *source, kind, why string) {
	file, why := s.localTemplate(location)
	if why != "" {
		return nil, iac.MissingModule, why
	}
	if s.r.modules++; s.r.modules > s.r.limits.Modules {
		return nil, iac.LimitReached, fmt.Sprintf("more than %d nested stacks", s.r.limits.Modules)
	}
	if src = s.r.source(file); src.root == nil {
		return nil, iac.MissingModule, fmt.Sprintf("template %s cannot be read", file)
	}
	return src, "", ""
}

func orEmpty(n *node) *node {
	if n == nil {
		return place{}.object()
	}
	return n
}

// assetPath is where the CDK says that the template of a nested stack lies.
func assetPath(resource *node) string {
	m := resource.get("Metadata")
	if m.get("aws:asset:property").literal() != "TemplateURL" {
		return ""
	}
	return m.get("aws:asset:path").literal()
}

// localTemplate is the file that a location means, or why there is none.
func (s *stack) localTemplate(location string) (file, why string) {
	switch {
	case location == "":
		return "", "where its template lies is not known"
	case strings.Contains(location, "://"), strings.Contains(location, "${"):
		return "", fmt.Sprintf("its template %s is not on disk", location)
	}
	file, ok := below(s.src.file, location)
	if !ok {
		return "", fmt.Sprintf("its template %s lies outside of the folder that is scanned", location)
	}
	depth := 0
	for outer := s; outer != nil; outer = outer.outer {
		if outer.src.file == file {
			return "", fmt.Sprintf("template %s nests itself", file)
		}
		depth++
	}
	if depth > s.r.limits.Nesting {
		return "", "stacks are nested too deeply"
	}
	return file, ""
}

// below resolves a path that is written in a file.
func below(file, location string) (string, bool) {
	location = strings.TrimPrefix(strings.ReplaceAll(location, `\`, "/"), "file:")
	if path.IsAbs(location) {
		return "", false
	}
	target := path.Join(path.Dir(file), location)
	return target, target != ".." && !strings.HasPrefix(target, "../")
}
