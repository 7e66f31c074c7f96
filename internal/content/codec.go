package content

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"slices"
	"strings"
)

// The pack is written in a small binary form of its own: values one after the other in the order of the types' fields,
// without names. It is exact about what JSON blurs (whole numbers, nil against empty, a fixture's !denied), the same for
// the same content, and reads at memory speed because all texts share one string. The layout of the types is hashed into
// the pack, so that it is never read by a program with other types.

// Tags of what stands in an any.
const (
	anyNil byte = iota
	anyFalse
	anyTrue
	anyInteger
	anyNumber
	anyText
	anyList
	anyMap
	anyTexts
	anyProblem
	anyAbsent
	anyAgo
)

var (
	errPackEnd   = errors.New("it ends too early")
	errPackValue = errors.New("it holds a value of no known kind")
)

// packer appends values.
type packer struct{ out []byte }

func (p *packer) uint(n uint64) { p.out = binary.AppendUvarint(p.out, n) }
func (p *packer) int(n int64)   { p.out = binary.AppendVarint(p.out, n) }

func (p *packer) text(s string) {
	p.uint(uint64(len(s)))
	p.out = append(p.out, s...)
}

func (p *packer) value(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		p.out = append(p.out, byte(btoi(v.Bool())))
	case reflect.Int, reflect.Int64:
		p.int(v.Int())
	case reflect.Float64:
		p.uint(math.Float64bits(v.Float()))
	case reflect.String:
		p.text(v.String())
	case reflect.Pointer:
		if p.out = append(p.out, byte(btoi(!v.IsNil()))); !v.IsNil() {
			return p.value(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := p.value(v.Field(i)); err != nil {
				return fmt.Errorf("%s.%s: %w", v.Type().Name(), v.Type().Field(i).Name, err)
			}
		}
	case reflect.Slice:
		return p.slice(v)
	case reflect.Map:
		return p.mapping(v)
	case reflect.Interface:
		return p.any(v.Interface())
	default:
		return fmt.Errorf("a %s cannot be packed", v.Type())
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *packer) slice(v reflect.Value) error {
	if v.IsNil() {
		p.uint(0)
		return nil
	}
	p.uint(uint64(v.Len()) + 1)
	if v.Type().Elem().Kind() == reflect.Uint8 {
		p.out = append(p.out, v.Bytes()...)
		return nil
	}
	for i := range v.Len() {
		if err := p.value(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) mapping(v reflect.Value) error {
	if v.IsNil() {
		p.uint(0)
		return nil
	}
	p.uint(uint64(v.Len()) + 1)
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		p.text(key.String())
		if err := p.value(v.MapIndex(key)); err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) any(v any) error {
	tagged := func(tag byte, v any) error {
		p.out = append(p.out, tag)
		return p.value(reflect.ValueOf(v))
	}
	switch v := v.(type) {
	case nil:
		p.out = append(p.out, anyNil)
	case bool:
		p.out = append(p.out, anyFalse+byte(btoi(v)))
	case int64:
		return tagged(anyInteger, v)
	case float64:
		return tagged(anyNumber, v)
	case string:
		return tagged(anyText, v)
	case []any:
		return tagged(anyList, v)
	case map[string]any:
		return tagged(anyMap, v)
	case []string:
		return tagged(anyTexts, v)
	case Problem:
		return tagged(anyProblem, v)
	case Ago:
		return tagged(anyAgo, v)
	case Absent:
		p.out = append(p.out, anyAbsent)
	default:
		return fmt.Errorf("a %T cannot be packed", v)
	}
	return nil
}

// unpacker reads what packer wrote. After the first error it gives zero values.
type unpacker struct {
	in    string
	err   error
	depth int
}

// maxPacked bounds how deep values lie in each other in a damaged pack.
const maxPacked = 4 * maxDepth

func (u *unpacker) fail(err error) {
	if u.err == nil {
		u.err = err
	}
	u.in = ""
}

func (u *unpacker) uint() uint64 {
	var n uint64
	for shift := 0; shift < 70; shift += 7 {
		if len(u.in) == 0 {
			break
		}
		b := u.in[0]
		u.in = u.in[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	u.fail(errPackEnd)
	return 0
}

func (u *unpacker) int() int64 {
	n := u.uint()
	return int64(n>>1) ^ -int64(n&1)
}

func (u *unpacker) take(n uint64) string {
	if n > uint64(len(u.in)) {
		u.fail(errPackEnd)
		return ""
	}
	s := u.in[:n]
	u.in = u.in[n:]
	return s
}

func (u *unpacker) byte() byte {
	if s := u.take(1); s != "" {
		return s[0]
	}
	return 0
}

// length of a list or map; -1 for nil. No entry takes less than a byte, but for those of empty structs, of which there are
// none.
func (u *unpacker) length() int {
	n := u.uint()
	if n > uint64(len(u.in))+1 {
		u.fail(errPackEnd)
		return -1
	}
	return int(n) - 1
}

func (u *unpacker) value(v reflect.Value) {
	if u.depth++; u.depth > maxPacked {
		u.fail(errPackValue)
	}
	defer func() { u.depth-- }()
	if u.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(u.byte() == 1)
	case reflect.Int, reflect.Int64:
		v.SetInt(u.int())
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(u.uint()))
	case reflect.String:
		v.SetString(u.take(u.uint()))
	case reflect.Pointer:
		if u.byte() == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			u.value(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			u.value(v.Field(i))
		}
	case reflect.Slice:
		u.slice(v)
	case reflect.Map:
		if n := u.length(); n >= 0 {
			v.Set(reflect.MakeMapWithSize(v.Type(), n))
			for range n {
				key, below := u.take(u.uint()), reflect.New(v.Type().Elem()).Elem()
				u.value(below)
				v.SetMapIndex(reflect.ValueOf(key), below)
			}
		}
	case reflect.Interface:
		if below := u.any(); below != nil {
			v.Set(reflect.ValueOf(below))
		}
	default:
		u.fail(errPackValue)
	}
}

func (u *unpacker) slice(v reflect.Value) {
	n := u.length()
	switch {
	case n < 0:
	case v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte(u.take(uint64(n))))
	default:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			u.value(v.Index(i))
		}
	}
}

func (u *unpacker) any() any {
	switch tag := u.byte(); tag {
	case anyNil:
		return nil
	case anyFalse, anyTrue:
		return tag == anyTrue
	case anyInteger:
		return u.int()
	case anyNumber:
		return math.Float64frombits(u.uint())
	case anyText:
		return u.take(u.uint())
	case anyList:
		return unpackAs[[]any](u)
	case anyMap:
		return unpackAs[map[string]any](u)
	case anyTexts:
		return unpackAs[[]string](u)
	case anyProblem:
		return unpackAs[Problem](u)
	case anyAgo:
		return unpackAs[Ago](u)
	case anyAbsent:
		return Absent{}
	}
	u.fail(errPackValue)
	return nil
}

func unpackAs[T any](u *unpacker) any {
	var v T
	u.value(reflect.ValueOf(&v).Elem())
	return v
}

// pack writes a value, which must be a pointer.
func pack(v any) ([]byte, error) {
	var p packer
	err := p.value(reflect.ValueOf(v).Elem())
	return p.out, err
}

// unpack reads what pack wrote into a pointer to the same type.
func unpack(data []byte, v any) error {
	u := unpacker{in: string(data)}
	u.value(reflect.ValueOf(v).Elem())
	if u.err == nil && u.in != "" {
		return errPackValue
	}
	return u.err
}

// layoutOf hashes the types below some values: their fields, in order.
func layoutOf(values ...any) uint64 {
	hash, seen := fnv.New64a(), map[reflect.Type]bool{}
	var note func(reflect.Type)
	note = func(t reflect.Type) {
		fmt.Fprintf(hash, "%s %s;", t.Kind(), t.Name())
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			note(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				fmt.Fprintf(hash, "%s ", t.Field(i).Name)
				note(t.Field(i).Type)
			}
		}
	}
	for _, v := range values {
		note(reflect.TypeOf(v))
	}
	return hash.Sum64()
}
