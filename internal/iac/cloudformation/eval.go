package cloudformation

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// eval gives a node's value; nil is NoValue: what holds it leaves it out.
func (s *stack) eval(n *node) *iac.Value {
	if !s.r.step(valueSteps) {
		return unknown(limitCause)
	}
	var v *iac.Value
	switch n.kind {
	case holeNode:
		v = unknown(n.text)
	case scalarNode:
		v = s.scalar(n)
	case listNode:
		v = &iac.Value{Kind: iac.List}
		for _, item := range n.items {
			if s.r.stopped {
				v.Open = limitCause
				break
			}
			if w := s.eval(item); w != nil {
				v.Items = append(v.Items, w)
			}
		}
	default:
		if name, argument := n.function(); name != "" {
			v = s.call(name, n, argument)
		} else {
			v = s.object(n)
		}
	}
	if v == nil {
		return nil
	}
	w := *v // it may be a value of others
	w.Range = s.src.rangeOf(n.start, n.end)
	return &w
}

func (s *stack) scalar(n *node) *iac.Value {
	switch n.scalar {
	case iac.String:
		return s.text(n.text)
	case iac.Bool:
		return &iac.Value{Kind: iac.Bool, Text: asBool(n.text)}
	case iac.Null:
		return &iac.Value{}
	}
	return &iac.Value{Kind: n.scalar, Text: n.text}
}

// object evaluates a map that is no function. A value's range begins at its key.
func (s *stack) object(n *node) *iac.Value {
	v := &iac.Value{Kind: iac.Object, Open: n.open, Fields: make([]iac.Field, 0, len(n.keys))}
	for i, key := range n.keys {
		if s.r.stopped {
			v.Open = limitCause
			break
		}
		if strings.HasPrefix(key.text, "Fn::") {
			v.Open = s.mixed(key, n.items[i])
			continue
		}
		w := s.eval(n.items[i])
		if w == nil {
			continue
		}
		end := n.items[i].end
		if end < key.start {
			end = key.end
		}
		w.Range = s.src.rangeOf(key.start, end)
		v.Fields = append(v.Fields, iac.Field{Key: key.text, Value: w})
	}
	return v
}

// mixed is a function beside other keys: it adds to the object what is not known.
func (s *stack) mixed(key, argument *node) string {
	if key.text == "Fn::Transform" {
		return s.transformed(argument)
	}
	s.problem(iac.NotEvaluated, fmt.Sprintf("%s cannot stand beside other keys", key.text), key)
	return fmt.Sprintf("what %s adds is not known", key.text)
}

func (s *stack) transformed(argument *node) string {
	name := argument.get("Name").literal()
	if name == "AWS::Include" {
		return "what is included from a bucket is not known"
	}
	return fmt.Sprintf("what the macro %s makes is not known", name)
}

func (s *stack) call(name string, n, argument *node) *iac.Value {
	switch name {
	case "Ref":
		return s.ref(n, argument)
	case "Fn::GetAtt":
		return s.getAtt(n, argument)
	case "Fn::Sub":
		return s.sub(n, argument)
	case "Fn::Join":
		return s.join(n, argument)
	case "Fn::Select":
		return s.selectItem(n, argument)
	case "Fn::Split":
		return s.split(n, argument)
	case "Fn::FindInMap":
		return s.findInMap(n, argument)
	case "Fn::If":
		return s.branch(n, argument)
	case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals":
		t := s.test(n)
		if !t.known {
			return unknown(t.cause)
		}
		return &iac.Value{Kind: iac.Bool, Text: fmt.Sprint(t.value)}
	case "Fn::Base64":
		return s.base64(n, argument)
	case "Fn::Cidr":
		return s.cidr(n, argument)
	case "Fn::Length":
		return s.length(n, argument)
	case "Fn::ToJsonString":
		return s.toJSON(argument)
	case "Fn::GetAZs":
		return unknown("the availability zones of the region are not known")
	case "Fn::ImportValue":
		return s.imported(argument)
	case "Fn::Transform":
		return unknown(s.transformed(argument))
	case "Fn::GetStackOutput":
		return unknown("the output of another stack is not known")
	}
	return s.failed(n, fmt.Sprintf("%s is not a function that can be evaluated", name))
}

// failed is an expression with a mistake: told as a problem, and unknown.
func (s *stack) failed(n *node, what string) *iac.Value {
	s.problem(iac.NotEvaluated, what, n)
	return unknown(what)
}

// arguments gives a function's list of arguments, nil if there are not as many as it takes.
func (n *node) arguments(least, most int) []*node {
	if n.kind != listNode || len(n.items) < least || len(n.items) > most {
		return nil
	}
	return n.items
}

// branch is If. Where the condition is unknown the value is one of both arms.
func (s *stack) branch(n, argument *node) *iac.Value {
	args := argument.arguments(3, 3)
	if args == nil {
		return s.failed(n, "Fn::If takes a condition and two values")
	}
	name := args[0].literal()
	var t truth
	if args[0].isMap() {
		t = s.test(args[0])
	} else {
		t = s.condition(name, n)
	}
	if t.known {
		if t.value {
			return s.eval(args[1])
		}
		return s.eval(args[2])
	}
	arm := func(i int, holds bool) *iac.Value {
		if name != "" {
			defer s.assume(name, holds)()
		}
		return s.eval(args[i])
	}
	yes, no := arm(1, true), arm(2, false)
	if yes == nil && no == nil {
		return nil
	}
	cause := t.cause
	if name != "" {
		cause = fmt.Sprintf("condition %s is not known: %s", name, t.cause)
	}
	return oneOf(cause, yes, no)
}

func (s *stack) imported(argument *node) *iac.Value {
	name := s.eval(argument)
	if name.Is(iac.String) && name.Parts == nil {
		return unknown(fmt.Sprintf("value exported by another stack as %s", name.Text))
	}
	return unknown("value exported by another stack")
}
