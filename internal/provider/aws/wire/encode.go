package wire

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/uuid"
)

// Request is what goes on the wire, but for the host and the signature.
type Request struct {
	Method string
	// Path and EscapedPath are of the request line; the endpoint may have a base path before it.
	Path, EscapedPath string
	RawQuery          string
	Header            http.Header
	Body              []byte
	// HostPrefix goes before the endpoint's host: "123456789012."
	HostPrefix string
	// Checked is the input as it was sent: numbers and identifiers brought into the form that the operation takes.
	Checked map[string]any
}

// Encode makes the request of a call. Input holds JSON-like values by the description's member names. An unknown member, a
// value of a wrong type, a required one that is missing or empty is an error that names it: sent, it would be another question.
func (o *Operation) Encode(ctx context.Context, input map[string]any) (*Request, error) {
	checked, err := o.check(input)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Call(), err)
	}
	req := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := o.Service.codec.SerializeRequest(ctx, o.schema, &writer{op: o, input: checked}, req); err != nil {
		return nil, fmt.Errorf("%s: write request: %w", o.Call(), err)
	}
	r := &Request{
		Method: req.Method, Path: req.URL.Path, EscapedPath: req.URL.EscapedPath(), RawQuery: req.URL.RawQuery, Header: req.Header, Checked: checked,
	}
	if stream := req.GetStream(); stream != nil {
		if r.Body, err = io.ReadAll(stream); err != nil {
			return nil, fmt.Errorf("%s: write request: %w", o.Call(), err)
		}
	}
	if o.Service.protocol == protocolRESTXML && !o.hasBody(checked) {
		r.Body = nil // the library writes an empty root element
		r.Header.Del("Content-Type")
	}
	for name, value := range extraHeaders[o.Service.Name] {
		r.Header.Set(name, value)
	}
	if r.HostPrefix, err = o.hostPrefix(checked); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Call(), err)
	}
	return r, nil
}

// hasBody says that something of the input goes into the body.
func (o *Operation) hasBody(input map[string]any) bool {
	for name := range input {
		if !o.input.byName[name].bound() {
			return true
		}
	}
	return false
}

// check proves the whole input before anything is written, because the library's writers report nothing.
func (o *Operation) check(input map[string]any) (map[string]any, error) {
	if o.input == nil {
		for name := range input {
			return nil, fmt.Errorf("takes no input, but %q is given", name)
		}
		return nil, nil
	}
	checked, err := o.input.check("", input)
	if err != nil {
		return nil, err
	}
	in := checked.(map[string]any)
	for _, m := range o.input.members {
		if m.traits.Idempotency && in[m.name] == nil {
			in[m.name] = uuid.NewString()
		}
	}
	for _, fix := range inputFixes[o.Service.Name] {
		fix(o.input, in)
	}
	return in, nil
}

// hostPrefix fills the input into the operation's host prefix.
func (o *Operation) hostPrefix(input map[string]any) (string, error) {
	prefix := o.Model.HostPrefix
	if prefix == "" || o.input == nil {
		return prefix, nil
	}
	return fill(prefix, func(name string) (string, error) {
		value, _ := input[name].(string)
		if !hostLabel(value) {
			return "", fmt.Errorf("%s %q cannot be part of a host name", name, value)
		}
		return value, nil
	})
}

// hostLabel says that text can stand in a host's name without changing which host it is.
func hostLabel(s string) bool {
	if s == "" || len(s) > 63 {
		return false
	}
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return false
	}
	return s[0] != '-' && s[len(s)-1] != '-'
}

// writer describes a checked input to the library.
type writer struct {
	op    *Operation
	input map[string]any
}

// Serialize implements smithy.Serializable.
func (w *writer) Serialize(s smithy.ShapeSerializer) {
	if w.op.input == nil {
		return
	}
	s.WriteStruct(w.op.input.schema)
	writeMembers(s, w.op.input, w.input)
	s.CloseStruct()
}

func writeMembers(s smithy.ShapeSerializer, sh *shape, values map[string]any) {
	for _, m := range sh.members {
		if v, ok := values[m.name]; ok {
			writeValue(s, m, v)
		}
	}
}

// writeValue writes what check has approved, so that types are as they must be.
func writeValue(s smithy.ShapeSerializer, m *member, value any) {
	switch m.shape.kind {
	case kindStruct:
		s.WriteStruct(m.schema)
		writeMembers(s, m.shape, value.(map[string]any))
		s.CloseStruct()
	case kindList:
		s.WriteList(m.schema)
		for _, item := range value.([]any) {
			writeValue(s, m.shape.elem, item)
		}
		s.CloseList()
	case kindMap:
		s.WriteMap(m.schema)
		entries := value.(map[string]any)
		keys := make([]string, 0, len(entries))
		for key := range entries {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			s.WriteKey(m.shape.key.schema, key)
			writeValue(s, m.shape.elem, entries[key])
		}
		s.CloseMap()
	case kindString:
		s.WriteString(m.schema, value.(string))
	case kindInteger:
		s.WriteInt64(m.schema, value.(int64))
	case kindNumber:
		s.WriteFloat64(m.schema, value.(float64))
	case kindBoolean:
		s.WriteBool(m.schema, value.(bool))
	case kindTime:
		s.WriteTime(m.schema, value.(timeValue).Time)
	case kindBlob:
		raw, _ := base64.StdEncoding.DecodeString(value.(string))
		s.WriteBlob(m.schema, raw)
	case kindAny:
		s.WriteDocument(m.schema, document.Opaque{Value: value})
	}
}
