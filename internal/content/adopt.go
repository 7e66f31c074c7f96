package content

import (
	"cmp"
	"fmt"
	"slices"
)

// Adopted is a parameter whose value is that which a framework asks for.
type Adopted struct {
	Check, Param string
	Value        any
}

// Adopt gives parameters of checks the values that requirements of frameworks rest on, so that a failure and a pass both answer
// them: the strictest where frameworks differ. What the user has set stays. It tells what is not as by default.
func (s *Settings) Adopt(l *Library, frameworks []*Framework) []Adopted {
	type key struct{ check, param string }
	bounds, order := map[key][]Require{}, []key{}
	for _, f := range frameworks {
		for _, r := range f.Requirements {
			for _, b := range r.Requires {
				k := key{b.Check, b.Param}
				if bounds[k] == nil {
					order = append(order, k)
				}
				bounds[k] = append(bounds[k], b)
			}
		}
	}
	var adopted []Adopted
	for _, k := range order {
		check := l.Check(k.check)
		if check == nil || check.Param(k.param) == nil {
			continue
		}
		if _, set := s.checks[k.check][k.param]; set {
			continue
		}
		value := asked(bounds[k], check.Param(k.param).Default)
		if fmt.Sprint(value) == fmt.Sprint(check.Param(k.param).Default) {
			continue
		}
		if s.checks[k.check] == nil {
			s.checks[k.check] = map[string]any{}
		}
		s.checks[k.check][k.param] = value
		adopted = append(adopted, Adopted{k.check, k.param, value})
	}
	slices.SortFunc(adopted, func(a, b Adopted) int {
		return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.Param, b.Param))
	})
	return adopted
}

// asked is the value that bounds ask for: what must be equal, else the least of the highest allowed, else the highest of the least
// wanted, else the default with what must be in it.
func asked(bounds []Require, byDefault any) any {
	var most, least, equal, list any
	for _, b := range bounds {
		switch b.Bound {
		case BoundEquals:
			equal = b.Value
		case BoundMost:
			if most == nil || less(b.Value, most) {
				most = b.Value
			}
		case BoundLeast:
			if least == nil || less(least, b.Value) {
				least = b.Value
			}
		case BoundIncludes:
			list = union(list, byDefault, b.Value)
		}
	}
	for _, value := range []any{equal, most, least, list} {
		if value != nil {
			return value
		}
	}
	return byDefault
}

func less(a, b any) bool {
	switch a := a.(type) {
	case int64:
		b, ok := b.(int64)
		return ok && a < b
	case float64:
		b, ok := b.(float64)
		return ok && a < b
	}
	return false
}

func union(lists ...any) any {
	var all []string
	for _, list := range lists {
		texts, _ := list.([]string)
		for _, text := range texts {
			if !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}
