package api

import (
	"fmt"
	"slices"
	"sync"

	"github.com/stancehq/stance/internal/content"
)

// API gives the descriptions in the engine's terms. What a scan must not call is refused with the reason.
func API() content.API { return &adapter{services: map[string]*adapted{}} }

type adapter struct {
	mu       sync.Mutex
	services map[string]*adapted
}

// adapted is a service of which some operations were converted. Shapes are converted once and shared, so recursion is a
// pointer back.
type adapted struct {
	service    *Service
	operations map[string]*content.Operation
	shapes     map[string]*content.Shape
}

func (a *adapter) Services() []string { return Names() }

func (a *adapter) Operation(service, name string) (*content.Operation, error) {
	s, err := Load(service)
	if err != nil {
		return nil, err
	}
	op, err := s.Operation(name)
	if err != nil {
		return nil, err
	}
	if op.Refused != "" {
		return nil, fmt.Errorf("%s:%s is not called in a scan: %s", service, name, op.Refused)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.services[service]
	if known == nil {
		known = &adapted{service: s, operations: map[string]*content.Operation{}, shapes: map[string]*content.Shape{}}
		a.services[service] = known
	}
	out := known.operations[name]
	if out == nil {
		out = &content.Operation{
			Service: service, Name: name, Pager: op.Pager, Errors: op.Errors, Permissions: op.Permissions,
			Input: known.whole(op.Input, name+"Input"), Output: known.whole(op.Output, name+"Output"),
		}
		known.operations[name] = out
	}
	return out, nil
}

func (a *adapted) whole(ref *Ref, name string) *content.Shape {
	if ref == nil {
		return &content.Shape{Name: name, Kind: content.KindStruct}
	}
	return a.shape(ref)
}

var kinds = map[string]string{
	TypeStructure: content.KindStruct, TypeList: content.KindList, TypeMap: content.KindMap,
	TypeString: content.KindString, TypeCharacter: content.KindString,
	TypeInteger: content.KindInteger, TypeLong: content.KindInteger,
	TypeFloat: content.KindNumber, TypeDouble: content.KindNumber, TypeBigDecimal: content.KindNumber, TypeBigInteger: content.KindNumber,
	TypeBoolean: content.KindBoolean, TypeTimestamp: content.KindTime, TypeBlob: content.KindBlob,
}

func (a *adapted) shape(ref *Ref) *content.Shape {
	s := ref.Target
	if ref.Merged().JSONValue || s.Document {
		return &content.Shape{Name: s.Name, Kind: content.KindAny, Secret: s.Secret}
	}
	if out := a.shapes[s.Name]; out != nil {
		return out
	}
	out := &content.Shape{Name: s.Name, Kind: kinds[s.Type], Enum: s.Enum, Secret: s.Secret}
	a.shapes[s.Name] = out // before its members: they may lead back here
	for i := range s.Members {
		m := &s.Members[i]
		out.Members = append(out.Members, content.Member{
			Name: m.Name, Shape: a.shape(&m.Ref),
			// An idempotency token is made by the client where it is not given.
			Required: slices.Contains(s.Required, m.Name) && !m.Merged().Idempotency,
		})
	}
	switch s.Type {
	case TypeList:
		out.Elem = a.shape(s.Elem)
	case TypeMap:
		out.Elem = a.shape(s.Value)
	}
	return out
}
