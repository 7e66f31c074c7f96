package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/iac"
)

// transformer replaces SAM resources by those that AWS's transform makes of them, under the same logical ids. The hashes
// in the ids of versions, layers and deployments are left out: they follow from content that only packaging knows.
type transformer struct {
	s       *stack
	globals *node
	out     []entry            // resources
	order   map[string]int     // of resources by id, in out
	routes  map[string][]route // by API
	extra   []entry            // conditions
}

// managed is a SAM resource with its Globals merged.
type managed struct {
	entry
	kind       string
	properties *node
}

const samPrefix = "AWS::Serverless::"

// serverless is the SAM transform.
func (s *stack) serverless() {
	t := &transformer{s: s, globals: s.src.root.get("Globals"), order: map[string]int{}, routes: map[string][]route{}}
	var all []managed
	for _, e := range s.resources.entries() {
		m := managed{entry: e, properties: orEmpty(e.value.get("Properties"))}
		if kind, ok := strings.CutPrefix(e.value.get("Type").literal(), samPrefix); ok {
			m.kind = kind
			m.properties = merge(t.globalsFor(kind, e), orPlace(e))
			t.collectRoutes(m)
		}
		all = append(all, m)
	}
	for _, m := range all {
		t.transform(m)
	}
	t.implicitAPIs()
	at := s.resources.place()
	s.resources = at.object(t.out...)
	if len(t.extra) > 0 {
		s.conditions = at.object(append(s.conditions.entries(), t.extra...)...)
	}
}

// globalsFor are the global properties that a resource takes: IgnoreGlobals names those that it does not, or says * for none.
func (t *transformer) globalsFor(kind string, e entry) *node {
	global := t.globals.get(kind)
	ignored := e.value.get("IgnoreGlobals")
	if ignored == nil || !global.isMap() {
		return global
	}
	if ignored.literal() == "*" {
		return nil
	}
	var list []entry
	for _, g := range global.entries() {
		if !slices.ContainsFunc(ignored.items, func(n *node) bool { return n.literal() == g.key }) {
			list = append(list, g)
		}
	}
	return global.place().object(list...)
}

// orPlace gives a resource's properties, or none at its place.
func orPlace(e entry) *node {
	if p := e.value.get("Properties"); p.isMap() {
		return p
	}
	return e.place().object()
}

func (t *transformer) transform(m managed) {
	switch m.kind {
	case "":
		e, _ := t.s.resources.find(m.key) // an event may have changed it
		t.put(e)
	case "Function":
		t.function(m)
	case "Api":
		t.restAPI(m)
	case "HttpApi":
		t.httpAPI(m)
	case "SimpleTable":
		t.simpleTable(m)
	case "LayerVersion":
		t.layerVersion(m)
	case "StateMachine":
		t.stateMachine(m)
	case "Application":
		t.application(m)
	default:
		t.s.problem(iac.NotEvaluated, fmt.Sprintf("what the SAM transform makes of %s%s is not known", samPrefix, m.kind), m.value)
		t.put(m.entry)
	}
}

// put adds a resource, or replaces the one of that id.
func (t *transformer) put(e entry) {
	if i, ok := t.order[e.key]; ok {
		t.out[i] = e
		return
	}
	t.order[e.key] = len(t.out)
	t.out = append(t.out, e)
}

// replace puts the plain resource in the place of the SAM resource.
func (t *transformer) replace(m managed, kind string, properties ...entry) {
	list := []entry{m.place().set("Type", m.place().text(kind))}
	for _, name := range []string{"Condition", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"} {
		if e, ok := m.value.find(name); ok {
			list = append(list, e)
		}
	}
	at := m.properties.place()
	if at == (place{}) {
		at = m.place()
	}
	t.put(m.as(m.key, m.value.place().object(append(list, at.set("Properties", at.object(properties...)))...)))
}

// add puts a resource that the transform makes beside another, under the same condition.
func (t *transformer) add(m managed, at place, id, kind string, properties ...entry) {
	list := []entry{at.set("Type", at.text(kind))}
	if condition, ok := m.value.find("Condition"); ok {
		list = append(list, condition)
	}
	t.put(at.set(id, at.object(append(list, at.set("Properties", at.object(properties...)))...)))
}

// merge lays a resource's own properties over the global ones: maps are merged, lists joined, all else replaced.
func merge(global, own *node) *node {
	if global == nil {
		return own
	}
	if global.kind == listNode && own.kind == listNode {
		return own.place().list(append(append([]*node(nil), global.items...), own.items...)...)
	}
	function, _ := own.function()
	globalFunction, _ := global.function()
	if !own.isMap() || !global.isMap() || function != "" || globalFunction != "" {
		return own
	}
	var list []entry
	for _, e := range global.entries() {
		if _, ok := own.find(e.key); !ok {
			list = append(list, e)
		}
	}
	for _, e := range own.entries() {
		if g := global.get(e.key); g != nil {
			e.value = merge(g, e.value)
		}
		list = append(list, e)
	}
	return own.place().object(list...)
}

// pick copies properties that have the same name and form in the plain resource.
func pick(properties *node, names ...string) []entry {
	var list []entry
	for _, name := range names {
		if e, ok := properties.find(name); ok && !e.value.isNull() {
			list = append(list, e)
		}
	}
	return list
}

// tags turns SAM's map of tags into a list, after the tag that the transform adds.
func tags(m managed, own string, more ...entry) entry {
	at := m.place()
	pair := func(key string, value *node) *node {
		p := value.place()
		return p.object(p.set("Key", p.text(key)), p.set("Value", value))
	}
	list := at.list()
	if own != "" {
		list.items = append(list.items, pair(own, at.text("SAM")))
	}
	for _, e := range more {
		list.items = append(list.items, pair(e.key, e.value))
	}
	written, ok := m.properties.find("Tags")
	if !ok {
		return at.set("Tags", list)
	}
	if function, _ := written.value.function(); function != "" || !written.value.isMap() {
		return written.as("Tags", written.place().hole("tags that a function gives"))
	}
	for _, e := range written.value.entries() {
		list.items = append(list.items, pair(e.key, e.value))
	}
	list.start, list.end = written.value.start, written.value.end
	return written.as("Tags", list)
}

// bucketAndKey is where an artifact lies: a URL, an object with Bucket and Key, or a path that packaging replaces.
func bucketAndKey(e entry, prefix, version string) []entry {
	at := e.place()
	if e.value.isMap() && e.value.has("Bucket") {
		list := []entry{at.set(prefix+"Bucket", e.value.get("Bucket")), at.set(prefix+"Key", e.value.get("Key"))}
		if v := e.value.get("Version"); v != nil {
			list = append(list, at.set(version, v))
		}
		return list
	}
	if rest, ok := strings.CutPrefix(e.value.literal(), "s3://"); ok {
		bucket, key, _ := strings.Cut(rest, "/")
		list := []entry{at.set(prefix+"Bucket", at.text(bucket))}
		key, id, found := strings.Cut(key, "?versionId=")
		list = append(list, at.set(prefix+"Key", at.text(key)))
		if found {
			list = append(list, at.set(version, at.text(id)))
		}
		return list
	}
	why := at.hole("where packaging uploads it is not known")
	return []entry{at.set(prefix+"Bucket", why), at.set(prefix+"Key", why)}
}

// known gives a text that can be told without a deployment, as the transform resolves parameters.
func (t *transformer) known(n *node) string {
	if n == nil || n.kind == listNode {
		return ""
	}
	if n.isMap() {
		if name, _ := n.function(); name != "Ref" && name != "Fn::Sub" {
			return ""
		}
		if argument := n.items[0]; argument.kind != scalarNode || t.s.parameter(argument.text) == nil && n.keys[0].text == "Ref" {
			return ""
		}
	}
	if v := t.s.eval(n); v != nil && v.Parts == nil && (v.Kind == iac.String || v.Kind == iac.Number) {
		return v.Text
	}
	return ""
}
