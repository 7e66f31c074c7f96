// Package grid prints the rows of a query or a list: as a table for people, or as JSON, JSON lines, CSV or Markdown. Rows
// stream through; only the first ones are held, to choose the widths of a table's columns.
package grid

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/stancehq/stance/internal/report/terminal"
)

// Rows is a result: the columns' names, and the rows, each with a value per column. Values are what a database driver
// gives: nil, booleans, numbers, strings, times, lists, maps and structs.
type Rows struct {
	Columns []string
	Values  iter.Seq2[[]any, error]
}

// Formats are the names that Write knows.
func Formats() []string { return []string{"table", "json", "jsonl", "csv", "markdown"} }

// Write prints rows in a format and says how many there were. If the rows end in an error, those before it are printed.
func Write(out io.Writer, format string, rows Rows, look terminal.Terminal) (int64, error) {
	writers := map[string]func(*bufio.Writer, Rows, terminal.Terminal) (int64, error){
		"table": writeTable, "json": writeJSON, "jsonl": writeJSONLines, "csv": writeCSV, "markdown": writeMarkdown, "md": writeMarkdown,
	}
	write, ok := writers[format]
	if !ok {
		return 0, fmt.Errorf("unknown format %q: known are %s", format, strings.Join(Formats(), ", "))
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	n, err := write(buffered, rows, look)
	if flushErr := buffered.Flush(); err == nil && flushErr != nil {
		err = fmt.Errorf("write rows: %w", flushErr)
	}
	return n, err
}

// each walks the rows and stops when the output is gone, as it is in `… | head`.
func each(rows Rows, row func(n int64, values []any) error) (int64, error) {
	var n int64
	for values, err := range rows.Values {
		if err != nil {
			return n, err
		}
		if err := row(n, values); err != nil {
			return n, fmt.Errorf("write row %d: %w", n+1, err)
		}
		n++
	}
	return n, nil
}

func writeJSON(out *bufio.Writer, rows Rows, _ terminal.Terminal) (int64, error) {
	_, _ = out.WriteString("[")
	n, err := each(rows, func(n int64, values []any) error {
		if n > 0 {
			_, _ = out.WriteString(",")
		}
		_, err := out.WriteString("\n" + object(rows.Columns, values))
		return err
	})
	if err != nil {
		return n, err
	}
	if n > 0 {
		_, _ = out.WriteString("\n")
	}
	_, err = out.WriteString("]\n")
	return n, err
}

func writeJSONLines(out *bufio.Writer, rows Rows, _ terminal.Terminal) (int64, error) {
	return each(rows, func(_ int64, values []any) error {
		_, err := out.WriteString(object(rows.Columns, values) + "\n")
		return err
	})
}

// object keeps the order of the columns. A name that comes twice is numbered, because readers keep one value per key.
func object(columns []string, values []any) string {
	var b strings.Builder
	seen := make(map[string]int, len(columns))
	b.WriteByte('{')
	for i, name := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		seen[name]++
		if n := seen[name]; n > 1 {
			name = fmt.Sprintf("%s_%d", name, n)
		}
		b.WriteString(JSON(name) + ": " + JSON(values[i]))
	}
	b.WriteByte('}')
	return b.String()
}

func writeCSV(out *bufio.Writer, rows Rows, _ terminal.Terminal) (int64, error) {
	w := NewCSV(out)
	w.Header(rows.Columns...)
	n, err := each(rows, func(_ int64, values []any) error {
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = Text(v)
		}
		return w.Row(texts...)
	})
	if flushErr := w.Flush(); err == nil {
		err = flushErr
	}
	return n, err
}

func writeMarkdown(out *bufio.Writer, rows Rows, _ terminal.Terminal) (int64, error) {
	line := func(cells []string) error {
		_, err := out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		return err
	}
	names, rules := make([]string, len(rows.Columns)), make([]string, len(rows.Columns))
	for i, name := range rows.Columns {
		names[i], rules[i] = Markdown(name), "---"
	}
	_ = line(names)
	_ = line(rules)
	return each(rows, func(_ int64, values []any) error {
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = Markdown(Text(v))
		}
		return line(texts)
	})
}

// Markdown escapes text for a Markdown table cell or paragraph: nothing in it is a link, HTML or formatting, a mention of
// a person or issue does not ring a bell, and characters that control or reorder text are shown as escapes.
func Markdown(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\t", " ")
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = escapeMarkdown(terminal.Clean(line))
	}
	return strings.Join(lines, "<br>")
}

func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@':
			b.WriteString("&#64;")
		case strings.ContainsRune("\\`*_{}[]#|~", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// JSON gives the JSON text of any value.
func JSON(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain(v)); err != nil {
		return JSON(fmt.Sprint(v))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
