package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// goKind is a custom kind that is read from Go types.
type goKind struct {
	Package                      string // below the module's path
	Group, Version, Plural, Kind string
}

func newGoTypes(shapes map[string]*api.Type, folders map[string]string) *goTypes {
	return &goTypes{folders: folders, packages: map[string]goPackage{}, shapes: shapes}
}

// readKubelet adds the shape of the kubelet's configuration, which no OpenAPI file has.
func (c *collection) readKubelet(types *goTypes) error {
	_, err := types.named("k8s.io/kubelet/config/v1beta1", strings.TrimPrefix(path.Ext(api.Kubelet), "."))
	return err
}

// readGoKinds adds the kinds of a module that are known by their Go types alone.
func (c *collection) readGoKinds(m module, types *goTypes) error {
	for _, k := range m.Types {
		t, err := types.named(m.Path+"/"+k.Package, k.Kind)
		if err != nil {
			return fmt.Errorf("%s: %w", m, err)
		}
		object := *c.shapes[t.Ref]
		object.Members = slices.Clone(object.Members)
		withMeta(&object)
		kind := api.Kind{Version: k.Version, Plural: k.Plural, Kind: k.Kind, Namespaced: true, Custom: true}
		if err := c.add(k.Group, kind, &object); err != nil {
			return err
		}
	}
	return nil
}

// shapeName names a Go type as Kubernetes's OpenAPI files name theirs: the domain turned around.
func shapeName(pkg, name string) string {
	host, rest, _ := strings.Cut(pkg, "/")
	labels := strings.Split(host, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "." + strings.ReplaceAll(rest, "/", ".") + "." + name
}
