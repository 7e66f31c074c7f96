package scan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// culprits are the rows of other tables that can change verdicts of a check, by the resource: the rules of a security group.
type culprits map[rowPlace][]codeRow

// blame finds the culprits of all checks that something fails.
func (r *codeRunner) blame(ctx context.Context, index *codeIndex) error {
	index.culprits = map[string]culprits{}
	failing, err := r.failing(ctx)
	if err != nil {
		return err
	}
	for _, check := range r.checks {
		if len(check.Concerns) == 0 || !failing[check.ID] {
			continue
		}
		if index.culprits[check.ID], err = r.culpritsOf(ctx, check); err != nil {
			return err
		}
	}
	return nil
}

// failing are the checks that something fails.
func (r *codeRunner) failing(ctx context.Context) (map[string]bool, error) {
	rows, err := r.db.QueryContext(ctx, `SELECT DISTINCT check_id FROM finding_counts WHERE status = ?`, string(evaluate.Fail))
	if err != nil {
		return nil, fmt.Errorf("find the checks that fail: %w", err)
	}
	defer rows.Close()
	failing := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("find the checks that fail: %w", err)
		}
		failing[id] = true
	}
	return failing, rows.Err()
}

// culpritsOf asks for them by what the check says of the rows that it concerns.
func (r *codeRunner) culpritsOf(ctx context.Context, check *plan.Check) (culprits, error) {
	found := culprits{}
	for _, name := range slices.Sorted(maps.Keys(check.Concerns)) {
		if name == check.Spec.Resource || len(r.rows.lines[name]) == 0 {
			continue
		}
		by := r.byOrigin(name)
		rows, err := r.db.QueryContext(ctx, fmt.Sprintf(`SELECT DISTINCT account_id, id, address, no FROM
(SELECT account_id, unnest((%s)) AS key, raw ->> '$._code.address' AS address, (raw ->> '$._code.row')::INTEGER AS no FROM %s) JOIN (SELECT account_id, id, unnest((%s)) AS key FROM %s) USING (account_id, key) ORDER BY no`,
			check.Concerns[name].Row, database.Ident(name), check.Concerns[name].Of, database.Ident(check.Spec.Resource)))
		if err != nil {
			return nil, fmt.Errorf("find what %s is about: %w", check.ID, err)
		}
		for rows.Next() {
			at, from := rowPlace{table: check.Spec.Resource}, rowOrigin{}
			if err := rows.Scan(&at.account, &at.id, &from.address, &from.no); err != nil {
				_ = rows.Close()
				return nil, fmt.Errorf("find what %s is about: %w", check.ID, err)
			}
			from.account = at.account
			if line, ok := by[from]; ok {
				found[at] = append(found[at], line)
			}
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("find what %s is about: %w", check.ID, err)
		}
	}
	return found, nil
}

// blamed is where the code says what a finding names: the value of a row that can change its verdict, with the calls of modules to
// there. Of several rows it is the one of which the finding names most.
func (c culprits) blamed(f evaluate.Finding, account string) (at iac.Range, calls []iac.Call) {
	most := 0
	for _, line := range c[rowPlace{f.ResourceType, account, f.Resource}] {
		named, said := line.namedIn(f.Found)
		if named > most {
			most, at, calls = named, said, line.Resource.Calls
		}
	}
	return at, calls
}

// namedIn counts the values of a row that a text names, and tells where the code says the most telling one: an address or a path,
// which no other row is likely to have in common with it. Without one it is none.
func (line codeRow) namedIn(text string) (named int, at iac.Range) {
	var columns map[string]any
	decoder := json.NewDecoder(bytes.NewReader(line.Document))
	decoder.UseNumber()
	if decoder.Decode(&columns) != nil {
		return 0, at
	}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		value := ""
		switch v := columns[name].(type) {
		case string:
			value = v
		case json.Number:
			value = v.String()
		}
		said := line.Ranges[name]
		if value == "" || said.IsZero() || indexWord(text, value) < 0 {
			continue
		}
		if named++; strings.ContainsAny(value, "/:.") && at.IsZero() {
			at = said
		}
	}
	if at.IsZero() {
		return 0, at
	}
	return named, at
}
