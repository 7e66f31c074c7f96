package content

import (
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Tags of fixtures, by what they stand for.
const (
	tagAbsent = "!absent"
	tagAgo    = "!ago"
)

// problemTags are the classes of calls that gave no answer, as fixtures write them.
var problemTags = []string{"!denied", "!throttled", "!unsupported", "!broken"}

// freeValue reads what has no form: nil, bool, int64, float64, string, []any and map[string]any; in fixtures also Problem,
// Absent and Ago. Dates stay text, as the APIs write them.
func (w *walker) freeValue(n *yaml.Node, tags bool, what string, depth int) any {
	switch n.Kind {
	case yaml.MappingNode:
		if !w.plainTag(n, "!!map", what) {
			return nil
		}
		object := map[string]any{}
		for _, p := range w.pairs(n, depth) {
			object[p.name] = w.freeBelow(p.value, tags, strconv.Quote(p.name), depth)
		}
		return object
	case yaml.SequenceNode:
		if !w.plainTag(n, "!!seq", what) {
			return nil
		}
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			list = append(list, w.freeBelow(item, tags, "an item of "+what, depth))
		}
		return list
	}
	return w.freeScalar(n, tags, what)
}

func (w *walker) freeBelow(n *yaml.Node, tags bool, what string, depth int) any {
	return w.walk(n, form{kind: formFree, tags: tags}, what, depth+1).any()
}

func (w *walker) freeScalar(n *yaml.Node, tags bool, what string) any {
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return nil
	case "!!str", "!!timestamp":
		return n.Value
	case "!!bool":
		if n.Value == "true" || n.Value == "false" {
			return n.Value == "true"
		}
		w.problem(n, "write true or false", "%s is %s", what, shown(n.Value))
		return nil
	case "!!int", "!!float":
		return w.freeNumber(n, what)
	default:
		if !tags {
			w.problem(n, "", "tag %s cannot stand at %s", tag, what)
			return nil
		}
		return w.fixtureTag(n, tag, what)
	}
}

// freeNumber keeps whole numbers exact. What only looks like a number to YAML (012, 1_000, .inf) must be quoted, because
// readers of YAML differ on what it is.
func (w *walker) freeNumber(n *yaml.Node, what string) any {
	digits := strings.TrimPrefix(n.Value, "-")
	if len(digits) == 1 || (digits != "" && digits[0] != '0') || strings.HasPrefix(digits, "0.") {
		if whole, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return whole
		}
		if number, err := strconv.ParseFloat(n.Value, 64); err == nil && !math.IsInf(number, 0) && !math.IsNaN(number) &&
			!strings.ContainsAny(n.Value, "_xX") {
			return number
		}
	}
	w.problem(n, "put it in quotes if it is text", "%s is %s, which is not a plain decimal number", what, shown(n.Value))
	return nil
}

func (w *walker) fixtureTag(n *yaml.Node, tag, what string) any {
	switch {
	case contains(problemTags, tag):
		return Problem{Class: tag[1:], Detail: n.Value}
	case tag == tagAbsent:
		if n.Value != "" {
			w.problem(n, "", "%s: !absent stands alone", what)
		}
		return Absent{}
	case tag == tagAgo:
		seconds, ok := parseSpan(n.Value)
		if !ok {
			w.problem(n, "write it like 90d, 12h or -30d", "%s: %s is not a span of time", what, shown(n.Value))
		}
		return Ago{Seconds: seconds}
	}
	w.problem(n, DidYouMean(tag, append([]string{tagAbsent, tagAgo}, problemTags...)), "%s: unknown tag %s", what, tag)
	return nil
}

// parseSpan reads 90d, 12h, 1d12h or, for times to come, -30d.
func parseSpan(text string) (seconds int64, ok bool) {
	units := map[byte]int64{'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 7 * 86400}
	const longest = 1000 * 365 * 86400 // keeps the sum far from overflow
	rest, negative := strings.CutPrefix(text, "-")
	if rest == "" {
		return 0, false
	}
	for rest != "" {
		digits := 0
		for digits < len(rest) && '0' <= rest[digits] && rest[digits] <= '9' {
			digits++
		}
		number, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil || digits == len(rest) || units[rest[digits]] == 0 || number > longest/units[rest[digits]] {
			return 0, false
		}
		seconds += number * units[rest[digits]]
		if seconds > longest {
			return 0, false
		}
		rest = rest[digits+1:]
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}
