package wire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/content"
)

// timeValue is a checked time, apart from other values.
type timeValue struct{ time.Time }

// freeJSON is a checked document. The library writes it through MarshalSmithyDocument; its other forms change numbers.
type freeJSON struct{ text []byte }

// MarshalSmithyDocument implements document.Marshaler.
func (f freeJSON) MarshalSmithyDocument() ([]byte, error) { return f.text, nil }

// check proves a value and brings it into the one Go type that writeValue takes for its kind. At is the path so far.
func (s *shape) check(at string, value any) (any, error) {
	switch s.kind {
	case kindStruct:
		return s.checkStruct(at, value)
	case kindList:
		return s.checkList(at, value)
	case kindMap:
		values, ok := value.(map[string]any)
		if !ok {
			return nil, wrongType(at, "a map", value)
		}
		out := make(map[string]any, len(values))
		for key, v := range values {
			checked, err := s.elem.shape.check(join(at, key), v)
			if err != nil {
				return nil, err
			}
			out[key] = checked
		}
		return out, nil
	case kindAny:
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		return freeJSON{text}, nil
	}
	return s.checkScalar(at, value)
}

func (s *shape) checkStruct(at string, value any) (any, error) {
	values, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, wrongType(at, "an object", value)
	}
	for name := range values {
		if s.byName[name] == nil {
			names := make([]string, 0, len(s.members))
			for _, m := range s.members {
				names = append(names, m.name)
			}
			return nil, fmt.Errorf("there is no input member %q%s", join(at, name), hint(name, names))
		}
	}
	out := make(map[string]any, len(values))
	for _, m := range s.members {
		v, given := values[m.name]
		if !given || v == nil {
			if m.required && !m.traits.Idempotency {
				return nil, fmt.Errorf("input member %s is required", join(at, m.name))
			}
			continue
		}
		checked, err := m.shape.check(join(at, m.name), v)
		if err != nil {
			return nil, err
		}
		// An empty label changes the path, and so the operation; an empty host label changes the host.
		if checked == "" && (m.required || m.traits.Location == "uri" || m.traits.HostLabel) {
			return nil, fmt.Errorf("input member %s is empty", join(at, m.name))
		}
		out[m.name] = checked
	}
	return out, nil
}

func (s *shape) checkList(at string, value any) (any, error) {
	var items []any
	switch v := value.(type) {
	case []any:
		items = v
	case []string:
		for _, item := range v {
			items = append(items, item)
		}
	default:
		return nil, wrongType(at, "a list", value)
	}
	out := make([]any, len(items))
	for i, item := range items {
		checked, err := s.elem.shape.check(fmt.Sprintf("%s[%d]", at, i), item)
		if err != nil {
			return nil, err
		}
		out[i] = checked
	}
	return out, nil
}

// checkScalar forgives a number written as text and the reverse: identifiers that look like numbers are common.
func (s *shape) checkScalar(at string, value any) (any, error) {
	switch s.kind {
	case kindString:
		return checkText(at, value)
	case kindInteger:
		if n, ok := integer(value); ok {
			return n, nil
		}
		return nil, wrongType(at, "an integer", value)
	case kindNumber:
		if n, ok := number(value); ok {
			return n, nil
		}
		return nil, wrongType(at, "a number", value)
	case kindBoolean:
		switch v := value.(type) {
		case bool:
			return v, nil
		case string:
			if v == "true" || v == "false" {
				return v == "true", nil
			}
		}
		return nil, wrongType(at, "true or false", value)
	case kindTime:
		t, err := inputTime(value)
		if err != nil {
			return nil, wrongType(at, "a time (RFC 3339)", value)
		}
		return timeValue{t}, nil
	default: // a blob
		text, ok := value.(string)
		if _, err := base64.StdEncoding.DecodeString(text); !ok || err != nil {
			return nil, wrongType(at, "base64 text", value)
		}
		return text, nil
	}
}

func checkText(at string, value any) (any, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case json.Number:
		return v.String(), nil
	}
	if n, ok := integer(value); ok {
		return strconv.FormatInt(n, 10), nil
	}
	if n, ok := number(value); ok {
		return strconv.FormatFloat(n, 'f', -1, 64), nil
	}
	return nil, wrongType(at, "text", value)
}

func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), true
		}
	case json.Number:
		return integer(v.String())
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	case string:
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	}
	n, ok := integer(value)
	return float64(n), ok
}

func inputTime(value any) (time.Time, error) {
	switch v := value.(type) {
	case time.Time:
		return v.UTC(), nil
	case string:
		return time.Parse(time.RFC3339Nano, v)
	}
	n, ok := number(value)
	if !ok {
		return time.Time{}, errors.New("not a time")
	}
	whole, part := math.Modf(n)
	return time.Unix(int64(whole), int64(math.Round(part*1e6))*1e3).UTC(), nil
}

func wrongType(at, want string, value any) error {
	return fmt.Errorf("input member %s must be %s, not %s", at, want, describe(value))
}

func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		if len(v) > 40 {
			v = v[:40] + "…"
		}
		return strconv.Quote(v)
	}
	return fmt.Sprintf("%v", value)
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// fill replaces each {name} in a template.
func fill(template string, value func(string) (string, error)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("template %q has no closing brace", template)
		}
		v, err := value(name)
		if err != nil {
			return "", err
		}
		b.WriteString(v)
		template = after
	}
}

// hint suggests a name near to a mistyped one, as the end of a sentence.
func hint(name string, names []string) string {
	if near := content.DidYouMean(name, names); near != "" {
		return "; " + near
	}
	return ""
}
