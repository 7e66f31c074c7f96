package pdf

import (
	"fmt"
	"strings"
)

// Element is a part of the document by its meaning: Sect, H1 to H6, P, Table, TR, TH, TD, L, LI, Code, Link (ISO 32000-1, 14.8.4). What
// is drawn belongs to the element that is marked while it is drawn, or else to none, as a page number.
type Element struct {
	document *Document
	parent   *Element
	ref      ref
	kind     string
	kids     []string
	// Row says that a TH is the head of a row, and not of a column.
	Row bool
}

// Element opens a part of another, or of the document where that is nil. It must be closed before what it is part of.
func (d *Document) Element(within *Element, kind string) *Element {
	if within == nil {
		within = d.root
	}
	e := &Element{document: d, parent: within, ref: d.alloc(), kind: kind}
	within.kids = append(within.kids, e.ref.String())
	return e
}

// Close writes the element.
func (e *Element) Close() {
	attributes := ""
	switch {
	case e.kind == "TH" && e.Row:
		attributes = "/A<</O/Table/Scope/Row>>"
	case e.kind == "TH":
		attributes = "/A<</O/Table/Scope/Column>>"
	}
	e.document.object(e.ref, fmt.Sprintf("<</Type/StructElem/S/%s/P %s%s/K[%s]>>", e.kind, e.parent.ref, attributes, strings.Join(e.kids, " ")))
	e.kids = nil
}

// Mark says that what is drawn from now on belongs to an element; nil: to none, which a screen reader passes over.
func (p *Page) Mark(e *Element) {
	if p.within == e && (e != nil || p.artifact) {
		return
	}
	p.Unmark()
	if e == nil {
		p.artifact = true
		p.print("/Artifact BMC\n")
		return
	}
	p.within = e
	number := len(p.marked)
	p.marked = append(p.marked, e)
	e.kids = append(e.kids, fmt.Sprintf("<</Type/MCR/Pg %s/MCID %d>>", p.ref, number))
	p.print("/%s<</MCID %d>>BDC\n", e.kind, number)
}

// Unmark ends what Mark began.
func (p *Page) Unmark() {
	if p.within != nil || p.artifact {
		p.print("EMC\n")
	}
	p.within, p.artifact = nil, false
}

// parent gives a number in the tree of parents, by which a page or link finds its elements.
func (d *Document) parent(value string) int {
	d.parents = append(d.parents, value)
	return len(d.parents) - 1
}

func (d *Document) endStructure() ref {
	tree := d.alloc()
	root := d.root
	root.parent = &Element{ref: tree}
	root.Close()
	var numbers strings.Builder
	for i, value := range d.parents {
		fmt.Fprintf(&numbers, "%d %s ", i, value)
	}
	parents := d.alloc()
	d.object(parents, "<</Nums["+numbers.String()+"]>>")
	d.object(tree, fmt.Sprintf("<</Type/StructTreeRoot/K %s/ParentTree %s/ParentTreeNextKey %d>>", root.ref, parents, len(d.parents)))
	return tree
}
