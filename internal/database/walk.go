package database

import (
	"encoding/json"
	"fmt"
	"strings"
)

// walker collects names from a serialized parse tree.
type walker struct {
	statement *Statement
	ctes      map[string]bool
	tables    []tableName
}

type tableName struct {
	name      string
	qualified bool
}

func (w *walker) walk(node any) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			w.walk(child)
		}
	case map[string]any:
		w.object(n)
		for _, child := range n {
			w.walk(child)
		}
	}
}

func (w *walker) object(n map[string]any) {
	s := w.statement
	if alias := text(n, "alias"); alias != "" {
		s.Aliases = append(s.Aliases, alias)
	}
	for _, key := range []string{"column_name_alias", "aliases", "unpivot_names"} {
		names, _ := n[key].([]any)
		for _, name := range names {
			if name, ok := name.(string); ok {
				s.Aliases = append(s.Aliases, strings.ToLower(name))
			}
		}
	}
	if sample, ok := n["sample"]; ok && sample != nil {
		s.sampled = true
	}
	if m, ok := n["cte_map"].(map[string]any); ok {
		entries, _ := m["map"].([]any)
		for _, entry := range entries {
			entry, _ := entry.(map[string]any)
			w.ctes[text(entry, "key")] = true
		}
	}
	if name := text(n, "function_name"); name != "" {
		s.Functions = append(s.Functions, name)
		if schema := text(n, "schema"); schema != "" && schema != "main" && schema != "pg_catalog" {
			s.faults = append(s.faults, fmt.Sprintf("functions of the schema %q may not be used", schema))
		}
	}
	if _, ok := n["node"]; ok {
		w.node(n["node"])
	}
	w.reference(n)
	w.expression(n)
}

// node checks the kind of a statement or subquery.
func (w *walker) node(node any) {
	n, _ := node.(map[string]any)
	if kind, _ := n["type"].(string); !nodeTypes[kind] {
		w.statement.faults = append(w.statement.faults, fmt.Sprintf("a statement of kind %q is not allowed", kind))
	}
}

// reference handles what stands in FROM.
func (w *walker) reference(n map[string]any) {
	s := w.statement
	for _, key := range []string{"from_table", "left", "right", "source"} {
		ref, ok := n[key].(map[string]any)
		if !ok || ref["class"] != nil {
			continue // an expression
		}
		kind, _ := ref["type"].(string)
		if !refTypes[kind] && !nodeTypes[kind] && kind != "SHOW_REF" {
			s.faults = append(s.faults, fmt.Sprintf("%q in FROM is not allowed", kind))
		}
	}
	switch n["type"] {
	case "SHOW_REF":
		s.faults = append(s.faults, "SHOW, DESCRIBE and SUMMARIZE are not allowed: `stance tables` lists the tables, and `stance tables NAME` the columns of one (in the shell: .tables, .schema NAME)")
	case "BASE_TABLE":
		t := tableName{name: text(n, "table_name")}
		schema, catalog := text(n, "schema_name"), text(n, "catalog_name")
		t.qualified = schema != "" || catalog != ""
		if (schema != "" && schema != "main" && schema != Catalog) || (catalog != "" && catalog != Catalog) {
			s.faults = append(s.faults, fmt.Sprintf("tables of the schema %q may not be read", strings.Trim(catalog+"."+schema, ".")))
		}
		if n["at_clause"] != nil {
			s.faults = append(s.faults, "AT is not allowed after a table")
		}
		w.tables = append(w.tables, t)
	case "TABLE_FUNCTION":
		call, _ := n["function"].(map[string]any)
		s.tableFunctions = append(s.tableFunctions, text(call, "function_name"))
	case "PIVOT":
		pivots, _ := n["pivots"].([]any)
		for _, p := range pivots {
			if p, _ := p.(map[string]any); text(p, "pivot_enum") != "" {
				s.faults = append(s.faults, "PIVOT needs its values listed")
			}
		}
	}
}

func (w *walker) expression(n map[string]any) {
	s := w.statement
	switch n["class"] {
	case "COLUMN_REF":
		names, _ := n["column_names"].([]any)
		for _, name := range names {
			if name, ok := name.(string); ok {
				s.Columns = append(s.Columns, strings.ToLower(name))
			}
		}
		if len(names) == 1 {
			if name, _ := names[0].(string); clockWords[strings.ToLower(name)] {
				s.Functions = append(s.Functions, strings.ToLower(name))
			}
		}
	case "SUBQUERY":
		s.subquery = true
	case "PARAMETER":
		s.parameters = append(s.parameters, text(n, "identifier"))
	case "LAMBDA":
		w.lambda(n["lhs"])
	}
}

// lambda collects the parameters of a lambda. JSON's arrow has the same class: there the left side is an expression that
// stands somewhere in the text, whereas parameters have no place of their own.
func (w *walker) lambda(lhs any) {
	n, _ := lhs.(map[string]any)
	location, _ := n["query_location"].(json.Number)
	if len(location.String()) < len("18446744073709551615") {
		return
	}
	params := []any{n}
	if n["class"] == "FUNCTION" {
		params, _ = n["children"].([]any)
	}
	for _, p := range params {
		p, _ := p.(map[string]any)
		names, _ := p["column_names"].([]any)
		for _, name := range names {
			if name, ok := name.(string); ok {
				w.statement.Lambdas = append(w.statement.Lambdas, strings.ToLower(name))
			}
		}
	}
}

// text gives a string under a key, in lower case.
func text(n map[string]any, key string) string {
	s, _ := n[key].(string)
	return strings.ToLower(s)
}
