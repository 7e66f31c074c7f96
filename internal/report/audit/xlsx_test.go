package audit

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/terminal"
)

type sheetXML struct {
	Name string
	Rows []struct {
		Cells []cellXML `xml:"c"`
	} `xml:"sheetData>row"`
}

type cellXML struct {
	Ref     string  `xml:"r,attr"`
	Type    string  `xml:"t,attr"`
	Value   string  `xml:"v"`
	Text    string  `xml:"is>t"`
	Formula *string `xml:"f"`
}

// readXLSX reads the sheets of a workbook.
func readXLSX(t *testing.T, data []byte) []sheetXML {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	part := func(name string, into any) {
		f, err := r.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := xml.NewDecoder(f).Decode(into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
		} `xml:"sheets>sheet"`
	}
	part("xl/workbook.xml", &book)
	var all []sheetXML
	for i, s := range book.Sheets {
		sheet := sheetXML{Name: s.Name}
		part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), &sheet)
		all = append(all, sheet)
	}
	return all
}

func TestXLSXSaysWhatItSaidBefore(t *testing.T) {
	var b strings.Builder
	for _, sheet := range readXLSX(t, written(t, XLSX{}, sample())) {
		fmt.Fprintf(&b, "=== %s\n", sheet.Name)
		for _, row := range sheet.Rows {
			for _, c := range row.Cells {
				if c.Type == "inlineStr" {
					fmt.Fprintf(&b, "%s %q\n", c.Ref, c.Text)
				} else {
					fmt.Fprintf(&b, "%s %s\n", c.Ref, c.Value)
				}
			}
		}
	}
	golden(t, "sample.xlsx.txt", []byte(b.String()))
}

func TestXLSXHasNoFormulaAndAllFindings(t *testing.T) {
	d := sample()
	sheets := map[string]sheetXML{}
	for _, sheet := range readXLSX(t, written(t, XLSX{}, d)) {
		sheets[sheet.Name] = sheet
		for _, row := range sheet.Rows {
			for _, c := range row.Cells {
				if c.Formula != nil || c.Type != "inlineStr" && c.Type != "" {
					t.Errorf("%s!%s is %+v", sheet.Name, c.Ref, c)
				}
				if strings.ContainsAny(c.Text, "\x1b\u202e\r") {
					t.Errorf("%s!%s is %q", sheet.Name, c.Ref, c.Text)
				}
			}
		}
	}
	requirements := 0
	for _, r := range d.Report.Requirements {
		if !r.Group {
			requirements++
		}
	}
	for name, want := range map[string]int{
		"Requirements": requirements, "By account": requirements, "Checks": len(d.checks()), "Findings": int(d.Result.Summary.Total()), "Attestations": len(d.attested()),
	} {
		if got := len(sheets[name].Rows) - 1; got != want {
			t.Errorf("%s has %d rows, not %d", name, got, want)
		}
	}
	if got := len(sheets["By account"].Rows[0].Cells); got != 2+len(d.Report.Scopes) {
		t.Errorf("By account has %d columns", got)
	}
	if names := sheets["Summary"].Name + sheets["Coverage"].Name; names != "SummaryCoverage" {
		t.Errorf("there are the sheets %v", sheets)
	}
}

func TestXLSXIsTheSameTwice(t *testing.T) {
	if !bytes.Equal(written(t, XLSX{}, sample()), written(t, XLSX{}, sample())) {
		t.Error("two files of one document differ")
	}
}

func TestXLSXOfManyFindingsIsBounded(t *testing.T) {
	d := manyKinds(100_000)
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	count, peak := 0, uint64(0)
	all := d.Result.Findings
	d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
		for f, err := range all {
			if count++; count%20_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&during)
				peak = max(peak, during.HeapAlloc)
			}
			if !yield(f, err) {
				return
			}
		}
	}
	if err := (XLSX{}).Write(io.Discard, d, terminal.Terminal{}); err != nil {
		t.Fatal(err)
	}
	if count != 100_000 {
		t.Errorf("findings were read %d times", count)
	}
	if held := int64(peak) - int64(before.HeapAlloc); held > 8<<20 {
		t.Errorf("%d KiB were held while findings were written", held>>10)
	}
}

func TestXLSXTellsOfBrokenFindings(t *testing.T) {
	broken := errors.New("the lake is gone")
	for _, w := range []Writer{XLSX{}, PDF{}} {
		d := sample()
		d.Result.Findings = func(yield func(evaluate.Finding, error) bool) {
			if yield(sampleFindings()[0], nil) {
				yield(evaluate.Finding{}, broken)
			}
		}
		if err := w.Write(io.Discard, d, terminal.Terminal{}); !errors.Is(err, broken) {
			t.Errorf("%T: got %v", w, err)
		}
	}
}

func BenchmarkXLSX(b *testing.B) {
	d := manyKinds(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := (XLSX{}).Write(io.Discard, d, terminal.Terminal{}); err != nil {
			b.Fatal(err)
		}
	}
}
