package patch

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	errShared   = errors.New("it is written once for several places")
	errComputed = errors.New("it is computed")
	errComments = errors.New("it has comments in it")
)

// treeEditor collects the changes of one edit.
type treeEditor struct {
	*tree
	mode    mode
	value   any
	changes []change
}

// at makes the edit at a path below a map or list.
func (ed *treeEditor) at(n *node, steps []string) error {
	switch {
	case n.kind == aliasNode, n.anchor:
		return errShared
	case n.tag != "" || n.kind == mapNode && len(n.keys) == 1 && intrinsic(n.keys[0].value):
		return errComputed
	}
	name, rest := steps[0], steps[1:]
	if name == "*" {
		if n.kind != listNode {
			return errors.New("it is no list")
		}
		for _, item := range n.items {
			if err := ed.at(item, rest); err != nil {
				return err
			}
		}
		return nil
	}
	if n.kind != mapNode {
		return errors.New("what should have names in it has none")
	}
	i := n.find(name)
	switch {
	case i >= 0 && len(rest) == 0:
		return ed.last(n, i)
	case i >= 0 && !ed.absent(n.items[i]):
		return ed.at(n.items[i], rest)
	case ed.mode != modeSet, len(rest) > 0 && rest[0] == "*":
		return nil // there is nothing to be changed
	case n.merged && len(rest) > 0:
		return errShared
	case i >= 0:
		return ed.fill(n, i, rest)
	}
	return ed.insert(n, name, rest)
}

func intrinsic(key string) bool { return strings.HasPrefix(key, "Fn::") || key == "Ref" }

// absent tells whether a value is null.
func (ed *treeEditor) absent(n *node) bool {
	if n.kind != scalarNode || n.tag != "" {
		return false
	}
	written := string(ed.text[n.start:n.end])
	return n.empty || written == "null" || written == "~" || written == "Null" || written == "NULL"
}

// last makes the edit at the entry that the path leads to.
func (ed *treeEditor) last(m *node, i int) error {
	item := m.items[i]
	if item.anchor {
		return errShared
	}
	if ed.mode == modeRemove {
		return ed.remove(m, i)
	}
	if holdsComment(ed.text[item.start:item.end], item) {
		return errComments
	}
	_, scalar := ed.scalar(ed.value)
	if m.flow || scalar && !ed.blockish(item) {
		written := ed.inline(ed.value)
		if item.empty {
			written = " " + written
		}
		if string(ed.text[item.start:item.end]) != written {
			ed.changes = append(ed.changes, change{item.start, item.end, written})
		}
		return nil
	}
	// What takes lines of its own is written anew from the colon on.
	from := m.colons[i]
	if holdsComment(ed.text[from:item.end], item) {
		return errComments
	}
	nl := newline(ed.text, from)
	ed.changes = append(ed.changes, change{from, max(from, item.end), strings.ReplaceAll(ed.block(nil, ed.value, m.indent), "\n", nl)})
	return nil
}

// blockish tells whether a value takes lines of its own.
func (ed *treeEditor) blockish(n *node) bool {
	return (n.kind == listNode || n.kind == mapNode) && !n.flow && len(n.items) > 0
}

// holdsComment tells whether there may be a comment in a piece of YAML that is not one quoted text.
func holdsComment(text []byte, n *node) bool {
	if n.kind == scalarNode && !bytes.Contains(text, []byte("\n")) {
		return false
	}
	for i, c := range text {
		if c == '#' && (i == 0 || isSpace(text[i-1])) {
			return true
		}
	}
	return false
}

// fill writes what is below a key that has nothing, or null.
func (ed *treeEditor) fill(m *node, i int, rest []string) error {
	item := m.items[i]
	if m.flow {
		written := ed.inline(nested(rest, ed.value))
		if item.empty {
			written = " " + written
		}
		ed.changes = append(ed.changes, change{item.start, item.end, written})
		return nil
	}
	from, end := m.colons[i], lineEnd(ed.text, m.colons[i])
	if !item.empty {
		ed.changes = append(ed.changes, change{from, item.end, ""})
		end = lineEnd(ed.text, item.end)
	}
	nl := newline(ed.text, from)
	ed.changes = append(ed.changes, change{end, end, strings.ReplaceAll(ed.block(rest, ed.value, m.indent), "\n", nl)})
	return nil
}

// nested is a value with what it lies in.
func nested(steps []string, v any) any {
	for _, name := range slices.Backward(steps) {
		v = map[string]any{name: v}
	}
	return v
}

// insert writes a new entry behind the last one of a map.
func (ed *treeEditor) insert(m *node, name string, rest []string) error {
	if slices.Contains(rest, "*") {
		return errors.New("there is nothing at * to be changed")
	}
	if m.flow {
		return ed.insertFlow(m, name, nested(rest, ed.value))
	}
	if len(m.items) == 0 {
		return errors.New("it has no place")
	}
	end := lineEnd(ed.text, max(m.end, m.colons[len(m.colons)-1]))
	nl := newline(ed.text, m.start)
	lines := "\n" + strings.Repeat(" ", m.indent) + key(name) + ":" + ed.block(rest, ed.value, m.indent)
	ed.changes = append(ed.changes, change{end, end, strings.ReplaceAll(lines, "\n", nl)})
	return nil
}

func (ed *treeEditor) insertFlow(m *node, name string, v any) error {
	quoted := key(name)
	if ed.json {
		quoted = compact(name)
	}
	nl := newline(ed.text, m.start)
	if len(m.items) == 0 {
		if bytes.ContainsAny(ed.text[m.start:m.end], "#") {
			return errComments
		}
		written := "{" + quoted + ": " + ed.inline(v) + "}"
		if ed.json && bytes.Contains(ed.text, []byte("\n")) {
			indent := indentOf(ed.text, m.start)
			inner := indent + ed.step()
			written = "{" + nl + inner + quoted + ": " + ed.pretty(v, inner, nl) + nl + indent + "}"
		}
		ed.changes = append(ed.changes, change{m.start, m.end, written})
		return nil
	}
	last := len(m.items) - 1
	at, comma := m.items[last].end, ","
	if m.items[last].empty {
		at = max(at, m.colons[last])
	}
	if i := bytes.IndexByte(ed.text[at:m.end-1], ','); i >= 0 { // one that nothing follows
		if bytes.ContainsAny(ed.text[at:at+i], "#") {
			return errComments
		}
		at, comma = at+i+1, ""
	}
	begin := m.keys[last].start
	indent := indentOf(ed.text, begin)
	if lineStart(ed.text, begin)+len(indent) == begin && begin > lineEnd(ed.text, m.start) {
		ed.changes = append(ed.changes, change{at, at, comma + nl + indent + quoted + ": " + ed.pretty(v, indent, nl)})
	} else {
		ed.changes = append(ed.changes, change{at, at, comma + " " + quoted + ": " + ed.inline(v)})
	}
	return nil
}

// remove takes an entry away, with its lines.
func (ed *treeEditor) remove(m *node, i int) error {
	item := m.items[i]
	start, end := m.keys[i].start, max(m.items[i].end, m.colons[i])
	if holdsComment(ed.text[m.colons[i]:end], item) {
		return errComments
	}
	switch {
	case m.flow && i+1 < len(m.items):
		ed.changes = append(ed.changes, change{start, m.keys[i+1].start, ""})
	case m.flow && i > 0:
		ed.changes = append(ed.changes, change{max(m.items[i-1].end, m.colons[i-1]), end, ""})
	case m.flow:
		ed.changes = append(ed.changes, change{start, end, ""})
	case len(m.items) == 1:
		return errors.New("nothing would be left of what it lies in")
	case len(bytes.TrimSpace(ed.text[lineStart(ed.text, start):start])) > 0: // behind the dash of an item
		ed.changes = append(ed.changes, change{start, m.keys[i+1].start, ""})
	default:
		next := lineEnd(ed.text, end)
		if next < len(ed.text) {
			next += len(newline(ed.text, end))
		}
		ed.changes = append(ed.changes, change{lineStart(ed.text, start), next, ""})
	}
	return nil
}

// each makes an edit at several places, which are maps.
func (ed *treeEditor) each(path string, places [][]string, root *node) error {
	for _, steps := range places {
		if err := ed.at(root, steps); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
