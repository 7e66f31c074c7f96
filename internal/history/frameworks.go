package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/compliance"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/lake"
)

// frameworkTables are made of the content, not of what scans found.
var frameworkTables = []string{"frameworks", "requirements"}

// makeFrameworks fills both tables. A requirement's checks are those that answer it, so that findings join with list_contains.
func (h *History) makeFrameworks(ctx context.Context) error {
	library, err := h.works()
	if err != nil {
		return err
	}
	var frameworks, requirements []any
	for _, f := range library.Frameworks {
		answers := map[string]int{}
		for _, r := range f.Requirements {
			if r.Group {
				continue
			}
			answers[r.Answer]++
			requirements = append(requirements, requirementRow(f, r, library.Checks))
		}
		frameworks = append(frameworks, map[string]any{
			"id": f.ID, "title": f.Title, "version": f.Version, "publisher": f.Publisher, "url": f.Source.URL, "about": f.About, "providers": list(f.Providers),
			"levels": list(f.Levels), "full": answers[content.AnswerFull], "partial": answers[content.AnswerPartial], "manual": answers[content.AnswerManual],
		})
	}
	for _, table := range []struct {
		name, structure string
		rows            []any
	}{
		{"frameworks", `{"id":"VARCHAR","title":"VARCHAR","version":"VARCHAR","publisher":"VARCHAR","url":"VARCHAR","about":"VARCHAR","providers":["VARCHAR"],
			"levels":["VARCHAR"],"full":"BIGINT","partial":"BIGINT","manual":"BIGINT"}`, frameworks},
		{"requirements", `{"framework":"VARCHAR","id":"VARCHAR","parent":"VARCHAR","title":"VARCHAR","levels":["VARCHAR"],"answer":"VARCHAR","objectives":["VARCHAR"],
			"checks":["VARCHAR"],"remaining":"VARCHAR","look":"VARCHAR"}`, requirements},
	} {
		text, err := json.Marshal(notNil(table.rows))
		if err != nil {
			return fmt.Errorf("make table %s: %w", table.name, err)
		}
		query := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s AS SELECT unnest(r) FROM (SELECT unnest(json_transform(%s, %s)) AS r)",
			table.name, database.Literal(string(text)), database.Literal("["+table.structure+"]"))
		if _, err := h.db.ExecContext(ctx, query); err != nil {
			return fmt.Errorf("make table %s: %w", table.name, err)
		}
	}
	return nil
}

func requirementRow(f *content.Framework, r *content.Requirement, checks []*content.Check) map[string]any {
	var answering []string
	for _, c := range f.Answering(r, checks) {
		answering = append(answering, c.ID)
	}
	row := map[string]any{
		"framework": f.ID, "id": r.ID, "title": r.Title, "levels": list(r.Levels), "answer": r.Answer, "objectives": list(r.Objectives), "checks": list(answering),
	}
	for key, value := range map[string]string{"parent": r.Parent, "remaining": r.Left, "look": r.Look} {
		if value != "" {
			row[key] = value
		}
	}
	return row
}

func list(texts []string) []string { return notNil(texts) }

func notNil[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// Params gives the values of parameters that checks were asked with, by check; those of checks without any are left out.
func (h *History) Params(ctx context.Context) (map[string]map[string]any, error) {
	columns, err := h.Columns(ctx, "checks")
	if err != nil || !slices.Contains(columns, "params") { // scans of earlier versions did not keep them
		return nil, err
	}
	rows, err := h.db.QueryContext(ctx, `SELECT id, params::VARCHAR FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY scan_id DESC) AS newest FROM checks)
		WHERE newest = 1 AND params IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("read the parameters of checks: %w", err)
	}
	defer rows.Close()
	all := map[string]map[string]any{}
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, fmt.Errorf("read the parameters of checks: %w", err)
		}
		var params map[string]any
		if err := json.Unmarshal([]byte(text), &params); err != nil {
			return nil, fmt.Errorf("read the parameters of %s: %w", id, err)
		}
		all[id] = params
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the parameters of checks: %w", err)
	}
	return all, nil
}

// Asked says whether some scan of the selection asked a check in a scope.
func (h *History) Asked() func(check string, s compliance.Scope) bool {
	asked := map[[2]string]map[string]bool{}
	for _, m := range h.Scans() {
		for _, account := range m.Accounts {
			key := [2]string{m.Provider, account}
			if asked[key] == nil {
				asked[key] = map[string]bool{}
			}
			for _, check := range m.Checks {
				asked[key][check] = true
			}
		}
	}
	return func(check string, s compliance.Scope) bool { return asked[[2]string{s.Provider, s.Account}][check] }
}

// Scopes are the accounts of the selection, in the order in which they were first seen, as the last scan of each says.
func (h *History) Scopes() ([]compliance.Scope, error) {
	var scopes []compliance.Scope
	only, whole := map[string][]string{}, map[string]bool{} // regions that were visited, and accounts that were visited everywhere
	for _, m := range h.Scans() {
		var header struct {
			Accounts []struct{ ID, Name, Error string }
		}
		if err := json.Unmarshal(m.Scan, &header); err != nil {
			return nil, fmt.Errorf("read the header of scan %s: %w", m.ID, err)
		}
		for _, a := range header.Accounts {
			regions, narrowed := m.Regions[a.ID]
			only[a.ID] = append(only[a.ID], regions...)
			whole[a.ID] = whole[a.ID] || !narrowed && a.Error == ""
			s := compliance.Scope{Provider: m.Provider, Account: a.ID, Name: a.Name, Error: a.Error}
			at := slices.IndexFunc(scopes, func(known compliance.Scope) bool { return known.Provider == s.Provider && known.Account == s.Account })
			if at < 0 {
				scopes = append(scopes, s)
			} else {
				scopes[at] = s
			}
		}
	}
	for i := range scopes {
		if !whole[scopes[i].Account] {
			scopes[i].Only = regionsOnly(only[scopes[i].Account])
		}
	}
	return scopes, nil
}

// regionsOnly lists regions, each once.
func regionsOnly(regions []string) string {
	slices.Sort(regions)
	return strings.Join(slices.Compact(regions), ", ")
}

// Attestations gives the file of attestations that lies beside the lake's tables; nil if there is none.
func (h *History) Attestations(ctx context.Context) ([]byte, error) {
	data, err := h.lake.Beside(ctx, content.AttestationsFile)
	if errors.Is(err, lake.ErrNotFound) {
		return nil, nil
	}
	return data, err
}
