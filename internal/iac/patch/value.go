package patch

import (
	"bytes"
	"encoding/json"
	"strings"
)

// compact is a value as JSON on one line.
func compact(v any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "null" // of what content holds, nothing cannot be encoded
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// shortly is a value in a sentence.
func shortly(v any) string {
	text := strings.ReplaceAll(strings.Trim(compact(v), `"`), `","`, `", "`)
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	return text
}
