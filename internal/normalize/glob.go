package normalize

import "unicode/utf8"

// Glob says whether the text matches the pattern the way IAM matches: * stands for any characters, also none and also
// slashes and colons, and ? for exactly one; everything else stands for itself, with its case. IAM disregards the case of
// actions, which PolicyDocument writes in lower case, and heeds that of resources.
func Glob(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0 // the last * and the place in text up to which it reaches
	for t < len(text) {
		_, size := utf8.DecodeRuneInString(text[t:])
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == '?':
			p++
			t += size
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			// Let the last * take one character more, and try what follows it again.
			_, size := utf8.DecodeRuneInString(text[mark:])
			mark += size
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
