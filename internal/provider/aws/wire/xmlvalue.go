package wire

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
)

// children counts what was found in an element.
type children struct {
	known   int
	strange string // the first that is not described
}

// member writes a key and its value, or nothing if the element is empty where a number, boolean or time is described.
func (x *xmlReader) member(m *member, start xml.StartElement, depth int) error {
	mark := len(x.out)
	x.out = appendKey(x.out, m.name)
	wrote, err := x.value(m, start, depth)
	if !wrote {
		x.out = x.out[:mark]
	}
	return err
}

// value writes what is in the open element, up to its end.
func (x *xmlReader) value(m *member, start xml.StartElement, depth int) (wrote bool, err error) {
	if depth > maxDepth {
		return false, fmt.Errorf("values are nested more than %d deep", maxDepth)
	}
	switch m.shape.kind {
	case kindStruct:
		x.out = append(x.out, '{')
		err := x.structure(m.shape, start, depth, nil)
		x.out = append(x.out, '}')
		return true, err
	case kindList:
		x.out = append(x.out, '[')
		err := x.list(m.shape, depth)
		x.out = append(x.out, ']')
		return true, err
	case kindMap:
		x.out = append(x.out, '{')
		err := x.mapping(m.shape, depth)
		x.out = append(x.out, '}')
		return true, err
	}
	text, err := x.scalar()
	if err != nil {
		return false, err
	}
	return x.leaf(m, text), nil
}

// leaf writes a scalar.
func (x *xmlReader) leaf(m *member, text string) bool {
	switch m.shape.kind {
	case kindString:
		if m.traits.JSONValue && json.Valid([]byte(text)) {
			x.out = appendCompact(x.out, text)
			return true
		}
		text = x.special(m, text)
	case kindAny:
	default:
		text = strings.TrimSpace(text)
		if text == "" && m.shape.kind != kindBlob {
			return false
		}
	}
	x.out = appendScalar(x.out, m.shape, text)
	return true
}

// structure writes the members that are children of the open element. Seen, if not nil, counts them.
func (x *xmlReader) structure(sh *shape, start xml.StartElement, depth int, seen *children) error {
	var pending map[*member][]byte // flattened lists and maps, which may come in pieces
	var small [4]uint64
	done := small[:]
	if len(sh.members) > 256 {
		done = make([]uint64, (len(sh.members)+63)/64)
	}
	x.attributes(sh, start)
	for {
		child, ended, err := x.next()
		if err != nil {
			return err
		}
		if ended {
			x.flush(sh, pending)
			return nil
		}
		m := sh.byXML[child.Name.Local]
		switch {
		case m == nil:
			if seen != nil && seen.strange == "" && !meta(child.Name.Local) {
				seen.strange = child.Name.Local
			}
			err = x.skip()
		case m.repeats():
			if pending == nil {
				pending = map[*member][]byte{}
			}
			pending[m], err = x.piece(m, pending[m], child, depth)
		case done[m.index/64]&(1<<(m.index%64)) != 0:
			err = x.skip() // a second one would be a second key
		default:
			done[m.index/64] |= 1 << (m.index % 64)
			err = x.member(m, child, depth+1)
		}
		if err != nil {
			return err
		}
		if m != nil && seen != nil {
			seen.known++
		}
	}
}

// piece appends one element of a flattened list or map to those before it.
func (x *xmlReader) piece(m *member, before []byte, start xml.StartElement, depth int) ([]byte, error) {
	mark := len(x.out)
	// The separators are right only if this stands alone; the byte before is cut off again.
	x.out = append(x.out, '[')
	var err error
	if m.shape.kind == kindMap {
		err = x.entry(m.shape, depth+1)
	} else {
		var wrote bool
		if wrote, err = x.value(m.shape.elem, start, depth+1); !wrote {
			x.out = x.out[:mark+1]
		}
	}
	if item := x.out[mark+1:]; len(item) > 0 {
		if len(before) > 0 {
			before = append(before, ',')
		}
		before = append(before, item...)
	} else if before == nil {
		before = []byte{}
	}
	x.out = x.out[:mark]
	return before, err
}

// flush writes the flattened lists and maps of a structure, in the description's order.
func (x *xmlReader) flush(sh *shape, pending map[*member][]byte) {
	if pending == nil {
		return
	}
	for _, m := range sh.members {
		items, ok := pending[m]
		if !ok {
			continue
		}
		x.out = appendKey(x.out, m.name)
		if m.shape.kind == kindMap {
			x.out = append(append(append(x.out, '{'), items...), '}')
		} else {
			x.out = append(append(append(x.out, '['), items...), ']')
		}
	}
}

// attributes writes the members that are attributes of the element.
func (x *xmlReader) attributes(sh *shape, start xml.StartElement) {
	for _, a := range start.Attr {
		name := a.Name.Local
		if a.Name.Space != "" {
			name = a.Name.Space + ":" + name
		}
		if m := sh.byXML[name]; m != nil && m.traits.XMLAttribute {
			x.out = appendKey(x.out, m.name)
			x.out = appendScalar(x.out, m.shape, a.Value)
		}
	}
}

// list writes every child of the open element as an item: services are not strict about what items are called.
func (x *xmlReader) list(sh *shape, depth int) error {
	for {
		child, ended, err := x.next()
		if err != nil || ended {
			return err
		}
		mark := len(x.out)
		x.out = comma(x.out)
		wrote, err := x.value(sh.elem, child, depth+1)
		if !wrote {
			x.out = x.out[:mark]
		}
		if err != nil {
			return err
		}
	}
}

// mapping writes the entries of the open element.
func (x *xmlReader) mapping(sh *shape, depth int) error {
	for {
		_, ended, err := x.next()
		if err != nil || ended {
			return err
		}
		if err := x.entry(sh, depth+1); err != nil {
			return err
		}
	}
}

// entry writes one entry of a map: the open element has a key and a value, in any order.
func (x *xmlReader) entry(sh *shape, depth int) error {
	key, haveKey := "", false
	var value []byte
	for {
		child, ended, err := x.next()
		if err != nil {
			return err
		}
		if ended {
			break
		}
		switch child.Name.Local {
		case sh.key.xml:
			key, err = x.scalar()
			haveKey = true
		case sh.elem.xml:
			mark := len(x.out)
			x.out = append(x.out, '{')
			var wrote bool
			if wrote, err = x.value(sh.elem, child, depth+1); wrote {
				value = append(value[:0], x.out[mark+1:]...)
			}
			x.out = x.out[:mark]
		default:
			err = x.skip()
		}
		if err != nil {
			return err
		}
	}
	if haveKey && value != nil {
		x.out = appendKey(x.out, key)
		x.out = append(x.out, value...)
	}
	return nil
}
