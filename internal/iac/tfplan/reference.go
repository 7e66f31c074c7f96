package tfplan

import (
	"regexp"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/iac"
)

// instances are the resource instances that a plan has, by the address without the last key, and the module instances.
type instances struct {
	resources, modules map[string]*keysOf
}

// keysOf are the keys of the instances of a resource or module: "", [0], ["a"].
type keysOf struct {
	all []string
	has map[string]bool
}

func note(in map[string]*keysOf, address, key string) {
	k := in[address]
	if k == nil {
		k = &keysOf{has: map[string]bool{}}
		in[address] = k
	}
	if !k.has[key] {
		k.has[key] = true
		k.all = append(k.all, key)
	}
}

// choose picks the instance that a reference means: the key that it names, the only one, or that of the instance it stands in.
func (k *keysOf) choose(named, own string) (string, bool) {
	switch {
	case k == nil:
		return "", false
	case k.has[named]:
		return named, true
	case named != "":
		return "", false
	case k.has[own]:
		return own, true
	case len(k.all) == 1:
		return k.all[0], true
	}
	return "", false
}

// scope is where references are read: an instance of a module, and in it an instance of what the reference stands in.
type scope struct {
	module  *module
	address string // of the module instance; empty: the root module
	parent  *scope
	key     string      // of the instance of the module in its call
	own     string      // of the instance of the resource or call that is asked about
	each    *expression // its for_each
}

func (s *scope) in(address string) string {
	if s.address == "" {
		return address
	}
	return s.address + "." + address
}

// references tells what the references of one resource's expressions stand for.
type references struct {
	*instances
	scope *scope
	typ   string // of the resource
}

// deepest is through how many variables and outputs a reference is followed.
const deepest = 64

// all are the n attributes that an expression consists of; none if that cannot be told. The plan names what an expression refers to,
// not what it does with it: one argument that has one reference is taken for the reference itself, where both by their names are
// identifiers.
func (r *references) all(e *expression, receiver string, n int) []*iac.Symbol {
	if e == nil || len(e.references) == 0 || !receives(receiver, r.typ) {
		return nil
	}
	specific, keyed := sorted(e.references)
	if n > 1 && len(specific) == 1 && !keyed {
		return r.splat(specific[0], receiver, n)
	}
	if len(specific) != n {
		return nil
	}
	var all []*iac.Symbol
	for _, reference := range specific {
		s := r.one(r.scope, reference, "", 0)
		if s == nil {
			return nil
		}
		if s.Attribute == "" {
			s.Attribute = guess(receiver)
		}
		if !identifier().MatchString(s.Attribute) {
			return nil
		}
		all = append(all, s)
	}
	return all
}

// splat is x[*].id, of which the plan says x.
func (r *references) splat(reference, receiver string, n int) (all []*iac.Symbol) {
	steps := parse(reference)
	base, rest := resourceOf(steps)
	if base == "" || rest != "" || steps[len(steps)-1].key != "" {
		return nil
	}
	address := r.scope.in(base)
	keys := r.resources[address]
	if keys == nil || len(keys.all) != n {
		return nil
	}
	for _, key := range keys.all {
		all = append(all, &iac.Symbol{Address: address + key, Attribute: guess(receiver)})
	}
	return all
}

// one follows a reference to the resource that it ends at. Rest is what is taken of what it gives.
func (r *references) one(s *scope, reference, rest string, depth int) *iac.Symbol {
	steps := parse(reference)
	if depth > deepest || len(steps) < 2 {
		return nil
	}
	switch steps[0].name {
	case "var":
		if s.parent == nil {
			return nil
		}
		outer := *s.parent
		outer.own, outer.each = s.key, s.module.call.forEach
		return r.only(&outer, s.module.call.arguments[steps[1].name], join(tail(steps, 2), rest), depth)
	case "each":
		if steps[1].name != "value" || s.each == nil {
			return nil
		}
		return r.only(s, s.each, join(tail(steps, 2), rest), depth)
	case "module":
		return r.output(s, steps, rest, depth)
	}
	base, below := resourceOf(steps)
	if base == "" {
		return nil
	}
	at := 1
	if steps[0].name == "data" {
		at = 2
	}
	address := s.in(base)
	key, found := r.resources[address].choose(steps[at].key, s.own)
	if !found {
		return nil
	}
	return &iac.Symbol{Address: address + key, Attribute: join(below, rest)}
}

// only follows an expression that has one reference.
func (r *references) only(s *scope, e *expression, rest string, depth int) *iac.Symbol {
	if e == nil {
		return nil
	}
	if specific, _ := sorted(e.references); len(specific) == 1 {
		return r.one(s, specific[0], rest, depth+1)
	}
	return nil
}

// output follows module.x.out into the module.
func (r *references) output(s *scope, steps []step, rest string, depth int) *iac.Symbol {
	c := s.module.calls[steps[1].name]
	if c == nil || len(steps) < 3 {
		return nil
	}
	address := s.in("module." + steps[1].name)
	key, found := r.modules[address].choose(steps[1].key, s.own)
	if !found {
		return nil
	}
	inner := &scope{module: c.module, address: address + key, parent: s, key: key}
	return r.only(inner, c.module.outputs[steps[2].name], join(tail(steps, 3), rest), depth)
}

// step is one of a reference: a name and, behind it, a key in brackets.
type step struct{ name, key string }

// parse takes a reference apart: aws_x.y["a"].id has three steps.
func parse(reference string) (steps []step) {
	for reference != "" {
		end := strings.IndexAny(reference, ".[")
		if end < 0 {
			return append(steps, step{name: reference})
		}
		s := step{name: reference[:end]}
		reference = reference[end:]
		for strings.HasPrefix(reference, "[") {
			size := bracket(reference)
			s.key += reference[:size]
			reference = reference[size:]
		}
		steps = append(steps, s)
		reference = strings.TrimPrefix(reference, ".")
	}
	return steps
}

// bracket is how long the [key] is that a text begins with. Keys are quoted, and may hold anything.
func bracket(text string) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ']' && !quoted:
			return i + 1
		}
	}
	return len(text)
}

// bare is an address without keys: that of the code.
func bare(address string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(address, '[')
		if open < 0 {
			b.WriteString(address)
			return b.String()
		}
		b.WriteString(address[:open])
		address = address[open+bracket(address[open:]):]
	}
}

// resourceOf is the resource that a reference names, without its key, and what follows.
func resourceOf(steps []step) (base, rest string) {
	switch steps[0].name {
	case "local", "path", "terraform", "self", "count", "each", "var", "module", "provider", "ephemeral":
		return "", ""
	case "data":
		if len(steps) < 3 {
			return "", ""
		}
		return "data." + steps[1].name + "." + steps[2].name, tail(steps, 3)
	}
	if len(steps) < 2 {
		return "", ""
	}
	return steps[0].name + "." + steps[1].name, tail(steps, 2)
}

func tail(steps []step, from int) string {
	text := ""
	for _, s := range steps[min(from, len(steps)):] {
		text = join(text, s.name+s.key)
	}
	return text
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

// sorted leaves out of the references those that are the beginning of another one and those that only choose an instance: keyed tells
// of these.
func sorted(references []string) (specific []string, keyed bool) {
	seen := map[string]bool{}
	for i, reference := range references {
		switch reference {
		case "each.key", "count.index":
			keyed = true
			continue
		}
		if strings.HasPrefix(reference, "path.") || strings.HasPrefix(reference, "terraform.") {
			continue
		}
		// What an expression refers to is followed by what that lies in, up to the resource.
		if i > 0 && within(references[i-1], reference) {
			continue
		}
		if !seen[reference] {
			seen[reference] = true
			specific = append(specific, reference)
		}
	}
	return specific, keyed
}

func within(inner, outer string) bool {
	return len(inner) > len(outer) && strings.HasPrefix(inner, outer) && (inner[len(outer)] == '.' || inner[len(outer)] == '[')
}

// guess is the attribute that is meant where the plan does not tell it: aws_x.y[each.key].id is aws_x.y to it.
func guess(receiver string) string {
	if strings.HasSuffix(receiver, "arn") || strings.HasSuffix(receiver, "arns") {
		return "arn"
	}
	return "id"
}

// identifier matches attributes that name a thing.
var identifier = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.*[._])?(id|arn|name|key|bucket)$`) })

// texts are attributes that hold more than a reference, or a name that may be made of one.
var texts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(name|name_prefix|identifier|title|label|url|uri)$|(^|_)(policy|policies|document|json|definitions?|template|content|body|` +
		`script|data|description|statement|pattern|expression|command|values?|input|tags|tags_all|variables|prefix|path)$`)
})

// receives tells whether an argument of a resource is one that takes identifiers. A resource's own name (bucket of aws_s3_bucket)
// often has another's in it.
func receives(name, typ string) bool {
	return name != "" && !texts().MatchString(name) && !strings.HasSuffix(typ, "_"+name)
}
