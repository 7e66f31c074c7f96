package plan

import (
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// reach finds the tables and functions that SQL can come to: those whose names stand in its text, and what they rest on in
// turn. It may find more than SQL reads, never less, because a name cannot be written otherwise than as it is.
type reach struct {
	seen map[string]bool     // names in lower case, of tables and functions
	sql  map[string][]string // what a name rests on; nil for a base table
}

func newReach(tables []*Table, functions []*content.Function) *reach {
	r := &reach{seen: map[string]bool{}, sql: map[string][]string{}}
	for _, t := range tables {
		name := strings.ToLower(t.Name)
		r.sql[name] = append(r.sql[name], t.derive())
	}
	for _, f := range functions {
		name := strings.ToLower(f.Name)
		r.sql[name] = append(r.sql[name], f.SQL)
	}
	return r
}

// text notes all that a text names.
func (r *reach) text(sql string) {
	for _, name := range word.FindAllString(sql, -1) {
		name = strings.ToLower(name)
		if texts, known := r.sql[name]; known && !r.seen[name] {
			r.seen[name] = true
			for _, text := range texts {
				r.text(text)
			}
		}
	}
}
