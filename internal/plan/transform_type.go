package plan

import (
	"fmt"
	"strings"
)

// Type is a DuckDB type, taken apart. Exactly one of Leaf, Elem and Fields is set; a map has Key besides Elem.
type Type struct {
	Leaf   string // VARCHAR, BIGINT, DECIMAL(18,3), …
	Elem   *Type  // of a list or map
	Key    *Type
	Fields []Field // of a STRUCT
}

// Field of a STRUCT.
type Field struct {
	Name string
	Type *Type
}

// ParseType reads a type as DuckDB writes it.
func ParseType(text string) (*Type, error) {
	p := typeParser{text: text}
	t, err := p.parse(0)
	if err == nil && p.space() < len(text) {
		err = fmt.Errorf("more text after it")
	}
	if err != nil {
		return nil, fmt.Errorf("type %q: %w", text, err)
	}
	return t, nil
}

type typeParser struct {
	text string
	at   int
}

// maxTypeNesting is far above what duckType writes.
const maxTypeNesting = 100

func (p *typeParser) parse(depth int) (t *Type, err error) {
	if depth > maxTypeNesting {
		return nil, fmt.Errorf("nested too deeply")
	}
	switch {
	case p.word("STRUCT"):
		t, err = p.structure(depth)
	case p.word("MAP"):
		t, err = p.pair(depth)
	default:
		t, err = p.leaf()
	}
	for err == nil && p.take("[") {
		end := strings.IndexByte(p.text[p.at:], ']')
		if end < 0 {
			return nil, fmt.Errorf("a ] is missing")
		}
		if end > 0 {
			return nil, fmt.Errorf("arrays of a fixed size cannot be read from documents")
		}
		p.at++
		t = &Type{Elem: t}
	}
	return t, err
}

func (p *typeParser) structure(depth int) (*Type, error) {
	t := &Type{}
	for {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		field, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		t.Fields = append(t.Fields, Field{name, field})
		if p.take(")") {
			return t, nil
		}
		if !p.take(",") {
			return nil, fmt.Errorf("a comma or ) was expected at %d", p.at)
		}
	}
}

func (p *typeParser) pair(depth int) (*Type, error) {
	key, err := p.parse(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.take(",") {
		return nil, fmt.Errorf("a comma was expected at %d", p.at)
	}
	value, err := p.parse(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, fmt.Errorf("a ) was expected at %d", p.at)
	}
	return &Type{Key: key, Elem: value}, nil
}

// leaf takes everything up to what ends a type, parentheses of its own included.
func (p *typeParser) leaf() (*Type, error) {
	start, depth := p.space(), 0
	for p.at < len(p.text) {
		c := p.text[p.at]
		if depth == 0 && strings.IndexByte(",)[", c) >= 0 {
			break
		}
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		p.at++
	}
	name := strings.TrimSpace(p.text[start:p.at])
	if name == "" {
		return nil, fmt.Errorf("a type was expected at %d", p.at)
	}
	return &Type{Leaf: name}, nil
}

// name takes a field's name, quoted or not.
func (p *typeParser) name() (string, error) {
	start := p.space()
	if !p.take(`"`) {
		end := strings.IndexByte(p.text[start:], ' ')
		if end <= 0 {
			return "", fmt.Errorf("a name was expected at %d", start)
		}
		p.at = start + end
		return p.text[start:p.at], nil
	}
	var name strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		if c != '"' {
			name.WriteByte(c)
			continue
		}
		if p.at >= len(p.text) || p.text[p.at] != '"' {
			return name.String(), nil
		}
		name.WriteByte('"')
		p.at++
	}
	return "", fmt.Errorf("a quoted name without an end")
}

// word takes a type's name and the parenthesis after it.
func (p *typeParser) word(name string) bool {
	start := p.space()
	if strings.HasPrefix(p.text[start:], name+"(") {
		p.at = start + len(name) + 1
		return true
	}
	return false
}

func (p *typeParser) take(token string) bool {
	if strings.HasPrefix(p.text[p.space():], token) {
		p.at += len(token)
		return true
	}
	return false
}

func (p *typeParser) space() int {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	return p.at
}

// documentLeaves are the types that values of documents are read into, without loss.
var documentLeaves = map[string]bool{
	typeText: true, typeJSON: true, typeTime: true, "BOOLEAN": true, "BIGINT": true, "INTEGER": true, "DOUBLE": true,
}

// checkDocumentType refuses types that values of documents are not read into.
func checkDocumentType(text string) error {
	t, err := ParseType(text)
	if err != nil {
		return err
	}
	return t.checkDocument()
}

func (t *Type) checkDocument() error {
	switch {
	case t.Leaf != "":
		if !documentLeaves[t.Leaf] {
			return fmt.Errorf("type %s is none that documents hold: use VARCHAR, BIGINT, INTEGER, DOUBLE, BOOLEAN, TIMESTAMPTZ, JSON, or a STRUCT, MAP or list of them", t.Leaf)
		}
		return nil
	case t.Key != nil && t.Key.Leaf != typeText:
		return fmt.Errorf("a MAP in a document has VARCHAR keys")
	case t.Elem != nil:
		return t.Elem.checkDocument()
	}
	for _, f := range t.Fields {
		if err := f.Type.checkDocument(); err != nil {
			return err
		}
	}
	return nil
}
