package plan

import (
	"iter"
	"strings"

	"github.com/stancehq/stance/internal/content"
)

// reach finds the tables and functions that SQL can come to: those whose names stand in its text, and what they rest on in
// turn. It may find more than SQL reads, never less, because a name cannot be written otherwise than as it is.
type reach struct {
	seen map[string]bool     // names in lower case, of tables and functions
	sql  map[string][]string // what a name rests on; nil for a base table
	// order is what was seen, each after what it rests on.
	order []string
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
	for name := range words(sql) {
		name = strings.ToLower(name)
		if texts, known := r.sql[name]; known && !r.seen[name] {
			r.seen[name] = true
			for _, text := range texts {
				r.text(text)
			}
			r.order = append(r.order, name)
		}
	}
}

// words yields what may be a name in a text: runs of letters, digits and underscores.
func words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; i < len(text); i++ {
			from := i
			for i < len(text) && isWord(text[i]) {
				i++
			}
			if i > from && !yield(text[from:i]) {
				return
			}
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
