package jsonscan

// Skip gives the place after the value that begins at i, which must be its first byte. It needs no memory and no stack,
// however deep the value is.
func Skip(b []byte, i int) (int, error) {
	var objects [MaxDepth/64 + 1]uint64 // one bit a level: set for an object, clear for a list
	depth := 0
	inObject := func() bool { return objects[depth>>6]&(1<<(depth&63)) != 0 }
	var err error
	for {
		// A value begins here.
		switch Kind(b, i) {
		case Object, List:
			isObject := b[i] == '{'
			closing := b[i] + 2 // '}' and ']' stand two after '{' and '['
			if depth++; depth > MaxDepth {
				return i, &Error{i, "nested too deeply"}
			}
			objects[depth>>6] &^= 1 << (depth & 63)
			if isObject {
				objects[depth>>6] |= 1 << (depth & 63)
			}
			i = Space(b, i+1)
			if i < len(b) && b[i] == closing {
				i++
				depth--
				break
			}
			if isObject {
				if i, err = skipMemberKey(b, i); err != nil {
					return i, err
				}
			}
			continue
		case String:
			i, err = skipString(b, i)
		case Number:
			i, err = skipNumber(b, i)
		case Bool:
			if b[i] == 't' {
				i, err = skipWord(b, i, "true")
			} else {
				i, err = skipWord(b, i, "false")
			}
		case Null:
			i, err = skipWord(b, i, "null")
		default:
			err = &Error{i, "a value was expected"}
		}
		if err != nil {
			return i, err
		}
		// A value ended here: close what ends with it, then go on to the next.
		for {
			if depth == 0 {
				return i, nil
			}
			i = Space(b, i)
			if i >= len(b) {
				return i, &Error{i, "the text ends within a value"}
			}
			if b[i] == ',' {
				i = Space(b, i+1)
				if inObject() {
					if i, err = skipMemberKey(b, i); err != nil {
						return i, err
					}
				}
				break
			}
			closing := byte(']')
			if inObject() {
				closing = '}'
			}
			if b[i] != closing {
				return i, &Error{i, "a comma or " + string(closing) + " was expected"}
			}
			i++
			depth--
		}
	}
}

func skipMemberKey(b []byte, i int) (int, error) {
	i, err := skipKey(b, i)
	if err != nil {
		return i, err
	}
	return colon(b, i)
}

func skipWord(b []byte, i int, word string) (int, error) {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return i, &Error{i, "a value was expected"}
	}
	return i + len(word), nil
}

// plain marks the bytes that stand for themselves within a string.
var plain = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return table
}()

// skipString wants b[i] to be the opening quote.
func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); {
		c := b[i]
		if plain[c] {
			i++
			continue
		}
		switch {
		case c == '"':
			return i + 1, nil
		case c < 0x20:
			return i, &Error{i, "a control character in a string"}
		}
		if i+1 >= len(b) {
			break
		}
		switch b[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i += 2
		case 'u':
			if _, ok := hex4(b, i+2); !ok {
				return i, &Error{i, "a broken escape in a string"}
			}
			i += 6
		default:
			return i, &Error{i, "a broken escape in a string"}
		}
	}
	return len(b), &Error{len(b), "a string without an end"}
}

func skipNumber(b []byte, i int) (int, error) {
	digits := func() bool {
		start := i
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		return i > start
	}
	if b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return i, &Error{i, "a digit was expected"}
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return i, &Error{i, "a digit was expected"}
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return i, &Error{i, "a digit was expected"}
		}
	}
	return i, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
