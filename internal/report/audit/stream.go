package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// stream writes one JSON document piece by piece, so that no list in it need be held, and keeps the first error. Each member of an
// object and each item of a list has a line of its own.
type stream struct {
	out   *bufio.Writer
	value bytes.Buffer
	enc   *json.Encoder
	inner bool // something stands before in the object or list that is open
	err   error
}

// writeObject writes a document that is one object.
func writeObject(out io.Writer, members func(w *stream)) error {
	w := &stream{out: bufio.NewWriterSize(out, 64<<10)}
	w.enc = json.NewEncoder(&w.value)
	w.enc.SetEscapeHTML(false)
	w.nest("{", "}\n", func() { members(w) })
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}

func (w *stream) text(s string) {
	if w.err == nil {
		_, w.err = w.out.WriteString(s)
	}
}

// fail keeps an error of what is written.
func (w *stream) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// put writes a value as JSON.
func (w *stream) put(v any) {
	if w.err != nil {
		return
	}
	w.value.Reset()
	if w.err = w.enc.Encode(v); w.err == nil {
		_, w.err = w.out.Write(bytes.TrimSuffix(w.value.Bytes(), []byte("\n")))
	}
}

func (w *stream) nest(open, end string, inside func()) {
	outer := w.inner
	w.text(open)
	w.inner = false
	inside()
	w.text(end)
	w.inner = outer
}

// next stands before every member and item.
func (w *stream) next() {
	if w.inner {
		w.text(",")
	}
	w.inner = true
	w.text("\n")
}

func (w *stream) key(name string) {
	w.next()
	w.put(name)
	w.text(": ")
}

// field writes a member of the object that is open.
func (w *stream) field(name string, v any) {
	w.key(name)
	w.put(v)
}

// object writes a member that is an object.
func (w *stream) object(name string, members func()) {
	w.key(name)
	w.nest("{", "}", members)
}

// list writes a member that is a list, of what items adds; empty if it adds nothing.
func (w *stream) list(name string, items func(add func(v any))) {
	w.key(name)
	w.nest("[", "]", func() { items(w.item) })
}

// some writes a list as list does, and nothing at all if it is empty.
func (w *stream) some(name string, items func(add func(v any))) {
	outer, opened := w.inner, false
	items(func(v any) {
		if !opened {
			opened = true
			w.key(name)
			w.text("[")
			w.inner = false
		}
		w.item(v)
	})
	if opened {
		w.text("]")
		outer = true
	}
	w.inner = outer
}

func (w *stream) item(v any) {
	w.next()
	w.put(v)
}
