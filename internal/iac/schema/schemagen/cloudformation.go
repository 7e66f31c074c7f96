package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac/schema"
)

// specification is the part of the package's database that is read.
type specification struct {
	Schema struct {
		Resource struct {
			Entities []cfnResource `json:"entities"`
		} `json:"resource"`
		TypeDefinition struct {
			Entities []cfnStruct `json:"entities"`
		} `json:"typeDefinition"`
	} `json:"schema"`
}

type cfnResource struct {
	Type              string                 `json:"cloudFormationType"`
	Properties        map[string]cfnProperty `json:"properties"`
	Attributes        map[string]cfnProperty `json:"attributes"`
	PrimaryIdentifier []string               `json:"primaryIdentifier"`
	RefIdentifier     []string               `json:"cfnRefIdentifier"`
	ARNTemplate       string                 `json:"arnTemplate"`
}

type cfnStruct struct {
	ID         string                 `json:"$id"`
	Properties map[string]cfnProperty `json:"properties"`
}

type cfnProperty struct {
	Type     cfnType `json:"type"`
	Required bool    `json:"required"`
	Default  string  `json:"defaultValue"` // JSON
	Refers   []struct {
		Type     string `json:"cloudFormationType"`
		Property string `json:"propertyName"`
	} `json:"relationshipRefs"`
}

type cfnType struct {
	Type      string    `json:"type"`
	Element   *cfnType  `json:"element"`
	Types     []cfnType `json:"types"`
	Reference struct {
		ID string `json:"$ref"`
	} `json:"reference"`
}

// cloudFormation makes the archive of CloudFormation's types.
func cloudFormation(ctx context.Context) (*result, error) {
	tarball, err := fetch(ctx, serviceSpec)
	if err != nil {
		return nil, err
	}
	var spec *specification
	const database = "db.json.gz"
	err = walk(serviceSpec, tarball, func(path string) bool { return path == database }, func(_, text string) error {
		unzipped, err := gzip.NewReader(strings.NewReader(text))
		if err != nil {
			return err
		}
		spec = &specification{}
		return json.NewDecoder(unzipped).Decode(spec)
	})
	if err != nil {
		return nil, err
	}
	if spec == nil {
		return nil, errors.New(serviceSpec.Name + " has no " + database)
	}
	l, err := readSpecification(spec)
	if err != nil {
		return nil, err
	}
	r := &result{File: "cloudformation.zip", Counts: fmt.Sprintf("%d types, %d structs", len(l.types), len(l.structs))}
	r.Archive, err = l.pack([]schema.Source{serviceSpec})
	return r, err
}

// cfnReader numbers the structs by their ids; the first is that of tags, which has none.
type cfnReader struct {
	library
	numbers map[string]int
}

func readSpecification(spec *specification) (*library, error) {
	r := &cfnReader{numbers: map[string]int{}}
	text := schema.Shape{Kind: schema.KindString}
	r.structs = [][]*schema.Attribute{{{Name: "Key", Shape: text, Required: true}, {Name: "Value", Shape: text, Required: true}}}
	for _, s := range spec.Schema.TypeDefinition.Entities {
		r.numbers[s.ID] = len(r.structs)
		r.structs = append(r.structs, nil)
	}
	for _, s := range spec.Schema.TypeDefinition.Entities {
		attributes, err := r.attributes(s.Properties)
		if err != nil {
			return nil, fmt.Errorf("struct %s: %w", s.ID, err)
		}
		r.structs[r.numbers[s.ID]] = attributes
	}
	for _, resource := range spec.Schema.Resource.Entities {
		t := &schema.Type{Name: resource.Type, Identifier: resource.PrimaryIdentifier, Ref: resource.RefIdentifier, ARN: resource.ARNTemplate}
		var errs [2]error
		t.Attributes, errs[0] = r.attributes(resource.Properties)
		t.Outputs, errs[1] = r.attributes(resource.Attributes)
		if err := errors.Join(errs[:]...); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		r.types = append(r.types, t)
	}
	return &r.library, r.merge()
}

func (r *cfnReader) attributes(properties map[string]cfnProperty) ([]*schema.Attribute, error) {
	var all []*schema.Attribute
	for name, p := range properties {
		s, err := r.shape(&p.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		a := &schema.Attribute{Name: name, Shape: *s, Required: p.Required}
		if p.Default != "" {
			if !json.Valid([]byte(p.Default)) {
				return nil, fmt.Errorf("%s: the default %s is no JSON", name, p.Default)
			}
			a.Default = json.RawMessage(p.Default)
		}
		for _, to := range p.Refers {
			a.Refers = append(a.Refers, to.Type+"."+to.Property)
		}
		slices.Sort(a.Refers)
		a.Refers = slices.Compact(a.Refers)
		all = append(all, a)
	}
	byName(all)
	return all, nil
}

// cfnKinds are the scalars, and what they are called here.
var cfnKinds = map[string]string{
	"string": schema.KindString, "number": schema.KindNumber, "integer": schema.KindInteger, "boolean": schema.KindBoolean,
	"date-time": schema.KindTime, "json": schema.KindAny,
}

func (r *cfnReader) shape(t *cfnType) (*schema.Shape, error) {
	if kind := cfnKinds[t.Type]; kind != "" {
		return &schema.Shape{Kind: kind}, nil
	}
	switch t.Type {
	case "tag":
		return &schema.Shape{Kind: schema.KindStruct}, nil
	case "ref":
		number, ok := r.numbers[t.Reference.ID]
		if !ok {
			return nil, fmt.Errorf("there is no struct %s", t.Reference.ID)
		}
		return &schema.Shape{Kind: schema.KindStruct, Struct: number}, nil
	case "array", "map":
		if t.Element == nil {
			return nil, fmt.Errorf("%s of nothing", t.Type)
		}
		elem, err := r.shape(t.Element)
		kind := schema.KindList
		if t.Type == "map" {
			kind = schema.KindMap
		}
		return &schema.Shape{Kind: kind, Elem: elem}, err
	case "union":
		union := &schema.Shape{Kind: schema.KindUnion}
		for i := range t.Types {
			one, err := r.shape(&t.Types[i])
			if err != nil {
				return nil, err
			}
			union.Or = append(union.Or, one)
		}
		return union, nil
	}
	return nil, fmt.Errorf("the type %q is not understood", t.Type)
}
