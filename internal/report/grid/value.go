package grid

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// plain turns a driver's value into one that encoding/json writes well: maps with any keys, exact decimals, times in
// RFC 3339, and numbers that JSON does not have (NaN, infinity) as text.
func plain(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number, json.RawMessage:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case float64:
		return finite(v)
	case float32:
		return finite(float64(v))
	case *big.Int:
		if v == nil {
			return nil
		}
		return json.Number(v.String())
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case fmt.Stringer:
		if number, ok := exactNumber(v); ok {
			return number
		}
	}
	return reflected(reflect.ValueOf(v))
}

func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return f
}

// exactNumber recognizes decimals, which also give themselves as a float, by what they can do.
func exactNumber(v fmt.Stringer) (json.Number, bool) {
	if _, ok := v.(interface{ Float64() float64 }); !ok {
		return "", false
	}
	text := v.String()
	return json.Number(text), json.Valid([]byte(text))
}

func reflected(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Map:
		m := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			m[Text(it.Key().Interface())] = plain(it.Value().Interface())
		}
		return m
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.Uint8 {
			break // a UUID, which says itself
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plain(v.Index(i).Interface())
		}
		return list
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if pairs, ok := orderedPairs(v); ok {
			return pairs
		}
		return plain(v.Elem().Interface())
	}
	// A method may be declared on the pointer only.
	if v.Kind() == reflect.Struct || v.Kind() == reflect.Array {
		pointer := reflect.New(v.Type())
		pointer.Elem().Set(v)
		if pairs, ok := orderedPairs(pointer); ok {
			return pairs
		}
		if text, ok := pointer.Interface().(fmt.Stringer); ok {
			return text.String()
		}
	}
	return v.Interface()
}

// orderedPairs reads a map that keeps its keys and values as lists.
func orderedPairs(v reflect.Value) (map[string]any, bool) {
	m, ok := v.Interface().(interface {
		Keys() []any
		Values() []any
	})
	if !ok {
		return nil, false
	}
	values := m.Values()
	pairs := make(map[string]any, len(values))
	for i, key := range m.Keys() {
		pairs[Text(key)] = plain(values[i])
	}
	return pairs, true
}

// Text gives a value as one text: strings as they are, nested values as JSON, NULL as nothing.
func Text(v any) string {
	switch v := plain(v).(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return JSON(v)
	}
}

// number tells values that are aligned to the right.
func number(v any) bool {
	switch v.(type) {
	case float32, float64:
		return true // NaN too
	}
	switch plain(v).(type) {
	case json.Number, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return true
	}
	return false
}
