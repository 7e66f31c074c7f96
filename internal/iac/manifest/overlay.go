package manifest

import "github.com/stancehq/stance/internal/iac"

// lay gives a value the place of the first of its sources that has the same there; else that of what it lies in.
func lay(v *iac.Value, from []*iac.Value, at iac.Range) {
	v.Range = at
	for i, item := range v.Items {
		below, here := []*iac.Value{}, at
		for _, f := range from {
			if same := counterpart(f, item, i); same != nil {
				below = append(below, same)
			}
		}
		if len(below) > 0 {
			here = below[len(below)-1].Range
		}
		lay(item, below, here)
	}
	if len(v.Fields) == 0 {
		return
	}
	gets := make([]func(string) *iac.Value, len(from))
	for i, f := range from {
		gets[i] = getter(f)
	}
	for _, field := range v.Fields {
		below, here, found := []*iac.Value{}, at, false
		for _, get := range gets {
			if one := get(field.Key); one != nil {
				below = append(below, one)
				if !found && (one.Kind == iac.Object || one.Kind == iac.List || one.Text == field.Value.Text) {
					here, found = one.Range, true
				}
			}
		}
		if n := len(below); n > 0 && (!found || len(field.Value.Fields)+len(field.Value.Items) > 0) {
			here = below[n-1].Range // the original's, rather than a patch's
		}
		lay(field.Value, below, here)
	}
}

// searched is how many fields or items are looked through one by one.
const searched = 500

// getter finds fields, of large objects too.
func getter(v *iac.Value) func(string) *iac.Value {
	if !v.Is(iac.Object) || len(v.Fields) < searched {
		return v.Get
	}
	index := make(map[string]*iac.Value, len(v.Fields))
	for _, f := range v.Fields {
		index[f.Key] = f.Value
	}
	return func(key string) *iac.Value { return index[key] }
}

// counterpart is the item of a source's list that became an item: that of the same name, or the same one, or at its place.
func counterpart(source, item *iac.Value, i int) *iac.Value {
	if !source.Is(iac.List) {
		return nil
	}
	if name := scalar(item.Get("name")); name != "" && len(source.Items) < searched {
		for _, one := range source.Items {
			if scalar(one.Get("name")) == name {
				return one
			}
		}
		return nil
	}
	if len(source.Items) < searched {
		for _, one := range source.Items {
			if equal(one, item) {
				return one
			}
		}
	}
	if i < len(source.Items) && source.Items[i].Kind == item.Kind && (item.Kind == iac.Object || equal(source.Items[i], item)) {
		return source.Items[i]
	}
	return nil
}
