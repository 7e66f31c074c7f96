package plan

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/database"
)

// Reads tells which columns of which base tables a query reads: those whose values can change its answer, as the text
// stands. Derived tables and functions are seen through. The query must have passed Gate. It is not run.
func (p *Planner) Reads(ctx context.Context, query string) ([]Ref, error) {
	var kind, plan string
	row := p.db.QueryRowContext(ctx, "EXPLAIN (FORMAT JSON) "+inlined(query))
	if err := row.Scan(&kind, &plan); err != nil {
		return nil, fmt.Errorf("%s", database.Message(err))
	}
	var nodes []explained
	if err := json.Unmarshal([]byte(plan), &nodes); err != nil {
		return nil, fmt.Errorf("read the query's plan: %w", err)
	}
	var refs []Ref
	for _, n := range nodes {
		if err := p.collect(n, &refs); err != nil {
			return nil, err
		}
	}
	return tidy(refs), nil
}

var commonTables = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\bas(\s*\((?:\s|--.*\n)*(?:select|with|from|values)\b)`)
})

// inlined asks for a query's common table expressions to be put where they are named: below one that stands apart, EXPLAIN takes
// every column for read. What looks like one and is text is still the same text to lineage.
func inlined(query string) string {
	if strings.Contains(strings.ToLower(query), "recursive") {
		return query
	}
	return commonTables().ReplaceAllString(query, "as not materialized$1")
}

// explained is a node of a plan as EXPLAIN prints it.
type explained struct {
	Children []explained
	Info     struct {
		Table       string
		Projections json.RawMessage
	} `json:"extra_info"`
}

func (p *Planner) collect(n explained, refs *[]Ref) error {
	for _, child := range n.Children {
		if err := p.collect(child, refs); err != nil {
			return err
		}
	}
	if n.Info.Table == "" {
		return nil
	}
	t := p.tables[strings.ToLower(strings.TrimPrefix(n.Info.Table, database.Catalog+".main."))]
	if t == nil {
		return fmt.Errorf("the query's plan reads %s, which is no known table", n.Info.Table)
	}
	*refs = append(*refs, Ref{Table: t.Name})
	projections, err := texts(n.Info.Projections)
	if err != nil {
		return fmt.Errorf("read the query's plan: %w", err)
	}
	for _, projection := range projections {
		column, err := t.columnOf(projection)
		if err != nil {
			return err
		}
		if column != "" {
			*refs = append(*refs, Ref{Table: t.Name, Column: column})
		}
	}
	return nil
}

// columnOf finds the column in what a plan calls column or column.field.field; empty for a row's number.
func (t *Table) columnOf(projection string) (string, error) {
	if projection == "" || projection == "rowid" {
		return "", nil
	}
	for name := projection; ; {
		if i := slices.IndexFunc(t.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }); i >= 0 {
			return t.Columns[i].Name, nil
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return "", fmt.Errorf("the query's plan reads %q of %s, which is no known column", projection, t.Name)
		}
		name = name[:i]
	}
}

// texts reads a JSON string, list of strings, or nothing.
func texts(raw json.RawMessage) (list []string, err error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0:
		return nil, nil
	case raw[0] == '"':
		list = make([]string, 1)
		return list, json.Unmarshal(raw, &list[0])
	}
	return list, json.Unmarshal(raw, &list)
}

// tidy sorts and drops repeats, and the mark of a table that is read for its rows where columns of it are read too.
func tidy(refs []Ref) []Ref {
	slices.SortFunc(refs, func(a, b Ref) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column))
	})
	refs = slices.Compact(refs)
	var kept []Ref
	for i, r := range refs {
		if r.Column == "" && i+1 < len(refs) && refs[i+1].Table == r.Table {
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// boundNode is a node of a bound query as json_serialize_plan writes it, without its expressions, which are most of it.
type boundNode struct {
	Type     string
	Children []boundNode
	Names    []string
	Indexes  []struct{ Index json.Number }   `json:"column_indexes"`
	Data     struct{ Table json.RawMessage } `json:"function_data"`
}

// bound tells what a query reads at most: every column that its bound form names, before any simplification. It serves
// to prove Reads, which must never tell more.
func (p *Planner) bound(ctx context.Context, query string) ([]Ref, error) {
	var text string
	err := p.db.QueryRowContext(ctx, "SELECT json_serialize_plan($1::VARCHAR, skip_null := true, skip_empty := true)::VARCHAR", query).Scan(&text)
	if err != nil {
		return nil, fmt.Errorf("%s", database.Message(err))
	}
	var answer struct {
		Error   bool
		Message string `json:"error_message"`
		Plans   []boundNode
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return nil, fmt.Errorf("read the bound query: %w", err)
	}
	if answer.Error {
		return nil, fmt.Errorf("%s", database.Message(fmt.Errorf("%s", answer.Message)))
	}
	var refs []Ref
	err = p.collectBound(answer.Plans, &refs)
	return tidy(refs), err
}

func (p *Planner) collectBound(nodes []boundNode, refs *[]Ref) error {
	for _, n := range nodes {
		if err := p.boundGet(n, refs); err != nil {
			return err
		}
		if err := p.collectBound(n.Children, refs); err != nil {
			return err
		}
	}
	return nil
}

func (p *Planner) boundGet(n boundNode, refs *[]Ref) error {
	if n.Type != "LOGICAL_GET" || len(n.Data.Table) == 0 || n.Data.Table[0] != '"' {
		return nil // reads no table, or a table function
	}
	var name string
	if err := json.Unmarshal(n.Data.Table, &name); err != nil {
		return fmt.Errorf("read the bound query: %w", err)
	}
	t := p.tables[strings.ToLower(name)]
	if t == nil {
		return fmt.Errorf("the bound query reads %s, which is no known table", name)
	}
	*refs = append(*refs, Ref{Table: t.Name})
	for _, at := range n.Indexes {
		i, err := at.Index.Int64()
		if err != nil || i < 0 || i >= int64(len(n.Names)) {
			continue // the row's number
		}
		*refs = append(*refs, Ref{Table: t.Name, Column: n.Names[i]})
	}
	return nil
}

// OutputColumn is a column of a query's answer.
type OutputColumn struct{ Name, Type string }

// Describe gives the columns that a query answers with. The query must have passed Gate. It is not run.
func (p *Planner) Describe(ctx context.Context, query string) ([]OutputColumn, error) {
	rows, err := p.db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+trimQuery(query)+")")
	if err != nil {
		return nil, fmt.Errorf("%s", database.Message(err))
	}
	defer rows.Close()
	var columns []OutputColumn
	for rows.Next() {
		var c OutputColumn
		if err := rows.Scan(&c.Name, &c.Type); err != nil {
			return nil, fmt.Errorf("describe the query: %w", err)
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("describe the query: %w", err)
	}
	return columns, nil
}

// Type gives the type of a query's only column.
func (p *Planner) Type(ctx context.Context, query string) (string, error) {
	columns, err := p.Describe(ctx, query)
	if err != nil {
		return "", err
	}
	if len(columns) != 1 {
		return "", fmt.Errorf("gives %d columns where one is wanted", len(columns))
	}
	return columns[0].Type, nil
}
