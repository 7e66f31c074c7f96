package content

import "strconv"

// value is a piece of YAML that has its form, with its place. Methods may be called on nil, which stands for what was not
// written or was wrong and has been reported: they give the zero value, so that a file's other mistakes are found too.
type value struct {
	pos     Pos
	text    string   // of text and scalars, as written
	items   []*value // of a list
	entries []entry  // of an object or dict, in the order written
	free    any      // of what has the free form
}

// entry is a key and what is below it.
type entry struct {
	name string
	pos  Pos // of the key
	*value
}

// at gives what is below a key.
func (v *value) at(key string) *value {
	if v == nil {
		return nil
	}
	for _, e := range v.entries {
		if e.name == key {
			return e.value
		}
	}
	return nil
}

// has tells whether a key was written, even if what is below it is wrong.
func (v *value) has(key string) bool {
	if v == nil {
		return false
	}
	for _, e := range v.entries {
		if e.name == key {
			return true
		}
	}
	return false
}

// keyPos is the place of a key, or of the value itself where the key was not written.
func (v *value) keyPos(key string) Pos {
	if v == nil {
		return Pos{}
	}
	for _, e := range v.entries {
		if e.name == key {
			return e.pos
		}
	}
	return v.pos
}

func (v *value) string() string {
	if v == nil {
		return ""
	}
	return v.text
}

func (v *value) bool() bool { return v.string() == "true" }

func (v *value) int() int {
	n, _ := strconv.Atoi(v.string())
	return n
}

func (v *value) float() float64 {
	n, _ := strconv.ParseFloat(v.string(), 64)
	return n
}

func (v *value) any() any {
	if v == nil {
		return nil
	}
	return v.free
}

func (v *value) all() []*value {
	if v == nil {
		return nil
	}
	return v.items
}

func (v *value) each() []entry {
	if v == nil {
		return nil
	}
	return v.entries
}

// strings gives the texts of a list, or of one text in its place.
func (v *value) strings() []string {
	switch {
	case v == nil:
		return nil
	case v.items == nil && v.entries == nil && v.text != "":
		return []string{v.text}
	}
	var texts []string
	for _, item := range v.items {
		texts = append(texts, item.string())
	}
	return texts
}

// origin remembers the place of every key below the value.
func (v *value) origin() *Origin {
	o := &Origin{Pos: v.pos, Keys: map[string]Pos{}}
	o.note("", v)
	return o
}

func (o *Origin) note(prefix string, v *value) {
	if v == nil {
		return
	}
	for i, item := range v.items {
		if item != nil {
			key := prefix + strconv.Itoa(i)
			o.Keys[key] = item.pos
			o.note(key+".", item)
		}
	}
	for _, e := range v.entries {
		key := prefix + e.name
		o.Keys[key] = e.pos
		o.note(key+".", e.value)
	}
}
