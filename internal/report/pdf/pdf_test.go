package pdf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	reader "github.com/ledongthuc/pdf"
	"golang.org/x/image/font/gofont/goregular"
)

var info = Info{Title: "Größe & Maß \U0001FAA3", Author: "Stance", Subject: "A test", Language: "en", Producer: "Stance test", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}

// sample has two pages, links in both directions and a nested outline.
func sample(t *testing.T, out io.Writer) error {
	t.Helper()
	d := New(out, info)
	f, err := d.Font(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		p := d.Page()
		d.Outline(0, fmt.Sprintf("Page %d", n+1), 50)
		d.Outline(1, "Größe ☃", 60)
		d.Target(fmt.Sprintf("page %d", n), 50)
		p.Mark(nil)
		p.Text(50, 800, f, 8, Color{}, "foot")
		h := d.Element(nil, "H1")
		p.Mark(h)
		p.Text(50, 60, f, 20, Color{R: 200}, "Héading Ωмега ǖ")
		h.Close()
		link := d.Element(nil, "Link")
		p.Mark(link)
		p.Text(50, 90, f, 10, Color{}, "other page")
		p.Unmark()
		p.Link(50, 80, 60, 12, fmt.Sprintf("page %d", 1-n), "the other page", link)
		p.Link(150, 80, 60, 12, "https://acme.example/a?b=(c)", "an address", link)
		link.Close()
		p.Fill(50, 100, 10, 10, Color{B: 255})
	}
	return d.Close()
}

func written(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := sample(t, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t *testing.T, data []byte) *reader.Reader {
	t.Helper()
	r, err := reader.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnotherReaderFindsWhatWasWritten(t *testing.T) {
	r := read(t, written(t))
	if r.NumPage() != 2 {
		t.Fatalf("got %d pages", r.NumPage())
	}
	for n := range 2 {
		text, err := r.Page(n + 1).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"foot", "Héading Ωмега ǖ", "other page"} {
			if !strings.Contains(text, want) {
				t.Errorf("page %d has %q, and not %q", n+1, text, want)
			}
		}
	}
	outline := r.Outline()
	if len(outline.Child) != 2 || outline.Child[1].Title != "Page 2" || len(outline.Child[1].Child) != 1 || outline.Child[1].Child[0].Title != "Größe ☃" {
		t.Errorf("the outline is %+v", outline)
	}
	if got := r.Trailer().Key("Info").Key("Title").Text(); got != info.Title {
		t.Errorf("the title is %q", got)
	}
	catalog := r.Trailer().Key("Root")
	if catalog.Key("Lang").Text() != "en" || !catalog.Key("MarkInfo").Key("Marked").Bool() || !catalog.Key("ViewerPreferences").Key("DisplayDocTitle").Bool() {
		t.Errorf("the catalog is %v", catalog)
	}
	if date := r.Trailer().Key("Info").Key("CreationDate").RawString(); date != "D:20260102030405Z" {
		t.Errorf("it was made at %q", date)
	}
}

func TestFontsAreEmbeddedInPart(t *testing.T) {
	r := read(t, written(t))
	font := r.Page(1).Resources().Key("Font").Key("F0")
	descriptor := font.Key("DescendantFonts").Index(0).Key("FontDescriptor")
	file, err := io.ReadAll(descriptor.Key("FontFile2").Reader())
	if err != nil || len(file) == 0 {
		t.Fatalf("the font is not embedded: %d bytes, %v", len(file), err)
	}
	if len(file) > len(goregular.TTF)/3 {
		t.Errorf("%d of %d bytes are embedded", len(file), len(goregular.TTF))
	}
	if name := font.Key("BaseFont").Name(); !regexp.MustCompile(`^[A-Z]{6}\+GoRegular$`).MatchString(name) {
		t.Errorf("the font is called %q", name)
	}
	if sum := checksum(file); sum != 0xB1B0AFBA {
		t.Errorf("the sum of the font file is %x", sum)
	}
}

// A letter with a mark is put together from two glyphs, of which neither was used alone.
func TestSubsetKeepsWhatGlyphsAreMadeOf(t *testing.T) {
	f := &Font{used: map[uint16]rune{}}
	if err := f.parse(goregular.TTF); err != nil {
		t.Fatal(err)
	}
	// The fonts here have none: one is put in the place of a letter, of two others.
	composite, a, mark := f.glyph('\u00c0'), f.glyph('A'), f.glyph('`')
	whole := []byte{0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 << 5, byte(a >> 8), byte(a), 0, 0, 0, 0, byte(mark >> 8), byte(mark), 0, 0}
	var glyf, loca []byte
	for glyph := range u16(f.tables["maxp"], 4) {
		loca = binary.BigEndian.AppendUint16(loca, uint16(len(glyf)/2))
		if glyph == composite {
			glyf = append(glyf, whole...)
		} else {
			glyf = append(glyf, f.outline(glyph)...)
		}
	}
	f.tables["glyf"], f.tables["loca"] = glyf, binary.BigEndian.AppendUint16(loca, uint16(len(glyf)/2))
	kept := map[uint16]bool{}
	f.keep(composite, kept)
	if len(kept) < 3 {
		t.Errorf("%v are kept for glyph %d", kept, composite)
	}
	part := &Font{tables: map[string][]byte{}}
	data := f.subset([]uint16{composite})
	for i := range int(u16(data, 4)) {
		entry := data[12+16*i:]
		part.tables[string(entry[:4])] = data[u32(entry, 8) : u32(entry, 8)+u32(entry, 12)]
	}
	for glyph := range u16(f.tables["maxp"], 4) {
		want := f.outline(glyph)
		if !kept[glyph] && glyph != 0 {
			want = nil
		}
		if got := part.outline(glyph); !bytes.Equal(bytes.TrimRight(got, "\x00"), bytes.TrimRight(want, "\x00")) {
			t.Fatalf("glyph %d has %d bytes, and should have %d", glyph, len(got), len(want))
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	r := read(t, written(t))
	names := r.Trailer().Key("Root").Key("Names").Key("Dests").Key("Names")
	targets := map[string]bool{}
	for i := 0; i < names.Len(); i += 2 {
		targets[names.Index(i).RawString()] = names.Index(i+1).Index(0).Key("Type").Name() == "Page"
	}
	var addresses []string
	for n := 1; n <= r.NumPage(); n++ {
		links := r.Page(n).V.Key("Annots")
		for i := range links.Len() {
			if dest := links.Index(i).Key("Dest"); !dest.IsNull() {
				if !targets[dest.RawString()] {
					t.Errorf("a link leads to %q, which is nowhere", dest.RawString())
				}
				continue
			}
			addresses = append(addresses, links.Index(i).Key("A").Key("URI").RawString())
		}
	}
	if len(addresses) != 2 || addresses[0] != "https://acme.example/a?b=(c)" {
		t.Errorf("links lead to %q", addresses)
	}
}

// Each mark on a page must be known to the tree of parents, and end.
func TestAllThatIsDrawnIsMarked(t *testing.T) {
	r := read(t, written(t))
	root := r.Trailer().Key("Root").Key("StructTreeRoot")
	numbers := root.Key("ParentTree").Key("Nums")
	parents := map[int64]reader.Value{}
	for i := 0; i < numbers.Len(); i += 2 {
		parents[numbers.Index(i).Int64()] = numbers.Index(i + 1)
	}
	for n := 1; n <= r.NumPage(); n++ {
		page := r.Page(n).V
		content, err := io.ReadAll(page.Key("Contents").Reader())
		if err != nil {
			t.Fatal(err)
		}
		count := func(s string) int { return strings.Count(string(content), s) }
		marks := parents[page.Key("StructParents").Int64()]
		if count("MCID") != marks.Len() || count("BDC")+count("BMC") != count("EMC") || marks.Len() != 2 {
			t.Errorf("page %d has %d marks and %d parents:\n%s", n, count("MCID"), marks.Len(), content)
		}
		for i := range marks.Len() {
			if kind := marks.Index(i).Key("S").Name(); kind != []string{"H1", "Link"}[i] {
				t.Errorf("mark %d of page %d belongs to %s", i, n, kind)
			}
		}
	}
	document := root.Key("K")
	if document.Key("S").Name() != "Document" || document.Key("K").Len() != 4 {
		t.Errorf("the document is %v", document)
	}
}

func TestTheSameDocumentHasTheSameBytes(t *testing.T) {
	if !bytes.Equal(written(t), written(t)) {
		t.Error("two files of one document differ")
	}
}

func TestADraftWritesNothing(t *testing.T) {
	if err := sample(t, nil); err != nil {
		t.Error(err)
	}
}

type full struct{ left int }

var errFull = errors.New("no room left")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAnErrorOfTheOutputIsTold(t *testing.T) {
	for _, room := range []int{0, 100, len(written(t)) - 1} {
		if err := sample(t, &full{room}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

func TestABrokenFontIsAnError(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("no font"), goregular.TTF[:1000], append([]byte("OTTO"), goregular.TTF[4:200]...)} {
		if _, err := New(nil, info).Font(data); err == nil {
			t.Errorf("a font of %d bytes was taken", len(data))
		}
	}
}
