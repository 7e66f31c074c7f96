package mapping

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// Objects makes rows of Kubernetes objects. They are documents as the API server gives them, so that a table needs no mapping: the
// call that lists its rows says which kind they are. It is safe for concurrent use.
type Objects struct {
	kinds map[string][]*objectRule // by group/resource
}

type objectRule struct {
	table     *plan.Table
	provider  *content.Provider
	versions  []string
	namespace string
	selector  labels.Selector
	live      map[string]bool // path columns that other calls fill
}

// NewObjects makes the rules of the tables whose rows are objects that may stand in a manifest.
func NewObjects(tables map[string]*plan.Table, provider *content.Provider) (*Objects, error) {
	o := &Objects{kinds: map[string][]*objectRule{}}
	for _, name := range sortedNames(tables) {
		t := tables[name]
		if t.Spec.Provider != provider.ID || t.Spec.Live {
			continue
		}
		for _, call := range append([]*content.Call{t.Spec.List}, t.Spec.Also...) {
			version, resource, ok := strings.Cut(call.Op, "/")
			if !ok || call.For != "" || call.Items != "items" || strings.Contains(resource, "/") {
				continue
			}
			r := &objectRule{table: t, provider: provider, versions: []string{version}, selector: labels.Everything(), live: map[string]bool{}}
			for _, older := range call.Older {
				if v, same, _ := strings.Cut(older, "/"); same == resource {
					r.versions = append(r.versions, v)
				}
			}
			for _, in := range call.With {
				text := fmt.Sprint(in.Value)
				switch in.Member {
				case "namespace":
					r.namespace = text
				case "labelSelector":
					selector, err := labels.Parse(text)
					if err != nil {
						return nil, fmt.Errorf("table %s: %w", name, err)
					}
					r.selector = selector
				}
			}
			for _, path := range t.Paths {
				first, _, _ := strings.Cut(path.Path, ".")
				if first == "parent" || first == "input" || t.Spec.Group(first) != nil {
					r.live[path.Column] = true
				}
			}
			key := call.Service + "/" + resource
			o.kinds[key] = append(o.kinds[key], r)
		}
	}
	return o, nil
}

// Rows makes the rows of a unit, and tells for each type that made none how many resources it has.
func (o *Objects) Rows(of *iac.Unit, _ Place) (rows []*Row, unmapped map[string]int) {
	unmapped = map[string]int{}
	for _, r := range of.Resources {
		group, version, resource := resourceOf(r.Type)
		made := false
		for _, rule := range slices.Concat(o.kinds[group+"/"+resource], o.kinds[group+"/*"]) {
			if rule.takes(r, version) {
				rows = append(rows, rule.row(r))
				made = true
			}
		}
		if !made && len(o.kinds[group+"/"+resource]) == 0 {
			unmapped[r.Type]++
		}
	}
	return rows, unmapped
}

// Account is empty: objects are in a cluster, whichever it is.
func (o *Objects) Account(*iac.Unit) string { return "" }

// Columns are those of a table that manifests can tell, by name; nil if they can tell none.
func (o *Objects) Columns(table string) map[string]*content.MappedColumn {
	for _, rules := range o.kinds {
		for _, r := range rules {
			if r.table.Name != table {
				continue
			}
			columns := map[string]*content.MappedColumn{}
			for _, path := range r.table.Paths {
				if !r.live[path.Column] {
					columns[path.Column] = &content.MappedColumn{Name: path.Column}
				}
			}
			return columns
		}
	}
	return nil
}

// resourceOf takes apps/v1/Deployment apart, with the name under which the API server lists the kind.
func resourceOf(typ string) (group, version, resource string) {
	parts := strings.Split(typ, "/")
	kind := parts[len(parts)-1]
	group = "core"
	switch len(parts) {
	case 3:
		group, version = parts[0], parts[1]
	case 2:
		version = parts[0]
	}
	name := strings.ToLower(kind)
	switch {
	case name == "endpoints":
		resource = name
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"):
		resource = name + "es"
	case strings.HasSuffix(name, "y") && !strings.HasSuffix(name, "ay") && !strings.HasSuffix(name, "ey"):
		resource = name[:len(name)-1] + "ies"
	default:
		resource = name + "s"
	}
	return group, version, resource
}

func (r *objectRule) takes(object *iac.Resource, version string) bool {
	meta := object.Body.Get("metadata")
	if !slices.Contains(r.versions, version) || r.namespace != "" && textOf(meta.Get("namespace")) != r.namespace {
		return false
	}
	set := labels.Set{}
	if all := meta.Get("labels"); all != nil {
		for _, f := range all.Fields {
			set[f.Key] = textOf(f.Value)
		}
	}
	return r.selector.Matches(set)
}

func textOf(v *iac.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}

func (r *objectRule) row(object *iac.Resource) *Row {
	row := &Row{Table: r.table.Name, Resource: object, Region: globalRegion, Unknown: map[string]string{}, Ranges: map[string]iac.Range{}}
	if r.table.Spec.Region != "" {
		if region := textOf(descend(object.Body, r.table.Spec.Region)); region != "" {
			row.Region = region
		}
	}
	w := writer{env: &env{unit: &unit{Mapper: &Mapper{}}, resource: object}, opaque: true, lenient: true}
	doc, ok := w.free(nil, object.Body)
	if !ok || len(doc) < 2 || doc[0] != '{' {
		doc = []byte("{}")
	}
	for _, path := range r.table.Paths {
		if r.live[path.Column] {
			row.Unknown[path.Column] = Unsaid + "manifests do not tell it"
			continue
		}
		value := descend(object.Body, path.Path)
		if cause := openIn(value); cause != "" {
			row.Unknown[path.Column] = cause
		}
		if said := rangeOf(value); !said.IsZero() {
			row.Ranges[path.Column] = said
		}
	}
	doc = doc[:len(doc)-1]
	if len(doc) > 1 {
		doc = append(doc, ',')
	}
	row.Document = append(appendCode(doc, row), '}')
	return row
}

// Unsaid begins causes of columns that code can never tell. Findings that rest on one are no findings about code.
const Unsaid = "live only: "

// serverFills is the cause of what only the cluster fills in: status, the node. A manifest is judged as what it makes is at first,
// before anything of it is there.
const serverFills = "known after apply"

// openIn says why something in a value is not known; empty if all of it is.
func openIn(v *iac.Value) string {
	switch {
	case v == nil:
		return ""
	case v.Kind == iac.Unknown && v.Cause == serverFills:
		return ""
	case v.Kind == iac.Unknown:
		return causeOf(v)
	case v.Open != "":
		return v.Open
	}
	for _, item := range v.Items {
		if cause := openIn(item); cause != "" {
			return cause
		}
	}
	for _, f := range v.Fields {
		if cause := openIn(f.Value); cause != "" {
			return cause
		}
	}
	return ""
}
