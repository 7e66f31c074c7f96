package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// outlineItem is a line of the outline.
type outlineItem struct {
	level  int
	title  string
	target target
}

// Outline adds a line to the outline that leads to a height of the current page. Levels count from 0; a level may be one deeper than
// the one before.
func (d *Document) Outline(level int, title string, y float64) {
	if len(d.outline) > 0 {
		level = min(level, d.outline[len(d.outline)-1].level+1)
	} else {
		level = 0
	}
	d.outline = append(d.outline, outlineItem{level, title, target{d.page.ref, Height - y}})
}

func (t target) String() string { return fmt.Sprintf("[%s/XYZ 0 %.2f null]", t.page, t.y) }

// outlineNode is where an item stands: the numbers of its neighbors, -1 for none.
type outlineNode struct{ parent, prev, next, first, last, kids int }

func (d *Document) outlineNodes() (nodes []outlineNode, top outlineNode) {
	none := outlineNode{-1, -1, -1, -1, -1, 0}
	top = none
	var above []int // the last item of each level
	for i, item := range d.outline {
		nodes = append(nodes, none)
		above = above[:min(len(above), item.level+1)]
		parent := &top
		if item.level > 0 {
			nodes[i].parent = above[item.level-1]
			parent = &nodes[nodes[i].parent]
		}
		if parent.last >= 0 {
			nodes[i].prev, nodes[parent.last].next = parent.last, i
		} else {
			parent.first = i
		}
		parent.last = i
		parent.kids++
		above = append(above[:item.level], i)
	}
	return nodes, top
}

// writeOutline gives the entries of the catalog for it. All but the top is closed at first.
func (d *Document) writeOutline() string {
	if len(d.outline) == 0 {
		return ""
	}
	root := d.alloc()
	all := make([]ref, len(d.outline))
	for i := range all {
		all[i] = d.alloc()
	}
	nodes, top := d.outlineNodes()
	for i, item := range d.outline {
		var b strings.Builder
		fmt.Fprintf(&b, "<</Title %s/Dest%s", text(item.title), item.target)
		parent := root
		if nodes[i].parent >= 0 {
			parent = all[nodes[i].parent]
		}
		fmt.Fprintf(&b, "/Parent %s", parent)
		for _, one := range []struct {
			key string
			at  int
		}{{"Prev", nodes[i].prev}, {"Next", nodes[i].next}, {"First", nodes[i].first}, {"Last", nodes[i].last}} {
			if one.at >= 0 {
				fmt.Fprintf(&b, "/%s %s", one.key, all[one.at])
			}
		}
		if nodes[i].kids > 0 {
			fmt.Fprintf(&b, "/Count -%d", nodes[i].kids)
		}
		b.WriteString(">>")
		d.object(all[i], b.String())
	}
	d.object(root, fmt.Sprintf("<</Type/Outlines/First %s/Last %s/Count %d>>", all[top.first], all[top.last], top.kids))
	return fmt.Sprintf("/Outlines %s/PageMode/UseOutlines", root)
}

// writeTargets gives the entry of the catalog for the places that links lead to.
func (d *Document) writeTargets() string {
	names := slices.Sorted(maps.Keys(d.targets))
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	for _, name := range names {
		if d.targets[name].page != 0 {
			fmt.Fprintf(&b, "%s%s", literal(name), d.targets[name])
		}
	}
	tree := d.alloc()
	d.object(tree, "<</Names["+b.String()+"]>>")
	return fmt.Sprintf("/Names<</Dests %s>>", tree)
}
