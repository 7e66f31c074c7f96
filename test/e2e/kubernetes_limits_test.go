package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/kubetest"
)

// Limits of Kubernetes.
const (
	nameMost        = 253
	namespaceMost   = 63
	labelMost       = 63
	annotationsMost = 256 << 10 // all keys and values together
	configMapMost   = 1 << 20
)

// long is a name of some length that begins with a word.
func long(word string, length int) string { return word + strings.Repeat("a", length-len(word)) }

// domain is a DNS name of some length: labels of it have at most 63 letters.
func domain(word string, length int) string {
	b := []byte(long(word, length))
	for i := 60; i < length-1; i += 61 {
		b[i] = '.'
	}
	return string(b)
}

// bounds are the objects of a cluster in which everything is as large as it may be.
type bounds struct {
	cluster, namespace, name, key string
	labels, annotations           map[string]string
	specs                         map[string]any // of custom resources, by name
}

func newBounds() *bounds {
	b := &bounds{cluster: domain("cluster", nameMost), namespace: long("space", namespaceMost), name: domain("name", nameMost), key: long("key", nameMost)}
	b.labels = map[string]string{
		domain("prefix", nameMost) + "/" + long("label", labelMost): long("value", labelMost),
		long("Bare_label.", labelMost):                              "",
	}
	b.annotations = map[string]string{domain("note", nameMost) + "/" + long("key", labelMost): ""}
	const last = "fills-up"
	left := annotationsMost - len(last) - nameMost - 1 - labelMost
	b.annotations[last] = strings.Repeat("é", left/2) + strings.Repeat("x", left%2)
	members := map[string]any{}
	for i := range 20_000 {
		members[fmt.Sprintf("member-%06d", i)] = float64(i)
	}
	// With its annotations the first is just below what etcd takes; the second is as large with who set which of its members.
	b.specs = map[string]any{b.name: map[string]any{"text": strings.Repeat("line 15 letters\n", 70<<10)}, "members": members}
	return b
}

// manifest has a kind that anything can be in, and the objects.
func (b *bounds) manifest(t *testing.T) string {
	t.Helper()
	metadata := map[string]any{"name": b.name, "namespace": b.namespace, "labels": b.labels, "annotations": b.annotations}
	text := `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: certificates.cert-manager.io}, spec: {group: cert-manager.io, scope: Namespaced,
  names: {kind: Certificate, plural: certificates}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}`
	for _, object := range []map[string]any{
		{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": b.namespace, "labels": b.labels}},
		{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": map[string]any{b.key: strings.Repeat("x", configMapMost-nameMost)}},
		{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata, "spec": b.specs[b.name]},
		{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": map[string]any{"name": "members", "namespace": b.namespace}, "spec": b.specs["members"]},
	} {
		data, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		text += "\n---\n" + string(data)
	}
	return text
}

// TestObjectsAtTheLimits: what is as large, or has as long a name, as a real API server takes, is in the lake as it is in the cluster.
func TestObjectsAtTheLimits(t *testing.T) {
	b, c := newBounds(), command{home: t.TempDir()}
	path := filepath.Join(c.home, "limits.yaml")
	if err := os.WriteFile(path, []byte(b.manifest(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	cluster := kubetest.Start(t, kubetest.Options{Name: b.cluster, Apply: []string{path}})
	r := c.run(t, "scan", "kubernetes", "--kubeconfig", cluster.Kubeconfig, "--quiet", "--lake", "lake", "-o", "json", "--strict", "--allow", "config-map-bodies",
		"--check", "kubernetes_namespace_enforces_baseline,kubernetes_config_map_no_secrets", "--inventory", "kubernetes_config_map,kubernetes_cert_manager_certificate")
	if r.code != 0 {
		t.Fatalf("exit status %d\n%s", r.code, r.stderr)
	}
	seen := map[string]evaluate.Status{}
	for _, f := range readDocument(t, []byte(r.stdout)).Findings {
		seen[f.Resource] = f.Status
	}
	in := "/" + b.namespace + "/"
	if id := b.cluster + "/Namespace/" + b.namespace; seen[id] != evaluate.Fail {
		t.Errorf("no finding of %s", id)
	}
	if id := b.cluster + "/ConfigMap" + in + b.name; seen[id] != evaluate.Pass {
		t.Errorf("no finding of %s", id)
	}
	b.compare(t, c, "select id, tags, annotations, raw->'spec' as spec, raw->'metadata'->'managedFields' as kept from kubernetes_cert_manager_certificate where name = '"+b.name+"' and namespace = region",
		map[string]any{"id": b.cluster + "/Certificate.cert-manager.io" + in + b.name, "tags": b.labels, "annotations": b.annotations, "spec": b.specs[b.name], "kept": nil})
	b.compare(t, c, "select id, tags, raw->'spec' as spec from kubernetes_cert_manager_certificate where name = 'members'",
		map[string]any{"id": b.cluster + "/Certificate.cert-manager.io" + in + "members", "tags": nil, "spec": b.specs["members"]})
	b.compare(t, c, "select namespace, tags, annotations, key_count from kubernetes_config_map where name = '"+b.name+"'",
		map[string]any{"namespace": b.namespace, "tags": b.labels, "annotations": b.annotations, "key_count": 1})
	b.compare(t, c, "select map_keys(data) as keys, account_id from kubernetes_config_map_body where name = '"+b.name+"'",
		map[string]any{"keys": []string{b.key}, "account_id": b.cluster})
	labels := maps.Clone(b.labels)
	labels["kubernetes.io/metadata.name"] = b.namespace
	b.compare(t, c, "select tags from kubernetes_namespace where name = '"+b.namespace+"'", map[string]any{"tags": labels})
}

// compare asks the lake for one row.
func (b *bounds) compare(t *testing.T, c command, query string, want map[string]any) {
	t.Helper()
	r := c.run(t, "query", "--lake", "lake", "-o", "json", query)
	var rows []any
	if err := json.Unmarshal([]byte(r.stdout), &rows); err != nil {
		t.Fatalf("%v\n%s", err, r.stderr)
	}
	text, err := json.Marshal([]any{want})
	if err != nil {
		t.Fatal(err)
	}
	var wanted []any
	if err := json.Unmarshal(text, &wanted); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(rows, wanted) {
		t.Errorf("%s\n got %.2000s\nwant %.2000s", query, r.stdout, text)
	}
}
