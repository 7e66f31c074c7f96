package inventory

import (
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/plan"
)

// projector reads a table's path columns out of raw documents in one pass: each document becomes a flat one that has a key
// per column, holding a value of exactly the column's type. What is not of its type is told, with its place, because DuckDB
// would make it NULL without a word. A projector is made once per table; each goroutine has a projection of its own.
type projector struct {
	root    *node
	columns []projected
	groups  []string // all of the table's
}

// node is a segment of columns' paths.
type node struct {
	children []child
	columns  []int // those whose paths end here
}

type child struct {
	key  string
	node *node
}

// projected is a path column.
type projected struct {
	key     []byte // its name as a JSON key, with the colon
	path    string
	group   string
	as      string
	typ     *plan.Type // of one value: the items' where list is set
	list    bool       // lists are crossed, or the value is a list, and all items make one list
	flatten bool       // a list at the path's end is crossed as well
	free    bool       // free JSON, which may have lists anywhere
}

func newProjector(t *plan.Table) (*projector, error) {
	p := &projector{root: &node{}}
	columns := map[string]plan.Column{}
	for _, c := range t.Columns {
		columns[c.Name] = c
		if c.Name == "raw" {
			p.groups = c.Groups
		}
	}
	// The common columns are written from the spec's own of the same name, or from others that are not among the columns.
	types, err := transformTypes(t.Transform)
	if err != nil {
		return nil, fmt.Errorf("read the transform of %s: %w", t.Name, err)
	}
	for _, path := range t.Paths {
		typ := types[path.Column]
		if typ == nil {
			return nil, fmt.Errorf("the transform of %s lacks column %s", t.Name, path.Column)
		}
		c := projected{
			key: append(jsonscan.AppendQuoted(nil, path.Column), ':'), path: path.Path, as: path.As,
			typ: typ, list: path.List, group: groupOf(p.groups, path.Path),
		}
		if c.list {
			if c.typ = typ.Elem; c.typ == nil || typ.Key != nil {
				return nil, fmt.Errorf("column %s of %s crosses lists, but is %v", path.Column, t.Name, typ)
			}
		}
		c.free = c.typ.Leaf == "JSON"
		c.flatten = c.list && !c.free && c.as != plan.SemanticTags
		p.add(c)
	}
	return p, nil
}

// groupOf tells which column group a path reads.
func groupOf(groups []string, path string) string {
	first, _, _ := strings.Cut(path, ".")
	for _, g := range groups {
		if g == first {
			return g
		}
	}
	return plan.GroupList
}

func (p *projector) add(c projected) {
	at := p.root
	for segment := range strings.SplitSeq(c.path, ".") {
		at = at.child(segment)
	}
	at.columns = append(at.columns, len(p.columns))
	p.columns = append(p.columns, c)
}

func (n *node) child(key string) *node {
	if i := n.find([]byte(key)); i >= 0 {
		return n.children[i].node
	}
	next := &node{}
	n.children = append(n.children, child{key, next})
	return next
}

// find gives the place of a child, or -1. Nodes have few children: a list is faster than a map.
func (n *node) find(key []byte) int {
	for i := range n.children {
		if n.children[i].key == string(key) {
			return i
		}
	}
	return -1
}

// projection is the state of one document.
type projection struct {
	*projector
	doc    []byte
	values []value
}

// value collects what a column is made of.
type value struct {
	text  []byte // its JSON; of a list the items, with commas
	items int
	list  bool // a list was crossed
	fault *fault
}

// fault is a value of an unexpected type.
type fault struct{ where, what string }

func (f *fault) in(where string) *fault {
	if f != nil {
		f.where = where + f.where
	}
	return f
}

func (p *projector) begin() *projection {
	return &projection{projector: p, values: make([]value, len(p.columns))}
}

// read projects the document that begins at i and gives the place after it. The error is for what is no JSON.
func (p *projection) read(doc []byte, i int) (int, error) {
	p.doc = doc
	for k := range p.values {
		v := &p.values[k]
		v.text, v.items, v.list, v.fault = v.text[:0], 0, false, nil
	}
	return p.walk(p.root, i, false)
}

func (p *projection) walk(n *node, i int, inList bool) (end int, err error) {
	if len(n.children) > 0 || len(n.columns) == 0 {
		if end, err = p.below(n, i, inList); err != nil {
			return end, err
		}
	}
	for _, c := range n.columns {
		if end, err = p.take(c, i, inList); err != nil {
			return end, err
		}
	}
	return end, nil
}

// below visits what stands below a path's segment.
func (p *projection) below(n *node, i int, inList bool) (int, error) {
	switch jsonscan.Kind(p.doc, i) {
	case jsonscan.Object:
		return p.members(n, i, inList)
	case jsonscan.List:
		p.each(n, func(c int) { p.values[c].list = true })
		return jsonscan.Items(p.doc, i, func(item int) (int, error) { return p.below(n, item, true) })
	}
	end, err := jsonscan.Skip(p.doc, i)
	if err != nil {
		return end, err
	}
	kind := jsonscan.Kind(p.doc, i)
	p.each(n, func(c int) {
		if kind != jsonscan.Null {
			p.fault(c, &fault{what: "is " + kindWord(kind) + " on the way, where an object was expected"})
		}
		p.missing(c, inList)
	})
	return end, nil
}

func (p *projection) members(n *node, i int, inList bool) (int, error) {
	var few [64]bool
	seen := few[:]
	if len(n.children) > len(few) {
		seen = make([]bool, len(n.children))
	}
	end, err := jsonscan.Members(p.doc, i, func(key []byte, value int) (int, error) {
		k := n.find(key)
		if k < 0 || seen[k] { // of equal keys the first counts
			return jsonscan.Skip(p.doc, value)
		}
		seen[k] = true
		return p.walk(n.children[k].node, value, inList)
	})
	if err != nil {
		return end, err
	}
	for k := range n.children {
		if !seen[k] {
			p.all(n.children[k].node, func(c int) { p.missing(c, inList) })
		}
	}
	return end, nil
}

// each visits the columns below a node; all visits its own as well.
func (p *projection) each(n *node, visit func(c int)) {
	for _, next := range n.children {
		p.all(next.node, visit)
	}
}

func (p *projection) all(n *node, visit func(c int)) {
	for _, c := range n.columns {
		visit(c)
	}
	p.each(n, visit)
}

// missing keeps the place of an item that lacks the column, so that there is one value per item.
func (p *projection) missing(c int, inList bool) {
	if inList {
		v := p.next(c)
		v.text = append(v.text, "null"...)
	}
}

// next makes room for a further value of a column.
func (p *projection) next(c int) *value {
	v := &p.values[c]
	if v.items > 0 {
		v.text = append(v.text, ',')
	}
	v.items++
	return v
}

// take reads a column's value.
func (p *projection) take(c, i int, inList bool) (int, error) {
	if column := &p.columns[c]; column.flatten && jsonscan.Kind(p.doc, i) == jsonscan.List {
		p.values[c].list = true
		return jsonscan.Items(p.doc, i, func(item int) (int, error) { return p.take(c, item, true) })
	}
	if !inList && jsonscan.Kind(p.doc, i) == jsonscan.Null {
		return jsonscan.Skip(p.doc, i)
	}
	v := p.next(c)
	text, end, fault, err := appendAs(v.text, p.columns[c].as, p.columns[c].typ, p.doc, i)
	v.text = text
	p.fault(c, fault)
	return end, err
}

func (p *projection) fault(c int, f *fault) {
	if p.values[c].fault == nil {
		p.values[c].fault = f
	}
}

// append writes the flat document. Unknown is told for each group with a fault, and may be nil; reports of groups that are
// unknown already are kept.
func (p *projection) append(dst []byte, unknown map[string]string) ([]byte, map[string]string) {
	dst = append(dst, '{')
	for c := range p.values {
		v, column := &p.values[c], &p.columns[c]
		switch {
		case column.list && !v.list && v.items > 0:
			p.fault(c, &fault{what: "is no list, which was expected"})
		case !column.list && v.list && !column.free:
			p.fault(c, &fault{what: "has a list on the way, where an object was expected"})
		case v.list:
			dst = append(append(append(dst, column.key...), '['), v.text...)
			dst = append(dst, ']', ',')
		case v.items > 0:
			dst = append(append(append(dst, column.key...), v.text...), ',')
		}
		if v.fault == nil {
			continue
		}
		if unknown == nil {
			unknown = map[string]string{}
		}
		if unknown[column.group] == "" {
			unknown[column.group] = unexpectedType + column.path + v.fault.where + " " + v.fault.what
		}
	}
	return dst, unknown
}
