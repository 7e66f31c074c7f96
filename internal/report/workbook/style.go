package workbook

import (
	"fmt"
	"strings"
)

// Tone is how a status looks. The word is there too: a color is never all that tells.
type Tone int

// Tones.
const (
	Plain Tone = iota
	Red
	Amber
	Purple
	Blue
	Green
	Grey
)

var tones = []string{Plain: "", Red: "9B1C1C", Amber: "7A4600", Purple: "5A318A", Blue: "0B4A8F", Green: "145A2E", Grey: "5F666E"}

// Styles of cells, by their number in the style sheet. Text that a person could turn into a formula by editing the cell is marked as
// quoted: Excel then keeps it text.
const (
	styleText = iota
	styleQuoted
	styleWrapped
	styleWrappedQuoted
	styleCode
	styleCodeQuoted
	styleHead
	styleNumber
	stylePercent
	styleTime
	styleDay
	styleTones // the first of them
)

// textStyle is the style of a text in a column.
func textStyle(c *Column, text string) int {
	style := styleText
	switch {
	case c.Code:
		style = styleCode
	case c.Wrap:
		style = styleWrapped
	}
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		style++
	}
	return style
}

func toneStyle(t Tone) int { return styleTones + int(t) }

func styleSheet() string {
	const (
		body, bold, code = 0, 1, 2
		firstTone        = 3
		times            = 164 // the first format that is not Excel's own
	)
	fonts := []string{font("Calibri", "", false), font("Calibri", "", true), font("Consolas", "", false)}
	for _, color := range tones {
		fonts = append(fonts, font("Calibri", color, true))
	}
	format := func(number, font, fill, border int, wrap, quoted bool) string {
		attributes, wrapped := "", ""
		if quoted {
			attributes = ` quotePrefix="1"`
		}
		if wrap {
			wrapped = ` wrapText="1"`
		}
		return fmt.Sprintf(`<xf numFmtId="%d" fontId="%d" fillId="%d" borderId="%d" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"%s>`+
			`<alignment vertical="top"%s/></xf>`, number, font, fill, border, attributes, wrapped)
	}
	formats := []string{
		styleText: format(0, body, 0, 0, false, false), styleQuoted: format(0, body, 0, 0, false, true),
		styleWrapped: format(0, body, 0, 0, true, false), styleWrappedQuoted: format(0, body, 0, 0, true, true),
		styleCode: format(0, code, 0, 0, false, false), styleCodeQuoted: format(0, code, 0, 0, false, true),
		styleHead: format(0, bold, 2, 1, true, false), styleNumber: format(3, body, 0, 0, false, false), stylePercent: format(9, body, 0, 0, false, false),
		styleTime: format(times, body, 0, 0, false, false), styleDay: format(times+1, body, 0, 0, false, false),
	}
	for tone := range tones {
		formats = append(formats, format(0, firstTone+tone, 0, 0, true, false))
	}
	return declaration + `<styleSheet xmlns="` + mainSpace + `">` +
		fmt.Sprintf(`<numFmts count="2"><numFmt numFmtId="%d" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="%d" formatCode="yyyy\-mm\-dd"/></numFmts>`, times, times+1) +
		list("fonts", fonts) +
		list("fills", []string{
			`<fill><patternFill patternType="none"/></fill>`, `<fill><patternFill patternType="gray125"/></fill>`,
			`<fill><patternFill patternType="solid"><fgColor rgb="FFE9ECEF"/><bgColor indexed="64"/></patternFill></fill>`,
		}) +
		list("borders", []string{
			`<border><left/><right/><top/><bottom/><diagonal/></border>`,
			`<border><left/><right/><top/><bottom style="thin"><color rgb="FF5F666E"/></bottom><diagonal/></border>`,
		}) +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` + list("cellXfs", formats) +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
}

func list(name string, items []string) string {
	return fmt.Sprintf(`<%s count="%d">%s</%[1]s>`, name, len(items), strings.Join(items, ""))
}

func font(name, color string, bold bool) string {
	weight, tint := "", ""
	if bold {
		weight = "<b/>"
	}
	if color != "" {
		tint = `<color rgb="FF` + color + `"/>`
	}
	return `<font>` + weight + `<sz val="10"/>` + tint + `<name val="` + name + `"/></font>`
}
