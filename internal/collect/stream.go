package collect

import (
	"maps"

	"github.com/stancehq/stance/internal/provider"
)

// stream is one list call being paged through, for one table or for several that read the same answer.
type stream struct {
	run       *run
	call      *call
	to        target
	input     map[string]any
	parent    *origin // of a child's list
	consumers []*consumer
	ended     func() // called once, after the last rows are there
	begun     bool   // a page was there
}

// consumer is a table that gets the rows of a stream.
type consumer struct {
	unit *unit
	*source
}

// startStreams makes a source's list calls in a scope, for all units that have the same source.
func (r *run) startStreams(consumers []*consumer, to target, m made, parent *origin, ended func(), more func()) {
	c := consumers[0].call
	for _, combination := range c.each {
		s := &stream{run: r, call: c, to: to, parent: parent, input: m.input, ended: ended}
		if combination != nil {
			s.input = maps.Clone(m.input)
			maps.Copy(s.input, combination)
		}
		for _, x := range consumers {
			x.unit.begin()
			s.consumers = append(s.consumers, x)
		}
		more()
		r.prepare(c, to, m.first, func(err *provider.Error) {
			if err != nil {
				s.fail(err)
				return
			}
			s.ask("")
		})
	}
}

func (s *stream) ask(token string) {
	s.run.ask(&ask{
		account: s.to.account, name: s.call.name, optIn: s.call.spec.OptIn, level: s.to.level, list: true, next: token != "", share: s.call.shared, stat: s.to.stat,
		request: provider.Request{
			Scope: s.run.scope(s.to.account, s.to.region, s.call.service), Service: s.call.service, Op: s.call.op.Name,
			Older: s.call.spec.Older, Input: s.input, Page: token,
		},
		done: s.receive,
	})
}

// fail ends the stream. Rows that came before stay, and their cell says that some are missing.
func (s *stream) fail(err *provider.Error) {
	for _, c := range s.consumers {
		if c.meansAbsent(err) {
			c.unit.list.succeeded()
		} else {
			c.unit.list.fail(err.Class, err.Error())
		}
		c.unit.end()
	}
	s.ended()
}

func (s *stream) receive(answer *provider.Answer, err *provider.Error) {
	if err != nil {
		if s.begun {
			err = midway(err)
		}
		s.fail(err)
		return
	}
	s.begun = true
	page := s.run.newPage(len(answer.Document))
	here := s.consumers
	s.consumers = nil
	rows := make([][][]byte, len(here))
	for i, c := range here {
		var err error
		if rows[i], err = c.items.rows(answer.Document); err != nil {
			c.unit.list.fail(provider.Broken, broken(c.name, err).Error())
			continue
		}
		c.unit.list.succeeded()
		if answer.Next != "" {
			c.unit.begin() // for the next page, before this one ends
			s.consumers = append(s.consumers, c)
		}
	}
	last := len(s.consumers) == 0
	if !last {
		s.ask(answer.Next)
	}
	var in []byte
	for i, c := range here {
		if c.unit.table.input && in == nil {
			in = encodeInput(s.input)
		}
		c.unit.addRows(page, s.to.region, s.parent, in, rows[i])
		c.unit.relieve(s.parent != nil && last)
		c.unit.end()
	}
	page.release()
	if last {
		s.ended()
	}
}

// relieve sends batches that are not full where keeping them open costs more than it saves.
func (u *unit) relieve(parentEnded bool) {
	for _, b := range u.batches {
		if b != nil && (parentEnded && b.perParent() || u.run.queue.crowded()) {
			b.flush()
		}
	}
}

// feed asks for a row's children.
func (w *row) feed(src *source) {
	child := w.unit.family.units[src.table]
	if child == nil {
		return // committed in an earlier run
	}
	m := prepareCall(src.call, w.view())
	if m.skip != nil {
		if m.skip.state == answerUnknown {
			child.list.fail(m.skip.class, m.skip.cause)
		}
		return
	}
	to := target{account: w.unit.account, region: m.region, level: src.table.level, stat: &child.list}
	w.unit.run.startStreams([]*consumer{{child, src}}, to, m, w.origin, w.page.release, w.page.retain)
}
