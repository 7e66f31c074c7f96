package tfplan

import (
	"slices"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// mask says which parts of a value are sensitive, or known after apply. A nil mask says it of none.
type mask struct {
	all    bool
	fields map[string]*mask
	items  []*mask
}

// mask reads after_unknown and the like: a tree of the value's shape with true where it holds.
func (d *document) mask(at int) *mask {
	switch d.kind(at) {
	case jsonscan.Bool:
		if d.isTrue(at) {
			return &mask{all: true}
		}
	case jsonscan.Object:
		m := &mask{}
		for _, f := range d.members(at) {
			m.set(f.key, d.mask(f.at))
		}
		if m.fields != nil {
			return m
		}
	case jsonscan.List:
		m, some := &mask{}, false
		for _, item := range d.items(at) {
			one := d.mask(item)
			m.items = append(m.items, one)
			some = some || one != nil
		}
		if some {
			return m
		}
	}
	return nil
}

func (m *mask) set(key string, below *mask) {
	if below == nil {
		return
	}
	if m.fields == nil {
		m.fields = map[string]*mask{}
	}
	m.fields[key] = below
}

// sensitivePaths reads sensitive_attributes of a state file: paths of steps.
func (d *document) sensitivePaths(at int) *mask {
	all := &mask{}
	for _, path := range d.items(at) {
		here := all
		for _, step := range d.items(path) {
			value := d.get(step, "value")
			if d.string(d.get(step, "type")) == "index" && d.kind(value) == jsonscan.Object {
				value = d.get(value, "value")
			}
			switch d.kind(value) {
			case jsonscan.String:
				here = here.enter(d.string(value))
			case jsonscan.Number:
				here = here.enterItem(d.raw(value))
			default: // an element of a set is told by itself: the whole of the set is masked
				here.all = true
			}
		}
		here.all = true
	}
	if !all.all && all.fields == nil {
		return nil
	}
	return all
}

func (m *mask) enter(key string) *mask {
	if m.fields[key] == nil {
		m.set(key, &mask{})
	}
	return m.fields[key]
}

// mostItems is how far the items of a list are told apart.
const mostItems = 10_000

func (m *mask) enterItem(index string) *mask {
	n := 0
	for _, c := range index {
		if c < '0' || c > '9' || n > mostItems {
			n = mostItems + 1
			break
		}
		n = n*10 + int(c-'0')
	}
	if n > mostItems {
		m.all = true
		return m
	}
	if len(m.items) <= n {
		m.items = append(m.items, slices.Repeat([]*mask{nil}, n+1-len(m.items))...)
	}
	if m.items[n] == nil {
		m.items[n] = &mask{}
	}
	return m.items[n]
}

// has tells whether it is said of a whole value.
func (m *mask) has() bool { return m != nil && m.all }

func (m *mask) field(key string) *mask {
	if m == nil || m.all {
		return m
	}
	return m.fields[key]
}

func (m *mask) item(i int) *mask {
	switch {
	case m == nil || m.all:
		return m
	case i < len(m.items):
		return m.items[i]
	}
	return nil
}
