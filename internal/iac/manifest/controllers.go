package manifest

import (
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// maker makes what the controllers of a cluster would make of workloads: of each, one of the pods that it has, since they are equal.
// What is made has the places of the workload's template.
type maker struct {
	b        *unitBuilder
	accounts map[string]*iac.Value // service accounts, by namespace/name
	classes  map[string]*iac.Value // priority classes, by name
}

// control makes the pods of all workloads of a unit, and what the server adds to those that stand alone.
func (b *unitBuilder) control() {
	m := maker{b: b, accounts: map[string]*iac.Value{}, classes: map[string]*iac.Value{}}
	for _, r := range b.unit.Resources {
		switch r.Type {
		case "v1/ServiceAccount":
			m.accounts[scalar(r.Body.Get("metadata").Get("namespace"))+"/"+nameOf(r)] = r.Body
		case "scheduling.k8s.io/v1/PriorityClass":
			m.classes[nameOf(r)] = r.Body
		}
	}
	for _, r := range b.unit.Resources[:len(b.unit.Resources):len(b.unit.Resources)] {
		m.workload(r)
	}
}

func (m maker) workload(r *iac.Resource) {
	spec := r.Body.Get("spec")
	switch r.Type {
	case "v1/Pod":
		r.Body = put(r.Body, "spec", m.admit(spec, scalar(r.Body.Get("metadata").Get("namespace"))))
	case "apps/v1/Deployment":
		if !isTrue(spec.Get("paused")) && !isZero(spec.Get("replicas")) {
			m.replicaSet(r)
		}
	case "apps/v1/ReplicaSet", "v1/ReplicationController":
		if !isZero(spec.Get("replicas")) {
			m.pod(r, nameOf(r)+"-"+shortHash(r.Address), nil)
		}
	case "apps/v1/StatefulSet":
		if !isZero(spec.Get("replicas")) {
			m.claims(r)
			name := nameOf(r) + "-0"
			m.pod(r, name, map[string]string{"apps.kubernetes.io/pod-index": "0", "statefulset.kubernetes.io/pod-name": name, "controller-revision-hash": nameOf(r) + "-" + shortHash(r.Address)})
		}
	case "apps/v1/DaemonSet":
		m.pod(r, nameOf(r)+"-"+shortHash(r.Address), map[string]string{"controller-revision-hash": shortHash(r.Address), "pod-template-generation": "1"})
	case "batch/v1/Job":
		m.job(r)
	case "batch/v1/CronJob":
		if !isTrue(spec.Get("suspend")) {
			m.cronJob(r)
		}
	}
}

func nameOf(r *iac.Resource) string { return scalar(r.Body.Get("metadata").Get("name")) }

func isTrue(v *iac.Value) bool { return v.Is(iac.Bool) && v.Text == "true" }

func isZero(v *iac.Value) bool { return v.Is(iac.Number) && v.Text == "0" }

// replicaSet makes a deployment's, and its pod.
func (m maker) replicaSet(r *iac.Resource) {
	spec := r.Body.Get("spec")
	hash := strings.Repeat("0", 4) + shortHash(r.Address)
	template := labeled(spec.Get("template"), map[string]string{"pod-template-hash": hash})
	selector := spec.Get("selector")
	set := object("apiVersion", plain("apps/v1"), "kind", plain("ReplicaSet"),
		"metadata", m.owned(r, nameOf(r)+"-"+hash, template.Get("metadata").Get("labels")),
		"spec", object("replicas", number("1"), "selector", put(selector, "matchLabels", label(selector.Get("matchLabels"), map[string]string{"pod-template-hash": hash})), "template", template))
	if replicas := spec.Get("replicas"); replicas != nil {
		set = put(set, "spec", put(set.Get("spec"), "replicas", replicas))
	}
	if made := m.make(r, set); made != nil {
		m.pod(made, nameOf(made)+"-"+shortHash(made.Address), nil)
	}
}

// job makes one of a job's pods.
func (m maker) job(r *iac.Resource) {
	spec := r.Body.Get("spec")
	if !isTrue(spec.Get("suspend")) && !isZero(spec.Get("parallelism")) {
		m.pod(r, nameOf(r)+"-"+shortHash(r.Address), nil)
	}
}

// cronJob makes the job of one of its times, and that one's pod.
func (m maker) cronJob(r *iac.Resource) {
	template := r.Body.Get("spec").Get("jobTemplate")
	job := object("apiVersion", plain("batch/v1"), "kind", plain("Job"),
		"metadata", m.owned(r, nameOf(r)+"-29000000", template.Get("metadata").Get("labels")), "spec", template.Get("spec"))
	if made := m.make(r, job); made != nil {
		m.job(made)
	}
}

// maxLabels are more than anything has.
const maxLabels = 1000

// claims makes the claims of a stateful set's first pod.
func (m maker) claims(r *iac.Resource) {
	templates := r.Body.Get("spec").Get("volumeClaimTemplates")
	if !templates.Is(iac.List) {
		return
	}
	for _, template := range templates.Items {
		metadata := template.Get("metadata")
		labels := r.Body.Get("spec").Get("selector").Get("matchLabels")
		if own := metadata.Get("labels"); own.Is(iac.Object) && len(own.Fields) < maxLabels {
			for _, f := range own.Fields {
				labels = fill(labels, f.Key, f.Value)
			}
		}
		claim := object("apiVersion", plain("v1"), "kind", plain("PersistentVolumeClaim"),
			"metadata", object("name", plain(scalar(metadata.Get("name"))+"-"+nameOf(r)+"-0"), "namespace", r.Body.Get("metadata").Get("namespace"), "labels", labels),
			"spec", template.Get("spec"))
		m.make(r, claim)
	}
}

// pod makes a pod of a workload's template.
func (m maker) pod(r *iac.Resource, name string, labels map[string]string) {
	template := labeled(r.Body.Get("spec").Get("template"), labels)
	spec := template.Get("spec")
	switch r.Type {
	case "apps/v1/StatefulSet":
		spec = m.stateful(r, spec, name)
	case "apps/v1/DaemonSet":
		spec = tolerate(spec, daemonTolerations(spec))
	}
	metadata := m.owned(r, name, template.Get("metadata").Get("labels"))
	if annotations := template.Get("metadata").Get("annotations"); annotations != nil {
		metadata = put(metadata, "annotations", annotations)
	}
	body := object("apiVersion", plain("v1"), "kind", plain("Pod"), "metadata", metadata, "spec", spec)
	if made := m.make(r, body); made != nil {
		made.Body = put(made.Body, "spec", m.admit(made.Body.Get("spec"), scalar(metadata.Get("namespace"))))
	}
}

func (m maker) stateful(r *iac.Resource, spec *iac.Value, name string) *iac.Value {
	spec = fill(spec, "hostname", plain(name))
	if service := r.Body.Get("spec").Get("serviceName"); scalar(service) != "" {
		spec = fill(spec, "subdomain", service)
	}
	templates := r.Body.Get("spec").Get("volumeClaimTemplates")
	if !templates.Is(iac.List) {
		return spec
	}
	volumes := &iac.Value{Kind: iac.List}
	names := map[string]bool{}
	for _, template := range templates.Items {
		of := scalar(template.Get("metadata").Get("name"))
		names[of] = true
		v := object("name", plain(of), "persistentVolumeClaim", object("claimName", plain(of+"-"+name)))
		v.Range = template.Range
		volumes.Items = append(volumes.Items, v)
	}
	if own := spec.Get("volumes"); own.Is(iac.List) {
		volumes.Range = own.Range
		for _, v := range own.Items {
			if !names[scalar(v.Get("name"))] {
				volumes.Items = append(volumes.Items, v)
			}
		}
	}
	return put(spec, "volumes", volumes)
}

// make adds an object that a controller makes, with the places of the workload's template.
func (m maker) make(r *iac.Resource, body *iac.Value) *iac.Resource {
	at := r.Range
	for _, name := range []string{"template", "jobTemplate"} {
		if v := r.Body.Get("spec").Get(name); v != nil && !v.Range.IsZero() {
			at = v.Range
		}
	}
	body.Range = at
	body.Fields[1].Value.Range = r.Name // the kind's
	made := m.b.add(body)
	if made != nil {
		made.Calls = r.Calls
		made.Name = r.Name
	}
	return made
}

// owned is the metadata of what a workload owns.
func (m maker) owned(r *iac.Resource, name string, labels *iac.Value) *iac.Value {
	version, kind := cutLast(r.Type)
	metadata := r.Body.Get("metadata")
	owner := object("apiVersion", plain(version), "kind", plain(kind), "name", plain(nameOf(r)), "uid", metadata.Get("uid"),
		"controller", yes(), "blockOwnerDeletion", yes())
	out := object("name", plain(name), "namespace", metadata.Get("namespace"), "ownerReferences", list(owner))
	if labels != nil {
		out = put(out, "labels", labels)
	}
	return out
}

func cutLast(typed string) (version, kind string) {
	at := strings.LastIndex(typed, "/")
	return typed[:max(at, 0)], typed[at+1:]
}

// labeled is a template with more labels.
func labeled(template *iac.Value, labels map[string]string) *iac.Value {
	metadata := template.Get("metadata")
	return put(template, "metadata", put(metadata, "labels", label(metadata.Get("labels"), labels)))
}

func label(to *iac.Value, labels map[string]string) *iac.Value {
	if !to.Is(iac.Object) {
		to = &iac.Value{Kind: iac.Object}
	}
	for _, key := range sorted(labels) {
		to = put(to, key, plain(labels[key]))
	}
	return to
}
