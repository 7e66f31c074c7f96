// Package normalize gives the values that vendors write in many ways one form each: IAM policy documents, tags, address
// ranges, times, and JSON that arrives as text. Collected documents, templates and SQL functions all come here, so that a
// check reads the same value wherever it came from. Every function is pure, runs in time linear in its input, and refuses
// what it does not understand: the caller records that as unknown.
package normalize

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// ErrEmpty is returned for empty text and for null: vendors write both for "there is none".
var ErrEmpty = errors.New("empty")

// JSON gives the JSON value within text, which is one of: JSON; JSON within a JSON string; either of them percent-encoded,
// as IAM does; or JSON whose quotes are escaped, as API Gateway does. Scalars are JSON only outside a string.
func JSON(text []byte) ([]byte, error) {
	plain, quoted := unwrap(text)
	if len(plain) == 0 || string(plain) == "null" {
		return nil, ErrEmpty
	}
	doc, err := jsonscan.Document(jsonscan.Repair(plain))
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if kind := jsonscan.Kind(doc, 0); quoted && kind != jsonscan.Object && kind != jsonscan.List {
		return nil, errors.New("not JSON: neither an object nor a list")
	}
	return doc, nil
}

// unwrap takes off what JSON text may be wrapped in, and says whether it was within a JSON string.
func unwrap(text []byte) (plain []byte, quoted bool) {
	plain = bytes.TrimSpace(text)
	if len(plain) > 0 && plain[0] == '"' {
		end, err := jsonscan.Skip(plain, 0)
		if err != nil || end != len(plain) {
			return plain, false
		}
		plain, quoted = bytes.TrimSpace([]byte(jsonscan.Unquote(plain))), true
	}
	if len(plain) > 0 && plain[0] == '%' {
		if decoded, err := url.PathUnescape(string(plain)); err == nil {
			plain, quoted = bytes.TrimSpace([]byte(decoded)), true
		}
	}
	if escaped(plain) {
		token := append(append([]byte{'"'}, plain...), '"')
		if end, err := jsonscan.Skip(token, 0); err == nil && end == len(token) {
			plain = bytes.TrimSpace([]byte(jsonscan.Unquote(token)))
		}
	}
	return plain, quoted
}

// escaped says whether the text is an object whose first key begins with \" where JSON has only a quote.
func escaped(text []byte) bool {
	if len(text) == 0 || text[0] != '{' {
		return false
	}
	i := jsonscan.Space(text, 1)
	return i+1 < len(text) && text[i] == '\\' && (text[i+1] == '"' || text[i+1] == 'n')
}

// scalarText gives the text of a scalar: a string's content, and the literal of numbers and booleans. It is false for
// null, objects and lists.
func scalarText(token []byte) (string, bool) {
	switch jsonscan.Kind(token, 0) {
	case jsonscan.String:
		return jsonscan.Unquote(token), true
	case jsonscan.Number, jsonscan.Bool:
		return string(token), true
	}
	return "", false
}
