package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/normalize"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/plan"
)

// transformTypes reads the structure of a json_transform whose values are types.
func transformTypes(structure string) (map[string]*plan.Type, error) {
	var texts map[string]string
	if err := json.Unmarshal([]byte(structure), &texts); err != nil {
		return nil, err
	}
	types := make(map[string]*plan.Type, len(texts))
	for name, text := range texts {
		t, err := plan.ParseType(text)
		if err != nil {
			return nil, err
		}
		types[name] = t
	}
	return types, nil
}

// appendAs appends the value at i in its semantic type, or else in its plain one.
func appendAs(dst []byte, as string, t *plan.Type, doc []byte, i int) (_ []byte, end int, _ *fault, _ error) {
	if as == "" {
		return appendTyped(dst, t, doc, i)
	}
	end, err := jsonscan.Skip(doc, i)
	if err != nil {
		return dst, end, nil, err
	}
	before := len(dst)
	dst, err = appendSemantic(dst, as, doc[i:end])
	if err == nil {
		return dst, end, nil, nil
	}
	dst = append(dst[:before], "null"...)
	if errors.Is(err, normalize.ErrEmpty) {
		return dst, end, nil, nil
	}
	return dst, end, &fault{what: "is " + kindWord(jsonscan.Kind(doc, i)) + ": " + err.Error()}, nil
}

func appendSemantic(dst []byte, as string, token []byte) ([]byte, error) {
	switch as {
	case plan.SemanticPolicy:
		return joined(dst)(normalize.PolicyDocument(token))
	case plan.SemanticTags:
		return joined(dst)(normalize.Tags(token))
	case plan.SemanticJSON:
		return joined(dst)(normalize.JSON(token))
	case plan.SemanticTime:
		return appendTime(dst, token)
	case plan.SemanticCIDR:
		text, err := scalar(token)
		if err != nil {
			return dst, err
		}
		cidr, err := normalize.CIDR(text)
		return jsonscan.AppendQuoted(dst, cidr), err
	}
	return dst, fmt.Errorf("there is no type %s", as)
}

func joined(dst []byte) func([]byte, error) ([]byte, error) {
	return func(text []byte, err error) ([]byte, error) { return append(dst, text...), err }
}

// scalar gives the text of text and numbers; ErrEmpty for null.
func scalar(token []byte) (string, error) {
	switch jsonscan.Kind(token, 0) {
	case jsonscan.String:
		return jsonscan.Unquote(token), nil
	case jsonscan.Number:
		return string(token), nil
	case jsonscan.Null:
		return "", normalize.ErrEmpty
	}
	return "", errors.New("text was expected")
}

func appendTime(dst, token []byte) ([]byte, error) {
	text, err := scalar(token)
	if err != nil {
		return dst, err
	}
	t, err := normalize.Time(text)
	if err != nil {
		return dst, err
	}
	return jsonscan.AppendQuoted(dst, normalize.FormatTime(t)), nil
}

// appendTyped appends the value at i so that DuckDB reads it as the type without loss; null, and a fault that says where, for
// what is not of the type. Members that the type does not have are dropped.
func appendTyped(dst []byte, t *plan.Type, doc []byte, i int) (_ []byte, end int, _ *fault, _ error) {
	kind := jsonscan.Kind(doc, i)
	if kind != jsonscan.Null {
		switch {
		case t.Fields != nil && kind == jsonscan.Object:
			return appendStruct(dst, t, doc, i)
		case t.Key != nil && kind == jsonscan.Object:
			return appendMap(dst, t, doc, i)
		case t.Elem != nil && t.Key == nil && kind == jsonscan.List:
			return appendList(dst, t, doc, i)
		}
	}
	end, err := jsonscan.Skip(doc, i)
	if err != nil {
		return dst, end, nil, err
	}
	token := doc[i:end]
	if kind == jsonscan.Null {
		return append(dst, token...), end, nil, nil
	}
	if t.Leaf != "" {
		before := len(dst)
		if dst = appendLeaf(dst, t.Leaf, kind, token); len(dst) > before {
			return dst, end, nil, nil
		}
	}
	return append(dst, "null"...), end, &fault{what: "is " + kindWord(kind) + ", where " + typeWord(t) + " was expected"}, nil
}

// appendLeaf appends nothing where the value is not of the type. A number or boolean is fine where text is expected, and
// text where a number or boolean is, if it is one: vendors describe them loosely, and nothing is lost.
func appendLeaf(dst []byte, leaf string, kind byte, token []byte) []byte {
	switch leaf {
	case "JSON":
		return append(dst, token...)
	case "VARCHAR":
		switch kind {
		case jsonscan.String:
			return append(dst, token...)
		case jsonscan.Number, jsonscan.Bool:
			return append(append(append(dst, '"'), token...), '"')
		}
		return dst
	case "TIMESTAMP WITH TIME ZONE":
		if with, err := appendTime(dst, token); err == nil {
			return with
		}
		return dst
	}
	if kind == jsonscan.String {
		token = bytes.TrimSpace([]byte(jsonscan.Unquote(token)))
		if kind = jsonscan.Kind(token, 0); kind == jsonscan.Number {
			if end, err := jsonscan.Skip(token, 0); err != nil || end != len(token) {
				return dst
			}
		}
	}
	switch leaf {
	case "BOOLEAN":
		switch strings.ToLower(string(token)) {
		case "true":
			return append(dst, "true"...)
		case "false":
			return append(dst, "false"...)
		}
	case "BIGINT":
		return appendInteger(dst, kind, token, 64)
	case "INTEGER":
		return appendInteger(dst, kind, token, 32)
	case "DOUBLE":
		if f, err := strconv.ParseFloat(string(token), 64); kind == jsonscan.Number && err == nil && !math.IsInf(f, 0) {
			return append(dst, token...)
		}
	}
	return dst
}

// appendInteger takes whole numbers only: DuckDB would round the others.
func appendInteger(dst []byte, kind byte, token []byte, bits int) []byte {
	if kind != jsonscan.Number {
		return dst
	}
	n, err := strconv.ParseInt(string(token), 10, bits)
	if err == nil {
		return strconv.AppendInt(dst, n, 10)
	}
	const exact = 1 << 53
	f, err := strconv.ParseFloat(string(token), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > exact || bits == 32 && math.Abs(f) > math.MaxInt32 || !bytes.ContainsAny(token, ".eE") {
		return dst
	}
	return strconv.AppendInt(dst, int64(f), 10)
}

func appendStruct(dst []byte, t *plan.Type, doc []byte, i int) (_ []byte, _ int, first *fault, _ error) {
	dst = append(dst, '{')
	written := 0
	end, err := jsonscan.Members(doc, i, func(key []byte, value int) (end int, err error) {
		field := fieldOf(t, key)
		if field == nil {
			return jsonscan.Skip(doc, value)
		}
		if written++; written > 1 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendQuoted(dst, field.Name), ':')
		var f *fault
		dst, end, f, err = appendTyped(dst, field.Type, doc, value)
		if first == nil {
			first = f.in("." + field.Name)
		}
		return end, err
	})
	return append(dst, '}'), end, first, err
}

func fieldOf(t *plan.Type, key []byte) *plan.Field {
	for i := range t.Fields {
		if t.Fields[i].Name == string(key) {
			return &t.Fields[i]
		}
	}
	return nil
}

func appendMap(dst []byte, t *plan.Type, doc []byte, i int) (_ []byte, _ int, first *fault, _ error) {
	dst = append(dst, '{')
	written := 0
	end, err := jsonscan.Members(doc, i, func(key []byte, value int) (end int, err error) {
		if written++; written > 1 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendQuoted(dst, string(key)), ':')
		var f *fault
		dst, end, f, err = appendTyped(dst, t.Elem, doc, value)
		if first == nil {
			first = f.in("." + string(key))
		}
		return end, err
	})
	return append(dst, '}'), end, first, err
}

func appendList(dst []byte, t *plan.Type, doc []byte, i int) (_ []byte, _ int, first *fault, _ error) {
	dst = append(dst, '[')
	written := 0
	end, err := jsonscan.Items(doc, i, func(value int) (end int, err error) {
		if written++; written > 1 {
			dst = append(dst, ',')
		}
		var f *fault
		dst, end, f, err = appendTyped(dst, t.Elem, doc, value)
		if first == nil {
			first = f.in("[" + strconv.Itoa(written-1) + "]")
		}
		return end, err
	})
	return append(dst, ']'), end, first, err
}

func kindWord(kind byte) string {
	switch kind {
	case jsonscan.Object:
		return "an object"
	case jsonscan.List:
		return "a list"
	case jsonscan.String:
		return "text"
	case jsonscan.Number:
		return "a number"
	case jsonscan.Bool:
		return "a boolean"
	}
	return "null"
}

func typeWord(t *plan.Type) string {
	switch {
	case t.Fields != nil:
		return "an object"
	case t.Key != nil:
		return "a map"
	case t.Elem != nil:
		return "a list"
	case t.Leaf == "TIMESTAMP WITH TIME ZONE":
		return "a time"
	}
	return t.Leaf
}
