package jsonscan

import "bytes"

// SkipValid is Skip for text that is known to be JSON. It checks nothing, which is faster, and passes values of any depth, so that
// one odd value does not cost those around it. Of other text it gives some place that is not after the end.
func SkipValid(b []byte, i int) int {
	if i < len(b) && b[i] == '"' {
		return skipValidString(b, i)
	}
	if i >= len(b) || b[i] != '{' && b[i] != '[' {
		for i < len(b) && inScalar[b[i]] {
			i++
		}
		return min(i, len(b))
	}
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipValidString(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
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

// short is how many bytes of a string are looked at one by one: most are shorter, and for those looking for the end at once
// costs more than it saves.
const short = 24

// skipValidString wants b[i] to be the opening quote.
func skipValidString(b []byte, i int) int {
	for most := min(len(b), i+short); ; {
		if i++; i >= most {
			break
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	for i < len(b) {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			break
		}
		end := i + n
		escape := end
		for escape > i && b[escape-1] == '\\' {
			escape--
		}
		i = end + 1
		if (end-escape)%2 == 0 {
			return i
		}
	}
	return len(b)
}
