package aws

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func TestCallMakesOneExchange(t *testing.T) {
	var asked atomic.Int32
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Host != "dynamodb.eu-west-1.amazonaws.com" || r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.ListTables" {
			t.Errorf("asked %s for %s", r.URL.Host, r.Header.Get("X-Amz-Target"))
		}
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/dynamodb/aws4_request") {
			t.Errorf("signed with %s", r.Header.Get("Authorization"))
		}
		clienttest.Write(w, 400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`, "Retry-After", "3")
	})})
	_, err := ask(t.Context(), p, "eu-west-1", "dynamodb:ListTables", nil)
	e := clienttest.Problem(t, err)
	if asked.Load() != 1 {
		t.Errorf("%d exchanges", asked.Load())
	}
	if e.Class != provider.Throttled || e.Code != "ThrottlingException" || e.Status != 400 || e.RetryAfter != 3*time.Second {
		t.Errorf("got %+v", e)
	}
}

func TestErrorsOfTheLine(t *testing.T) {
	tests := []struct {
		name    string
		answer  func(conn net.Conn)
		class   provider.Class
		message string
	}{
		{"the connection is reset", func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }, provider.Retryable, "reset"},
		{"the connection is closed without an answer", func(net.Conn) {}, provider.Retryable, "closed the connection without an answer"},
		{"the body ends in the middle", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Tab") }, provider.Retryable, "ended in the middle"},
		{"a chunked body ends in the middle", func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"Tab\r\n")
		}, provider.Retryable, "ended in the middle"},
		{"no HTTP", func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9\r\n") }, provider.Retryable, "malformed HTTP response"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := signedIn(t, Options{Endpoint: "http://" + hangingUp(t, test.answer)})
			_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
			if e := clienttest.Problem(t, err); e.Class != test.class || !strings.Contains(e.Message, test.message) || len(e.Message) > provider.MaxMessage {
				t.Errorf("got %s, want %s … %s", e, test.class, test.message)
			}
		})
	}
}

// hangingUp is the address of who reads a request, answers as a function does, and closes the connection.
func hangingUp(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				answer(conn)
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestAnEndpointThatNobodyListensOn(t *testing.T) {
	p := signedIn(t, Options{Endpoint: "http://127.0.0.1:1"})
	_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Retryable || !strings.Contains(e.Message, "connection refused") {
		t.Errorf("got %s", e)
	}
}

func TestAnUntrustedCertificateNamesTheRemedy(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would say that we hung up
	server.StartTLS()
	defer server.Close()
	p := signedIn(t, Options{Endpoint: server.URL})
	_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, "AWS_CA_BUNDLE") {
		t.Errorf("got %s", e)
	}
}

func TestAProxyThatDropsIsNamed(t *testing.T) {
	proxy := &url.URL{Scheme: "http", Host: hangingUp(t, func(net.Conn) {}), User: url.UserPassword("ann", "secret")}
	p := signedIn(t, Options{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}})
	_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
	e := clienttest.Problem(t, err)
	if e.Class != provider.Retryable || !strings.Contains(e.Message, "through the proxy http://ann:xxxxx@127.0.0.1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %s", e)
	}
}

// A canceled call is the context's error, not the vendor's.
func TestCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := signedIn(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})})
	if _, err := ask(ctx, p, "us-east-1", "dynamodb:ListTables", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// There is no limit on the whole time, only on silence.
func TestOnlySilenceEndsAnExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(pieces int, pause time.Duration) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				body, out := io.Pipe()
				go func() {
					_, _ = io.WriteString(out, `{"TableNames":["`)
					for range pieces {
						select {
						case <-time.After(pause):
						case <-r.Context().Done():
							_ = out.CloseWithError(r.Context().Err())
							return
						}
						_, _ = io.WriteString(out, "x")
					}
					_, _ = io.WriteString(out, `"]}`)
					_ = out.Close()
				}()
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body}, nil
			})
		}
		p := signedIn(t, Options{Transport: slow(100, idleTimeout-time.Second)})
		if _, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil); err != nil {
			t.Errorf("a slow answer: %v", err)
		}
		p = signedIn(t, Options{Transport: slow(2, idleTimeout+time.Second)})
		_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
		if e := clienttest.Problem(t, err); e.Class != provider.Retryable || !strings.Contains(e.Message, "nothing was received for") {
			t.Errorf("a silent one: %s", e)
		}
	})
}

func TestAnAnswerWithoutEndIsCutOff(t *testing.T) {
	p := signedIn(t, Options{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(endless{})}, nil
	})})
	_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, "larger than 64 MiB") {
		t.Errorf("got %s", e)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestWebPagesAreBroken(t *testing.T) {
	page := "<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>"
	tests := []struct {
		name   string
		status int
		body   string
		class  provider.Class
		code   string
	}{
		{"a 404 with a web page is no absence", 404, page, provider.Broken, "HTTP404"},
		{"a 500 with a web page", 500, page, provider.Broken, "HTTP500"},
		{"a 200 with a web page is no empty answer", 200, page, provider.Broken, ""},
		{"a gateway that is overloaded", 503, page, provider.Retryable, "HTTP503"},
	}
	for _, test := range tests {
		for _, call := range []string{"dynamodb:ListTables", "ec2:DescribeVpcs", "lambda:ListFunctions", "iam:ListUsers"} {
			t.Run(test.name+", "+call, func(t *testing.T) {
				p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
					clienttest.Write(w, test.status, test.body, "Content-Type", "text/html; charset=utf-8")
				})})
				_, err := ask(t.Context(), p, "us-east-1", call, nil)
				if e := clienttest.Problem(t, err); e.Class != test.class || e.Code != test.code || !strings.Contains(e.Message, "404 Not Found") {
					t.Errorf("got %s", e)
				}
			})
		}
	}
}

func TestAWrongClockIsCorrectedOnce(t *testing.T) {
	var asked int
	var signedAt []string
	log, text := logged()
	p := signedIn(t, Options{Logger: log, Transport: served(func(w http.ResponseWriter, r *http.Request) {
		asked++
		signedAt = append(signedAt, r.Header.Get("X-Amz-Date"))
		at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		theirs := time.Now().Add(2 * time.Hour).UTC()
		if err != nil || theirs.Sub(at).Abs() > 5*time.Minute {
			clienttest.Write(w, 400, `{"__type":"InvalidSignatureException","message":"Signature expired"}`, "Date", theirs.Format(http.TimeFormat))
			return
		}
		clienttest.Write(w, 200, `{"TableNames":[]}`)
	})})
	for range 2 {
		if _, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil); err != nil {
			t.Fatal(err)
		}
	}
	if asked != 3 {
		t.Errorf("%d exchanges, signed at %v; want one more than calls", asked, signedAt)
	}
	if !strings.Contains(text.String(), "clock is wrong") {
		t.Errorf("nothing was said: %s", text)
	}
}

// The same codes with a right clock are what they say.
func TestARefusedSignatureWithARightClockIsNotRepeated(t *testing.T) {
	var asked int
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		clienttest.Write(w, 400, `{"__type":"AccessDeniedException","message":"no"}`, "Date", time.Now().UTC().Format(http.TimeFormat))
	})})
	_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Denied || asked != 1 {
		t.Errorf("got %s after %d exchanges", e, asked)
	}
}

// turning gives new keys each time, as a role does.
type turning struct{ given atomic.Int32 }

func (k *turning) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: fmt.Sprintf("AKIA%d", k.given.Add(1)), SecretAccessKey: "s"}, nil
}

func TestExpiredCredentialsAreRenewedOnce(t *testing.T) {
	valid := "AKIA2"
	var asked int
	source := &turning{}
	p := signedIn(t, Options{Credentials: source, Transport: served(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if strings.Contains(r.Header.Get("Authorization"), "Credential="+valid+"/") {
			clienttest.Write(w, 200, `{"TableNames":[]}`)
			return
		}
		clienttest.Write(w, 400, `{"__type":"com.amazon#ExpiredTokenException","message":"The security token included in the request is expired"}`)
	})})
	if _, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil); err != nil || asked != 2 {
		t.Fatalf("%v after %d exchanges", err, asked)
	}
	valid = "none"
	_, err := ask(t.Context(), p, "us-east-1", "dynamodb:ListTables", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Expired || asked != 4 {
		t.Errorf("got %s after %d exchanges, want expired after 4", e, asked)
	}
}

// Keys that cannot be renewed are not tried again.
func TestExpiredKeysThatStayTheSameAreNotRepeated(t *testing.T) {
	var asked int
	p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		clienttest.Write(w, 403, `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>gone</Message></Error></ErrorResponse>`)
	})})
	_, err := ask(t.Context(), p, "", "iam:ListUsers", nil)
	if e := clienttest.Problem(t, err); e.Class != provider.Expired || asked != 1 {
		t.Errorf("got %s after %d exchanges", e, asked)
	}
}

func TestCallsThatCannotBeMadeSayWhy(t *testing.T) {
	p := signedIn(t, Options{Transport: served(func(http.ResponseWriter, *http.Request) { t.Error("asked") })})
	tests := []struct {
		call  string
		input map[string]any
		want  string
	}{
		{"s4:ListBuckets", nil, `"s4"`},
		{"s3:ListBucket", nil, `did you mean "ListBuckets"?`},
		{"s3:GetBucketPolicy", nil, "input member Bucket is required"},
		{"s3:GetBucketPolicy", map[string]any{"bucket": "b"}, `there is no input member "bucket"; did you mean "Bucket"?`},
	}
	for _, test := range tests {
		_, err := ask(t.Context(), p, "us-east-1", test.call, test.input)
		if e := clienttest.Problem(t, err); e.Class != provider.Broken || !strings.Contains(e.Message, test.want) {
			t.Errorf("%s: got %s, want %s", test.call, e, test.want)
		}
	}
	if _, err := p.Call(t.Context(), provider.Request{Scope: provider.Scope{Account: "999999999999"}, Service: "s3", Op: "ListBuckets"}); clienttest.Problem(t, err).Class != provider.Denied {
		t.Errorf("an account that nobody signed in to: %v", err)
	}
}
