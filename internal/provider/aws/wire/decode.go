package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// maxDepth of nested values in an answer. Real answers stay below 20.
const maxDepth = 200

// Decode writes the answer of a successful call as JSON text: names as in the description, times as RFC 3339 in UTC, blobs as
// base64, integers exact. An answer that is not the operation's at all, such as a web page with status 200, is an error.
func (o *Operation) Decode(ctx context.Context, resp *http.Response, body []byte) ([]byte, error) {
	if page := htmlLine(resp, body); page != "" && !o.rawBody() {
		return nil, fmt.Errorf("the answer is a web page: %s", page)
	}
	if o.output == nil {
		return []byte("{}"), nil
	}
	r := &reader{op: o, out: make([]byte, 1, len(body)+len(body)/8+64)}
	r.out[0] = '{'
	var err error
	switch o.Service.protocol {
	case protocolJSON, protocolRESTJSON:
		err = r.library(ctx, resp, body)
	case protocolRESTXML:
		if o.headers {
			err = r.library(ctx, resp, nil)
		}
		if err == nil {
			err = r.restXML(body)
		}
	default:
		err = r.queryXML(body)
	}
	if err != nil {
		return nil, err
	}
	return append(r.out, '}'), nil
}

// rawBody says that the body is a value of its own, of any content.
func (o *Operation) rawBody() bool {
	return o.payload != nil && (o.payload.shape.kind == kindBlob || o.payload.shape.kind == kindString)
}

// reader writes an answer as JSON text while it is read.
type reader struct {
	op  *Operation
	out []byte
	d   smithy.ShapeDeserializer
}

// library lets the protocol library read the answer; it calls Deserialize.
func (r *reader) library(ctx context.Context, resp *http.Response, body []byte) error {
	copied := *resp
	copied.Body = io.NopCloser(bytes.NewReader(body))
	copied.ContentLength = int64(len(body))
	err := r.op.Service.codec.DeserializeResponse(ctx, r.op.schema, &smithy.TypeRegistry{}, &smithyhttp.Response{Response: &copied}, r)
	var wrapped *smithy.DeserializationError
	if errors.As(err, &wrapped) && wrapped.Err != nil {
		err = wrapped.Err
	}
	if err != nil {
		return fmt.Errorf("the answer cannot be read: %w", err)
	}
	return nil
}

// Deserialize implements smithy.Deserializable.
func (r *reader) Deserialize(d smithy.ShapeDeserializer) error {
	r.d = d
	out := r.op.output
	if err := d.ReadStruct(out.schema); err != nil {
		return err
	}
	for {
		ms, err := d.ReadStructMember()
		if err != nil || ms == nil {
			return err
		}
		m := out.byKey[ms.MemberName()]
		if m == nil {
			return fmt.Errorf("member %q is not described", ms.MemberName())
		}
		r.out = appendKey(r.out, m.name)
		switch {
		case m.bound():
			err = r.header(m)
		case m == r.op.payload && (m.shape.kind == kindBlob || m.shape.kind == kindString):
			err = r.raw(m)
		default:
			err = r.value(m, 1)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
}

// header reads a value from headers or the status. Scalars are read as text, so that an odd one does not lose the answer.
func (r *reader) header(m *member) error {
	switch {
	case m.traits.Location == "statusCode":
		var code int32
		if err := r.d.ReadInt32(m.schema, &code); err != nil {
			return err
		}
		r.out = fmt.Appendf(r.out, "%d", code)
		return nil
	case m.shape.kind == kindMap:
		return r.mapping(m, r.headerText)
	case m.shape.kind == kindList:
		return r.list(m, r.headerText)
	}
	return r.headerText(m)
}

func (r *reader) headerText(m *member) error {
	var text string
	if err := r.d.ReadString(m.schema, &text); err != nil {
		return err
	}
	if m.traits.JSONValue && json.Valid([]byte(text)) {
		r.out = appendCompact(r.out, text)
		return nil
	}
	r.out = appendScalar(r.out, m.shape, text)
	return nil
}

// raw reads a body that is one value.
func (r *reader) raw(m *member) error {
	if m.shape.kind == kindString {
		var text string
		if err := r.d.ReadString(m.schema, &text); err != nil {
			return err
		}
		r.out = appendScalar(r.out, m.shape, text)
		return nil
	}
	var blob []byte
	if err := r.d.ReadBlob(m.schema, &blob); err != nil {
		return err
	}
	r.out = appendBlob(r.out, blob)
	return nil
}

func appendBlob(dst, blob []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, blob)
	return append(dst, '"')
}

// value reads a value of a JSON body.
func (r *reader) value(m *member, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("values are nested more than %d deep", maxDepth)
	}
	switch m.shape.kind {
	case kindStruct:
		return r.structure(m, depth)
	case kindList:
		return r.list(m, func(item *member) error { return r.orNull(item, depth+1) })
	case kindMap:
		return r.mapping(m, func(item *member) error { return r.orNull(item, depth+1) })
	}
	return r.scalar(m)
}

func (r *reader) structure(m *member, depth int) error {
	if err := r.d.ReadStruct(m.schema); err != nil {
		return err
	}
	r.out = append(r.out, '{')
	for {
		ms, err := r.d.ReadStructMember()
		if err != nil {
			return err
		}
		if ms == nil {
			r.out = append(r.out, '}')
			return nil
		}
		inner := m.shape.byKey[ms.MemberName()]
		if inner == nil {
			return fmt.Errorf("member %q is not described", ms.MemberName())
		}
		r.out = appendKey(r.out, inner.name)
		if err := r.value(inner, depth+1); err != nil {
			return fmt.Errorf("%s: %w", inner.name, err)
		}
	}
}

// list and mapping have loops of their own, because the library's lose errors. Item reads one.
func (r *reader) list(m *member, item func(*member) error) error {
	if err := r.d.ReadList(m.schema); err != nil {
		return err
	}
	r.out = append(r.out, '[')
	for {
		more, err := r.d.ReadListItem(m.shape.elem.schema)
		if err != nil {
			return err
		}
		if !more {
			r.out = append(r.out, ']')
			return nil
		}
		r.out = comma(r.out)
		if err := item(m.shape.elem); err != nil {
			return err
		}
	}
}

func (r *reader) mapping(m *member, item func(*member) error) error {
	if err := r.d.ReadMap(m.schema); err != nil {
		return err
	}
	r.out = append(r.out, '{')
	for {
		key, more, err := r.d.ReadMapKey(m.shape.key.schema)
		if err != nil {
			return err
		}
		if !more {
			r.out = append(r.out, '}')
			return nil
		}
		r.out = appendKey(r.out, key)
		if err := item(m.shape.elem); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
}

// orNull reads an item, which unlike a member may be null.
func (r *reader) orNull(m *member, depth int) error {
	null, err := r.d.ReadNil(m.schema)
	if err != nil {
		return err
	}
	if null {
		r.out = append(r.out, "null"...)
		return nil
	}
	return r.value(m, depth)
}

// scalar reads numbers, booleans, times and text as they stand: the library's typed reads fail on 1.5E9, on "12" for a number
// and on a date where seconds are described, and with that the whole page is lost.
func (r *reader) scalar(m *member) error {
	var value document.Value
	if err := r.d.ReadDocument(m.schema, &value); err != nil {
		return err
	}
	opaque, ok := value.(document.Opaque)
	if !ok {
		return fmt.Errorf("unexpected document %T", value)
	}
	switch v := opaque.Value.(type) {
	case string:
		switch {
		case m.traits.JSONValue && json.Valid([]byte(v)):
			r.out = appendCompact(r.out, v)
		case m.shape.kind == kindAny:
			r.out = jsonscan.AppendQuoted(r.out, v)
		default:
			r.out = appendScalar(r.out, m.shape, v)
		}
		return nil
	case json.Number:
		switch m.shape.kind {
		case kindInteger, kindTime:
			r.out = appendNumber(r.out, m.shape, v.String())
		default:
			r.out = append(r.out, v.String()...)
		}
		return nil
	}
	text, err := marshal(opaque.Value)
	if err != nil {
		return err
	}
	r.out = append(r.out, text...)
	return nil
}

// appendNumber appends a JSON number for an integer or a time; what is neither stays the number that it was.
func appendNumber(dst []byte, s *shape, digits string) []byte {
	if s.kind == kindTime {
		if t, ok := epoch(digits); ok {
			return appendTime(dst, t)
		}
	} else if n, ok := canonicalInteger(digits); ok {
		return append(dst, n...)
	}
	return append(dst, digits...)
}

// marshal writes free JSON without the escapes that are for web pages.
func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func appendCompact(dst []byte, text string) []byte {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		return jsonscan.AppendQuoted(dst, text)
	}
	return append(dst, b.Bytes()...)
}
