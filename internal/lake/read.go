package lake

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/stancehq/stance/internal/database"
)

// AllScans as a selection shows every row of every scan, told apart by the column scan_id.
const AllScans = "all"

// Views makes a view for each of the tables named, over the files of the scans selected:
//
//   - "" : the latest state. For each account a table's rows come from the latest scan that collected it there, and
//     findings from the latest scan that ran the check there, so that a scan of one service does not hide the others.
//   - a scan's id: that scan alone.
//   - AllScans: everything.
//
// Every view has a column scan_id. The database must be allowed to read the files: call Files first for where they are.
type Views struct {
	lake  *Lake
	scans []Manifest
	all   bool
}

// Select picks scans for reading.
func (l *Lake) Select(ctx context.Context, selection string) (*Views, error) {
	if selection != "" && selection != AllScans {
		m, err := l.Scan(ctx, selection)
		if err != nil {
			return nil, err
		}
		return &Views{lake: l, scans: []Manifest{*m}, all: true}, nil
	}
	scans, err := l.Scans(ctx)
	if err != nil {
		return nil, err
	}
	if len(scans) == 0 {
		return nil, fmt.Errorf("the lake %s holds no scan yet: run `stance scan` or `stance demo` first", l.Location)
	}
	return &Views{lake: l, scans: scans, all: selection == AllScans}, nil
}

// Scans are the manifests selected, oldest first.
func (v *Views) Scans() []Manifest { return v.scans }

// Tables lists every table that the scans selected hold, sorted.
func (v *Views) Tables() []string {
	var names []string
	for _, m := range v.scans {
		for _, file := range m.Files {
			names = append(names, file.Table)
		}
	}
	sort.Strings(names)
	return slices.Compact(names)
}

// Folder is where the files lie on this machine: a database must be allowed to read it.
func (v *Views) Folder() string {
	switch s := v.lake.store.(type) {
	case *folder:
		return s.root
	case *bucket:
		return s.cache
	}
	return ""
}

// Create makes the view of one table. A table without any file is an error.
func (v *Views) Create(ctx context.Context, db Execer, table string) error {
	query, err := v.query(ctx, table)
	if err != nil {
		return fmt.Errorf("read table %s: %w", table, err)
	}
	if _, err := db.ExecContext(ctx, fmt.Sprintf("CREATE VIEW %s AS %s", database.Ident(table), query)); err != nil {
		return fmt.Errorf("read table %s: %w", table, err)
	}
	return nil
}

func (v *Views) query(ctx context.Context, table string) (string, error) {
	var parts []string
	taken := map[string]bool{} // what a later scan has said already, in the latest state
	for i := len(v.scans) - 1; i >= 0; i-- {
		m := v.scans[i]
		for _, file := range m.Files {
			if file.Table != table {
				continue
			}
			filter := v.filter(m, file, taken)
			if filter == "" {
				continue
			}
			path, err := v.lake.store.local(ctx, file.Key)
			if err != nil {
				return "", fmt.Errorf("scan %s lists a file that is not there, so the lake was changed by hand or by a lifecycle rule: %w", m.ID, err)
			}
			parts = append(parts, fmt.Sprintf("SELECT *, %s AS scan_id FROM read_parquet(%s, hive_partitioning=false) WHERE %s",
				database.Literal(m.ID), database.Literal(path), filter))
		}
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("no scan in the lake %s has it", v.lake.Location)
	}
	return strings.Join(parts, " UNION ALL BY NAME "), nil
}

// filter says which rows of a file belong to the selection; "" for none.
func (v *Views) filter(m Manifest, file File, taken map[string]bool) string {
	if v.all || file.Table == "scans" {
		return "true"
	}
	accounts := file.Accounts
	if len(accounts) == 0 {
		accounts = m.Accounts
	}
	if file.Table == "findings" {
		var pairs []string
		for _, account := range m.Accounts {
			for _, check := range m.Checks {
				if key := account + "\x00" + check; !taken[key] {
					taken[key] = true
					pairs = append(pairs, fmt.Sprintf("(%s, %s)", database.Literal(account), database.Literal(check)))
				}
			}
		}
		if len(pairs) == 0 {
			return ""
		}
		if len(pairs) == len(m.Accounts)*len(m.Checks) {
			return "true"
		}
		return fmt.Sprintf(`(account_id, "check") IN (%s)`, strings.Join(pairs, ", "))
	}
	if file.Table == "coverage" {
		return v.coverageFilter(m, taken)
	}
	var fresh []string
	for _, account := range accounts {
		if !taken[account] {
			taken[account] = true
			fresh = append(fresh, database.Literal(account))
		}
	}
	switch len(fresh) {
	case 0:
		return ""
	case len(accounts):
		return "true"
	}
	return fmt.Sprintf("account_id IN (%s)", strings.Join(fresh, ", "))
}

// coverageFilter takes the coverage of a table from the same scan as its rows.
func (v *Views) coverageFilter(m Manifest, taken map[string]bool) string {
	var pairs []string
	for _, file := range m.Files {
		for _, account := range file.Accounts {
			if key := account + "\x00" + file.Table; !taken[key] {
				taken[key] = true
				pairs = append(pairs, fmt.Sprintf("(%s, %s)", database.Literal(account), database.Literal(file.Table)))
			}
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return fmt.Sprintf("(account_id, table_name) IN (%s)", strings.Join(pairs, ", "))
}
