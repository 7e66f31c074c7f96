package replay

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// recorded is a cloud of a few calls, one of each protocol.
func recorded(faults Faults) *Server {
	return NewServer(&Recording{Exchanges: []Exchange{
		{Call: "s3:List", Method: "GET", Host: "s3.eu-west-1.amazonaws.com", Path: "/?a=1&b=2", Status: 200, Answer: "buckets", Header: map[string]string{"Content-Type": "text/xml"}},
		{Call: "ec2:DescribeVpcs", Method: "POST", Host: "ec2.eu-west-1.amazonaws.com", Path: "/", Body: "Action=DescribeVpcs&Version=1", Status: 200, Answer: "vpcs"},
		{Call: "iam:ListUsers", Method: "POST", Host: "iam.amazonaws.com", Path: "/", Body: "Action=ListUsers&Version=1", Status: 200, Answer: "users"},
		{Call: "ecs:List", Method: "POST", Host: "ecs.eu-west-1.amazonaws.com", Path: "/", Target: "Ecs.List", Body: `{"a":1,"b":{"c":2,"d":3}}`, Status: 200, Answer: "first"},
		{Call: "ecs:List", Method: "POST", Host: "ecs.eu-west-1.amazonaws.com", Path: "/", Target: "Ecs.List", Body: `{"a":1,"b":{"c":2,"d":3}}`, Status: 200, Answer: "second"},
		{Call: "lambda:List", Method: "GET", Host: "lambda.eu-west-1.amazonaws.com", Path: "/functions", Status: 200, Answer: "functions"},
	}}, faults)
}

// serve asks the server itself, without a connection.
func serve(s *Server, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestRequestsThatMeanTheSameGetTheSame(t *testing.T) {
	const json = "application/x-amz-json-1.1"
	for name, c := range map[string]struct {
		request *http.Request
		want    string
	}{
		"as recorded":                  {request(t, "GET", "https://s3.eu-west-1.amazonaws.com/?a=1&b=2", ""), "200 buckets"},
		"another order of parameters":  {request(t, "GET", "https://s3.eu-west-1.amazonaws.com/?b=2&a=1", ""), "200 buckets"},
		"another date and signature":   {request(t, "GET", "https://s3.eu-west-1.amazonaws.com/?a=1&b=2", "", "X-Amz-Date", "20990101T000000Z", "Authorization", "AWS4-HMAC-SHA256 other", "Amz-Sdk-Invocation-Id", "x"), "200 buckets"},
		"signed in its address":        {request(t, "GET", "https://s3.eu-west-1.amazonaws.com/?X-Amz-Signature=x&a=1&b=2&X-Amz-Date=20990101T000000Z", ""), "200 buckets"},
		"another order in a form":      {request(t, "POST", "https://iam.amazonaws.com/", "Version=1&Action=ListUsers", "Content-Type", form+"; charset=utf-8"), "200 users"},
		"another order in JSON":        {request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"b": {"d":3, "c":2}, "a":1}`, "Content-Type", json, "X-Amz-Target", "Ecs.List"), "200 first"},
		"another parameter":            {request(t, "GET", "https://s3.eu-west-1.amazonaws.com/?a=1&b=3", ""), "400"},
		"another operation":            {request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"a":1,"b":{"c":2,"d":3}}`, "Content-Type", json, "X-Amz-Target", "Ecs.Other"), "400"},
		"another number in JSON":       {request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"a":10,"b":{"c":2,"d":3}}`, "Content-Type", json, "X-Amz-Target", "Ecs.List"), "400"},
		"the same of another region":   {request(t, "GET", "https://s3.us-east-1.amazonaws.com/?a=1&b=2", ""), "400"},
		"the same by another method":   {request(t, "PUT", "https://s3.eu-west-1.amazonaws.com/?a=1&b=2", ""), "400"},
		"what is no JSON though named": {request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"a":`, "Content-Type", json, "X-Amz-Target", "Ecs.List"), "400"},
	} {
		t.Run(name, func(t *testing.T) {
			s := recorded(Faults{})
			w := serve(s, c.request)
			got := fmt.Sprintf("%d %s", w.Code, w.Body)
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if missed := len(s.Missed()); missed != 0 != (c.want == "400") {
				t.Errorf("missed %v", s.Missed())
			}
			if s.Requests() != 1 {
				t.Errorf("%d requests", s.Requests())
			}
		})
	}
}

func TestTheSameRequestIsAnsweredInTheOrderRecorded(t *testing.T) {
	s := recorded(Faults{})
	for _, want := range []string{"first", "second", "second", "second"} {
		w := serve(s, request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"a":1,"b":{"c":2,"d":3}}`, "Content-Type", "application/json", "X-Amz-Target", "Ecs.List"))
		if w.Body.String() != want {
			t.Errorf("got %s, want %s", w.Body, want)
		}
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if w := serve(recorded(Faults{Latency: 20 * time.Millisecond}), request(t, "GET", "https://lambda.eu-west-1.amazonaws.com/functions", "")); w.Body.String() != "functions" {
			t.Errorf("got %s", w.Body)
		}
		if took := time.Since(began); took != 20*time.Millisecond {
			t.Errorf("it took %s", took)
		}
	})
}

func TestDeniedCallsAreWordedAsTheirProtocolDoes(t *testing.T) {
	deny := map[string]bool{"s3:List": true, "ec2:DescribeVpcs": true, "iam:ListUsers": true, "ecs:List": true}
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		header  string // X-Amzn-Errortype
		body    string
	}{
		"S3":            {request(t, "GET", "https://s3.eu-west-1.amazonaws.com/?a=1&b=2", ""), 403, "", "<Error><Code>AccessDenied</Code>"},
		"EC2":           {request(t, "POST", "https://ec2.eu-west-1.amazonaws.com/", "Action=DescribeVpcs&Version=1", "Content-Type", form), 403, "", "<Response><Errors><Error><Code>AccessDenied</Code>"},
		"query":         {request(t, "POST", "https://iam.amazonaws.com/", "Action=ListUsers&Version=1", "Content-Type", form), 403, "", "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"},
		"JSON":          {request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"a":1,"b":{"c":2,"d":3}}`, "Content-Type", "application/json", "X-Amz-Target", "Ecs.List"), 403, "", `"__type":"AccessDeniedException"`},
		"REST and JSON": {request(t, "GET", "https://lambda.eu-west-1.amazonaws.com/other", ""), 400, "NotRecorded", "not in the recording"},
		"another call":  {request(t, "GET", "https://lambda.eu-west-1.amazonaws.com/functions", ""), 200, "", "functions"},
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(recorded(Faults{Deny: deny}), c.request)
			if w.Code != c.status || w.Header().Get("X-Amzn-Errortype") != c.header || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
			}
		})
	}
}

// TestFaultsComeInTheShareAsked counts them over many requests, through connections as a client has them.
func TestFaultsComeInTheShareAsked(t *testing.T) {
	const calls = 2000
	outcomes := func(f Faults) (throttled, reset int, all string) {
		recording := &Recording{}
		for i := range calls {
			recording.Exchanges = append(recording.Exchanges, Exchange{Method: "GET", Host: "h", Path: fmt.Sprintf("/%d", i), Status: 200, Answer: "x"})
		}
		transport, stop := NewServer(recording, f).Transport()
		defer stop()
		var seen strings.Builder
		for i := range calls {
			response, err := transport.RoundTrip(request(t, "POST", "https://h/unknown", "")) // has no luck to draw
			if err != nil || response.StatusCode != 400 {
				t.Fatal(response, err)
			}
			response.Body.Close()
			response, err = transport.RoundTrip(request(t, "GET", fmt.Sprintf("https://h/%d", i), ""))
			switch {
			case err != nil:
				if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "closed") && !strings.Contains(err.Error(), "EOF") {
					t.Fatalf("a cut connection gives %v", err)
				}
				reset++
				seen.WriteByte('r')
				continue
			case response.StatusCode == http.StatusTooManyRequests:
				throttled++
				seen.WriteByte('t')
			default:
				seen.WriteByte('.')
			}
			response.Body.Close()
		}
		return throttled, reset, seen.String()
	}
	throttled, reset, first := outcomes(Faults{Throttle: 0.2, Reset: 0.05, Seed: 7})
	for name, c := range map[string]struct{ got, want float64 }{"throttled": {float64(throttled), 0.2 * calls}, "reset": {float64(reset), 0.05 * calls}} {
		if math.Abs(c.got-c.want) > 5*math.Sqrt(c.want) {
			t.Errorf("%s: %v of %d, want about %v", name, c.got, calls, c.want)
		}
	}
	if _, _, again := outcomes(Faults{Throttle: 0.2, Reset: 0.05, Seed: 7}); again != first {
		t.Error("the same seed gives other faults")
	}
	if _, _, other := outcomes(Faults{Throttle: 0.2, Reset: 0.05, Seed: 8}); other == first {
		t.Error("another seed gives the same faults")
	}
}

func TestARequestThatFailedIsAnsweredInTheEnd(t *testing.T) {
	s := recorded(Faults{Throttle: 0.5, Seed: 3})
	answers := map[string]int{}
	for range 40 {
		w := serve(s, request(t, "POST", "https://ecs.eu-west-1.amazonaws.com/", `{"a":1,"b":{"c":2,"d":3}}`, "Content-Type", "application/json", "X-Amz-Target", "Ecs.List"))
		answers[fmt.Sprintf("%d %.6s", w.Code, w.Body)]++
	}
	// What was refused is not used up: the first answer is still given, once.
	if answers["200 first"] != 1 || answers["200 second"] < 5 || answers[`429 {"__ty`] < 5 {
		t.Errorf("got %v", answers)
	}
}

func TestATransportThatIsClosedSaysSo(t *testing.T) {
	transport, stop := recorded(Faults{}).Transport()
	if status, body := send(t, transport, request(t, "GET", "https://lambda.eu-west-1.amazonaws.com/functions", "")); status != 200 || body != "functions" {
		t.Errorf("got %d %s", status, body)
	}
	stop()
	if response, err := transport.RoundTrip(request(t, "GET", "https://lambda.eu-west-1.amazonaws.com/functions", "")); err == nil {
		response.Body.Close()
		t.Error("it still answers")
	}
}
