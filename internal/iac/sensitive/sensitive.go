// Package sensitive marks values of resources that must not leave a scan, whatever the file says that they were read from: those
// that the provider's schema calls sensitive. It is asked once for each unit, before anything else sees it, so that code, plans and
// states are masked alike.
package sensitive

import (
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/schema"
)

// Mark marks the sensitive attributes of all resources of a unit.
func Mark(u *iac.Unit) {
	language := schema.Terraform
	if u.Kind == iac.CloudFormation {
		language = schema.CloudFormation
	}
	known := map[string][]*schema.Attribute{}
	for _, r := range u.Resources {
		name := r.Type
		if r.Data {
			name = "data." + name
		}
		attributes, seen := known[name]
		if !seen {
			if t, ok := language.Type(name); ok {
				for _, a := range t.Attributes {
					if holds(&a.Shape, a.Sensitive, 0) {
						attributes = append(attributes, a)
					}
				}
			}
			known[name] = attributes
		}
		for _, a := range attributes {
			mark(r.Body.Get(a.Name), a, 0)
		}
	}
}

// deepest is how far shapes are followed, which may be recursive.
const deepest = 16

// holds tells whether something in a shape is sensitive.
func holds(s *schema.Shape, is bool, depth int) bool {
	switch {
	case is:
		return true
	case s == nil || depth > deepest:
		return false
	}
	for _, a := range s.Attributes {
		if holds(&a.Shape, a.Sensitive, depth+1) {
			return true
		}
	}
	return holds(s.Elem, false, depth+1)
}

func mark(v *iac.Value, a *schema.Attribute, depth int) {
	switch {
	case v == nil || depth > deepest:
	case a.Sensitive:
		Conceal(v)
	case v.Kind == iac.List:
		for _, item := range v.Items {
			mark(item, a, depth+1)
		}
	default:
		shape := &a.Shape
		for shape != nil && shape.Elem != nil {
			shape = shape.Elem
		}
		for _, inner := range shape.Attributes {
			mark(v.Get(inner.Name), inner, depth+1)
		}
		for _, one := range v.Either {
			mark(one, a, depth+1)
		}
	}
}

// Conceal marks a value and all that lies in it.
func Conceal(v *iac.Value) {
	if v == nil {
		return
	}
	v.Sensitive = true
	for _, item := range v.Items {
		Conceal(item)
	}
	for _, f := range v.Fields {
		Conceal(f.Value)
	}
	for _, one := range v.Either {
		Conceal(one)
	}
}
