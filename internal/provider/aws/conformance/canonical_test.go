package conformance

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
)

// canonical brings numbers into one form: by their value, however written, exactly.
func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = canonical(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = canonical(value)
		}
		return out
	case json.Number:
		if r, ok := new(big.Rat).SetString(v.String()); ok {
			return "number " + r.RatString()
		}
	}
	return v
}

// firstDifference says where two canonical values differ.
func firstDifference(at string, got, want any) string {
	if reflect.DeepEqual(got, want) {
		return ""
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		keys := map[string]bool{}
		for key := range w {
			keys[key] = true
		}
		for key := range g {
			keys[key] = true
		}
		sorted := make([]string, 0, len(keys))
		for key := range keys {
			sorted = append(sorted, key)
		}
		slices.Sort(sorted)
		for _, key := range sorted {
			gv, inGot := g[key]
			wv, inWant := w[key]
			switch {
			case !inGot:
				return fmt.Sprintf("%s.%s is missing, want %.120s", at, key, show(wv))
			case !inWant:
				return fmt.Sprintf("%s.%s is %.120s, want none", at, key, show(gv))
			}
			if diff := firstDifference(at+"."+key, gv, wv); diff != "" {
				return diff
			}
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			break
		}
		for i := range w {
			if diff := firstDifference(fmt.Sprintf("%s[%d]", at, i), g[i], w[i]); diff != "" {
				return diff
			}
		}
	}
	return fmt.Sprintf("%s is %.120s, want %.120s", at, show(got), show(want))
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// sameXML compares two documents by their elements, attributes and text.
func sameXML(a, b []byte) bool {
	x, errX := flatten(a)
	y, errY := flatten(b)
	return errX == nil && errY == nil && slices.Equal(x, y)
}

func flatten(document []byte) ([]string, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	var out []string
	for {
		token, err := d.Token()
		if token == nil {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			attrs := make([]string, 0, len(t.Attr))
			for _, a := range t.Attr {
				attrs = append(attrs, a.Name.Space+":"+a.Name.Local+"="+a.Value)
			}
			slices.Sort(attrs)
			out = append(out, "<"+t.Name.Space+" "+t.Name.Local+" "+strings.Join(attrs, " "))
		case xml.EndElement:
			out = append(out, ">")
		case xml.CharData:
			out = append(out, string(t))
		}
	}
}
