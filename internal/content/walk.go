package content

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// walker reads nodes by forms and reports what does not fit.
type walker struct {
	doc      document
	problems *Problems
	nodes    int
	open     map[*yaml.Node]bool // aliases being expanded
	refused  bool                // the budget is spent, and that has been said
}

// read gives the document as a value of the form; nil if it is not even that.
func read(doc document, f form, problems *Problems) *value {
	w := &walker{doc: doc, problems: problems, open: map[*yaml.Node]bool{}}
	return w.walk(doc.node, f, "the document", 0)
}

func (w *walker) problem(n *yaml.Node, hint, format string, args ...any) {
	w.problems.Add(w.doc.pos(n), hint, format, args...)
}

// walk reads one node. What is the words for it in messages: a key in quotes.
func (w *walker) walk(n *yaml.Node, f form, what string, depth int) *value {
	if !w.afford(n, depth) {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		target := n.Alias
		if target == nil || w.open[target] {
			w.problem(n, "", "alias *%s contains itself", n.Value)
			return nil
		}
		w.open[target] = true
		defer delete(w.open, target)
		return w.walk(target, f, what, depth+1)
	}
	if n.Anchor != "" {
		// An alias to an open node is a cycle, whether or not it was reached through an alias.
		w.open[n] = true
		defer delete(w.open, n)
	}
	switch f.kind {
	case formEither:
		return w.walkEither(n, f, what, depth)
	case formObject, formDict:
		return w.walkMap(n, f, what, depth)
	case formList:
		return w.walkList(n, f, what, depth)
	case formFree:
		return &value{pos: w.doc.pos(n), free: w.freeValue(n, f.tags, what, depth)}
	}
	return w.walkScalar(n, f, what)
}

// afford counts a node against the budget.
func (w *walker) afford(n *yaml.Node, depth int) bool {
	w.nodes++
	if w.refused {
		return false
	}
	if w.nodes > maxNodes || depth > 2*maxDepth {
		w.refused = true
		w.problem(n, "", "the document is too large once its aliases are followed")
		return false
	}
	return true
}

func kindOf(n *yaml.Node) nodeKind {
	switch n.Kind {
	case yaml.MappingNode:
		return nodeMap
	case yaml.SequenceNode:
		return nodeList
	}
	return nodeScalar
}

func (w *walker) wrongKind(n *yaml.Node, what, want string) *value {
	if isNull(n) {
		w.problem(n, "", "%s has no value: %s is wanted", what, want)
		return nil
	}
	w.problem(n, "", "%s is %s, but %s is wanted", what, kindOf(n), want)
	return nil
}

func (w *walker) walkEither(n *yaml.Node, f form, what string, depth int) *value {
	if chosen, ok := f.either[kindOf(n)]; ok {
		w.nodes--
		return w.walk(n, chosen, what, depth)
	}
	var wanted []string
	for _, kind := range []nodeKind{nodeScalar, nodeList, nodeMap} {
		if _, ok := f.either[kind]; ok {
			wanted = append(wanted, kind.String())
		}
	}
	return w.wrongKind(n, what, orList(wanted))
}

func (w *walker) walkList(n *yaml.Node, f form, what string, depth int) *value {
	if n.Kind != yaml.SequenceNode || !w.plainTag(n, "!!seq", what) {
		if n.Kind == yaml.SequenceNode {
			return nil
		}
		return w.wrongKind(n, what, "a list")
	}
	v := &value{pos: w.doc.pos(n), items: []*value{}}
	for _, item := range n.Content {
		v.items = append(v.items, w.walk(item, *f.element, "an item of "+what, depth+1))
	}
	if len(v.items) < f.least {
		w.problem(n, "", "%s is empty", what)
	}
	return v
}

func (w *walker) walkMap(n *yaml.Node, f form, what string, depth int) *value {
	if n.Kind != yaml.MappingNode {
		return w.wrongKind(n, what, "a map")
	}
	if !w.plainTag(n, "!!map", what) {
		return nil
	}
	v := &value{pos: w.doc.pos(n), entries: []entry{}}
	for _, pair := range w.pairs(n, depth) {
		below := f.element
		switch field := f.field(pair.name); {
		case f.kind == formDict:
			if f.keys != nil && !f.keys.re.MatchString(pair.name) {
				w.problem(pair.key, "", "key %q is not %s", pair.name, f.keys.what)
			}
		case field == nil:
			hint := keyHint(pair.name, f)
			if n.Style&yaml.FlowStyle != 0 && isNull(pair.value) {
				hint = "text with a comma in it must stand in quotes here"
			}
			w.problem(pair.key, hint, "unknown key %q", pair.name)
			continue
		default:
			below = &field.form
		}
		v.entries = append(v.entries, entry{pair.name, w.doc.pos(pair.key), w.walk(pair.value, *below, strconv.Quote(pair.name), depth+1)})
	}
	if len(v.entries) < f.least {
		w.problem(n, "", "%s is empty", what)
	}
	if f.most > 0 && len(v.entries) > f.most {
		w.problem(n, "", "%s has %d keys, but at most %d is wanted", what, len(v.entries), f.most)
	}
	w.checkRules(n, f, v)
	return v
}

// keyHint names the key that was meant, or all there are if they are few.
func keyHint(name string, f form) string {
	if hint := DidYouMean(name, f.names()); hint != "" {
		return hint
	}
	if len(f.fields) <= 8 {
		return "known are " + strings.ReplaceAll(orList(f.names()), " or ", " and ")
	}
	return ""
}

func (w *walker) checkRules(n *yaml.Node, f form, v *value) {
	for _, field := range f.fields {
		if field.required && !v.has(field.name) {
			w.problem(n, "", "key %q is missing", field.name)
		}
	}
	for _, r := range f.rules {
		switch r.kind {
		case ruleOne:
			var there []string
			for _, key := range r.keys {
				if v.has(key) {
					there = append(there, key)
				}
			}
			if len(there) == 0 {
				w.problem(n, "", "one of the keys %s is missing", orList(r.keys))
			}
			for _, key := range there[min(1, len(there)):] {
				w.problems.Add(v.keyPos(key), "", "key %q cannot stand beside %q", key, there[0])
			}
		case ruleNeeds:
			for _, key := range r.keys[1:] {
				if v.has(r.keys[0]) && !v.has(key) {
					w.problems.Add(v.keyPos(r.keys[0]), "", "key %q needs the key %q", r.keys[0], key)
				}
			}
		case ruleExcludes:
			for _, key := range r.keys[1:] {
				if v.has(r.keys[0]) && v.has(key) {
					w.problems.Add(v.keyPos(key), "", "key %q cannot stand beside %q", key, r.keys[0])
				}
			}
		}
	}
}

// pair is a key of a map and the node below it.
type pair struct {
	name       string
	key, value *yaml.Node
}

// pairs gives the keys of a map, each once: the parser lets keys stand twice, and would take the last.
func (w *walker) pairs(n *yaml.Node, depth int) []pair {
	pairs := make([]pair, 0, len(n.Content)/2)
	first := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		switch {
		case !w.afford(key, depth):
			return pairs
		case n.Content[i].ShortTag() == "!!merge":
			w.problem(n.Content[i], "write the keys out, or use an alias for a whole value", "merge keys are not read")
			continue
		case key.Kind != yaml.ScalarNode || isNull(key):
			w.problem(n.Content[i], "", "a key must be text")
			continue
		}
		if line, ok := first[key.Value]; ok {
			w.problem(n.Content[i], "", "key %q stands here a second time: it is already in line %d", key.Value, line)
			continue
		}
		first[key.Value] = n.Content[i].Line + w.doc.above
		pairs = append(pairs, pair{key.Value, n.Content[i], n.Content[i+1]})
	}
	return pairs
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// plainTag refuses tags of the writer's own where they mean nothing.
func (w *walker) plainTag(n *yaml.Node, tag, what string) bool {
	if got := n.ShortTag(); got != tag {
		w.problem(n, "", "tag %s cannot stand at %s", got, what)
		return false
	}
	return true
}

func (w *walker) walkScalar(n *yaml.Node, f form, what string) *value {
	want := f.want()
	if n.Kind != yaml.ScalarNode || isNull(n) {
		return w.wrongKind(n, what, want)
	}
	tag, v := n.ShortTag(), &value{pos: w.doc.pos(n), text: n.Value}
	switch tag {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
	default:
		w.problem(n, "", "tag %s cannot stand at %s", tag, what)
		return nil
	}
	wrong := func(hint string) *value {
		w.problem(n, hint, "%s is %s, but %s is wanted", what, shown(n.Value), want)
		return nil
	}
	switch f.kind {
	case formInteger:
		number, err := strconv.ParseInt(n.Value, 10, 64)
		if tag != "!!int" || err != nil || number < int64(f.least) {
			return wrong("")
		}
	case formNumber:
		number, err := strconv.ParseFloat(n.Value, 64)
		if (tag != "!!int" && tag != "!!float") || err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
			return wrong("")
		}
	case formBoolean:
		if tag != "!!bool" || (n.Value != "true" && n.Value != "false") {
			return wrong("write true or false")
		}
	case formText:
		if tag == "!!bool" {
			return wrong("put it in quotes")
		}
		if len(f.words) > 0 && !contains(f.words, n.Value) {
			return wrong(DidYouMean(n.Value, f.words))
		}
		if f.match != nil && !f.match.re.MatchString(n.Value) {
			return wrong("")
		}
	}
	if strings.TrimSpace(n.Value) == "" {
		w.problem(n, "", "%s is empty", what)
		return nil
	}
	return v
}

// want says in words what a scalar of the form is.
func (f form) want() string {
	switch {
	case f.kind == formInteger && f.least > 0:
		return fmt.Sprintf("a whole number of at least %d", f.least)
	case f.kind == formInteger:
		return "a whole number"
	case f.kind == formNumber:
		return "a number"
	case f.kind == formBoolean:
		return "true or false"
	case len(f.words) > 0:
		return orList(f.words)
	case f.match != nil:
		return f.match.what
	}
	return "text"
}

// shown quotes a value for a message, cut if it is long.
func shown(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strconv.Quote(s)
}

func contains(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}
