package collect

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Documents stay JSON text from the wire to the spool: as maps they would take five times the memory. The functions here
// walk such text in place. They trust it to be valid, which is proved once for each answer.

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index behind the string that starts at b[i].
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// skipValue returns the index behind the value that starts at b[i].
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return len(b)
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		for depth := 0; i < len(b); {
			switch b[i] {
			case '"':
				i = skipString(b, i)
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
	for i < len(b) {
		switch b[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

// fields calls yield for each member of an object until it returns false. Keys are without quotes, unescaped.
func fields(b []byte, yield func(key, value []byte) bool) {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '{' {
		return
	}
	for i++; i < len(b); i++ {
		i = skipSpace(b, i)
		if i >= len(b) || b[i] != '"' {
			return
		}
		end := skipString(b, i)
		key := b[i+1 : end-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			var s string
			if json.Unmarshal(b[i:end], &s) == nil {
				key = []byte(s)
			}
		}
		i = skipSpace(b, end) // the colon
		i = skipSpace(b, i+1)
		end = skipValue(b, i)
		if !yield(key, b[i:end:end]) {
			return
		}
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != ',' {
			return
		}
	}
}

// elements calls yield for each element of a list until it returns false.
func elements(b []byte, yield func(value []byte) bool) {
	i := skipSpace(b, 0)
	if i >= len(b) || b[i] != '[' {
		return
	}
	for i++; i < len(b); i++ {
		i = skipSpace(b, i)
		if i >= len(b) || b[i] == ']' {
			return
		}
		end := skipValue(b, i)
		if !yield(b[i:end:end]) {
			return
		}
		i = skipSpace(b, end)
		if i >= len(b) || b[i] != ',' {
			return
		}
	}
}

// kindOf is the first byte of a value, which tells its kind: { [ " t f n, and 0 for numbers. Nothing is null.
func kindOf(b []byte) byte {
	i := skipSpace(b, 0)
	if i >= len(b) {
		return 'n'
	}
	switch b[i] {
	case '{', '[', '"', 't', 'f', 'n':
		return b[i]
	}
	return '0'
}

func isNull(b []byte) bool { return kindOf(b) == 'n' }

func field(b []byte, name string) []byte {
	var found []byte
	fields(b, func(key, value []byte) bool {
		if string(key) == name {
			found = value
			return false
		}
		return true
	})
	return found
}

// lookup finds the value at a path; a list on the way maps over its items. Nil means absent or null.
func lookup(b []byte, path []string) []byte {
	for i, name := range path {
		switch kindOf(b) {
		case '{':
			b = field(b, name)
		case '[':
			return lookupEach(b, path[i:])
		default:
			return nil
		}
	}
	if isNull(b) {
		return nil
	}
	return b
}

func lookupEach(list []byte, path []string) []byte {
	out := []byte{'['}
	add := func(v []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, v...)
	}
	elements(list, func(e []byte) bool {
		v := lookup(e, path)
		switch {
		case v == nil:
		case kindOf(e) == '[' || kindOf(v) == '[' && len(path) > 0:
			elements(v, func(x []byte) bool { add(x); return true })
		default:
			add(v)
		}
		return true
	})
	return append(out, ']')
}

// text is a scalar as it reads without quotes; for a list or object its JSON.
func text(b []byte) string {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '"' {
		if bytes.IndexByte(b, '\\') < 0 {
			return string(b[1 : len(b)-1])
		}
		var s string
		if json.Unmarshal(b, &s) == nil {
			return s
		}
	}
	return string(b)
}

// decode turns JSON text into the kinds of values that a provider.Request holds; integers stay exact.
func decode(b []byte) any {
	switch kindOf(b) {
	case '"':
		return text(b)
	case 't':
		return true
	case 'f':
		return false
	case 'n':
		return nil
	case '[':
		list := []any{}
		elements(b, func(e []byte) bool { list = append(list, decode(e)); return true })
		return list
	case '{':
		object := map[string]any{}
		fields(b, func(k, v []byte) bool { object[string(k)] = decode(v); return true })
		return object
	}
	s := string(bytes.TrimSpace(b))
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// without copies an object and leaves out the members that drop names.
func without(b []byte, drop func(key string) bool) []byte {
	out := make([]byte, 1, len(b))
	out[0] = '{'
	fields(b, func(k, v []byte) bool {
		if !drop(string(k)) {
			out = appendMember(out, string(k), v)
		}
		return true
	})
	return append(out, '}')
}

// appendMember adds a member to an object that is being written and not yet closed.
func appendMember(out []byte, key string, value []byte) []byte {
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	out = jsonscan.AppendQuoted(out, key)
	out = append(out, ':')
	return append(out, value...)
}

func splitPath(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ".")
}
