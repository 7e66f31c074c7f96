package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// Service is one service's description, trimmed to its read operations and the shapes that they reach. It is shared and
// must not be changed.
type Service struct {
	Name       string       `json:"-"` // as boto3 calls it: ec2, s3, elbv2
	Metadata   Metadata     `json:"metadata"`
	Operations []*Operation `json:"operations"` // by name
	Shapes     []*Shape     `json:"shapes"`     // by name

	operations map[string]*Operation
	shapes     map[string]*Shape
}

// Operation finds a read operation by its exact name; the error suggests near names.
func (s *Service) Operation(name string) (*Operation, error) {
	if op := s.operations[name]; op != nil {
		return op, nil
	}
	names := make([]string, len(s.Operations))
	for i, op := range s.Operations {
		names[i] = op.Name
	}
	return nil, fmt.Errorf("%s has no read operation %q%s", s.Name, name, didYouMean(name, names))
}

// Shape finds a shape by name, or nil.
func (s *Service) Shape(name string) *Shape { return s.shapes[name] }

// Metadata is what holds for all operations of a service.
type Metadata struct {
	ServiceID      string `json:"serviceId"` // "S3 Control": the key of endpoint overrides
	FullName       string `json:"serviceFullName,omitempty"`
	APIVersion     string `json:"apiVersion"`
	EndpointPrefix string `json:"endpointPrefix"`
	// SigningName is the service name in signatures; it is never empty: where the vendor has none, it is EndpointPrefix.
	SigningName string `json:"signingName"`
	// IAMPrefix is the service name in IAM actions; mostly, but not always, SigningName.
	IAMPrefix string `json:"iamPrefix"`
	// Protocol is the one to speak: the first of Protocols among json, rest-json, rest-xml, query, ec2.
	Protocol         string   `json:"protocol"`
	Protocols        []string `json:"protocols,omitempty"`
	JSONVersion      string   `json:"jsonVersion,omitempty"`      // "1.0", "1.1"
	TargetPrefix     string   `json:"targetPrefix,omitempty"`     // of X-Amz-Target
	SignatureVersion string   `json:"signatureVersion,omitempty"` // v4, s3, s3v4, bearer
	Auth             []string `json:"auth,omitempty"`             // "aws.auth#sigv4", "smithy.api#noAuth", …
	XMLNamespace     *XMLNS   `json:"xmlNamespace,omitempty"`
	GlobalEndpoint   string   `json:"globalEndpoint,omitempty"`
	// AWSQueryCompatible: the answer's x-amzn-query-error header has the error code that users know.
	AWSQueryCompatible bool `json:"awsQueryCompatible,omitempty"`
}

// XMLNS is an XML namespace.
type XMLNS struct {
	URI    string `json:"uri"`
	Prefix string `json:"prefix,omitempty"`
}

// Operation is one read operation.
type Operation struct {
	Name   string `json:"name"`
	HTTP   HTTP   `json:"http"`
	Input  *Ref   `json:"input,omitempty"`  // nil: takes no input
	Output *Ref   `json:"output,omitempty"` // nil: answers nothing
	// Errors are the codes as they arrive: the shape's error code, else its name; both for AWSQueryCompatible services.
	Errors     []string `json:"errors,omitempty"`
	HostPrefix string   `json:"hostPrefix,omitempty"` // "{AccountId}."
	AuthType   string   `json:"authtype,omitempty"`   // none, v4-unsigned-body
	Auth       []string `json:"auth,omitempty"`
	// ChecksumRequired: the request's body needs a checksum header.
	ChecksumRequired bool           `json:"httpChecksumRequired,omitempty"`
	Pager            *content.Pager `json:"pager,omitempty"`
	// Permissions are the IAM actions that the caller needs; empty where none is. Never nil after Load.
	Permissions []string `json:"permissions,omitzero"`
	// Unverified: no list of IAM actions has the one in Permissions; it is what AWS's naming suggests.
	Unverified bool `json:"unverified,omitempty"`
	// Refused says why a scan must not call this although its name says read: the answer is a credential, or its pages
	// cannot be followed. The operation is described because the sign-in may need it.
	Refused string `json:"refused,omitempty"`
}

// HTTP is an operation's request line.
type HTTP struct {
	Method     string `json:"method"`
	RequestURI string `json:"requestUri"`
	Code       int    `json:"responseCode,omitempty"` // 0: 200
}

// Types of a shape, as the vendor calls them.
const (
	TypeStructure  = "structure"
	TypeList       = "list"
	TypeMap        = "map"
	TypeString     = "string"
	TypeCharacter  = "character"
	TypeInteger    = "integer"
	TypeLong       = "long"
	TypeFloat      = "float"
	TypeDouble     = "double"
	TypeBoolean    = "boolean"
	TypeTimestamp  = "timestamp"
	TypeBlob       = "blob"
	TypeBigDecimal = "bigdecimal"
	TypeBigInteger = "biginteger"
)

// Shape is a type on the wire.
type Shape struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Members  []Member `json:"members,omitempty"` // of a structure, in the vendor's order
	Required []string `json:"required,omitempty"`
	Payload  string   `json:"payload,omitempty"` // the member that is the whole body
	Elem     *Ref     `json:"member,omitempty"`  // of a list
	Key      *Ref     `json:"key,omitempty"`     // of a map
	Value    *Ref     `json:"value,omitempty"`   // of a map
	Enum     []string `json:"enum,omitempty"`
	Min      *int64   `json:"min,omitempty"`
	Max      *int64   `json:"max,omitempty"`
	Secret   bool     `json:"sensitive,omitempty"`
	Document bool     `json:"document,omitempty"` // free JSON
	Union    bool     `json:"union,omitempty"`    // exactly one member is set
	Traits
}

// IsRequired says whether a member must be given.
func (s *Shape) IsRequired(member string) bool { return slices.Contains(s.Required, member) }

// Member finds a member of a structure, or nil.
func (s *Shape) Member(name string) *Member {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i]
		}
	}
	return nil
}

// Member is a field of a structure. Name is what documents and inputs call it; what it is called on the wire is in Traits.
type Member struct {
	Name string `json:"name"`
	Ref
}

// Ref is a use of a shape. Its own Traits win over those of the shape: see Merged.
type Ref struct {
	Shape         string `json:"shape"`
	Target        *Shape `json:"-"` // never nil after Load
	ResultWrapper string `json:"resultWrapper,omitempty"`
	Traits
}

// Merged gives the traits that hold for this use: the shape's, overlaid by the reference's own.
func (r *Ref) Merged() Traits {
	if r.Target == nil {
		return r.Traits
	}
	return r.Traits.over(r.Target.Traits)
}

// Traits say how a value is bound to a request or an answer. Both a shape and a reference to it may carry them.
type Traits struct {
	Location        string `json:"location,omitempty"` // uri, querystring, header, headers, statusCode; empty: the body
	LocationName    string `json:"locationName,omitempty"`
	QueryName       string `json:"queryName,omitempty"` // ec2
	Flattened       bool   `json:"flattened,omitempty"`
	Streaming       bool   `json:"streaming,omitempty"`
	TimestampFormat string `json:"timestampFormat,omitempty"` // iso8601, unixTimestamp, rfc822
	XMLNamespace    *XMLNS `json:"xmlNamespace,omitempty"`
	XMLAttribute    bool   `json:"xmlAttribute,omitempty"`
	JSONValue       bool   `json:"jsonvalue,omitempty"`
	HostLabel       bool   `json:"hostLabel,omitempty"`
	Idempotency     bool   `json:"idempotencyToken,omitempty"`
}

func (t Traits) over(base Traits) Traits {
	text := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	ns := t.XMLNamespace
	if ns == nil {
		ns = base.XMLNamespace
	}
	return Traits{
		Location:        text(t.Location, base.Location),
		LocationName:    text(t.LocationName, base.LocationName),
		QueryName:       text(t.QueryName, base.QueryName),
		Flattened:       t.Flattened || base.Flattened,
		Streaming:       t.Streaming || base.Streaming,
		TimestampFormat: text(t.TimestampFormat, base.TimestampFormat),
		XMLNamespace:    ns,
		XMLAttribute:    t.XMLAttribute || base.XMLAttribute,
		JSONValue:       t.JSONValue || base.JSONValue,
		HostLabel:       t.HostLabel || base.HostLabel,
		Idempotency:     t.Idempotency || base.Idempotency,
	}
}

// link resolves references and builds the indexes.
func (s *Service) link() error {
	s.shapes = make(map[string]*Shape, len(s.Shapes))
	for _, shape := range s.Shapes {
		s.shapes[shape.Name] = shape
	}
	var missing []string
	resolve := func(r *Ref) {
		if r == nil {
			return
		}
		if r.Target = s.shapes[r.Shape]; r.Target == nil {
			missing = append(missing, r.Shape)
		}
	}
	for _, shape := range s.Shapes {
		for i := range shape.Members {
			resolve(&shape.Members[i].Ref)
		}
		resolve(shape.Elem)
		resolve(shape.Key)
		resolve(shape.Value)
	}
	s.operations = make(map[string]*Operation, len(s.Operations))
	for _, op := range s.Operations {
		s.operations[op.Name] = op
		if op.Permissions == nil {
			op.Permissions = []string{s.Metadata.IAMPrefix + ":" + op.Name}
		}
		resolve(op.Input)
		resolve(op.Output)
	}
	if missing != nil {
		return fmt.Errorf("description of %s refers to missing shapes: %s", s.Name, strings.Join(missing, ", "))
	}
	return nil
}
