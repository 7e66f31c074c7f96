package collect

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
	"github.com/stancehq/stance/internal/provider"
)

// States of a row's group.
const (
	answerPending = iota
	answerKnown
	answerAbsent // known not to be there
	answerUnknown
)

// answer is what became of one group of one row.
type answer struct {
	state int
	doc   []byte
	class provider.Class
	cause string
}

// row is one row in memory, until all its groups are answered.
type row struct {
	unit    *unit
	page    *page
	origin  *origin
	region  string
	mu      sync.Mutex
	answers []answer
	left    int   // groups not answered, and one while it starts
	bytes   int64 // of answers
}

func (w *row) view() *view {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &view{
		table: w.unit.table, account: w.unit.account, region: w.region, origin: w.origin, answers: slices.Clone(w.answers),
	}
}

// start asks for all groups and children that need no other group, the others when theirs are known.
func (w *row) start() {
	w.page.retain()
	t := w.unit.table
	w.left = len(t.groups) + 1
	for _, g := range t.groups {
		if len(g.deps) == 0 {
			w.ask(g)
		}
	}
	for _, child := range t.children {
		if len(child.deps) == 0 {
			w.feed(child)
		}
	}
	w.answered()
}

// settle notes a group's answer and starts what waited for it.
func (w *row) settle(g *group, a answer) {
	if a.state == answerUnknown {
		w.unit.groups[g.idx].fail(a.class, a.cause)
	}
	var groups []*group
	var children []*source
	t := w.unit.table
	w.mu.Lock()
	w.answers[g.idx] = a
	w.bytes += int64(len(a.doc))
	for _, other := range t.groups {
		if w.completes(other.deps, g.idx) {
			groups = append(groups, other)
		}
	}
	for _, child := range t.children {
		if w.completes(child.deps, g.idx) {
			children = append(children, child)
		}
	}
	w.mu.Unlock()
	w.unit.run.queue.hold(int64(len(a.doc)))
	for _, other := range groups {
		w.ask(other)
	}
	for _, child := range children {
		w.feed(child)
	}
	w.answered()
}

// completes tells whether the answer of group last, just noted, was the one that deps still missed.
func (w *row) completes(deps []int, last int) bool {
	if !slices.Contains(deps, last) {
		return false
	}
	for _, d := range deps {
		if w.answers[d].state == answerPending {
			return false
		}
	}
	return true
}

func (w *row) answered() {
	w.mu.Lock()
	w.left--
	done := w.left == 0
	w.mu.Unlock()
	if !done {
		return
	}
	u := w.unit
	err := u.write(w.line(), u.run.bufferLimit())
	u.run.queue.hold(-w.bytes)
	w.page.release()
	if err != nil {
		u.run.fail(err)
		return
	}
	u.left()
}

// made is a call's input for a row, or why the call is not made.
type made struct {
	region string
	input  map[string]any
	first  map[string]any
	skip   *answer
}

// prepareCall reads from a row all that a call needs.
func prepareCall(c *call, v *view) made {
	unknown := func(m *missing) made {
		return made{skip: &answer{state: answerUnknown, class: m.class, cause: m.cause}}
	}
	for i := range c.when {
		raw, miss := v.get(&c.when[i].ref)
		if miss != nil {
			return unknown(miss)
		}
		if !c.when[i].holds(raw) {
			return made{skip: &answer{state: answerAbsent}}
		}
	}
	m := made{region: v.region}
	if c.region != nil {
		raw, miss := v.get(c.region)
		if miss != nil {
			return unknown(miss)
		}
		if raw != nil {
			m.region = text(raw)
		}
	}
	var skip *answer
	if m.input, skip = resolveAll(c.name, c.inputs, v); skip != nil {
		return made{skip: skip}
	}
	if c.first != nil {
		if m.first, skip = resolveAll(c.first.name, c.first.inputs, v); skip != nil {
			return made{skip: skip}
		}
	}
	return m
}

func resolveAll(name string, inputs []input, v *view) (map[string]any, *answer) {
	out := make(map[string]any, len(inputs))
	for i := range inputs {
		value, miss, err := inputs[i].resolve(v)
		switch {
		case err != nil:
			return nil, &answer{state: answerUnknown, class: provider.Broken, cause: broken(name, err).Error()}
		case miss != nil:
			return nil, &answer{state: answerUnknown, class: miss.class, cause: miss.cause}
		case value == nil:
			return nil, &answer{state: answerAbsent}
		}
		out[inputs[i].member] = value
	}
	return out, nil
}

// ask makes the calls of a group.
func (w *row) ask(g *group) {
	u := w.unit
	m := prepareCall(g.call, w.view())
	if b := u.batches[g.idx]; b != nil {
		b.join(w, m)
		return
	}
	if m.skip != nil {
		w.settle(g, *m.skip)
		return
	}
	to := target{account: u.account, region: m.region, level: u.table.level, stat: &u.groups[g.idx]}
	u.run.prepare(g.call, to, m.first, func(err *provider.Error) {
		if err != nil {
			w.settle(g, g.failed(err))
			return
		}
		w.askEach(g, to, m.input, nil, 0)
	})
}

// askEach makes a group's call once for each combination of its each, and puts the answers together.
func (w *row) askEach(g *group, to target, in map[string]any, docs [][]byte, i int) {
	input := in
	if g.each[i] != nil {
		input = maps.Clone(in)
		maps.Copy(input, g.each[i])
	}
	w.unit.run.fetch(g.call, to, input, func(doc []byte, err *provider.Error) {
		if err == nil {
			docs = append(docs, doc)
		} else if a := g.failed(err); a.state != answerAbsent {
			w.settle(g, a)
			return
		}
		if i+1 < len(g.each) {
			w.askEach(g, to, in, docs, i+1)
			return
		}
		if len(docs) == 0 {
			w.settle(g, answer{state: answerAbsent})
			return
		}
		w.settle(g, g.known(merge(docs, g.op.Pager)))
	})
}

func (g *group) failed(err *provider.Error) answer {
	if g.meansAbsent(err) {
		return answer{state: answerAbsent}
	}
	return answer{state: answerUnknown, class: err.Class, cause: err.Error()}
}

func (g *group) known(doc []byte) answer {
	value, err := g.items.value(doc)
	switch {
	case err != nil:
		e := broken(g.name, err)
		return answer{state: answerUnknown, class: e.Class, cause: e.Error()}
	case value == nil:
		return answer{state: answerAbsent}
	}
	return answer{state: answerKnown, doc: value}
}

// line is the row as it stands in the spool: a Row as JSON, without a line break.
func (w *row) line() []byte {
	u := w.unit
	out := make([]byte, 0, len(w.origin.item)+int(w.bytes)+256)
	out = appendMember(append(out, '{'), "account", jsonscan.AppendQuoted(nil, u.account.ID))
	if u.account.Partition != "" {
		out = appendMember(out, "partition", jsonscan.AppendQuoted(nil, u.account.Partition))
	}
	out = appendMember(out, "region", jsonscan.AppendQuoted(nil, w.region))
	if u.region != w.region {
		out = appendMember(out, "scope", jsonscan.AppendQuoted(nil, u.region))
	}
	out = appendMember(out, "at", jsonscan.AppendQuoted(nil, w.page.at.Format(time.RFC3339Nano)))
	out = append(out, `,"doc":`...)
	out = w.document(out)
	unknown := map[string]string{}
	for _, g := range u.table.groups {
		if a := w.answers[g.idx]; a.state == answerUnknown {
			unknown[g.spec.Name] = a.cause
		}
	}
	for _, g := range u.table.skipped {
		unknown[g.spec.Name] = g.skipped
	}
	if len(unknown) > 0 {
		b, _ := json.Marshal(unknown) // a map of texts always marshals
		out = appendMember(out, "unknown", b)
	}
	return oneLine(append(out, '}'))
}

// document writes the list item with the groups' answers, and the parent and input where somebody reads them.
func (w *row) document(out []byte) []byte {
	t := w.unit.table
	out = append(out, openObject(w.origin.item)...)
	for _, g := range t.groups {
		if a := w.answers[g.idx]; a.state == answerKnown {
			out = appendMember(out, g.spec.Name, a.doc)
		}
	}
	if t.depth > 0 && w.origin.parent != nil {
		out = appendMember(out, keyParent, w.origin.parent.document(t.depth-1))
	}
	if t.input && w.origin.input != nil {
		out = appendMember(out, keyInput, w.origin.input)
	}
	return append(out, '}')
}

// document is a parent's list item with depth generations of parents of its own.
func (o *origin) document(depth int) []byte {
	if depth == 0 || o.parent == nil {
		return o.item
	}
	return append(appendMember(append([]byte(nil), openObject(o.item)...), keyParent, o.parent.document(depth-1)), '}')
}

// openObject is an object's text without the brace that closes it.
func openObject(object []byte) []byte {
	end := len(object) - 1
	for object[end] != '}' {
		end--
	}
	for end > 0 && (object[end-1] == ' ' || object[end-1] == '\n' || object[end-1] == '\t' || object[end-1] == '\r') {
		end--
	}
	return object[:end]
}
