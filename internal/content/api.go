package content

import "slices"

// API is a vendor's own machine-readable description of its interface. It is consulted to prove content, to plan and to
// type columns; nothing in it needs a sign-in.
type API interface {
	// Operation describes one read operation, or fails with a message that suggests near names.
	Operation(service, op string) (*Operation, error)
	// Services lists the names of all services.
	Services() []string
}

// Operation is one described operation.
type Operation struct {
	Service, Name string
	Input, Output *Shape // never nil; empty structures where the vendor has none
	// Pager is nil where one answer is the whole.
	Pager *Pager
	// Errors are the codes that the description lists; it may be incomplete, and empty where the vendor lists none.
	Errors []string
	// Permissions are what the caller must be allowed, in the vendor's own notation.
	Permissions []string
	// NamedBy is the input's member that names the one object that the permissions may be limited to; empty where they cannot be.
	NamedBy string
}

// PermissionsFor are the permissions for the objects of these names alone: each name stands behind a permission, after a space.
// Where they cannot be limited so, or no names are known, they are those for all objects.
func (o *Operation) PermissionsFor(names ...string) []string {
	if o.NamedBy == "" || len(names) == 0 {
		return slices.Clone(o.Permissions)
	}
	var all []string
	for _, permission := range o.Permissions {
		for _, name := range names {
			all = append(all, permission+" "+name)
		}
	}
	return all
}

// Kinds of a shape.
const (
	KindStruct  = "struct"
	KindList    = "list"
	KindMap     = "map"
	KindString  = "string"
	KindInteger = "integer" // fits BIGINT
	KindNumber  = "number"
	KindBoolean = "boolean"
	KindTime    = "time" // in documents: RFC 3339 UTC
	KindBlob    = "blob" // in documents: base64
	KindAny     = "any"  // free JSON
)

// Shape is a type of the description. Shapes may be recursive: compare by Name.
type Shape struct {
	Name    string
	Kind    string
	Members []Member // of a struct, in the vendor's order
	Elem    *Shape   // of a list or map
	Enum    []string // of a string, if closed
	Secret  bool     // the vendor marks it as sensitive
}

// Member is a field of a struct. Name is as it stands in documents and inputs.
type Member struct {
	Name     string
	Shape    *Shape
	Required bool
}

// Member finds a field by name, or nil.
func (s *Shape) Member(name string) *Member {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i]
		}
	}
	return nil
}

// Pager says how an operation pages. Paths are dotted. One without tokens has MoreResults alone: its next page cannot be asked
// for, and an answer that says that there is one is an error.
type Pager struct {
	InputTokens  []string
	OutputTokens []string
	MoreResults  string // a boolean in the answer; empty: a token means more
	LimitKey     string // the input's member for the size of a page; a client fills it where LimitMax is known
	LimitMax     int    // 0: not known
	ResultKeys   []string
	Inferred     bool // not in the vendor's pager list, but told by the members' names
}
