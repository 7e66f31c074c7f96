package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"go.yaml.in/yaml/v4"
)

// answer stands in for an operation that the simulator lacks.
type answer struct {
	Status int    `yaml:"status"`
	Type   string `yaml:"type"`
	Body   string `yaml:"body"`
}

// readAnswers reads a map from parts of requests (a target, an action, a method and path) to answers.
func readAnswers(name string) (map[string]answer, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var answers map[string]answer
	if err := yaml.Unmarshal(text, &answers); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return answers, nil
}

// filler answers what the simulator does not know.
type filler struct {
	next    http.RoundTripper
	answers map[string]answer
}

func (f *filler) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := drain(request)
	if err != nil {
		return nil, err
	}
	if found, ok := f.find(request, body); ok {
		return respond(request, found), nil
	}
	return f.next.RoundTrip(request)
}

func drain(request *http.Request) ([]byte, error) {
	if request.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(request.Body)
	request.Body.Close()
	request.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

func (f *filler) find(request *http.Request, body []byte) (answer, bool) {
	_, target, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	service, _, _ := strings.Cut(request.URL.Host, ".")
	keys := []string{service + " " + target, service + " " + request.Method + " " + request.URL.Path}
	for _, part := range strings.Split(string(body), "&") {
		if action, ok := strings.CutPrefix(part, "Action="); ok {
			keys = append(keys, service+" "+action)
		}
	}
	for _, key := range keys {
		if found, ok := f.answers[key]; ok {
			return found, true
		}
	}
	return answer{}, false
}

func respond(request *http.Request, a answer) *http.Response {
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	if a.Type == "" {
		a.Type = "application/json"
	}
	return &http.Response{
		StatusCode: a.Status, Status: fmt.Sprint(a.Status, " ", http.StatusText(a.Status)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {a.Type}}, Body: io.NopCloser(strings.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: request,
	}
}
