package pdf

import (
	"bytes"
	"fmt"
	"strings"
)

// Page is the page that is being drawn. It is written when the next one begins.
type Page struct {
	document *Document
	ref      ref
	content  bytes.Buffer
	links    []ref
	parents  int        // its number in the tree of parents
	marked   []*Element // by the numbers of its marks
	within   *Element   // what is being marked
	artifact bool
}

// Page begins a new page, and ends the one before.
func (d *Document) Page() *Page {
	d.endPage()
	d.page = &Page{document: d, ref: d.alloc(), parents: d.parent("")}
	d.pages = append(d.pages, d.page.ref)
	return d.page
}

func (d *Document) endPage() {
	p := d.page
	if p == nil {
		return
	}
	p.Unmark()
	d.page = nil
	content := d.alloc()
	d.stream(content, "", p.content.Bytes())
	annotations := ""
	if len(p.links) > 0 {
		annotations = "/Annots" + refs(p.links)
	}
	d.object(p.ref, fmt.Sprintf("<</Type/Page/Parent %s/Contents %s/StructParents %d/Tabs/S%s>>", d.pageTree, content, p.parents, annotations))
	marks := d.alloc()
	var list strings.Builder
	for _, e := range p.marked {
		fmt.Fprintf(&list, "%s ", e.ref)
	}
	d.object(marks, "["+list.String()+"]")
	d.parents[p.parents] = marks.String()
}

func refs(all []ref) string {
	var b strings.Builder
	b.WriteByte('[')
	for _, r := range all {
		b.WriteString(r.String())
		b.WriteByte(' ')
	}
	b.WriteByte(']')
	return b.String()
}

// Text draws a text with its baseline at y. Characters that the font does not have are not drawn: see Font.Has.
func (p *Page) Text(x, y float64, f *Font, size float64, c Color, s string) {
	if p.document.out == nil {
		return
	}
	p.print("%sBT/F%d %.2f Tf %.2f %.2f Td<", c, f.number, size, x, Height-y)
	codes := p.content.AvailableBuffer()
	for _, r := range s {
		if glyph, ok := f.use(r); ok {
			codes = append(codes, digits[glyph>>12], digits[glyph>>8&15], digits[glyph>>4&15], digits[glyph&15])
		}
	}
	p.content.Write(codes)
	p.content.WriteString(">Tj ET\n")
}

const digits = "0123456789ABCDEF"

// Fill fills a rectangle.
func (p *Page) Fill(x, y, w, h float64, c Color) {
	p.print("%s%.2f %.2f %.2f %.2f re f\n", c, x, Height-y-h, w, h)
}

// String is the operator that draws in the color.
func (c Color) String() string {
	return fmt.Sprintf("%.3f %.3f %.3f rg ", float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
}

func (p *Page) print(format string, args ...any) {
	if p.document.out != nil {
		_, _ = fmt.Fprintf(&p.content, format, args...)
	}
}

// Link makes an area lead to a target of the document, or to an address if it has a scheme (https:). Alt says in words where that is.
// The text on it must be marked as e, a Link.
func (p *Page) Link(x, y, w, h float64, to, alt string, e *Element) {
	d := p.document
	link := d.alloc()
	p.links = append(p.links, link)
	action := "/Dest " + literal(to)
	if External(to) {
		action = "/A<</S/URI/URI " + literal(to) + ">>"
	}
	number := d.parent(e.ref.String())
	d.object(link, fmt.Sprintf("<</Type/Annot/Subtype/Link/Rect[%.2f %.2f %.2f %.2f]/Border[0 0 0]/F 4/P %s/StructParent %d/Contents %s%s>>",
		x, Height-y-h, x+w, Height-y, p.ref, number, text(alt), action))
	e.kids = append(e.kids, fmt.Sprintf("<</Type/OBJR/Pg %s/Obj %s>>", p.ref, link))
}

// External tells an address from the name of a target.
func External(to string) bool {
	return strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://")
}
