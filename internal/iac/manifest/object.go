package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/manifest/defaults"
)

// unitBuilder gathers the objects of a unit.
type unitBuilder struct {
	unit      *iac.Unit
	limits    iac.Limits
	namespace string // of objects that name none
	files     map[string]bool
	same      map[string][]*iac.Resource   // by kind, namespace and name
	written   map[*iac.Resource]*iac.Value // as it stands in the file
	names     map[string]int               // how often one was generated, by kind and prefix or whole name
	scopes    map[string]bool              // of kinds that the unit itself defines: group/Kind → namespaced
}

func newUnit(kind, path string, o *Options) *unitBuilder {
	namespace := o.Namespace
	if namespace == "" {
		namespace = "default"
	}
	return &unitBuilder{
		unit: &iac.Unit{Kind: kind, Path: path}, limits: o.Limits, namespace: namespace,
		files: map[string]bool{}, same: map[string][]*iac.Resource{}, written: map[*iac.Resource]*iac.Value{}, scopes: map[string]bool{}, names: map[string]int{},
	}
}

func (b *unitBuilder) problem(kind string, at iac.Range, format string, args ...any) {
	b.unit.Problems = append(b.unit.Problems, iac.Problem{Kind: kind, What: fmt.Sprintf(format, args...), Range: at})
}

func (b *unitBuilder) file(path string) {
	if path != "" && !b.files[path] {
		b.files[path] = true
		b.unit.Files = append(b.unit.Files, path)
	}
}

// knownAfterApply is what only the cluster fills in.
const knownAfterApply = "known after apply"

func unknown() *iac.Value { return &iac.Value{Kind: iac.Unknown, Cause: knownAfterApply} }

// header is what tells an object from others.
type header struct{ version, kind, namespace, name string }

func (h header) typed() string { return h.version + "/" + h.kind }

func (h header) address() string {
	if h.namespace == "" {
		return h.kind + "/" + h.name
	}
	return h.kind + "/" + h.namespace + "/" + h.name
}

// group is that of the API; empty for the core's.
func (h header) group() string {
	group, _, found := strings.Cut(h.version, "/")
	if !found {
		return ""
	}
	return group
}

func text(v *iac.Value) string {
	if v.Is(iac.String) {
		return v.Text
	}
	return ""
}

// headerOf reads an object's header, and tells why it is no object.
func (b *unitBuilder) headerOf(body *iac.Value) (header, string) {
	h := header{version: text(body.Get("apiVersion")), kind: text(body.Get("kind"))}
	metadata := body.Get("metadata")
	if h.version == "" || h.kind == "" {
		return h, "it has no apiVersion or no kind"
	}
	h.name = scalar(metadata.Get("name"))
	if h.name == "" {
		if prefix := text(metadata.Get("generateName")); prefix != "" {
			h.name = b.generated(h.kind, prefix)
		}
	}
	if h.name == "" {
		return h, "it has no name"
	}
	if b.namespaced(h) {
		if h.namespace = scalar(metadata.Get("namespace")); h.namespace == "" {
			h.namespace = b.namespace
		}
	}
	return h, ""
}

// generated is a name that the server makes, another for each object.
func (b *unitBuilder) generated(kind, prefix string) string {
	seed := kind + prefix
	for {
		salted := seed
		if n := b.names[seed]; n > 0 {
			salted = fmt.Sprint(seed, n)
		}
		b.names[seed]++
		name := prefix + shortHash(salted)
		if taken := kind + "/" + name; b.names[taken] == 0 {
			b.names[taken] = 1
			return name
		}
	}
}

func scalar(v *iac.Value) string {
	if v.Is(iac.String) || v.Is(iac.Number) || v.Is(iac.Bool) {
		return v.Text
	}
	return ""
}

func (b *unitBuilder) namespaced(h header) bool {
	if scope, told := b.scopes[h.group()+"/"+h.kind]; told {
		return scope
	}
	return defaults.Namespaced(h.version, h.kind)
}

// learn remembers the scopes of the kinds that an object defines.
func (b *unitBuilder) learn(body *iac.Value) {
	if text(body.Get("kind")) != "CustomResourceDefinition" {
		return
	}
	spec := body.Get("spec")
	b.scopes[text(spec.Get("group"))+"/"+text(spec.Get("names").Get("kind"))] = text(spec.Get("scope")) == "Namespaced"
}

// flatten gives the objects of a document: itself, or those of the list that it is.
func flatten(body *iac.Value) []*iac.Value {
	kind := text(body.Get("kind"))
	items := body.Get("items")
	if !strings.HasSuffix(kind, "List") || !items.Is(iac.List) {
		return []*iac.Value{body}
	}
	var all []*iac.Value
	for _, item := range items.Items {
		if !item.Is(iac.Object) {
			continue
		}
		if of := strings.TrimSuffix(kind, "List"); of != "" && item.Get("kind") == nil { // a list of one kind may leave it out
			item = put(put(item, "kind", plain(of)), "apiVersion", body.Get("apiVersion"))
		}
		all = append(all, flatten(item)...)
	}
	return all
}

// add makes an object a resource, with what the API server fills in. Nil if it is none, or beyond the limit.
func (b *unitBuilder) add(body *iac.Value) *iac.Resource {
	body = current(body)
	h, wrong := b.headerOf(body)
	if wrong != "" && !defaults.BuiltIn(h.version) {
		return nil // the configuration of some tool
	}
	if wrong != "" {
		b.problem(iac.Broken, body.Range, "not an object of Kubernetes: %s", wrong)
		return nil
	}
	if len(b.unit.Resources) >= b.limits.Resources {
		if len(b.unit.Resources) == b.limits.Resources {
			b.problem(iac.LimitReached, body.Range, "there are more than %d objects; this one and those after it are not read", b.limits.Resources)
			b.limits.Resources = -1
		}
		return nil
	}
	b.file(body.Range.File)
	address := h.address()
	if b.repeats(h.typed(), address, body) || b.again(h, address, body) {
		return nil
	}
	own := address
	if n := len(b.same[address]); n > 0 {
		address = fmt.Sprintf("%s#%d", address, n+1)
	}
	name := body.Get("kind").Range
	r := &iac.Resource{Type: h.typed(), Address: address, Range: body.Range, Name: name}
	r.Body = b.complete(body, h, h.typed()+"/"+address)
	b.written[r] = body
	b.same[own] = append(b.same[own], r)
	b.unit.Resources = append(b.unit.Resources, r)
	return r
}

// repeats tells that an object is there already, word for word.
func (b *unitBuilder) repeats(typed, address string, body *iac.Value) bool {
	same := b.same[address]
	for _, r := range same[:min(len(same), maxCompared)] {
		if r.Type == typed && equal(b.written[r], body) {
			return true
		}
	}
	return false
}

// again tells that an object is there already with other words. A cluster has one of a name: which one is not known, but that files
// often repeat a namespace, some of them with its labels.
func (b *unitBuilder) again(h header, address string, body *iac.Value) bool {
	same := b.same[address]
	i := slices.IndexFunc(same, func(r *iac.Resource) bool {
		version, kind := cutLast(r.Type)
		return header{version: version}.group() == h.group() && kind == h.kind
	})
	if i < 0 {
		return false
	}
	if h.typed() == "v1/Namespace" {
		metadata := same[i].Body.Get("metadata")
		if more := body.Get("metadata").Get("labels"); more.Is(iac.Object) {
			labels := metadata.Get("labels")
			for _, f := range more.Fields {
				labels = fill(labels, f.Key, f.Value)
			}
			same[i].Body = put(same[i].Body, "metadata", put(metadata, "labels", labels))
		}
		return true
	}
	b.problem(iac.NotEvaluated, body.Range, "%s %s is here for a second time, and not looked at: %s has it too", h.kind, h.name, same[i].Range.File)
	return true
}

// maxCompared bounds with how many of its namesakes an object is compared.
const maxCompared = 8

// complete is the object as the server has it, in a copy.
func (b *unitBuilder) complete(body *iac.Value, h header, identity string) *iac.Value {
	body = clone(body)
	metadata := body.Get("metadata")
	if !metadata.Is(iac.Object) {
		metadata = &iac.Value{Kind: iac.Object}
	}
	if scalar(metadata.Get("name")) == "" {
		metadata = put(metadata, "name", &iac.Value{Kind: iac.String, Text: h.name, Range: metadata.Get("generateName").Range})
	}
	if h.namespace != "" && scalar(metadata.Get("namespace")) == "" {
		metadata = put(metadata, "namespace", plain(h.namespace))
	}
	metadata = put(metadata, "uid", plain(uid(identity)))
	metadata = put(metadata, "creationTimestamp", unknown())
	body = put(body, "metadata", metadata)
	return defaults.Apply(withStatus(withCells(body, h), h))
}

// withStatus says that a status is not known, of kinds that have one that checks read. A job that is only written has not ended.
func withStatus(body *iac.Value, h header) *iac.Value {
	switch h.typed() {
	case "batch/v1/Job":
		return put(body, "status", &iac.Value{Kind: iac.Object})
	case "v1/Pod":
		return put(body, "status", podStatus())
	case "v1/Namespace":
		return put(body, "status", object("phase", plain("Active")))
	case "v1/Secret", "v1/ConfigMap", "v1/ServiceAccount":
		return body
	}
	switch h.group() {
	case "rbac.authorization.k8s.io", "storage.k8s.io", "scheduling.k8s.io":
		return body
	}
	return put(body, "status", unknown())
}

// podStatus is that of a pod that runs: what else it says nobody knows.
func podStatus() *iac.Value {
	return object("phase", plain("Running"), "conditions", unknown(), "containerStatuses", unknown(), "podIP", unknown(), "hostIP", unknown(),
		"startTime", unknown(), "qosClass", unknown())
}

var space = uuid.MustParse("2f6a6e0c-7a53-4a0e-9a3c-6d1d0f2b8c55")

// uid is an object's, the same whenever it is read.
func uid(identity string) string { return uuid.NewSHA1(space, []byte(identity)).String() }

// shortHash are five letters, as Kubernetes adds to names.
func shortHash(of string) string {
	const letters = "bcdfghjklmnpqrstvwxz2456789"
	sum := uuid.NewSHA1(space, []byte(of))
	out := make([]byte, 5)
	for i := range out {
		out[i] = letters[int(sum[i])%len(letters)]
	}
	return string(out)
}
