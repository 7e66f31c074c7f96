package patch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

type nodeKind int

const (
	scalarNode nodeKind = iota
	listNode
	mapNode
	aliasNode
)

// node is a piece of YAML or JSON with the bytes that it takes, its tag and anchor among them.
type node struct {
	kind       nodeKind
	start, end int
	indent     int    // of what lies in a block: the characters before it
	value      string // of a scalar
	flow       bool   // in brackets; JSON is
	tag        string // as written, of those that are not YAML's own
	anchor     bool
	keys       []*node
	colons     []int // where what belongs to a key may begin, by key
	items      []*node
	merged     bool // it takes the keys of others too
	empty      bool // a scalar of which nothing is written
}

func (n *node) find(key string) int {
	for i, k := range n.keys {
		if k.kind == scalarNode && k.value == key {
			return i
		}
	}
	return -1
}

func (n *node) get(key string) *node {
	if n == nil || n.kind != mapNode {
		return nil
	}
	if i := n.find(key); i >= 0 {
		return n.items[i]
	}
	return nil
}

// tree is a file with its documents.
type tree struct {
	text      []byte
	json      bool
	documents []*node
}

// maxText is the largest file that is changed.
const maxText = 4 << 20

func parseTree(file string, text []byte) (_ *tree, err error) {
	defer func() {
		if broken := recover(); broken != nil { // of the decoder, for which the file is to blame
			err = fmt.Errorf("%s cannot be parsed: %v", file, broken)
		}
	}()
	if len(text) > maxText {
		return nil, fmt.Errorf("%s is too large", file)
	}
	t := &tree{text: text}
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	if len(trimmed) > 0 && trimmed[0] == '{' && t.readJSON() == nil {
		t.json = true
		return t, nil
	}
	t.documents = nil
	if err := t.readYAML(); err != nil {
		return nil, fmt.Errorf("%s cannot be parsed: %w", file, err)
	}
	return t, nil
}

// readJSON reads a file that is one JSON value.
func (t *tree) readJSON() error {
	base := len(t.text) - len(bytes.TrimPrefix(t.text, []byte("\ufeff")))
	r := &jsonReader{text: t.text, base: base, decoder: json.NewDecoder(bytes.NewReader(t.text[base:]))}
	r.decoder.UseNumber()
	root, err := r.value(0)
	if err != nil {
		return err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the JSON")
	}
	t.documents = []*node{root}
	return nil
}

type jsonReader struct {
	text    []byte
	base    int
	decoder *json.Decoder
}

const maxNesting = 500

func (r *jsonReader) offset() int { return r.base + int(r.decoder.InputOffset()) }

func (r *jsonReader) value(depth int) (*node, error) {
	if depth > maxNesting {
		return nil, errors.New("it is nested too deeply")
	}
	start := r.offset()
	for start < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[start]) >= 0 {
		start++
	}
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	n := &node{start: start, flow: true}
	switch v := token.(type) {
	case json.Delim:
		n.kind = listNode
		if v == '{' {
			n.kind = mapNode
		}
		for r.decoder.More() {
			if n.kind == mapNode {
				key, err := r.value(depth + 1)
				if err != nil {
					return nil, err
				}
				n.keys = append(n.keys, key)
				n.colons = append(n.colons, key.end)
			}
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		if _, err := r.decoder.Token(); err != nil {
			return nil, err
		}
	default:
		n.value = fmt.Sprint(v)
	}
	n.end = r.offset()
	return n, nil
}

// yamlReader finds the places of what the parser read.
type yamlReader struct {
	text  []byte
	lines []int
}

func (t *tree) readYAML() error {
	base := len(t.text) - len(bytes.TrimPrefix(t.text, []byte("\ufeff")))
	r := &yamlReader{text: t.text, lines: []int{base}}
	for i := base; i < len(t.text); i++ {
		if t.text[i] == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(t.text[base:]))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(document.Content) == 0 {
			continue
		}
		root, err := r.read(document.Content[0], 0, 0)
		if err != nil {
			return err
		}
		t.documents = append(t.documents, root)
	}
}

func (r *yamlReader) offset(y *yaml.Node) (int, error) {
	if y.Line < 1 || y.Line > len(r.lines) {
		return 0, errors.New("a line is not where it is expected")
	}
	at := r.lines[y.Line-1]
	for column := 1; column < y.Column && at < len(r.text); column++ {
		_, size := utf8.DecodeRune(r.text[at:])
		at += size
	}
	return at, nil
}

// read reads a node that lies in something with the given indentation.
func (r *yamlReader) read(y *yaml.Node, outer, depth int) (*node, error) {
	start, err := r.offset(y)
	if err != nil {
		return nil, err
	}
	if depth > maxNesting {
		return nil, errors.New("it is nested too deeply")
	}
	n := &node{start: start, value: y.Value, anchor: y.Anchor != "", flow: y.Style&yaml.FlowStyle != 0}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") {
		n.tag = y.Tag
	}
	content := r.skipProperties(start)
	switch y.Kind {
	case yaml.AliasNode:
		n.kind, n.end = aliasNode, r.wordEnd(start)
		return n, nil
	case yaml.MappingNode, yaml.SequenceNode:
		if n.tag != "" || n.anchor { // the place is that of the tag; what lies in it tells the column
			n.indent = outer
		} else {
			n.indent = y.Column - 1
		}
		return n, r.collection(n, y, content, depth)
	}
	n.empty = y.Value == "" && y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	n.end = content
	if !n.empty {
		n.end = r.scalarEnd(y, content, outer)
	}
	return n, nil
}

func (r *yamlReader) collection(n *node, y *yaml.Node, content, depth int) error {
	n.end = content
	n.kind = listNode
	if y.Kind == yaml.MappingNode {
		n.kind = mapNode
	}
	if !n.flow && len(y.Content) > 0 && n.kind == mapNode {
		n.indent = y.Content[0].Column - 1
	}
	for i := 0; i < len(y.Content); i++ {
		if n.kind == mapNode {
			key, err := r.read(y.Content[i], n.indent, depth+1)
			if err != nil {
				return err
			}
			colon := key.end
			for colon < len(r.text) && r.text[colon] != ':' && r.text[colon] != '\n' {
				colon++
			}
			n.merged = n.merged || y.Content[i].Tag == "!!merge"
			n.keys, n.colons = append(n.keys, key), append(n.colons, min(colon+1, len(r.text)))
			i++
		}
		item, err := r.read(y.Content[i], n.indent, depth+1)
		if err != nil {
			return err
		}
		if item.empty && n.kind == mapNode && item.tag == "" && !item.anchor { // the parser puts it anywhere
			item.start = n.colons[len(n.colons)-1]
			item.end = item.start
		}
		n.items = append(n.items, item)
		n.end = max(n.end, item.end)
	}
	if !n.flow {
		return nil
	}
	closing := byte(']')
	if n.kind == mapNode {
		closing = '}'
	}
	at := n.end
	if len(n.items) == 0 {
		at++ // behind the opening one
	}
	if at = r.skipBlank(at, ","); at >= len(r.text) || r.text[at] != closing {
		return errors.New("the end of something in brackets is not where it is expected")
	}
	n.end = at + 1
	return nil
}
