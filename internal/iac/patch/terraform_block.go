package patch

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/stancehq/stance/internal/iac/schema"
)

type mode int

const (
	modeSet mode = iota
	modeChange
	modeRemove
)

// reference is a value that is written as an expression.
type reference string

// blockEditor collects the changes of one edit.
type blockEditor struct {
	text     []byte
	typ      *schema.Type // nil if it is not known
	expanded bool         // the resource has a count or for_each
	mode     mode
	value    any
	rendered string
	changes  []change
}

// body makes the edit at a path below a block. at is the path of the block itself.
func (ed *blockEditor) body(b *hclsyntax.Block, steps, at []string) error {
	name, rest := steps[0], steps[1:]
	at = append(slices.Clone(at), name)
	if a := b.Body.Attributes[name]; a != nil {
		return ed.attribute(b, a, rest)
	}
	var blocks []*hclsyntax.Block
	for _, inner := range b.Body.Blocks {
		if inner.Type == "dynamic" && len(inner.Labels) == 1 && inner.Labels[0] == name {
			return errDynamic
		}
		if inner.Type == name {
			blocks = append(blocks, inner)
		}
	}
	every := len(rest) > 0 && rest[0] == "*"
	if every {
		rest = rest[1:]
	}
	switch {
	case ed.mode == modeRemove && len(rest) == 0:
		for _, inner := range blocks {
			ed.removeLines(b, inner.Range().Start.Byte, inner.Range().End.Byte)
		}
	case len(blocks) == 0 && (every || ed.mode != modeSet):
	case len(blocks) == 0:
		return ed.insert(b, name, rest, at)
	case len(rest) == 0:
		return errors.New("it is written as blocks")
	case len(blocks) > 1 && !every:
		return fmt.Errorf("there are several blocks %s", name)
	default:
		for _, inner := range blocks {
			if err := ed.body(inner, rest, at); err != nil {
				return err
			}
		}
	}
	return nil
}

// attribute makes the edit in an attribute that is there.
func (ed *blockEditor) attribute(b *hclsyntax.Block, a *hclsyntax.Attribute, rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("%s is an expression", a.Name)
	}
	at := a.Expr.Range()
	start, end := at.Start.Byte, at.End.Byte
	was := ed.text[start:end]
	if ed.expanded {
		for _, v := range a.Expr.Variables() {
			if root := v.RootName(); root == "each" || root == "count" {
				return fmt.Errorf("%s differs between the instances", a.Name)
			}
		}
	}
	if ed.mode == modeRemove {
		ed.removeLines(b, a.SrcRange.Start.Byte, end)
		return nil
	}
	if commented(was) {
		return fmt.Errorf("%s has comments in it", a.Name)
	}
	if bytes.HasPrefix(was, []byte("<<")) { // the line break behind it belongs to it
		end = start + len(bytes.TrimRight(was, "\r\n"))
	}
	if string(ed.text[start:end]) != ed.rendered {
		ed.changes = append(ed.changes, change{start, end, ed.rendered})
	}
	return nil
}

func commented(text []byte) bool {
	tokens, _ := hclsyntax.LexExpression(text, "", hcl.InitialPos)
	return slices.ContainsFunc(tokens, func(t hclsyntax.Token) bool { return t.Type == hclsyntax.TokenComment })
}

// insert writes what is missing into a block: an attribute, or a block with what lies in it.
func (ed *blockEditor) insert(b *hclsyntax.Block, name string, rest, at []string) error {
	nl := newline(ed.text, b.OpenBraceRange.Start.Byte)
	indent, step := ed.indents(b)
	var lines []string
	if len(rest) == 0 {
		lines = []string{ed.padded(b, name) + ed.rendered}
	} else {
		for depth, open := range append([]string{name}, rest[:len(rest)-1]...) {
			path := append(slices.Clone(at), rest[:depth]...)
			if open == "*" {
				return errors.New("there is nothing at * to be changed")
			}
			lines = append(lines, strings.Repeat(step, depth)+open+ed.opening(path))
		}
		lines = append(lines, strings.Repeat(step, len(rest))+rest[len(rest)-1]+" = "+ed.rendered)
		for depth := len(rest) - 1; depth >= 0; depth-- {
			lines = append(lines, strings.Repeat(step, depth)+"}")
		}
	}
	written := strings.ReplaceAll(strings.Join(lines, "\n"), "\n", nl+indent)
	ed.place(b, indent+written, nl, len(rest) > 0)
	return nil
}

// opening is how what has more in it begins: as a block, or as the value of an attribute.
func (ed *blockEditor) opening(path []string) string {
	if ed.typ != nil {
		if a, err := ed.typ.At(strings.Join(path, ".")); err == nil && !a.Block && a.Kind == schema.KindMap {
			return " = {"
		}
	}
	return " {"
}

// indents are the white space before what lies in a block, and how much more each level has.
func (ed *blockEditor) indents(b *hclsyntax.Block) (indent, step string) {
	base := indentOf(ed.text, b.TypeRange.Start.Byte)
	step = "  "
	if strings.HasPrefix(base, "\t") {
		step = "\t"
	}
	inner := -1
	for _, a := range b.Body.Attributes {
		if inner < 0 || a.SrcRange.Start.Byte < inner {
			inner = a.SrcRange.Start.Byte
		}
	}
	for _, block := range b.Body.Blocks {
		if start := block.TypeRange.Start.Byte; inner < 0 || start < inner {
			inner = start
		}
	}
	if inner >= 0 && lineStart(ed.text, inner) > b.OpenBraceRange.Start.Byte {
		indent = indentOf(ed.text, inner)
		if more, deeper := strings.CutPrefix(indent, base); deeper && more != "" {
			step = more
		}
		return indent, step
	}
	return base + step, step
}

// metaArguments stand first or last in a block, whatever else there is.
var metaArguments = []string{"count", "for_each", "provider", "depends_on", "tags", "tags_all"}

// neighbor is the attribute behind which another one is written; nil if there is none.
func neighbor(b *hclsyntax.Block) *hclsyntax.Attribute {
	first := b.CloseBraceRange.Start.Byte
	for _, inner := range b.Body.Blocks {
		first = min(first, inner.TypeRange.Start.Byte)
	}
	var best *hclsyntax.Attribute
	better := func(a *hclsyntax.Attribute) bool {
		if best == nil {
			return true
		}
		meta, bestMeta := slices.Contains(metaArguments, a.Name), slices.Contains(metaArguments, best.Name)
		if meta != bestMeta {
			return bestMeta
		}
		return a.SrcRange.Start.Byte > best.SrcRange.Start.Byte
	}
	for _, a := range b.Body.Attributes {
		if a.SrcRange.Start.Byte < first && better(a) {
			best = a
		}
	}
	if best == nil {
		for _, a := range b.Body.Attributes {
			if better(a) {
				best = a
			}
		}
	}
	return best
}

// padded is an attribute's name with the equals sign where the line above has it.
func (ed *blockEditor) padded(b *hclsyntax.Block, name string) string {
	if a := neighbor(b); a != nil {
		if wide := a.EqualsRange.Start.Byte - a.NameRange.Start.Byte; wide > len(name) {
			return name + strings.Repeat(" ", wide-len(name)) + "= "
		}
	}
	return name + " = "
}

// place puts lines into a block: attributes behind the others, blocks at the end.
func (ed *blockEditor) place(b *hclsyntax.Block, lines, nl string, block bool) {
	open, closing := b.OpenBraceRange.End.Byte, b.CloseBraceRange.Start.Byte
	empty := len(b.Body.Attributes)+len(b.Body.Blocks) == 0
	if !bytes.Contains(ed.text[open:closing], []byte("\n")) { // all on one line
		indent, _ := ed.indents(b)
		inner := strings.TrimSpace(string(ed.text[open:closing]))
		if inner != "" {
			inner = nl + indent + inner
			if block {
				inner += nl
			}
		}
		ed.changes = append(ed.changes, change{open, closing, inner + nl + lines + nl + indentOf(ed.text, b.TypeRange.Start.Byte)})
		return
	}
	if a := neighbor(b); a != nil && !block {
		end := a.Expr.Range().End.Byte
		if ed.text[end-1] == '\n' { // a heredoc has its line's end in it
			ed.changes = append(ed.changes, change{end, end, lines + nl})
			return
		}
		end = lineEnd(ed.text, end)
		ed.changes = append(ed.changes, change{end, end, nl + lines})
		return
	}
	if !block {
		end := lineEnd(ed.text, open)
		if !empty {
			lines += nl
		}
		ed.changes = append(ed.changes, change{end, end, nl + lines})
		return
	}
	at := lineStart(ed.text, closing)
	if len(bytes.TrimSpace(ed.text[at:closing])) > 0 { // } stands behind something
		at = closing
		lines = nl + lines
	}
	if !empty {
		lines = nl + lines
	}
	ed.changes = append(ed.changes, change{at, at, lines + nl})
}

// removeLines takes something out of a block, with its lines if it has them for itself.
func (ed *blockEditor) removeLines(b *hclsyntax.Block, start, end int) {
	if ed.text[end-1] == '\n' {
		end--
	}
	from, to := lineStart(ed.text, start), lineEnd(ed.text, end)
	if from <= b.OpenBraceRange.Start.Byte || to >= b.CloseBraceRange.Start.Byte {
		ed.changes = append(ed.changes, change{b.OpenBraceRange.End.Byte, b.CloseBraceRange.Start.Byte, ""})
		return
	}
	to += len(newline(ed.text, end))
	// Of two empty lines that would meet one goes too.
	if next := lineEnd(ed.text, to); from >= 2 && ed.text[from-2] == '\n' && len(bytes.TrimSpace(ed.text[to:next])) == 0 && next < len(ed.text) {
		to = next + len(newline(ed.text, next))
	}
	ed.changes = append(ed.changes, change{from, to, ""})
}

// hclValue writes a value as an expression.
func hclValue(v any) (string, error) {
	if expression, is := v.(reference); is {
		return string(expression), nil
	}
	value, err := ctyOf(v)
	if err != nil {
		return "", err
	}
	return string(hclwrite.TokensForValue(value).Bytes()), nil
}

func ctyOf(v any) (cty.Value, error) {
	switch v := v.(type) {
	case bool:
		return cty.BoolVal(v), nil
	case int64:
		return cty.NumberIntVal(v), nil
	case float64:
		return cty.NumberFloatVal(v), nil
	case string:
		return cty.StringVal(v), nil
	case []any:
		items := make([]cty.Value, len(v))
		for i, item := range v {
			var err error
			if items[i], err = ctyOf(item); err != nil {
				return cty.NilVal, err
			}
		}
		return cty.TupleVal(items), nil
	case []string:
		items := make([]cty.Value, len(v))
		for i, item := range v {
			items[i] = cty.StringVal(item)
		}
		return cty.TupleVal(items), nil
	case map[string]any:
		fields := map[string]cty.Value{}
		for key, item := range v {
			var err error
			if fields[key], err = ctyOf(item); err != nil {
				return cty.NilVal, err
			}
		}
		return cty.ObjectVal(fields), nil
	}
	return cty.NilVal, fmt.Errorf("%v cannot be written", v)
}

// reformatted lays a changed block out as the formatter of the language does, if that is how it was.
func reformatted(was []byte, b *hclsyntax.Block, now []byte) []byte {
	start := lineStart(was, b.Range().Start.Byte)
	end := b.Range().End.Byte
	tail := len(was) - end
	lf := func(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }
	old, fresh := lf(was[start:end]), now[start:len(now)-tail]
	if !bytes.Equal(hclwrite.Format(old), old) {
		return now
	}
	formatted := hclwrite.Format(lf(fresh))
	if bytes.Contains(was[start:end], []byte("\r\n")) {
		formatted = bytes.ReplaceAll(formatted, []byte("\n"), []byte("\r\n"))
	}
	return slices.Concat(now[:start], formatted, was[end:])
}
