package functions

import (
	"fmt"
	"strings"
	"unicode/utf8"

	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	syntax "go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/iac"
)

// maxDocument is how long a text may be that is decoded: its values take many times its length.
const maxDocument = 4 << 20

func documents(limits iac.Limits) map[string]function.Function {
	return map[string]function.Function{
		"csvdecode":  bounded(stdlib.CSVDecodeFunc, documentCause("csvdecode")),
		"jsondecode": bounded(stdlib.JSONDecodeFunc, jsonCause(limits.Nesting)),
		"jsonencode": define(jsonEncode(limits.TextBytes), nullable("val", cty.DynamicPseudoType)),
		"yamldecode": bounded(yaml.YAMLDecodeFunc, yamlCause(limits.Nesting)),
		"yamlencode": bounded(yaml.YAMLEncodeFunc, func(args []cty.Value) string {
			if weight(args[0], limits.TextBytes) > limits.TextBytes {
				return tooLong("yamlencode", limits.TextBytes)
			}
			if !isValidText(args[0]) {
				return "yamlencode is given bytes that are no text"
			}
			return ""
		}),
	}
}

// isValidText tells whether all texts within a value are valid: the encoder of YAML never comes to the end of others.
func isValidText(v cty.Value) bool {
	valid := true
	_ = cty.Walk(v, func(path cty.Path, in cty.Value) (bool, error) {
		if len(path) > 0 {
			switch step := path[len(path)-1].(type) {
			case cty.GetAttrStep:
				valid = valid && utf8.ValidString(step.Name)
			case cty.IndexStep:
				if step.Key.IsKnown() && !step.Key.IsNull() && step.Key.Type() == cty.String {
					valid = valid && utf8.ValidString(step.Key.AsString())
				}
			}
		}
		if in.IsKnown() && !in.IsNull() && in.Type() == cty.String {
			valid = valid && utf8.ValidString(in.AsString())
		}
		return valid, nil
	})
	return valid
}

// jsonEncode gives text with holes for values with symbols; each stands in a string of its own, since most are text, and JSON
// with the holes must be JSON still.
func jsonEncode(limit int) implementation {
	return func(args []cty.Value) (cty.Value, error) {
		bare, from := unmark(args)
		if weight(args[0], limit) > limit {
			return derived(cty.String, tooLong("jsonencode", limit), from...), nil
		}
		if !bare[0].IsWhollyKnown() {
			h := &holes{json: true}
			fill := h.fill(args[0])
			if !h.plain {
				result, err := call(stdlib.JSONEncodeFunc, []cty.Value{fill})
				if err != nil {
					return cty.NilVal, hide(err, from)
				}
				return h.value(result, inJSON), nil
			}
		}
		result, err := call(stdlib.JSONEncodeFunc, bare)
		if err != nil {
			return cty.NilVal, err
		}
		return derive(result, from), nil
	}
}

func documentCause(name string) func([]cty.Value) string {
	return func(args []cty.Value) string {
		if args[0].IsKnown() && !args[0].IsNull() && len(args[0].AsString()) > maxDocument {
			return fmt.Sprintf("%s is given more than %d bytes", name, maxDocument)
		}
		return ""
	}
}

// jsonCause counts brackets: decoding goes as deep as they do, and too deep would end the program.
func jsonCause(nesting int) func([]cty.Value) string {
	long := documentCause("jsondecode")
	return func(args []cty.Value) string {
		if why := long(args); why != "" || !args[0].IsKnown() || args[0].IsNull() {
			return why
		}
		depth, quoted := 0, false
		text := args[0].AsString()
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '[' || c == '{':
				if depth++; depth > nesting {
					return fmt.Sprintf("jsondecode is given more than %d brackets within each other", nesting)
				}
			case c == ']' || c == '}':
				depth--
			}
		}
		return ""
	}
}

// yamlCause refuses what could grow without bound: aliases of aliases, and depth.
func yamlCause(nesting int) func([]cty.Value) string {
	long := documentCause("yamldecode")
	return func(args []cty.Value) string {
		if why := long(args); why != "" || !args[0].IsKnown() || args[0].IsNull() {
			return why
		}
		text := args[0].AsString()
		if strings.Count(text, "[")+strings.Count(text, "{") > nesting && depthOf(text, "[{", "]}") > nesting || dashes(text) > nesting {
			return fmt.Sprintf("yamldecode is given more than %d levels within each other", nesting)
		}
		if expands(text) {
			return fmt.Sprintf("yamldecode is given aliases that stand for more than %d values", maxItems)
		}
		return ""
	}
}

// expands tells whether aliases make a document larger than it may be. What cannot be read is left to the function, which says
// what is wrong.
func expands(text string) bool {
	if !strings.Contains(text, "*") || !strings.Contains(text, "&") {
		return false
	}
	var document syntax.Node
	if err := syntax.Unmarshal([]byte(text), &document); err != nil {
		return strings.Count(text, "*") > 20
	}
	return expanded(&document, map[*syntax.Node]int{}) > maxItems
}

// expanded counts the values that a node stands for, up to a little more than maxItems.
func expanded(node *syntax.Node, counted map[*syntax.Node]int) int {
	if n, is := counted[node]; is {
		return n // 0 within itself: the function refuses that
	}
	counted[node] = 0
	total := 1
	if node.Kind == syntax.AliasNode && node.Alias != nil {
		total = expanded(node.Alias, counted)
	}
	for _, child := range node.Content {
		if total += expanded(child, counted); total > maxItems {
			break
		}
	}
	counted[node] = total
	return total
}

// depthOf counts brackets whether they are quoted or not.
func depthOf(text, open, closed string) int {
	depth, most := 0, 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.IndexByte(open, text[i]) >= 0:
			depth++
			most = max(most, depth)
		case strings.IndexByte(closed, text[i]) >= 0:
			depth = max(depth-1, 0)
		}
	}
	return most
}

// dashes is how many "- " or "? " begin one line at most, and how many columns lines are indented: block collections go that deep.
func dashes(text string) int {
	most := 0
	for line := range strings.Lines(text) {
		n := strings.IndexFunc(line, func(r rune) bool { return r != ' ' && r != '-' && r != '?' && r != ':' })
		if n < 0 {
			n = len(line)
		}
		most = max(most, n/2)
	}
	return most
}
