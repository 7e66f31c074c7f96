package database

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxQuery is the longest text that is parsed, in bytes.
const maxQuery = 1 << 20

// Statement is what one SELECT names, told from its text alone. Names are in lower case, sorted, without repeats.
type Statement struct {
	Tables    []string // base tables, without common table expressions
	Functions []string
	Columns   []string // every part of every column reference
	Lambdas   []string // parameters of lambdas and list comprehensions
	Aliases   []string // names that the query gives: of tables, columns and common table expressions

	ctes           []string
	tableFunctions []string
	faults         []string // what is refused whatever the rules say
	sampled        bool
	clauses        bool // it has more than a list of expressions
	expressions    int  // in the outermost list
	subquery       bool
	parameters     []string
}

// Parse reads one SELECT without binding it. The error says what else the text is.
func (db *DB) Parse(ctx context.Context, query string) (*Statement, error) {
	if len(query) > maxQuery {
		return nil, fmt.Errorf("the query is longer than %d bytes", maxQuery)
	}
	if strings.TrimSpace(query) == "" {
		return nil, fmt.Errorf("the query is empty")
	}
	if strings.ContainsRune(query, 0) {
		return nil, fmt.Errorf("the query contains a NUL character")
	}
	var text string
	if err := db.QueryRowContext(ctx, "SELECT json_serialize_sql($1::VARCHAR)::VARCHAR", query).Scan(&text); err != nil {
		return nil, fmt.Errorf("%s", Message(err))
	}
	var answer struct {
		Error      bool   `json:"error"`
		Message    string `json:"error_message"`
		Position   any    `json:"position"`
		Statements []any  `json:"statements"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the parsed query: %w", err)
	}
	switch {
	case answer.Error && strings.HasPrefix(answer.Message, "Only SELECT"):
		return nil, fmt.Errorf("only one SELECT is allowed")
	case answer.Error:
		return nil, fmt.Errorf("%s", Message(fmt.Errorf("%s", answer.Message)))
	case len(answer.Statements) == 0:
		return nil, fmt.Errorf("the query is empty")
	case len(answer.Statements) > 1:
		return nil, fmt.Errorf("only one SELECT is allowed, there are %d", len(answer.Statements))
	}
	return newStatement(answer.Statements[0]), nil
}

func newStatement(tree any) *Statement {
	w := walker{statement: &Statement{}, ctes: map[string]bool{}}
	w.walk(tree)
	s := w.statement
	for _, t := range w.tables {
		// A common table expression hides a table only where it is in reach. Names are not scoped here; instead no such
		// expression may bear the name of something that must not be reached: see Gate.
		if !t.qualified && w.ctes[t.name] {
			continue
		}
		s.Tables = append(s.Tables, t.name)
	}
	for name := range w.ctes {
		s.ctes = append(s.ctes, name)
	}
	s.Aliases = append(s.Aliases, s.ctes...)
	for _, names := range []*[]string{&s.Tables, &s.Functions, &s.Columns, &s.Lambdas, &s.Aliases, &s.ctes, &s.tableFunctions, &s.parameters} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	s.inspectRoot(tree)
	return s
}

// inspectRoot tells whether the statement is no more than a list of expressions: SELECT a, b.
func (s *Statement) inspectRoot(tree any) {
	statement, _ := tree.(map[string]any)
	node, _ := statement["node"].(map[string]any)
	from, _ := node["from_table"].(map[string]any)
	s.expressions = len(list(node, "select_list"))
	s.clauses = node["type"] != "SELECT_NODE" || from["type"] != "EMPTY" || len(list(node["cte_map"], "map")) > 0
	for _, key := range []string{"where_clause", "having", "qualify", "sample"} {
		s.clauses = s.clauses || node[key] != nil
	}
	for _, key := range []string{"group_expressions", "group_sets", "modifiers"} {
		s.clauses = s.clauses || len(list(node, key)) > 0
	}
}

// list gives what stands under a key of an object, or nil.
func list(object any, key string) []any {
	m, _ := object.(map[string]any)
	l, _ := m[key].([]any)
	return l
}
