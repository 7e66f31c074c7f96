// Package defaults gives objects of Kubernetes what the API server gives them: the values of fields that were left out, and the form
// in which it writes quantities. What it is, type by type, is data (defaults.yaml), proved against a real API server.
package defaults

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/iac"
)

//go:embed defaults.yaml
var data []byte

// table is the data, read once.
type table struct {
	Shapes map[string]yaml.Node
	Kinds  map[string]yaml.Node
	Scoped map[string][]string `yaml:"cluster_scoped"`

	kinds map[string][]rule
}

var load = sync.OnceValue(func() *table {
	var t table
	if err := yaml.Unmarshal(data, &t); err != nil {
		panic(fmt.Sprintf("defaults.yaml: %v", err)) // which is ours, and tested
	}
	t.kinds = map[string][]rule{}
	for kind, node := range t.Kinds {
		t.kinds[kind] = t.rules(&node)
	}
	return &t
})

// Namespaced tells whether objects of a kind lie in a namespace. Of a kind that is not known, they do.
func Namespaced(version, kind string) bool {
	group, _, found := strings.Cut(version, "/")
	if !found {
		group = ""
	}
	scoped := load().Scoped[group]
	return !slices.Contains(scoped, kind) && !slices.Contains(scoped, "*")
}

// Known tells the kinds that something is filled in for, as group/version/Kind.
func Known() []string {
	var kinds []string
	for kind := range load().kinds {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// Apply fills in what an object leaves out, in place, and gives it back. What it adds has no place in any file.
func Apply(object *iac.Value) *iac.Value {
	version, kind := object.Get("apiVersion"), object.Get("kind")
	if version == nil || kind == nil || !BuiltIn(version.Text) {
		return object
	}
	prune(object)
	if rules, known := load().kinds[version.Text+"/"+kind.Text]; known {
		apply(rules, scope{object})
	}
	return object
}

// BuiltIn tells the groups of Kubernetes itself. What is custom is stored as it was written.
func BuiltIn(version string) bool {
	group, _, found := strings.Cut(version, "/")
	if !found {
		return true
	}
	switch group {
	case "apps", "batch", "autoscaling", "policy", "extensions":
		return true
	case "gateway.networking.k8s.io", "snapshot.storage.k8s.io", "policy.networking.k8s.io", "metrics.k8s.io":
		return false
	}
	return strings.HasSuffix(group, ".k8s.io") && strings.Count(group, ".") <= 3 && !strings.HasSuffix(group, ".x-k8s.io")
}

// emptyIsNothing are the maps that the server leaves out if they are empty. Other objects mean something then.
var emptyIsNothing = []string{"labels", "annotations", "nodeSelector", "matchLabels", "limits", "requests", "data", "binaryData"}

// prune takes out what the server does: nulls, empty lists, and some empty maps.
func prune(v *iac.Value) {
	for _, item := range v.Items {
		prune(item)
	}
	if v.Kind != iac.Object {
		return
	}
	v.Fields = slices.DeleteFunc(v.Fields, func(f iac.Field) bool {
		prune(f.Value)
		switch f.Value.Kind {
		case iac.Null:
			return true
		case iac.List:
			return len(f.Value.Items) == 0 && f.Value.Open == ""
		case iac.Object:
			return len(f.Value.Fields) == 0 && f.Value.Open == "" && slices.Contains(emptyIsNothing, f.Key)
		}
		return false
	})
}
