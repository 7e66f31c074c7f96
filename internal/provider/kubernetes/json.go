package kubernetes

import (
	"bytes"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// The functions here walk JSON text without decoding it, because a page of whole objects is large and nearly all of it is passed
// on as it is. The text must be valid. It may be deeper than others read: one such object must not hide the rest of its list.

// eachMember visits the members of an object in their order. It does nothing to what is no object.
func eachMember(object []byte, visit func(key, value []byte)) {
	_, _ = jsonscan.Members(object, jsonscan.Space(object, 0), func(key []byte, start int) (int, error) {
		end := jsonscan.SkipValid(object, start)
		visit(key, object[start:end])
		return end, nil
	})
}

// eachElement visits the elements of a list in their order, until one is an error. It does nothing to what is no list.
func eachElement(list []byte, visit func(value []byte) error) error {
	start := jsonscan.Space(list, 0)
	if jsonscan.Kind(list, start) != jsonscan.List {
		return nil
	}
	_, err := jsonscan.Items(list, start, func(start int) (int, error) {
		end := jsonscan.SkipValid(list, start)
		return end, visit(list[start:end])
	})
	return err
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
	eachMember(object, func(key, value []byte) { list = append(list, pair{string(key), value}) })
	return list
}

// unquote gives a JSON text's value; empty for what is no text.
func unquote(value []byte) string {
	if jsonscan.Kind(value, 0) != jsonscan.String {
		return ""
	}
	text := jsonscan.Unquote(value)
	if !utf8.ValidString(text) {
		text = string([]rune(text)) // as it comes back from Answer.Next
	}
	return text
}

// member writes one more member of an object that is being written.
func member(out *bytes.Buffer, key string, value []byte) {
	if last := out.Bytes()[out.Len()-1]; last != '{' {
		out.WriteByte(',')
	}
	out.Write(append(jsonscan.AppendQuoted(out.AvailableBuffer(), key), ':'))
	out.Write(value)
}

// quote is a text as JSON.
func quote(text string) []byte { return jsonscan.AppendQuoted(nil, text) }
