package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// How long texts from outside may be.
const (
	oscalMaxLine = 300
	oscalMaxText = 2000
	oscalMaxSQL  = 20_000
)

// oscalLine is a text as OSCAL's markup-line: Markdown of one line, in which nothing from outside is markup.
func oscalLine(s string) string { return grid.Markdown(oneLine(s, oscalMaxLine)) }

// oscalText is a text as markup-multiline.
func oscalText(s string) string { return grid.Markdown(oneLine(s, oscalMaxText)) }

// oscalString is a text as OSCAL's string: one line, with something at both ends, and no markup.
func oscalString(s string) string { return oneLine(s, oscalMaxLine) }

func oneLine(s string, most int) string {
	blank := func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }
	return terminal.Clean(strings.Join(strings.FieldsFunc(cut(s, most), blank), " "))
}

// oscalSQL is SQL as a block of Markdown, whose fence is longer than any in it.
func oscalSQL(s string) string {
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	lines := strings.Split(strings.TrimSpace(cut(s, oscalMaxSQL)), "\n")
	for i, line := range lines {
		lines[i] = terminal.Clean(strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", "    "))
	}
	return fence + "sql\n" + strings.Join(lines, "\n") + "\n" + fence
}

// stanceProps are properties of Stance's own, of names and values in turn; those without a value are left out.
func stanceProps(pairs ...string) []oscalProp {
	props := plainProps(pairs...)
	for i := range props {
		props[i].Space = oscalSpace
	}
	return props
}

// plainProps are properties that OSCAL itself defines.
func plainProps(pairs ...string) []oscalProp {
	var props []oscalProp
	for i := 0; i < len(pairs); i += 2 {
		if value := oscalString(pairs[i+1]); value != "" {
			props = append(props, oscalProp{Name: pairs[i], Value: value})
		}
	}
	return props
}

// paramText lists parameters: "days = 90, length = 14".
func paramText(params map[string]any) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(params)) {
		parts = append(parts, fmt.Sprintf("%s = %s", key, grid.Text(params[key])))
	}
	return strings.Join(parts, ", ")
}

// filled leaves out what is empty.
func filled(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
