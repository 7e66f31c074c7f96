package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// lines is a text that may be long, such as SQL. In JSON it is a list of its lines if it has several, so that an editor shows them as such.
type lines string

// MarshalJSON implements json.Marshaler.
func (l lines) MarshalJSON() ([]byte, error) {
	text := string(l)
	if !strings.Contains(text, "\n") {
		return plain(text)
	}
	return plain(strings.Split(text, "\n"))
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *lines) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*l = lines(text)
		return nil
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("text, or a list of its lines, is wanted: %w", err)
	}
	*l = lines(strings.Join(list, "\n"))
	return nil
}

// plain is JSON in which < and > are themselves.
func plain(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// indented is plain for people.
func indented(v any) ([]byte, error) {
	text, err := plain(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// decode reads JSON, with numbers as they are written.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return located(text, err, d.InputOffset())
	}
	if d.More() {
		return located(text, fmt.Errorf("more text after the value"), d.InputOffset())
	}
	return nil
}

// located says in which line of a text an error is.
func located(text []byte, err error, offset int64) error {
	switch e := err.(type) { //nolint:errorlint // the decoder gives them bare
	case *json.SyntaxError:
		offset = e.Offset
	case *json.UnmarshalTypeError:
		offset = e.Offset
	}
	offset = min(max(offset, 0), int64(len(text)))
	return fmt.Errorf("line %d: %w", bytes.Count(text[:offset], []byte("\n"))+1, err)
}
