package compliance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// asked says in words how the parameters that a check was asked with differ from what the requirement rests on. Where they are looser,
// what passes is in doubt, and what fails would fail all the same; where they are stricter it is the other way round.
func (a *assessor) asked(r *content.Requirement, check *content.Check) (loose, strict string) {
	var values map[string]any
	for _, bound := range r.Requires {
		if bound.Check != check.ID {
			continue
		}
		if values == nil {
			values = a.Params(check.ID)
		}
		value, has := values[bound.Param]
		switch {
		case !has:
			return fmt.Sprintf("%s is not known, %s is wanted", bound.Param, want(bound)), ""
		case !within(bound, value):
			return fmt.Sprintf("it was asked with %s = %v, but %s is wanted", bound.Param, value, want(bound)), ""
		case stricter(bound, value) && !exact(r.Requires, bound, value):
			strict = fmt.Sprintf("it fails with %s = %v, but %s is enough", bound.Param, value, want(bound))
		}
	}
	return "", strict
}

// stricter says whether a value that is within a bound asks for more than it.
func stricter(b content.Require, value any) bool {
	limit, ok := number(b.Value)
	n, known := number(value)
	return ok && known && (b.Bound == content.BoundMost || b.Bound == content.BoundLeast) && n != limit
}

// exact says whether another bound of the parameter is met exactly, as at one end of a range.
func exact(all []content.Require, b content.Require, value any) bool {
	return slices.ContainsFunc(all, func(o content.Require) bool {
		return o.Check == b.Check && o.Param == b.Param && o.Bound != b.Bound && within(o, value) && !stricter(o, value)
	})
}

func want(b content.Require) string {
	words := map[string]string{content.BoundMost: "at most", content.BoundLeast: "at least", content.BoundEquals: "exactly", content.BoundIncludes: "a list that includes"}
	value := fmt.Sprint(b.Value)
	if list, ok := texts(b.Value); ok {
		value = strings.Join(list, ", ")
	}
	return words[b.Bound] + " " + value
}

// within compares a value with a bound. Values may come from JSON, where all numbers are alike.
func within(b content.Require, value any) bool {
	if limit, ok := number(b.Value); ok {
		n, ok := number(value)
		switch {
		case !ok:
			return false
		case b.Bound == content.BoundMost:
			return n <= limit
		case b.Bound == content.BoundLeast:
			return n >= limit
		}
		return n == limit
	}
	if wanted, ok := texts(b.Value); ok {
		list, ok := texts(value)
		if !ok || b.Bound == content.BoundEquals && len(list) != len(wanted) {
			return false
		}
		return !slices.ContainsFunc(wanted, func(w string) bool { return !slices.Contains(list, w) })
	}
	return b.Value == value
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

func texts(v any) ([]string, bool) {
	switch list := v.(type) {
	case []string:
		return list, true
	case []any:
		out := make([]string, len(list))
		for i, x := range list {
			s, ok := x.(string)
			if !ok {
				return nil, false
			}
			out[i] = s
		}
		return out, true
	}
	return nil, false
}
