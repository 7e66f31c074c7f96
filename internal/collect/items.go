package collect

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Formats of a document inside an answer.
const (
	asCSV  = "csv"
	asJSON = "json"
)

// items says where the rows are in an answer, and in which form.
type items struct {
	path []string
	as   string
	root *content.Shape // of the whole answer
}

// errKind is an answer whose rows are not where or what its description says.
var errKind = errors.New("unexpected answer")

// rows cuts an answer into one JSON object for each row. The objects may share memory with doc.
func (it *items) rows(doc []byte) ([][]byte, error) {
	var out [][]byte
	err := it.walk(doc, it.root, it.path, func(v []byte, shape *content.Shape) error {
		rows, err := it.form(v, shape)
		out = append(out, rows...)
		return err
	})
	return out, err
}

// value is the value at the path, for a get call: lists stay lists. Nil means absent.
func (it *items) value(doc []byte) ([]byte, error) {
	if it.as != "" {
		return it.inner(doc)
	}
	if len(it.path) == 0 {
		return doc, nil
	}
	err := it.walk(doc, it.root, it.path, func([]byte, *content.Shape) error { return nil })
	return lookup(doc, it.path), err
}

func (it *items) walk(v []byte, shape *content.Shape, path []string, emit func([]byte, *content.Shape) error) error {
	if isNull(v) {
		return nil
	}
	if err := it.agree(v, shape, path); err != nil {
		return err
	}
	kind := kindOf(v)
	switch {
	case kind == '[':
		var elem *content.Shape
		if shape != nil {
			elem = shape.Elem
		}
		var err error
		elements(v, func(e []byte) bool {
			err = it.walk(e, elem, path, emit)
			return err == nil
		})
		return err
	case len(path) == 0:
		return emit(v, shape)
	case kind != '{':
		return it.wrong(path, "an object", v)
	}
	var next *content.Shape
	if shape != nil {
		if shape.Kind == content.KindMap {
			next = shape.Elem
		} else if m := shape.Member(path[0]); m != nil {
			next = m.Shape
		}
	}
	return it.walk(field(v, path[0]), next, path[1:], emit)
}

// agree compares the kind of a value with its description.
func (it *items) agree(v []byte, shape *content.Shape, rest []string) error {
	if shape == nil || shape.Kind == content.KindAny {
		return nil
	}
	kind := kindOf(v)
	switch shape.Kind {
	case content.KindStruct, content.KindMap:
		if kind != '{' {
			return it.wrong(rest, "an object", v)
		}
	case content.KindList:
		if kind != '[' {
			return it.wrong(rest, "a list", v)
		}
	default:
		if kind == '{' || kind == '[' {
			return it.wrong(rest, "a "+shape.Kind, v)
		}
	}
	return nil
}

func (it *items) wrong(rest []string, want string, v []byte) error {
	at := strings.Join(it.path[:len(it.path)-len(rest)], ".")
	if at == "" {
		at = "the answer"
	}
	got := map[byte]string{'{': "an object", '[': "a list", '"': "text", '0': "a number"}[kindOf(v)]
	if got == "" {
		got = "a boolean"
	}
	return fmt.Errorf("%w: %s should be %s and is %s", errKind, at, want, got)
}

// form makes rows of one value at the end of the path.
func (it *items) form(v []byte, shape *content.Shape) ([][]byte, error) {
	if it.as != "" {
		return it.parse(v, shape)
	}
	if kindOf(v) != '{' {
		return [][]byte{wrapScalar(v)}, nil
	}
	if shape == nil || shape.Kind != content.KindMap {
		return [][]byte{v}, nil
	}
	var rows [][]byte
	fields(v, func(key, value []byte) bool {
		row := appendMember([]byte{'{'}, "key", jsonscan.AppendQuoted(nil, string(key)))
		rows = append(rows, append(appendMember(row, "value", value), '}'))
		return true
	})
	return rows, nil
}

func wrapScalar(v []byte) []byte { return append(appendMember([]byte{'{'}, "value", v), '}') }

// inner is the whole of a document that stands inside the answer: for CSV a list of its lines.
func (it *items) inner(doc []byte) ([]byte, error) {
	var out []byte
	err := it.walk(doc, it.root, it.path, func(v []byte, shape *content.Shape) error {
		data, err := it.unpack(v, shape)
		if err != nil || it.as == asJSON {
			out = data
			return err
		}
		rows, err := it.parse(v, shape)
		out = joinList(rows)
		return err
	})
	if isNull(out) {
		return nil, err
	}
	return out, err
}

// unpack gives the text of a document that stands in the answer as text, or in base64.
func (it *items) unpack(v []byte, shape *content.Shape) ([]byte, error) {
	if kindOf(v) != '"' {
		return nil, it.wrong(nil, "text", v)
	}
	data := []byte(text(v))
	if shape == nil || shape.Kind == content.KindBlob || shape.Kind == content.KindAny {
		if raw, err := base64.StdEncoding.DecodeString(string(data)); err == nil {
			data = raw
		}
	}
	if it.as == asJSON && !json.Valid(data) {
		return nil, fmt.Errorf("%w: %s is not JSON", errKind, strings.Join(it.path, "."))
	}
	return data, nil
}

// parse makes rows of a document inside the answer.
func (it *items) parse(v []byte, shape *content.Shape) ([][]byte, error) {
	data, err := it.unpack(v, shape)
	if err != nil {
		return nil, err
	}
	if it.as == asCSV {
		rows, err := parseCSV(data)
		if err != nil {
			return nil, fmt.Errorf("%w: %s is not CSV: %w", errKind, strings.Join(it.path, "."), err)
		}
		return rows, nil
	}
	switch kindOf(data) {
	case 'n':
		return nil, nil
	case '{':
		return [][]byte{data}, nil
	case '[':
		rows := [][]byte{}
		elements(data, func(e []byte) bool {
			if kindOf(e) != '{' {
				e = wrapScalar(e)
			}
			rows = append(rows, e)
			return true
		})
		return rows, nil
	}
	return [][]byte{wrapScalar(data)}, nil
}

func parseCSV(data []byte) ([][]byte, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	r.ReuseRecord = true
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	header := append([]string(nil), first...)
	var rows [][]byte
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row := []byte{'{'}
		for i, value := range record {
			row = appendMember(row, header[i], jsonscan.AppendQuoted(nil, value))
		}
		rows = append(rows, append(row, '}'))
	}
}

func joinList(values [][]byte) []byte {
	out := append([]byte{'['}, bytes.Join(values, []byte{','})...)
	return append(out, ']')
}

// merge puts the pages of one answer together: lists at the pager's result keys are concatenated, maps united, the tokens
// dropped.
func merge(pages [][]byte, pager *content.Pager) []byte {
	if len(pages) == 1 {
		return pages[0]
	}
	var keys []string
	tokens := map[string]bool{}
	if pager != nil {
		keys = pager.ResultKeys
		for _, t := range append([]string{pager.MoreResults}, pager.OutputTokens...) {
			tokens[t] = true
		}
	}
	if len(keys) == 0 { // not told: every list
		for _, page := range pages {
			fields(page, func(k, v []byte) bool {
				if kindOf(v) == '[' && !slices.Contains(keys, string(k)) {
					keys = append(keys, string(k))
				}
				return true
			})
		}
	}
	doc := pages[0]
	for _, key := range keys {
		path := splitPath(key)
		var parts [][]byte
		for _, page := range pages {
			if v := lookup(page, path); v != nil {
				parts = append(parts, v)
			}
		}
		if len(parts) > 0 {
			doc = setPath(doc, path, concat(parts))
		}
	}
	return without(doc, func(key string) bool { return tokens[key] })
}

// concat is what the pages' parts of one value are together: all items of lists, all entries of objects, else the last.
// An entry that stands on two pages goes on there.
func concat(parts [][]byte) []byte {
	switch kindOf(parts[0]) {
	case '[':
		var all [][]byte
		for _, part := range parts {
			elements(part, func(e []byte) bool { all = append(all, e); return true })
		}
		return joinList(all)
	case '{':
		var order []string
		values := map[string][][]byte{}
		for _, part := range parts {
			fields(part, func(k, v []byte) bool {
				key := string(k)
				if values[key] == nil {
					order = append(order, key)
				}
				values[key] = append(values[key], v)
				return true
			})
		}
		out := []byte{'{'}
		for _, key := range order {
			out = appendMember(out, key, concat(values[key]))
		}
		return append(out, '}')
	}
	return parts[len(parts)-1]
}

// setPath copies an object with another value at the path.
func setPath(doc []byte, path []string, value []byte) []byte {
	if len(path) == 0 {
		return value
	}
	out := []byte{'{'}
	done := false
	fields(doc, func(k, v []byte) bool {
		if string(k) == path[0] {
			v, done = setPath(v, path[1:], value), true
		}
		out = appendMember(out, string(k), v)
		return true
	})
	if !done {
		out = appendMember(out, path[0], setPath(nil, path[1:], value))
	}
	return append(out, '}')
}
