package wire

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// operation prepares one described operation.
func operation(t testing.TB, service, op string) *Operation {
	t.Helper()
	model, err := api.Load(service)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(service, model)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Operation(op)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// response is an answer's head; headers are pairs.
func response(status int, headers ...string) *http.Response {
	r := &http.Response{StatusCode: status, Header: http.Header{}}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestOperationSuggestsNearNames(t *testing.T) {
	s := operation(t, "s3", "ListBuckets").Service
	if _, err := s.Operation("ListBucket"); err == nil || !strings.Contains(err.Error(), `did you mean "ListBuckets"?`) {
		t.Errorf("got %v", err)
	}
}

func TestServiceWithAnUnknownProtocolIsRefused(t *testing.T) {
	_, err := New("x", &api.Service{Metadata: api.Metadata{Protocol: "carrier-pigeon"}})
	if err == nil || !strings.Contains(err.Error(), "carrier-pigeon") {
		t.Errorf("got %v", err)
	}
}
