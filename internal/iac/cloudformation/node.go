package cloudformation

import (
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

type kind uint8

const (
	scalarNode kind = iota
	listNode
	mapNode
	holeNode // something that cannot be known: text says why
)

// node is a value as it is written. Short forms (!Sub) are in their long form already, so that nothing behind the parser knows
// of tags. Nodes are never changed once they are read: what is expanded or transformed is new.
type node struct {
	kind   kind
	scalar iac.Kind       // of a scalar: String, Number, Bool or Null
	text   string         // of a scalar as written, quotes and escapes undone
	keys   []*node        // of a map: scalars
	items  []*node        // of a list, or the values of a map, in the order of keys
	open   string         // of a map: why it may have more than is written here
	weight int            // how many nodes it is when aliases are followed
	index  map[string]int // of keys, once it was asked for one of many
	// start and end are offsets in the file; end is after the last byte. What is made has the place of what it is made from.
	start, end int
}

// entry is one of a map: what is written there and where its key begins.
type entry struct {
	key   string
	start int
	value *node
}

// find gives a map's entry, false if there is none or the node is no map.
func (n *node) find(key string) (entry, bool) {
	if n == nil || n.kind != mapNode {
		return entry{}, false
	}
	i := n.lookUp(key)
	if i < 0 {
		return entry{}, false
	}
	return entry{key: key, start: n.keys[i].start, value: n.items[i]}, true
}

// lookUp gives the place of a key, -1 if there is none.
func (n *node) lookUp(key string) int {
	if len(n.keys) <= 16 {
		for i, k := range n.keys {
			if k.text == key {
				return i
			}
		}
		return -1
	}
	if len(n.index) == 0 {
		n.index = make(map[string]int, len(n.keys))
		for i := len(n.keys) - 1; i >= 0; i-- {
			n.index[n.keys[i].text] = i
		}
	}
	if i, ok := n.index[key]; ok {
		return i
	}
	return -1
}

// get gives a map's value, nil if there is none.
func (n *node) get(key string) *node {
	e, _ := n.find(key)
	return e.value
}

// has tells whether a map has a key whose value is not null.
func (n *node) has(key string) bool {
	v := n.get(key)
	return v != nil && !v.isNull()
}

func (n *node) isNull() bool { return n == nil || n.kind == scalarNode && n.scalar == iac.Null }

func (n *node) isMap() bool { return n != nil && n.kind == mapNode }

// literal is a scalar's text; empty for all else.
func (n *node) literal() string {
	if n == nil || n.kind != scalarNode || n.scalar == iac.Null {
		return ""
	}
	return n.text
}

// entries are a map's.
func (n *node) entries() []entry {
	if !n.isMap() {
		return nil
	}
	list := make([]entry, len(n.keys))
	for i, k := range n.keys {
		list[i] = entry{key: k.text, start: k.start, value: n.items[i]}
	}
	return list
}

// function gives the name and argument of an intrinsic function: a map with one key that is the function's name.
func (n *node) function() (string, *node) {
	if n == nil || n.kind != mapNode || len(n.keys) != 1 {
		return "", nil
	}
	if key := n.keys[0].text; key == "Ref" || strings.HasPrefix(key, "Fn::") && !strings.HasPrefix(key, forEach) {
		return key, n.items[0]
	}
	return "", nil
}

// isCall tells that a node is a function, not what is written.
func (n *node) isCall() bool {
	name, _ := n.function()
	return name != ""
}

// isNoValue tells that a node removes what it is the value of.
func (n *node) isNoValue() bool {
	name, argument := n.function()
	return name == "Ref" && argument.literal() == "AWS::NoValue"
}

// place is where what a transform makes is said to be written.
type place struct{ start, end int }

func (n *node) place() place {
	if n == nil {
		return place{}
	}
	return place{n.start, n.end}
}

func (e entry) place() place { return place{e.start, e.value.place().end} }

// as is the same value under another key, or another value made from it.
func (e entry) as(key string, value *node) entry {
	return entry{key: key, start: e.start, value: value}
}

func (p place) text(text string) *node {
	return &node{kind: scalarNode, scalar: iac.String, text: text, weight: 1, start: p.start, end: p.end}
}

func (p place) bool(b bool) *node {
	n := p.text("false")
	if b {
		n.text = "true"
	}
	n.scalar = iac.Bool
	return n
}

func (p place) number(text string) *node {
	n := p.text(text)
	n.scalar = iac.Number
	return n
}

func (p place) hole(why string) *node {
	n := p.text(why)
	n.kind = holeNode
	return n
}

func (p place) list(items ...*node) *node {
	return &node{kind: listNode, items: items, weight: 1, start: p.start, end: p.end}
}

func (p place) texts(texts ...string) *node {
	n := p.list()
	for _, text := range texts {
		n.items = append(n.items, p.text(text))
	}
	return n
}

// set is an entry of the map that is made.
func (p place) set(key string, value *node) entry {
	return entry{key: key, start: p.start, value: value}
}

// object leaves out entries without a value.
func (p place) object(entries ...entry) *node {
	n := &node{kind: mapNode, weight: 1, start: p.start, end: p.end}
	for _, e := range entries {
		if e.value == nil {
			continue
		}
		key := p.text(e.key)
		key.start = e.start
		n.keys, n.items = append(n.keys, key), append(n.items, e.value)
	}
	return n
}

func (p place) call(function string, argument *node) *node {
	return p.object(p.set(function, argument))
}

func (p place) ref(id string) *node { return p.call("Ref", p.text(id)) }

func (p place) attribute(id, name string) *node { return p.call("Fn::GetAtt", p.texts(id, name)) }

func (p place) sub(text string) *node { return p.call("Fn::Sub", p.text(text)) }
