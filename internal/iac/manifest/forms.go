package manifest

import (
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// newer are the versions in which a server answers for older ones whose objects look the same.
var newer = map[string]string{
	"extensions/v1beta1/Deployment": "apps/v1", "extensions/v1beta1/DaemonSet": "apps/v1", "extensions/v1beta1/ReplicaSet": "apps/v1",
	"extensions/v1beta1/NetworkPolicy": "networking.k8s.io/v1",
	"apps/v1beta1/Deployment":          "apps/v1", "apps/v1beta1/StatefulSet": "apps/v1",
	"apps/v1beta2/Deployment": "apps/v1", "apps/v1beta2/StatefulSet": "apps/v1", "apps/v1beta2/DaemonSet": "apps/v1", "apps/v1beta2/ReplicaSet": "apps/v1",
	"batch/v1beta1/CronJob": "batch/v1", "policy/v1beta1/PodDisruptionBudget": "policy/v1",
	"autoscaling/v2beta2/HorizontalPodAutoscaler": "autoscaling/v2", "autoscaling/v1/HorizontalPodAutoscaler": "autoscaling/v2",
	"apiregistration.k8s.io/v1beta1/APIService": "apiregistration.k8s.io/v1", "storage.k8s.io/v1beta1/StorageClass": "storage.k8s.io/v1",
	"storage.k8s.io/v1beta1/CSIDriver": "storage.k8s.io/v1", "scheduling.k8s.io/v1beta1/PriorityClass": "scheduling.k8s.io/v1", "node.k8s.io/v1beta1/RuntimeClass": "node.k8s.io/v1",
	"rbac.authorization.k8s.io/v1beta1/Role": "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1beta1/RoleBinding": "rbac.authorization.k8s.io/v1",
	"rbac.authorization.k8s.io/v1beta1/ClusterRole": "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
}

// current is the object in the version in which it is asked for.
func current(body *iac.Value) *iac.Value {
	version, kind := body.Get("apiVersion"), text(body.Get("kind"))
	to, old := newer[text(version)+"/"+kind]
	if !old {
		return body
	}
	out := &iac.Value{Kind: iac.String, Text: to, Range: version.Range}
	if text(version) == "autoscaling/v1" {
		body = autoscaler(body)
	}
	return put(body, "apiVersion", out)
}

// autoscaler says the one measure of the first version as one of many.
func autoscaler(body *iac.Value) *iac.Value {
	spec := body.Get("spec")
	target := spec.Get("targetCPUUtilizationPercentage")
	if target.Is(iac.Null) {
		return body
	}
	metrics := list(object("type", plain("Resource"), "resource", object("name", plain("cpu"), "target", object("type", plain("Utilization"), "averageUtilization", target))))
	metrics.Range = target.Range
	return put(body, "spec", put(drop(spec, "targetCPUUtilizationPercentage"), "metrics", metrics))
}

// withCells adds what the server prints of an object, where that is all that is asked for.
func withCells(body *iac.Value, h header) *iac.Value {
	count := func(names ...string) *iac.Value {
		n := 0
		for _, name := range names {
			if v := body.Get(name); v.Is(iac.Object) {
				n += len(v.Fields)
			}
		}
		return number(strconv.Itoa(n))
	}
	switch h.typed() {
	case "v1/Secret":
		kind := body.Get("type")
		if scalar(kind) == "" {
			kind = plain("Opaque")
		}
		body = put(body, "cells", object("Name", plain(h.name), "Type", kind, "Data", count("data", "stringData")))
		for _, name := range []string{"data", "stringData"} {
			if v := body.Get(name); v != nil {
				hide(v)
			}
		}
	case "v1/ConfigMap":
		body = put(body, "cells", object("Name", plain(h.name), "Data", count("data", "binaryData")))
	}
	const applied = "kubectl.kubernetes.io/last-applied-configuration"
	if annotations := body.Get("metadata").Get("annotations"); annotations.Get(applied) != nil { // a copy, secrets and all
		body = put(body, "metadata", put(body.Get("metadata"), "annotations", drop(annotations, applied)))
	}
	return body
}

// hide marks all that is in a value as secret.
func hide(v *iac.Value) {
	v.Sensitive = true
	for _, item := range v.Items {
		hide(item)
	}
	for _, f := range v.Fields {
		hide(f.Value)
	}
}

// drop is the object without a field.
func drop(v *iac.Value, key string) *iac.Value {
	out := *v
	out.Fields = nil
	for _, f := range v.Fields {
		if f.Key != key {
			out.Fields = append(out.Fields, f)
		}
	}
	return &out
}

// oneLine is what somebody else says, for a list of problems.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
