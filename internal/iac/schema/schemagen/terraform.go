package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/iac/schema"
)

// terraform makes the archive of the types of Terraform's AWS provider.
func terraform(ctx context.Context) (*result, error) {
	folders, err := readFolders(ctx)
	if err != nil {
		return nil, err
	}
	sdk, err := readSDK(ctx)
	if err != nil {
		return nil, err
	}
	l := &library{}
	var resources, joined, filled, sensitive int
	for name, f := range folders {
		if f.root == nil {
			continue // the provider's own configuration, indexes
		}
		b := &typeBuilder{folder: f, library: l, sdk: sdk}
		if !f.data {
			resources++
			if twin := sdk.twin(f); twin != nil {
				joined++
				b.twin = pair(twin.args, twin.state, twin.secrets)
			}
		}
		if err := b.build(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		filled, sensitive = filled+b.filled, sensitive+b.sensitive
	}
	r := &result{File: "terraform.zip", Counts: fmt.Sprintf("%d resource types (%d of them in both sources), %d data sources, %d structs, %d filled and %d sensitive attributes",
		resources, joined, len(l.types)-resources, len(l.structs), filled, sensitive)}
	r.Archive, err = l.pack([]schema.Source{cdktf, pulumi})
	return r, err
}

// readFolders gives the folders of the package by name.
func readFolders(ctx context.Context) (map[string]*folder, error) {
	tarball, err := fetch(ctx, cdktf)
	if err != nil {
		return nil, err
	}
	folders := map[string]*folder{}
	wanted := func(path string) bool {
		return strings.HasPrefix(path, "lib/") && strings.HasSuffix(path, ".js") && strings.Count(path, "/") > 1
	}
	err = walk(cdktf, tarball, wanted, func(path, text string) error {
		name := strings.Split(path, "/")[1]
		if folders[name] == nil {
			folders[name] = newFolder()
		}
		return folders[name].read(text)
	})
	return folders, err
}

// typeBuilder makes a type of a folder.
type typeBuilder struct {
	*folder
	library           *library
	sdk               *sdk
	twin              *fields // what the second source says of the type; nil if nothing
	filled, sensitive int
}

func (b *typeBuilder) build() error {
	attributes, err := b.attributes(b.root, "", b.twin)
	if err != nil {
		return err
	}
	byName(attributes)
	for _, a := range attributes {
		// The older of the provider's two kits makes every id look like an argument.
		if a.Name == "id" && !a.Required && !a.Computed {
			a.Filled = true
		}
	}
	name := b.typ
	if b.data {
		name = "data." + name
	}
	b.library.types = append(b.library.types, &schema.Type{Name: name, Attributes: attributes})
	return nil
}

// attributes gives those of a class. The function says how they are written; what it does not name cannot be.
func (b *typeBuilder) attributes(c *class, function string, twin *fields) ([]*schema.Attribute, error) {
	writable, ok := b.written[function]
	if !ok {
		return nil, fmt.Errorf("there is no function %s", function)
	}
	var all []*schema.Attribute
	seen := map[string]bool{}
	for _, s := range c.scalars {
		shape, err := scalarShape(s)
		w, settable := writable[s.name]
		if settable {
			shape, err = writtenShape(w)
		}
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", c.name, s.name, err)
		}
		seen[s.name] = true
		all = append(all, &schema.Attribute{
			Name: s.name, Shape: *shape, Computed: !settable, Required: settable && !c.resets[capital(s.getter)],
		})
	}
	for _, n := range c.nested {
		w, settable := writable[n.name]
		a, err := b.nested(n, w, settable, twin)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", c.name, n.name, err)
		}
		if a.Required = settable && !c.resets[capital(c.getters[n.field])]; a.Required != n.required {
			return nil, fmt.Errorf("%s.%s is required, or is not: the source says both", c.name, n.name)
		}
		seen[n.name] = true
		all = append(all, a)
	}
	for name := range writable {
		if !seen[name] {
			return nil, fmt.Errorf("%s.%s can be written and not read", c.name, name)
		}
	}
	b.join(all, twin)
	return all, nil
}

// join adds what the second source says.
func (b *typeBuilder) join(all []*schema.Attribute, twin *fields) {
	for _, a := range all {
		if f := twin.find(a.Name); f != nil {
			a.Sensitive = f.secret
			if !a.Computed && !a.Required && f.filled {
				a.Filled = true
			}
		}
		if a.Filled {
			b.filled++
		}
		if a.Sensitive {
			b.sensitive++
		}
	}
}

func (b *typeBuilder) nested(n nested, w written, settable bool, twin *fields) (*schema.Attribute, error) {
	// A block cannot be computed: what is both is an attribute that may be written as blocks.
	a := &schema.Attribute{Name: n.name, Computed: !settable, Block: settable && w.block && !n.computed, Filled: settable && n.computed}
	if kind, ok := strings.CutSuffix(n.class, "Map"); ok && b.classes[n.class] == nil && b.items[n.class] == "" {
		elem, ok := scalars[strings.ToLower(kind)]
		if !ok {
			return nil, fmt.Errorf("a %s is not understood", n.class)
		}
		a.Shape = schema.Shape{Kind: schema.KindMap, Elem: &schema.Shape{Kind: elem}}
		return a, nil
	}
	object, many := n.class, false
	if item := b.items[n.class]; item != "" {
		object, many = item, true
	}
	c := b.classes[object]
	if c == nil {
		return nil, fmt.Errorf("there is no class %s", object)
	}
	name := strings.TrimSuffix(object, "OutputReference")
	attributes, err := b.attributes(c, lower(name), b.sdk.below(twin, n.name))
	if err != nil {
		return nil, err
	}
	number, err := b.library.intern(attributes)
	if err != nil {
		return nil, err
	}
	a.Shape = schema.Shape{Kind: schema.KindStruct, Struct: number}
	kind := ""
	switch {
	case settable && w.nesting != "struct":
		kind = w.nesting
	case b.maps[n.class]:
		kind = schema.KindMap
	case many && n.set:
		kind = schema.KindSet
	case many:
		kind = schema.KindList
	}
	if kind != "" {
		elem := a.Shape
		a.Shape = schema.Shape{Kind: kind, Elem: &elem}
		a.One = !many
	}
	return a, nil
}

var scalars = map[string]string{
	"string": schema.KindString, "number": schema.KindNumber, "boolean": schema.KindBoolean, "any": schema.KindAny,
}

// scalarShape tells the type of what can be read alone, by the method that reads it.
func scalarShape(s scalar) (*schema.Shape, error) {
	if s.method == "interpolationForAttribute" { // a list of lists or of maps; which, is not said
		return &schema.Shape{Kind: schema.KindAny}, nil
	}
	name := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(s.method, "get"), "Attribute"))
	if name == "list" {
		name = "stringlist"
	}
	shape, err := named(name)
	if err == nil && s.set {
		shape.Kind = schema.KindSet
	}
	return shape, err
}

// writtenShape tells the type of what can be written: the outermost kind is said twice, and the nesting knows sets.
func writtenShape(w written) (*schema.Shape, error) {
	s, err := named(strings.ToLower(w.kind))
	if err == nil && w.nesting != "simple" {
		if s.Elem == nil {
			return nil, errors.New("a " + w.kind + " is no " + w.nesting)
		}
		s.Kind = w.nesting
	}
	return s, err
}

// named reads a name such as stringmaplist: a list of maps of text.
func named(name string) (*schema.Shape, error) {
	for _, kind := range []string{schema.KindList, schema.KindMap} {
		if of, ok := strings.CutSuffix(name, kind); ok {
			elem, err := named(of)
			return &schema.Shape{Kind: kind, Elem: elem}, err
		}
	}
	if kind := scalars[name]; kind != "" {
		return &schema.Shape{Kind: kind}, nil
	}
	return nil, fmt.Errorf("the type %q is not understood", name)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }
