package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evidence"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/kubetest"
)

// bundled writes the evidence of a lake, and gives the file and the fingerprint of its key.
func bundled(t *testing.T, lake string, flags ...string) (bundle, fingerprint string) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	bundle = filepath.Join(t.TempDir(), "evidence.zip")
	a := newApp()
	var said bytes.Buffer
	a.err = &said
	if err := a.root().ParseFlags(append(flags, "--lake", lake)); err != nil {
		t.Fatal(err)
	}
	l, catalog, err := a.catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = a.read(t.Context(), history.Options{}, func(h *history.History) error {
		return a.writeEvidence(t.Context(), bundle, h, l, catalog, nil, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(said.String())
	if len(words) == 0 {
		t.Fatal("nothing was said")
	}
	return bundle, words[len(words)-1]
}

// TestVerifyProvesTheDemo: with parameters that a user set, and with all the exit statuses that a script may rely on.
func TestVerifyProvesTheDemo(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	settings := filepath.Join(t.TempDir(), "stance.yaml")
	if err := os.WriteFile(settings, []byte("params:\n  aws_rds_instance_backups: {days: 30}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const checks = "aws_s3_bucket_versioning,aws_s3_bucket_not_public,aws_rds_instance_backups,aws_iam_policy_inline_not_admin,aws_iam_role_no_admin"
	stance(t, "demo", "--lake", lake, "--quiet", "--check", checks, "--settings", settings).wants(t, exitDone)
	bundle, fingerprint := bundled(t, lake, "--settings", settings)

	r := stance(t, "verify", bundle, "--fingerprint", fingerprint)
	r.wants(t, exitDone)
	for _, words := range []string{"valid, of the key sha256:" + fingerprint, "the one that was asked for", " 0 differ, 0 missing, 0 additional", "result     ok: all verdicts follow"} {
		if !strings.Contains(r.out, words) {
			t.Errorf("it does not say %q:\n%s", words, r.out)
		}
	}
	r = stance(t, "verify", bundle, "-o", "json")
	r.wants(t, exitDone)
	var document struct {
		OK    bool
		Scans []evidence.ScanReport
	}
	if err := json.Unmarshal([]byte(r.out), &document); err != nil || !document.OK || len(document.Scans) != 1 || document.Scans[0].Same < 50 {
		t.Errorf("%v\n%s", err, r.out)
	}
	stance(t, "verify", bundle, "--current").wants(t, exitDone)
	r = stance(t, "verify", bundle, "--check", "aws_rds_instance_backups", "--resource", "orders")
	r.wants(t, exitDone)
	if !strings.Contains(r.out, "parameter  days = 30") || !strings.Contains(r.out, `"DBInstanceIdentifier": "orders"`) {
		t.Errorf("the story of a verdict:\n%s", r.out)
	}

	broken := filepath.Join(t.TempDir(), "broken.zip")
	rezip(t, bundle, broken, func(name string, text []byte) []byte {
		if strings.HasSuffix(name, "/aws_s3_bucket.ndjson") {
			return bytes.Replace(text, []byte(`"Status":"Enabled"`), []byte(`"Status":"Enabler"`), 1)
		}
		return text
	})
	r = stance(t, "verify", broken)
	r.wants(t, exitFailed)
	if !strings.Contains(r.out, "changed    scans/") || !strings.Contains(r.out, "differs    aws_s3_bucket_versioning") || !strings.Contains(r.out, "FAILED: it is not as it was signed") || r.err != "" {
		t.Errorf("a document that was changed:\n%s%s", r.out, r.err)
	}
	other := strings.Repeat("0", 64)
	for _, wrong := range []struct {
		code int
		said string
		args []string
	}{
		{exitFailed, "is signed with the key " + fingerprint + ", not with " + other, []string{bundle, "--fingerprint", other}},
		{exitFailed, "has no verdict of aws_s3_bucket_versioning about", []string{bundle, "--check", "aws_s3_bucket_versioning", "--resource", "nothing"}},
		{exitUsage, "is no evidence bundle: no such file", []string{filepath.Join(lake, "missing.zip")}},
		{exitUsage, "is no evidence bundle: it is no zip", []string{settings}},
		{exitUsage, "the file of an evidence bundle is missing", nil},
		{exitUsage, "one bundle is verified at a time", []string{bundle, bundle}},
		{exitUsage, "is no fingerprint", []string{bundle, "--fingerprint", "abc"}},
		{exitUsage, "--key: ", []string{bundle, "--key", settings}},
		{exitUsage, "give one", []string{bundle, "--key", settings, "--fingerprint", other}},
		{exitUsage, "--check and --resource go together", []string{bundle, "--check", "aws_s3_bucket_versioning"}},
		{exitUsage, "known formats are text, json", []string{bundle, "-o", "xml"}},
	} {
		stance(t, append([]string{"verify"}, wrong.args...)...).wants(t, wrong.code, wrong.said)
	}
}

// rezip copies a zip, and lets change what is in its files.
func rezip(t *testing.T, from, to string, change func(name string, text []byte) []byte) {
	t.Helper()
	in, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		o, err := w.Create(f.Name)
		if err == nil {
			_, err = o.Write(change(f.Name, text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVerifyProvesACluster: every verdict about the objects of a whole company, asked again.
func TestVerifyProvesACluster(t *testing.T) {
	cluster := startCluster(t, kubetest.Options{Name: "tidewater", Apply: []string{kubetest.World("company")}})
	lake := filepath.Join(t.TempDir(), "lake")
	stance(t, "scan", "kubernetes", "--kubeconfig", cluster.Kubeconfig, "--lake", lake, "--quiet").wants(t, exitDone)
	bundle, fingerprint := bundled(t, lake)
	r := stance(t, "verify", bundle, "--fingerprint", fingerprint)
	r.wants(t, exitDone)
	if !strings.Contains(r.out, " 0 differ, 0 missing, 0 additional") || strings.Contains(r.out, " 0 verdicts the same") {
		t.Error(r.out)
	}
	reportsBoth(t, lake)
}

// reportsBoth scans an account into a cluster's lake: reports are about both, each with its own status.
func reportsBoth(t *testing.T, lake string) {
	t.Helper()
	stance(t, "demo", "--quiet", "--lake", lake, "--service", "s3").wants(t, exitDone)
	r := stance(t, "report", "soc2-2017", "--lake", lake, "-o", "json")
	r.wants(t, exitDone)
	var document struct {
		Scopes       []struct{ Provider, Account string }
		Requirements []struct {
			ID     string
			Scopes []struct{ Provider, Status, Why string }
		}
	}
	if err := json.Unmarshal([]byte(r.out), &document); err != nil {
		t.Fatal(err)
	}
	if len(document.Scopes) != 2 || document.Scopes[0].Provider == document.Scopes[1].Provider {
		t.Errorf("the report is about %v", document.Scopes)
	}
	for _, one := range document.Requirements {
		if one.ID == "CC6.1" && (len(one.Scopes) != 2 || one.Scopes[0].Status != "not_met" || one.Scopes[1].Status != "not_met" || one.Scopes[0].Why == one.Scopes[1].Why) {
			t.Errorf("%+v", one)
		}
	}
	if r := stance(t, "report", "soc2-2017", "--lake", lake); !strings.Contains(r.out, "AWS, 1 account, Kubernetes, 1 cluster, ") {
		t.Errorf("it does not say what was scanned: %.400s", r.out)
	}
	stance(t, "report", "cis-kubernetes-1.12", "--lake", lake, "-o", "csv").wants(t, exitDone)
}

// TestVerifyProvesWhatWasNotSeen: objects of a form that nobody expects, and lists that were refused, are unknown for the same causes.
func TestVerifyProvesWhatWasNotSeen(t *testing.T) {
	const group = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[%s]}`
	const resource = `{"resource":%q,"responseKind":{"kind":%q},"scope":%q,"verbs":["list"]}`
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := ""
		switch r.URL.Path {
		case "/version":
			body = `{"major":"1","minor":"36","gitVersion":"v1.36.3"}`
		case "/api":
			body = fmt.Sprintf(group, `{"metadata":{"name":""},"versions":[{"version":"v1","freshness":"Current","resources":[`+
				fmt.Sprintf(resource, "namespaces", "Namespace", "Cluster")+","+fmt.Sprintf(resource, "pods", "Pod", "Namespaced")+`]}]}`)
		case "/apis":
			body = fmt.Sprintf(group, "")
		case "/api/v1/namespaces":
			body = `{"kind":"NamespaceList","metadata":{},"items":[{"metadata":{"name":"good","uid":"1","labels":{"pod-security.kubernetes.io/enforce":"baseline"}}},
				{"metadata":{"name":"bad","uid":"2"}},{"metadata":{"name":"odd","uid":"3","labels":7}}]}`
		default:
			w.WriteHeader(http.StatusForbidden)
			body = `{"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":403}`
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	ca := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	dir := t.TempDir()
	writeContent(t, dir, "config", fmt.Sprintf("{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}], users: [{name: u, user: {token: t}}], "+
		"contexts: [{name: c, context: {cluster: c, user: u}}], current-context: c}", server.URL, ca))
	lake := filepath.Join(t.TempDir(), "lake")
	stance(t, "scan", "kubernetes", "--kubeconfig", filepath.Join(dir, "config"), "--lake", lake, "--quiet",
		"--check", "kubernetes_namespace_enforces_baseline,kubernetes_workload_not_bare_pod,kubernetes_workload_no_host_path").wants(t, exitDone)
	found := stance(t, "findings", "--lake", lake, "--quiet", "-o", "csv", "--status", "pass,fail,unknown")
	for _, words := range []string{"PASS", "FAIL", "unexpected type: metadata.labels", "denied: "} {
		if !strings.Contains(found.out, words) {
			t.Errorf("the test proves too little: no finding says %q:\n%s", words, found.out)
		}
	}
	bundle, _ := bundled(t, lake)
	r := stance(t, "verify", bundle)
	r.wants(t, exitDone)
	if !strings.Contains(r.out, " 0 differ, 0 missing, 0 additional") {
		t.Error(r.out)
	}
}
