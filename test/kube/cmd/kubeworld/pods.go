package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"
)

// podsOf is how many pods a deployment has.
const podsOf = 5

// writers is how many namespaces are filled at once.
const writers = 24

// createPods creates a cluster of some size: running pods of replica sets of deployments, evenly over namespaces.
func (w *writer) createPods(ctx context.Context, pods, namespaces int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for n := range namespaces {
		share := pods/namespaces + btoi(n < pods%namespaces)
		group.Go(func() error {
			name := fmt.Sprintf("team-%04d", n)
			if err := w.createNamespace(ctx, name, n, share); err != nil {
				return fmt.Errorf("fill namespace %s: %w", name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *writer) createNamespace(ctx context.Context, namespace string, n, pods int) error {
	created := object{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": namespace}}
	if _, err := w.create(ctx, "/api/v1/namespaces", created); err != nil {
		return err
	}
	if err := w.settleNamespace(ctx, namespace); err != nil {
		return err
	}
	for d := 0; d*podsOf < pods; d++ {
		if err := w.createDeployment(ctx, namespace, fmt.Sprintf("app-%d", d), n+d, min(podsOf, pods-d*podsOf)); err != nil {
			return err
		}
	}
	return nil
}

// createDeployment creates a deployment, its replica set and its pods. Kind chooses how well its containers are secured.
func (w *writer) createDeployment(ctx context.Context, namespace, name string, kind, pods int) error {
	labels := map[string]any{"app": name, "pod-template-hash": "5d9c7b"}
	template := map[string]any{"metadata": map[string]any{"labels": labels}, "spec": podSpec(kind)}
	spec := map[string]any{"replicas": pods, "selector": map[string]any{"matchLabels": labels}, "template": template}
	apps := "/apis/apps/v1/namespaces/" + namespace
	deployment := object{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": name}, "spec": spec}
	uid, err := w.create(ctx, apps+"/deployments", deployment)
	if err != nil {
		return err
	}
	set := object{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": owned(name+"-5d9c7b", labels, deployment, uid), "spec": spec}
	if uid, err = w.create(ctx, apps+"/replicasets", set); err != nil {
		return err
	}
	for i := range pods {
		podName := fmt.Sprintf("%s-5d9c7b-%d", name, i)
		pod := object{"apiVersion": "v1", "kind": "Pod", "metadata": owned(podName, labels, set, uid), "spec": podSpec(kind)}
		path := "/api/v1/namespaces/" + namespace + "/pods"
		if _, err := w.create(ctx, path, pod); err != nil {
			return err
		}
		if _, err := w.send(ctx, http.MethodPatch, path+"/"+podName+"/status", asMerge, running()); err != nil {
			return fmt.Errorf("set the status of pod %s: %w", podName, err)
		}
	}
	return nil
}

func owned(name string, labels map[string]any, owner object, uid string) map[string]any {
	return map[string]any{"name": name, "labels": labels, "ownerReferences": []any{map[string]any{
		"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner.text("metadata", "name"), "uid": uid,
		"controller": true, "blockOwnerDeletion": true,
	}}}
}

// podSpec is one of a container that is well secured, and of others that lack more and more.
func podSpec(kind int) map[string]any {
	container := map[string]any{
		"name": "app", "image": fmt.Sprintf("registry.example.com/team/app:1.%d", kind%10),
		"ports": []any{map[string]any{"containerPort": 8080, "protocol": "TCP"}},
		"env":   []any{map[string]any{"name": "LOG_LEVEL", "value": "info"}},
	}
	spec := map[string]any{"nodeName": fmt.Sprintf("node-%d", kind%20), "containers": []any{container}}
	switch kind % 4 {
	case 0:
		spec["automountServiceAccountToken"] = false
		spec["securityContext"] = map[string]any{"runAsNonRoot": true, "seccompProfile": map[string]any{"type": "RuntimeDefault"}}
		container["securityContext"] = map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		}
		container["resources"] = map[string]any{"limits": map[string]any{"cpu": "500m", "memory": "256Mi"}}
	case 1:
		spec["securityContext"] = map[string]any{"runAsUser": 1000}
	case 2:
		container["securityContext"] = map[string]any{"capabilities": map[string]any{"add": []any{"NET_ADMIN"}}}
	case 3:
		container["securityContext"] = map[string]any{"privileged": true}
		spec["hostNetwork"] = kind%8 == 3
	}
	return spec
}

// running is the status of a pod that runs.
func running() object {
	since := "2026-01-01T08:00:00Z"
	return object{"status": map[string]any{
		"phase": "Running", "hostIP": "10.0.0.10", "podIP": "10.244.0.10", "startTime": since,
		"conditions": []any{
			map[string]any{"type": "Ready", "status": "True", "lastTransitionTime": since},
			map[string]any{"type": "PodScheduled", "status": "True", "lastTransitionTime": since},
		},
		"containerStatuses": []any{map[string]any{
			"name": "app", "ready": true, "started": true, "restartCount": 0, "image": "registry.example.com/team/app:1",
			"imageID": "registry.example.com/team/app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
			"state":   map[string]any{"running": map[string]any{"startedAt": since}},
		}},
	}}
}

// create creates an object and gives its uid.
func (w *writer) create(ctx context.Context, path string, o object) (string, error) {
	answer, err := w.send(ctx, http.MethodPost, path, asJSON, o)
	if err != nil {
		return "", fmt.Errorf("create %s: %w", o.name(), err)
	}
	var made struct {
		Metadata struct {
			UID string `json:"uid"`
		} `json:"metadata"`
	}
	err = json.Unmarshal(answer, &made)
	return made.Metadata.UID, err
}
