package patch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac/schema"
	"github.com/stancehq/stance/internal/plan"
)

// Lint proves the edits of checks' fixes against the schemas of the code's resource types and the descriptions of objects: every
// type and path must exist, and every value be of its kind.
func Lint(l *content.Library, apis plan.APIs) []plan.Problem {
	p := &linter{library: l, apis: apis}
	for _, c := range l.Checks {
		if c.Fix.Code == nil {
			continue
		}
		p.check = c
		p.language("terraform", c.Fix.Code.Terraform, schema.Terraform)
		p.language("cloudformation", c.Fix.Code.CloudFormation, schema.CloudFormation)
		for i, e := range c.Fix.Code.Kubernetes {
			p.at = fmt.Sprintf("fix.code.kubernetes.%d", i)
			p.object(e)
		}
	}
	return p.problems
}

type linter struct {
	library  *content.Library
	apis     plan.APIs
	check    *content.Check
	at       string
	problems []plan.Problem
}

func (p *linter) report(format string, args ...any) {
	p.problems = append(p.problems, plan.Problem{
		Severity: plan.SeverityError, Pos: p.check.Origin.At(p.at), Subject: "check " + p.check.ID, Message: fmt.Sprintf(format, args...),
	})
}

// language proves edits whose types have a schema.
func (p *linter) language(name string, edits []*content.CodeEdit, language *schema.Language) {
	for i, e := range edits {
		p.at = fmt.Sprintf("fix.code.%s.%d", name, i)
		types := p.types(name)
		if e.For != "" {
			types = []string{e.For}
			if !language.Knows(e.For) {
				p.report("there is no type %s; %s", e.For, content.DidYouMean(e.For, language.Types()))
				continue
			}
		}
		if e.Add != "" {
			p.companion(e, types, language)
			continue
		}
		if len(types) == 0 {
			p.report("say with for: which type it is for: no mapping of %s tells it", p.check.Resource)
		}
		p.attribute(types, e.Path(), e.To, e.Remove == "", language)
	}
}

// types are those from which the rows are made that the check is about.
func (p *linter) types(section string) (types []string) {
	for _, t := range p.library.Tables {
		if t.Name != p.check.Resource {
			continue
		}
		mapped := t.Terraform
		if section == "cloudformation" {
			mapped = t.CloudFormation
		}
		mappings, err := content.ParseMappings(mapped)
		if err != nil {
			return nil // which is told of the table
		}
		for _, m := range mappings {
			types = append(types, m.Resources...)
		}
	}
	return types
}

func (p *linter) companion(e *content.CodeEdit, types []string, language *schema.Language) {
	if !language.Knows(e.Add) {
		p.report("there is no type %s; %s", e.Add, content.DidYouMean(e.Add, language.Types()))
		return
	}
	for _, s := range e.With {
		attribute, refers := s.Refers()
		if refers && len(types) > 0 && !slices.ContainsFunc(types, func(name string) bool {
			t, ok := language.Type(name)
			if !ok {
				return false
			}
			_, err := t.Output(attribute)
			return err == nil
		}) {
			p.report("%s has no attribute %q", strings.Join(types, ", "), attribute)
		}
		p.attribute([]string{e.Add}, s.Path, s.Value, !refers, language)
	}
}

// attribute proves that one of the types has a path, and that the value fits it.
func (p *linter) attribute(types []string, path string, value any, valued bool, language *schema.Language) {
	var first error
	for _, name := range types {
		t, ok := language.Type(name)
		if !ok {
			continue
		}
		a, err := t.At(strings.ReplaceAll(path, ".*", ""))
		switch {
		case err != nil:
			if first == nil {
				first = err
			}
			continue
		case a.Computed:
			p.report("%s of %s is computed: code cannot set it", path, name)
		case valued:
			if _, is := value.(bool); is && a.Kind == schema.KindString && language == schema.Terraform {
				return // what may be true, false or nothing, the provider calls text
			}
			p.value(path, value, a.Kind)
		}
		return
	}
	if first != nil {
		p.report("%v", first)
	}
}

// value proves that a value, or the parameter that it is taken from, is of a kind.
func (p *linter) value(path string, value any, kind string) {
	if name, is := paramOf(value); is {
		if value = p.param(name); value == nil {
			p.report("%s: there is no parameter %q", path, name)
			return
		}
	}
	fits := true
	_, list := items(value)
	switch kind {
	case schema.KindBoolean:
		_, fits = value.(bool)
	case schema.KindString:
		_, fits = value.(string)
	case schema.KindInteger, schema.KindNumber:
		switch value.(type) {
		case int64, float64:
		default:
			fits = false
		}
	case schema.KindList, schema.KindSet:
		fits = list
	case schema.KindStruct, schema.KindMap:
		_, fits = value.(map[string]any)
	}
	if !fits {
		p.report("%s is a %s, but %s is given", path, kind, shortly(value))
	}
}

func (p *linter) param(name string) any {
	if own := p.check.Param(name); own != nil {
		return own.Default
	}
	for _, provider := range p.library.Providers {
		for _, shared := range provider.Params {
			if provider.ID == p.check.Provider && shared.Name == name {
				return shared.Default
			}
		}
	}
	return nil
}

// paramOf gives the parameter that a value is taken from: $days.
func paramOf(value any) (name string, is bool) {
	text, _ := value.(string)
	name, is = strings.CutPrefix(text, "$")
	return name, is && name != "" && !strings.HasPrefix(name, "{")
}

// object proves an edit of a Kubernetes object.
func (p *linter) object(e *content.CodeEdit) {
	steps := strings.Split(e.Path(), ".")
	var shape *content.Shape
	switch steps[0] {
	case "pod", "container":
		shape = p.itemOf("core", "v1/pods")
		steps = append([]string{"spec"}, steps[1:]...)
		if strings.HasPrefix(e.Path(), "container.") {
			steps = slices.Insert(steps, 1, "containers", "*")
		}
	default:
		for _, t := range p.library.Tables {
			if t.Name == p.check.Resource && t.List != nil {
				shape = p.itemOf(t.List.Service, t.List.Op)
			}
		}
	}
	if shape == nil {
		p.report("%s is not described for %s: say pod. or container.", e.Path(), p.check.Resource)
		return
	}
	for _, name := range steps {
		switch {
		case name == "*" && shape.Kind == content.KindList:
			shape = shape.Elem
		case shape.Kind == content.KindMap:
			shape = shape.Elem
		case shape.Kind == content.KindAny:
			return
		case shape.Member(name) != nil:
			shape = shape.Member(name).Shape
		default:
			p.report("%s: there is no %q", e.Path(), name)
			return
		}
	}
	if e.Remove == "" {
		p.value(e.Path(), e.To, shape.Kind)
	}
}

// itemOf is the shape of what a call lists.
func (p *linter) itemOf(service, op string) *content.Shape {
	api := p.apis[p.check.Provider]
	if api == nil {
		return nil
	}
	described, err := api.Operation(service, op)
	if err != nil {
		return nil
	}
	items := described.Output.Member("items")
	if items == nil {
		return nil
	}
	return items.Shape.Elem
}
