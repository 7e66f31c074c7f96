package plan

import "github.com/stancehq/stance/internal/content"

// older proves that what a call falls back to gives every path the same kind of value: older versions are taken for the new one
// only where nothing gets lost.
func (t *tableLinter) older(call *content.Call, key string) {
	now := t.documentsOf(t.spec)
	if len(call.Older) == 0 || now == nil {
		return
	}
	for _, op := range call.Older {
		if _, err := t.api.Operation(call.Service, op); err != nil {
			t.fail(key+".older", "", "older: %v", err)
			continue
		}
		then := t.documentsWith(call, op)
		for _, c := range t.spec.Columns {
			if c.Path == "" {
				continue
			}
			want, err := now.resolve(c.Path)
			if err != nil {
				continue // reported where the table is prepared
			}
			got, err := then.resolve(c.Path)
			switch {
			case err != nil:
				t.fail(key+".older", "a table of its own can read the older version", "older: %s does not have the path %s of column %s", op, c.Path, c.Name)
			case got.shape.Kind != want.shape.Kind || got.through != want.through:
				t.fail(key+".older", "a table of its own can read the older version", "older: in %s, column %s is %s, not %s",
					op, c.Name, kindWords[got.shape.Kind], kindWords[want.shape.Kind])
			}
		}
	}
}

// documentsWith are the documents of the table if one of its calls were made by another operation.
func (t *tableLinter) documentsWith(call *content.Call, op string) *documentShape {
	swap := func(calls []*content.Call) []*content.Call {
		out := make([]*content.Call, len(calls))
		for i, c := range calls {
			if out[i] = c; c == call {
				own := *c
				own.Op = op
				out[i] = &own
			}
		}
		return out
	}
	spec := *t.spec
	spec.List, spec.Also, spec.Get = swap([]*content.Call{spec.List})[0], swap(spec.Also), swap(spec.Get)
	p := &Preparer{api: t.api, specs: map[string]*content.Table{}}
	for _, other := range t.library.Tables {
		p.specs[other.Name] = other
	}
	return p.documents(&spec, func(string, string, string, ...any) {})
}
