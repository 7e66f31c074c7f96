package manifest

import "github.com/stancehq/stance/internal/iac"

// plain is a text that nobody wrote.
func plain(text string) *iac.Value { return &iac.Value{Kind: iac.String, Text: text} }

func yes() *iac.Value { return &iac.Value{Kind: iac.Bool, Text: "true"} }

func number(digits string) *iac.Value { return &iac.Value{Kind: iac.Number, Text: digits} }

func list(items ...*iac.Value) *iac.Value { return &iac.Value{Kind: iac.List, Items: items} }

// object is one of keys and values in turn, without the values that are nil.
func object(pairs ...any) *iac.Value {
	v := &iac.Value{Kind: iac.Object}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := pairs[i+1].(*iac.Value); value != nil {
			v.Fields = append(v.Fields, iac.Field{Key: pairs[i].(string), Value: value})
		}
	}
	return v
}

// put is the object with a field set; the object itself stays as it is.
func put(v *iac.Value, key string, value *iac.Value) *iac.Value {
	if value == nil {
		value = &iac.Value{}
	}
	out := iac.Value{Kind: iac.Object}
	if v.Is(iac.Object) {
		out = *v
	}
	out.Fields = make([]iac.Field, 0, len(out.Fields)+1)
	found := false
	if v.Is(iac.Object) {
		for _, f := range v.Fields {
			if f.Key == key {
				f.Value, found = value, true
			}
			out.Fields = append(out.Fields, f)
		}
	}
	if !found {
		out.Fields = append(out.Fields, iac.Field{Key: key, Value: value})
	}
	return &out
}

// fill is the object with a field set if it has none, or null.
func fill(v *iac.Value, key string, value *iac.Value) *iac.Value {
	if !v.Get(key).Is(iac.Null) {
		return v
	}
	return put(v, key, value)
}

// clone is a copy that shares nothing.
func clone(v *iac.Value) *iac.Value {
	if v == nil {
		return nil
	}
	out := *v
	out.Items = nil
	if v.Items != nil {
		out.Items = make([]*iac.Value, len(v.Items))
		for i, item := range v.Items {
			out.Items[i] = clone(item)
		}
	}
	out.Fields = nil
	if v.Fields != nil {
		out.Fields = make([]iac.Field, len(v.Fields))
		for i, f := range v.Fields {
			out.Fields[i] = iac.Field{Key: f.Key, Value: clone(f.Value)}
		}
	}
	return &out
}

// equal tells that two values are the same, wherever they were written.
func equal(a, b *iac.Value) bool {
	if a == nil || b == nil {
		return a.Is(iac.Null) && b.Is(iac.Null)
	}
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Items {
		if !equal(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for i := range a.Fields {
		if a.Fields[i].Key != b.Fields[i].Key || !equal(a.Fields[i].Value, b.Fields[i].Value) {
			return false
		}
	}
	return true
}
