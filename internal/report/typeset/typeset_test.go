package typeset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	reader "github.com/ledongthuc/pdf"

	"github.com/stancehq/stance/internal/report/pdf"
)

var about = About{Title: "A title", Footer: strings.Repeat("A very long title ", 20), Mark: " scan 1", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}

// pages sets a document and reads the text of each page.
func pages(t *testing.T, compose func(*Doc)) []string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, about, func(d *Doc) error { compose(d); return nil }); err != nil {
		t.Fatal(err)
	}
	r, err := reader.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range r.NumPage() {
		text, err := r.Page(n + 1).GetPlainText(nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

// doc is for measuring alone.
func doc(t *testing.T) *Doc {
	t.Helper()
	var d *Doc
	if err := Write(io.Discard, about, func(one *Doc) error { d = one; return nil }); err != nil {
		t.Fatal(err)
	}
	return d
}

func broken(d *Doc, text Text, room, hang float64) []string {
	var all []string
	for _, l := range d.lines(text, room, hang) {
		var b strings.Builder
		for _, p := range l.pieces {
			b.WriteString(p.text)
		}
		all = append(all, b.String())
	}
	return all
}

func TestLinesBreakWhereTheyMay(t *testing.T) {
	d := doc(t)
	mono := Style{Mono, 10, Black} // ten letters are a little more than 60 points wide
	for _, tt := range []struct {
		name string
		text Text
		want []string
	}{
		{"between words", T(mono, "one two three four"), []string{"one two ", "three four"}},
		{"not where it fits", T(mono, "one two th"), []string{"one two th"}},
		{"within a long name, behind a mark", T(mono, "arn:aws:s3:::a-bucket"), []string{"arn:aws:", "s3:::a-", "bucket"}},
		{"within a word that has no mark", T(mono, "abcdefghijklmnop"), []string{"abcdefghij", "klmnop"}},
		{"a long word fills the line before", T(mono, "at abcdefghijklmnop"), []string{"at abcdefg", "hijklmnop"}},
		{"where the text says so", T(mono, "one\n\ntwo"), []string{"one", "", "two"}},
		{"indents stay", T(mono, "  one\n    two"), []string{"  one", "    two"}},
		{"a word of two styles stays whole", Text{{Text: "one tw", Style: mono}, {Text: "oo", Style: mono.Of(Red)}, {Text: "ooo end", Style: mono}}, []string{"one ", "twooooo ", "end"}},
		{"nothing", nil, []string{""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := broken(d, tt.text, 61, 0); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNoLineIsWiderThanItsRoomAndNothingIsLost(t *testing.T) {
	d := doc(t)
	texts := []string{
		"The quick brown fox, arn:aws:iam::111122223333:role/path/to/a-very-long-name-of-a-role; naïve 日本語🪣 é \u202e end",
		strings.Repeat("x", 500), strings.Repeat("日", 200), strings.Repeat("/", 300), " lead  and   gaps ", "",
	}
	for _, text := range texts {
		for room := 40.0; room < 400; room += 23 {
			for _, face := range []Face{Regular, Bold, Mono} {
				for _, hang := range []float64{0, 16} {
					style := Style{face, 9, Black}
					var all strings.Builder
					for _, l := range d.lines(T(style, text), room, hang) {
						width := l.width
						for _, p := range l.pieces {
							all.WriteString(p.text)
							width = p.x + d.width(style, strings.TrimRight(p.text, " "))
						}
						if width > room+0.001 {
							t.Fatalf("%q: a line is %.1f wide, of %.1f", text, width, room)
						}
					}
					squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
					if got, want := squeeze(all.String()), squeeze(d.plain(style, text)); got != want {
						t.Fatalf("got %q, want %q", got, want)
					}
				}
			}
		}
	}
}

func TestWhatTheFontLacksIsShown(t *testing.T) {
	d := doc(t)
	for give, want := range map[string]string{
		"plain":          "plain",
		"naïve Ωмега €":  "naïve Ωмега €",
		"日本":             `\u{65e5}\u{672c}`,
		"🪣":              `\u{1faa3}`,
		"a\u200bb":       `a\u{200b}b`,
		"e\u0301":        `e\u{301}`,
		"a\u202eb\x1b[m": `a\u202eb\x1b[m`,
		"\ufeff\uffff":   `\u{feff}\u{ffff}`,
		"bad \xff byte":  `bad \xff byte`,
		"tab\tfeed\n":    `tab\tfeed\n`,
	} {
		for _, face := range []Face{Regular, Bold, Mono} {
			if got := d.plain(Style{Face: face}, give); got != want {
				t.Errorf("plain(%q) = %q, want %q", give, got, want)
			}
		}
	}
}

// Whatever stands above it, a heading has something below it on its page.
func TestNoHeadingStandsAtTheFootOfAPage(t *testing.T) {
	for lines := range 70 {
		all := pages(t, func(d *Doc) {
			for n := range lines {
				d.Paragraph(T(Body, fmt.Sprintf("line %d", n)), 0, 0)
			}
			d.Heading(Heading{Level: 2, Text: T(Body, "HEADING")})
			d.Paragraph(T(Body, "first below"), 0, 0)
		})
		for _, page := range all {
			if strings.Contains(page, "HEADING") && !strings.Contains(page, "first below") {
				t.Errorf("with %d lines above, the heading stands alone", lines)
			}
		}
	}
}

func TestTheHeadOfATableStandsOnEachPage(t *testing.T) {
	all := pages(t, func(d *Doc) {
		table := d.Table(0, Column{Title: "Name of it", Share: 1}, Column{Title: "Number", Share: 1, Right: true})
		for n := range 150 {
			table.Row(T(Small, fmt.Sprintf("row %d", n)), T(Small, fmt.Sprint(n)))
		}
		table.End()
	})
	if len(all) < 3 {
		t.Fatalf("got %d pages", len(all))
	}
	for n, page := range all {
		if strings.Count(page, "Name of it") != 1 || strings.Count(page, "Number") != 1 {
			t.Errorf("page %d: %s", n+1, page)
		}
	}
	for n := range 150 {
		if text := strings.Join(all, "\n") + "\n"; strings.Count(text, fmt.Sprintf("row %d\n", n)) != 1 {
			t.Errorf("row %d is not there once", n)
		}
	}
}

func TestARowThatIsLongerThanAPageGoesOn(t *testing.T) {
	var words []string
	for n := range 3000 {
		words = append(words, fmt.Sprintf("w%d", n))
	}
	all := pages(t, func(d *Doc) {
		table := d.Table(0, Column{Title: "One", Share: 1}, Column{Title: "Two", Share: 1})
		table.Row(T(Small, "short"), T(Small, strings.Join(words, " ")))
		table.Row(T(Small, "after"), nil)
		table.End()
	})
	text := strings.Join(all, "\n")
	for _, word := range append(words, "after") {
		if !strings.Contains(text, word) {
			t.Fatalf("%q is lost", word)
		}
	}
	if len(all) < 2 || len(all) > 12 {
		t.Errorf("got %d pages", len(all))
	}
}

func TestContentsTellThePages(t *testing.T) {
	all := pages(t, func(d *Doc) {
		var entries []Entry
		for n := range 120 {
			entries = append(entries, Entry{Depth: n % 3, Text: T(Small, fmt.Sprintf("entry %d.", n)), Anchor: fmt.Sprintf("part %d", n)})
		}
		d.Contents(entries)
		for n := range 120 {
			d.Heading(Heading{Level: 2, Text: T(Body, fmt.Sprintf("HEADING %d.", n)), Anchor: fmt.Sprintf("part %d", n)})
			d.Paragraph(T(Body, strings.Repeat("text ", 150)), 0, 0)
		}
	})
	text := strings.Join(all, "\n")
	for n := range 120 {
		at := 0
		for i, page := range all {
			if strings.Contains(page, fmt.Sprintf("HEADING %d.", n)) {
				at = i + 1
			}
		}
		if want := fmt.Sprintf("entry %d.\n%d\n", n, at); !strings.Contains(text, want) {
			t.Errorf("the contents do not say %q", want)
		}
	}
	for n, page := range all {
		if want := fmt.Sprintf("Page %d of %d", n+1, len(all)); !strings.Contains(page, want) || !strings.Contains(page, "scan 1") {
			t.Errorf("page %d does not say %q", n+1, want)
		}
	}
}

func TestCodeKeepsItsLines(t *testing.T) {
	all := pages(t, func(d *Doc) {
		d.Code(90, "query", "select a,\n  b\n\nfrom t\nwhere "+strings.Repeat("x and ", 40))
	})
	if want := "select a,\n  b\nfrom t\nwhere x and"; !strings.Contains(all[0], want) {
		t.Errorf("%q has not %q", all[0], want)
	}
}

func TestTogetherKeepsBlocksOnAPage(t *testing.T) {
	for lines := range 60 {
		all := pages(t, func(d *Doc) {
			for range lines {
				d.Paragraph(T(Body, "above"), 0, 0)
			}
			d.Together(func(d *Doc) {
				d.Heading(Heading{Level: 2, Text: T(Body, "HEADING")})
				for n := range 10 {
					d.Facts(0, 90, Fact{"Name", T(Body, fmt.Sprintf("fact %d", n))})
				}
			})
		})
		for _, page := range all {
			if strings.Contains(page, "HEADING") && !strings.Contains(page, "fact 9") {
				t.Errorf("with %d lines above, the block is broken", lines)
			}
		}
	}
}

func TestAnErrorEndsTheDocument(t *testing.T) {
	gone := errors.New("gone")
	if err := Write(io.Discard, about, func(*Doc) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

// Text is told from white by those who see little contrast: WCAG asks for 4.5 at least.
func TestColorsHaveContrast(t *testing.T) {
	for name, c := range map[string]pdf.Color{"black": Black, "grey": Grey, "blue": Blue, "red": Red, "amber": Amber, "purple": Purple, "green": Green} {
		want := 7.0
		if name == "grey" {
			want = 4.5
		}
		if got := contrast(c, pdf.Color{R: 255, G: 255, B: 255}); got < want {
			t.Errorf("%s has a contrast of %.1f with white", name, got)
		}
	}
	if got := contrast(Black, Shade); got < 7 {
		t.Errorf("code has a contrast of %.1f", got)
	}
}

func contrast(a, b pdf.Color) float64 {
	luminance := func(c pdf.Color) float64 {
		linear := func(v uint8) float64 {
			s := float64(v) / 255
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	}
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}
