package wire

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// appendKey appends a member's name, with a comma before it unless it is the first.
func appendKey(dst []byte, name string) []byte {
	dst = comma(dst)
	dst = jsonscan.AppendQuoted(dst, name)
	return append(dst, ':')
}

// comma separates from what stands before, if anything does in the same object or list.
func comma(dst []byte) []byte {
	if last := dst[len(dst)-1]; last != '{' && last != '[' {
		return append(dst, ',')
	}
	return dst
}

// appendScalar appends text that was read for a shape. Text that is not of the shape's type stays text: one odd value must not
// lose a page, and what reads the document sees that the type is not as described.
func appendScalar(dst []byte, s *shape, text string) []byte {
	switch s.kind {
	case kindInteger:
		if n, ok := canonicalInteger(text); ok {
			return append(dst, n...)
		}
	case kindNumber:
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			if json.Valid([]byte(text)) {
				return append(dst, text...)
			}
			return strconv.AppendFloat(dst, f, 'g', -1, 64)
		}
	case kindBoolean:
		switch {
		case strings.EqualFold(text, "true"):
			return append(dst, "true"...)
		case strings.EqualFold(text, "false"):
			return append(dst, "false"...)
		}
	case kindTime:
		if t, ok := parseTime(text); ok {
			return appendTime(dst, t)
		}
	case kindString:
		if s.text != nil {
			text = s.text(text)
		}
	}
	return jsonscan.AppendQuoted(dst, text)
}

// canonicalInteger gives the digits of an integer, exactly, however it was written: 12, +12, 1.5E9.
func canonicalInteger(text string) (string, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10), true
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return strconv.FormatUint(n, 10), true
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 && strings.ContainsAny(text, ".eE") {
		return strconv.FormatInt(int64(f), 10), true
	}
	return "", false
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// timeLayouts are what services send, whatever their description says. Without a zone, times are UTC.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	time.RFC1123,
	time.RFC1123Z,
	"Mon, 2 Jan 2006 15:04:05 MST",
	time.RFC850,
	time.ANSIC,
	"2006-01-02Z07:00",
	"2006-01-02",
}

// parseTime reads a time in any of the vendor's forms: text, or seconds since 1970.
func parseTime(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, false
	}
	if t, ok := epoch(text); ok {
		return t, true
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, validYear(t)
		}
	}
	return time.Time{}, false
}

// epoch reads seconds since 1970. The decimal digits are kept exact, which a float would not.
func epoch(text string) (time.Time, bool) {
	whole, part, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || len(part) > 0 && strings.ContainsAny(part, "eE+-") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(f) > 1e12 {
			return time.Time{}, false
		}
		seconds, fraction := math.Modf(f)
		t := time.Unix(int64(seconds), int64(math.Round(fraction*1e6))*1e3)
		return t, validYear(t)
	}
	nanos := int64(0)
	if part != "" {
		digits := (part + "000000000")[:9]
		if nanos, err = strconv.ParseInt(digits, 10, 64); err != nil {
			return time.Time{}, false
		}
		if strings.HasPrefix(whole, "-") {
			nanos = -nanos
		}
	}
	t := time.Unix(seconds, nanos)
	return t, validYear(t)
}

// validYear says that RFC 3339 can write the time.
func validYear(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 0 && year <= 9999
}
