package defaults

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/stancehq/stance/internal/iac"
)

// What a rule does with its field.
type action byte

const (
	value  action = iota // give it a value
	within               // go into it
	made                 // go into it, and make it if it is not there
	each                 // go into each item
	every                // go into each value
	write                // write it in another form
	copied               // give it another field's value
	merged               // give it another field's fields
	formed               // give it a text with other fields' values
	pulled               // give it an image's pull policy
	opaque               // give it a value that only the cluster knows
	when                 // go on here, on a condition
)

// rule is a line of the data.
type rule struct {
	do    action
	field string     // or the path, of a condition
	text  string     // what a path or a form is called; the cause
	of    []string   // the values of a condition
	not   bool       // the condition's
	value *iac.Value // to give
	rules []rule
}

var suffixes = map[byte]action{'!': made, '=': value, '*': every, '~': write, '^': copied, '+': merged, '&': formed, '@': pulled, '?': opaque}

func (t *table) rules(node *yaml.Node) []rule {
	var rules []rule
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, content := node.Content[i].Value, node.Content[i+1]
		if key == "use" {
			shapes := []*yaml.Node{content}
			if content.Kind == yaml.SequenceNode {
				shapes = content.Content
			}
			for _, name := range shapes {
				shape, known := t.Shapes[name.Value]
				if !known {
					panic("defaults.yaml: there is no shape " + name.Value)
				}
				rules = append(rules, t.rules(&shape)...)
			}
			continue
		}
		rules = append(rules, t.rule(key, content))
	}
	return rules
}

func (t *table) rule(key string, content *yaml.Node) rule {
	if condition, found := strings.CutPrefix(key, "?"); found {
		return t.condition(condition, content)
	}
	r := rule{field: key, text: content.Value}
	if name, found := strings.CutSuffix(key, "/"); found {
		r.do, r.field = each, name
	} else if do, found := suffixes[key[len(key)-1]]; found {
		r.do, r.field = do, key[:len(key)-1]
	} else if content.Kind == yaml.MappingNode {
		r.do = within
	}
	switch r.do {
	case value:
		r.value = constant(content)
	case made, within, each, every:
		r.rules = t.rules(content)
	}
	return r
}

func (t *table) condition(text string, content *yaml.Node) rule {
	r := rule{do: when, rules: t.rules(content)}
	path, values, compared := strings.Cut(text, "=")
	if compared {
		r.of = strings.Split(values, "|")
		path, r.not = strings.CutSuffix(path, "!")
	} else {
		path, r.not = strings.CutPrefix(path, "!")
	}
	r.field = path
	return r
}

func constant(n *yaml.Node) *iac.Value {
	v := &iac.Value{}
	switch n.Kind {
	case yaml.MappingNode:
		v.Kind = iac.Object
		for i := 0; i+1 < len(n.Content); i += 2 {
			v.Fields = append(v.Fields, iac.Field{Key: n.Content[i].Value, Value: constant(n.Content[i+1])})
		}
	case yaml.SequenceNode:
		v.Kind = iac.List
		for _, item := range n.Content {
			v.Items = append(v.Items, constant(item))
		}
	default:
		v.Kind, v.Text = iac.String, n.Value
		switch n.ShortTag() {
		case "!!int":
			v.Kind = iac.Number
		case "!!bool":
			v.Kind = iac.Bool
		}
	}
	return v
}

var hole = regexp.MustCompile(`\{[^{}]*\}`)

// scope is the object that rules are about, and those that it lies in, innermost first.
type scope []*iac.Value

func (s scope) get(path string) *iac.Value {
	for strings.HasPrefix(path, "../") && len(s) > 1 {
		path, s = path[3:], s[1:]
	}
	v := s[0]
	for name := range strings.SplitSeq(path, ".") {
		v = v.Get(name)
	}
	return v
}

func (s scope) into(v *iac.Value) scope { return append(scope{v}, s...) }

// absent tells what the server takes for nothing.
func absent(v *iac.Value) bool {
	return v.Is(iac.Null) || v.Kind == iac.String && v.Text == "" && len(v.Parts) == 0
}

func set(object *iac.Value, name string, v *iac.Value) {
	for i := range object.Fields {
		if object.Fields[i].Key == name {
			object.Fields[i].Value = v
			return
		}
	}
	object.Fields = append(object.Fields, iac.Field{Key: name, Value: v})
}

func apply(rules []rule, s scope) {
	if !s[0].Is(iac.Object) {
		return
	}
	for i := range rules {
		rules[i].apply(s)
	}
}

func (r *rule) apply(s scope) {
	object := s[0]
	if r.do == when {
		if r.holds(s) {
			apply(r.rules, s)
		}
		return
	}
	v := object.Get(r.field)
	switch r.do {
	case made, within:
		if r.do == made && v.Is(iac.Null) {
			v = &iac.Value{Kind: iac.Object}
			set(object, r.field, v)
		}
		apply(r.rules, s.into(v))
	case each:
		if v.Is(iac.List) {
			for _, item := range v.Items {
				apply(r.rules, s.into(item))
			}
		}
	case every:
		if v.Is(iac.Object) {
			for _, f := range v.Fields {
				apply(r.rules, s.into(f.Value))
			}
		}
	case write:
		canonical(v)
	case merged:
		merge(object, r.field, s.get(r.text))
	default:
		if absent(v) {
			if given := r.given(s); given != nil {
				set(object, r.field, given)
			}
		}
	}
}

// given is the value that a field gets; nil for none.
func (r *rule) given(s scope) *iac.Value {
	switch r.do {
	case value:
		return placeless(r.value)
	case copied:
		if from := s.get(r.text); !from.Is(iac.Null) {
			return placeless(from)
		}
	case formed:
		return &iac.Value{Kind: iac.String, Text: hole.ReplaceAllStringFunc(r.text, func(path string) string {
			path, lower := strings.CutSuffix(strings.Trim(path, "{}"), ",lower")
			text := ""
			if v := s.get(path); v != nil {
				text = v.Text
			}
			if lower {
				text = strings.ToLower(text)
			}
			return text
		})}
	case pulled:
		image := s.get(r.text)
		if image.Is(iac.Null) {
			return nil
		}
		if image.Is(iac.String) && len(image.Parts) == 0 {
			return &iac.Value{Kind: iac.String, Text: pullPolicy(image.Text)}
		}
		return &iac.Value{Kind: iac.Unknown, Cause: "it follows from the image, which is not known"}
	case opaque:
		return &iac.Value{Kind: iac.Unknown, Cause: r.text}
	}
	return nil
}

func (r *rule) holds(s scope) bool {
	if r.field == "" { // an item that has nothing but a name
		return len(s[0].Fields) <= 1
	}
	v := s.get(r.field)
	if r.of == nil {
		return absent(v) == r.not
	}
	for _, text := range r.of {
		if v != nil && v.Text == text {
			return !r.not
		}
	}
	return r.not
}

func merge(object *iac.Value, name string, from *iac.Value) {
	const most = 1000 // beyond what a server takes
	if !from.Is(iac.Object) || len(from.Fields) > most {
		return
	}
	to := object.Get(name)
	if to.Is(iac.Null) {
		to = &iac.Value{Kind: iac.Object}
		set(object, name, to)
	}
	for _, f := range from.Fields {
		if to.Get(f.Key) == nil {
			set(to, f.Key, placeless(f.Value))
		}
	}
}

// placeless is a copy without places, since nobody wrote it there.
func placeless(v *iac.Value) *iac.Value {
	out := *v
	out.Range = iac.Range{}
	out.Items, out.Fields = nil, nil
	for _, item := range v.Items {
		out.Items = append(out.Items, placeless(item))
	}
	for _, f := range v.Fields {
		out.Fields = append(out.Fields, iac.Field{Key: f.Key, Value: placeless(f.Value)})
	}
	return &out
}

// canonical writes a quantity, or each of a map, as the server does: 0.5 as 500m, 1024Mi as 1Gi.
func canonical(v *iac.Value) {
	if v.Is(iac.Object) {
		for _, f := range v.Fields {
			canonical(f.Value)
		}
		return
	}
	if !v.Is(iac.String) && !v.Is(iac.Number) || len(v.Parts) > 0 || len(v.Text) > 100 {
		return
	}
	if q, err := resource.ParseQuantity(v.Text); err == nil {
		q.RoundUp(resource.Milli)
		v.Kind, v.Text = iac.String, q.String()
	}
}

// pullPolicy is that of an image that is named so.
func pullPolicy(image string) string {
	name, _, digest := strings.Cut(image, "@")
	last := name[strings.LastIndex(name, "/")+1:]
	_, tag, tagged := strings.Cut(last, ":")
	if tagged && tag != "latest" || !tagged && digest {
		return "IfNotPresent"
	}
	return "Always"
}
