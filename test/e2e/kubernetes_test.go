package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/kubetest"
)

// company is a real API server with the company's objects in it, and those whose permissions are tried.
type company struct {
	*kubetest.Cluster
	once  sync.Once
	err   error
	home  string
	roles roles
	admin result // of a scan by the one who may do everything: all.json
}

var theCluster company

// clusterName is what the cluster is called in its kubeconfig.
const clusterName = "tidewater"

// fleetPods is how many pods the deployment fleet has.
const fleetPods = 50

func scannedCluster(t *testing.T) *company {
	t.Helper()
	c := &theCluster
	c.once.Do(func() { c.err = c.start(t) })
	if c.err != nil {
		t.Fatal(c.err)
	}
	if c.admin.code != 0 {
		t.Fatalf("exit status %d\n%s", c.admin.code, c.admin.stderr)
	}
	return c
}

func (c *company) start(t *testing.T) (err error) {
	c.home = filepath.Join(shared, "cluster")
	if err := os.Mkdir(c.home, 0o700); err != nil {
		return err
	}
	if c.roles, err = c.printedRoles(t); err != nil {
		return err
	}
	options := kubetest.Options{Name: clusterName, Apply: []string{kubetest.World("company")}, Users: c.roles.users()}
	for name, text := range map[string]string{"fleet.yaml": fleet(), "roles.yaml": c.roles.manifest()} {
		path := filepath.Join(c.home, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
		options.Apply = append(options.Apply, path)
	}
	if c.Cluster, err = kubetest.New(context.Background(), options); err != nil {
		return err
	}
	// Of pods that are there already the API server asks nothing.
	const marked = "{apiVersion: v1, kind: Namespace, metadata: {name: legacy, labels: {pod-security.kubernetes.io/enforce: baseline}}}"
	if err := c.Apply(t.Context(), "/api/v1/namespaces/legacy", marked); err != nil {
		return err
	}
	c.admin = c.scan(t, kubetest.Admin, "--lake", "lake", "-o", "json=all.json")
	return nil
}

// command is a command line of somebody who has no credentials of any cloud.
func (c *company) command() command { return command{home: c.home} }

func (c *company) scan(t *testing.T, user string, args ...string) result {
	t.Helper()
	return c.command().run(t, append([]string{"scan", "kubernetes", "--kubeconfig", c.Kubeconfig, "--context", c.Context(user), "--quiet"}, args...)...)
}

func (c *company) document(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.home, "all.json"))
	if err != nil {
		t.Fatal(errors.Join(err, errors.New(c.admin.stderr)))
	}
	return readDocument(t, text)
}

// fleet is a deployment of many equal pods, each as bad as the others.
func fleet() string {
	const spec = `{nodeName: worker-1, containers: [{name: agent, image: "registry.tidewater.example/old/agent:1", securityContext: {privileged: true}}]}`
	var b strings.Builder
	owned := func(kind, name, owner string) {
		fmt.Fprintf(&b, "---\napiVersion: apps/v1\nkind: %s\nmetadata: {name: %s, namespace: legacy%s}\n", kind, name, owner)
		fmt.Fprintf(&b, "spec: {replicas: %d, selector: {matchLabels: {app: fleet}}, template: {metadata: {labels: {app: fleet}}, spec: %s}}\n", fleetPods, spec)
	}
	owned("Deployment", "fleet", "")
	owned("ReplicaSet", "fleet-6b", ", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: fleet, controller: true}]")
	for i := range fleetPods {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: fleet-6b-%d, namespace: legacy, labels: {app: fleet}, ", i)
		fmt.Fprintf(&b, "ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: fleet-6b, controller: true}]}\nspec: %s\nstatus: {phase: Running}\n", spec)
	}
	return b.String()
}

func TestTheClusterGetsTheVerdictsThatItWasBuiltFor(t *testing.T) {
	compareAll(t, "expected_kubernetes.yaml", 80, scannedCluster(t).document(t).Findings)
}

// TestPodsOfAWorkloadAreOneFinding: nothing that is said of the fleet names one of its pods, or is said more than once.
func TestPodsOfAWorkloadAreOneFinding(t *testing.T) {
	said := map[string]int{}
	for _, f := range scannedCluster(t).document(t).Findings {
		if strings.HasPrefix(f.ResourceName, "fleet-6b") {
			t.Errorf("it is of a pod or replica set: %s", brief([]evaluate.Finding{f}))
		}
		if f.ResourceName == "fleet" || strings.HasPrefix(f.ResourceName, "fleet (") {
			said[f.Check+" of "+f.Resource]++
		}
	}
	if len(said) < 20 {
		t.Errorf("only %d checks speak of it", len(said))
	}
	for what, times := range said {
		if times > 1 {
			t.Errorf("%s: %d findings", what, times)
		}
	}
}

// TestAClusterIsReadWithoutLookingIntoSecrets: what the world hides is nowhere in what a scan leaves behind.
func TestAClusterIsReadWithoutLookingIntoSecrets(t *testing.T) {
	c := scannedCluster(t)
	for _, cell := range c.document(t).Coverage {
		if cell.Status == collect.OK && cell.Table == "kubernetes_secret" {
			t.Errorf("secrets were listed: %+v", cell)
		}
	}
	err := filepath.WalkDir(c.home, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "never-shown-anywhere") {
			t.Errorf("%s has a secret in it", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
