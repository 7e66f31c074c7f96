package scan

import (
	"context"
	"fmt"
	"strings"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/iac/mapping"
	"github.com/stancehq/stance/internal/iac/suppress"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// rowPlace is a row of a table by what findings call it.
type rowPlace struct{ table, account, id string }

// codeIndex finds the resource that a finding is about.
type codeIndex struct {
	rows map[rowPlace]codeRow
	ids  map[rowPlace]codeRow   // without a table: rows of derived tables bear the id of what they are derived from
	said map[rowPlace][]codeRow // what says the rows of derived tables that have ids of their own
}

// locate reads which ids the rows got: they may be computed by SQL.
func (r *codeRunner) locate(ctx context.Context) (*codeIndex, error) {
	index := &codeIndex{rows: map[rowPlace]codeRow{}, ids: map[rowPlace]codeRow{}, said: map[rowPlace][]codeRow{}}
	for _, t := range r.tables() {
		lines := r.rows.lines[t.Name]
		if t.Spec.List == nil || len(lines) == 0 {
			continue
		}
		byAddress := map[[2]string]codeRow{}
		for _, line := range lines {
			byAddress[[2]string{line.place.account, line.Resource.Address}] = line
		}
		rows, err := r.db.QueryContext(ctx, "SELECT account_id, id, raw ->> '$._code.address' FROM "+database.Ident(t.Name)+" WHERE id IS NOT NULL")
		if err != nil {
			return nil, fmt.Errorf("find the resources of %s: %w", t.Name, err)
		}
		for rows.Next() {
			var account, id, address string
			if err := rows.Scan(&account, &id, &address); err != nil {
				_ = rows.Close()
				return nil, fmt.Errorf("find the resources of %s: %w", t.Name, err)
			}
			if line, ok := byAddress[[2]string{account, address}]; ok {
				index.rows[rowPlace{t.Name, account, id}] = line
				index.ids[rowPlace{"", account, id}] = line
			}
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("find the resources of %s: %w", t.Name, err)
		}
	}
	return index, r.locateDerived(ctx, index)
}

// located gives findings with their place in the code. What rests on something that code can never tell is no finding about code.
func (r *codeRunner) located(findings report.Findings, index *codeIndex) report.Findings {
	checks := map[string]*plan.Check{}
	for _, c := range r.checks {
		checks[c.ID] = c
	}
	return func(yield func(evaluate.Finding, error) bool) {
		for f, err := range findings {
			if err != nil {
				yield(f, err)
				return
			}
			if f.Status == evaluate.Unknown && strings.HasPrefix(f.Cause, mapping.Unsaid) {
				continue
			}
			if !yield(r.placed(f, index, checks), nil) {
				return
			}
		}
	}
}

// placed gives a finding its place. One about what is only derived from the code is placed where that is, or in its unit.
func (r *codeRunner) placed(f evaluate.Finding, index *codeIndex, checks map[string]*plan.Check) evaluate.Finding {
	line, ok := index.find(f)
	place := r.rows.byPlace[f.Account]
	if place == nil {
		return f
	}
	fix := r.fixes[keyOf(f)]
	f.Account = place.unit.Path
	if !ok {
		f.Location = &evaluate.Location{File: fileOf(place.unit), Address: f.Resource, Unit: place.unit.Path}
		return f
	}
	if strings.Contains(f.ResourceName, "${") {
		f.ResourceName = line.Resource.Address
	}
	f.Location = r.location(line, index, checks[f.Check], f)
	f.Location.Fix = fix
	if f.Status == evaluate.Pass {
		return f
	}
	if s := r.suppress.Match(suppress.Subject{
		Check: f.Check, Unit: place.unit.Path, Address: line.Resource.Address, Block: line.Resource.Range, Calls: line.Resource.Calls,
		At: iac.Range{File: f.Location.File, Line: f.Location.Line, Column: f.Location.Column, EndLine: f.Location.EndLine, EndColumn: f.Location.EndColumn}, Tags: f.Tags,
	}); s != nil {
		f.Suppressed = &evaluate.Suppressed{Reason: s.Reason, Until: s.Until, By: s.By}
	}
	return f
}

// fileOf is the one file of a unit, or its folder.
func fileOf(u *iac.Unit) string {
	if len(u.Files) == 1 {
		return u.Files[0]
	}
	return u.Path
}

// find finds the row that a finding is about. Ids of parts, such as a container's, begin with that of the whole.
func (c *codeIndex) find(f evaluate.Finding) (codeRow, bool) {
	if line, ok := c.rows[rowPlace{f.ResourceType, f.Account, f.Resource}]; ok {
		return line, true
	}
	if line, ok := c.saying(f); ok {
		return line, true
	}
	return c.whole(f.Account, f.Resource)
}

// location is the place of a finding: of the first of the columns that its check's verdict reads and the code says, else the
// resource's head.
func (r *codeRunner) location(line codeRow, index *codeIndex, check *plan.Check, f evaluate.Finding) *evaluate.Location {
	at := line.Resource.Name
	if at.IsZero() {
		at = line.Resource.Range
	}
	if said := index.partOf(line, f, check, r.catalog.Tables[f.ResourceType]); !said.IsZero() {
		at = said
	}
	if check != nil && line.Table == f.ResourceType {
		if said := r.decisive(line, check.Pass); !said.IsZero() {
			at = said
		} else if said := r.decisive(line, check.Query); !said.IsZero() {
			at = said
		}
	}
	l := &evaluate.Location{
		File: at.File, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn,
		Address: line.Resource.Address, Resource: line.Resource.Type, Unit: line.place.unit.Path,
	}
	for _, call := range line.Resource.Calls {
		l.Calls = append(l.Calls, evaluate.CallSite{Name: call.Name, Source: call.Source, File: call.Range.File, Line: call.Range.Line})
	}
	return l
}

// decisive is where the code says the first of the columns that refs read, but for those that name the resource and its place.
func (r *codeRunner) decisive(line codeRow, refs []plan.Ref) iac.Range {
	t := r.catalog.Tables[line.Table]
	var fallback iac.Range
	for _, ref := range refs {
		if ref.Table != line.Table || ref.Column == "" {
			continue
		}
		read, _ := r.catalog.PathColumns([]plan.Ref{ref})
		for _, path := range t.Paths { // in the table's order
			if !read[plan.Ref{Table: t.Name, Column: path.Column}] {
				continue
			}
			said, ok := line.Ranges[path.Column]
			switch {
			case !ok:
			case path.Column == t.Spec.ID || path.Column == t.Spec.NameColumn || path.Path == t.Spec.Region:
				fallback = said
			default:
				return said
			}
		}
	}
	return fallback
}
