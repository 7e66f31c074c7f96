package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	codedata "github.com/stancehq/stance/content/aws/code"
	"github.com/stancehq/stance/internal/descriptions"
)

// IndexFile is the archive's entry of the index.
const IndexFile = "index.json"

// PartFile is the entry of a part.
func PartFile(i int) string { return fmt.Sprintf("parts/%03d.json", i) }

// Language is one in which resources are described. It is safe for concurrent use.
type Language struct {
	load func() (*archive, error)
}

// archive is the embedded file of a language. A part is decoded once, on first use.
type archive struct {
	index *Index
	names []string
	parts []func() (*Part, error)
}

// Terraform has the types of Terraform's provider for AWS. Those of its data sources begin with "data.".
var Terraform = language("Terraform", &codedata.Terraform)

// CloudFormation has the resource types of CloudFormation.
var CloudFormation = language("CloudFormation", &codedata.CloudFormation)

func language(title string, data *string) *Language {
	return &Language{load: sync.OnceValues(func() (*archive, error) { return open(title, *data) })}
}

func open(title, data string) (*archive, error) {
	opened, err := descriptions.Open("the embedded "+title+" types", data)
	if err != nil {
		return nil, err
	}
	index, err := descriptions.Decode[Index](opened, IndexFile)
	if err != nil {
		return nil, err
	}
	a := &archive{index: index, names: slices.Concat(index.Parts...)}
	for i := range index.Parts {
		a.parts = append(a.parts, descriptions.OnFirstUse(opened, PartFile(i), (*Part).link))
	}
	return a, nil
}

// open gives the archive; a binary whose archive does not open is broken.
func (l *Language) open() *archive {
	a, err := l.load()
	if err != nil {
		panic(err)
	}
	return a
}

// Types lists the names of all types, sorted. It must not be changed.
func (l *Language) Types() []string { return l.open().names }

// Sources are the packages that the types were read from.
func (l *Language) Sources() []Source { return l.open().index.Sources }

// Knows tells whether there is such a type, without decoding it.
func (l *Language) Knows(name string) bool {
	_, found := slices.BinarySearch(l.Types(), name)
	return found
}

// Type gives a type by its name.
func (l *Language) Type(name string) (*Type, bool) {
	a := l.open()
	// The part is the last one that does not begin after the name.
	i, begins := slices.BinarySearchFunc(a.index.Parts, name, func(names []string, name string) int { return strings.Compare(names[0], name) })
	if !begins {
		i--
	}
	if i < 0 {
		return nil, false
	}
	at, found := slices.BinarySearch(a.index.Parts[i], name)
	if !found {
		return nil, false
	}
	part, err := a.parts[i]()
	if err != nil {
		panic(err)
	}
	return part.Types[at], true
}

// link gives shapes the attributes of their structs.
func (p *Part) link() (*Part, error) {
	for _, t := range p.Types {
		if err := cmp.Or(p.linkAll(t.Attributes), p.linkAll(t.Outputs)); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	for i, attributes := range p.Structs {
		if err := p.linkAll(attributes); err != nil {
			return nil, fmt.Errorf("struct %d: %w", i, err)
		}
	}
	return p, nil
}

func (p *Part) linkAll(attributes []*Attribute) error {
	for _, a := range attributes {
		if err := p.linkShape(&a.Shape); err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

func (p *Part) linkShape(s *Shape) error {
	if s.Kind == KindStruct {
		if s.Struct < 0 || s.Struct >= len(p.Structs) {
			return fmt.Errorf("there is no struct %d", s.Struct)
		}
		s.Attributes = p.Structs[s.Struct]
	}
	for _, one := range s.Or {
		if err := p.linkShape(one); err != nil {
			return err
		}
	}
	if s.Elem != nil {
		return p.linkShape(s.Elem)
	}
	return nil
}
