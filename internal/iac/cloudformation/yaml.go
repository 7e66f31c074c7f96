package cloudformation

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"github.com/stancehq/stance/internal/iac"
)

// yamlReader turns YAML's nodes into ours: tags become functions, aliases are followed within a budget, and offsets are found.
type yamlReader struct {
	s       *source
	base    int   // length of the byte order mark
	lines   []int // where YAML's lines begin: it breaks lines at more characters than editors do
	at      cursor
	limits  iac.Limits
	nodes   map[*yaml.Node]*node // what aliases may refer to; nil while it is being read
	budget  int                  // of nodes that aliases add
	tooDeep bool
}

// cursor remembers the last position that was asked for, since they come in order.
type cursor struct{ line, column, offset int }

// parseYAML sets the source's root if the text is YAML. A template is the first document.
func (s *source) parseYAML(limits iac.Limits) {
	base := len(s.text) - len(bytes.TrimPrefix(s.text, []byte("\ufeff")))
	var document yaml.Node
	loader, err := yaml.NewLoader(bytes.NewReader(s.text[base:]), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(2*limits.Nesting+10))))
	if err == nil {
		err = loader.Load(&document)
	}
	if err != nil || len(document.Content) == 0 {
		s.yamlError(err)
		return
	}
	r := &yamlReader{s: s, base: base, limits: limits, nodes: map[*yaml.Node]*node{}, budget: limits.Steps / 100}
	r.lines = yamlLines(s.text, base)
	root := r.convert(document.Content[0], 0)
	if r.tooDeep {
		s.problem(iac.LimitReached, fmt.Sprintf("values are nested more than %d deep", limits.Nesting), s.rangeOf(root.start, root.end))
	}
	s.root = root
}

func (s *source) yamlError(err error) {
	if err == nil {
		s.problem(iac.Broken, "the file is empty", s.lineRange(1))
		return
	}
	line := 1
	if e := (*yaml.LoadError)(nil); errors.As(err, &e) && e.Mark.Line > 0 {
		line = e.Mark.Line
	}
	s.problem(iac.Broken, fmt.Sprintf("the file is not well-formed YAML: %s", strings.TrimPrefix(err.Error(), "yaml: ")), s.lineRange(line))
}

// yamlLines are the offsets of lines as YAML 1.1 breaks them.
func yamlLines(text []byte, base int) []int {
	lines := []int{base}
	for i := base; i < len(text); i++ {
		width := 0
		switch c := text[i]; {
		case c == '\r' && (i+1 == len(text) || text[i+1] != '\n'), c == '\n':
			width = 1
		case c == 0xC2 && bytes.HasPrefix(text[i:], []byte("\u0085")):
			width = 2
		case c == 0xE2 && (bytes.HasPrefix(text[i:], []byte("\u2028")) || bytes.HasPrefix(text[i:], []byte("\u2029"))):
			width = 3
		}
		if width > 0 {
			i += width - 1
			lines = append(lines, i+1)
		}
	}
	return lines
}

// offset of a position of the YAML parser, which counts characters.
func (r *yamlReader) offset(line, column int) int {
	if line < 1 || line > len(r.lines) {
		return len(r.s.text)
	}
	if r.s.ascii {
		return min(r.lines[line-1]+column-1, len(r.s.text))
	}
	if r.at.line != line || r.at.column > column {
		r.at = cursor{line, 1, r.lines[line-1]}
	}
	for r.at.column < column && r.at.offset < len(r.s.text) {
		_, size := utf8.DecodeRune(r.s.text[r.at.offset:])
		r.at.offset += size
		r.at.column++
	}
	return r.at.offset
}

func (r *yamlReader) convert(y *yaml.Node, depth int) *node {
	start := r.offset(y.Line, y.Column)
	if depth > r.limits.Nesting {
		r.tooDeep = true
		return place{start, start}.hole("nested too deeply")
	}
	if y.Kind == yaml.AliasNode {
		return r.alias(y, start)
	}
	if y.Anchor != "" {
		r.nodes[y] = nil
	}
	n := &node{weight: 1, start: start}
	content := r.s.skipProperties(start)
	switch y.Kind {
	case yaml.SequenceNode:
		r.sequence(n, y, content, depth)
	case yaml.MappingNode:
		r.mapping(n, y, content, depth)
	default:
		r.scalar(n, y, content)
	}
	n = r.tagged(n, y)
	if y.Anchor != "" {
		r.nodes[y] = n
	}
	return n
}

func (r *yamlReader) sequence(n *node, y *yaml.Node, content, depth int) {
	n.kind = listNode
	n.end = content
	for _, c := range y.Content {
		item := r.convert(c, depth+1)
		n.items = append(n.items, item)
		n.weight += item.weight
		n.end = item.end
	}
	if y.Style&yaml.FlowStyle != 0 {
		n.end = r.s.closing(n.end, len(n.items) == 0, ']')
	}
}

func (r *yamlReader) mapping(n *node, y *yaml.Node, content, depth int) {
	n.kind = mapNode
	n.end = content
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := r.convert(y.Content[i], depth+1)
		value := r.convert(y.Content[i+1], depth+1)
		n.weight += value.weight
		n.end = max(key.end, value.end)
		if y.Content[i].Tag == "!!merge" {
			merged = append(merged, value)
			continue
		}
		if key.kind != scalarNode {
			r.s.problem(iac.Broken, "a key is not text; its value was not read", r.s.rangeOf(key.start, value.end))
			continue
		}
		n.keys, n.items = append(n.keys, key), append(n.items, value)
	}
	if y.Style&yaml.FlowStyle != 0 {
		n.end = r.s.closing(n.end, len(y.Content) == 0, '}')
	}
	r.s.unique(n)
	for _, m := range merged {
		n.merge(m)
	}
}

// merge adds what a merge key (<<) refers to and the map does not have.
func (n *node) merge(other *node) {
	if other.kind == listNode {
		for _, item := range other.items {
			n.merge(item)
		}
		return
	}
	had := *n
	for i, e := range other.entries() {
		if had.lookUp(e.key) < 0 {
			n.keys, n.items = append(n.keys, other.keys[i]), append(n.items, e.value)
		}
	}
	n.index = nil
}

func (r *yamlReader) scalar(n *node, y *yaml.Node, content int) {
	n.text = y.Value
	n.end = r.s.scalarEnd(y, content)
	quoted := y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if quoted || y.Style&yaml.TaggedStyle != 0 {
		n.scalar = iac.String
		return
	}
	n.scalar, n.text = plainScalar(y.Value)
}

// alias gives what an alias refers to, unless it refers to what it is part of, or the aliases together are too many.
func (r *yamlReader) alias(y *yaml.Node, start int) *node {
	at := place{start, r.s.wordEnd(start)}
	target, done := r.nodes[y.Alias]
	switch {
	case target == nil && done:
		r.s.problem(iac.Broken, fmt.Sprintf("alias *%s is part of what it refers to", y.Value), r.s.rangeOf(at.start, at.end))
		return at.hole("an alias that is part of what it refers to")
	case target == nil:
		return at.hole("an alias of nothing")
	}
	if r.budget >= 0 {
		if r.budget -= target.weight; r.budget < 0 {
			r.s.problem(iac.LimitReached, "aliases repeat too much; what they refer to is left out from here on", r.s.rangeOf(at.start, at.end))
		}
	}
	if r.budget < 0 {
		return at.hole("aliases repeat too much")
	}
	n := *target
	n.start, n.end = at.start, at.end
	return &n
}
