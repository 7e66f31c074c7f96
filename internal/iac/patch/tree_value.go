package patch

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// plain is text that is text to all readers of YAML without quotes.
var plain = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)

var words = []string{"true", "false", "yes", "no", "on", "off", "y", "n", "null"}

func bare(text string) bool {
	return plain.MatchString(text) && !slices.Contains(words, strings.ToLower(text))
}

// key is a name in front of a colon.
func key(name string) string {
	if bare(name) {
		return name
	}
	return compact(name)
}

// scalar is how a value that is no list and no map is written.
func (t *tree) scalar(v any) (string, bool) {
	switch v := v.(type) {
	case []any, []string, map[string]any:
		return "", false
	case string:
		if !t.json && bare(v) {
			return v, true
		}
	}
	return compact(v), true
}

func items(v any) (list []any, is bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []string:
		for _, item := range v {
			list = append(list, item)
		}
		return list, true
	}
	return nil, false
}

// inline is a value on one line.
func (t *tree) inline(v any) string {
	if t.json {
		return strings.ReplaceAll(strings.ReplaceAll(spaced(v), "{ ", "{"), " }", "}")
	}
	if text, is := t.scalar(v); is {
		return text
	}
	var parts []string
	if list, is := items(v); is {
		for _, item := range list {
			parts = append(parts, t.inline(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	fields, _ := v.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, key(name)+": "+t.inline(fields[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// spaced is JSON on one line with spaces as people write them.
func spaced(v any) string {
	var parts []string
	if list, is := items(v); is {
		for _, item := range list {
			parts = append(parts, spaced(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	fields, is := v.(map[string]any)
	if !is {
		return compact(v)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, compact(name)+": "+spaced(fields[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// pretty is a value in brackets on lines of its own, if it has any in it.
func (t *tree) pretty(v any, indent, nl string) string {
	if !t.json {
		return t.inline(v)
	}
	text, err := json.MarshalIndent(v, indent, t.step())
	if err != nil {
		return t.inline(v)
	}
	return strings.ReplaceAll(string(text), "\n", nl)
}

// step is how much further in JSON is written on each level.
func (t *tree) step() string {
	for _, d := range t.documents {
		if d.kind == mapNode && len(d.keys) > 0 {
			if indent := indentOf(t.text, d.keys[0].start); indent != "" && lineStart(t.text, d.keys[0].start) > d.start {
				return indent
			}
		}
	}
	return "  "
}

// block is what stands behind the colon of a key with an indentation: a value with what it lies in, on lines of its own unless it
// is one word.
func (t *tree) block(steps []string, v any, indent int) string {
	mapStep, listStep := t.steps()
	var out strings.Builder
	for _, name := range steps {
		indent += mapStep
		out.WriteString("\n" + strings.Repeat(" ", indent) + key(name) + ":")
	}
	t.blockValue(&out, v, indent, mapStep, listStep)
	return out.String()
}

func (t *tree) blockValue(out *strings.Builder, v any, indent, mapStep, listStep int) {
	if text, is := t.scalar(v); is {
		out.WriteString(" " + text)
		return
	}
	if list, is := items(v); is {
		for _, item := range list {
			text := t.inline(item)
			if fields, is := item.(map[string]any); is { // its first name stands behind the dash
				var inner strings.Builder
				t.blockValue(&inner, fields, indent+listStep+2-mapStep, mapStep, listStep)
				text = strings.TrimLeft(inner.String(), "\n ")
			}
			out.WriteString("\n" + strings.Repeat(" ", indent+listStep) + "- " + text)
		}
		if len(list) == 0 {
			out.WriteString(" []")
		}
		return
	}
	fields, _ := v.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out.WriteString("\n" + strings.Repeat(" ", indent+mapStep) + key(name) + ":")
		t.blockValue(out, fields[name], indent+mapStep, mapStep, listStep)
	}
	if len(fields) == 0 {
		out.WriteString(" {}")
	}
}

// steps are how much further in maps and lists are written than the key that they belong to, as most of the file has it.
func (t *tree) steps() (mapStep, listStep int) {
	maps, lists := map[int]int{}, map[int]int{}
	var count func(n *node)
	count = func(n *node) {
		for _, item := range n.items {
			if n.kind == mapNode && !n.flow && !item.flow && len(item.items) > 0 && item.tag == "" && !item.anchor {
				if step := item.indent - n.indent; item.kind == mapNode && step > 0 {
					maps[step]++
				} else if item.kind == listNode && step >= 0 {
					lists[step]++
				}
			}
			count(item)
		}
	}
	for _, d := range t.documents {
		count(d)
	}
	return most(maps, 2), most(lists, 2)
}

func most(counts map[int]int, fallback int) int {
	best, n := fallback, 0
	for step, count := range counts {
		if count > n || count == n && step < best {
			best, n = step, count
		}
	}
	return best
}
