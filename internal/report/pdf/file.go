package pdf

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
)

// ref is the number of an object.
type ref int

// String is how other objects speak of it.
func (r ref) String() string { return fmt.Sprintf("%d 0 R", int(r)) }

// file is the objects of a document, and where they are.
type file struct {
	out  *bufio.Writer // nil: nothing is written
	at   int64
	sum  hash.Hash
	err  error
	refs []place // by number; the first is of no object
	// Small objects are put together and compressed.
	packed []ref
	bodies bytes.Buffer
	starts []int
	zip    *zlib.Writer
	zipped bytes.Buffer
}

// place is where an object is: at an offset of the file, or in another object.
type place struct {
	offset int64
	within ref
	index  int
}

// packedObjects is how many small objects are compressed together.
const packedObjects = 200

func (f *file) start(out io.Writer) {
	f.refs = make([]place, 1)
	if out == nil {
		return
	}
	f.out, f.sum = bufio.NewWriterSize(out, 64<<10), md5.New()
	f.zip = zlib.NewWriter(&f.zipped)
	f.print("%%PDF-1.7\n%%\xE2\xE3\xCF\xD3\n")
}

func (f *file) alloc() ref {
	f.refs = append(f.refs, place{})
	return ref(len(f.refs) - 1)
}

func (f *file) print(format string, args ...any) { f.bytes(fmt.Appendf(nil, format, args...)) }

func (f *file) bytes(data []byte) {
	if f.out == nil || f.err != nil {
		return
	}
	_, _ = f.sum.Write(data)
	n, err := f.out.Write(data)
	f.at, f.err = f.at+int64(n), err
}

// object writes an object that is no stream.
func (f *file) object(r ref, body string) {
	if f.out == nil {
		return
	}
	f.packed, f.starts = append(f.packed, r), append(f.starts, f.bodies.Len())
	f.bodies.WriteString(body)
	f.bodies.WriteByte('\n')
	if len(f.packed) == packedObjects {
		f.flush()
	}
}

// flush writes the small objects that wait.
func (f *file) flush() {
	if len(f.packed) == 0 {
		return
	}
	within := f.alloc()
	var data []byte
	for i, r := range f.packed {
		f.refs[r] = place{within: within, index: i}
		data = fmt.Appendf(data, "%d %d ", int(r), f.starts[i])
	}
	first := len(data)
	data = append(data, f.bodies.Bytes()...)
	dict := fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(f.packed), first)
	f.packed, f.starts = f.packed[:0], f.starts[:0]
	f.bodies.Reset()
	f.stream(within, dict, data)
}

// stream writes an object with data, compressed.
func (f *file) stream(r ref, dict string, data []byte) {
	if f.out == nil {
		return
	}
	f.zipped.Reset()
	f.zip.Reset(&f.zipped)
	_, _ = f.zip.Write(data)
	_ = f.zip.Close()
	f.plain(r, dict+"/Filter/FlateDecode", f.zipped.Bytes())
}

// plain writes an object with data as they are.
func (f *file) plain(r ref, dict string, data []byte) {
	f.refs[r] = place{offset: f.at}
	f.print("%d 0 obj\n<<%s/Length %d>>stream\n", int(r), dict, len(data))
	f.bytes(data)
	f.print("\nendstream\nendobj\n")
}

// finish writes where all objects are. The file's identifier is a hash of it, so that the same document has the same.
func (f *file) finish(catalog, info ref) error {
	if f.out == nil {
		return nil
	}
	f.flush()
	self := f.alloc()
	f.refs[self] = place{offset: f.at}
	const row = 1 + 5 + 2
	table := make([]byte, 0, row*len(f.refs))
	for i, p := range f.refs {
		switch {
		case i == 0 || p == place{}:
			table = append(table, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF)
		case p.within != 0:
			table = append(table, 2, 0)
			table = binary.BigEndian.AppendUint32(table, uint32(p.within))
			table = binary.BigEndian.AppendUint16(table, uint16(p.index))
		default:
			table = append(table, 1, byte(p.offset>>32))
			table = binary.BigEndian.AppendUint32(table, uint32(p.offset))
			table = append(table, 0, 0)
		}
	}
	id, at := f.sum.Sum(nil), f.at
	f.stream(self, fmt.Sprintf("/Type/XRef/Size %d/W[1 5 2]/Root %s/Info %s/ID[<%X><%[4]X>]", len(f.refs), catalog, info, id), table)
	f.print("startxref\n%d\n%%%%EOF\n", at)
	if f.err != nil {
		return f.err
	}
	return f.out.Flush()
}
