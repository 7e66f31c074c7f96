package scan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
)

const manifests = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostPID: true
      containers:
        - name: web
          image: registry.example.com/web:latest
          ports: [{containerPort: 5432}]
          securityContext:
            privileged: true
        - name: side
          image: registry.example.com/side:1.0.0
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 5432}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects:
  - {kind: Group, name: operations, apiGroup: rbac.authorization.k8s.io}
  - {kind: ServiceAccount, name: deployer, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: disk, namespace: shop}
spec:
  containers: [{name: disk, image: "registry.example.com/disk:1.0.0"}]
  volumes: [{name: disk, fc: {lun: number}}]
`

func scanManifests(t *testing.T, text string) *CodeOutcome {
	t.Helper()
	library, catalog := packed(t)
	var checks []*plan.Check
	for _, c := range catalog.Checks {
		checks = append(checks, c)
	}
	outcome, err := Code(t.Context(), CodeOptions{
		Root: fstest.MapFS{"a.yaml": {Data: []byte(text)}}, Library: library, Catalog: catalog, Settings: content.DefaultSettings(library), Checks: checks, Timeout: evaluate.DefaultTimeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = outcome.Close() })
	return outcome
}

// TestFindingsPointAtWhatDecides looks at findings about things that are only derived from objects: containers, images, ways in,
// and those whom bindings name.
func TestFindingsPointAtWhatDecides(t *testing.T) {
	outcome := scanManifests(t, manifests)
	var got []string
	for f, err := range outcome.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		switch f.Status {
		case evaluate.Unknown:
			t.Errorf("%s of %s is unknown: %s", f.Check, f.Resource, f.Cause)
		case evaluate.Fail:
			got = append(got, fmt.Sprintf("%s %d %s", f.Check, f.Location.Line, f.Location.Address))
		}
	}
	for _, want := range []string{
		"kubernetes_container_not_privileged 15 Deployment/shop/web",
		"kubernetes_container_memory_limited 16 Deployment/shop/web", // the second container
		"kubernetes_workload_no_host_pid 9 Deployment/shop/web",
		"kubernetes_image_tag_fixed 12 Deployment/shop/web",
		"kubernetes_exposure_no_admin_ports 20 Service/shop/web",
		"kubernetes_rbac_cluster_admin_few 32 ClusterRoleBinding/admins",
		"kubernetes_rbac_cluster_admin_few 33 ClusterRoleBinding/admins",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("not found: %s", want)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(got, "\n"))
	}
}

// TestAnObjectOfTheWrongTypeDoesNotHideOthers leaves out what no API server would take, and says so.
func TestAnObjectOfTheWrongTypeDoesNotHideOthers(t *testing.T) {
	outcome := scanManifests(t, manifests)
	var told []string
	for _, p := range outcome.Result.Scan.Code.Problems {
		told = append(told, fmt.Sprintf("%s %s:%d %s", p.Kind, p.File, p.Line, p.What))
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "broken a.yaml:36 not looked at, as no API server would take it: spec.volumes[0].fc.lun is text") {
		t.Errorf("%q", told)
	}
	for f, err := range outcome.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Resource, "/disk") {
			t.Errorf("%s judges it", f.Check)
		}
	}
}
