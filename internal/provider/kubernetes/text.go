package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// errNoAnswer says that a body is not what was asked for but words about an error.
var errNoAnswer = errors.New("not an answer")

type health struct {
	OK     bool          `json:"ok"`
	Checks []healthCheck `json:"checks"`
}

type healthCheck struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

var healthLine = regexp.MustCompile(`^\[([+-])\](\S+) ?(.*)$`)

// readHealth reads "[+]etcd ok" and "[-]etcd failed: reason withheld", a check a line. A server that is not well says so with 500.
func readHealth(got *received) (any, error) {
	h := health{OK: got.status < http.StatusBadRequest, Checks: []healthCheck{}}
	for line := range strings.Lines(string(got.body)) {
		m := healthLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		check := healthCheck{Name: m[2], OK: m[1] == "+", Detail: m[3]}
		if check.Detail == "ok" {
			check.Detail = ""
		}
		h.Checks = append(h.Checks, check)
	}
	if len(h.Checks) == 0 && (!h.OK || !strings.EqualFold(strings.TrimSpace(string(got.body)), "ok")) {
		if !h.OK {
			return nil, errNoAnswer
		}
		return nil, fmt.Errorf("the answer is no list of checks: %q", firstWords(got.body))
	}
	return h, nil
}

// flagLine takes a name apart from its value. Which of these signs a server puts between them it chooses by chance, so that
// nobody relies on it.
var flagLine = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_.-]*)(?:: |:|=| )(.*)$`)

// readFlags reads the flags of a server, as JSON or as text.
func readFlags(got *received) (any, error) {
	var page struct{ Flags map[string]string }
	if isObject(got.body) {
		if err := json.Unmarshal(got.body, &page); err != nil || page.Flags == nil {
			return nil, fmt.Errorf("the answer has no flags: %q", firstWords(got.body))
		}
		return map[string]any{"flags": page.Flags}, nil
	}
	flags := map[string]string{}
	for _, line := range pageLines(got.body, "flagz") {
		if m := flagLine.FindStringSubmatch(line); m != nil {
			flags[m[1]] = m[2]
		}
	}
	if len(flags) == 0 {
		return nil, fmt.Errorf("the answer has no flags: %q", firstWords(got.body))
	}
	return map[string]any{"flags": flags}, nil
}

// statusNames are the names that the text of a server's status has for what its JSON calls otherwise.
var statusNames = map[string]string{
	"Started": "startTime", "Up": "uptime", "Go version": "goVersion", "Binary version": "binaryVersion", "Emulation version": "emulationVersion",
	"Minimum Compatibility version": "minimumCompatibilityVersion", "Paths": "paths",
}

// readStatus reads the status of a server, as JSON or as text, into texts.
func readStatus(got *received) (any, error) {
	flags := map[string]string{}
	if isObject(got.body) {
		for _, m := range members(nil, got.body) {
			switch {
			case m.key == "kind" || m.key == "apiVersion" || m.key == "metadata":
			case m.value[0] == '"':
				flags[m.key] = unquote(m.value)
			default:
				flags[m.key] = string(m.value)
			}
		}
	} else {
		for _, line := range pageLines(got.body, "statusz") {
			for label, name := range statusNames {
				if rest, ok := strings.CutPrefix(line, label); ok && rest != "" && strings.ContainsRune(":= ", rune(rest[0])) {
					flags[name] = strings.TrimSpace(rest[1:])
				}
			}
		}
	}
	if len(flags) == 0 {
		return nil, fmt.Errorf("the answer has no status: %q", firstWords(got.body))
	}
	return map[string]any{"flags": flags}, nil
}

// pageLines are the lines of a page for people, without its heading and its warning.
func pageLines(body []byte, heading string) []string {
	var lines []string
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && !strings.HasSuffix(line, " "+heading) && !strings.HasPrefix(line, "Warning: ") {
			lines = append(lines, line)
		}
	}
	return lines
}
