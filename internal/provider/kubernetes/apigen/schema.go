package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/kubernetes/api"
)

// schema is what is used of an OpenAPI v3 schema, in the server's files and in CustomResourceDefinitions.
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	AllOf                []*schema          `json:"allOf"`
	Items                *schema            `json:"items"`
	Properties           map[string]*schema `json:"properties"`
	AdditionalProperties *additional        `json:"additionalProperties"`
	Required             []string           `json:"required"`
	Enum                 []any              `json:"enum"`
	IntOrString          bool               `json:"x-kubernetes-int-or-string"`
}

// additional is the schema of a map's values, or a boolean: true is a schema that allows anything.
type additional struct {
	Allowed bool
	Schema  schema
}

func (a *additional) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		a.Allowed = true
		return json.Unmarshal(data, &a.Schema)
	}
	return json.Unmarshal(data, &a.Allowed)
}

const refPrefix = "#/components/schemas/"

// convert makes the stored form of a schema. Descriptions, defaults and validations are left behind.
func convert(s *schema) (api.Type, error) {
	switch {
	case s.Ref != "":
		name, ok := strings.CutPrefix(s.Ref, refPrefix)
		if !ok {
			return api.Type{}, fmt.Errorf("a reference to elsewhere: %s", s.Ref)
		}
		return api.Type{Ref: name}, nil
	case len(s.AllOf) == 1 && len(s.Properties) == 0: // how OpenAPI lets a reference have a description
		return convert(s.AllOf[0])
	case s.IntOrString || s.Format == "int-or-string":
		return api.Type{Kind: content.KindAny}, nil
	case len(s.Properties) > 0:
		return convertStruct(s)
	case s.AdditionalProperties != nil && s.AdditionalProperties.Allowed:
		elem, err := convert(&s.AdditionalProperties.Schema)
		return api.Type{Kind: content.KindMap, Elem: &elem}, err
	case s.Items != nil:
		elem, err := convert(s.Items)
		return api.Type{Kind: content.KindList, Elem: &elem}, err
	}
	return convertScalar(s)
}

// convertStruct takes the described fields also where others may stand beside them: those that are described can be proved.
func convertStruct(s *schema) (api.Type, error) {
	out := api.Type{Kind: content.KindStruct}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		t, err := convert(s.Properties[name])
		if err != nil {
			return out, fmt.Errorf("%s: %w", name, err)
		}
		out.Members = append(out.Members, api.Member{Name: name, Required: slices.Contains(s.Required, name), Type: t})
	}
	return out, nil
}

func convertScalar(s *schema) (api.Type, error) {
	switch s.Type {
	case "string":
		return convertString(s), nil
	case "integer":
		return api.Type{Kind: content.KindInteger}, nil
	case "number":
		return api.Type{Kind: content.KindNumber}, nil
	case "boolean":
		return api.Type{Kind: content.KindBoolean}, nil
	case "array":
		return api.Type{Kind: content.KindList, Elem: &api.Type{Kind: content.KindAny}}, nil
	case "object", "": // nothing said of what is in it
		return api.Type{Kind: content.KindAny}, nil
	}
	return api.Type{}, fmt.Errorf("type %q is not known", s.Type)
}

func convertString(s *schema) api.Type {
	switch s.Format {
	case "date-time":
		return api.Type{Kind: content.KindTime}
	case "byte":
		return api.Type{Kind: content.KindBlob}
	}
	out := api.Type{Kind: content.KindString}
	for _, v := range s.Enum {
		if text, ok := v.(string); ok {
			out.Enum = append(out.Enum, text)
		}
	}
	return out
}

// references adds the shared shapes that a type uses, and those that they use, to what is reached.
func references(t *api.Type, shapes map[string]*api.Type, reached map[string]*api.Type) error {
	if t.Ref != "" && reached[t.Ref] == nil {
		shared := shapes[t.Ref]
		if shared == nil {
			return fmt.Errorf("shape %s is missing", t.Ref)
		}
		reached[t.Ref] = shared
		return references(shared, shapes, reached)
	}
	for i := range t.Members {
		if err := references(&t.Members[i].Type, shapes, reached); err != nil {
			return err
		}
	}
	if t.Elem != nil {
		return references(t.Elem, shapes, reached)
	}
	return nil
}
