package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
)

// ledgers are the tables that say what the others rest on: how much was seen, and what it is measured by.
var ledgers = []struct{ name, columns string }{
	{"coverage", `provider VARCHAR, account_id VARCHAR, region VARCHAR, table_name VARCHAR, column_group VARCHAR, status VARCHAR,
		cause VARCHAR, call VARCHAR, "rows" BIGINT, failures BIGINT, calls BIGINT, retries BIGINT, throttles BIGINT, bytes BIGINT, ms BIGINT`},
	{"scans", `scan VARCHAR, provider VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, status VARCHAR, version VARCHAR, summary JSON`},
	{"checks", `id VARCHAR, provider VARCHAR, service VARCHAR, title VARCHAR, severity VARCHAR, resource_type VARCHAR, why VARCHAR, fix VARCHAR,
		fix_cli VARCHAR, fix_terraform VARCHAR, fix_caution VARCHAR, objectives VARCHAR[], requirements VARCHAR[],
		params JSON, "references" VARCHAR[]`},
	{"objectives", `id VARCHAR, title VARCHAR, domain VARCHAR, about VARCHAR, why VARCHAR`},
}

func (s *Store) createLedgers(ctx context.Context) error {
	for _, l := range ledgers {
		if _, err := s.db.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+l.name+" ("+l.columns+")"); err != nil {
			return fmt.Errorf("make table %s: %w", l.name, err)
		}
	}
	return nil
}

// AddCoverage adds cells of the ledger to the table coverage.
func (s *Store) AddCoverage(ctx context.Context, cells []collect.Cell) error {
	rows := make([]any, len(cells))
	for i, c := range cells {
		rows[i] = map[string]any{
			"provider": c.Provider, "account_id": c.Account, "region": c.Region, "table_name": c.Table, "column_group": c.Group,
			"status": string(c.Status), "cause": orNull(c.Cause), "call": c.Call, "rows": c.Rows, "failures": c.Failures,
			"calls": c.Calls, "retries": c.Retries, "throttles": c.Throttles, "bytes": c.Bytes, "ms": c.Millis,
		}
	}
	return s.add(ctx, "coverage", rows)
}

// Scan is a line of the table scans.
type Scan struct {
	ID, Provider      string
	Started, Finished time.Time
	Status, Version   string
	Summary           json.RawMessage
}

// AddScan adds a line to the table scans.
func (s *Store) AddScan(ctx context.Context, scan Scan) error {
	return s.add(ctx, "scans", []any{map[string]any{
		"scan": scan.ID, "provider": scan.Provider, "started_at": moment(scan.Started), "finished_at": moment(scan.Finished),
		"status": scan.Status, "version": scan.Version, "summary": scan.Summary,
	}})
}

// Check is a line of the table checks.
type Check struct {
	*content.Check
	// Requirements of frameworks that it answers, and the values of its parameters that it was asked with.
	Requirements []string
	Params       map[string]any
}

// AddChecks fills the table checks.
func (s *Store) AddChecks(ctx context.Context, checks []Check) error {
	rows := make([]any, len(checks))
	for i, c := range checks {
		rows[i] = map[string]any{
			"id": c.ID, "provider": c.Provider, "service": c.Service, "title": c.Title, "severity": c.Severity, "resource_type": c.Resource,
			"why": orNull(c.Why), "fix": orNull(c.Fix.Text), "fix_cli": orNull(c.Fix.CLI), "fix_terraform": orNull(c.Fix.Terraform), "fix_caution": orNull(c.Fix.Caution),
			"objectives": c.Objectives, "requirements": c.Requirements, "params": c.Params, "references": c.References,
		}
	}
	return s.add(ctx, "checks", rows)
}

// AddObjectives fills the table objectives.
func (s *Store) AddObjectives(ctx context.Context, objectives []*content.Objective) error {
	rows := make([]any, len(objectives))
	for i, o := range objectives {
		rows[i] = map[string]any{"id": o.ID, "title": o.Title, "domain": orNull(o.Domain), "about": orNull(o.About), "why": orNull(o.Why)}
	}
	return s.add(ctx, "objectives", rows)
}

// addAtOnce bounds the length of one statement's parameter.
const addAtOnce = 2000

// add writes rows through JSON, which is a parameter, so that no value is part of the statement.
func (s *Store) add(ctx context.Context, table string, rows []any) error {
	structure, err := s.structure(ctx, table)
	if err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	for len(rows) > 0 {
		some := rows[:min(addAtOnce, len(rows))]
		rows = rows[len(some):]
		text, err := json.Marshal(some)
		if err != nil {
			return fmt.Errorf("write %s: %w", table, err)
		}
		insert := "INSERT INTO " + table + " BY NAME SELECT unnest(r) FROM (SELECT unnest(json_transform($1::VARCHAR, " + database.Literal("["+structure+"]") + ")) AS r)"
		if _, err := s.db.ExecContext(ctx, insert, string(text)); err != nil {
			return fmt.Errorf("write %s: %w", table, err)
		}
	}
	return nil
}

// structure is a table's columns as json_transform takes them.
func (s *Store) structure(ctx context.Context, table string) (string, error) {
	var structure string
	err := s.db.QueryRowContext(ctx, `SELECT '{' || string_agg(to_json(column_name)::VARCHAR || ':' || to_json(data_type)::VARCHAR, ',' ORDER BY column_index) || '}'
		FROM duckdb_columns() WHERE table_name = $1::VARCHAR`, table).Scan(&structure)
	return structure, err
}

func orNull(text string) any {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return text
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}
