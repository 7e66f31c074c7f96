package cloudformation

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

func (s *stack) ref(n, argument *node) *iac.Value {
	name := argument.literal()
	if name == "" {
		v := s.eval(argument) // the language extensions allow a function here
		if !v.Is(iac.String) || v.Parts != nil {
			return s.failed(n, "Ref takes a name")
		}
		name = v.Text
	}
	return s.named(n, name)
}

// named is what Ref gives for a parameter, a pseudo parameter or a resource.
func (s *stack) named(n *node, name string) *iac.Value {
	if v := s.parameter(name); v != nil {
		return s.at(v, s.src.rangeOf(n.start, n.end))
	}
	if v, ok := s.pseudo(name); ok {
		return v
	}
	if id, ok := s.logical(name); ok {
		return symbol(s.prefix+id, "Ref")
	}
	return s.noSuch(n, name)
}

// logical finds a resource by its logical id, or by the name that a SAM template gives to what it generates.
func (s *stack) logical(name string) (string, bool) {
	if _, ok := s.resources.find(name); ok {
		return name, true
	}
	id, ok := s.aliases[name]
	return id, ok
}

func (s *stack) noSuch(n *node, name string) *iac.Value {
	if s.macro != "" {
		return unknown(fmt.Sprintf("%s may be made by the transform %s", name, s.macro))
	}
	return s.failed(n, fmt.Sprintf("there is no parameter or resource %s", name))
}

func (s *stack) getAtt(n, argument *node) *iac.Value {
	parts := []*node{argument}
	if argument.kind == listNode {
		parts = argument.items
	}
	texts := make([]string, 0, len(parts))
	for _, part := range parts {
		v := s.eval(part)
		switch {
		case v.Is(iac.Unknown):
			return unknown("which attribute is not known: " + v.Cause)
		case !v.Is(iac.String) || v.Parts != nil:
			return s.failed(n, "Fn::GetAtt takes a resource and an attribute")
		}
		texts = append(texts, v.Text)
	}
	return s.attribute(n, strings.Join(texts, "."))
}

// attribute is what GetAtt gives for Resource.Attribute; attributes have dots, and so have generated resources.
func (s *stack) attribute(n *node, path string) *iac.Value {
	id, name := "", ""
	for i := strings.IndexByte(path, '.'); i > 0 && i < len(path)-1; {
		if found, ok := s.logical(path[:i]); ok {
			id, name = found, path[i+1:]
		}
		next := strings.IndexByte(path[i+1:], '.')
		if next < 0 {
			break
		}
		i += next + 1
	}
	if id == "" {
		before, _, _ := strings.Cut(path, ".")
		if _, ok := s.logical(before); ok {
			return s.failed(n, fmt.Sprintf("Fn::GetAtt of %s has no attribute", path))
		}
		return s.noSuch(n, before)
	}
	output, ok := strings.CutPrefix(name, "Outputs.")
	if e, _ := s.resources.find(id); !ok || e.value.get("Type").literal() != stackType {
		return symbol(s.prefix+id, name)
	}
	inner := s.stack(id)
	if inner == nil {
		return unknown(fmt.Sprintf("output %s of the nested stack %s is not known", output, s.prefix+id))
	}
	v := inner.output(output)
	if v == nil {
		return s.failed(n, fmt.Sprintf("nested stack %s has no output %s", s.prefix+id, output))
	}
	return s.at(v, s.src.rangeOf(n.start, n.end))
}

// output evaluates an output for the stack outside, nil if there is none.
func (s *stack) output(name string) *iac.Value {
	e, ok := s.outputs.find(name)
	if !ok || e.value.get("Value") == nil {
		if s.macro != "" {
			return unknown(fmt.Sprintf("output %s may be made by the transform %s", name, s.macro))
		}
		return nil
	}
	if condition := e.value.get("Condition").literal(); condition != "" {
		if t := s.condition(condition, e.value); t.known && !t.value {
			return nil
		} else if !t.known {
			return unknown(fmt.Sprintf("condition %s is not known: %s", condition, t.cause))
		}
	}
	if s.busy["output "+name] {
		s.problem(iac.NotEvaluated, fmt.Sprintf("output %s depends on itself", name), e.value)
		return unknown(fmt.Sprintf("output %s depends on itself", name))
	}
	s.busy["output "+name] = true
	defer delete(s.busy, "output "+name)
	if v := s.eval(e.value.get("Value")); v != nil {
		return v
	}
	return &iac.Value{}
}
