package wire

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

func TestTimesAreReadInAllTheirForms(t *testing.T) {
	tests := map[string]string{
		"2023-11-14T22:13:20Z":            "2023-11-14T22:13:20Z",
		"2023-11-14T22:13:20.123456Z":     "2023-11-14T22:13:20.123456Z",
		"2023-11-15T00:13:20+02:00":       "2023-11-14T22:13:20Z",
		"2023-11-14T22:13:20+0000":        "2023-11-14T22:13:20Z",
		"2023-11-14T22:13:20":             "2023-11-14T22:13:20Z",
		"2022-06-30 17:04:16.671000":      "2022-06-30T17:04:16.671Z",
		"Tue, 14 Nov 2023 22:13:20 GMT":   "2023-11-14T22:13:20Z",
		"1700000000":                      "2023-11-14T22:13:20Z",
		"1700000000.1":                    "2023-11-14T22:13:20.1Z",
		"1.7E9":                           "2023-11-14T22:13:20Z",
		"2023-11-14":                      "2023-11-14T00:00:00Z",
		"0":                               "1970-01-01T00:00:00Z",
		"-1.5":                            "1969-12-31T23:59:58.5Z",
		"":                                "",
		"not_supported":                   "",
		"9999999999999":                   "",
		"N/A":                             "",
		"99999-01-01T00:00:00Z":           "",
		"1700000000.12345678901234567890": "2023-11-14T22:13:20.123456789Z",
	}
	for text, want := range tests {
		got := ""
		if at, ok := parseTime(text); ok {
			got = at.UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

func TestStringsAreWrittenAsJSON(t *testing.T) {
	for _, text := range []string{"", "plain", "quote\" back\\slash", "line\nfeed\ttab\r", "\x00\x1f\x7f", "é ü 漢 🙂", "\u2028", "a\xffb"} {
		var back string
		if err := json.Unmarshal(jsonscan.AppendQuoted(nil, text), &back); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		want := text
		if text == "a\xffb" {
			want = "a\ufffdb"
		}
		if back != want {
			t.Errorf("%q comes back as %q", text, back)
		}
	}
}
