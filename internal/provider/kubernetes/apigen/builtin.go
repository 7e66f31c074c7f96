package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// openAPI is what is used of one of the server's OpenAPI files: one group and version each.
type openAPI struct {
	Paths map[string]struct {
		Get *struct {
			Action string `json:"x-kubernetes-action"`
			Kind   struct {
				Group, Version, Kind string
			} `json:"x-kubernetes-group-version-kind"`
			Responses map[string]struct {
				Content map[string]struct{ Schema *schema }
			}
		}
	}
	Components struct{ Schemas map[string]*schema }
}

// readBuiltin adds every kind that the server lists, and gives all shapes of the files.
func (c *collection) readBuiltin(kubernetes string) error {
	paths, err := files(kubernetes, []string{"api/openapi-spec/v3/*_openapi.json"})
	if err != nil {
		return err
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var file openAPI
		if err := json.Unmarshal(data, &file); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		if err := c.addOpenAPI(&file); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

func (c *collection) addOpenAPI(file *openAPI) error {
	for name, s := range file.Components.Schemas {
		t, err := convert(s)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if name == api.ObjectMeta {
			// The client takes them out: who wrote which field when is a third of an object, and of no use here.
			t.Members = slices.DeleteFunc(t.Members, func(m api.Member) bool { return m.Name == "managedFields" })
		}
		if known := c.shapes[name]; known != nil && !reflect.DeepEqual(*known, t) {
			return fmt.Errorf("%s has another shape in another file", name)
		}
		c.shapes[name] = &t
	}
	for path, at := range file.Paths {
		// The list of all namespaces: that of one is the same path with namespaces/{namespace}/ in it.
		if at.Get == nil || at.Get.Action != "list" || strings.Contains(path, "{") {
			continue
		}
		plural := path[strings.LastIndex(path, "/")+1:]
		_, namespaced := file.Paths[strings.TrimSuffix(path, plural)+"namespaces/{namespace}/"+plural]
		kind := at.Get.Kind
		list, err := convert(at.Get.Responses["200"].Content["application/json"].Schema)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		object, err := c.itemOf(&list)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		group := kind.Group
		if group == "" {
			group = api.Core
		}
		known := api.Kind{Version: kind.Version, Plural: plural, Kind: kind.Kind, Namespaced: namespaced}
		if err := c.add(group, known, object); err != nil {
			return err
		}
	}
	return nil
}

// itemOf gives the type of a list's items.
func (c *collection) itemOf(list *api.Type) (*api.Type, error) {
	if list.Ref != "" {
		list = c.shapes[list.Ref]
	}
	for _, m := range list.Members {
		if m.Name == "items" && m.Elem != nil {
			return m.Elem, nil
		}
	}
	return nil, fmt.Errorf("the answer is no list of objects")
}
