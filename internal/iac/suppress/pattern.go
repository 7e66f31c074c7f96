package suppress

import "strings"

// matchText tells whether a text is as a pattern says: * stands for any letters, also none, and everything else for itself.
func matchText(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	for ok {
		var piece string
		piece, rest, star = strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, piece)
		}
		_, text, ok = strings.Cut(text, piece)
	}
	return false
}

// matchSegments tells whether segments are as a pattern says: ** stands for any number of them, also none. With prefix, it is
// enough if the first ones are.
func matchSegments(pattern, segments []string, match func(pattern, segment string) bool, prefix bool) bool {
	// The pattern's segments go down, those of the name across: whether the first i match the first j. So the cost is bounded,
	// however many ** there are.
	reached := make([]bool, len(segments)+1)
	reached[0] = true
	for _, p := range pattern {
		next := make([]bool, len(segments)+1)
		for j := range next {
			switch {
			case p == "**":
				next[j] = reached[j] || j > 0 && next[j-1]
			case j > 0:
				next[j] = reached[j-1] && match(p, segments[j-1])
			}
		}
		reached = next
	}
	if prefix {
		for _, yes := range reached[min(1, len(segments)):] {
			if yes {
				return true
			}
		}
	}
	return reached[len(segments)]
}

// address is a resource's, or a pattern of them, by its segments.
type address struct {
	separator byte // 0 if there is but one segment
	segments  []string
}

// splitAddress cuts at slashes if there are any, else at dots: Deployment/shop/my.app has three segments, module.logs["a.b"] two.
// What stands in brackets is not cut.
func splitAddress(text string) address {
	var dots, slashes []int
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && depth > 0:
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']' && depth > 0:
			depth--
		case depth > 0:
		case c == '.':
			dots = append(dots, i)
		case c == '/':
			slashes = append(slashes, i)
		}
	}
	switch {
	case slashes != nil:
		return address{'/', cut(text, slashes)}
	case dots != nil:
		return address{'.', cut(text, dots)}
	}
	return address{0, []string{text}}
}

func cut(text string, at []int) []string {
	segments := make([]string, 0, len(at)+1)
	begin := 0
	for _, i := range at {
		segments = append(segments, text[begin:i])
		begin = i + 1
	}
	return append(segments, text[begin:])
}

func (a address) matches(own address) bool {
	if a.separator != 0 && own.separator != 0 && a.separator != own.separator {
		return false
	}
	return matchSegments(a.segments, own.segments, matchInstance, false)
}

// matchInstance matches a segment of an address. A pattern without an index stands for all instances, as -target has it.
func matchInstance(pattern, segment string) bool {
	if matchText(pattern, segment) {
		return true
	}
	name, _, indexed := strings.Cut(segment, "[")
	return indexed && !strings.Contains(pattern, "[") && matchText(pattern, name)
}
