package content

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mapping says how rows of a table come from resources of infrastructure code: one row for each resource of its types. A column
// that it does not name is one that code cannot tell, and no check that reads it speaks about code.
type Mapping struct {
	Resources []string // types in the code's words: aws_s3_bucket, AWS::S3::Bucket
	// Where leaves resources out; one of which it is not known makes a row of which nothing is known.
	Where []Condition
	// Rows are paths to items of each of which the resource makes a row of its own, one path below the other: ingress, and in each of
	// them cidr_blocks. Empty: the resource makes one row.
	Rows []string
	// Companions are resources beside it that say something about the same row.
	Companions []*Companion
	Columns    []*MappedColumn // by name
	// Attributes say what references to the resource stand for, before it exists: templates such as arn:{partition}:s3:::{bucket}.
	Attributes []*Template
}

// Companion is a resource that belongs to another: a bucket's versioning, a security group's rule.
type Companion struct {
	Name      string // what sources call it: versioning/status
	Resources []string
	// On are pairs of paths, in the companion and in the resource, whose values are the same where they belong together. Any one
	// pair is enough.
	On [][2]string
	// Where leaves companions out.
	Where []Condition
	// Many says that a resource may have several: one of which it is not known whom it belongs to may be a further one.
	Many bool
	// Sure leaves out those of which it is not known whether they belong to it, where one too few does no harm to a verdict.
	Sure bool
	// Attributes are as in Mapping, for types that make no row of their own.
	Attributes []*Template
}

// MappedColumn is a column and where its value comes from.
type MappedColumn struct {
	Name   string
	Source *Source
	// Unsaid are members of the column's structures that code cannot tell; dotted, through lists.
	Unsaid []string
	// Names says that the texts only name things, so that a name of which something is left open is as good as any other.
	Names bool
	// References says so of references to other things alone, and not of those that may be secrets.
	References bool
}

// Or is the column as either of two mappings tells it: what one of them leaves unsaid is unsaid. The other may be nil.
func (c *MappedColumn) Or(other *MappedColumn) *MappedColumn {
	if other == nil || len(other.Unsaid) == 0 {
		return c
	}
	both := *c
	both.Unsaid = slices.Concat(c.Unsaid, other.Unsaid)
	return &both
}

// Template is an attribute of a resource, and text with paths in braces.
type Template struct{ Attribute, Text string }

// Source says where a value comes from. Exactly one of Path, JSON, First, Concat, Each, Merge, Text, Attribute and HasValue is set.
type Source struct {
	// JSON is a path to text in JSON, whose value is meant.
	JSON string
	// Path is dotted, from the resource or, in Members, from the item. "name/" before it starts from companions of the name, and
	// "provider/" from the provider's configuration. "." is the whole. Lists on the way are mapped over.
	Path string
	// First is the first of several that is there.
	First []*Source
	// Concat is one list of the items of all; of what is no list, the value itself.
	Concat []*Source
	// Merge is one object of the fields of all, later ones first.
	Merge []*Source
	// Each makes an object, or a value, of each item at a path.
	Each string
	// Members are the fields of the object that Each makes, or, without Each, of one object; dotted where they lie deeper.
	Members []*MappedMember
	// Item is the value that Each makes instead of an object.
	Item *Source
	// Where leaves out items of Each, and values of the others: they are then absent.
	Where []Condition
	// Text is a template: text with paths in braces.
	Text string
	// Attribute is one of the mapping's Attributes.
	Attribute string
	Value     any
	HasValue  bool

	// Values are what the code's words mean: {"true": Enabled}. What is not among them stays as it is, or is Else.
	Values map[string]any
	Else   any
	// Default is what the vendor or the provider takes where the code says nothing.
	Default any
	// Computed is why it is not known where the code says nothing: "AWS chooses the version". Empty: then it is not there.
	Computed string
	// Count gives how many items the list has, Set whether there is something, instead of the value itself.
	Count, Set bool
	// Base64 encodes text, as the vendor gives it.
	Base64 bool
}

// MappedMember is a field of an object that a source makes.
type MappedMember struct {
	Name   string
	Source *Source
}

// ParseMappings reads a table's terraform: or cloudformation: section: one mapping, or a list of them.
func ParseMappings(section any) ([]*Mapping, error) {
	if section == nil {
		return nil, nil
	}
	var mappings []*Mapping
	for i, one := range listOf(section) {
		p := &mappingParser{}
		m := p.mapping(one)
		if p.err != nil {
			if _, several := section.([]any); several {
				return nil, fmt.Errorf("mapping %d: %w", i+1, p.err)
			}
			return nil, p.err
		}
		mappings = append(mappings, m)
	}
	return mappings, nil
}

// mappingParser keeps the first mistake.
type mappingParser struct{ err error }

func (p *mappingParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// MappedTypes are the types of resources that a table's section speaks of: those that make rows, and their companions. It reads no more.
func MappedTypes(section any) (types []string) {
	p := &mappingParser{}
	for _, one := range listOf(section) {
		object, _ := one.(map[string]any)
		types = append(types, p.words(object["resource"], "resource")...)
		with, _ := object["with"].(map[string]any)
		for _, v := range with {
			companion, _ := v.(map[string]any)
			types = append(types, p.words(companion["resource"], "resource")...)
		}
	}
	return types
}

func (p *mappingParser) mapping(v any) *Mapping {
	object := p.object(v, "the mapping", "resource", "where", "rows", "with", "columns", "attributes")
	m := &Mapping{Resources: p.words(object["resource"], "resource"), Where: p.conditions(object["where"], "where"), Rows: p.words(object["rows"], "rows")}
	if len(m.Resources) == 0 {
		p.fail("resource is missing: the types of the code that make a row")
	}
	for _, name := range sortedKeys(p.object(object["with"], "with")) {
		m.Companions = append(m.Companions, p.companion(name, object["with"].(map[string]any)[name]))
	}
	columns := maps.Clone(p.object(object["columns"], "columns"))
	for _, name := range sortedKeys(columns) {
		c := &MappedColumn{Name: name}
		if wide, ok := columns[name].(map[string]any); ok && (wide["unsaid"] != nil || wide["names"] != nil) {
			c.Unsaid, c.Names = p.words(wide["unsaid"], "columns."+name+".unsaid"), wide["names"] == true
			c.References = wide["names"] == "references"
			narrow := maps.Clone(wide)
			delete(narrow, "unsaid")
			delete(narrow, "names")
			columns[name] = narrow
		}
		c.Source = p.source(columns[name], "columns."+name)
		m.Columns = append(m.Columns, c)
	}
	if len(m.Columns) == 0 {
		p.fail("columns are missing")
	}
	m.Attributes = p.templates(object["attributes"], "attributes")
	return m
}

func (p *mappingParser) templates(v any, at string) (templates []*Template) {
	attributes := p.object(v, at)
	for _, name := range sortedKeys(attributes) {
		text, ok := attributes[name].(string)
		if !ok {
			p.fail("%s.%s is no text", at, name)
		}
		if bad := badSourceTemplate(text); bad != "" {
			p.fail("%s.%s: %s", at, name, bad)
		}
		templates = append(templates, &Template{name, text})
	}
	return templates
}

func (p *mappingParser) companion(name string, v any) *Companion {
	at := "with." + name
	object := p.object(v, at, "resource", "on", "where", "many", "sure", "attributes")
	c := &Companion{
		Name: name, Resources: p.words(object["resource"], at+".resource"), Where: p.conditions(object["where"], at+".where"), Many: object["many"] == true, Sure: object["sure"] == true,
		Attributes: p.templates(object["attributes"], at+".attributes"),
	}
	on := p.object(object["on"], at+".on")
	for _, theirs := range sortedKeys(on) {
		for _, ours := range p.words(on[theirs], at+".on."+theirs) {
			c.On = append(c.On, [2]string{theirs, ours})
		}
	}
	if len(c.Resources) == 0 || len(c.On) == 0 {
		p.fail("%s needs resource and on", at)
	}
	return c
}

// sourceKeys are what a source may say; the first ones say where it comes from.
var sourceKeys = []string{"path", "json", "first", "concat", "merge", "each", "members", "text", "attribute", "value"}

func (p *mappingParser) source(v any, at string) *Source {
	switch v := v.(type) {
	case string:
		return &Source{Path: v}
	case map[string]any:
	default:
		p.fail("%s is %v, but a path or a map is wanted", at, v)
		return &Source{}
	}
	object := p.object(v, at, append([]string{"item", "where", "values", "else", "default", "computed", "count", "set", "base64"}, sourceKeys...)...)
	s := &Source{
		Path: p.text(object["path"], at), JSON: p.text(object["json"], at), Each: p.text(object["each"], at), Text: p.text(object["text"], at), Attribute: p.text(object["attribute"], at),
		First: p.sources(object["first"], at+".first"), Concat: p.sources(object["concat"], at+".concat"), Merge: p.sources(object["merge"], at+".merge"),
		Where: p.conditions(object["where"], at+".where"), Else: object["else"], Default: object["default"], Computed: p.text(object["computed"], at),
		Count: object["count"] == true, Set: object["set"] == true, Base64: object["base64"] == true,
	}
	s.Value, s.HasValue = object["value"]
	if object["values"] != nil {
		s.Values = p.object(object["values"], at+".values")
	}
	members := p.object(object["members"], at+".members")
	for _, name := range sortedKeys(members) {
		s.Members = append(s.Members, &MappedMember{name, p.source(members[name], at+".members."+name)})
	}
	if object["item"] != nil {
		s.Item = p.source(object["item"], at+".item")
	}
	p.one(s, object, at)
	return s
}

// one proves that a source says exactly one place.
func (p *mappingParser) one(s *Source, object map[string]any, at string) {
	var said []string
	for _, key := range sourceKeys {
		if _, ok := object[key]; ok {
			said = append(said, key)
		}
	}
	switch {
	case slices.Equal(said, []string{"each", "members"}) && s.Item == nil:
	case slices.Equal(said, []string{"each"}) && s.Item != nil:
	case s.Item != nil:
		p.fail("%s: item goes with each, and not with members", at)
	case slices.Equal(said, []string{"each"}):
		p.fail("%s: each needs members or item", at)
	case len(said) != 1:
		p.fail("%s says %s, but exactly one of %s is wanted", at, strings.Join(said, " and "), strings.Join(sourceKeys, ", "))
	}
	if bad := badSourceTemplate(s.Text); bad != "" {
		p.fail("%s: %s", at, bad)
	}
}

func (p *mappingParser) sources(v any, at string) (sources []*Source) {
	if v == nil {
		return nil
	}
	for i, one := range listOf(v) {
		sources = append(sources, p.source(one, fmt.Sprintf("%s[%d]", at, i)))
	}
	return sources
}

func (p *mappingParser) conditions(v any, at string) (conditions []Condition) {
	switch v := v.(type) {
	case nil:
	case []any:
		for _, path := range p.words(v, at) {
			conditions = append(conditions, Condition{Path: path})
		}
	case map[string]any:
		for _, path := range sortedKeys(v) {
			c := Condition{Path: path}
			object, ok := v[path].(map[string]any)
			switch p.object(object, at+"."+path, "not", "contains"); {
			case ok && object["contains"] != nil:
				c.Contains = p.text(object["contains"], at+"."+path)
			case ok:
				c.Not, c.Values = true, p.words(object["not"], at+"."+path)
			default:
				c.Values = p.words(v[path], at+"."+path)
			}
			conditions = append(conditions, c)
		}
	default:
		p.fail("%s is %v, but a map or list of paths is wanted", at, v)
	}
	return conditions
}

// object reads a map, nil of what was not written. Keys, if any are given, are all that it may have.
func (p *mappingParser) object(v any, at string, keys ...string) map[string]any {
	if v == nil {
		return nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		p.fail("%s is %v, but a map is wanted", at, v)
		return nil
	}
	if len(keys) > 0 {
		for _, key := range sortedKeys(object) {
			if !slices.Contains(keys, key) {
				p.fail("%s has no key %q; %s", at, key, DidYouMean(key, keys))
			}
		}
	}
	return object
}

func (p *mappingParser) text(v any, at string) string {
	text, ok := v.(string)
	if !ok && v != nil {
		p.fail("%s: %v is no text", at, v)
	}
	return text
}

// words reads a scalar or a list of them, as text.
func (p *mappingParser) words(v any, at string) (words []string) {
	for _, one := range listOf(v) {
		switch one.(type) {
		case map[string]any, []any:
			p.fail("%s holds %v, but a word is wanted", at, one)
		}
		words = append(words, fmt.Sprint(one))
	}
	return words
}

func listOf(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func sortedKeys(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }

// badSourceTemplate says what is wrong with text that has paths in braces, or nothing.
func badSourceTemplate(text string) string {
	for rest := text; ; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			return ""
		}
		if rest[open] == '}' {
			return "a closing brace has no opening one"
		}
		path, after, ok := strings.Cut(rest[open+1:], "}")
		if !ok || path == "" || strings.ContainsAny(path, "{ ") {
			return "an opening brace is not closed, or holds no path"
		}
		rest = after
	}
}
