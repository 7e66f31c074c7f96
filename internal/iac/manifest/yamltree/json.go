package yamltree

import (
	"encoding/json"
	"regexp"
	"strconv"
	"unicode/utf16"

	"github.com/stancehq/stance/internal/iac"
)

// JSON is what a value is to encoding/json, numbers without loss. What is unknown is nil.
func JSON(v *iac.Value) any {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case iac.Bool:
		return v.Text == "true"
	case iac.Number:
		if jsonNumber.MatchString(v.Text) {
			return json.Number(v.Text)
		}
		return v.Text
	case iac.String:
		return v.Text
	case iac.List:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = JSON(item)
		}
		return list
	case iac.Object:
		object := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			object[f.Key] = JSON(f.Value)
		}
		return object
	}
	return nil
}

var pair = regexp.MustCompile(`\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}`)

// joinSurrogates writes out what JSON escapes as two halves, which YAML does not have.
func joinSurrogates(text []byte) []byte {
	return pair.ReplaceAllFunc(text, func(both []byte) []byte {
		high, _ := strconv.ParseUint(string(both[2:6]), 16, 16)
		low, _ := strconv.ParseUint(string(both[8:12]), 16, 16)
		return []byte(string(utf16.DecodeRune(rune(high), rune(low))))
	})
}
