package api

import (
	"fmt"
	"sync"

	"github.com/stancehq/stance/internal/content"
)

// group converts a group's stored shapes to the engine's, each once, so recursion is a pointer back.
type group struct {
	service string
	stored  *Group

	mu         sync.Mutex
	shapes     map[string]*content.Shape // by name
	objects    map[string]*content.Shape // by "version/plural"
	operations map[string]*content.Operation
}

func newGroup(service string, stored *Group) (*group, error) {
	g := &group{
		service: service, stored: stored,
		shapes: map[string]*content.Shape{}, objects: map[string]*content.Shape{}, operations: map[string]*content.Operation{},
	}
	if stored.Shapes[ObjectMeta] == nil {
		return nil, fmt.Errorf("the embedded description of %s lacks ObjectMeta", service)
	}
	return g, nil
}

// Shapes of values that have no fields are shared by all groups.
var scalars = map[string]*content.Shape{
	content.KindString:  {Name: "string", Kind: content.KindString},
	content.KindInteger: {Name: "integer", Kind: content.KindInteger},
	content.KindNumber:  {Name: "number", Kind: content.KindNumber},
	content.KindBoolean: {Name: "boolean", Kind: content.KindBoolean},
	content.KindTime:    {Name: "time", Kind: content.KindTime},
	content.KindBlob:    {Name: "blob", Kind: content.KindBlob},
	content.KindAny:     {Name: "any", Kind: content.KindAny},
}

// object gives the shape of a kind's objects; apiVersion, kind and metadata are always there.
func (g *group) object(t *Target) (*content.Shape, error) {
	key := t.Version + "/" + t.Plural
	if s := g.objects[key]; s != nil {
		return s, nil
	}
	stored := g.stored.Objects[key]
	if stored == nil {
		return nil, fmt.Errorf("the embedded description of %s lacks %s", g.service, key)
	}
	s, err := g.shape(stored, g.service+"/"+t.Version+"."+t.Kind)
	g.objects[key] = s
	return s, err
}

// named gives a shared shape.
func (g *group) named(name string) (*content.Shape, error) {
	if s := g.shapes[name]; s != nil {
		return s, nil
	}
	stored := g.stored.Shapes[name]
	if stored == nil {
		return nil, fmt.Errorf("the embedded description of %s lacks the shape %s", g.service, name)
	}
	if s := scalars[stored.Kind]; s != nil && stored.Enum == nil {
		return s, nil
	}
	s := &content.Shape{Name: name}
	g.shapes[name] = s // before its members: they may lead back here
	return s, g.fill(s, stored)
}

// shape converts a stored type; one that has no name of its own gets that of its place.
func (g *group) shape(stored *Type, place string) (*content.Shape, error) {
	if stored.Ref != "" {
		return g.named(stored.Ref)
	}
	if s := scalars[stored.Kind]; s != nil && stored.Enum == nil {
		return s, nil
	}
	s := &content.Shape{Name: place}
	return s, g.fill(s, stored)
}

func (g *group) fill(s *content.Shape, stored *Type) error {
	s.Kind, s.Enum = stored.Kind, stored.Enum
	for i := range stored.Members {
		m := &stored.Members[i]
		shape, err := g.shape(&m.Type, s.Name+"."+m.Name)
		if err != nil {
			return err
		}
		s.Members = append(s.Members, content.Member{Name: m.Name, Shape: shape, Required: m.Required})
	}
	if stored.Elem != nil {
		elem, err := g.shape(stored.Elem, s.Name+"[]")
		s.Elem = elem
		return err
	}
	return nil
}

func str() *content.Shape { return scalars[content.KindString] }

func structOf(name string, members ...content.Member) *content.Shape {
	return &content.Shape{Name: name, Kind: content.KindStruct, Members: members}
}

func listOf(elem *content.Shape) *content.Shape {
	return &content.Shape{Name: elem.Name + "List", Kind: content.KindList, Elem: elem}
}

func mapOf(elem *content.Shape) *content.Shape {
	return &content.Shape{Name: elem.Name + "Map", Kind: content.KindMap, Elem: elem}
}

func field(name string, shape *content.Shape) content.Member {
	return content.Member{Name: name, Shape: shape}
}

func required(name string, shape *content.Shape) content.Member {
	return content.Member{Name: name, Shape: shape, Required: true}
}
