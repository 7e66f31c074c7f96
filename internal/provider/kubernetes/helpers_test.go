package kubernetes

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

// rules reads the provider.yaml that ships.
func rules(t testing.TB) *content.Provider {
	t.Helper()
	return clienttest.Rules(t, "kubernetes")
}

// fake is an API server that answers as a test says. It records what it is asked.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	paths map[string]http.HandlerFunc
	asked []*http.Request
}

func newFake(t testing.TB) *fake {
	t.Helper()
	return newFakeOf(t, false)
}

func newFakeOf(t testing.TB, http2 bool) *fake {
	t.Helper()
	f := &fake{paths: map[string]http.HandlerFunc{}}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.asked = append(f.asked, r.Clone(context.Background()))
		handler := f.paths[r.URL.EscapedPath()]
		f.mu.Unlock()
		if handler == nil {
			http.NotFound(w, r)
			return
		}
		handler(w, r)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0) // it would say that we hung up
	f.EnableHTTP2 = http2
	f.StartTLS()
	t.Cleanup(f.Close)
	f.answer("/version", 200, `{"major":"1","minor":"36","gitVersion":"v1.36.3"}`)
	f.answer("/api", 200, coreDiscovery)
	f.answer("/apis", 200, groupDiscovery)
	return f
}

func (f *fake) handle(path string, handler http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paths[path] = handler
}

// answer lets a path answer always the same.
func (f *fake) answer(path string, status int, body string, headers ...string) {
	f.handle(path, func(w http.ResponseWriter, _ *http.Request) { write(w, status, body, headers...) })
}

// requests are those for a path.
func (f *fake) requests(path string) []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	var found []*http.Request
	for _, r := range f.asked {
		if r.URL.Path == path {
			found = append(found, r)
		}
	}
	return found
}

func write(w http.ResponseWriter, status int, body string, headers ...string) {
	clienttest.Write(w, status, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// refusal is a Status object.
func refusal(code int, reason, message string) string {
	data, _ := json.Marshal(map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message})
	return string(data)
}

// resourceJSON is a resource in aggregated discovery.
func resourceJSON(plural, kind, scope string, verbs ...string) string {
	if verbs == nil {
		verbs = []string{"get", "list", "watch"}
	}
	data, _ := json.Marshal(map[string]any{
		"resource": plural, "singularResource": strings.ToLower(kind), "responseKind": map[string]string{"kind": kind}, "scope": scope, "verbs": verbs,
	})
	return string(data)
}

func groupJSON(name string, versions ...string) string {
	return fmt.Sprintf(`{"metadata":{"name":%q},"versions":[%s]}`, name, strings.Join(versions, ","))
}

func versionJSON(name, freshness string, resources ...string) string {
	return fmt.Sprintf(`{"version":%q,"freshness":%q,"resources":[%s]}`, name, freshness, strings.Join(resources, ","))
}

func aggregated(groups ...string) string {
	return `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[` + strings.Join(groups, ",") + `]}`
}

var (
	coreDiscovery = aggregated(groupJSON("", versionJSON("v1", "Current",
		resourceJSON("pods", "Pod", "Namespaced"), resourceJSON("secrets", "Secret", "Namespaced"),
		resourceJSON("configmaps", "ConfigMap", "Namespaced"), resourceJSON("nodes", "Node", "Cluster"), resourceJSON("bindings", "Binding", "Namespaced", "create"))))
	groupDiscovery = aggregated(
		groupJSON("apps", versionJSON("v1", "Current", resourceJSON("deployments", "Deployment", "Namespaced"))),
		groupJSON("admissionregistration.k8s.io",
			versionJSON("v1", "Current", resourceJSON("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", "Cluster")),
			versionJSON("v1beta1", "Current", resourceJSON("validatingadmissionpolicies", "ValidatingAdmissionPolicy", "Cluster"))),
		groupJSON("cert-manager.io", versionJSON("v1", "Stale")),
	)
)

// entry is a context of a kubeconfig: its cluster and user have its name unless they are said.
type entry struct {
	name, cluster, server, ca string
	user                      string // YAML of the user; empty: a token
}

// kubeconfig writes one; the first context is the current one.
func kubeconfig(t testing.TB, entries ...entry) string {
	t.Helper()
	var clusters, users, contexts strings.Builder
	seen := map[string]bool{}
	for _, e := range entries {
		cluster := orDefault(e.cluster, e.name)
		if !seen[cluster] {
			fmt.Fprintf(&clusters, "- name: %s\n  cluster: {server: %q, certificate-authority: %q}\n", cluster, e.server, e.ca)
			seen[cluster] = true
		}
		fmt.Fprintf(&users, "- name: %s\n  user: %s\n", e.name, orDefault(e.user, "{token: right}"))
		fmt.Fprintf(&contexts, "- name: %s\n  context: {cluster: %s, user: %s}\n", e.name, cluster, e.name)
	}
	text := "apiVersion: v1\nkind: Config\nclusters:\n" + clusters.String() + "users:\n" + users.String() + "contexts:\n" + contexts.String()
	if len(entries) > 0 {
		text += "current-context: " + entries[0].name + "\n"
	}
	return file(t, "config", text)
}

func file(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// at is a context of a fake.
func (f *fake) at(t testing.TB, name string) entry {
	return entry{name: name, server: f.URL, ca: file(t, "ca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})))}
}

// impatient makes options that do not wait.
func impatient(t testing.TB, o Options) Options {
	o.Content = rules(t)
	o.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return o
}

// signedIn is a provider of one cluster.
func signedIn(t testing.TB, f *fake) *Provider {
	t.Helper()
	p, err := New(t.Context(), impatient(t, Options{Kubeconfig: kubeconfig(t, f.at(t, "prod"))}))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// request makes one of "service:op".
func request(call string) provider.Request {
	service, op, _ := strings.Cut(call, ":")
	return provider.Request{Scope: provider.Scope{Account: "prod"}, Service: service, Op: op}
}

// answered is the document of a call.
func answered(t testing.TB, p *Provider, r provider.Request) map[string]any {
	t.Helper()
	answer, err := p.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return decoded(t, answer)
}

func decoded(t testing.TB, answer *provider.Answer) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(answer.Document, &doc); err != nil {
		t.Fatalf("%v in %s", err, answer.Document)
	}
	return doc
}

// refused is the error of a call.
func refused(t testing.TB, p *Provider, r provider.Request) *provider.Error {
	t.Helper()
	answer, err := p.Call(t.Context(), r)
	if err == nil {
		t.Fatalf("answered %s", answer.Document)
	}
	return clienttest.Problem(t, err)
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
