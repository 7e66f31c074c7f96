package terraform

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxOperators bounds how deep a tree of operators may become: a chain of a+a+a… is as deep as it is long, and parsing and
// evaluating one recurses. A stack that overflows cannot be recovered from.
const maxOperators = 20_000

// guard says why a text must not be given to the parser; empty if it may. lex is the scanner of the text's grammar.
func guard(text []byte, nesting int, lex func([]byte, string, hcl.Pos) (hclsyntax.Tokens, hcl.Diagnostics)) string {
	// Most texts have fewer brackets in all than may be within each other. The others are scanned twice.
	brackets := bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{")) + bytes.Count(text, []byte("("))
	operators := 0
	for _, operator := range []string{"?", "!", "-", "+", "*", "/", "%", "&&", "||", "<", ">", "=="} {
		operators += bytes.Count(text, []byte(operator))
	}
	if brackets <= nesting && operators+brackets <= maxOperators {
		return ""
	}
	tokens, _ := lex(text, "", hcl.InitialPos)
	depth, chain := deepest(tokens)
	if depth > nesting {
		return fmt.Sprintf("brackets are nested more than %d deep, so it was not read", nesting)
	}
	if chain > maxOperators {
		return fmt.Sprintf("an expression has more than %d operators within each other, so it was not read", maxOperators)
	}
	return ""
}

// level is what stands between a bracket and its partner.
type level struct {
	operators int // of the expression that is being read
	below     int // the deepest bracket in it
	best      int // of the expressions before it
	lines     bool
}

func (l *level) next() {
	l.best = max(l.best, l.operators+l.below)
	l.operators, l.below = 0, 0
}

// deepest gives how deep brackets are nested, and an upper bound of how deep trees of operators become.
func deepest(tokens hclsyntax.Tokens) (brackets, operators int) {
	open := []level{{lines: true}}
	depth := 0
	for i := range tokens {
		last := &open[len(open)-1]
		switch tokens[i].Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
			brackets = max(brackets, depth)
			last.operators++
			open = append(open, level{lines: tokens[i].Type == hclsyntax.TokenOBrace})
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			open = append(open, level{})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd,
			hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if tokens[i].Type != hclsyntax.TokenCQuote && tokens[i].Type != hclsyntax.TokenCHeredoc {
				depth = max(depth-1, 0)
			}
			if len(open) > 1 {
				last.next()
				outer := &open[len(open)-2]
				outer.below = max(outer.below, last.best+1)
				open = open[:len(open)-1]
			}
		case hclsyntax.TokenComma:
			last.next()
		case hclsyntax.TokenNewline:
			if last.lines {
				last.next()
			}
		case hclsyntax.TokenQuestion, hclsyntax.TokenBang, hclsyntax.TokenMinus, hclsyntax.TokenPlus, hclsyntax.TokenStar,
			hclsyntax.TokenSlash, hclsyntax.TokenPercent, hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenEqualOp,
			hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq, hclsyntax.TokenGreaterThan,
			hclsyntax.TokenGreaterThanEq:
			last.operators++
		}
		operators = max(operators, open[len(open)-1].operators+open[len(open)-1].below)
	}
	for i := len(open) - 1; i >= 0; i-- {
		open[i].next()
		operators = max(operators, open[i].best)
		if i > 0 {
			open[i-1].below = max(open[i-1].below, open[i].best+1)
		}
	}
	return brackets, operators
}
