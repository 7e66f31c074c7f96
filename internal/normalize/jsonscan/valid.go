package jsonscan

import "bytes"

// SkipValid is Skip for text that is known to be JSON. It checks nothing, which is faster, and passes values of any depth, so that
// one odd value does not cost those around it. Of other text it gives some place that is not after the end.
func SkipValid(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipValidString(b, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		default: // a number or a word; within an object or a list also what stands between values
			for i++; i < len(b) && inScalar[b[i]]; i++ {
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return len(b)
}

// inScalar marks the bytes that do not end a number or a word.
var inScalar = func() (table [256]bool) {
	for c := range table {
		table[c] = bytes.IndexByte([]byte("{}[]\",: \n\t\r"), byte(c)) < 0
	}
	return table
}()

// skipValidString wants b[i] to be the opening quote.
func skipValidString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(b)
}
