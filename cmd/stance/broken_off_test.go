package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
)

// dying is an API server with two namespaces, each on a page of its own, of which the second breaks off while it is ill.
type dying struct {
	ill        atomic.Bool
	namespaces atomic.Int64 // pages asked for
	others     atomic.Int64 // lists of service accounts asked for
}

func (d *dying) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const discovery = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[%s]}`
	const resource = `{"resource":%q,"responseKind":{"kind":%q},"scope":%q,"verbs":["list"]}`
	var body string
	switch r.URL.Path {
	case "/version":
		body = `{"major":"1","minor":"36","gitVersion":"v1.36.3"}`
	case "/api":
		body = fmt.Sprintf(discovery, `{"metadata":{"name":""},"versions":[{"version":"v1","freshness":"Current","resources":[`+
			fmt.Sprintf(resource, "namespaces", "Namespace", "Cluster")+","+fmt.Sprintf(resource, "serviceaccounts", "ServiceAccount", "Namespaced")+`]}]}`)
	case "/apis":
		body = fmt.Sprintf(discovery, "")
	case "/api/v1/serviceaccounts":
		d.others.Add(1)
		body = `{"kind":"ServiceAccountList","metadata":{},"items":[]}`
	case "/api/v1/namespaces":
		d.namespaces.Add(1)
		body = `{"kind":"NamespaceList","metadata":{"continue":"more"},"items":[{"metadata":{"name":"one","uid":"1"}}]}`
		if r.URL.Query().Get("continue") == "" {
			break
		}
		body = `{"kind":"NamespaceList","metadata":{},"items":[{"metadata":{"name":"two","uid":"2"}}]}`
		if d.ill.Load() {
			_, _ = io.WriteString(w, body[:40])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

// kubeconfig of the server.
func (d *dying) kubeconfig(t *testing.T) string {
	t.Helper()
	server := httptest.NewUnstartedServer(d)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	text := fmt.Sprintf("{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}], users: [{name: u, user: {token: t}}], "+
		"contexts: [{name: c, context: {cluster: c, user: u}}], current-context: c}", server.URL, ca)
	dir := t.TempDir()
	writeContent(t, dir, "config", text)
	return filepath.Join(dir, "config")
}

// TestAScanOfWhichAListBrokeOff: it ends as any other that did not see all, with the command that goes on; that asks for what is
// missing alone.
func TestAScanOfWhichAListBrokeOff(t *testing.T) {
	const check = "kubernetes_namespace_enforces_baseline"
	run := func(args ...string) (ran, map[string]evaluate.Finding, []collect.Cell) {
		t.Helper()
		var out, err bytes.Buffer
		a := newApp()
		a.out, a.err, a.patience = &out, &err, time.Nanosecond
		r := ran{a.run(t.Context(), args), out.String(), err.String()}
		var doc struct {
			Coverage []collect.Cell
			Findings []evaluate.Finding
		}
		if err := json.Unmarshal([]byte(r.out), &doc); err != nil {
			t.Fatalf("%v\n%s", err, r.err)
		}
		found := map[string]evaluate.Finding{}
		for _, f := range doc.Findings {
			found[f.ResourceName] = f
		}
		return r, found, doc.Coverage
	}
	for name, test := range map[string]struct {
		flags []string
		code  int
		said  []string
	}{
		"by default": {nil, exitDone, nil},
		"strictly":   {[]string{"--strict"}, exitIncomplete, []string{"coverage is incomplete (--strict): ", "1 of 2 cells not seen: 1 seen in part (core:v1/namespaces)"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &dying{}
			d.ill.Store(true)
			r, found, cells := run(append([]string{
				"scan", "kubernetes", "--kubeconfig", d.kubeconfig(t), "--lake", filepath.Join(t.TempDir(), "lake"), "-o", "json",
				"--check", check, "--inventory", "kubernetes_service_account",
			}, test.flags...)...)
			r.wants(t, test.code, append(test.said, "Some of it could not be seen. Mend what the coverage names, then `stance scan kubernetes --resume=")...)
			if f := found[""]; f.Status != evaluate.Unknown || !strings.HasPrefix(f.Cause, "broken: core:v1/namespaces (the answer of 127.0.0.1:") || !strings.HasSuffix(f.Cause, "ended in the middle)") {
				t.Errorf("what did not come: %+v", f)
			}
			if len(found) != 2 || found["one"].Status != evaluate.Fail {
				t.Errorf("what came: %+v", found)
			}
			for _, c := range cells {
				if want := map[string]collect.Status{"kubernetes_namespace": collect.Partial, "kubernetes_service_account": collect.OK}[c.Table]; c.Status != want {
					t.Errorf("%+v", c)
				}
			}
			d.ill.Store(false)
			_, after, _ := strings.Cut(r.err, "then `stance ")
			command, _, _ := strings.Cut(after, "`")
			d.namespaces.Store(0)
			r, found, _ = run(words(t, command)...)
			r.wants(t, exitDone)
			if len(found) != 2 || found["one"].Status != evaluate.Fail || found["two"].Status != evaluate.Fail || strings.Contains(r.err, "--resume") {
				t.Errorf("resumed: %+v\n%s", found, r.err)
			}
			if d.namespaces.Load() != 2 || d.others.Load() != 1 {
				t.Errorf("%d pages of namespaces were asked for, and other lists %d times", d.namespaces.Load(), d.others.Load())
			}
		})
	}
}
