package scan

import (
	"context"
	"fmt"
	"slices"
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
	ids  map[rowPlace]codeRow // without a table: rows of derived tables bear the id of what they are derived from
	// culprits are by check.
	culprits map[string]culprits
	said     map[rowPlace][]codeRow // what says the rows of derived tables that have ids of their own
}

// rowOrigin is a row by what raw notes of it.
type rowOrigin struct {
	account, address string
	no               int
}

func (r *codeRunner) byOrigin(table string) map[rowOrigin]codeRow {
	by := map[rowOrigin]codeRow{}
	for _, line := range r.rows.lines[table] {
		by[rowOrigin{line.place.account, line.Resource.Address, line.No}] = line
	}
	return by
}

// locate reads which ids the rows got: they may be computed by SQL.
func (r *codeRunner) locate(ctx context.Context) (*codeIndex, error) {
	index := &codeIndex{rows: map[rowPlace]codeRow{}, ids: map[rowPlace]codeRow{}, said: map[rowPlace][]codeRow{}}
	for _, t := range r.tables() {
		if t.Spec.List == nil || len(r.rows.lines[t.Name]) == 0 {
			continue
		}
		by := r.byOrigin(t.Name)
		rows, err := r.db.QueryContext(ctx, "SELECT account_id, id, raw ->> '$._code.address', (raw ->> '$._code.row')::INTEGER FROM "+database.Ident(t.Name)+" WHERE id IS NOT NULL")
		if err != nil {
			return nil, fmt.Errorf("find the resources of %s: %w", t.Name, err)
		}
		for rows.Next() {
			var id string
			var from rowOrigin
			if err := rows.Scan(&from.account, &id, &from.address, &from.no); err != nil {
				_ = rows.Close()
				return nil, fmt.Errorf("find the resources of %s: %w", t.Name, err)
			}
			if line, ok := by[from]; ok {
				index.rows[rowPlace{t.Name, from.account, id}] = line
				index.ids[rowPlace{"", from.account, id}] = line
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
		if said := r.decisive(line, check); !said.IsZero() {
			at = said
		}
	}
	calls := line.Resource.Calls
	if said, through := index.culprits[f.Check].blamed(f, line.place.account); f.Status == evaluate.Fail && !said.IsZero() {
		at, calls = said, through
	}
	l := &evaluate.Location{
		File: at.File, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn,
		Address: line.Resource.Address, Resource: line.Resource.Type, Unit: line.place.unit.Path,
	}
	for _, call := range calls {
		l.Calls = append(l.Calls, evaluate.CallSite{Name: call.Name, Source: call.Source, File: call.Range.File, Line: call.Range.Line})
	}
	return l
}

// decisive is where the code says the first of the columns that a check's verdict reads, but for those that name the resource and its
// place.
func (r *codeRunner) decisive(line codeRow, check *plan.Check) iac.Range {
	t := r.catalog.Tables[line.Table]
	var fallback iac.Range
	for _, column := range r.deciding(check, t) {
		said, ok := line.Ranges[column]
		switch {
		case !ok:
		case column == t.Spec.ID || column == t.Spec.NameColumn:
			fallback = said
		default:
			return said
		}
	}
	return fallback
}

// deciding are the path columns of a check's table that its verdict reads, in the order of what reads them.
func (r *codeRunner) deciding(check *plan.Check, t *plan.Table) []string {
	if columns, ok := r.decidedBy[check.ID]; ok {
		return columns
	}
	columns := []string{}
	for _, ref := range slices.Concat(check.Pass, check.Query) {
		if ref.Table != t.Name || ref.Column == "" {
			continue
		}
		read, _ := r.catalog.PathColumns([]plan.Ref{ref})
		for _, path := range t.Paths { // in the table's order
			if read[plan.Ref{Table: t.Name, Column: path.Column}] && path.Path != t.Spec.Region {
				columns = append(columns, path.Column)
			}
		}
	}
	if r.decidedBy == nil {
		r.decidedBy = map[string][]string{}
	}
	r.decidedBy[check.ID] = columns
	return columns
}
