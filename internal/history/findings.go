package history

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report"
)

// page bounds the findings held at once: the driver keeps a whole result in memory.
const page = 5_000

const findingColumns = `check_id, title, severity, status, coalesce(cause, ''), coalesce(found, ''), provider, account_id, coalesce(region, ''), resource_type,
	coalesce(resource, ''), coalesce(resource_name, ''), coalesce(to_json(tags)::VARCHAR, ''), to_json(objectives)::VARCHAR, to_json(requirements)::VARCHAR`

// findings yields the findings in the order in which a scan gives them.
func (h *History) findings(ctx context.Context, params map[string]map[string]any) report.Findings {
	return func(yield func(evaluate.Finding, error) bool) {
		if err := h.walk(ctx, "findings", func(f evaluate.Finding) bool {
			f.Params = params[f.Check]
			return yield(f, nil)
		}); err != nil {
			yield(evaluate.Finding{}, fmt.Errorf("read findings: %w", err))
		}
	}
}

// walk reads a table of findings in order, page by page.
func (h *History) walk(ctx context.Context, table string, yield func(evaluate.Finding) bool) error {
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	order := fmt.Sprintf(`list_position(%s, severity), check_id, account_id, region, resource NULLS FIRST, status, cause, found`, database.List(report.Severities()))
	// TEMP tables are the connection's own: two walks at once do not meet.
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("CREATE OR REPLACE TEMP TABLE walked AS SELECT row_number() OVER (ORDER BY %s) AS place, * FROM %s", order, database.Ident(table))); err != nil {
		return err
	}
	for first := int64(1); ; first += page {
		database.Trim()
		findings, err := readPage(ctx, conn, first)
		if err != nil {
			return err
		}
		for _, f := range findings {
			if !yield(f) {
				return nil
			}
		}
		if len(findings) < page {
			_, err := conn.ExecContext(ctx, "DROP TABLE walked")
			return err
		}
	}
}

func readPage(ctx context.Context, conn *sql.Conn, first int64) ([]evaluate.Finding, error) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM walked WHERE place BETWEEN %d AND %d ORDER BY place", findingColumns, first, first+page-1))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var findings []evaluate.Finding
	for rows.Next() {
		var f evaluate.Finding
		var tags, objectives, requirements string
		if err := rows.Scan(&f.Check, &f.Title, &f.Severity, &f.Status, &f.Cause, &f.Found, &f.Provider, &f.Account, &f.Region, &f.ResourceType,
			&f.Resource, &f.ResourceName, &tags, &objectives, &requirements); err != nil {
			return nil, err
		}
		if tags != "" {
			if err := json.Unmarshal([]byte(tags), &f.Tags); err != nil {
				return nil, fmt.Errorf("the tags of %s: %w", f.Resource, err)
			}
		}
		f.Objectives, f.Requirements = texts(objectives), texts(requirements)
		findings = append(findings, f)
	}
	return findings, rows.Err()
}

func texts(list string) []string {
	out := []string{}
	_ = json.Unmarshal([]byte(list), &out) // written by the database itself
	return out
}

// Change is a finding that differs between two scans.
type Change struct {
	Kind string // new, resolved, changed
	evaluate.Finding
	Before evaluate.Status // of a changed one
}

// Diff tells what differs between two scans: findings that fail or cannot be told now and did not before, and the other
// way round. What the later scan did not look at (another check, account or region) is not told as resolved, nor what it did not
// come to: where it says of a check that something is unknown, and not of which resources, whatever it does not name may be among
// those. A cloud without regions is looked at as a whole, wherever its rows say that they are.
func (h *History) Diff(ctx context.Context, before, after string) ([]Change, error) {
	for _, table := range []string{"findings", "checks", "coverage"} {
		if _, err := h.Columns(ctx, table); err != nil {
			return nil, err
		}
	}
	const query = `WITH now AS (SELECT * FROM findings WHERE scan_id = %[2]s), looked AS (SELECT account_id, region FROM coverage WHERE scan_id = %[2]s)
	SELECT * FROM (SELECT CASE WHEN b.status IS NULL OR b.status = 'PASS' THEN 'new' WHEN a.status IS NULL OR a.status = 'PASS' THEN 'resolved' ELSE 'changed' END AS kind,
		coalesce(b.status, '') AS before_status, coalesce(a.check_id, b.check_id) AS check_id, coalesce(a.title, b.title) AS title,
		coalesce(a.severity, b.severity) AS severity, coalesce(a.status, '') AS status, coalesce(a.found, b.found, a.cause, b.cause, '') AS found,
		coalesce(a.account_id, b.account_id) AS account_id, coalesce(a.region, b.region, '') AS region, coalesce(a.resource_type, b.resource_type) AS resource_type,
		coalesce(a.resource, b.resource, '') AS resource, coalesce(a.resource_name, b.resource_name, '') AS resource_name
	FROM now a FULL JOIN (SELECT * FROM findings WHERE scan_id = %[1]s) b
		ON a.check_id = b.check_id AND a.account_id = b.account_id AND a.region IS NOT DISTINCT FROM b.region AND a.resource IS NOT DISTINCT FROM b.resource
	WHERE a.status IS DISTINCT FROM b.status AND NOT (coalesce(a.status, 'PASS') = 'PASS' AND coalesce(b.status, 'PASS') = 'PASS')
		AND (a.status IS NOT NULL OR b.check_id IN (SELECT id FROM checks WHERE scan_id = %[2]s)
			AND ((b.account_id, b.region) IN (SELECT (account_id, region) FROM looked)
				OR b.account_id IN (SELECT account_id FROM looked GROUP BY account_id HAVING bool_and(region = %[4]s)))
			AND NOT EXISTS (FROM now WHERE status = 'UNKNOWN' AND resource IS NULL AND check_id = b.check_id AND account_id = b.account_id
				AND coalesce(region, %[4]s) IN (coalesce(b.region, %[4]s), %[4]s))))
	ORDER BY kind, list_position(%[3]s, severity), check_id, account_id, region, resource`
	rows, err := h.db.QueryContext(ctx, fmt.Sprintf(query, database.Literal(before), database.Literal(after), database.List(report.Severities()), database.Literal(collect.GlobalRegion)))
	if err != nil {
		return nil, fmt.Errorf("compare scans: %w", err)
	}
	defer rows.Close()
	var changes []Change
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.Kind, &c.Before, &c.Check, &c.Title, &c.Severity, &c.Status, &c.Found, &c.Account, &c.Region, &c.ResourceType, &c.Resource, &c.ResourceName); err != nil {
			return nil, fmt.Errorf("compare scans: %w", err)
		}
		changes = append(changes, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("compare scans: %w", err)
	}
	return changes, nil
}
