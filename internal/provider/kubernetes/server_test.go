package kubernetes

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/provider"
)

func TestVersionAndOpenIDArePassedOn(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/.well-known/openid-configuration", 200, `{"issuer":"https://kubernetes.default.svc"}`)
	if doc := answered(t, p, request("server:version")); doc["gitVersion"] != "v1.36.3" {
		t.Errorf("got %v", doc)
	}
	if doc := answered(t, p, request("server:openid-configuration")); doc["issuer"] != "https://kubernetes.default.svc" {
		t.Errorf("got %v", doc)
	}
	f.answer("/.well-known/openid-configuration", 403, refusal(403, "Forbidden", "no"))
	if e := refused(t, p, request("server:openid-configuration")); e.Class != provider.Denied || e.Permissions[0] != "get /.well-known/openid-configuration" {
		t.Errorf("got %s", e)
	}
}

func TestHealth(t *testing.T) {
	check := func(name string, ok bool, detail string) any {
		m := map[string]any{"name": name, "ok": ok}
		if detail != "" {
			m["detail"] = detail
		}
		return m
	}
	tests := []struct {
		name   string
		status int
		body   string
		want   any
		class  provider.Class
	}{
		{"well", 200, "[+]ping ok\n[+]etcd excluded: ok\nreadyz check passed\n", map[string]any{"ok": true, "checks": []any{check("ping", true, ""), check("etcd", true, "excluded: ok")}}, ""},
		{"not well", 500, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n", map[string]any{"ok": false, "checks": []any{check("ping", true, ""), check("etcd", false, "failed: reason withheld")}}, ""},
		{"in a word", 200, "ok", map[string]any{"ok": true, "checks": []any{}}, ""},
		{"denied", 403, refusal(403, "Forbidden", "no"), nil, provider.Denied},
		{"in trouble", 503, refusal(503, "ServiceUnavailable", "no"), nil, provider.Retryable},
		{"something else", 200, "hello", nil, provider.Broken},
		{"a web page", 200, "<h1>hello</h1>", nil, provider.Broken},
	}
	f := newFake(t)
	p := signedIn(t, f)
	for _, test := range tests {
		for _, path := range []string{"readyz", "livez"} {
			t.Run(test.name+", "+path, func(t *testing.T) {
				f.answer("/"+path, test.status, test.body, "Content-Type", "text/plain")
				if test.class != "" {
					if e := refused(t, p, request("server:"+path)); e.Class != test.class {
						t.Errorf("got %s", e)
					}
					return
				}
				if diff := cmp.Diff(test.want, any(answered(t, p, request("server:"+path)))); diff != "" {
					t.Error(diff)
				}
				asked := f.requests("/" + path)
				if _, verbose := asked[0].URL.Query()["verbose"]; !verbose {
					t.Errorf("asked %s", asked[0].URL)
				}
			})
		}
	}
}

func TestFlagsAndStatus(t *testing.T) {
	const warning = "Warning: This endpoint is not meant to be machine parseable.\n"
	flags := map[string]any{"anonymous-auth": "false", "feature-gates": "A=true,B=false", "token-auth-file": "", "v": "2"}
	text := func(sep string) string {
		s := "\nkube-apiserver flagz\n" + warning
		for name, value := range flags {
			s += name + sep + value.(string) + "\n"
		}
		return s
	}
	status := map[string]any{"goVersion": "go1.25", "binaryVersion": "1.36", "startTime": "Mon Jan  5 10:00:00 UTC 2026"}
	tests := []struct {
		op, name, body string
		want           map[string]any
	}{
		{"flagz", "JSON", `{"kind":"Flagz","apiVersion":"config.k8s.io/v1beta1","metadata":{"name":"kube-apiserver"},"flags":{"anonymous-auth":"false","feature-gates":"A=true,B=false","token-auth-file":"","v":"2"}}`, flags},
		{"flagz", "text with =", text("="), flags},
		{"flagz", "text with :", text(":"), flags},
		{"flagz", "text with : and a space", text(": "), flags},
		{"flagz", "text with a space", text(" "), flags},
		{"statusz", "JSON", `{"kind":"Statusz","metadata":{},"goVersion":"go1.25","uptimeSeconds":7,"paths":["/livez"]}`, map[string]any{"goVersion": "go1.25", "uptimeSeconds": "7", "paths": `["/livez"]`}},
		{"statusz", "text with :", "\nkube-apiserver statusz\n" + warning + "\nStarted: Mon Jan  5 10:00:00 UTC 2026\nGo version: go1.25\nBinary version: 1.36\n", status},
		{"statusz", "text with =", "\nkube-apiserver statusz\n" + warning + "\nStarted= Mon Jan  5 10:00:00 UTC 2026\nGo version= go1.25\nBinary version= 1.36\n", status},
	}
	f := newFake(t)
	p := signedIn(t, f)
	for _, test := range tests {
		t.Run(test.op+", "+test.name, func(t *testing.T) {
			f.answer("/"+test.op, 200, test.body, "Content-Type", "text/plain")
			if diff := cmp.Diff(map[string]any{"flags": test.want}, answered(t, p, request("server:"+test.op))); diff != "" {
				t.Error(diff)
			}
		})
	}
	f.answer("/flagz", 404, "404 page not found", "Content-Type", "text/plain")
	if e := refused(t, p, request("server:flagz")); e.Code != "HTTP404" || e.Class != provider.Unsupported {
		t.Errorf("got %s", e)
	}
	f.answer("/flagz", 200, "\nkube-apiserver flagz\n", "Content-Type", "text/plain")
	if e := refused(t, p, request("server:flagz")); e.Class != provider.Broken {
		t.Errorf("got %s", e)
	}
}

func TestMetrics(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer("/metrics", 200, `# HELP apiserver_audit_event_total Counter
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 1.2e+06
other_total{a="b"} 1
apiserver_audit_event_total_more 5
odd{quoted="a\"b\\c\nd,}",empty=""} +Inf 1700000000
odd{} 3
expiration_seconds_bucket{le="+Inf"} 7
expiration_seconds_count 7
`, "Content-Type", "text/plain; version=0.0.4")
	r := request("server:metrics")
	r.Input = map[string]any{"names": []any{"apiserver_audit_event_total", "odd", "expiration_seconds", "none"}}
	value := func(v float64, labels map[string]any) any { return map[string]any{"labels": labels, "value": v} }
	none := map[string]any{}
	want := map[string]any{"families": map[string]any{
		"apiserver_audit_event_total": []any{value(1.2e6, none)},
		"odd":                         []any{map[string]any{"labels": map[string]any{"quoted": "a\"b\\c\nd,}", "empty": ""}}, value(3, none)},
		"expiration_seconds_bucket":   []any{value(7, map[string]any{"le": "+Inf"})},
		"expiration_seconds_count":    []any{value(7, none)},
	}}
	if diff := cmp.Diff(want, answered(t, p, r)); diff != "" {
		t.Error(diff)
	}
	for _, body := range []string{"", "odd{a=\"b", "odd{a", "odd x", "<h1>no</h1>", "{}"} {
		f.answer("/metrics", 200, body, "Content-Type", "text/plain")
		if e := refused(t, p, r); e.Class != provider.Broken {
			t.Errorf("%q: %s", body, e)
		}
	}
	f.answer("/metrics", 403, refusal(403, "Forbidden", "no"))
	if e := refused(t, p, r); e.Class != provider.Denied || e.Permissions[0] != "get /metrics" {
		t.Errorf("got %s", e)
	}
}

func TestTheConnectionIsToldWithoutARequest(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	before := len(f.asked)
	doc := answered(t, p, request("server:connection"))
	if len(f.asked) != before {
		t.Errorf("%d requests", len(f.asked)-before)
	}
	want := map[string]any{
		"endpoint": f.URL, "host": "127.0.0.1", "addresses": []any{"127.0.0.1"}, "tls_version": "TLS 1.3", "issuer": "O=Acme Co",
		"serving_not_before": "1970-01-01T00:00:00Z", "serving_not_after": "2084-01-29T16:00:00Z", "serving_names": []any{"example.com", "*.example.com", "127.0.0.1", "::1"},
		"serving_chain": chain([]*x509.Certificate{f.Certificate()}),
	}
	if diff := cmp.Diff(want, doc); diff != "" {
		t.Error(diff)
	}
}

func TestTheConnectionToAName(t *testing.T) {
	f := newFake(t)
	e := f.at(t, "prod")
	e.server = strings.Replace(f.URL, "127.0.0.1", "localhost", 1)
	text := kubeconfig(t, e)
	o := impatient(t, Options{Kubeconfig: text})
	o.lookupHost = func(_ context.Context, host string) ([]string, error) {
		if host != "localhost" {
			t.Errorf("looked for %s", host)
		}
		return []string{"10.0.0.1", "fd00::1"}, nil
	}
	// The certificate is not for the name, which is a refusal of its own.
	_, err := New(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "the certificate is not for localhost") {
		t.Fatalf("got %v", err)
	}
	p := signedIn(t, f)
	p.options.lookupHost = o.lookupHost
	p.clusters[0].base.Host = "localhost"
	if diff := cmp.Diff([]any{"10.0.0.1", "fd00::1"}, answered(t, p, request("server:connection"))["addresses"]); diff != "" {
		t.Error(diff)
	}
	p.options.lookupHost = func(context.Context, string) ([]string, error) { return nil, &net.DNSError{IsNotFound: true} }
	if diff := cmp.Diff([]any{}, answered(t, p, request("server:connection"))["addresses"]); diff != "" {
		t.Error(diff)
	}
}

// Another server's answers may come by HTTP/2, and compressed.
func TestHTTP2AndCompression(t *testing.T) {
	f := newFakeOf(t, true)
	p := signedIn(t, f)
	f.handle(deployments, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("asked by %s with %v", r.Proto, r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(gzipped(t, `{"kind":"DeploymentList","items":[{"metadata":{"name":"a"}}]}`))
	})
	if doc := answered(t, p, request("apps:v1/deployments")); len(doc["items"].([]any)) != 1 {
		t.Errorf("got %v", doc)
	}
}
