package tfplan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/schema"
	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// knownAfterApply is the cause of unknowns of which the plan says nothing else.
const knownAfterApply = "known after apply"

// tooMany is the cause of what is left out.
const tooMany = "the file has too many values"

// mostPairs is how many blocks are compared with how many items.
const mostPairs = 1_000_000

// maker makes the values of one resource.
type maker struct {
	*document
	// Of plans:
	references *references  // what the references of expressions stand for; nil: the file has no expressions
	typ        *schema.Type // nil: nothing is known of it
}

// about is what is known of a value beside its JSON.
type about struct {
	secret, unknown *mask
	// What the configuration says: of an object, its block; of all else, the expression that it, or what holds it, is of. Neither:
	// nothing is known of how it was written.
	block    block
	written  *expression
	receiver string // the name of the nearest field
	top      bool
}

// value makes the value that stands at a place.
func (m *maker) value(at, end int, a about) *iac.Value {
	v := &iac.Value{Range: m.rangeOf(at, end), Sensitive: a.secret.has()}
	if m.values++; m.values > mostValues {
		return unknown(v, tooMany)
	}
	if a.unknown.has() {
		return m.symbol(unknown(v, knownAfterApply), a)
	}
	switch m.kind(at) {
	case jsonscan.Object:
		v.Kind = iac.Object
		m.object(v, at, a)
	case jsonscan.List:
		v.Kind = iac.List
		m.list(v, at, a)
	case jsonscan.String:
		v.Kind, v.Text = iac.String, m.string(at)
		if len(v.Text) > m.limits.TextBytes {
			m.tell(iac.LimitReached, fmt.Sprintf("a text has more than %d bytes", m.limits.TextBytes), at)
			return unknown(v, "the text is too long")
		}
	case jsonscan.Number:
		v.Kind, v.Text = iac.Number, string(m.text[at:end])
	case jsonscan.Bool:
		v.Kind, v.Text = iac.Bool, string(m.text[at:end])
	}
	return v
}

func unknown(v *iac.Value, cause string) *iac.Value {
	v.Kind, v.Text, v.Cause = iac.Unknown, "", cause
	return v
}

// object makes the fields. Those that are null are not set, and left out; those that are not known yet are not in the JSON at all.
func (m *maker) object(v *iac.Value, at int, a about) {
	if one := a.written.blocksOf(); a.block == nil && len(one) == 1 {
		a.block, a.written = one[0], nil
	}
	there := map[string]bool{}
	for _, f := range m.members(at) {
		if m.values > mostValues {
			v.Open = tooMany
			return
		}
		there[f.key] = true
		below := a.field(f.key)
		if below.unknown.has() && !m.set(f.key, a) {
			continue
		}
		if m.kind(f.at) == jsonscan.Null && !below.unknown.has() {
			continue
		}
		v.Fields = append(v.Fields, iac.Field{Key: f.key, Value: m.value(f.at, f.end, below)})
	}
	if a.unknown == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(a.unknown.fields)) {
		if there[key] || !m.set(key, a) {
			continue
		}
		below := a.field(key)
		missing := &iac.Value{Range: v.Range, Sensitive: below.secret.has()}
		v.Fields = append(v.Fields, iac.Field{Key: key, Value: m.symbol(unknown(missing, knownAfterApply), below)})
	}
}

// set tells whether the code may set what is not known in an object. What it leaves to the provider is left out, as it is where the
// code itself is read: what that means is for whoever reads the resource to say.
func (m *maker) set(key string, a about) bool {
	switch {
	case a.block == nil:
		return true
	case a.block[key] != nil:
		return true
	case !a.top || m.typ == nil:
		return false
	}
	// A dynamic block over something unknown is not in the configuration either. Blocks that the provider does not fill are that.
	said, err := m.typ.At(key)
	return err == nil && said.Block && !said.Filled && !said.Computed
}

// field is what is known of a field of an object.
func (a about) field(key string) about {
	below := about{secret: a.secret.field(key), unknown: a.unknown.field(key), receiver: key, written: a.written}
	if a.block != nil {
		below.written = a.block[key]
	}
	return below
}

// list makes the items of a list or set.
func (m *maker) list(v *iac.Value, at int, a about) {
	blocks := a.written.blocksOf()
	open := 0
	m.each(at, func(item, end int) bool {
		if m.values > mostValues {
			v.Open = tooMany
			return false
		}
		i := len(v.Items)
		if i*len(blocks) > mostPairs {
			blocks = []block{}
		}
		below := about{secret: a.secret.item(i), unknown: a.unknown.item(i), receiver: a.receiver}
		if blocks == nil {
			below.written = a.written
		} else if m.kind(item) == jsonscan.Object {
			below.block, blocks = m.blockOf(item, blocks)
		}
		if below.unknown.has() {
			open++
			below.written = nil // what each is, is told of all together
		}
		v.Items = append(v.Items, m.value(item, end, below))
		return true
	})
	if open > 0 {
		m.symbols(v, open, a)
	}
}

// symbols says what the items of a list are that are not known yet.
func (m *maker) symbols(v *iac.Value, open int, a about) {
	if m.references == nil || a.written == nil {
		return
	}
	all := m.references.all(a.written, a.receiver, open)
	if len(all) != open {
		return
	}
	for _, item := range v.Items {
		if item.Kind == iac.Unknown {
			item.Symbol, all = all[0], all[1:]
			item.Cause = knownAfterApply + ": " + item.Symbol.Address + "." + item.Symbol.Attribute
		}
	}
}

// symbol says what an unknown is, if that can be told.
func (m *maker) symbol(v *iac.Value, a about) *iac.Value {
	if m.references == nil || a.written == nil {
		return v
	}
	if all := m.references.all(a.written, a.receiver, 1); len(all) == 1 {
		v.Symbol = all[0]
		v.Cause = knownAfterApply + ": " + v.Symbol.Address + "." + v.Symbol.Attribute
	}
	return v
}

// blockOf finds which of the blocks that are left wrote an object: sets have an order of their own. Where the constants of none agree
// with it (a dynamic block has none) nothing is known of how it was written.
func (m *maker) blockOf(item int, left []block) (found block, rest []block) {
	have := m.fields(item)
	for i, b := range left {
		agrees := true
		for key, e := range b {
			at, there := have[key]
			if e == nil || e.constant < 0 || !there || !scalar(m.kind(at)) || m.kind(at) != m.kind(e.constant) {
				continue
			}
			agrees = agrees && m.raw(at) == m.raw(e.constant)
		}
		if agrees {
			rest = append(append(rest, left[:i]...), left[i+1:]...)
			if rest == nil {
				rest = []block{}
			}
			return b, rest
		}
	}
	return nil, left
}

func scalar(kind byte) bool {
	return kind == jsonscan.String || kind == jsonscan.Number || kind == jsonscan.Bool
}
