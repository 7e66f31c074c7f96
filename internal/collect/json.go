package collect

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Documents stay JSON text from the wire to the spool: as maps they would take five times the memory. The functions here
// walk such text in place. They trust it to be valid, which is proved once for each answer.

// errEnough ends a walk early. It is not told anybody.
var errEnough = errors.New("enough")

// fields calls yield for each member of an object until it returns false. Keys are without quotes, unescaped.
func fields(b []byte, yield func(key, value []byte) bool) {
	_, _ = jsonscan.Members(b, jsonscan.Space(b, 0), func(key []byte, start int) (int, error) {
		end := jsonscan.SkipValid(b, start)
		if !yield(key, b[start:end:end]) {
			return end, errEnough
		}
		return end, nil
	})
}

// elements calls yield for each element of a list until it returns false.
func elements(b []byte, yield func(value []byte) bool) {
	_, _ = jsonscan.Items(b, jsonscan.Space(b, 0), func(start int) (int, error) {
		end := jsonscan.SkipValid(b, start)
		if !yield(b[start:end:end]) {
			return end, errEnough
		}
		return end, nil
	})
}

// kindOf is the first byte of a value, which tells its kind: { [ " t f n, and 0 for numbers. Nothing is null.
func kindOf(b []byte) byte {
	i := jsonscan.Space(b, 0)
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
		return jsonscan.Unquote(b)
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
