package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider/aws/wire"
)

// Every read operation, with all members given and with the required ones alone, is asked for as botocore asks.
func TestRequestsEqualBotocores(t *testing.T) {
	prepared, found, count := services{}, map[string]string{}, 0
	for _, g := range goldens(t) {
		op := prepared.operation(t, g.Service, g.Op)
		if g.RequestError != "" {
			found[op.Call()] = "botocore: " + g.RequestError
			continue
		}
		for _, want := range g.Requests {
			count++
			got, err := op.Encode(t.Context(), want.Input)
			if err != nil {
				found[op.Call()] = err.Error()
			} else if diff := compareRequests(got, want); diff != "" {
				found[op.Call()] = diff
			}
		}
	}
	t.Logf("%d requests", count)
	differences(t, "testdata/requests.txt", found)
}

func compareRequests(got *wire.Request, want goldenRequest) string {
	u, err := url.Parse(want.URL)
	if err != nil {
		return err.Error()
	}
	gotQuery, err := url.ParseQuery(got.RawQuery)
	if err != nil {
		return err.Error()
	}
	switch {
	case got.Method != want.Method:
		return fmt.Sprintf("method %s, want %s", got.Method, want.Method)
	case samePath(got.EscapedPath) != samePath(u.EscapedPath()):
		return fmt.Sprintf("path %s, want %s", got.EscapedPath, u.EscapedPath())
	case !sameValues(gotQuery, u.Query()):
		return fmt.Sprintf("query %s, want %s", got.RawQuery, u.RawQuery)
	case got.HostPrefix != want.HostPrefix:
		return fmt.Sprintf("host prefix %q, want %q", got.HostPrefix, want.HostPrefix)
	}
	if diff := compareHeaders(got.Header, want.Headers); diff != "" {
		return diff
	}
	return compareBodies(got, want)
}

// samePath undoes differences in how much is escaped.
func samePath(escaped string) string {
	escaped = strings.ReplaceAll(strings.ReplaceAll(escaped, "%2F", "%252F"), "%2f", "%252F")
	if plain, err := url.PathUnescape(escaped); err == nil {
		return plain
	}
	return escaped
}

func sameValues(a, b url.Values) bool {
	if len(a) != len(b) {
		return false
	}
	for key := range a {
		if !slices.Equal(slices.Sorted(slices.Values(a[key])), slices.Sorted(slices.Values(b[key]))) {
			return false
		}
	}
	return true
}

// compareHeaders leaves out what the transport adds, and the type of a body that is not there.
func compareHeaders(got http.Header, want map[string]string) string {
	ours, theirs := map[string]string{}, map[string]string{}
	for name, values := range got {
		ours[strings.ToLower(name)] = strings.Join(values, ",")
	}
	for name, value := range want {
		theirs[strings.ToLower(name)] = value
	}
	for _, name := range []string{"content-length", "content-type", "accept", "x-amz-glacier-version"} {
		delete(ours, name)
		delete(theirs, name)
	}
	for name := range theirs {
		if ours[name] != theirs[name] {
			return fmt.Sprintf("header %s: %q, want %q", name, ours[name], theirs[name])
		}
	}
	for name := range ours {
		if _, ok := theirs[name]; !ok {
			return fmt.Sprintf("header %s: %q, want none", name, ours[name])
		}
	}
	return ""
}

func compareBodies(got *wire.Request, want goldenRequest) string {
	if bytes.Equal(got.Body, want.Body) {
		return ""
	}
	differ := fmt.Sprintf("body %.300q, want %.300q", got.Body, want.Body)
	kind := got.Header.Get("Content-Type")
	switch {
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		a, errA := url.ParseQuery(string(got.Body))
		b, errB := url.ParseQuery(string(want.Body))
		if errA == nil && errB == nil && sameValues(a, b) {
			return ""
		}
	case strings.Contains(kind, "json"):
		if a, b := decode(got.Body), decode(want.Body); a != nil && reflect.DeepEqual(a, b) {
			return ""
		}
	case strings.Contains(kind, "xml"):
		if sameXML(got.Body, want.Body) {
			return ""
		}
	case len(got.Body) == 0 && string(want.Body) == "{}":
		return "" // a body without members
	}
	return differ
}

// decode gives a JSON value for comparison: numbers by their value, however written.
func decode(text []byte) any {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return canonical(v)
}
