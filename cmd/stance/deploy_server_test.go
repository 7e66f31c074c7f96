package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/kubetest"
)

// fullValues use all that the chart knows.
const fullValues = `
clusterName: prod eu
image: {repository: registry.example.com/stance, digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
imagePullSecrets: [registry]
schedule: "*/30 * * * *"
timeZone: Europe/Berlin
lake: {location: "s3://security-lake/stance"}
extraArgs: ["--severity=critical,high", --quiet]
extraEnv: [{name: AWS_REGION, value: eu-central-1}]
namespace: {create: true}
serviceAccount: {name: reader, annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/stance"}}
networkPolicy: {egressPorts: [16443]}
podLabels: {team: security}
podAnnotations: {example.com/note: "yes"}
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: batch, operator: Exists}]
affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]}]}}}
priorityClassName: system-cluster-critical
`

// TestDeploymentsAreTakenByAnAPIServer: a real one takes every field of them, lets the pod into a namespace where Pod Security is
// restricted, and refuses none of the calls of a scan by the service account.
func TestDeploymentsAreTakenByAnAPIServer(t *testing.T) {
	charts := map[string]string{"audit": fullValues, "claims": leastValues + "namespace: {create: true}\nlake: {storageClass: fast}\n"}
	manifest, err := os.ReadFile(manifestFile)
	if err != nil {
		t.Fatal(err)
	}
	files, pods := []string{manifestFile}, map[string]string{"stance": string(manifest)}
	for namespace, values := range charts {
		if pods[namespace], err = rendered(t, namespace, values); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(t.TempDir(), namespace+".yaml"))
		if err := os.WriteFile(files[len(files)-1], []byte(pods[namespace]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cluster := startCluster(t, kubetest.Options{Apply: files})
	for namespace, text := range pods {
		spec, err := yaml.Marshal(map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]string{"name": "trial", "namespace": namespace},
			"spec": objects(t, text)["CronJob"].Spec.JobTemplate.Spec.Template.Spec,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := cluster.Apply(t.Context(), "/api/v1/namespaces/"+namespace+"/pods/trial", string(spec)); err != nil {
			t.Errorf("the pod in %s: %v", namespace, err)
		}
	}
	for _, as := range []string{"system:serviceaccount:stance:stance", "system:serviceaccount:audit:reader", "system:serviceaccount:claims:stance"} {
		r := stance(t, "scan", "kubernetes", "--kubeconfig", cluster.Kubeconfig, "--as", as, "--lake", t.TempDir(), "--quiet", "-o", "json")
		r.wants(t, exitDone)
		var scanned struct {
			Coverage []struct{ Table, Group, Status, Cause string }
		}
		if err := json.Unmarshal([]byte(r.out), &scanned); err != nil {
			t.Fatal(err)
		}
		if len(scanned.Coverage) == 0 {
			t.Errorf("%s: there is no coverage", as)
		}
		for _, c := range scanned.Coverage {
			if c.Status == "denied" || strings.Contains(c.Cause, "denied") {
				t.Errorf("%s: %s %s: %s", as, c.Table, c.Group, c.Cause)
			}
		}
	}
}

// startCluster starts a cluster with the program that the machine's own home has.
func startCluster(t *testing.T, o kubetest.Options) *kubetest.Cluster {
	t.Helper()
	for name, value := range machine {
		own := os.Getenv(name)
		if err := os.Setenv(name, value); err != nil {
			t.Fatal(err)
		}
		defer os.Setenv(name, own)
	}
	return kubetest.Start(t, o)
}
