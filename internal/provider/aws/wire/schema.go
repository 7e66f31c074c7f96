package wire

import (
	"fmt"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/aws/smithy-go/transport/http/protocol/ec2query"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"
	"github.com/aws/smithy-go/transport/http/protocol/restxml"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

// Protocols, as the vendor calls them.
const (
	protocolJSON     = "json"
	protocolRESTJSON = "rest-json"
	protocolRESTXML  = "rest-xml"
	protocolQuery    = "query"
	protocolEC2      = "ec2"
)

// Service speaks to one service of the vendor. It is safe for concurrent use.
type Service struct {
	Name  string
	Model *api.Service

	protocol   string
	codec      smithyhttp.ClientProtocol
	shapes     map[string]*shape
	operations map[string]*Operation
}

// Operation is one read operation, ready to be called. It is safe for concurrent use.
type Operation struct {
	Service *Service
	Model   *api.Operation

	schema        *smithy.OperationSchema
	input, output *shape // nil where the description has none
	headers       bool   // some of the answer is in headers or the status
	payload       *member
	special       special
}

// kind is what a value is, as far as documents tell.
type kind uint8

const (
	kindStruct kind = iota
	kindList
	kindMap
	kindString
	kindInteger
	kindNumber
	kindBoolean
	kindTime
	kindBlob
	kindAny
)

// shape is a type of the description with all that reading and writing needs, looked up once.
type shape struct {
	name   string
	kind   kind
	model  *api.Shape
	schema *smithy.Schema

	members []*member           // of a structure, in the vendor's order: XML bodies keep it
	byName  map[string]*member  // by what documents and inputs call it
	byKey   map[string]*member  // by what the schema calls it
	byXML   map[string]*member  // by element or attribute
	elem    *member             // of a list, or the value of a map
	key     *member             // of a map
	flat    bool                // some member is a flattened list or map
	text    func(string) string // what its text means, if that is not said by the description
}

// member is a use of a shape.
type member struct {
	name     string
	key      string
	xml      string
	shape    *shape
	schema   *smithy.Schema
	traits   api.Traits
	index    int
	required bool
}

// New prepares a service from its description, which must not change afterwards.
func New(name string, model *api.Service) (*Service, error) {
	s := &Service{Name: name, Model: model, protocol: model.Metadata.Protocol}
	if err := s.compile(); err != nil {
		return nil, fmt.Errorf("prepare %s: %w", name, err)
	}
	return s, nil
}

// Operation finds a read operation; the error suggests near names.
func (s *Service) Operation(name string) (*Operation, error) {
	if op := s.operations[name]; op != nil {
		return op, nil
	}
	names := make([]string, 0, len(s.operations))
	for n := range s.operations {
		names = append(names, n)
	}
	return nil, fmt.Errorf("%s has no read operation %q%s", s.Name, name, hint(name, names))
}

// Call is how people write the operation: s3:GetBucketVersioning.
func (o *Operation) Call() string { return o.Service.Name + ":" + o.Model.Name }

func (s *Service) compile() error {
	meta := s.Model.Metadata
	namespace := meta.ServiceID

	// Shapes first, then members, because a member copies its target's traits but shares its members: recursion just works.
	top := map[string]bool{}
	for _, op := range s.Model.Operations {
		for _, ref := range []*api.Ref{op.Input, op.Output} {
			if ref != nil {
				top[ref.Shape] = true
			}
		}
	}
	s.shapes = make(map[string]*shape, len(s.Model.Shapes))
	for _, m := range s.Model.Shapes {
		k, t, err := kindOf(m)
		if err != nil {
			return err
		}
		s.shapes[m.Name] = &shape{
			name: m.Name, kind: k, model: m, text: shapeTexts[s.Name+":"+m.Name],
			schema: smithy.NewSchema(smithy.ShapeID{Namespace: namespace, Name: m.Name}, t, len(m.Members), rootTraits(s.Model, m)...),
		}
	}
	for _, sh := range s.shapes {
		if err := s.addMembers(sh, top[sh.name]); err != nil {
			return err
		}
	}

	s.operations = make(map[string]*Operation, len(s.Model.Operations))
	for _, m := range s.Model.Operations {
		op, err := s.operation(namespace, m)
		if err != nil {
			return err
		}
		s.operations[m.Name] = op
	}
	return s.newCodec(namespace)
}

func (s *Service) newCodec(namespace string) error {
	meta := s.Model.Metadata
	name := meta.TargetPrefix
	if name == "" {
		name = meta.ServiceID
	}
	var ts []smithy.Trait
	if meta.AWSQueryCompatible {
		ts = append(ts, &traits.AWSQueryCompatible{})
	}
	schema := smithy.NewServiceSchema(
		smithy.NewSchema(smithy.ShapeID{Namespace: namespace, Name: name}, smithy.ShapeTypeService, 0, ts...), meta.APIVersion,
	)
	switch s.protocol {
	case protocolJSON:
		if meta.JSONVersion == "1.1" {
			s.codec = awsjson.New11(schema)
		} else {
			s.codec = awsjson.New10(schema)
		}
	case protocolRESTJSON:
		s.codec = restjson1.New(schema)
	case protocolRESTXML:
		s.codec = restxml.New(schema)
	case protocolQuery:
		s.codec = awsquery.New(schema)
	case protocolEC2:
		s.codec = ec2query.New(schema)
	default:
		return fmt.Errorf("protocol %q is not known", s.protocol)
	}
	return nil
}

func (s *Service) operation(namespace string, m *api.Operation) (*Operation, error) {
	op := &Operation{Service: s, Model: m, special: specials[s.Name+":"+m.Name]}
	var in, out *smithy.Schema
	if m.Input != nil {
		if op.input = s.shapes[m.Input.Shape]; op.input == nil {
			return nil, fmt.Errorf("%s: input %s is missing", m.Name, m.Input.Shape)
		}
		in = op.input.schema
	}
	if m.Output != nil {
		if op.output = s.shapes[m.Output.Shape]; op.output == nil {
			return nil, fmt.Errorf("%s: output %s is missing", m.Name, m.Output.Shape)
		}
		out = op.output.schema
		for _, mem := range op.output.members {
			switch {
			case mem.name == op.output.model.Payload:
				op.payload = mem
			case mem.bound():
				op.headers = true
			}
		}
	}
	schema := smithy.NewSchema(smithy.ShapeID{Namespace: namespace, Name: m.Name}, smithy.ShapeTypeOperation, 0,
		&traits.HTTP{Method: m.HTTP.Method, URI: m.HTTP.RequestURI, Code: m.HTTP.Code})
	op.schema = smithy.NewOperationSchema(schema, in, out)
	return op, nil
}

// bound says that the value is not in the body.
func (m *member) bound() bool { return m.traits.Location != "" }

func kindOf(m *api.Shape) (kind, smithy.ShapeType, error) {
	if m.Document {
		return kindAny, smithy.ShapeTypeDocument, nil
	}
	switch m.Type {
	case api.TypeStructure: // unions too: they are read and written alike
		return kindStruct, smithy.ShapeTypeStructure, nil
	case api.TypeList:
		return kindList, smithy.ShapeTypeList, nil
	case api.TypeMap:
		return kindMap, smithy.ShapeTypeMap, nil
	case api.TypeString, api.TypeCharacter:
		return kindString, smithy.ShapeTypeString, nil
	case api.TypeInteger:
		return kindInteger, smithy.ShapeTypeInteger, nil
	case api.TypeLong, api.TypeBigInteger:
		return kindInteger, smithy.ShapeTypeLong, nil
	case api.TypeFloat, api.TypeDouble, api.TypeBigDecimal:
		return kindNumber, smithy.ShapeTypeDouble, nil
	case api.TypeBoolean:
		return kindBoolean, smithy.ShapeTypeBoolean, nil
	case api.TypeTimestamp:
		return kindTime, smithy.ShapeTypeTimestamp, nil
	case api.TypeBlob:
		return kindBlob, smithy.ShapeTypeBlob, nil
	}
	return 0, 0, fmt.Errorf("shape %s has unknown type %q", m.Name, m.Type)
}
