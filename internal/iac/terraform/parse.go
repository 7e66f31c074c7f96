package terraform

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/stancehq/stance/internal/iac"
)

const (
	// maxTold bounds how many errors of one file are told.
	maxTold = 50
	// maxJoined is how many pieces of a broken file may be one block: the text in it may look like the beginning of another.
	maxJoined = 4
)

// keyword finds where a block of a module may begin. People and formatters write it in the first column.
var keyword = regexp.MustCompile(`(?m)^(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|removed|check|ephemeral)\b`)

// parseNative parses a file of the native syntax. The parser loses all that follows an error, so a file with one is cut into
// pieces where blocks begin, and these are parsed alone. A block with an error in it is left out whole, since without its missing
// part it would say something else.
func parseNative(name string, text []byte, limits iac.Limits) ([]*hclsyntax.Block, []iac.Problem) {
	start := hcl.InitialPos
	if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		start.Byte = 3
	}
	blocks, broken := parsePiece(name, text, start, len(text), limits)
	if broken == nil {
		return blocks, nil
	}
	if broken.Kind == iac.LimitReached {
		return nil, []iac.Problem{*broken}
	}
	p := &pieces{name: name, text: text, limits: limits}
	p.cut(start)
	return p.parse()
}

// parsePiece parses a part of a file: all blocks that are whole before the first error, and that.
func parsePiece(name string, text []byte, from hcl.Pos, to int, limits iac.Limits) ([]*hclsyntax.Block, *iac.Problem) {
	piece := text[from.Byte:to]
	if why := guard(piece, limits.Nesting, hclsyntax.LexConfig); why != "" {
		return nil, &iac.Problem{Kind: iac.LimitReached, What: why, Range: iac.Range{File: name, Line: from.Line}}
	}
	file, diags := hclsyntax.ParseConfig(piece, name, from)
	body, _ := file.Body.(*hclsyntax.Body)
	first := firstError(diags)
	if first == nil {
		return body.Blocks, nil
	}
	var blocks []*hclsyntax.Block
	for _, block := range body.Blocks {
		if block.CloseBraceRange.End.Byte <= first.Subject.Start.Byte && isClosed(text, block) {
			blocks = append(blocks, block)
		}
	}
	problem := brokenAt(name, first)
	return blocks, &problem
}

// pieces are the parts of a broken file, each of which begins where a block may begin.
type pieces struct {
	name   string
	text   []byte
	limits iac.Limits
	starts []hcl.Pos // and the end of the file
}

func (p *pieces) cut(from hcl.Pos) {
	at := from
	p.starts = append(p.starts, at)
	for _, found := range keyword.FindAllIndex(p.text[from.Byte:], -1) {
		next := from.Byte + found[0]
		if next == at.Byte {
			continue
		}
		at = hcl.Pos{Byte: next, Line: at.Line + bytes.Count(p.text[at.Byte:next], []byte("\n")), Column: 1}
		p.starts = append(p.starts, at)
	}
	p.starts = append(p.starts, hcl.Pos{Byte: len(p.text)})
}

func (p *pieces) parse() ([]*hclsyntax.Block, []iac.Problem) {
	var blocks []*hclsyntax.Block
	var problems []iac.Problem
	untold := 0
	for i := 0; i < len(p.starts)-1; {
		whole, problem, n := p.block(i)
		blocks = append(blocks, whole...)
		i += n
		switch {
		case problem == nil:
		case len(problems) < maxTold:
			problems = append(problems, *problem)
		default:
			untold++
		}
	}
	if untold > 0 {
		what := fmt.Sprintf("it has too many errors: %d more are not told", untold)
		problems = append(problems, iac.Problem{Kind: iac.Broken, What: what, Range: iac.Range{File: p.name}})
	}
	return blocks, problems
}

// block parses one piece, with the next ones if it is not whole alone. It tells how many pieces that were.
func (p *pieces) block(i int) ([]*hclsyntax.Block, *iac.Problem, int) {
	var alone []*hclsyntax.Block
	var problem *iac.Problem
	for n := 1; n <= maxJoined && i+n < len(p.starts); n++ {
		blocks, broken := parsePiece(p.name, p.text, p.starts[i], p.starts[i+n].Byte, p.limits)
		if broken == nil {
			return blocks, nil, n
		}
		if n == 1 {
			alone, problem = blocks, broken
		}
	}
	return alone, problem, 1
}

// isClosed tells that the parser found the end of a block: of a broken one it gives the part that it understood.
func isClosed(text []byte, b *hclsyntax.Block) bool {
	at := b.CloseBraceRange.Start.Byte
	return at > b.OpenBraceRange.Start.Byte && at < len(text) && text[at] == '}'
}

// firstError is the error with the first place.
func firstError(diags hcl.Diagnostics) *hcl.Diagnostic {
	var first *hcl.Diagnostic
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil && (first == nil || d.Subject.Start.Byte < first.Subject.Start.Byte) {
			first = d
		}
	}
	return first
}

func brokenAt(name string, d *hcl.Diagnostic) iac.Problem {
	at := place(*d.Subject)
	at.File = name
	return iac.Problem{Kind: iac.Broken, What: "the block was left out: " + sayDiagnostic(d), Range: at}
}

// sayDiagnostic is an error of the library as one sentence.
func sayDiagnostic(d *hcl.Diagnostic) string {
	detail := strings.TrimSuffix(strings.Join(strings.Fields(d.Detail), " "), ".")
	if detail == "" {
		return d.Summary
	}
	return fmt.Sprintf("%s: %s", d.Summary, detail)
}

// place is a range of the library, whose ends are those of the next character, as ours.
func place(r hcl.Range) iac.Range {
	out := iac.Range{
		File: r.Filename, Line: r.Start.Line, Column: r.Start.Column, EndLine: r.End.Line, EndColumn: r.End.Column - 1,
		StartByte: r.Start.Byte, EndByte: r.End.Byte,
	}
	if out.EndColumn < 1 { // behind a line's end: that of heredocs
		out.EndLine, out.EndColumn = max(out.EndLine-1, out.Line), 1
	}
	return out
}
