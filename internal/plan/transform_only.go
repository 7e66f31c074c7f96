package plan

import (
	"errors"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// pruned is a shape with nothing but some members, dotted, of its structures: what a vendor's types hold beyond what anybody asks
// would make columns that cost more than they tell.
func pruned(s *content.Shape, only []string) (*content.Shape, error) {
	if len(only) == 0 {
		return s, nil
	}
	switch s.Kind {
	case content.KindList, content.KindMap:
		elem, err := pruned(s.Elem, only)
		if err != nil {
			return nil, err
		}
		own := *s
		own.Elem = elem
		return &own, nil
	case content.KindStruct:
	default:
		return nil, errors.New("it is " + kindWords[s.Kind] + ", which has no members")
	}
	below := map[string][]string{}
	for _, path := range only {
		name, rest, deeper := strings.Cut(path, ".")
		if s.Member(name) == nil {
			return nil, &noMember{name: name, known: memberNames(s)}
		}
		if deeper {
			below[name] = append(below[name], rest)
		} else if below[name] == nil {
			below[name] = []string{}
		}
	}
	own := &content.Shape{Name: s.Name, Kind: content.KindStruct}
	for _, m := range s.Members {
		paths, wanted := below[m.Name]
		if !wanted {
			continue
		}
		if slices.Contains(only, m.Name) { // the whole of it
			paths = nil
		}
		shape, err := pruned(m.Shape, paths)
		if err != nil {
			return nil, prefixed(err, m.Name)
		}
		own.Members = append(own.Members, content.Member{Name: m.Name, Shape: shape, Required: m.Required})
	}
	return own, nil
}
