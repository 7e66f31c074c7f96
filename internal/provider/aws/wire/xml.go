package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// xmlReader reads an XML body by the description and writes JSON text. Elements are found by one look-up in a map that was
// prepared with the shape. What is not described is skipped.
type xmlReader struct {
	*reader
	dec  *xml.Decoder
	open []xml.Name // elements not yet closed
	text []byte     // of the scalar that is being read
}

func newXMLReader(r *reader, body []byte) *xmlReader {
	return &xmlReader{reader: r, dec: xml.NewDecoder(bytes.NewReader(body))}
}

// errNoXML says that a body has no element at all.
var errNoXML = errors.New("the answer is empty")

// restXML reads a body into what was already read from the headers.
func (r *reader) restXML(body []byte) error {
	m := r.op.payload
	if r.rawPayload(body) {
		return nil
	}
	x := newXMLReader(r, body)
	root, err := x.root()
	if errors.Is(err, errNoXML) {
		return nil // a body may be missing where all members are optional
	}
	if err != nil {
		return x.failed(err)
	}
	if m != nil {
		return x.failed(x.member(m, root, 1))
	}
	return x.failed(x.document(r.op.output, root))
}

// rawPayload takes a body that is one value of any content, not XML.
func (r *reader) rawPayload(body []byte) bool {
	if !r.op.rawBody() {
		return false
	}
	if len(body) == 0 {
		return true
	}
	r.out = appendKey(r.out, r.op.payload.name)
	if r.op.payload.shape.kind == kindBlob {
		r.out = appendBlob(r.out, body)
	} else {
		r.out = appendScalar(r.out, r.op.payload.shape, string(body))
	}
	return true
}

// queryXML reads the answer of the query and ec2 protocols.
func (r *reader) queryXML(body []byte) error {
	x := newXMLReader(r, body)
	root, err := x.root()
	if err != nil {
		return x.failed(err)
	}
	wrapper := r.op.Model.Output.ResultWrapper
	if wrapper == "" {
		return x.failed(x.document(r.op.output, root))
	}
	found, strange := false, ""
	for {
		start, ended, err := x.next()
		switch {
		case err != nil:
			return x.failed(err)
		case ended && !found && strange != "":
			return fmt.Errorf("the answer is <%s> with <%s>, not <%s>", root.Name.Local, strange, wrapper)
		case ended:
			return nil
		case start.Name.Local == wrapper && !found:
			found = true
			err = x.structure(r.op.output, start, 0, nil)
		default:
			if !meta(start.Name.Local) {
				strange = start.Name.Local
			}
			err = x.skip()
		}
		if err != nil {
			return x.failed(err)
		}
	}
}

// document reads the root as the operation's output. A root that has children of which none is known is another document:
// web servers and simulators answer unknown requests so, and it would pass for an empty answer.
func (x *xmlReader) document(out *shape, root xml.StartElement) error {
	if name := x.op.special.rootText; name != "" {
		m := out.byName[name]
		text, err := x.scalar()
		if err != nil {
			return err
		}
		x.out = appendKey(x.out, name)
		x.out = jsonscan.AppendQuoted(x.out, x.special(m, strings.TrimSpace(text)))
		return nil
	}
	var seen children
	if err := x.structure(out, root, 0, &seen); err != nil {
		return err
	}
	if seen.known == 0 && seen.strange != "" {
		return fmt.Errorf("the answer is <%s> with <%s>, which is not what %s answers", root.Name.Local, seen.strange, x.op.Model.Name)
	}
	return nil
}

// special translates text that means more than the description says.
func (x *xmlReader) special(m *member, text string) string {
	if f := x.op.special.text[m.name]; f != nil {
		return f(text)
	}
	return text
}

// meta says that an element is about the exchange, not of the answer.
func meta(name string) bool {
	return name == "ResponseMetadata" || name == "requestId" || name == "RequestId"
}

// failed words an error for a person.
func (x *xmlReader) failed(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNoXML):
		return err
	case errors.As(err, &syntax):
		return fmt.Errorf("the answer is not proper XML: line %d: %s", syntax.Line, syntax.Msg)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the answer ends in the middle")
	}
	return err
}

// root finds the first element.
func (x *xmlReader) root() (xml.StartElement, error) {
	for {
		token, err := x.dec.RawToken()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, errNoXML
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			x.open = append(x.open, t.Name)
			return t, nil
		case xml.CharData:
			if text := bytes.Trim(t, "\ufeff \t\r\n"); len(text) > 0 {
				return xml.StartElement{}, fmt.Errorf("the answer is not XML: %s", firstLine(string(text)))
			}
		}
	}
}

// next finds the next child of the open element, or its end. Text between children means nothing.
func (x *xmlReader) next() (start xml.StartElement, ended bool, err error) {
	for {
		token, err := x.dec.RawToken()
		if err != nil {
			return start, false, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			x.open = append(x.open, t.Name)
			return t, false, nil
		case xml.EndElement:
			return start, true, x.close(t)
		}
	}
}

// close checks that an end tag is that of the element last opened, because RawToken does not.
func (x *xmlReader) close(end xml.EndElement) error {
	last := len(x.open) - 1
	if last < 0 || x.open[last] != end.Name {
		return fmt.Errorf("the answer is not proper XML: unexpected </%s>", end.Name.Local)
	}
	x.open = x.open[:last]
	return nil
}

// skip leaves the open element.
func (x *xmlReader) skip() error {
	for depth := 1; depth > 0; {
		_, ended, err := x.next()
		if err != nil {
			return err
		}
		if ended {
			depth--
		} else {
			depth++
		}
	}
	return nil
}

// scalar reads the text of the open element.
func (x *xmlReader) scalar() (string, error) {
	x.text = x.text[:0]
	for {
		token, err := x.dec.RawToken()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			x.text = append(x.text, t...)
		case xml.StartElement:
			x.open = append(x.open, t.Name)
			if err := x.skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return string(x.text), x.close(t)
		}
	}
}
