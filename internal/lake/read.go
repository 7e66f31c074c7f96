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
//   - "" : the latest state. For each account and region a table's rows come from the latest scan that collected it there,
//     and findings from the latest scan that ran the check there, so that a scan of one service or region does not hide the
//     others. What rests on all regions of an account together comes from the latest scan that no other outdoes: see Reach.
//     Columns that the latest scan did not ask for come from the latest one that did, resource by resource: see fills.
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
		return nil, &Empty{l.Location}
	}
	return &Views{lake: l, scans: scans, all: selection == AllScans}, nil
}

// Scans are the manifests selected, oldest first.
func (v *Views) Scans() []Manifest { return v.scans }

// Contributing are those of the scans selected that findings or coverage are from, oldest first.
func (v *Views) Contributing() []Manifest {
	var scans []Manifest
	findings, coverage := v.filters("findings"), v.filters("coverage")
	for i := range v.scans {
		if findings[i] != "" || coverage[i] != "" {
			scans = append(scans, v.scans[i])
		}
	}
	return scans
}

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
		return fmt.Errorf("read table %s: %w", table, v.Damaged(ctx, db, err, table))
	}
	return nil
}

func (v *Views) query(ctx context.Context, table string) (string, error) {
	filters := v.filters(table)
	var parts []string
	for i := len(v.scans) - 1; i >= 0; i-- {
		m := v.scans[i]
		for _, file := range m.Files {
			if file.Table != table || filters[i] == "" {
				continue
			}
			path, err := v.lake.store.local(ctx, file.Key)
			if err != nil {
				return "", fmt.Errorf("scan %s lists a file that is not there, so the lake was changed by hand or by a lifecycle rule: %w", m.ID, err)
			}
			part := fmt.Sprintf("SELECT *, %s AS scan_id FROM read_parquet(%s, hive_partitioning=false) WHERE %s",
				database.Literal(m.ID), database.Literal(path), filters[i])
			if !v.all {
				if part, err = v.fill(ctx, part, i, file); err != nil {
					return "", err
				}
			}
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("no scan in the lake %s has it", v.lake.Location)
	}
	return strings.Join(parts, " UNION ALL BY NAME "), nil
}

// filters says, by scan, which rows of a table belong to the selection; "" for none.
func (v *Views) filters(table string) []string {
	filters := make([]string, len(v.scans))
	if v.all || table == "scans" {
		for i := range filters {
			filters[i] = "true"
		}
		return filters
	}
	switch table {
	case "checks":
		v.newestChecks(filters)
		return filters
	case "objectives":
		filters[len(filters)-1] = "true"
		return filters
	}
	claims, byName := v.claims(table)
	for i, shares := range latest(claims) {
		filters[i] = sharesSQL(shares, byName)
	}
	return filters
}

// claims are what the scans say of a table, and the column by which the parts of one that speaks of several are told apart:
// findings are the latest by check, and coverage is that of the scans which a table's rows and their columns are from.
func (v *Views) claims(table string) (claims []claim, byName string) {
	switch table {
	case "findings":
		return v.findingClaims(), "check_id"
	case "coverage":
		return v.coverageClaims(), "table_name || '/' || column_group"
	}
	for i := range v.scans {
		m := &v.scans[i]
		for _, file := range m.Files {
			if file.Table != table {
				continue
			}
			accounts := file.Accounts
			if len(accounts) == 0 {
				accounts = m.Accounts
			}
			for _, account := range accounts {
				claims = append(claims, newClaim(i, m, account, file.Table, file.Reach))
			}
		}
	}
	return claims, ""
}

func (v *Views) findingClaims() (claims []claim) {
	for i := range v.scans {
		m := &v.scans[i]
		for _, account := range m.Accounts {
			for _, check := range m.Checks {
				claims = append(claims, newClaim(i, m, account, check, m.Reach[check]))
			}
		}
	}
	return claims
}

// coverageClaims are by column group. That a scan did not ask for a group says nothing of one that did.
func (v *Views) coverageClaims() (claims []claim) {
	asked := map[string]bool{} // by account, table and group
	key := func(account, name string) string { return account + "/" + name }
	for i := range v.scans {
		for _, file := range v.scans[i].Files {
			for _, account := range file.Accounts {
				for _, group := range file.Asked {
					asked[key(account, file.Table+"/"+group)] = true
				}
			}
		}
	}
	for i := range v.scans {
		m := &v.scans[i]
		for _, file := range m.Files {
			for _, account := range file.Accounts {
				for _, group := range append([]string{ListGroup}, file.Asked...) {
					claims = append(claims, newClaim(i, m, account, file.Table+"/"+group, file.Reach))
				}
				for _, group := range file.Skipped {
					if name := file.Table + "/" + group; !asked[key(account, name)] {
						claims = append(claims, newClaim(i, m, account, name, file.Reach))
					}
				}
			}
		}
	}
	return claims
}

// ListGroup is the column group that a table's list call fills.
const ListGroup = "list"

// newestChecks takes the words of each check from the latest scan that ran it.
func (v *Views) newestChecks(filters []string) {
	taken := map[string]bool{}
	for _, check := range v.scans[len(v.scans)-1].Checks {
		taken[check] = true
	}
	filters[len(filters)-1] = "true"
	for i := len(v.scans) - 2; i >= 0; i-- {
		var fresh []string
		for _, check := range v.scans[i].Checks {
			if !taken[check] {
				taken[check] = true
				fresh = append(fresh, database.Literal(check))
			}
		}
		if len(fresh) > 0 {
			filters[i] = "id IN (" + strings.Join(fresh, ", ") + ")"
		}
	}
}
