package normalize

import (
	"strings"

	"github.com/stancehq/stance/internal/normalize/jsonscan"
)

// Masked stands where a secret value was.
const Masked = "[masked]"

// Mask replaces values in a JSON document. It is made once for a set of paths and safe for concurrent use.
type Mask struct {
	all  bool
	next map[string]*Mask
}

// NewMask makes a mask for dotted paths. A path goes through lists; a segment "*" is every key that no other path names. All
// that stands at its end is masked; the empty path is the whole document.
func NewMask(paths []string) *Mask {
	root := &Mask{}
	for _, path := range paths {
		node := root
		for segment := range strings.SplitSeq(path, ".") {
			if path == "" {
				break
			}
			if node.next == nil {
				node.next = map[string]*Mask{}
			}
			if node.next[segment] == nil {
				node.next[segment] = &Mask{}
			}
			node = node.next[segment]
		}
		node.all = true
	}
	return root
}

// Apply gives the document with every scalar at or below the paths replaced by Masked. Keys, nulls and the shape of the
// document stay, because they tell what is configured without telling the secret.
func (m *Mask) Apply(doc []byte) ([]byte, error) {
	out := make([]byte, 0, len(doc)+64)
	start := jsonscan.Space(doc, 0)
	out, end, err := m.apply(out, doc, start, 0)
	if err != nil {
		return nil, err
	}
	if rest := jsonscan.Space(doc, end); rest < len(doc) {
		return nil, &jsonscan.Error{Offset: rest, Message: "more text after the value"}
	}
	return out, nil
}

func (m *Mask) apply(out, doc []byte, i, depth int) ([]byte, int, error) {
	if depth > jsonscan.MaxDepth {
		return nil, i, &jsonscan.Error{Offset: i, Message: "nested too deeply"}
	}
	kind := jsonscan.Kind(doc, i)
	switch {
	case m == nil || kind == jsonscan.Null || !m.all && (m.next == nil || kind != jsonscan.Object && kind != jsonscan.List):
		end, err := jsonscan.Skip(doc, i)
		if err != nil {
			return nil, i, err
		}
		return append(out, doc[i:end]...), end, nil
	case kind == jsonscan.Object:
		return m.members(out, doc, i, depth)
	case kind == jsonscan.List:
		return m.items(out, doc, i, depth)
	}
	end, err := jsonscan.Skip(doc, i)
	if err != nil {
		return nil, i, err
	}
	return append(out, `"`+Masked+`"`...), end, nil
}

func (m *Mask) members(out, doc []byte, i, depth int) ([]byte, int, error) {
	out = append(out, '{')
	first := true
	end, err := jsonscan.Members(doc, i, func(key []byte, value int) (end int, err error) {
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(jsonscan.AppendQuoted(out, string(key)), ':')
		child := m
		if !m.all {
			if child = m.next[string(key)]; child == nil {
				child = m.next["*"]
			}
		}
		out, end, err = child.apply(out, doc, value, depth+1)
		return end, err
	})
	return append(out, '}'), end, err
}

func (m *Mask) items(out, doc []byte, i, depth int) ([]byte, int, error) {
	out = append(out, '[')
	first := true
	end, err := jsonscan.Items(doc, i, func(value int) (end int, err error) {
		if !first {
			out = append(out, ',')
		}
		first = false
		out, end, err = m.apply(out, doc, value, depth+1)
		return end, err
	})
	return append(out, ']'), end, err
}
