package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

var info = Info{Title: "A & B", Creator: "Stance", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}

func rows(all ...[]any) func(func(...any) bool) error {
	return func(add func(...any) bool) error {
		for _, row := range all {
			add(row...)
		}
		return nil
	}
}

func written(t *testing.T, sheets ...Sheet) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, info, sheets...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// parts reads the parts of a workbook. Each must be XML.
func parts(t *testing.T, data []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range r.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(content)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		all[f.Name] = string(content)
	}
	return all
}

type cellXML struct {
	Ref     string `xml:"r,attr"`
	Style   int    `xml:"s,attr"`
	Type    string `xml:"t,attr"`
	Value   string `xml:"v"`
	Text    string `xml:"is>t"`
	Formula string `xml:"f"`
}

// read gives the cells of the first sheet by their place.
func read(t *testing.T, data []byte) map[string]cellXML {
	t.Helper()
	var sheet struct {
		Rows []struct {
			Cells []cellXML `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.Unmarshal([]byte(parts(t, data)["xl/worksheets/sheet1.xml"]), &sheet); err != nil {
		t.Fatal(err)
	}
	all := map[string]cellXML{}
	for _, row := range sheet.Rows {
		for _, c := range row.Cells {
			all[c.Ref] = c
		}
	}
	return all
}

func one(values ...any) Sheet {
	s := Sheet{Name: "One", Rows: rows(values)}
	for range values {
		s.Columns = append(s.Columns, Column{Title: "a", Width: 10})
	}
	return s
}

func TestTextIsNeverAFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|'/C calc'!A0", "1", "TRUE", "2026-01-01"} {
		got := read(t, written(t, one(text)))["A2"]
		if got.Type != "inlineStr" || got.Text != text || got.Formula != "" || got.Value != "" {
			t.Errorf("%q is written as %+v", text, got)
		}
		if quoted := strings.ContainsAny(text[:1], "=+-@\t\r"); (got.Style == styleQuoted) != quoted {
			t.Errorf("%q has style %d", text, got.Style)
		}
	}
}

func TestTextComesBackAsItWas(t *testing.T) {
	for give, want := range map[string]string{
		`<b>&"'</b>`:             `<b>&"'</b>`,
		" two  blanks ":          " two  blanks ",
		"line\nfeed":             "line\nfeed",
		"naïve 日本語 🪣":            "naïve 日本語 🪣",
		"_x0041_":                "_x005F_x0041_", // which Excel reads as _x0041_
		"aws_xyz_ab_x41_":        "aws_xyz_ab_x41_",
		"\x00\x1b[31m\ufffe\xff": "\ufffd\ufffd[31m\ufffd\ufffd",
	} {
		if got := read(t, written(t, one(give)))["A2"].Text; got != want {
			t.Errorf("%q comes back as %q, not %q", give, got, want)
		}
	}
}

func TestCellsHaveTheirTypes(t *testing.T) {
	cells := read(t, written(t, one(42, int64(1)<<40, Percent(62), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Day("2026-11-22"), Day("some day"), nil, "", Cell{"met", Green})))
	for ref, want := range map[string]cellXML{
		"A2": {Ref: "A2", Style: styleNumber, Value: "42"},
		"B2": {Ref: "B2", Style: styleNumber, Value: "1099511627776"},
		"C2": {Ref: "C2", Style: stylePercent, Value: "0.62"},
		"D2": {Ref: "D2", Style: styleTime, Value: "46348.500000000"},
		"E2": {Ref: "E2", Style: styleDay, Value: "46348.000000000"},
		"F2": {Ref: "F2", Type: "inlineStr", Text: "some day"},
		"G2": {}, "H2": {},
		"I2": {Ref: "I2", Style: toneStyle(Green), Type: "inlineStr", Text: "met"},
	} {
		if cells[ref] != want {
			t.Errorf("%s is %+v, not %+v", ref, cells[ref], want)
		}
	}
}

func TestCellsHoldNoMoreThanExcelReads(t *testing.T) {
	for _, letter := range []string{"a", "é", "日", "🪣"} {
		for _, n := range []int{maxText / 2, maxText - 1, maxText, maxText + 1, 1 << 20} {
			give := strings.Repeat(letter, n)
			got := read(t, written(t, one(give)))["A2"].Text
			whole := len(utf16.Encode([]rune(give))) <= maxText
			if units := len(utf16.Encode([]rune(got))); units > maxText || whole && got != give || !whole && !strings.HasSuffix(got, letter+"…") {
				t.Errorf("%d times %q: %d units are left", n, letter, units)
			}
		}
	}
}

func TestASheetHasNoMoreRowsThanExcelReads(t *testing.T) {
	r := newRowWriter(io.Discard, []Column{{Title: "a"}})
	r.rows = MaxRows - 2
	if !r.add("one") || r.add("two") || r.add("three") || r.rows != MaxRows {
		t.Errorf("there are %d rows", r.rows)
	}
}

func TestHeadsStayInViewAndCanBeFiltered(t *testing.T) {
	all := parts(t, written(
		t,
		Sheet{Name: "First & last", Columns: []Column{{Title: "a", Width: 7}, {Title: "b", Width: 9}}, Rows: rows([]any{1, 2}, []any{3, 4}), Filter: true},
		Sheet{Name: "It's", Columns: []Column{{Title: "a", Width: 7}}, Rows: rows()},
	))
	for name, wants := range map[string][]string{
		"xl/worksheets/sheet1.xml": {`state="frozen"`, `<autoFilter ref="A1:B3"/>`, `<col min="2" max="2" width="9" customWidth="1"/>`},
		"xl/worksheets/sheet2.xml": {`state="frozen"`},
		"xl/workbook.xml":          {`name="First &amp; last"`, `localSheetId="0" hidden="1">'First &amp; last'!$A$1:$B$3<`, `localSheetId="1">'It''s'!$1:$1<`},
		"docProps/core.xml":        {"<dc:title>A &amp; B</dc:title>", "2026-01-02T03:04:05Z"},
		"[Content_Types].xml":      {"/xl/worksheets/sheet2.xml"},
	} {
		for _, want := range wants {
			if !strings.Contains(all[name], want) {
				t.Errorf("%s has no %s:\n%s", name, want, all[name])
			}
		}
	}
	if strings.Contains(all["xl/worksheets/sheet2.xml"], "autoFilter") {
		t.Error("a sheet that asks for no filter has one")
	}
}

// Every part that is spoken of is there.
func TestPartsAreThere(t *testing.T) {
	all := parts(t, written(t, one("a")))
	for from, folder := range map[string]string{"_rels/.rels": "", "xl/_rels/workbook.xml.rels": "xl"} {
		var relations struct {
			All []struct {
				Target string `xml:"Target,attr"`
			} `xml:"Relationship"`
		}
		if err := xml.Unmarshal([]byte(all[from]), &relations); err != nil || len(relations.All) == 0 {
			t.Fatalf("%s: %v", from, err)
		}
		for _, r := range relations.All {
			if all[path.Join(folder, r.Target)] == "" {
				t.Errorf("%s speaks of %s, which is not there", from, r.Target)
			}
		}
	}
}

// Each style that a cell may have is in the style sheet.
func TestStylesAreThere(t *testing.T) {
	var sheet struct {
		Fonts   []struct{} `xml:"fonts>font"`
		Formats []struct {
			Font int `xml:"fontId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := xml.Unmarshal([]byte(styleSheet()), &sheet); err != nil {
		t.Fatal(err)
	}
	if want := toneStyle(Grey) + 1; len(sheet.Formats) != want {
		t.Errorf("there are %d formats, not %d", len(sheet.Formats), want)
	}
	for i, f := range sheet.Formats {
		if f.Font >= len(sheet.Fonts) {
			t.Errorf("format %d has font %d of %d", i, f.Font, len(sheet.Fonts))
		}
	}
}

func TestColumnsAreCalledAsInExcel(t *testing.T) {
	for column, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 52: "AZ", 53: "BA", 702: "ZZ", 703: "AAA", MaxColumns: "XFD"} {
		if got := letters(column); got != want {
			t.Errorf("column %d is called %s, not %s", column, got, want)
		}
	}
}

func TestTheSameWorkbookHasTheSameBytes(t *testing.T) {
	if !bytes.Equal(written(t, one("a", 1)), written(t, one("a", 1))) {
		t.Error("two files of one workbook differ")
	}
}

var errFull = errors.New("no room left")

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestErrorsAreTold(t *testing.T) {
	gone := errors.New("gone")
	if err := Write(io.Discard, info, Sheet{Name: "a", Rows: func(func(...any) bool) error { return gone }}); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	size := len(written(t, one("a")))
	for _, room := range []int{0, 10, size / 2, size - 1} {
		if err := Write(&full{room}, info, one("a")); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}
