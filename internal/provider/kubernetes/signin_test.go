package kubernetes

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func accounts(t *testing.T, p *Provider) []provider.Account {
	t.Helper()
	all, err := p.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsWrongWithAKubeconfig(t *testing.T) {
	f := newFake(t)
	good := f.at(t, "prod")
	with := func(change func(*entry)) string {
		e := good
		change(&e)
		return kubeconfig(t, e)
	}
	tests := []struct {
		name    string
		options Options
		want    string
		misuse  bool
	}{
		{"no such file", Options{Kubeconfig: "/none/config"}, "there is no kubeconfig /none/config", true},
		{"broken YAML", Options{Kubeconfig: file(t, "config", "clusters:\n- name: [")}, "read the kubeconfig: ", false},
		{"not a kubeconfig", Options{Kubeconfig: file(t, "config", "- 1\n- 2\n")}, "it is no kubeconfig", false},
		{"a folder", Options{Kubeconfig: t.TempDir()}, "is a directory", false},
		{"empty", Options{Kubeconfig: file(t, "config", "")}, "no context is in the kubeconfig", false},
		{"an unknown context", Options{Kubeconfig: kubeconfig(t, good), Contexts: []string{"prdo"}}, `there is no context "prdo"; did you mean "prod"? It has prod`, true},
		{"an unknown context like no other", Options{Kubeconfig: kubeconfig(t, good), Contexts: []string{"zzzzzz"}}, `there is no context "zzzzzz". It has prod`, true},
		{"no current context", Options{Kubeconfig: file(t, "config", "contexts: [{name: a, context: {cluster: c}}]")}, "the kubeconfig has no current context: name one with --context, of a", true},
		{"a cluster that is not there", Options{Kubeconfig: file(t, "config", "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]")}, `names the cluster "c", which the kubeconfig does not have`, false},
		{"a user that is not there", Options{Kubeconfig: file(t, "config", "current-context: a\nclusters: [{name: c, cluster: {server: 'https://x'}}]\ncontexts: [{name: a, context: {cluster: c, user: u}}]")}, `names the user "u", which the kubeconfig does not have`, false},
		{"no server", Options{Kubeconfig: with(func(e *entry) { e.server = "" })}, "server", false},
		{"a server that is no address", Options{Kubeconfig: with(func(e *entry) { e.server = "https://a b:x" })}, "https://a b:x", false},
		{"a CA that is not there", Options{Kubeconfig: with(func(e *entry) { e.ca = "/none/ca.crt" })}, "/none/ca.crt", false},
		{"a CA that is none", Options{Kubeconfig: with(func(e *entry) { e.ca = file(t, "ca", "x") })}, "certificate", false},
		{"a sign-in that is no more", Options{Kubeconfig: with(func(e *entry) { e.user = "{auth-provider: {name: gcp}}" })}, "gcp", false},
		{"all and some", Options{AllContexts: true, Contexts: []string{"a"}}, "--context and --all-contexts", true},
		{"from within and without", Options{InCluster: true, Contexts: []string{"a"}}, "--in-cluster", true},
		{"a group without a user", Options{AsGroups: []string{"a"}}, "--as-group needs --as", true},
		{"one name for two", Options{Kubeconfig: kubeconfig(t, good, f.at(t, "dev")), AllContexts: true, ClusterName: "x"}, "2 clusters cannot all be called x", true},
		{"not in a pod", Options{InCluster: true, inCluster: func() (*rest.Config, error) { return nil, rest.ErrNotInCluster }}, "sign in from within the cluster", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(t.Context(), impatient(t, test.options))
			var misuse *provider.Misuse
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || errors.As(err, &misuse) != test.misuse {
				t.Errorf("got %v (%T), want %s", err, err, test.want)
			}
		})
	}
}

func TestContextsAndTheirClusters(t *testing.T) {
	f, g := newFake(t), newFake(t)
	admin := f.at(t, "admin@prod")
	admin.cluster = "prod"
	path := kubeconfig(t, f.at(t, "prod"), admin, g.at(t, "dev"))
	tests := []struct {
		name    string
		options Options
		want    []provider.Account
	}{
		{"the current one", Options{}, []provider.Account{{ID: "prod"}}},
		{"one", Options{Contexts: []string{"admin@prod"}}, []provider.Account{{ID: "prod", Name: "admin@prod"}}},
		{"two of one cluster", Options{Contexts: []string{"admin@prod", "prod", "dev"}}, []provider.Account{{ID: "prod", Name: "admin@prod"}, {ID: "dev"}}},
		{"all", Options{AllContexts: true}, []provider.Account{{ID: "prod"}, {ID: "dev"}}},
		{"under another name", Options{ClusterName: "mine"}, []provider.Account{{ID: "mine"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.options.Kubeconfig = path
			p, err := New(t.Context(), impatient(t, test.options))
			if err != nil {
				t.Fatal(err)
			}
			same := func(a, b provider.Account) bool { return a.ID == b.ID && a.Name == b.Name && a.Err == nil }
			if got := accounts(t, p); !slices.EqualFunc(got, test.want, same) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestKubeconfigsAreMergedAsKubectlDoes(t *testing.T) {
	f, g := newFake(t), newFake(t)
	t.Setenv("KUBECONFIG", strings.Join([]string{"/none/config", kubeconfig(t, f.at(t, "prod")), kubeconfig(t, g.at(t, "dev"))}, string(os.PathListSeparator)))
	p, err := New(t.Context(), impatient(t, Options{AllContexts: true}))
	if err != nil {
		t.Fatal(err)
	}
	if got := accounts(t, p); len(got) != 2 || got[0].ID != "prod" || got[1].ID != "dev" {
		t.Errorf("got %+v", got)
	}
}

func TestWithoutAKubeconfigThePodSignsIn(t *testing.T) {
	f := newFake(t)
	t.Setenv("KUBECONFIG", "/none/config")
	inside := func() (*rest.Config, error) {
		return &rest.Config{
			Host: f.URL, BearerTokenFile: file(t, "token", "right"),
			TLSClientConfig: rest.TLSClientConfig{CAData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})},
		}, nil
	}
	for name, o := range map[string]Options{DefaultName: {inCluster: inside}, "mine": {inCluster: inside, ClusterName: "mine", InCluster: true}} {
		p, err := New(t.Context(), impatient(t, o))
		if err != nil {
			t.Fatal(err)
		}
		if got := accounts(t, p); len(got) != 1 || got[0].ID != name {
			t.Errorf("got %+v", got)
		}
	}
	for _, r := range f.requests("/version") {
		if r.Header.Get("Authorization") != "Bearer right" {
			t.Errorf("asked with %v", r.Header)
		}
	}
	outside := func() (*rest.Config, error) { return nil, rest.ErrNotInCluster }
	if _, err := New(t.Context(), impatient(t, Options{inCluster: outside})); err == nil || !strings.Contains(err.Error(), "/none/config") {
		t.Errorf("got %v", err)
	}
	broken := func() (*rest.Config, error) { return nil, errors.New("open token: permission denied") }
	if _, err := New(t.Context(), impatient(t, Options{inCluster: broken})); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("got %v", err)
	}
}

func TestAClusterThatRefusesIsToldAndTheRestGoesOn(t *testing.T) {
	f, g := newFake(t), newFake(t)
	g.answer("/version", 401, refusal(401, "Unauthorized", "Unauthorized"))
	var logged strings.Builder
	o := impatient(t, Options{Kubeconfig: kubeconfig(t, f.at(t, "prod"), g.at(t, "dev")), AllContexts: true})
	o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	p, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	got := accounts(t, p)
	if len(got) != 2 || got[0].Err != nil || got[1].Err == nil {
		t.Fatalf("got %+v", got)
	}
	e := clienttest.Problem(t, got[1].Err)
	if e.Class != provider.Expired || !strings.Contains(e.Message, `does not accept the credentials of user "dev"`) || !strings.Contains(logged.String(), "dev") {
		t.Errorf("got %s, logged %s", e, &logged)
	}
	r := request("apps:v1/deployments")
	r.Scope.Account = "dev"
	if e := refused(t, p, r); e.Class != provider.Expired {
		t.Errorf("got %s", e)
	}
}

func TestClustersThatRefuse(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(*testing.T, *fake, *entry)
		want    string
	}{
		{"nobody listens", func(_ *testing.T, _ *fake, e *entry) { e.server = "https://127.0.0.1:1" }, "connection refused"},
		{"no such host", func(_ *testing.T, _ *fake, e *entry) { e.server = "https://cluster.invalid" }, "cluster.invalid"},
		{"a certificate that is not trusted", func(_ *testing.T, _ *fake, e *entry) { e.ca = "" }, `is not trusted`},
		{"no TLS", func(_ *testing.T, f *fake, e *entry) { e.server = strings.Replace(f.URL, "https", "http", 1) }, "HTTPS"},
		{"something else", func(_ *testing.T, f *fake, _ *entry) { f.answer("/version", 200, "<h1>It works!</h1>") }, `is no Kubernetes API server: it answers "It works!"`},
		{"something else that finds nothing", func(_ *testing.T, f *fake, _ *entry) { f.answer("/version", 404, "nothing") }, `is no Kubernetes API server: it answers "nothing (HTTP404)"`},
		{"credentials that ended", func(_ *testing.T, f *fake, _ *entry) {
			f.answer("/api", 401, refusal(401, "Unauthorized", "Unauthorized"))
		}, "they ended, or are another cluster's (Unauthorized)"},
		{"no credentials", func(_ *testing.T, f *fake, e *entry) {
			e.user = "{}"
			f.answer("/api", 403, refusal(403, "Forbidden", `forbidden: User "system:anonymous" cannot get path "/api"`))
		}, `user "prod" of the kubeconfig has no credentials`},
		{"a server in trouble", func(_ *testing.T, f *fake, _ *entry) { f.answer("/version", 503, "no") }, "no (HTTP503)"},
		{"a user that may not be acted as", func(_ *testing.T, f *fake, _ *entry) {
			f.answer("/version", 403, refusal(403, "Forbidden", `users "ann" is forbidden: User "x" cannot impersonate resource "users"`))
			f.answer("/api", 403, refusal(403, "Forbidden", `users "ann" is forbidden: User "x" cannot impersonate resource "users"`))
		}, "cannot impersonate"},
		{"a certificate that ended", func(t *testing.T, _ *fake, e *entry) { e.user = certificate(t, -time.Hour) }, `the client certificate of "prod" ended on`},
		{"a program that is not installed", func(_ *testing.T, _ *fake, e *entry) {
			e.user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program, interactiveMode: Never, installHint: Get it at example.com.}}"
		}, `user "prod" signs in by the program no-such-program, which is not installed. Get it at example.com.`},
		{"a program that fails", func(t *testing.T, _ *fake, e *entry) { e.user = plugin(t, "exit 3") }, "which fails: exit code 3"},
		{"a program that says nothing", func(t *testing.T, _ *fake, e *entry) { e.user = plugin(t, "true") }, "which fails: "},
		{"a token file that is not there", func(_ *testing.T, _ *fake, e *entry) { e.user = "{tokenFile: /none/token}" }, "/none/token"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t)
			e := f.at(t, "prod")
			test.prepare(t, f, &e)
			_, err := New(t.Context(), impatient(t, Options{Kubeconfig: kubeconfig(t, e)}))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "sign in to cluster prod: ") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// certificate is a user with one of his own that ends after a time from now.
func certificate(t *testing.T, left time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ann"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(left),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return fmt.Sprintf("{client-certificate-data: %s, client-key-data: %s}", text("CERTIFICATE", der), text("EC PRIVATE KEY", keyDER))
}

// plugin is a user who signs in by a program.
func plugin(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Fatal("the programs of these tests are shell scripts")
	}
	path := file(t, "login", "#!/bin/sh\n"+script+"\n")
	return fmt.Sprintf("{exec: {apiVersion: client.authentication.k8s.io/v1, command: %q, interactiveMode: Never}}", path)
}

func TestAProgramSignsInAndItsTokensAreRenewed(t *testing.T) {
	f := newFake(t)
	count := filepath.Join(t.TempDir(), "count")
	e := f.at(t, "prod")
	e.user = plugin(t, fmt.Sprintf(`echo x >>%[1]s
echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"token-$(wc -l <%[1]s | tr -d ' ')\"}}"`, count))
	p, err := New(t.Context(), impatient(t, Options{Kubeconfig: kubeconfig(t, e)}))
	if err != nil {
		t.Fatal(err)
	}
	f.handle(deployments, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token-2" {
			write(w, 401, refusal(401, "Unauthorized", "Unauthorized"))
			return
		}
		write(w, 200, `{"kind":"DeploymentList","items":[]}`)
	})
	answered(t, p, request("apps:v1/deployments"))
	if n := len(f.requests(deployments)); n != 2 {
		t.Errorf("%d requests", n)
	}
	f.answer(deployments, 401, refusal(401, "Unauthorized", "Unauthorized"))
	if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Expired || len(f.requests(deployments)) != 4 {
		t.Errorf("got %s after %d requests", e, len(f.requests(deployments)))
	}
}

// A token that stays the same is not tried again.
func TestATokenThatEnded(t *testing.T) {
	f := newFake(t)
	p := signedIn(t, f)
	f.answer(deployments, 401, refusal(401, "Unauthorized", "Unauthorized"))
	if e := refused(t, p, request("apps:v1/deployments")); e.Class != provider.Expired || len(f.requests(deployments)) != 1 {
		t.Errorf("got %s after %d requests", e, len(f.requests(deployments)))
	}
}

func TestClientCertificatesSignIn(t *testing.T) {
	f := newFake(t)
	e := f.at(t, "prod")
	e.user = certificate(t, time.Hour)
	if _, err := New(t.Context(), impatient(t, Options{Kubeconfig: kubeconfig(t, e)})); err != nil {
		t.Error(err)
	}
}

func TestActingAsAnother(t *testing.T) {
	f := newFake(t)
	if _, err := New(t.Context(), impatient(t, Options{Kubeconfig: kubeconfig(t, f.at(t, "prod")), As: "ann", AsGroups: []string{"a", "b"}})); err != nil {
		t.Fatal(err)
	}
	for _, r := range f.asked {
		if r.Header.Get("Impersonate-User") != "ann" || !slices.Equal(r.Header.Values("Impersonate-Group"), []string{"a", "b"}) {
			t.Errorf("asked with %v", r.Header)
		}
	}
}

// Who is let in and may read nothing of the kinds is no refusal.
func TestSignedInWithoutDiscovery(t *testing.T) {
	f := newFake(t)
	f.answer("/version", 403, refusal(403, "Forbidden", `User "ann" cannot get path "/version"`))
	f.answer("/api", 403, refusal(403, "Forbidden", `User "ann" cannot get path "/api"`))
	signedIn(t, f)
}

func TestTroubleOfTheMomentIsWaitedFor(t *testing.T) {
	f := newFake(t)
	var tries int
	f.handle("/version", func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			write(w, 429, refusal(429, "TooManyRequests", "x"), "Retry-After", "2")
			return
		}
		write(w, 200, `{"gitVersion":"v1.30.0"}`)
	})
	var waited []time.Duration
	o := impatient(t, Options{Kubeconfig: kubeconfig(t, f.at(t, "prod"))})
	o.pause = func(_ context.Context, d time.Duration) error { waited = append(waited, d); return nil }
	if _, err := New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(waited, []time.Duration{2 * time.Second, 2 * time.Second}) {
		t.Errorf("waited %v", waited)
	}
}

func TestAServerThatHangsIsAskedOnceAtSignIn(t *testing.T) {
	f := newFake(t)
	f.handle("/version", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := New(t.Context(), impatient(t, Options{Kubeconfig: kubeconfig(t, f.at(t, "prod")), Timeout: 20 * time.Millisecond}))
	if err == nil || !strings.Contains(err.Error(), "nothing was received for 20ms") || len(f.requests("/version")) != 1 {
		t.Errorf("got %v after %d requests", err, len(f.requests("/version")))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(ctx, impatient(t, Options{Kubeconfig: kubeconfig(t, f.at(t, "prod"))})); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAProxyThatDropsIsNamed(t *testing.T) {
	f := newFake(t)
	e := f.at(t, "prod")
	path := kubeconfig(t, e)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "cluster: {server:", `cluster: {proxy-url: "http://ann:secret@127.0.0.1:1", server:`, 1)
	_, err = New(t.Context(), impatient(t, Options{Kubeconfig: file(t, "config", text)}))
	if err == nil || !strings.Contains(err.Error(), "through the proxy http://ann:xxxxx@127.0.0.1:1") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
