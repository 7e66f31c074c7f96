package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"
)

// answer stands in for one that the simulator lacks, or gives wrongly.
type answer struct {
	Status int    `yaml:"status"`
	Type   string `yaml:"type"`
	Body   string `yaml:"body"`
	// Empty is the answer of a service that knows of nothing, worded as the request's protocol does.
	Empty bool `yaml:"empty"`
	// Denied is a refusal, worded likewise.
	Denied bool `yaml:"denied"`
	// Item is put in place of {items} in Body once for each value that the request lists under Each, in place of {value}.
	Each string `yaml:"each"`
	Item string `yaml:"item"`

	used bool
}

// readAnswers reads a map from requests to answers: see find.
func readAnswers(name string) (map[string]*answer, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var answers map[string]*answer
	if err := yaml.Unmarshal(text, &answers); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return answers, nil
}

// filler answers what the simulator does not know.
type filler struct {
	next    http.RoundTripper
	answers map[string]*answer
}

func (f *filler) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := drain(request)
	if err != nil {
		return nil, err
	}
	if found := f.find(request, body); found != nil {
		return respond(request, found.worded(request, body)), nil
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

// find looks for a request under "service operation" or "service METHOD /path?query", in which * is any part of a path and the
// query one parameter that must be there. Service is the first part of the host, or the first two for an answer of one
// region or bucket. Of several the one that says most is taken.
func (f *filler) find(request *http.Request, body []byte) *answer {
	var best string
	for key := range f.answers {
		if matches(key, request, body) && (best == "" || precision(key) > precision(best) || precision(key) == precision(best) && key < best) {
			best = key
		}
	}
	if best == "" {
		return nil
	}
	f.answers[best].used = true
	return f.answers[best]
}

func matches(key string, request *http.Request, body []byte) bool {
	service, wanted, _ := strings.Cut(key, " ")
	labels := strings.Split(request.URL.Host, ".")
	if service != labels[0] && service != labels[0]+"."+labels[1] {
		return false
	}
	method, pattern, isPath := strings.Cut(wanted, " ")
	if !isPath {
		return wanted == operationOf(request, body)
	}
	pattern, parameter, asks := strings.Cut(pattern, "?")
	if asks && !request.URL.Query().Has(parameter) {
		return false
	}
	ok, err := path.Match(pattern, request.URL.Path)
	return err == nil && ok && method == request.Method
}

// precision is higher the more a key says of its requests.
func precision(key string) int {
	service, _, _ := strings.Cut(key, " ")
	return len(key) - 100*strings.Count(key, "*") + 1000*strings.Count(service, ".")
}

// operationOf names the operation as the RPC protocols do; it is empty in the others.
func operationOf(request *http.Request, body []byte) string {
	if target := request.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndex(target, ".")+1:]
	}
	for part := range strings.SplitSeq(string(body), "&") {
		if action, ok := strings.CutPrefix(part, "Action="); ok {
			return action
		}
	}
	return ""
}

// worded puts Empty and Denied into the words of the request's protocol.
func (a *answer) worded(request *http.Request, body []byte) answer {
	if a.Each != "" {
		filled := *a
		filled.Body = strings.ReplaceAll(a.Body, "{items}", a.items(body))
		return filled
	}
	if !a.Empty && !a.Denied {
		return *a
	}
	operation, isEC2 := operationOf(request, body), strings.HasPrefix(request.URL.Host, "ec2.")
	isXML := strings.Contains(string(body), "Action=")
	const message = "the audit role is not authorized to perform this action"
	switch {
	case a.Denied && isEC2:
		return answer{Status: http.StatusForbidden, Type: "text/xml", Body: "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>" + message + "</Message></Error></Errors></Response>"}
	case a.Denied && isXML:
		return answer{Status: http.StatusForbidden, Type: "text/xml", Body: "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>" + message + "</Message></Error></ErrorResponse>"}
	case a.Denied:
		return answer{Status: http.StatusForbidden, Type: "application/json", Body: `{"__type": "AccessDeniedException", "message": "` + message + `"}`}
	case isEC2:
		return answer{Type: "text/xml", Body: fmt.Sprintf("<%sResponse></%[1]sResponse>", operation)}
	case isXML:
		return answer{Type: "text/xml", Body: fmt.Sprintf("<%sResponse><%[1]sResult></%[1]sResult></%[1]sResponse>", operation)}
	}
	return answer{Body: "{}"}
}

// items writes one item for each value of a list in a form: Name.1=a&Name.2=b.
func (a *answer) items(body []byte) string {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	var items strings.Builder
	for i := 1; form.Has(fmt.Sprint(a.Each, ".", i)); i++ {
		items.WriteString(strings.ReplaceAll(a.Item, "{value}", form.Get(fmt.Sprint(a.Each, ".", i))))
	}
	return items.String()
}

// unused are the answers that nobody asked for.
func (f *filler) unused() (keys []string) {
	for key, found := range f.answers {
		if !found.used {
			keys = append(keys, key)
		}
	}
	return keys
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
