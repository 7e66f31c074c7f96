package provider

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stancehq/stance/internal/content"
)

// Fault is what a vendor said when it gave no answer.
type Fault struct {
	// Code is the vendor's; HTTP404 and the like where the answer has none.
	Code    string
	Message string
	// HTML says that a web page came instead of the vendor's own words.
	HTML bool
}

// Classify says what a fault means: the first rule that holds decides. What no rule knows is broken, and never taken for an
// absence. Wide is as in Error.
func Classify(rules []content.ErrorRule, service string, fault Fault, status int) (class Class, wide bool) {
	if fault.HTML {
		// A web page is not the vendor's own word. Gateways say with one that they are overloaded; all else is not understood.
		if status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout {
			return Retryable, false
		}
		return Broken, false
	}
	for _, rule := range rules {
		if RuleHolds(rule, service, fault, status) {
			return Class(rule.Class), rule.Wide
		}
	}
	return Broken, false
}

// RuleHolds says whether every condition of a rule holds of a fault.
func RuleHolds(rule content.ErrorRule, service string, fault Fault, status int) bool {
	return (rule.Service == "" || rule.Service == service) &&
		(len(rule.Status) == 0 || slices.Contains(rule.Status, status)) &&
		(rule.Message == "" || strings.Contains(strings.ToLower(fault.Message), strings.ToLower(rule.Message))) &&
		(len(rule.Codes) == 0 || slices.ContainsFunc(rule.Codes, func(pattern string) bool { return matches(pattern, fault.Code) }))
}

// matches compares without regard to case; a * may stand at either end.
func matches(pattern, code string) bool {
	pattern, code = strings.ToLower(pattern), strings.ToLower(code)
	before, after := strings.HasPrefix(pattern, "*"), strings.HasSuffix(pattern, "*")
	pattern = strings.Trim(pattern, "*")
	switch {
	case before && after:
		return strings.Contains(code, pattern)
	case before:
		return strings.HasSuffix(code, pattern)
	case after:
		return strings.HasPrefix(code, pattern)
	}
	return code == pattern
}

// MaxMessage bounds what is kept of a vendor's words, in bytes.
const MaxMessage = 300

// FirstLine keeps the first line that says something, clipped.
func FirstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return Clip(line)
		}
	}
	return ""
}

// Clip bounds a message, at a letter's border.
func Clip(text string) string {
	if len(text) <= MaxMessage {
		return text
	}
	cut := MaxMessage - len("…")
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// RetryAfter reads the header of that name: seconds, or a date.
func RetryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
