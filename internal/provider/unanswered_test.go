package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/url"
	"testing"
)

func TestWhatBecomesOfExchangesWithoutAnAnswer(t *testing.T) {
	refused := errors.New("dial tcp 192.0.2.1:443: connect: connection refused")
	wrongHost := x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"b.example.com"}}, Host: "a.example.com"}
	tests := []struct {
		name    string
		err     error
		class   Class
		message string
	}{
		{"too large", ErrLarge, Broken, "the answer is larger than 64 MiB"},
		{"silent", fmt.Errorf("%w for 1s", ErrIdle), Retryable, "h:1: nothing was received for 1s"},
		{
			"another's certificate", &url.Error{Op: "Get", URL: "https://h:1/", Err: wrongHost}, Broken,
			"the certificate is not for h:1: x509: certificate is valid for b.example.com, not a.example.com",
		},
		{"cut off", io.ErrUnexpectedEOF, Retryable, "the answer of h:1 ended in the middle"},
		{"hung up", &url.Error{Op: "Post", URL: "https://h:1/", Err: io.EOF}, Retryable, "h:1 closed the connection without an answer"},
		{"anything else", &url.Error{Op: "Get", URL: "https://h:1/?long", Err: refused}, Retryable, refused.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if class, message := Unanswered("h:1", test.err); class != test.class || message != test.message {
				t.Errorf("got %s: %s", class, message)
			}
		})
	}
}

func TestErrorsWithoutMethodAndAddress(t *testing.T) {
	plain := errors.New("x")
	for _, method := range []string{"Get", "Post", "Head"} {
		if got := Bare(&url.Error{Op: method, URL: "u", Err: &url.Error{Op: "Get", URL: "u", Err: plain}}); got != "x" {
			t.Errorf("%s: %s", method, got)
		}
	}
	for _, err := range []error{plain, errors.New(`Get "u"`), &url.Error{Op: "parse", URL: "u", Err: plain}} {
		if got := Bare(err); got != err.Error() {
			t.Errorf("%v becomes %s", err, got)
		}
	}
}

func TestTheProxyIsNamedWithoutItsPassword(t *testing.T) {
	if got := Through(nil); got != "" {
		t.Errorf("without one: %q", got)
	}
	proxy := &url.URL{Scheme: "http", Host: "p:3128", User: url.UserPassword("ann", "secret")}
	if got, want := Through(proxy), " (through the proxy http://ann:xxxxx@p:3128)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
