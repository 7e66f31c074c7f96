package wire

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
)

// htmlLine gives the first line of a web page, or nothing if the answer is none. Its words often name the proxy or portal
// that stands in the way.
func htmlLine(resp *http.Response, body []byte) string {
	if !isHTML(resp.Header.Get("Content-Type"), body) {
		return ""
	}
	return orElse(firstLine(string(body)), "empty page")
}

func isHTML(contentType string, body []byte) bool {
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind == "text/html" {
		// Some JSON and XML services label their answers so. What starts like JSON or XML is taken for it.
		start := bytes.TrimSpace(body)
		return len(start) > 0 && start[0] != '{' && start[0] != '[' && (start[0] != '<' || looksHTML(start))
	}
	return looksHTML(bytes.TrimSpace(body))
}

func looksHTML(start []byte) bool {
	head := strings.ToLower(string(start[:min(len(start), 15)]))
	return strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html")
}

// firstLine is the first line of text that says something, with the markup of a web page taken out.
func firstLine(text string) string {
	if t := between(text, "<title>", "</title>"); t != "" {
		return t
	}
	if t := between(text, "<h1>", "</h1>"); t != "" {
		return t
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

func between(text, open, end string) string {
	lower := strings.ToLower(text)
	i := strings.Index(lower, open)
	if i < 0 || len(lower) != len(text) {
		return ""
	}
	i += len(open)
	j := strings.Index(lower[i:], end)
	if j < 0 {
		return ""
	}
	return strings.Join(strings.Fields(text[i:i+j]), " ")
}
