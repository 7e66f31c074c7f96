package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/stancehq/stance/internal/iac"
)

// jsonReader builds nodes from JSON's tokens.
type jsonReader struct {
	s       *source
	base    int // where the decoder's input begins in the file
	dec     *json.Decoder
	nesting int
}

var errNesting = errors.New("nested too deeply")

// parseJSON sets the source's root, or gives what is wrong.
func (s *source) parseJSON(base int, limits iac.Limits) *iac.Problem {
	r := &jsonReader{s: s, base: base, dec: json.NewDecoder(bytes.NewReader(s.text[base:])), nesting: limits.Nesting}
	r.dec.UseNumber()
	root, err := r.value(0)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after the end of the JSON value")
		}
	}
	if err == nil {
		s.root = root
		return nil
	}
	offset := r.offset()
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		offset = max(offset, base+int(syntax.Offset)-1)
	}
	line, _ := s.position(min(offset, len(s.text)))
	p := iac.Problem{Kind: iac.Broken, What: fmt.Sprintf("the file is not well-formed JSON: %v", err), Range: s.lineRange(line)}
	if errors.Is(err, errNesting) {
		p.Kind, p.What = iac.LimitReached, fmt.Sprintf("values are nested more than %d deep", limits.Nesting)
	}
	return &p
}

func (r *jsonReader) offset() int { return r.base + int(r.dec.InputOffset()) }

// next is where the next token begins.
func (r *jsonReader) next() int {
	i := r.offset()
	for i < len(r.s.text) {
		switch r.s.text[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
		default:
			return i
		}
	}
	return i
}

func (r *jsonReader) value(depth int) (*node, error) {
	if depth > r.nesting {
		return nil, errNesting
	}
	start := r.next()
	token, err := r.dec.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	n := &node{kind: scalarNode, weight: 1, start: start, end: r.offset()}
	switch t := token.(type) {
	case json.Delim:
		return n, r.fill(n, t, depth)
	case string:
		n.scalar, n.text = iac.String, t
	case json.Number:
		n.scalar, n.text = iac.Number, t.String()
	case bool:
		n.scalar, n.text = iac.Bool, fmt.Sprint(t)
	}
	return n, nil
}

// fill reads the items of a list or object up to its end.
func (r *jsonReader) fill(n *node, open json.Delim, depth int) error {
	n.kind = listNode
	if open == '{' {
		n.kind = mapNode
	}
	for r.dec.More() {
		if n.kind == mapNode {
			key, err := r.value(depth)
			if err != nil {
				return err
			}
			n.keys = append(n.keys, key)
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
		n.weight += item.weight
	}
	_, err := r.dec.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	n.end = r.offset()
	r.s.unique(n)
	return err
}

// unique leaves each key's last entry, as CloudFormation does, and tells of the others.
func (s *source) unique(n *node) {
	if n.kind != mapNode {
		return
	}
	last := make(map[string]int, len(n.keys))
	for i, k := range n.keys {
		last[k.text] = i
	}
	if len(last) == len(n.keys) {
		return
	}
	var keys, items []*node
	for i, k := range n.keys {
		if j := last[k.text]; j != i {
			line, _ := s.position(n.keys[j].start)
			s.problem(iac.Broken, fmt.Sprintf("key %s is written twice; only the one on line %d counts", k.text, line), s.rangeOf(k.start, n.items[i].end))
			continue
		}
		keys, items = append(keys, k), append(items, n.items[i])
	}
	n.keys, n.items = keys, items
}
