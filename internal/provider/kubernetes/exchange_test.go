package kubernetes

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

func TestRefusals(t *testing.T) {
	tests := []struct {
		name    string
		status  int
		body    string
		headers []string
		class   provider.Class
		code    string
		message string
	}{
		{"denied", 403, refusal(403, "Forbidden", `deployments.apps is forbidden: User "x" cannot list`), nil, provider.Denied, "Forbidden", "cannot list"},
		{"credentials that are not accepted", 401, refusal(401, "Unauthorized", "Unauthorized"), nil, provider.Expired, "Unauthorized", ""},
		{"too many calls", 429, refusal(429, "TooManyRequests", "please retry"), nil, provider.Throttled, "TooManyRequests", ""},
		{"too many calls, in text", 429, "Too many requests, please try again later.\n", []string{"Content-Type", "text/plain"}, provider.Throttled, "HTTP429", "try again"},
		{"a kind that is not there", 404, refusal(404, "NotFound", "the server could not find the requested resource"), nil, provider.Unsupported, "NotFound", ""},
		{"a kind that is not there, of another server", 404, refusal(404, "NotFound", "nothing here"), nil, provider.Unsupported, "NotFound", ""},
		{"a path that is not there", 404, "404 page not found\n", []string{"Content-Type", "text/plain"}, provider.Unsupported, "HTTP404", "page not found"},
		{"a kind that cannot be listed", 405, refusal(405, "MethodNotAllowed", "no"), nil, provider.Unsupported, "MethodNotAllowed", ""},
		{"no metadata alone", 406, refusal(406, "NotAcceptable", "only JSON"), nil, provider.Unsupported, "NotAcceptable", ""},
		{"a server in trouble", 500, refusal(500, "InternalError", "etcdserver: leader changed"), nil, provider.Retryable, "InternalError", "leader changed"},
		{"a server in trouble, without a reason", 500, refusal(500, "", "etcdserver: request timed out"), nil, provider.Retryable, "HTTP500", ""},
		{"a server that is not up", 503, "service unavailable\n", []string{"Content-Type", "text/plain"}, provider.Retryable, "HTTP503", "service unavailable"},
		{"a time-out", 504, refusal(504, "Timeout", "Timeout: request did not complete"), nil, provider.Retryable, "Timeout", ""},
		{"a conversion that fails", 500, refusal(500, "InternalError", "conversion webhook for x.io/v1, Kind=X failed: Post ..."), nil, provider.Broken, "InternalError", ""},
		{"a bad request", 400, refusal(400, "BadRequest", "continue key is not valid\nmore"), nil, provider.Broken, "BadRequest", "continue key is not valid"},
		{"a web page", 403, "<html><head><title>Denied by Foo</title></head></html>", []string{"Content-Type", "text/html"}, provider.Broken, "HTTP403", "Denied by Foo"},
		{"a web page instead of an answer", 200, "<!DOCTYPE html>\n<script>x</script><h1>Sign in</h1>", []string{"Content-Type", "text/html"}, provider.Broken, "", "Sign in"},
		{"a gateway that is overloaded", 503, "<h1>Busy</h1>", []string{"Content-Type", "text/html"}, provider.Retryable, "HTTP503", "Busy"},
		{"a redirect", 302, "", []string{"Location", "https://sso.example.com/"}, provider.Broken, "HTTP302", "sso.example.com"},
		{"half an answer", 200, `{"kind":"DeploymentList","items":[{"metad`, nil, provider.Broken, "", "not JSON"},
		{"something else", 200, `{"kind":"Status","status":"Success"}`, nil, provider.Broken, "", `"Status", not a list`},
		{"items that are none", 200, `{"kind":"DeploymentList","items":["a"]}`, nil, provider.Broken, "", "no object"},
		{"nothing", 200, "", nil, provider.Broken, "", "not JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			p := signedIn(t, f)
			f.answer(deployments, test.status, test.body, test.headers...)
			e := refused(t, p, request("apps:v1/deployments"))
			if e.Class != test.class || e.Code != test.code || !strings.Contains(e.Message, test.message) || strings.Contains(e.Message, "\n") {
				t.Errorf("got %+v", e)
			}
			if e.Class == provider.Denied && !slices.Equal(e.Permissions, []string{"list apps/deployments"}) {
				t.Errorf("it needs %v", e.Permissions)
			}
			if e.Call != "apps:v1/deployments" || len(f.requests(deployments)) != 1 {
				t.Errorf("%s after %d requests", e.Call, len(f.requests(deployments)))
			}
		})
	}
}

// Every rule of provider.yaml can hold: none is shadowed by one before it.
func TestNoErrorRuleIsDead(t *testing.T) {
	all := rules(t).Errors
	for i, rule := range all {
		codes, status := rule.Codes, 400
		if len(codes) == 0 {
			codes = []string{"Some"}
		}
		if len(rule.Status) > 0 {
			status = rule.Status[len(rule.Status)-1]
		}
		if !slices.ContainsFunc(codes, func(code string) bool {
			fault := provider.Fault{Code: code, Message: rule.Message}
			return slices.IndexFunc(all, func(r content.ErrorRule) bool { return provider.RuleHolds(r, "apps", fault, status) }) == i
		}) {
			t.Errorf("rule %d (%s %v) never decides", i+1, rule.Class, rule.Codes)
		}
	}
}

func TestTheServersWishToWait(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 429, refusal(429, "TooManyRequests", "x"), "Retry-After", "7")
	if e := refused(t, p, request("apps:v1/deployments")); e.RetryAfter != 7*time.Second {
		t.Errorf("got %s", e.RetryAfter)
	}
	f.answer(deployments, 504, `{"kind":"Status","reason":"ServerTimeout","details":{"retryAfterSeconds":3}}`)
	if e := refused(t, p, request("apps:v1/deployments")); e.RetryAfter != 3*time.Second {
		t.Errorf("got %s", e.RetryAfter)
	}
}

func TestErrorsOfTheLine(t *testing.T) {
	hijack := func(t *testing.T, text string, reset bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = conn.Write([]byte(text))
			if tcp, ok := conn.(interface{ NetConn() net.Conn }); ok && reset {
				_ = tcp.NetConn().(*net.TCPConn).SetLinger(0)
				_ = tcp.NetConn().Close()
				return
			}
			_ = conn.Close()
		}
	}
	tests := []struct {
		name, text string
		reset      bool
		message    string
	}{
		{"closed without an answer", "", false, "closed the connection without an answer"},
		{"reset", "", true, "reset"},
		{"a body that ends in the middle", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"kind", false, "ended in the middle"},
		{"a chunked body that ends in the middle", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"kin\r\n", false, "ended in the middle"},
		{"no HTTP", "SSH-2.0-OpenSSH_9\r\n\r\n", false, "malformed HTTP"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			p := signedIn(t, f)
			f.handle(deployments, hijack(t, test.text, test.reset))
			if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Retryable || !strings.Contains(e.Message, test.message) {
				t.Errorf("got %s", e)
			}
		})
	}
}

func TestAServerThatHangs(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.handle(deployments, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	p.idle = 20 * time.Millisecond
	if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Retryable || !strings.Contains(e.Message, "nothing was received for 20ms") {
		t.Errorf("got %s", e)
	}
	p.idle = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Call(ctx, request("apps:v1/deployments")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// What the library puts into every request must not go to whom a redirect names.
func TestCredentialsDoNotFollowARedirect(t *testing.T) {
	other := newFake(t)
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 307, "", "Location", other.URL+"/version")
	if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Broken || len(other.requests("/version")) != 0 {
		t.Errorf("got %s, and the other server was asked %d times", e, len(other.requests("/version")))
	}
	for _, r := range f.requests(deployments) {
		if r.Header.Get("Authorization") != "Bearer right" || r.Header.Get("User-Agent") != "stance" {
			t.Errorf("asked with %v", r.Header)
		}
	}
}

func TestAnswersWithoutEndAreCutOff(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	p.most = 1000
	f.answer("/api/v1/namespaces/n/configmaps/c", 200, strings.Repeat("x", 2000))
	r := request("core:v1/configmaps/get")
	r.Input = map[string]any{"name": "c", "namespace": "n"}
	if e := refused(t, p, r); e.Class != provider.Broken || !strings.Contains(e.Message, "larger than") {
		t.Errorf("got %s", e)
	}
}

func TestTheConnectionIsKnownThoughTheBodyIsCutOff(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	p.most = 10
	p.clusters[0].tls.Store(nil)
	f.answer(deployments, 200, strings.Repeat("x", 20))
	q := question{call: "apps:v1/deployments", path: deployments}
	if _, err := p.ask(t.Context(), p.clusters[0], q); !errors.Is(err, provider.ErrLarge) || p.clusters[0].tls.Load() == nil {
		t.Errorf("got %v, and TLS state %v", err, p.clusters[0].tls.Load())
	}
}
