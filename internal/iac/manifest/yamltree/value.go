package yamltree

import (
	"encoding/base64"
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/iac"
)

// walker makes values of nodes. Nodes know neither cycles nor how much they expand to: the budget, and the depth, bound that.
type walker struct {
	file   string
	line   int // that a node's line 1 stands on, less 1
	limits iac.Limits
	budget *int
}

func (w *walker) value(n *yaml.Node, depth int) (*iac.Value, error) {
	if *w.budget--; *w.budget < 0 {
		return nil, &LimitError{w.line + n.Line, "the aliases expand to more than the file can hold"}
	}
	if depth > w.limits.Nesting {
		return nil, &LimitError{w.line + n.Line, fmt.Sprintf("values are nested more than %d deep, or an alias refers to itself", w.limits.Nesting)}
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, nil
		}
		return w.value(n.Content[0], depth)
	case yaml.AliasNode:
		v, err := w.value(n.Alias, depth+1)
		if err != nil {
			return nil, err
		}
		return v, nil
	case yaml.SequenceNode:
		return w.list(n, depth)
	case yaml.MappingNode:
		return w.object(n, depth)
	case yaml.ScalarNode:
		return w.scalar(n)
	}
	return nil, nil
}

func (w *walker) list(n *yaml.Node, depth int) (*iac.Value, error) {
	v := &iac.Value{Kind: iac.List, Items: make([]*iac.Value, 0, len(n.Content)), Range: w.place(n)}
	for _, item := range n.Content {
		value, err := w.value(item, depth+1)
		if err != nil {
			return nil, err
		}
		v.Items = append(v.Items, value)
		v.Range = extend(v.Range, value.Range)
	}
	return v, nil
}

func (w *walker) object(n *yaml.Node, depth int) (*iac.Value, error) {
	v := &iac.Value{Kind: iac.Object, Range: w.place(n)}
	index := make(map[string]int, len(n.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, node := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" || key.Value == "<<" && key.Style == 0 && key.Kind == yaml.ScalarNode {
			merged = append(merged, node)
			continue
		}
		name, err := w.key(key)
		if err != nil {
			return nil, err
		}
		value, err := w.value(node, depth+1)
		if err != nil {
			return nil, err
		}
		// The place of a field is that of its key and value, so that it can be found whatever the value is.
		value.Range = extend(w.place(key), value.Range)
		v.Range = extend(v.Range, value.Range)
		if at, twice := index[name]; twice {
			v.Fields[at].Value = value // as Kubernetes has it: the last one counts
			continue
		}
		index[name] = len(v.Fields)
		v.Fields = append(v.Fields, iac.Field{Key: name, Value: value})
	}
	for _, node := range merged {
		if err := w.merge(v, index, node, depth); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// merge adds what << names, but for what is there.
func (w *walker) merge(v *iac.Value, index map[string]int, node *yaml.Node, depth int) error {
	from, err := w.value(node, depth+1)
	if err != nil {
		return err
	}
	all := []*iac.Value{from}
	if from.Is(iac.List) {
		all = from.Items
	}
	for _, one := range all {
		if !one.Is(iac.Object) {
			return &SyntaxError{w.line + node.Line, "<< merges maps, and this is none"}
		}
		for _, f := range one.Fields {
			if _, there := index[f.Key]; !there {
				index[f.Key] = len(v.Fields)
				v.Fields = append(v.Fields, f)
			}
		}
	}
	return nil
}

// key is a key's text: keys of JSON are nothing else.
func (w *walker) key(n *yaml.Node) (string, error) {
	for hops := 0; n.Kind == yaml.AliasNode && hops < 3; hops++ {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		return "", &SyntaxError{w.line + n.Line, "a key is not text, but a list or a map"}
	}
	v, err := w.scalar(n)
	if err != nil {
		return "", err
	}
	if v.Kind == iac.Null {
		return "null", nil
	}
	return v.Text, nil
}

func (w *walker) scalar(n *yaml.Node) (*iac.Value, error) {
	v := &iac.Value{Kind: iac.String, Text: n.Value, Range: w.place(n)}
	if len(n.Value) > w.limits.TextBytes {
		return nil, &LimitError{w.line + n.Line, fmt.Sprintf("a text has %d bytes; at most %d are read", len(n.Value), w.limits.TextBytes)}
	}
	const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	switch {
	case n.Tag == "!!binary":
		if text, err := base64.StdEncoding.DecodeString(n.Value); err == nil {
			v.Text = string(text)
		}
	case n.Style&quoted != 0, n.Style&yaml.TaggedStyle != 0 && n.Tag == "!!str":
	default:
		v.Kind, v.Text = Plain(n.Value)
	}
	return v, nil
}

// place is where a node is written. That of a text over several lines ends where the decoder cannot tell; its first line will do.
func (w *walker) place(n *yaml.Node) iac.Range {
	line := w.line + n.Line
	r := iac.Range{File: w.file, Line: line, Column: n.Column, EndLine: line, EndColumn: n.Column}
	if n.Kind == yaml.ScalarNode {
		switch {
		case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
			r.EndLine += lines(n.Value)
			r.EndColumn = 1
		case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
			r.EndColumn += len(n.Value) + 1
		default:
			r.EndColumn += max(len(n.Value)-1, 0)
		}
	}
	return r
}

func lines(text string) int {
	n := 0
	for i := range len(text) {
		if text[i] == '\n' {
			n++
		}
	}
	return n
}

// extend is the range from the begin of a to the later of both ends. A value that an alias stands for lies elsewhere, and does not count.
func extend(a, b iac.Range) iac.Range {
	if b.Line < a.Line || b.Line == a.Line && b.Column < a.Column {
		return a
	}
	if b.EndLine > a.EndLine || b.EndLine == a.EndLine && b.EndColumn > a.EndColumn {
		a.EndLine, a.EndColumn = b.EndLine, b.EndColumn
	}
	return a
}
