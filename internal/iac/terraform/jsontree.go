package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/hashicorp/hcl/v2"

	"github.com/stancehq/stance/internal/iac"
)

// jsonNode is a JSON value with its place. Duplicate keys are kept: several blocks may be written so.
type jsonNode struct {
	kind    byte // { [ s n b 0
	text    string
	truth   bool
	members []jsonMember // of { and [; keys are empty in [
	at      hcl.Range
}

type jsonMember struct {
	key   string
	keyAt hcl.Range
	value *jsonNode
}

// get gives an object's first member of a name.
func (n *jsonNode) get(key string) *jsonNode {
	if n != nil && n.kind == '{' {
		for i := range n.members {
			if n.members[i].key == key {
				return n.members[i].value
			}
		}
	}
	return nil
}

// jsonReader reads one file. The decoder tells offsets only; lines and columns are counted from them.
type jsonReader struct {
	name    string
	text    []byte
	shift   int // a byte order mark
	lines   []int
	decoder *json.Decoder
	nesting int
}

func newJSONReader(name string, text []byte, nesting int) *jsonReader {
	r := &jsonReader{name: name, nesting: nesting}
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		r.shift = 3
	}
	r.text = text[r.shift:]
	r.lines = append(r.lines, 0)
	for i, c := range r.text {
		if c == '\n' {
			r.lines = append(r.lines, i+1)
		}
	}
	r.decoder = json.NewDecoder(bytes.NewReader(r.text))
	r.decoder.UseNumber()
	return r
}

// errNesting is why a file with too many brackets is not read on.
var errNesting = errors.New("too deep")

func (r *jsonReader) read() (*jsonNode, *iac.Problem) {
	node, err := r.value(0)
	if err == nil {
		if _, err = r.decoder.Token(); errors.Is(err, io.EOF) {
			return node, nil
		}
		if err == nil {
			err = errors.New("there is more text after the end of the document")
		}
	}
	at := iac.Range{File: r.name, Line: 1, Column: 1}
	if errors.Is(err, errNesting) {
		return nil, &iac.Problem{Kind: iac.LimitReached, What: fmt.Sprintf("brackets are nested more than %d deep, so it was not read", r.nesting), Range: at}
	}
	offset := int(r.decoder.InputOffset())
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = max(int(syntax.Offset)-1, 0)
	}
	pos := r.position(offset)
	at.Line, at.Column, at.EndLine, at.EndColumn, at.StartByte, at.EndByte = pos.Line, pos.Column, pos.Line, pos.Column, pos.Byte, pos.Byte
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the document ends too early")
	}
	return nil, &iac.Problem{Kind: iac.Broken, What: "it is not JSON: " + err.Error(), Range: at}
}

func (r *jsonReader) position(offset int) hcl.Pos {
	line := sort.SearchInts(r.lines, offset+1) - 1
	column := 1
	for i := r.lines[line]; i < offset && i < len(r.text); i++ {
		if r.text[i]&0xC0 != 0x80 { // bytes that continue a character do not count
			column++
		}
	}
	return hcl.Pos{Line: line + 1, Column: column, Byte: offset + r.shift}
}

// next gives a token with its place; the decoder's offset before it may be that of white space, commas and colons.
func (r *jsonReader) next() (json.Token, hcl.Range, error) {
	start := int(r.decoder.InputOffset())
	token, err := r.decoder.Token()
	if err != nil {
		return nil, hcl.Range{}, err
	}
	for start < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[start]) >= 0 {
		start++
	}
	return token, hcl.Range{Filename: r.name, Start: r.position(start), End: r.position(int(r.decoder.InputOffset()))}, nil
}

func (r *jsonReader) value(depth int) (*jsonNode, error) {
	if depth > r.nesting {
		return nil, errNesting
	}
	token, at, err := r.next()
	if err != nil {
		return nil, err
	}
	node := &jsonNode{at: at}
	switch t := token.(type) {
	case json.Delim:
		node.kind = byte(t)
		return node, r.members(node, depth)
	case string:
		node.kind, node.text = 's', t
	case json.Number:
		node.kind, node.text = 'n', t.String()
	case bool:
		node.kind, node.truth = 'b', t
	default:
		node.kind = '0'
	}
	return node, nil
}

func (r *jsonReader) members(node *jsonNode, depth int) error {
	for r.decoder.More() {
		var member jsonMember
		if node.kind == '{' {
			key, at, err := r.next()
			if err != nil {
				return err
			}
			member.key, _ = key.(string)
			member.keyAt = at
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		member.value = value
		if node.kind == '[' {
			member.keyAt = value.at
		}
		node.members = append(node.members, member)
	}
	_, end, err := r.next()
	if err != nil {
		return err
	}
	node.at.End = end.End
	return nil
}
