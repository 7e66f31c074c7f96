package scan

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// saidBy is the column in which rows of derived tables name what says them, by their ids.
const saidBy = "said_by"

// locateDerived reads which rows say those of derived tables that have ids of their own, such as a subject of several bindings.
func (r *codeRunner) locateDerived(ctx context.Context, index *codeIndex) error {
	for _, t := range r.tables() {
		if t.Spec.Derive == "" || !slices.ContainsFunc(t.Spec.Columns, func(c *content.Column) bool { return c.Name == saidBy }) {
			continue
		}
		rows, err := r.db.QueryContext(ctx, "SELECT account_id, id, to_json(said_by)::VARCHAR FROM "+database.Ident(t.Name)+" WHERE len(said_by) > 0")
		if err != nil {
			return fmt.Errorf("find what says %s: %w", t.Name, err)
		}
		for rows.Next() {
			var account, id, text string
			var from []string
			err := rows.Scan(&account, &id, &text)
			if err == nil {
				err = json.Unmarshal([]byte(text), &from)
			}
			if err != nil {
				_ = rows.Close()
				return fmt.Errorf("find what says %s: %w", t.Name, err)
			}
			at := rowPlace{t.Name, account, id}
			for _, one := range from {
				if line, ok := index.whole(account, one); ok {
					index.said[at] = append(index.said[at], line)
				}
			}
		}
		if err := rows.Close(); err != nil {
			return fmt.Errorf("find what says %s: %w", t.Name, err)
		}
	}
	return nil
}

// saying is the row that says what a finding is about; of several the first that the finding's text names.
func (c *codeIndex) saying(f evaluate.Finding) (codeRow, bool) {
	said := c.said[rowPlace{f.ResourceType, f.Account, f.Resource}]
	if len(said) == 0 {
		return codeRow{}, false
	}
	best, at := 0, len(f.Found)
	for i, line := range said {
		_, name, _ := strings.Cut(line.Resource.Address, "/")
		if here := indexWord(f.Found, name); here >= 0 && here < at {
			best, at = i, here
		}
	}
	return said[best], true
}

// indexWord is where a name stands in a text on its own, -1 if it does not.
func indexWord(text, name string) int {
	const ends = " ,;()"
	for from := 0; name != ""; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(name)
		if (i == 0 || strings.IndexByte(ends, text[i-1]) >= 0) && (end == len(text) || strings.IndexByte(ends, text[end]) >= 0) {
			return i
		}
		from = end
	}
	return -1
}

// whole is the row that an id is of, or that the thing of the id is a part of: ids of parts begin with that of the whole.
func (c *codeIndex) whole(account, id string) (codeRow, bool) {
	for id != "" {
		if line, ok := c.ids[rowPlace{"", account, id}]; ok {
			return line, true
		}
		i := strings.LastIndexByte(id, '/')
		if i < 0 {
			break
		}
		id = id[:i]
	}
	return codeRow{}, false
}

// partOf is the place, within what says a derived row, of that which the finding is about: the container that the end of its id
// names, the text that it is called by; and therein of the field that is called as the column which decides.
func (c *codeIndex) partOf(line codeRow, f evaluate.Finding, check *plan.Check, t *plan.Table) iac.Range {
	if line.Table == f.ResourceType || t == nil {
		return iac.Range{}
	}
	body := line.Resource.Body
	if v := scalarOf(body, f.ResourceName); v != nil {
		return v.Range
	}
	in, at := body, iac.Range{}
	if _, whole := c.ids[rowPlace{"", line.place.account, f.Resource}]; !whole {
		if part := itemNamed(body, c.part(f)); part != nil {
			in, at = part, part.Range
		}
	}
	if check == nil {
		return at
	}
	for _, word := range words().FindAllString(check.Spec.Pass, -1) {
		if !slices.ContainsFunc(t.Spec.Columns, func(column *content.Column) bool { return column.Name == word }) {
			continue
		}
		if v := fieldNamed(in, camelCase(word)); v != nil {
			return v.Range
		}
	}
	return at
}

var words = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[a-z][a-z0-9_]*`) })

// scalarOf finds a text in a value that is a path or a reference; names are too common to be looked for.
func scalarOf(v *iac.Value, text string) *iac.Value {
	if v == nil || !strings.ContainsAny(text, "/:@") {
		return nil
	}
	if v.Is(iac.String) && v.Text == text && !v.Range.IsZero() {
		return v
	}
	return search(v, func(in *iac.Value) *iac.Value { return scalarOf(in, text) })
}

// itemNamed finds an item of a list by its name.
func itemNamed(v *iac.Value, name string) *iac.Value {
	for _, item := range v.Items {
		if n := item.Get("name"); n.Is(iac.String) && n.Text == name && !item.Range.IsZero() {
			return item
		}
	}
	return search(v, func(in *iac.Value) *iac.Value { return itemNamed(in, name) })
}

// fieldNamed finds a field of an object, or of what lies in it.
func fieldNamed(v *iac.Value, key string) *iac.Value {
	for _, f := range v.Fields {
		if strings.EqualFold(f.Key, key) && !f.Value.Range.IsZero() { // hostPID is host_pid
			return f.Value
		}
	}
	return search(v, func(in *iac.Value) *iac.Value { return fieldNamed(in, key) })
}

func search(v *iac.Value, find func(*iac.Value) *iac.Value) *iac.Value {
	for _, item := range v.Items {
		if found := find(item); found != nil {
			return found
		}
	}
	for _, f := range v.Fields {
		if found := find(f.Value); found != nil {
			return found
		}
	}
	return nil
}

// camelCase is a column's name as documents have it: run_as_user is runAsUser.
func camelCase(column string) string {
	var out strings.Builder
	up := false
	for _, c := range column {
		switch {
		case c == '_':
			up = true
		case up:
			out.WriteRune(unicode.ToUpper(c))
			up = false
		default:
			out.WriteRune(c)
		}
	}
	return out.String()
}
