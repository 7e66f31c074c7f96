package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// At follows a dotted path of names: versioning_configuration.status, BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled.
// Lists and sets have no segment of their own: what is named lies in each of their items. In a map a segment is a key, and in
// free JSON anything may be named. The error of a path that leads nowhere says where it ends and what is there.
func (t *Type) At(path string) (*Attribute, error) {
	segments := strings.Split(path, ".")
	here := &Attribute{Name: t.Name, Shape: Shape{Kind: KindStruct, Attributes: t.Attributes}}
	for i, name := range segments {
		next := here.Shape.step(name)
		if next == nil {
			at := t.Name
			if i > 0 {
				at += "." + strings.Join(segments[:i], ".")
			}
			return nil, fmt.Errorf("%s has no %q%s", at, name, here.Shape.hint(name))
		}
		here = next
	}
	return here, nil
}

// Output finds what Fn::GetAtt gives, by its whole name; of a type of Terraform, what a reference to the attribute gives.
func (t *Type) Output(name string) (*Attribute, error) {
	outputs := t.Outputs
	if !strings.HasPrefix(t.Name, "AWS::") {
		outputs = t.Attributes
	}
	if a := find(outputs, name); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("%s gives no %q%s", t.Name, name, hint(name, names(outputs)))
}

func find(attributes []*Attribute, name string) *Attribute {
	i, found := slices.BinarySearchFunc(attributes, name, func(a *Attribute, name string) int { return strings.Compare(a.Name, name) })
	if !found {
		return nil
	}
	return attributes[i]
}

// step gives what has the name in a value of the shape, nil if nothing can.
func (s *Shape) step(name string) *Attribute {
	switch s.Kind {
	case KindStruct:
		return find(s.Attributes, name)
	case KindList, KindSet:
		return s.Elem.step(name)
	case KindMap:
		return &Attribute{Name: name, Shape: *s.Elem}
	case KindAny:
		return &Attribute{Name: name, Shape: Shape{Kind: KindAny}}
	case KindUnion:
		for _, one := range s.Or {
			if a := one.step(name); a != nil {
				return a
			}
		}
	}
	return nil
}

// Names lists what can be named in a value of the shape, sorted: through lists and sets, and in any of a union.
func (s *Shape) Names() []string {
	switch s.Kind {
	case KindStruct:
		return names(s.Attributes)
	case KindList, KindSet:
		return s.Elem.Names()
	case KindUnion:
		var all []string
		for _, one := range s.Or {
			all = append(all, one.Names()...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	return nil
}

func names(attributes []*Attribute) []string {
	all := make([]string, len(attributes))
	for i, a := range attributes {
		all[i] = a.Name
	}
	return all
}

func (s *Shape) hint(name string) string {
	all := s.Names()
	if len(all) == 0 {
		return "; it is a " + s.String()
	}
	return hint(name, all)
}

// listed is how many names an error lists.
const listed = 12

func hint(name string, all []string) string {
	if near := content.DidYouMean(name, all); near != "" {
		return "; " + near
	}
	switch n := len(all); {
	case n == 0:
		return "; it has nothing"
	case n > listed:
		return fmt.Sprintf("; it has %s and %d more", strings.Join(all[:listed], ", "), n-listed)
	}
	return "; it has " + strings.Join(all, ", ")
}

// String is how a shape is written in messages: string, list of struct, string or any.
func (s *Shape) String() string {
	switch {
	case s.Elem != nil:
		return s.Kind + " of " + s.Elem.String()
	case s.Kind == KindUnion:
		all := make([]string, len(s.Or))
		for i, one := range s.Or {
			all[i] = one.String()
		}
		return strings.Join(all, " or ")
	}
	return s.Kind
}
