// Package mapping turns resources of infrastructure code into rows of the tables that a live scan fills, by the mappings of the
// table specs. A row is a flat document with a key for each column that the code can tell. What is not known before apply makes
// its column unknown in that row, with the cause; the place in the code that each column came from is kept beside it.
// It reads no file and runs no SQL: the documents go the way of all others, through package inventory.
package mapping

import (
	"fmt"
	"slices"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// Mapper makes rows of the resources of one language. It is safe for concurrent use.
type Mapper struct {
	rules    map[string][]*rule           // by the type of the resource
	known    map[string]bool              // types that make rows, or say something about those that others make
	formulas map[string]map[string]string // templates by type and attribute
	symbols  map[string]string            // content.Code.Symbols of all providers
	code     content.Code                 // what all providers say else
	// partition is that of the provider whose tables have mappings.
	partition string
}

// rule is one mapping of one table.
type rule struct {
	table    *plan.Table
	provider *content.Provider
	mapping  *content.Mapping
	columns  []*column
	untold   []string // columns that other mappings of the table tell, and this one does not
	global   bool     // rows are in no region
}

// column is a mapped column with its type.
type column struct {
	*content.MappedColumn
	typ    *plan.Type
	as     string
	naming bool // the row's id or name rests on it
}

// Row is one row of a table.
type Row struct {
	Table    string
	Region   string
	Document []byte            // a JSON object by column
	Unknown  map[string]string // causes by column
	// No tells rows of one resource apart: it is the row's number in its unit, 0 for objects, which make one of a table.
	No int
	// Ranges are where columns were said, by column; those that the code leaves out are not there.
	Ranges   map[string]iac.Range
	Resource *iac.Resource
}

// Sections of table specs, by the kind of unit that they are for.
const (
	SectionTerraform      = "terraform"
	SectionCloudFormation = "cloudformation"
)

// sectionOf gives a table's mappings for a language.
func sectionOf(t *content.Table, section string) ([]*content.Mapping, error) {
	if section == SectionTerraform {
		return content.ParseMappings(t.Terraform)
	}
	return content.ParseMappings(t.CloudFormation)
}

// New makes a mapper of a language from prepared tables.
func New(tables map[string]*plan.Table, providers []*content.Provider, section string) (*Mapper, error) {
	m := &Mapper{rules: map[string][]*rule{}, known: map[string]bool{}, formulas: map[string]map[string]string{}, symbols: map[string]string{}, code: codeOf(providers)}
	byID := map[string]*content.Provider{}
	for _, p := range providers {
		byID[p.ID] = p
		for name, text := range p.Code.Symbols {
			m.symbols[name] = text
		}
	}
	for _, name := range sortedNames(tables) {
		t := tables[name]
		mappings, err := sectionOf(t.Spec, section)
		if err != nil {
			return nil, fmt.Errorf("table %s: %s: %w", name, section, err)
		}
		if len(mappings) > 0 && byID[t.Spec.Provider] != nil {
			m.partition = byID[t.Spec.Provider].Code.Partition
		}
		for _, mapping := range mappings {
			r, err := newRule(t, byID[t.Spec.Provider], mapping, tables)
			if err != nil {
				return nil, fmt.Errorf("table %s: %s: %w", name, section, err)
			}
			for _, typ := range mapping.Resources {
				m.rules[typ], m.known[typ] = append(m.rules[typ], r), true
			}
			m.setFormulas(mapping.Resources, mapping.Attributes)
			for _, c := range mapping.Companions {
				m.setFormulas(c.Resources, c.Attributes)
				for _, typ := range c.Resources {
					m.known[typ] = true
				}
			}
		}
	}
	return m, nil
}

func (m *Mapper) setFormulas(types []string, attributes []*content.Template) {
	for _, typ := range types {
		for _, a := range attributes {
			if m.formulas[typ] == nil {
				m.formulas[typ] = map[string]string{}
			}
			m.formulas[typ][a.Attribute] = a.Text
		}
	}
}

func sortedNames(tables map[string]*plan.Table) []string {
	names := make([]string, 0, len(tables))
	for name, t := range tables {
		if t.Spec != nil && t.Spec.List != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func newRule(t *plan.Table, p *content.Provider, mapping *content.Mapping, tables map[string]*plan.Table) (*rule, error) {
	r := &rule{table: t, provider: p, mapping: mapping, global: isGlobal(t, tables)}
	naming := map[string]bool{t.Spec.ID: true, t.Spec.NameColumn: true}
	types := map[string]string{}
	for _, c := range t.Columns {
		types[c.Name] = c.Type
		if c.Name == "id" || c.Name == "name" || naming[c.Name] {
			for _, rests := range c.Rests {
				naming[rests] = true
			}
		}
	}
	for _, mapped := range mapping.Columns {
		path := pathOf(t, mapped.Name)
		if path == nil {
			return nil, fmt.Errorf("columns.%s: the table has no such column with a path", mapped.Name)
		}
		typ, err := plan.ParseType(types[mapped.Name])
		if err != nil {
			return nil, fmt.Errorf("columns.%s: %w", mapped.Name, err)
		}
		if path.As != "" && path.List {
			typ = &plan.Type{Elem: &plan.Type{Leaf: "JSON"}}
		}
		r.columns = append(r.columns, &column{MappedColumn: mapped, typ: typ, as: path.As, naming: naming[mapped.Name] && path.As == ""})
	}
	r.untold = untold(t.Spec, mapping)
	return r, nil
}

// untold are the columns that some mapping of a table tells, in whichever language, but for those of one.
func untold(t *content.Table, mapping *content.Mapping) (names []string) {
	for _, section := range []any{t.Terraform, t.CloudFormation} {
		all, several := section.([]any)
		if !several {
			all = []any{section}
		}
		for _, one := range all {
			object, _ := one.(map[string]any)
			columns, _ := object["columns"].(map[string]any)
			for name := range columns {
				if !slices.ContainsFunc(mapping.Columns, func(c *content.MappedColumn) bool { return c.Name == name }) && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

func pathOf(t *plan.Table, column string) *plan.Path {
	for i := range t.Paths {
		if t.Paths[i].Column == column {
			return &t.Paths[i]
		}
	}
	return nil
}

// isGlobal tells whether live rows of a table are in no region.
func isGlobal(t *plan.Table, tables map[string]*plan.Table) bool {
	for depth := 0; t != nil && depth < len(tables); depth++ {
		if t.Spec.Region != "" || t.Spec.Scope == content.ScopeRegion {
			return false
		}
		if t.Spec.List == nil || t.Spec.List.For == "" {
			return true
		}
		t = tables[t.Spec.List.For]
	}
	return true
}

// Columns are those of a table that code in the mapper's language can tell, by name; nil if it can tell none. Where only some of
// the table's mappings tell one, the rows of the others say so.
func (m *Mapper) Columns(table string) map[string]*content.MappedColumn {
	var all map[string]*content.MappedColumn
	for _, rules := range m.rules {
		for _, r := range rules {
			if r.table.Name != table {
				continue
			}
			if all == nil {
				all = map[string]*content.MappedColumn{}
			}
			for _, c := range r.columns {
				all[c.Name] = c.MappedColumn.Or(all[c.Name])
			}
		}
	}
	return all
}
