package functions

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/stancehq/stance/internal/iac"
)

func texts(limits iac.Limits) map[string]function.Function {
	s := cty.String
	text := parameter("string", s)
	return map[string]function.Function{
		"basename":    plain(s, onText(path.Base), parameter("path", s)),
		"chomp":       computed(stdlib.ChompFunc),
		"dirname":     plain(s, onText(path.Dir), parameter("path", s)),
		"endswith":    plain(cty.Bool, onTexts(strings.HasSuffix), text, parameter("suffix", s)),
		"format":      filled(stdlib.FormatFunc, formatCause(limits.TextBytes), isText),
		"formatlist":  filled(stdlib.FormatListFunc, formatCause(limits.TextBytes), isTextOrList),
		"indent":      bounded(stdlib.IndentFunc, indentCause(limits.TextBytes)),
		"join":        filled(stdlib.JoinFunc, joinCause(limits.TextBytes), known),
		"lower":       computed(stdlib.LowerFunc),
		"regex":       computed(stdlib.RegexFunc),
		"regexall":    computed(stdlib.RegexAllFunc),
		"replace":     plain(s, replace(limits.TextBytes), parameter("str", s), parameter("substr", s), parameter("replace", s)),
		"split":       bounded(stdlib.SplitFunc, splitCause),
		"startswith":  plain(cty.Bool, onTexts(strings.HasPrefix), text, parameter("prefix", s)),
		"strcontains": plain(cty.Bool, onTexts(strings.Contains), text, parameter("substr", s)),
		"strrev":      computed(stdlib.ReverseFunc),
		"substr":      computed(stdlib.SubstrFunc),
		"title":       computed(stdlib.TitleFunc),
		"trim":        computed(stdlib.TrimFunc),
		"trimprefix":  computed(stdlib.TrimPrefixFunc),
		"trimspace":   computed(stdlib.TrimSpaceFunc),
		"trimsuffix":  computed(stdlib.TrimSuffixFunc),
		"upper":       computed(stdlib.UpperFunc),
	}
}

// isText tells of an argument with something unknown whether it is text as a whole: lists are written as JSON.
func isText(arg cty.Value) bool { return !known(arg) }

// isTextOrList tells of an argument with something unknown whether it is one text for all results, or a list with one for each.
func isTextOrList(arg cty.Value) bool {
	return known(arg) && isSequence(arg.Type()) || arg.Type().IsPrimitiveType() || identity(arg)
}

func onText(f func(string) string) implementation {
	return func(args []cty.Value) (cty.Value, error) { return cty.StringVal(f(args[0].AsString())), nil }
}

func onTexts(f func(a, b string) bool) implementation {
	return func(args []cty.Value) (cty.Value, error) {
		return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
	}
}

// replace takes a text between slashes for a regular expression.
func replace(limit int) implementation {
	return func(args []cty.Value) (cty.Value, error) {
		str, sub, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
		if len(sub) > 1 && sub[0] == '/' && sub[len(sub)-1] == '/' {
			pattern, err := regexp.Compile(sub[1 : len(sub)-1])
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(1, "invalid regexp pattern: %w", err)
			}
			// Each match can insert each group as often as the replacement names it.
			matches := len(pattern.FindAllStringIndex(str, -1))
			if len(str)+matches*len(with)+strings.Count(with, "$")*len(str) > limit {
				return derived(cty.String, tooLong("replace", limit)), nil
			}
			return cty.StringVal(pattern.ReplaceAllString(str, with)), nil
		}
		if len(str)+strings.Count(str, sub)*len(with) > limit {
			return derived(cty.String, tooLong("replace", limit)), nil
		}
		return cty.StringVal(strings.ReplaceAll(str, sub, with)), nil
	}
}

var digits = regexp.MustCompile(`[0-9]+`)

// formatCause adds up what the format and its arguments could become: the widths in the format, and every argument for each verb.
func formatCause(limit int) func([]cty.Value) string {
	return func(args []cty.Value) string {
		if len(args) == 0 || !args[0].IsKnown() || args[0].IsNull() {
			return ""
		}
		format := args[0].AsString()
		total, rows := len(format), 1
		for _, number := range digits.FindAllString(format, -1) {
			n, err := strconv.Atoi(number)
			if err != nil || n > limit {
				return tooLong("format", limit)
			}
			if total += n; total > limit {
				return tooLong("format", limit)
			}
		}
		longest := 0
		for _, arg := range args[1:] {
			rows = max(rows, size(arg))
			longest = max(longest, weight(arg, limit))
		}
		if verbs := strings.Count(format, "%"); verbs*longest > limit || rows*total > limit {
			return tooLong("format", limit)
		}
		return ""
	}
}

// weight is how much text is in a value, more or less; it stops counting beyond the limit.
func weight(v cty.Value, limit int) int {
	bare, _ := v.Unmark()
	switch {
	case !bare.IsKnown() || bare.IsNull():
		return 0
	case bare.Type() == cty.String:
		return len(bare.AsString())
	case !bare.CanIterateElements():
		return 8
	}
	total := 2
	for it := bare.ElementIterator(); it.Next() && total <= limit; {
		_, e := it.Element()
		total += 4 + weight(e, limit-total)
	}
	return total
}

func indentCause(limit int) func([]cty.Value) string {
	return func(args []cty.Value) string {
		if !args[0].IsWhollyKnown() || !args[1].IsWhollyKnown() {
			return ""
		}
		spaces, err := asInt(args[0])
		if err != nil || spaces < 0 {
			return "" // the function says what is wrong
		}
		text := args[1].AsString()
		if spaces > limit || len(text)+spaces*strings.Count(text, "\n") > limit {
			return tooLong("indent", limit)
		}
		return ""
	}
}

func joinCause(limit int) func([]cty.Value) string {
	return func(args []cty.Value) string {
		total := 0
		for _, list := range args[1:] {
			if total += weight(list, limit) + size(list)*weight(args[0], limit); total > 2*limit {
				return tooLong("join", limit)
			}
		}
		return ""
	}
}

func splitCause(args []cty.Value) string {
	if !args[0].IsKnown() || !args[1].IsKnown() || args[0].IsNull() || args[1].IsNull() {
		return ""
	}
	if strings.Count(args[1].AsString(), args[0].AsString()) >= maxItems {
		return tooMany("split")
	}
	return ""
}
