package mapping

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
)

// env is what sources are read in: a resource and, below each, an item of it.
type env struct {
	*unit
	rule     *rule
	resource *iac.Resource
	item     *iac.Value
	outer    []*iac.Value // items that a row's own lies in, the nearest last
	part     string       // of several rows of one resource, which
	region   string
}

// sight is from where the resource looks at others.
func (e *env) sight() sight { return sight{region: e.region, by: e.resource} }

// source reads a value; nil is one that is known not to be there.
func (e *env) source(s *content.Source) *iac.Value {
	if s.Each == "" && len(s.Where) > 0 {
		switch holds := e.holds(s.Where); {
		case holds.no:
			return nil
		case holds.cause != "":
			return &iac.Value{Kind: iac.Unknown, Cause: holds.cause, Range: holds.said}
		}
	}
	v := e.raw(s)
	switch {
	case s.Count:
		return count(v)
	case s.Set:
		return isSet(v)
	}
	if isAbsent(v) {
		switch {
		case s.Default != nil:
			return constant(s.Default)
		case s.Computed != "":
			return unknown("known after apply: " + s.Computed)
		}
		return nil
	}
	if s.Values != nil || s.Else != nil {
		v = translate(v, s)
	}
	if s.Base64 {
		v = e.base64(v)
	}
	return v
}

// base64 encodes text as far as it is known: references in it stand as they do elsewhere.
func (e *env) base64(v *iac.Value) *iac.Value {
	if v.Kind != iac.String {
		return v
	}
	text := v.Text
	if v.Parts != nil {
		text = e.text(v, e.sight())
	}
	return &iac.Value{Kind: iac.String, Text: base64.StdEncoding.EncodeToString([]byte(text)), Range: v.Range, Sensitive: v.Sensitive}
}

func (e *env) raw(s *content.Source) *iac.Value {
	switch {
	case s.HasValue:
		return constant(s.Value)
	case s.Text != "":
		return e.template(s.Text)
	case s.JSON != "":
		return fromJSON(e.path(s.JSON))
	case s.Attribute != "":
		return e.attribute(e.owner(), s.Attribute)
	case len(s.First) > 0:
		for _, one := range s.First {
			if v := e.source(one); !isAbsent(v) {
				return v
			}
		}
		return nil
	case len(s.Concat) > 0:
		return e.concat(s.Concat)
	case len(s.Merge) > 0:
		return e.merge(s.Merge)
	case s.Each != "":
		return e.each(s)
	case len(s.Members) > 0:
		return e.members(s.Members)
	}
	return e.path(s.Path)
}

func (e *env) concat(sources []*content.Source) *iac.Value {
	all := &iac.Value{Kind: iac.List}
	there := false
	for _, one := range sources {
		v := e.source(one)
		switch {
		case isAbsent(v):
			continue
		case v.Kind == iac.List:
			all.Items = append(all.Items, v.Items...)
			if all.Open == "" {
				all.Open = v.Open
			}
		default:
			all.Items = append(all.Items, v)
		}
		there = true
	}
	if !there {
		return nil
	}
	return all
}

func (e *env) merge(sources []*content.Source) *iac.Value {
	all := &iac.Value{Kind: iac.Object}
	there := false
	for _, one := range sources {
		v := e.source(one)
		if isAbsent(v) {
			continue
		}
		if v = alone(v); v.Kind != iac.Object {
			return v // unknown, most likely
		}
		there = true
		if all.Open == "" {
			all.Open = v.Open
		}
		for _, f := range v.Fields {
			set(all, f.Key, f.Value)
		}
	}
	if !there {
		return nil
	}
	return all
}

// each makes a value of each item at a path.
func (e *env) each(s *content.Source) *iac.Value {
	from := e.path(s.Each)
	switch {
	case isAbsent(from):
		return nil
	case from.Kind == iac.Unknown:
		return from
	case from.Kind != iac.List:
		from = &iac.Value{Kind: iac.List, Items: []*iac.Value{from}, Range: from.Range}
	}
	all := &iac.Value{Kind: iac.List, Open: from.Open, Range: from.Range}
	for _, item := range from.Items {
		inner := *e
		inner.item = item
		if doubt := doubtOf(item); doubt != "" {
			all.Open = doubt
			continue
		}
		switch holds := inner.holds(s.Where); {
		case holds.no:
			continue
		case holds.cause != "":
			all.Open = holds.cause
			continue
		}
		var made *iac.Value
		if s.Item != nil {
			made = inner.source(s.Item)
		} else {
			made = inner.members(s.Members)
		}
		if made == nil {
			continue
		}
		if made.Range.IsZero() {
			placed := *made
			placed.Range = item.Range
			made = &placed
		}
		all.Items = append(all.Items, made)
	}
	return all
}

// members makes an object. One of which no member is there is not there either.
func (e *env) members(members []*content.MappedMember) *iac.Value {
	made := &iac.Value{Kind: iac.Object}
	for _, m := range members {
		v := e.source(m.Source)
		if isAbsent(v) {
			continue
		}
		at := made
		name := m.Name
		for {
			first, rest, deeper := strings.Cut(name, ".")
			if !deeper {
				break
			}
			next := at.Get(first)
			if next == nil {
				next = &iac.Value{Kind: iac.Object}
				at.Fields = append(at.Fields, iac.Field{Key: first, Value: next})
			}
			at, name = next, rest
		}
		set(at, name, v)
	}
	if len(made.Fields) == 0 {
		return nil
	}
	return made
}

func set(object *iac.Value, key string, v *iac.Value) {
	for i := range object.Fields {
		if object.Fields[i].Key == key {
			object.Fields[i].Value = v
			return
		}
	}
	object.Fields = append(object.Fields, iac.Field{Key: key, Value: v})
}

// translate turns the code's words into the vendor's.
func translate(v *iac.Value, s *content.Source) *iac.Value {
	switch v.Kind {
	case iac.List:
		all := *v
		all.Items = nil
		for _, item := range v.Items {
			all.Items = append(all.Items, translate(item, s))
		}
		return &all
	case iac.Unknown:
		if len(v.Either) == 0 {
			return v
		}
		all := *v
		all.Either = nil
		for _, one := range v.Either {
			if isAbsent(one) {
				all.Either = append(all.Either, one)
			} else {
				all.Either = append(all.Either, translate(one, s))
			}
		}
		return &all
	}
	if to, ok := s.Values[v.Text]; ok && v.Parts == nil {
		meant := constant(to)
		if meant == nil {
			return nil
		}
		meant.Range = v.Range
		return meant
	}
	if s.Else != nil {
		meant := constant(s.Else)
		meant.Range = v.Range
		return meant
	}
	return v
}

func count(v *iac.Value) *iac.Value {
	switch {
	case isAbsent(v):
		return &iac.Value{Kind: iac.Number, Text: "0"}
	case v.Kind == iac.List && v.Open == "":
		for _, item := range v.Items {
			if doubt := doubtOf(item); doubt != "" {
				return unknown(doubt)
			}
		}
		return &iac.Value{Kind: iac.Number, Text: strconv.Itoa(len(v.Items)), Range: v.Range}
	case v.Kind == iac.List:
		return unknown(v.Open)
	case v.Kind == iac.Unknown:
		return v
	}
	return &iac.Value{Kind: iac.Number, Text: "1", Range: v.Range}
}

// isSet tells whether there is something. An attribute of another resource is there, whatever it will be.
func isSet(v *iac.Value) *iac.Value {
	text := "true"
	switch {
	case isAbsent(v):
		return &iac.Value{Kind: iac.Bool, Text: "false"}
	case v.Kind == iac.Unknown && v.Symbol == nil:
		return v
	case v.Kind == iac.List && len(v.Items) == 0:
		if v.Open != "" {
			return unknown(v.Open)
		}
		text = "false"
	case v.Kind == iac.List && !slices.ContainsFunc(v.Items, func(item *iac.Value) bool { return doubtOf(item) == "" }):
		return unknown(doubtOf(v.Items[0]))
	case v.Kind == iac.String && v.Text == "" && v.Parts == nil:
		text = "false"
	}
	return &iac.Value{Kind: iac.Bool, Text: text, Range: v.Range}
}

// doubtOf says why it is not known whether an item of a list is there, or what it is; nothing of one that is.
func doubtOf(item *iac.Value) string {
	if item.Is(iac.Unknown) && item.Symbol == nil && len(item.Either) == 0 {
		return causeOf(item)
	}
	return ""
}

func unknown(cause string) *iac.Value { return &iac.Value{Kind: iac.Unknown, Cause: cause} }

func isAbsent(v *iac.Value) bool { return v == nil || v.Kind == iac.Null }

// constant makes a value of one that a mapping names.
func constant(v any) *iac.Value {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return &iac.Value{Kind: iac.Bool, Text: strconv.FormatBool(v)}
	case int64, float64, int:
		return &iac.Value{Kind: iac.Number, Text: fmt.Sprint(v)}
	case string:
		return &iac.Value{Kind: iac.String, Text: v}
	case []any:
		list := &iac.Value{Kind: iac.List}
		for _, item := range v {
			list.Items = append(list.Items, constant(item))
		}
		return list
	case map[string]any:
		object := &iac.Value{Kind: iac.Object}
		for _, key := range sortedKeys(v) {
			object.Fields = append(object.Fields, iac.Field{Key: key, Value: constant(v[key])})
		}
		return object
	}
	return unknown(fmt.Sprintf("the mapping's constant %v", v))
}
