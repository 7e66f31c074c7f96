package schema

import (
	"encoding/json"

	"github.com/stancehq/stance/internal/content"
)

// Kinds of values: content's, and two that only code has. What lies in a struct are its attributes, in all others Elem.
const (
	KindStruct  = content.KindStruct
	KindList    = content.KindList
	KindSet     = "set"
	KindMap     = content.KindMap
	KindString  = content.KindString
	KindInteger = content.KindInteger
	KindNumber  = content.KindNumber // integers too, in Terraform
	KindBoolean = content.KindBoolean
	KindTime    = content.KindTime
	KindAny     = content.KindAny
	KindUnion   = "union" // one of several
)

// Type is a resource type, or a data source of Terraform. It is shared and must not be changed.
type Type struct {
	Name string `json:"name"` // aws_s3_bucket, data.aws_s3_bucket, AWS::S3::Bucket
	// Attributes are all that a block can hold, and that can be read of it; or the properties of a CloudFormation resource. By name.
	Attributes []*Attribute `json:"attributes,omitempty"`
	// Outputs are what Fn::GetAtt gives, by name, which may have dots in it. Terraform's are among the attributes.
	Outputs []*Attribute `json:"outputs,omitempty"`
	// Identifier is the properties or outputs that tell one resource from others, in CloudFormation.
	Identifier []string `json:"identifier,omitempty"`
	// Ref is what Ref gives, where the source says so; else it is the Identifier, with exceptions (the Id of a security group).
	Ref []string `json:"ref,omitempty"`
	// ARN is the form of its ARN, where CloudFormation's source has one: arn:${Partition}:s3:::${BucketName}
	ARN string `json:"arn,omitempty"`
}

// Attribute is something with a name in a resource or in a struct below it: an attribute, a block, a property.
type Attribute struct {
	Name string `json:"name"`
	Shape
	// Block: it is written as a block. Other attributes of structs in Terraform (ingress of aws_security_group) may be written
	// as blocks or as values.
	Block bool `json:"block,omitempty"`
	// One: there is at most one block, though the value is a list or set.
	One      bool `json:"one,omitempty"`
	Required bool `json:"required,omitempty"`
	// Computed: the code cannot set it, and it is known only after apply.
	Computed bool `json:"computed,omitempty"`
	// Filled: the code may leave it out, and the provider then sets it, to a default or to what the cloud chose. Where it is
	// false, that is not known.
	Filled    bool `json:"filled,omitempty"`
	Sensitive bool `json:"sensitive,omitempty"`
	// Default is JSON. Of CloudFormation alone, and of a few properties.
	Default json.RawMessage `json:"default,omitempty"`
	// Refers are the attributes of other types that it may hold: AWS::KMS::Key.Arn
	Refers []string `json:"refers,omitempty"`
}

// Shape is the type of a value.
type Shape struct {
	Kind string   `json:"kind"`
	Elem *Shape   `json:"elem,omitempty"` // of a list, set or map
	Or   []*Shape `json:"or,omitempty"`   // of a union
	// Attributes are a struct's, by name. Structs may be recursive, and equal ones may be shared.
	Attributes []*Attribute `json:"-"`
	// Struct is where the attributes are stored: a place in Part.Structs.
	Struct int `json:"struct,omitempty"`
}

// Index is what an archive says of all of its types.
type Index struct {
	// Sources are the packages that it was made from, with their releases and digests.
	Sources []Source `json:"sources"`
	// Parts are the names of the types in each part, sorted throughout.
	Parts [][]string `json:"parts"`
}

// Source is a package of the npm registry.
type Source struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
	License string `json:"license"`
	// Of is the release of the thing described, where it has one of its own.
	Of string `json:"of,omitempty"`
}

// Part is some types, one after the other in the alphabet, as they are stored.
type Part struct {
	Types []*Type `json:"types"`
	// Structs are the attributes of structs that shapes refer to.
	Structs [][]*Attribute `json:"structs,omitempty"`
}
