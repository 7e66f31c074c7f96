package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// definition is what is used of a CustomResourceDefinition.
type definition struct {
	Kind string
	Spec struct {
		Group    string
		Scope    string
		Names    struct{ Kind, Plural string }
		Versions []struct {
			Name   string
			Served bool
			Schema struct{ OpenAPIV3Schema *schema }
		}
	}
}

// readDefinitions adds the kinds that a module's CustomResourceDefinitions define.
func (c *collection) readDefinitions(m module, folder string) error {
	paths, err := files(folder, m.CRDs)
	if err != nil {
		return err
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		before := c.kinds()
		if err := c.addDefinitions(data); err != nil {
			return fmt.Errorf("%s: %s: %w", m, filepath.Base(path), err)
		}
		if c.kinds() == before {
			return fmt.Errorf("%s: %s defines no kind", m, filepath.Base(path))
		}
	}
	return nil
}

//go:embed every.yaml
var everyKind []byte

// readEveryKind adds the groups whose kinds are made in each cluster, as one kind for all of them.
func (c *collection) readEveryKind() error {
	if err := c.addDefinitions(everyKind); err != nil {
		return fmt.Errorf("every.yaml: %w", err)
	}
	return nil
}

// addDefinitions reads a YAML stream; what is in it besides CustomResourceDefinitions is passed over.
func (c *collection) addDefinitions(stream []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(stream))
	for {
		var document any
		err := dec.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		// Through JSON, so that schemas are read in one way wherever they come from.
		data, err := json.Marshal(document)
		if err != nil {
			return err
		}
		var kind struct{ Kind string }
		if json.Unmarshal(data, &kind) != nil || kind.Kind != "CustomResourceDefinition" {
			continue
		}
		var d definition
		if err := json.Unmarshal(data, &d); err != nil {
			return err
		}
		if err := c.addDefinition(&d); err != nil {
			return fmt.Errorf("%s.%s: %w", d.Spec.Names.Plural, d.Spec.Group, err)
		}
	}
}

func (c *collection) addDefinition(d *definition) error {
	for _, v := range d.Spec.Versions {
		if !v.Served {
			continue
		}
		if v.Schema.OpenAPIV3Schema == nil {
			return fmt.Errorf("%s has no schema", v.Name)
		}
		object, err := convert(v.Schema.OpenAPIV3Schema)
		if err != nil {
			return fmt.Errorf("%s: %w", v.Name, err)
		}
		withMeta(&object)
		kind := api.Kind{
			Version: v.Name, Plural: d.Spec.Names.Plural, Kind: d.Spec.Names.Kind,
			Namespaced: d.Spec.Scope == "Namespaced", Custom: true,
		}
		if err := c.add(d.Spec.Group, kind, &object); err != nil {
			return err
		}
		if also, ok := aggregated[d.Spec.Group+"/"+v.Name]; ok && slices.Contains(also.plurals, kind.Plural) {
			kind.Version = also.version
			if err := c.add(also.group, kind, &object); err != nil {
				return err
			}
		}
	}
	return nil
}

// aggregated are the versions in which an add-on's own API server serves what it stores as custom kinds, with the same
// fields; no definition describes those.
var aggregated = map[string]struct {
	group, version string
	plurals        []string
}{
	"crd.projectcalico.org/v1": {"projectcalico.org", "v3", []string{
		"bgpconfigurations", "bgppeers", "clusterinformations", "felixconfigurations", "globalnetworkpolicies", "globalnetworksets",
		"hostendpoints", "ippools", "kubecontrollersconfigurations", "networkpolicies", "networksets",
	}},
}

// withMeta says what the server adds to every object; definitions may not say more of it than "object".
func withMeta(object *api.Type) {
	object.Kind = content.KindStruct
	object.Members = slices.DeleteFunc(object.Members, func(m api.Member) bool {
		return m.Name == "apiVersion" || m.Name == "kind" || m.Name == "metadata"
	})
	object.Members = append([]api.Member{
		{Name: "apiVersion", Type: api.Type{Kind: content.KindString}},
		{Name: "kind", Type: api.Type{Kind: content.KindString}},
		{Name: "metadata", Type: api.Type{Ref: api.ObjectMeta}},
	}, object.Members...)
}
