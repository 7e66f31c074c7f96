package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// unused notes columns that nothing reads: no check, derived table, other column, input or example.
func (l *linter) unused(ctx context.Context) ([]Problem, error) {
	used := map[Ref]bool{}
	for _, c := range l.prepared.catalog.Checks {
		for _, r := range slices.Concat(c.When, c.Pass, c.Found, c.Query) {
			used[r] = true
		}
	}
	for _, t := range l.prepared.catalog.Tables {
		for _, r := range t.Reads {
			used[r] = true
		}
	}
	named, err := l.named(ctx)
	if err != nil {
		return nil, err
	}
	var problems []Problem
	for _, spec := range l.library.Tables {
		t := l.prepared.catalog.Tables[spec.Name]
		if t == nil || len(spec.Rows) > 0 {
			continue
		}
		local := l.usedByTable(ctx, spec)
		for _, c := range spec.Columns {
			if used[Ref{spec.Name, c.Name}] || local[c.Name] || named[spec.Name][c.Name] {
				continue
			}
			p := t.problem("columns."+c.Name, "column %s is read by no check, example or other table", c.Name)
			p.Severity = SeverityNote
			problems = append(problems, p)
		}
	}
	return problems, nil
}

// usedByTable are the columns that the table itself reads, and those that identify its rows.
func (l *linter) usedByTable(ctx context.Context, spec *content.Table) map[string]bool {
	used := map[string]bool{"id": true, "name": true, "tags": true, "account_id": true, "region": true, spec.ID: true, spec.NameColumn: true}
	for _, c := range spec.Columns {
		if c.SQL == "" {
			continue
		}
		if s, err := l.prepared.planner.db.Parse(ctx, "SELECT (\n"+c.SQL+"\n)"); err == nil {
			for _, name := range s.Columns {
				used[name] = true
			}
		}
	}
	for _, call := range slices.Concat(lists(spec), spec.Get) {
		for _, n := range inputNames(call) {
			used[n.name] = true
		}
	}
	for _, child := range l.library.Tables {
		for _, call := range lists(child) {
			if call.For == spec.Name {
				for _, n := range inputNames(call) {
					used[n.name] = true
				}
			}
		}
	}
	return used
}

// named gives, by table, the names of columns that SQL over it mentions: examples, and checks and tables over derived
// tables, whose own lineage tells base columns alone.
func (l *linter) named(ctx context.Context) (map[string]map[string]bool, error) {
	type text struct {
		sql  string
		over []string
	}
	var texts []text
	for _, t := range l.library.Tables {
		for _, e := range t.Examples {
			texts = append(texts, text{sql: e.SQL})
		}
		if t.Derive != "" {
			texts = append(texts, text{sql: t.Derive})
		}
	}
	for _, c := range l.library.Checks {
		if t := l.library.Table(c.Resource); t == nil || t.List != nil && c.Query == "" {
			continue
		}
		for _, clause := range []string{c.When, c.Pass, c.Found} {
			if clause != "" {
				texts = append(texts, text{"SELECT (\n" + clause + "\n)", []string{c.Resource}})
			}
		}
		if c.Query != "" {
			texts = append(texts, text{sql: c.Query})
		}
	}
	named := map[string]map[string]bool{}
	for _, x := range texts {
		s, err := l.prepared.planner.db.Parse(ctx, x.sql)
		if err != nil {
			continue // reported where it was prepared
		}
		for _, table := range slices.Concat(s.Tables, x.over) {
			table = strings.ToLower(table)
			if named[table] == nil {
				named[table] = map[string]bool{}
			}
			for _, column := range s.Columns {
				named[table][column] = true
			}
		}
	}
	return named, ctx.Err()
}
