// Package workbook writes Excel workbooks (Office Open XML, ECMA-376) row by row, so that a sheet of a million rows takes no more memory
// than one of ten. What is given as text stays text, whatever it begins with: no cell is ever a formula. It reads no workbooks.
package workbook

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"
)

// What Excel can hold.
const (
	MaxRows    = 1_048_576 // of a sheet, its head among them
	MaxColumns = 16_384
	maxText    = 32_767 // UTF-16 code units of a cell
)

// Info is what a workbook says of itself.
type Info struct {
	Title, Creator string
	Created        time.Time
}

// Sheet is a table with a head that stays in view.
type Sheet struct {
	Name    string // at most 31 characters
	Columns []Column
	// Rows adds the rows. Add tells whether there is room for more. A cell is a string, an int, an int64, a Percent, a Day, a time.Time
	// or a Cell; nil is empty.
	Rows func(add func(cells ...any) bool) error
	// Filter offers to filter and sort by each column.
	Filter bool
}

// Column is a column of a sheet.
type Column struct {
	Title string
	Width float64 // in characters
	Wrap  bool    // long texts go on below
	Code  bool    // with letters of one width
}

// Percent is a whole number of percents.
type Percent int

// Day is a day as 2026-01-31. What is none is written as text.
type Day string

// Cell is a text in a tone.
type Cell struct {
	Text string
	Tone Tone
}

// Write writes a workbook.
func Write(out io.Writer, info Info, sheets ...Sheet) error {
	w := &writer{zip: zip.NewWriter(out), info: info, rows: make([]int, len(sheets))}
	w.part("[Content_Types].xml", contentTypes(len(sheets)))
	w.part("_rels/.rels", relationships)
	w.part("docProps/core.xml", core(info))
	w.part("xl/styles.xml", styleSheet())
	for i, s := range sheets {
		if err := w.sheet(i, s); err != nil {
			return err
		}
	}
	w.part("xl/_rels/workbook.xml.rels", workbookRelationships(len(sheets)))
	w.part("xl/workbook.xml", w.workbook(sheets))
	if w.err != nil {
		return w.err
	}
	return w.zip.Close()
}

type writer struct {
	zip  *zip.Writer
	info Info
	rows []int // of each sheet, its head among them
	err  error
}

func (w *writer) create(name string) io.Writer {
	if w.err != nil {
		return io.Discard
	}
	part, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: w.info.Created.UTC()})
	if err != nil {
		w.err = err
		return io.Discard
	}
	return part
}

func (w *writer) part(name, content string) {
	if _, err := io.WriteString(w.create(name), content); err != nil && w.err == nil {
		w.err = err
	}
}

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
)

func (w *writer) sheet(index int, s Sheet) error {
	r := newRowWriter(w.create(fmt.Sprintf("xl/worksheets/sheet%d.xml", index+1)), s.Columns)
	selected := ""
	if index == 0 {
		selected = ` tabSelected="1"`
	}
	r.text(declaration + `<worksheet xmlns="` + mainSpace + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0"` + selected +
		`><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>`)
	for i, c := range s.Columns {
		r.text(fmt.Sprintf(`<col min="%d" max="%[1]d" width="%g" customWidth="1"/>`, i+1, c.Width))
	}
	r.text(`</cols><sheetData>`)
	r.head()
	if err := s.Rows(r.add); err != nil {
		return err
	}
	r.text(`</sheetData>`)
	if s.Filter {
		r.text(`<autoFilter ref="` + area(len(s.Columns), r.rows) + `"/>`)
	}
	r.text(`<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>` +
		`<headerFooter><oddFooter>&amp;L&amp;A&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter></worksheet>`)
	w.rows[index] = r.rows
	return r.out.Flush()
}

func (w *writer) workbook(sheets []Sheet) string {
	var list, names strings.Builder
	for i, s := range sheets {
		fmt.Fprintf(&list, `<sheet name="%s" sheetId="%d" r:id="rId%[2]d"/>`, escape(s.Name), i+1)
		quoted := escape("'" + strings.ReplaceAll(s.Name, "'", "''") + "'")
		fmt.Fprintf(&names, `<definedName name="_xlnm.Print_Titles" localSheetId="%d">%s!$1:$1</definedName>`, i, quoted)
		if s.Filter {
			fmt.Fprintf(&names, `<definedName name="_xlnm._FilterDatabase" localSheetId="%d" hidden="1">%s!$A$1:$%s$%d</definedName>`, i, quoted, letters(len(s.Columns)), w.rows[i])
		}
	}
	return declaration + `<workbook xmlns="` + mainSpace + `" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
		`<bookViews><workbookView activeTab="0"/></bookViews><sheets>` + list.String() + `</sheets><definedNames>` + names.String() + `</definedNames></workbook>`
}

func area(columns, rows int) string { return fmt.Sprintf("A1:%s%d", letters(columns), rows) }

// letters name a column: A, Z, AA.
func letters(column int) string {
	name := ""
	for column > 0 {
		column--
		name = string(rune('A'+column%26)) + name
		column /= 26
	}
	return name
}

const relationships = declaration + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>` +
	`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`

func workbookRelationships(sheets int) string {
	var b strings.Builder
	for i := 1; i <= sheets; i++ {
		fmt.Fprintf(&b, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%[1]d.xml"/>`, i)
	}
	return declaration + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + b.String() +
		fmt.Sprintf(`<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`, sheets+1)
}

func contentTypes(sheets int) string {
	const space = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	var b strings.Builder
	for i := 1; i <= sheets; i++ {
		fmt.Fprintf(&b, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, i, space)
	}
	return declaration + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + space + `sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="` + space + `styles+xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` + b.String() + `</Types>`
}

func core(info Info) string {
	created := info.Created.UTC().Format(time.RFC3339)
	return declaration + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` + escape(info.Title) + `</dc:title><dc:creator>` +
		escape(info.Creator) + `</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">` + created + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` +
		created + `</dcterms:modified><dc:language>en</dc:language></cp:coreProperties>`
}
