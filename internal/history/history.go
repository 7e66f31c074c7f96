// Package history reads what earlier scans put into a lake: their findings and coverage as a result that can be reported,
// and all their tables to people's own SQL. It changes nothing in the lake.
package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

// History is an open selection of scans.
type History struct {
	lake  *lake.Lake
	views *lake.Views
	db    *database.DB
	out   string                           // Options.OutputDir
	works func() (*content.Library, error) // Options.Frameworks

	mu      sync.Mutex
	columns map[string][]string // of the views that exist, by table
}

// Options of Open.
type Options struct {
	Lake string
	// Scan is a scan's id, a unique beginning of it, "latest" for the last scan, lake.AllScans, or empty for the latest state.
	Scan      string
	Functions []*content.Function // macros that queries may use
	Memory    int64
	OutputDir string // a folder that Export may write to; empty if none
	// Frameworks gives the content whose frameworks queries see as tables; nil: none.
	Frameworks func() (*content.Library, error)
}

// Open opens a lake for reading.
func Open(ctx context.Context, o Options) (_ *History, err error) {
	l, err := lake.Open(ctx, o.Lake)
	if err != nil {
		return nil, err
	}
	h := &History{lake: l, out: o.OutputDir, works: o.Frameworks, columns: map[string][]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if h.views, err = l.Select(ctx, o.Scan); err != nil {
		return nil, err
	}
	folders := []string{h.views.Folder()}
	if o.OutputDir != "" {
		folders = append(folders, o.OutputDir)
	}
	if h.db, err = database.Open(ctx, database.Options{Memory: o.Memory, KeepOrder: true, OutputDirs: folders}); err != nil {
		return nil, err
	}
	return h, evaluate.CreateFunctions(ctx, h.db.DB, o.Functions)
}

// Close gives everything back.
func (h *History) Close() error {
	var err error
	if h.db != nil {
		err = h.db.Close()
	}
	return errors.Join(err, h.lake.Close())
}

// Explain says of an error of reading which file of the lake is damaged, if that is why. Others it gives back.
func (h *History) Explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	h.mu.Lock()
	tables := slices.Collect(maps.Keys(h.columns))
	h.mu.Unlock()
	return h.views.Damaged(ctx, h.db, err, tables...)
}

// Tables lists what can be queried.
func (h *History) Tables() []string {
	tables := h.views.Tables()
	if h.works != nil {
		tables = append(tables, frameworkTables...)
		slices.Sort(tables)
	}
	return tables
}

// Scans are the manifests of the selection, oldest first.
func (h *History) Scans() []lake.Manifest { return h.views.Scans() }

// Columns gives the columns of a table, or nil if there is no such table.
func (h *History) Columns(ctx context.Context, table string) ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	table = strings.ToLower(table)
	if columns := h.columns[table]; columns != nil {
		return columns, nil
	}
	switch {
	case h.works != nil && slices.Contains(frameworkTables, table):
		if err := h.makeFrameworks(ctx); err != nil {
			return nil, err
		}
	case !slices.Contains(h.views.Tables(), table):
		return nil, nil
	default:
		if err := h.views.Create(ctx, h.db, table); err != nil {
			return nil, err
		}
	}
	rows, err := h.db.QueryContext(ctx, "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", table)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	defer rows.Close()
	var columns []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the columns of %s: %w", table, err)
		}
		columns = append(columns, name)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", table, err)
	}
	h.columns[table] = columns
	return columns, nil
}

// Result gives the findings and coverage of the selection, under one header.
func (h *History) Result(ctx context.Context) (*report.Result, error) {
	result := &report.Result{Lake: h.lake.Location}
	for _, table := range []string{"findings", "coverage", "checks"} {
		if _, err := h.Columns(ctx, table); err != nil {
			return nil, err
		}
	}
	var err error
	if result.Coverage, err = h.coverage(ctx); err != nil {
		return nil, err
	}
	if result.Checks, err = h.checks(ctx); err != nil {
		return nil, err
	}
	if result.Scan, err = h.header(ctx, result.Coverage, len(result.Checks)); err != nil {
		return nil, err
	}
	params, err := h.Params(ctx)
	if err != nil {
		return nil, err
	}
	result.Findings = h.findings(ctx, params)
	result.Summary, err = report.Summarize(result.Findings)
	return result, err
}

func (h *History) coverage(ctx context.Context) ([]collect.Cell, error) {
	rows, err := h.db.QueryContext(ctx, `SELECT provider, account_id, region, table_name, column_group, status, coalesce(cause, ''), call, "rows",
		failures, calls, retries, throttles, bytes, ms FROM coverage ORDER BY ALL`)
	if err != nil {
		return nil, fmt.Errorf("read coverage: %w", err)
	}
	defer rows.Close()
	var cells []collect.Cell
	for rows.Next() {
		var c collect.Cell
		if err := rows.Scan(&c.Provider, &c.Account, &c.Region, &c.Table, &c.Group, &c.Status, &c.Cause, &c.Call, &c.Rows,
			&c.Failures, &c.Calls, &c.Retries, &c.Throttles, &c.Bytes, &c.Millis); err != nil {
			return nil, fmt.Errorf("read coverage: %w", err)
		}
		cells = append(cells, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read coverage: %w", err)
	}
	return cells, nil
}

// checks reads the words of checks as they were when the scan ran, so that a report does not change with the program.
func (h *History) checks(ctx context.Context) (map[string]*content.Check, error) {
	rows, err := h.db.QueryContext(ctx, `SELECT id, coalesce(service, ''), title, severity, resource_type, coalesce(why, ''), coalesce(fix, ''), coalesce(fix_cli, ''),
		coalesce(fix_terraform, ''), coalesce(fix_caution, ''), to_json("references")::VARCHAR
		FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY scan_id DESC) AS newest FROM checks) WHERE newest = 1`)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	defer rows.Close()
	checks := map[string]*content.Check{}
	for rows.Next() {
		var c content.Check
		var references string
		if err := rows.Scan(&c.ID, &c.Service, &c.Title, &c.Severity, &c.Resource, &c.Why, &c.Fix.Text, &c.Fix.CLI,
			&c.Fix.Terraform, &c.Fix.Caution, &references); err != nil {
			return nil, fmt.Errorf("read checks: %w", err)
		}
		if err := json.Unmarshal([]byte(references), &c.References); err != nil {
			return nil, fmt.Errorf("read check %s: %w", c.ID, err)
		}
		checks[c.ID] = &c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	return checks, nil
}
