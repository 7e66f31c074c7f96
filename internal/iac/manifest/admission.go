package manifest

import (
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// admit is a pod's spec as the admission plugins that every API server has leave it: the service account and its token, the priority,
// and how long the pod stays on a node that is ill.
func (m maker) admit(spec *iac.Value, namespace string) *iac.Value {
	if !spec.Is(iac.Object) {
		return spec
	}
	name := scalar(spec.Get("serviceAccountName"))
	if name == "" {
		name = "default"
		spec = put(put(spec, "serviceAccountName", plain(name)), "serviceAccount", plain(name))
	}
	account := m.accounts[namespace+"/"+name]
	if secrets := account.Get("imagePullSecrets"); secrets.Is(iac.List) && len(secrets.Items) > 0 && spec.Get("imagePullSecrets").Is(iac.Null) {
		spec = put(spec, "imagePullSecrets", secrets)
	}
	switch own, its := spec.Get("automountServiceAccountToken"), account.Get("automountServiceAccountToken"); {
	case own.Is(iac.Bool) && own.Text == "false":
	case own.Is(iac.Null) && its.Is(iac.Bool) && its.Text == "false":
	default:
		spec = mountToken(spec)
	}
	spec = m.prioritize(spec)
	spec = fill(spec, "nodeName", unknown())
	return tolerate(spec, []*iac.Value{
		toleration("node.kubernetes.io/not-ready", "NoExecute", "300"), toleration("node.kubernetes.io/unreachable", "NoExecute", "300"),
	})
}

func (m maker) prioritize(spec *iac.Value) *iac.Value {
	priority, preemption := number("0"), plain("PreemptLowerPriority")
	switch class := spec.Get("priorityClassName"); scalar(class) {
	case "":
	case "system-cluster-critical":
		priority = number("2000000000")
	case "system-node-critical":
		priority = number("2000001000")
	default:
		priority, preemption = unknown(), unknown()
		if known := m.classes[scalar(class)]; known != nil {
			priority, preemption = known.Get("value"), known.Get("preemptionPolicy")
		}
	}
	if priority == nil {
		priority = unknown()
	}
	return fill(fill(spec, "priority", priority), "preemptionPolicy", preemption)
}

const (
	tokenPath   = "/var/run/secrets/kubernetes.io/serviceaccount"
	tokenVolume = "kube-api-access-00000"
)

// mountToken gives each container the token of the service account, unless it mounts something at its place.
func mountToken(spec *iac.Value) *iac.Value {
	mounted := false
	for _, kind := range []string{"initContainers", "containers"} {
		containers := spec.Get(kind)
		if !containers.Is(iac.List) {
			continue
		}
		out := *containers
		out.Items = make([]*iac.Value, len(containers.Items))
		for i, c := range containers.Items {
			out.Items[i] = c
			mounts := c.Get("volumeMounts")
			if !c.Is(iac.Object) || mounts.Is(iac.List) && slices.ContainsFunc(mounts.Items, func(mount *iac.Value) bool { return text(mount.Get("mountPath")) == tokenPath }) {
				continue
			}
			mounted = true
			out.Items[i] = put(c, "volumeMounts", appended(mounts, object("mountPath", plain(tokenPath), "name", plain(tokenVolume), "readOnly", yes())))
		}
		spec = put(spec, kind, &out)
	}
	if !mounted {
		return spec
	}
	return put(spec, "volumes", appended(spec.Get("volumes"), object("name", plain(tokenVolume), "projected", object(
		"defaultMode", number("420"), "sources", list(
			object("serviceAccountToken", object("expirationSeconds", number("3607"), "path", plain("token"))),
			object("configMap", object("items", list(object("key", plain("ca.crt"), "path", plain("ca.crt"))), "name", plain("kube-root-ca.crt"))),
			object("downwardAPI", object("items", list(object("fieldRef", object("apiVersion", plain("v1"), "fieldPath", plain("metadata.namespace")), "path", plain("namespace"))))),
		),
	))))
}

// appended is a list with more items.
func appended(to *iac.Value, items ...*iac.Value) *iac.Value {
	out := iac.Value{Kind: iac.List}
	if to.Is(iac.List) {
		out = *to
	}
	out.Items = slices.Concat(out.Items, items)
	return &out
}

func toleration(key, effect, seconds string) *iac.Value {
	v := object("effect", plain(effect), "key", plain(key), "operator", plain("Exists"))
	if seconds != "" {
		v = put(v, "tolerationSeconds", number(seconds))
	}
	return v
}

// tolerate adds tolerations, but for those whose taint is tolerated already.
func tolerate(spec *iac.Value, more []*iac.Value) *iac.Value {
	tolerations := spec.Get("tolerations")
	var add []*iac.Value
	for _, t := range more {
		if !tolerated(tolerations, text(t.Get("key")), text(t.Get("effect"))) {
			add = append(add, t)
		}
	}
	if len(add) == 0 {
		return spec
	}
	return put(spec, "tolerations", appended(tolerations, add...))
}

func tolerated(tolerations *iac.Value, key, effect string) bool {
	if !tolerations.Is(iac.List) {
		return false
	}
	return slices.ContainsFunc(tolerations.Items, func(t *iac.Value) bool {
		k, e := text(t.Get("key")), text(t.Get("effect"))
		return (k == key || k == "") && (e == effect || e == "")
	})
}

// daemonTolerations are what the pods of daemon sets tolerate, for they stay on nodes that others leave.
func daemonTolerations(spec *iac.Value) []*iac.Value {
	all := []*iac.Value{toleration("node.kubernetes.io/not-ready", "NoExecute", ""), toleration("node.kubernetes.io/unreachable", "NoExecute", "")}
	for word := range strings.FieldsSeq("disk-pressure memory-pressure pid-pressure unschedulable") {
		all = append(all, toleration("node.kubernetes.io/"+word, "NoSchedule", ""))
	}
	if isTrue(spec.Get("hostNetwork")) {
		all = append(all, toleration("node.kubernetes.io/network-unavailable", "NoSchedule", ""))
	}
	return all
}
