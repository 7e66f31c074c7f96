package cloudformation

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

const forEach = "Fn::ForEach::"

// names are those of the loops around a node, and their values.
type names map[string]string

// expandLoops replaces Fn::ForEach (of the language extensions) by what it stands for, at every level below n.
func (s *stack) expandLoops(n *node, bound names) *node {
	if n == nil || bound == nil && !hasLoop(n) {
		return n
	}
	if !s.r.step(valueSteps) {
		return n
	}
	c := *n
	switch n.kind {
	case scalarNode:
		if c.text = bound.replace(n.text); !s.r.step(len(c.text) / bytesPerStep) {
			return n
		}
		return &c
	case listNode:
		c.items = make([]*node, len(n.items))
		for i, item := range n.items {
			c.items[i] = s.expandLoops(item, bound)
		}
		return &c
	case holeNode:
		return n
	}
	if name, argument := n.function(); name == "Ref" {
		if value, ok := bound[argument.literal()]; ok {
			return n.place().text(value)
		}
	}
	c.keys, c.items, c.index = nil, nil, nil
	for i, key := range n.keys {
		if strings.HasPrefix(key.text, forEach) {
			s.loop(&c, key, n.items[i], bound)
			continue
		}
		k := *key
		k.text = bound.replace(key.text)
		c.keys, c.items = append(c.keys, &k), append(c.items, s.expandLoops(n.items[i], bound))
	}
	return &c
}

// hasLoop saves copying what has none.
func hasLoop(n *node) bool {
	for _, key := range n.keys {
		if strings.HasPrefix(key.text, forEach) {
			return true
		}
	}
	for _, item := range n.items {
		if hasLoop(item) {
			return true
		}
	}
	return false
}

// loop adds to a map what a loop makes.
func (s *stack) loop(to, key, argument *node, bound names) {
	args := argument.arguments(3, 3)
	if args == nil || args[0].literal() == "" || !args[2].isMap() {
		s.problem(iac.NotEvaluated, fmt.Sprintf("%s takes a name, a list and a map", key.text), key)
		return
	}
	list := s.eval(s.expandLoops(args[1], orNone(bound)))
	if !list.Is(iac.List) || list.Open != "" {
		cause := "it is not a list"
		if list.Is(iac.Unknown) {
			cause = list.Cause
		}
		s.problem(iac.NotEvaluated, fmt.Sprintf("what %s makes is not known: %s", key.text, cause), key)
		return
	}
	if len(list.Items) > s.r.limits.Instances {
		s.problem(iac.LimitReached, fmt.Sprintf("%s has more than %d rounds and is left out", key.text, s.r.limits.Instances), key)
		return
	}
	for _, item := range list.Items {
		if (item.Kind != iac.String && item.Kind != iac.Number) || item.Parts != nil {
			s.problem(iac.NotEvaluated, fmt.Sprintf("a round of %s is left out: its value is not known", key.text), key)
			continue
		}
		inner := names{args[0].literal(): item.Text}
		for name, value := range bound {
			if _, ok := inner[name]; !ok {
				inner[name] = value
			}
		}
		made := s.expandLoops(args[2], inner)
		to.keys, to.items = append(to.keys, made.keys...), append(to.items, made.items...)
		if s.r.stopped {
			return
		}
	}
}

// orNone makes sure that what is copied is copied with its loops expanded.
func orNone(bound names) names {
	if bound == nil {
		return names{}
	}
	return bound
}

// replace puts the names' values into text: ${Name} as it is, &{Name} without what a logical id cannot have.
func (b names) replace(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var made strings.Builder
	for {
		i := strings.IndexByte(text, '{')
		end := i + 1 + strings.IndexByte(text[i+1:], '}')
		if i < 0 || end <= i {
			made.WriteString(text)
			return made.String()
		}
		value, ok := b[text[i+1:end]]
		if !ok || i == 0 || text[i-1] != '$' && text[i-1] != '&' {
			made.WriteString(text[:i+1])
			text = text[i+1:]
			continue
		}
		if text[i-1] == '&' {
			value = alphanumeric(value)
		}
		made.WriteString(text[:i-1] + value)
		text = text[end+1:]
	}
}

func alphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}
