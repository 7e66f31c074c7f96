// Package pdf writes PDF files: text in embedded fonts, lines and filled areas, links, an outline, and the tags by which a screen reader
// finds headings, paragraphs and tables. Pages go out as they are finished, so that a file of a thousand pages takes little memory. It lays
// nothing out (see package typeset), draws no images and reads no files.
//
// The libraries that there are for Go write no tags and hold all pages until the end, so that a report would be closed to those who listen
// to it. What reports need of the format is small, and has not changed since 2008.
//
// It follows ISO 32000-1 (PDF 1.7). Lengths are points, 1/72 inch, from the upper left corner of the page.
package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A4 in points.
const (
	Width  = 595.28
	Height = 841.89
)

// Info is what a file says of itself.
type Info struct {
	Title, Author, Subject string
	Language               string // en
	Producer               string
	Created                time.Time
}

// Color is red, green and blue.
type Color struct{ R, G, B uint8 }

// Document is a file that is being written. The first error stays, and Close tells it.
type Document struct {
	file
	info     Info
	fonts    []*Font
	pages    []ref
	page     *Page
	pageTree ref
	shared   ref // what all pages draw with
	outline  []outlineItem
	targets  map[string]target
	// Tags: see structure.go.
	root    *Element
	parents []string // of what has a number in the tree of parents, by that number
}

// target is a place that links lead to.
type target struct {
	page ref
	y    float64
}

// New starts a file. With a nil writer nothing is written, which tells how many pages there will be.
func New(out io.Writer, info Info) *Document {
	d := &Document{info: info, targets: map[string]target{}}
	d.start(out)
	d.pageTree, d.shared = d.alloc(), d.alloc()
	d.root = &Element{document: d, ref: d.alloc(), kind: "Document"}
	return d
}

// Pages is the number of pages so far.
func (d *Document) Pages() int { return len(d.pages) }

// Target makes a place that links of the same name lead to, at a height of the current page. The last of a name counts.
func (d *Document) Target(name string, y float64) {
	if d.page != nil {
		d.targets[name] = target{d.page.ref, Height - y}
	}
}

// Close ends the last page and writes all that is left. A link without a target leads nowhere.
func (d *Document) Close() error {
	d.endPage()
	structure := d.endStructure()
	for _, f := range d.fonts {
		f.write(&d.file)
	}
	d.writePageTree()
	outline := d.writeOutline()
	names := d.writeTargets()
	metadata := d.writeMetadata()
	catalog, info := d.alloc(), d.alloc()
	d.object(catalog, fmt.Sprintf("<</Type/Catalog/Pages %s/StructTreeRoot %s/MarkInfo<</Marked true>>/Lang %s%s%s/Metadata %s"+
		"/ViewerPreferences<</DisplayDocTitle true>>/PageLayout/OneColumn>>",
		d.pageTree, structure, text(d.info.Language), outline, names, metadata))
	d.object(info, fmt.Sprintf("<</Title %s/Author %s/Subject %s/Creator %s/Producer %[4]s/CreationDate %s/ModDate %[5]s>>",
		text(d.info.Title), text(d.info.Author), text(d.info.Subject), text(d.info.Producer), date(d.info.Created)))
	return d.finish(catalog, info)
}

func (d *Document) writePageTree() {
	var kids strings.Builder
	for _, p := range d.pages {
		fmt.Fprintf(&kids, "%s ", p)
	}
	d.object(d.pageTree, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]/MediaBox[0 0 %.2f %.2f]/Resources %s>>", len(d.pages), kids.String(), Width, Height, d.shared))
	var fonts strings.Builder
	for _, f := range d.fonts {
		fmt.Fprintf(&fonts, "/F%d %s", f.number, f.ref)
	}
	d.object(d.shared, fmt.Sprintf("<</Font<<%s>>>>", fonts.String()))
}

// text writes a string that people read, outside of pages.
func text(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, r := range s {
		if r > 0xFFFF {
			r -= 0x10000
			fmt.Fprintf(&b, "%04X%04X", 0xD800+r>>10, 0xDC00+r&0x3FF)
			continue
		}
		fmt.Fprintf(&b, "%04X", r)
	}
	b.WriteByte('>')
	return b.String()
}

// literal writes a string of bytes.
func literal(s string) string { return fmt.Sprintf("<%X>", s) }

func date(t time.Time) string { return "(D:" + t.UTC().Format("20060102150405") + "Z)" }
