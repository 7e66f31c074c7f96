package collect

import (
	"fmt"
	"sync"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// batches gathers the rows of a unit that one call describes together.
type batches struct {
	unit  *unit
	group *group

	mu      sync.Mutex
	awaited int // rows that have not said yet whether they join
	open    map[string]*batch
}

// batch is rows that are asked for with the same other members, in the same region.
type batch struct {
	region string
	input  map[string]any // without the member that takes the list
	first  map[string]any
	rows   []*row
	values []any // of rows, by their place
}

func (b *batches) await(rows int) {
	b.mu.Lock()
	b.awaited += rows
	b.mu.Unlock()
}

// join takes a row into a batch, which is sent when it is full or when nothing more can join.
func (b *batches) join(w *row, m made) {
	value, skip := b.value(&m)
	var full *batch
	b.mu.Lock()
	b.awaited--
	if skip == nil {
		key := m.region + "\x00" + string(encodeInput(m.input)) + string(encodeInput(m.first))
		open := b.open[key]
		if open == nil {
			open = &batch{region: m.region, input: m.input, first: m.first}
			b.open[key] = open
		}
		open.rows, open.values = append(open.rows, w), append(open.values, value)
		if len(open.rows) >= b.group.spec.Batch {
			full = open
			delete(b.open, key)
		}
	}
	b.mu.Unlock()
	if skip != nil {
		w.settle(b.group, *skip)
	}
	if full != nil {
		b.send(full)
	}
	b.flushIfComplete()
}

// value takes the row's own value out of the input.
func (b *batches) value(m *made) (any, *answer) {
	if m.skip != nil {
		return nil, m.skip
	}
	member := b.group.inputs[b.group.perRow].member
	list, _ := m.input[member].([]any)
	delete(m.input, member)
	if len(list) != 1 {
		err := broken(b.group.name, fmt.Errorf("%s: a batch takes one value of each row, not %d", member, len(list)))
		return nil, &answer{state: answerUnknown, class: err.Class, cause: err.Error()}
	}
	return list[0], nil
}

func (b *batches) flushIfComplete() {
	b.unit.mu.Lock()
	listing := b.unit.listing
	b.unit.mu.Unlock()
	b.mu.Lock()
	complete := listing == 0 && b.awaited == 0
	b.mu.Unlock()
	if complete {
		b.flush()
	}
}

// flush sends all batches as they are.
func (b *batches) flush() {
	b.mu.Lock()
	open := b.open
	b.open = map[string]*batch{}
	b.mu.Unlock()
	for _, batch := range open {
		b.send(batch)
	}
}

// perParent tells whether rows of different parents can hardly be in one batch, since other members differ too.
func (b *batches) perParent() bool {
	for i, in := range b.group.inputs {
		if i != b.group.perRow && (in.ref != nil || in.parts != nil) {
			return true
		}
	}
	return false
}

func (b *batches) send(batch *batch) {
	u, g := b.unit, b.group
	to := target{account: u.account, region: batch.region, level: u.table.level, stat: &u.groups[g.idx]}
	u.run.prepare(g.call, to, batch.first, func(err *provider.Error) {
		if err != nil {
			batch.settle(g, g.failed(err))
			return
		}
		b.describe(batch, to)
	})
}

func (b *batches) describe(t *batch, to target) {
	g := b.group
	member := g.inputs[g.perRow].member
	in := map[string]any{member: distinct(t.values)}
	for k, v := range t.input {
		in[k] = v
	}
	b.unit.run.fetch(g.call, to, in, func(doc []byte, err *provider.Error) {
		if err == nil {
			t.match(g, doc)
			return
		}
		if len(t.rows) > 1 && refusesOne(g, err) {
			// one bad row must not hide the others: halves, down to the row itself
			half := len(t.rows) / 2
			b.describe(&batch{region: t.region, input: t.input, rows: t.rows[:half], values: t.values[:half]}, to)
			b.describe(&batch{region: t.region, input: t.input, rows: t.rows[half:], values: t.values[half:]}, to)
			return
		}
		t.settle(g, g.failed(err))
	})
}

// refusesOne tells whether an error may be about one of several rows.
func refusesOne(g *group, err *provider.Error) bool {
	return err.Class == provider.Gone || g.meansAbsent(err) ||
		err.Class == provider.Broken && err.Status >= 400 && err.Status < 500
}

func distinct(values []any) []any {
	seen := map[any]bool{}
	var out []any
	for _, v := range values {
		if k := fmt.Sprint(v); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}

func (t *batch) settle(g *group, a answer) {
	for _, w := range t.rows {
		w.settle(g, a)
	}
}

// match gives each row the item of the answer that has its value.
func (t *batch) match(g *group, doc []byte) {
	found, err := g.items.rows(doc)
	if err != nil {
		t.settle(g, g.failed(broken(g.name, err)))
		return
	}
	byKey := make(map[string][]byte, len(found))
	for _, item := range found {
		key := text(lookup(item, g.key))
		if _, ok := byKey[key]; !ok {
			byKey[key] = item
		}
	}
	for i, w := range t.rows {
		item, ok := byKey[fmt.Sprint(t.values[i])]
		if !ok {
			w.settle(g, g.left())
			continue
		}
		// a copy: one item must not keep the whole answer in memory
		w.settle(g, answer{state: answerKnown, doc: append([]byte(nil), item...)})
	}
}

// left is the answer for a row that the vendor's answer leaves out.
func (g *group) left() answer {
	err := &provider.Error{Class: provider.Gone, Call: g.name, Code: content.NotReturned}
	if g.meansAbsent(err) {
		return answer{state: answerAbsent}
	}
	err.Code = ""
	return answer{state: answerUnknown, class: err.Class, cause: err.Error() + " did not return it"}
}
