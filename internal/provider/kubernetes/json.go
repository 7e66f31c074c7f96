package kubernetes

import (
	"bytes"
	"encoding/json"
)

// The functions here walk JSON text without decoding it, because a page of whole objects is large and nearly all of it is passed
// on as it is. The text must be valid.

// eachMember visits the members of an object in their order. It does nothing to what is no object.
func eachMember(object []byte, visit func(key string, value []byte)) {
	i := space(object, 0)
	if i >= len(object) || object[i] != '{' {
		return
	}
	for i = space(object, i+1); i < len(object) && object[i] == '"'; i = space(object, i) {
		keyEnd := valueEnd(object, i)
		start := space(object, space(object, keyEnd)+1) // after the colon
		end := valueEnd(object, start)
		visit(unquote(object[i:keyEnd]), object[start:end])
		if i = space(object, end); i < len(object) && object[i] == ',' {
			i++
		}
	}
}

// eachElement visits the elements of a list in their order, until one is an error. It does nothing to what is no list.
func eachElement(list []byte, visit func(value []byte) error) error {
	i := space(list, 0)
	if i >= len(list) || list[i] != '[' {
		return nil
	}
	for i = space(list, i+1); i < len(list) && list[i] != ']'; i = space(list, i) {
		end := valueEnd(list, i)
		if err := visit(list[i:end]); err != nil {
			return err
		}
		if i = space(list, end); i < len(list) && list[i] == ',' {
			i++
		}
	}
	return nil
}

// elements are those of a list.
func elements(list []byte) [][]byte {
	var all [][]byte
	_ = eachElement(list, func(value []byte) error { all = append(all, value); return nil })
	return all
}

// pair is a member of an object.
type pair struct {
	key   string
	value []byte
}

// members appends the members of an object to a list.
func members(list []pair, object []byte) []pair {
	eachMember(object, func(key string, value []byte) { list = append(list, pair{key, value}) })
	return list
}

func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return i
}

// valueEnd is the index after the value that starts at i.
func valueEnd(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
			continue
		default:
			if n := bytes.IndexAny(text[i:], ",}] \n\t\r"); n >= 0 {
				i += n
			} else {
				i = len(text)
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return len(text)
}

// stringEnd is the index after the text that starts with the quote at i.
func stringEnd(text []byte, i int) int {
	for i++; i < len(text); {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text)
		}
		end := i + n
		escapes := 0
		for text[end-1-escapes] == '\\' {
			escapes++
		}
		if i = end + 1; escapes%2 == 0 {
			return i
		}
	}
	return len(text)
}

// unquote gives a JSON text's value; empty for what is no text.
func unquote(text []byte) string {
	if len(text) < 2 || text[0] != '"' {
		return ""
	}
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1])
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return ""
	}
	return s
}

// member writes one more member of an object that is being written: key is plain.
func member(out *bytes.Buffer, key string, value []byte) {
	if last := out.Bytes()[out.Len()-1]; last != '{' {
		out.WriteByte(',')
	}
	out.WriteString(quote(key))
	out.WriteByte(':')
	out.Write(value)
}

// quote is a text as JSON.
func quote(text string) string {
	data, err := json.Marshal(text)
	if err != nil { // texts always can be
		return `""`
	}
	return string(data)
}
