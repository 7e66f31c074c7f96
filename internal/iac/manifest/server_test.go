package manifest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/yamltree"
	"github.com/stancehq/stance/internal/kubetest"
)

// workloads are of each kind that has pods, with what admission looks at.
const workloads = `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: quiet, namespace: shop}, automountServiceAccountToken: false, imagePullSecrets: [{name: pull}]}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: loud, namespace: shop}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: urgent}, value: 10, preemptionPolicy: Never}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: shop}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}, annotations: {x: y}}, spec: {initContainers: [{name: i, image: i}], containers: [{name: c, image: nginx, resources: {limits: {cpu: 1000m}}}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: b, namespace: shop}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {serviceAccountName: quiet, priorityClassName: urgent, containers: [{name: c, image: nginx}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: c, namespace: shop}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {serviceAccountName: quiet, automountServiceAccountToken: true, tolerations: [{operator: Exists}], priorityClassName: system-node-critical, containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}, {name: d, image: nginx}], volumes: [{name: v, emptyDir: {}}]}}}}
---
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: a, namespace: shop}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {hostNetwork: true, automountServiceAccountToken: false, containers: [{name: c, image: nginx, ports: [{containerPort: 80}]}]}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a, namespace: shop}, spec: {serviceName: a, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {serviceAccountName: loud, containers: [{name: c, image: nginx, volumeMounts: [{name: data, mountPath: /d}]}]}}, volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}}
---
{apiVersion: batch/v1, kind: CronJob, metadata: {name: a, namespace: shop}, spec: {schedule: "0 0 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: nginx}]}}}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: alone, namespace: shop}, spec: {containers: [{name: c, image: nginx}]}}
`

// The server completes the pods that controllers make of workloads as they are made here: given one of ours, it changes nothing, and
// given one as a controller writes it, it makes ours of it.
func TestPodsAreAsTheServerAdmitsThem(t *testing.T) {
	cluster := kubetest.Start(t, kubetest.Options{})
	client, err := cluster.Client(kubetest.Admin)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	u := one(t, map[string]string{"a.yaml": workloads}, options())
	if len(u.Problems) > 0 {
		t.Fatal(problems(u))
	}
	server := poster{t, client, cluster.URL}
	server.post("/api/v1/namespaces", `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}`)
	server.post("/api/v1/namespaces/shop/serviceaccounts", `{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}`)
	written := map[string]*iac.Value{} // templates, by the name of the workload's pod
	for _, d := range yamltree.Read("", []byte(workloads), iac.DefaultLimits()) {
		kind, name := text(d.Value.Get("kind")), scalar(at(d.Value, "metadata.name"))
		object, err := json.Marshal(yamltree.JSON(d.Value))
		if err != nil {
			t.Fatal(err)
		}
		switch kind {
		case "ServiceAccount":
			server.post("/api/v1/namespaces/shop/serviceaccounts", string(object))
		case "PriorityClass":
			server.post("/apis/scheduling.k8s.io/v1/priorityclasses", string(object))
		case "CronJob":
			written[kind+name] = at(d.Value, "spec.jobTemplate.spec.template.spec")
		case "Pod":
			written[name] = d.Value.Get("spec")
		case "Deployment":
			written[kind+name] = at(d.Value, "spec.template.spec")
		}
	}
	pods, compared := 0, 0
	for _, r := range u.Resources {
		if r.Type != "v1/Pod" {
			continue
		}
		pods++
		t.Run(r.Address, func(t *testing.T) {
			spec := known(r.Body.Get("spec"))
			got := server.admitted(t, spec)
			if diff := cmp.Diff(got, spec); diff != "" {
				t.Errorf("the server changes our pod: its (-), ours (+):\n%s", diff)
			}
			// Controllers of stateful and daemon sets change what the template says; those of others do not.
			of := ownerKey(u, r)
			if template := written[of]; template != nil {
				compared++
				if diff := cmp.Diff(server.admitted(t, yamltree.JSON(template)), spec); diff != "" {
					t.Errorf("of the template the server makes (-), and we (+):\n%s", diff)
				}
			}
		})
	}
	if pods != 7 || compared != 5 {
		t.Errorf("%d pods and %d templates of %v", pods, compared, addresses(u))
	}
}

// ownerKey is the kind and name of the workload at the top.
func ownerKey(u *iac.Unit, r *iac.Resource) string {
	for {
		owner := at(r.Body, "metadata.ownerReferences.0")
		if owner == nil {
			if r.Type == "v1/Pod" {
				return nameOf(r)
			}
			return text(r.Body.Get("kind")) + nameOf(r)
		}
		for _, each := range u.Resources {
			if scalar(at(each.Body, "metadata.uid")) == scalar(owner.Get("uid")) {
				r = each
			}
		}
	}
}

// known is a spec as JSON, without what only the cluster knows.
func known(spec *iac.Value) any {
	all := yamltree.JSON(spec).(map[string]any)
	for _, f := range spec.Fields {
		if f.Value.Is(iac.Unknown) {
			delete(all, f.Key)
		}
	}
	return all
}

type poster struct {
	t      *testing.T
	client *http.Client
	url    string
}

func (p poster) post(path, body string) []byte {
	p.t.Helper()
	response, err := p.client.Post(p.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 && response.StatusCode != http.StatusConflict {
		p.t.Fatalf("%s: %s %v: %s", path, response.Status, err, answer)
	}
	return answer
}

// admitted is what the server makes of a pod's spec. The name of the token's volume is random.
func (p poster) admitted(t *testing.T, spec any) any {
	t.Helper()
	p.t = t
	body, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "probe"}, "spec": spec})
	if err != nil {
		t.Fatal(err)
	}
	answer := p.post("/api/v1/namespaces/shop/pods?dryRun=All", string(body))
	if _, after, found := bytes.Cut(answer, []byte(`"kube-api-access-`)); found {
		answer = bytes.ReplaceAll(answer, append([]byte("kube-api-access-"), after[:5]...), []byte(tokenVolume))
	}
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	var pod map[string]any
	if err := decoder.Decode(&pod); err != nil {
		t.Fatal(err)
	}
	return pod["spec"]
}
