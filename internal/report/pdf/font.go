package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// Font is a TrueType font of which the document embeds what it uses.
type Font struct {
	ref    ref
	number int
	name   string
	tables map[string][]byte
	glyphs []uint16        // by character, of the basic plane; 0: it has none
	widths []uint16        // of glyphs, in units
	units  int             // to the em
	used   map[uint16]rune // the first character of each glyph
}

// Font adds a TrueType font to the document.
func (d *Document) Font(ttf []byte) (*Font, error) {
	f := &Font{ref: d.alloc(), number: len(d.fonts), used: map[uint16]rune{}}
	if err := f.parse(ttf); err != nil {
		return nil, fmt.Errorf("read a font: %w", err)
	}
	d.fonts = append(d.fonts, f)
	return f, nil
}

// Has says whether the font can draw a character.
func (f *Font) Has(r rune) bool { return f.glyph(r) != 0 }

func (f *Font) glyph(r rune) uint16 {
	if int(r) >= len(f.glyphs) {
		return 0
	}
	return f.glyphs[r]
}

// Width is how far a text goes at size 1.
func (f *Font) Width(s string) float64 {
	sum := 0
	for _, r := range s {
		sum += int(f.width(f.glyph(r)))
	}
	return float64(sum) / float64(f.units)
}

func (f *Font) width(glyph uint16) uint16 {
	if len(f.widths) == 0 {
		return 0
	}
	return f.widths[min(int(glyph), len(f.widths)-1)] // the last is that of all further ones
}

func (f *Font) use(r rune) (uint16, bool) {
	glyph := f.glyph(r)
	if glyph == 0 {
		return 0, false
	}
	if _, known := f.used[glyph]; !known {
		f.used[glyph] = r
	}
	return glyph, true
}

var errFont = errors.New("it is no TrueType font that can be embedded")

// parse reads a font. Fonts are part of the program: what is wrong with one is found by any test that uses it.
func (f *Font) parse(ttf []byte) (err error) {
	defer func() {
		if recover() != nil { // a table that ends too early
			err = errFont
		}
	}()
	ttf = slices.Clip(ttf)
	f.tables = map[string][]byte{}
	for i := range int(u16(ttf, 4)) {
		entry := ttf[12+16*i:]
		f.tables[string(entry[:4])] = ttf[u32(entry, 8) : u32(entry, 8)+u32(entry, 12)]
	}
	for _, name := range []string{"head", "hhea", "hmtx", "maxp", "loca", "glyf", "cmap", "post", "name"} {
		if f.tables[name] == nil {
			return errFont
		}
	}
	f.units = int(u16(f.tables["head"], 18))
	f.widths = make([]uint16, u16(f.tables["hhea"], 34))
	for i := range f.widths {
		f.widths[i] = u16(f.tables["hmtx"], 4*i)
	}
	f.name = postScriptName(f.tables["name"])
	if f.glyphs = characters(f.tables["cmap"]); !f.Has('a') || f.name == "" {
		return errFont
	}
	return nil
}

func u16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
func u32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }
func i16(b []byte, at int) int    { return int(int16(u16(b, at))) }

// postScriptName finds the name by which PDF calls the font.
func postScriptName(table []byte) string {
	const postScript, windows = 6, 3
	for i := range int(u16(table, 2)) {
		record := table[6+12*i:]
		if u16(record, 0) != windows || u16(record, 6) != postScript {
			continue
		}
		data := table[u16(table, 4):][u16(record, 10):][:u16(record, 8)]
		var units []uint16
		for at := 0; at+1 < len(data); at += 2 {
			units = append(units, u16(data, at))
		}
		return strings.ReplaceAll(string(utf16.Decode(units)), " ", "")
	}
	return ""
}

// characters reads which glyph each character has, of the basic plane (format 4). Control characters have none.
func characters(table []byte) []uint16 {
	glyphs := make([]uint16, 1<<16)
	for i := range int(u16(table, 2)) {
		record := table[4+8*i:]
		sub := table[u32(record, 4):]
		if platform, encoding := u16(record, 0), u16(record, 2); platform != 3 || encoding != 1 || u16(sub, 0) != 4 {
			continue
		}
		segments := int(u16(sub, 6)) / 2
		ends, starts, deltas, offsets := sub[14:], sub[16+2*segments:], sub[16+4*segments:], sub[16+6*segments:]
		for s := range segments {
			for c := int(u16(starts, 2*s)); c <= int(u16(ends, 2*s)) && c < 0xFFFF; c++ {
				glyph := uint16(c)
				if offset := int(u16(offsets, 2*s)); offset != 0 {
					if glyph = u16(offsets, 2*s+offset+2*(c-int(u16(starts, 2*s)))); glyph == 0 {
						continue
					}
				}
				if glyph += u16(deltas, 2*s); glyph != 0 && c >= 0x20 && (c < 0x7f || c >= 0xa0) {
					glyphs[c] = glyph
				}
			}
		}
	}
	return glyphs
}

// write embeds what was used of the font.
func (f *Font) write(out *file) {
	if out.out == nil {
		return
	}
	used := slices.Sorted(maps.Keys(f.used))
	name := f.tag(used) + "+" + f.name
	subset := f.subset(used)
	data, unicode, descriptor, descendant := out.alloc(), out.alloc(), out.alloc(), out.alloc()
	out.stream(data, fmt.Sprintf("/Length1 %d", len(subset)), subset)
	out.stream(unicode, "", f.toUnicode(used))
	head, hhea, post := f.tables["head"], f.tables["hhea"], f.tables["post"]
	em := func(n int) int { return n * 1000 / f.units }
	angle := float64(int32(u32(post, 4))) / 65536
	flags, stem := 1<<2, 80 // symbolic: its codes are glyphs
	if u32(post, 12) != 0 {
		flags |= 1 << 0 // all as wide as each other
	}
	if angle != 0 {
		flags |= 1 << 6
	}
	if u16(head, 44)&1 != 0 {
		stem = 140 // bold
	}
	out.object(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags %d/FontBBox[%d %d %d %d]/ItalicAngle %.1f/Ascent %d/Descent %d/CapHeight %d/StemV %d/FontFile2 %s>>",
		name, flags, em(i16(head, 36)), em(i16(head, 38)), em(i16(head, 40)), em(i16(head, 42)), angle, em(i16(hhea, 4)), em(i16(hhea, 6)), em(f.capHeight()), stem, data))
	out.object(descendant, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/FontDescriptor %s/CIDToGIDMap/Identity/W[%s]>>", name, descriptor, f.widthList(used)))
	out.object(f.ref, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%s]/ToUnicode %s>>", name, descendant, unicode))
}

func (f *Font) capHeight() int {
	if os2 := f.tables["OS/2"]; len(os2) >= 90 && u16(os2, 0) >= 2 {
		return i16(os2, 88)
	}
	return f.units * 7 / 10
}

// tag names a subset: two of one font that differ are not taken for each other.
func (f *Font) tag(used []uint16) string {
	sum := sha256.Sum256(fmt.Append(nil, used))
	tag := sum[:6]
	for i := range tag {
		tag[i] = 'A' + tag[i]%26
	}
	return string(tag)
}

func (f *Font) widthList(used []uint16) string {
	var b strings.Builder
	for _, glyph := range used {
		fmt.Fprintf(&b, "%d[%d]", glyph, (int(f.width(glyph))*1000+f.units/2)/f.units)
	}
	return b.String()
}

// toUnicode says which characters the glyphs are, for those who search and copy.
func (f *Font) toUnicode(used []uint16) []byte {
	b := []byte("/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def" +
		"/CMapName/Adobe-Identity-UCS def/CMapType 2 def 1 begincodespacerange<0000><FFFF>endcodespacerange\n")
	const most = 100 // in one block
	for block := range slices.Chunk(used, most) {
		b = fmt.Appendf(b, "%d beginbfchar\n", len(block))
		for _, glyph := range block {
			b = fmt.Appendf(b, "<%04X><%04X>\n", glyph, f.used[glyph])
		}
		b = append(b, "endbfchar\n"...)
	}
	return append(b, "endcmap CMapName currentdict/CMap defineresource pop end end"...)
}

// subset is the font with the outlines of some glyphs only. All keep their numbers.
func (f *Font) subset(used []uint16) []byte {
	kept := map[uint16]bool{0: true}
	for _, glyph := range used {
		f.keep(glyph, kept)
	}
	long := u16(f.tables["head"], 50) != 0
	var outlines, places []byte
	for glyph := range int(u16(f.tables["maxp"], 4)) + 1 {
		if long {
			places = binary.BigEndian.AppendUint32(places, uint32(len(outlines)))
		} else {
			places = binary.BigEndian.AppendUint16(places, uint16(len(outlines)/2))
		}
		if kept[uint16(glyph)] {
			outlines = append(outlines, f.outline(uint16(glyph))...)
			outlines = append(outlines, make([]byte, -len(outlines)&3)...)
		}
	}
	tables := map[string][]byte{"glyf": outlines, "loca": places}
	for _, name := range []string{"head", "hhea", "hmtx", "maxp", "cvt ", "fpgm", "prep"} {
		if table := f.tables[name]; table != nil {
			tables[name] = table
		}
	}
	return fontFile(tables)
}

// outline is the data of a glyph; none of a blank.
func (f *Font) outline(glyph uint16) []byte {
	loca := f.tables["loca"]
	if u16(f.tables["head"], 50) != 0 {
		return f.tables["glyf"][u32(loca, 4*int(glyph)):u32(loca, 4*int(glyph)+4)]
	}
	return f.tables["glyf"][2*int(u16(loca, 2*int(glyph))) : 2*int(u16(loca, 2*int(glyph)+2))]
}

// keep notes a glyph and those that it is put together from.
func (f *Font) keep(glyph uint16, kept map[uint16]bool) {
	if kept[glyph] {
		return
	}
	kept[glyph] = true
	data := f.outline(glyph)
	if len(data) == 0 || i16(data, 0) >= 0 {
		return
	}
	const words, scale, more, twoScales, fourScales = 1 << 0, 1 << 3, 1 << 5, 1 << 6, 1 << 7
	for at := 10; ; {
		flags := u16(data, at)
		f.keep(u16(data, at+2), kept)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&twoScales != 0:
			at += 4
		case flags&fourScales != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

// fontFile puts tables together as a file, with their sums.
func fontFile(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	power := 1
	for power*2 <= len(names) {
		power *= 2
	}
	log := 0
	for 1<<(log+1) <= power {
		log++
	}
	head := []byte{0, 1, 0, 0}
	for _, n := range []int{len(names), power * 16, log, (len(names) - power) * 16} {
		head = binary.BigEndian.AppendUint16(head, uint16(n))
	}
	at := len(head) + 16*len(names)
	var body []byte
	adjusted := -1
	for _, name := range names {
		table := slices.Clone(tables[name])
		if name == "head" {
			binary.BigEndian.PutUint32(table[8:], 0)
			adjusted = at + len(body) + 8
		}
		head = append(head, name...)
		head = binary.BigEndian.AppendUint32(head, checksum(table))
		head = binary.BigEndian.AppendUint32(head, uint32(at+len(body)))
		head = binary.BigEndian.AppendUint32(head, uint32(len(table)))
		body = append(body, table...)
		body = append(body, make([]byte, -len(body)&3)...)
	}
	data := slices.Concat(head, body)
	if adjusted >= 0 {
		binary.BigEndian.PutUint32(data[adjusted:], 0xB1B0AFBA-checksum(data))
	}
	return data
}

func checksum(data []byte) uint32 {
	var sum uint32
	for at := 0; at < len(data); at += 4 {
		var word [4]byte
		copy(word[:], data[at:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
