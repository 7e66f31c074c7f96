package mapping

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// path reads a path of a source: below the item, the companions of a name or the provider's configuration.
func (e *env) path(path string) *iac.Value {
	from, below, ok := strings.Cut(path, "/")
	switch {
	case !ok:
		return descend(e.item, path)
	case from == "provider":
		return descend(e.resource.Provider.Body, below)
	case from == "":
		return descend(e.resource.Body, below)
	case from == "..":
		return e.outward(below)
	}
	for _, c := range e.rule.mapping.Companions {
		if c.Name == from {
			return descend(e.companions(c), below)
		}
	}
	return unknown("the mapping names no companion " + from)
}

// outward reads a path in the item that a row's own lies in; ../ goes further out.
func (e *env) outward(path string) *iac.Value {
	at := len(e.outer) - 1
	for ; strings.HasPrefix(path, "../"); at-- {
		path = path[len("../"):]
	}
	if at < 0 {
		return unknown("the mapping goes out of the resource")
	}
	return descend(e.outer[at], path)
}

// descend follows a dotted path. Lists on the way are mapped over, and the list of what is there is the value.
func descend(v *iac.Value, path string) *iac.Value {
	if path == "." || path == "" {
		return v
	}
	for path != "" && !isAbsent(v) {
		switch v.Kind {
		case iac.Unknown:
			return descendEither(v, path)
		case iac.List:
			return descendList(v, path)
		case iac.Object:
		default:
			return nil
		}
		segment, rest, _ := strings.Cut(path, ".")
		next := v.Get(segment)
		if next == nil && v.Open != "" {
			return unknown(v.Open)
		}
		v, path = next, rest
	}
	return v
}

func descendEither(v *iac.Value, path string) *iac.Value {
	if len(v.Either) == 0 {
		if v.Symbol != nil { // an attribute of an attribute: no longer exactly it
			return &iac.Value{Kind: iac.Unknown, Cause: causeOf(v), Range: v.Range}
		}
		return v
	}
	below := *v
	below.Either = nil
	for _, one := range v.Either {
		if one = descend(one, path); one == nil {
			one = &iac.Value{Kind: iac.Null}
		}
		below.Either = append(below.Either, one)
	}
	return &below
}

func descendList(v *iac.Value, path string) *iac.Value {
	all := &iac.Value{Kind: iac.List, Open: v.Open, Range: v.Range}
	for _, item := range v.Items {
		switch below := descend(item, path); {
		case isAbsent(below):
		case below.Kind == iac.List:
			all.Items = append(all.Items, below.Items...)
			if all.Open == "" {
				all.Open = below.Open
			}
		default:
			all.Items = append(all.Items, below)
		}
	}
	if len(all.Items) == 0 && all.Open == "" {
		return nil
	}
	if len(all.Items) > 0 {
		all.Range = all.Items[0].Range
	}
	return all
}

// causeOf says why a value is unknown, in words.
func causeOf(v *iac.Value) string {
	switch {
	case v.Cause != "":
		return v.Cause
	case v.Symbol != nil:
		return "known after apply: " + strings.Trim(v.Symbol.String(), "${}")
	}
	return "known after apply"
}

// held is the answer to conditions: they hold, they do not, or it is not known for a cause.
type held struct {
	no    bool
	cause string
	said  iac.Range // where what is not known was said
}

// holds asks all conditions of a mapping. One that is known not to hold decides, whatever the others are.
func (e *env) holds(conditions []content.Condition) (all held) {
	for _, c := range conditions {
		one := e.holdsOne(c)
		if one.no {
			return one
		}
		if all.cause == "" {
			all = one
		}
	}
	return all
}

func (e *env) holdsOne(c content.Condition) held {
	v := e.path(c.Path)
	holds := holdsValue(v, c)
	if v != nil && v.Kind == iac.Unknown && len(v.Either) > 0 {
		holds = e.holdsEither(v, c)
	}
	if holds.cause != "" {
		holds.said = rangeOf(v)
	}
	return holds
}

func (e *env) holdsEither(v *iac.Value, c content.Condition) held {
	first := holdsValue(v.Either[0], c)
	for _, other := range v.Either[1:] {
		if holdsValue(other, c) != first {
			return held{cause: causeOf(v)}
		}
	}
	return first
}

func holdsValue(v *iac.Value, c content.Condition) held {
	if c.Contains != "" {
		return contains(v, strings.ToLower(c.Contains))
	}
	if len(c.Values) == 0 || slices.Equal(c.Values, []string{""}) { // something, or nothing, is there
		is := isSet(v)
		if is.Kind == iac.Unknown {
			return held{cause: causeOf(is)}
		}
		nothing := len(c.Values) > 0 && !c.Not
		return held{no: is.Text == strconv.FormatBool(nothing)}
	}
	if v != nil && v.Kind == iac.List && len(v.Items) == 1 {
		v = v.Items[0]
	}
	switch {
	case isAbsent(v):
		return held{no: !c.Not && !slices.Contains(c.Values, "")}
	case v.Kind == iac.Unknown:
		return held{cause: causeOf(v)}
	case v.Parts != nil:
		return held{no: !c.Not} // it will be some text, but hardly one of the words
	}
	return held{no: slices.ContainsFunc(c.Values, func(word string) bool { return strings.EqualFold(word, v.Text) }) == c.Not}
}

// contains tells whether a text in lower case occurs in a value, or anywhere in a structure, whatever the case of letters. What
// symbols will be is left out of account.
func contains(v *iac.Value, text string) held {
	if v == nil {
		return held{no: true}
	}
	cause := v.Open
	if v.Kind == iac.Unknown && v.Symbol == nil && len(v.Either) == 0 {
		cause = causeOf(v)
	}
	found := strings.Contains(strings.ToLower(v.Text), text)
	for _, part := range v.Parts {
		found = found || strings.Contains(strings.ToLower(part.Text), text)
	}
	below := slices.Concat(v.Items, v.Either)
	for _, f := range v.Fields {
		found = found || strings.Contains(strings.ToLower(f.Key), text)
		below = append(below, f.Value)
	}
	for _, one := range below {
		switch in := contains(one, text); {
		case in.cause != "":
			cause = in.cause
		case !in.no:
			found = true
		}
	}
	if found {
		return held{}
	}
	return held{no: cause == "", cause: cause}
}
