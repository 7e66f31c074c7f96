// Package jsonscan walks JSON text in place: it finds where values begin and end, and visits the members of objects and the
// items of lists, without building them. Every byte that it passes is checked, so what it accepts is JSON, and it accepts
// what RFC 8259 allows up to MaxDepth levels of nesting. It does not check that text is valid UTF-8.
package jsonscan

import (
	"bytes"
	"fmt"
)

// MaxDepth is how deeply values may nest. Real documents stay below 40; a deeper one is an attack or a mistake.
const MaxDepth = 512

// Error says what is wrong with the text, and at which byte.
type Error struct {
	Offset  int
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s at byte %d", e.Message, e.Offset) }

// Kinds of a value, as Kind gives them.
const (
	Null   = 'n'
	Bool   = 't'
	Number = '0'
	String = '"'
	List   = '['
	Object = '{'
)

// Kind tells what kind of value begins at i, which must be its first byte; 0 for none.
func Kind(b []byte, i int) byte {
	if i >= len(b) {
		return 0
	}
	switch c := b[i]; {
	case c == '{' || c == '[' || c == '"' || c == 'n' || c == 't':
		return c
	case c == 'f':
		return Bool
	case c == '-' || isDigit(c):
		return Number
	}
	return 0
}

// Space gives the first place from i on that is not white space.
func Space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// Document gives the one value that the text consists of, without the white space around it.
func Document(b []byte) ([]byte, error) {
	start := Space(b, 0)
	end, err := Skip(b, start)
	if err != nil {
		return nil, err
	}
	if rest := Space(b, end); rest < len(b) {
		return nil, &Error{rest, "more text after the value"}
	}
	return b[start:end], nil
}

// Members visits each member of the object that begins at i, and gives the place after it. The visitor is handed the key,
// unquoted, and where its value begins, and returns where it ends: Skip does that for those it has no use for.
func Members(b []byte, i int, visit func(key []byte, value int) (end int, err error)) (int, error) {
	if Kind(b, i) != Object {
		return i, &Error{i, "an object was expected"}
	}
	i = Space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		key, value, err := memberKey(b, i)
		if err != nil {
			return i, err
		}
		end, err := visit(key, value)
		if err != nil {
			return i, err
		}
		i = Space(b, end)
		switch {
		case i < len(b) && b[i] == ',':
			i = Space(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1, nil
		default:
			return i, &Error{i, "a comma or } was expected"}
		}
	}
}

// Items visits each item of the list that begins at i, as Members does.
func Items(b []byte, i int, visit func(value int) (end int, err error)) (int, error) {
	if Kind(b, i) != List {
		return i, &Error{i, "a list was expected"}
	}
	i = Space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := visit(i)
		if err != nil {
			return i, err
		}
		i = Space(b, end)
		switch {
		case i < len(b) && b[i] == ',':
			i = Space(b, i+1)
		case i < len(b) && b[i] == ']':
			return i + 1, nil
		default:
			return i, &Error{i, "a comma or ] was expected"}
		}
	}
}

// memberKey reads "key": and gives the key and where its value begins.
func memberKey(b []byte, i int) (key []byte, value int, err error) {
	end, err := skipKey(b, i)
	if err != nil {
		return nil, i, err
	}
	token := b[i:end]
	key = token[1 : len(token)-1]
	if bytes.IndexByte(key, '\\') >= 0 {
		key = []byte(Unquote(token))
	}
	if value, err = colon(b, end); err != nil {
		return nil, i, err
	}
	return key, value, nil
}

func skipKey(b []byte, i int) (int, error) {
	if i >= len(b) || b[i] != '"' {
		return i, &Error{i, "a key was expected"}
	}
	return skipString(b, i)
}

func colon(b []byte, i int) (int, error) {
	i = Space(b, i)
	if i >= len(b) || b[i] != ':' {
		return i, &Error{i, "a colon was expected"}
	}
	return Space(b, i+1), nil
}
