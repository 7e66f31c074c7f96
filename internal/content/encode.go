package content

import (
	"encoding/binary"
	"errors"
	"reflect"
	"sync"
)

// layouts are the hashes of the types that were encoded or decoded: see layoutOf.
var layouts sync.Map

func layout(v any) uint64 {
	t := reflect.TypeOf(v)
	if hash, ok := layouts.Load(t); ok {
		return hash.(uint64)
	}
	hash := layoutOf(v)
	layouts.Store(t, hash)
	return hash
}

// Encode writes plain data, given by a pointer, as packs hold it: to be Prepared. Decode reads it many times faster than JSON.
func Encode(v any) ([]byte, error) {
	p := packer{out: binary.LittleEndian.AppendUint64(nil, layout(v))}
	err := p.value(reflect.ValueOf(v).Elem())
	return p.out, err
}

// Decode reads what Encode wrote of the same type into a zero value, given by a pointer.
func Decode(data []byte, into any) error {
	if len(data) < 8 || binary.LittleEndian.Uint64(data) != layout(into) {
		return errors.New("it was made for another version of this program")
	}
	return unpack(data[8:], into)
}
