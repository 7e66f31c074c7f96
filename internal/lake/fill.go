package lake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/database"
)

// fill is what an earlier scan knows of a table's rows and the scan that they are from did not ask for.
type fill struct {
	scan   int
	file   File
	groups []string // sorted
}

// fill lays what earlier scans know over the rows of one scan, the latest first, so that a scan of few columns does not
// empty the others. A resource that an earlier scan did not see keeps saying that its columns were not asked for.
func (v *Views) fill(ctx context.Context, rows string, scan int, file File) (string, error) {
	for _, f := range v.fills(scan, file) {
		path, err := v.lake.store.local(ctx, f.file.Key)
		if err != nil {
			return "", fmt.Errorf("scan %s lists a file that is not there, so the lake was changed by hand or by a lifecycle rule: %w", v.scans[f.scan].ID, err)
		}
		rows = f.over(rows, path, file.Columns)
	}
	return rows, nil
}

// fills looks for scans that asked for groups which a later one skipped, until there is nothing to be had in any account.
func (v *Views) fills(scan int, file File) (fills []fill) {
	wanted := map[string][]string{} // groups by account
	for _, account := range file.Accounts {
		wanted[account] = slices.Clone(file.Skipped)
	}
	for i := scan - 1; i >= 0; i-- {
		m := &v.scans[i]
		at := slices.IndexFunc(m.Files, func(f File) bool { return f.Table == file.Table })
		if at < 0 {
			continue
		}
		earlier, had := m.Files[at], map[string]bool{}
		for _, account := range earlier.Accounts {
			for _, group := range earlier.Asked {
				had[group] = had[group] || slices.Contains(wanted[account], group)
			}
			if _, narrowed := m.Regions[account]; !narrowed || earlier.Reach == ReachAccount {
				wanted[account] = slices.DeleteFunc(wanted[account], func(group string) bool { return slices.Contains(earlier.Asked, group) })
			}
		}
		maps.DeleteFunc(had, func(_ string, wanted bool) bool { return !wanted })
		if len(had) > 0 {
			fills = append(fills, fill{scan: i, file: earlier, groups: slices.Sorted(maps.Keys(had))})
		}
	}
	return fills
}

// knows says whether the scan has the whole of a column.
func (f *File) knows(column string) bool {
	rests, has := f.Columns[column]
	return has && !slices.ContainsFunc(rests, func(group string) bool { return !slices.Contains(f.Asked, group) })
}

// over is a query that fills rows. Whether a group was skipped is asked of each row: a later fill may have brought it.
func (f *fill) over(rows, path string, columns map[string][]string) string {
	replace := []string{
		"CASE WHEN p.id IS NULL THEN b.unknown ELSE " + f.unknown(columns) + " END AS unknown",
		"CASE WHEN p.id IS NULL THEN b.raw ELSE json_merge_patch('{}', " + f.raw() + ", b.raw) END AS raw",
	}
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		var missing []string
		for _, group := range columns[column] {
			if slices.Contains(f.groups, group) {
				missing = append(missing, skipped(group))
			}
		}
		if len(missing) > 0 && f.file.knows(column) {
			replace = append(replace, fmt.Sprintf("CASE WHEN p.id IS NOT NULL AND (%s) THEN p.%s ELSE b.%[2]s END AS %[2]s", strings.Join(missing, " OR "), database.Ident(column)))
		}
	}
	return fmt.Sprintf("SELECT b.* REPLACE (%s) FROM (%s) b LEFT JOIN read_parquet(%s, hive_partitioning=false) p"+
		" ON p.account_id = b.account_id AND p.region IS NOT DISTINCT FROM b.region AND p.id = b.id",
		strings.Join(replace, ", "), rows, database.Literal(path))
}

// skipped is a condition: the row says that a group was not asked for.
func skipped(group string) string {
	return "starts_with(coalesce(b.unknown[" + database.Literal(group) + "], ''), 'skipped:')"
}

// apart is the cause of a group some of whose columns rest on others as well, which another scan asked for. It does not begin as
// that of a group which was not asked for does: what is older still would not fit to it.
const apart = "skipped in part: what it goes together with was asked for in another scan"

// unknown is what is not known of a filled row: what was not, but for the groups that are filled, of which it is what the
// earlier scan says.
func (f *fill) unknown(columns map[string][]string) string {
	var whole, partly []string
	for _, group := range f.groups {
		lacks := false
		for column, rests := range columns {
			lacks = lacks || slices.Contains(rests, group) && !f.file.knows(column)
		}
		if lacks {
			partly = append(partly, group)
		} else {
			whole = append(whole, group)
		}
	}
	in := func(groups []string) string {
		return "list_contains(" + database.List(groups) + "::VARCHAR[], _e.key) AND starts_with(coalesce(b.unknown[_e.key], ''), 'skipped:')"
	}
	return "nullif(map_from_entries(list_concat(" +
		"list_filter(map_entries(b.unknown), lambda _e: NOT (" + in(f.groups) + ")), " +
		"list_filter(coalesce(map_entries(p.unknown), []), lambda _e: " + in(whole) + "), " +
		"list_transform(list_filter(map_entries(b.unknown), lambda _e: " + in(partly) + "), lambda _e: {'key': _e.key, 'value': " + database.Literal(apart) + "}))), MAP {})"
}

// raw is the part of the earlier document that is filled in. What is null in it goes as it is laid over an empty one.
func (f *fill) raw() string {
	parts := make([]string, len(f.groups))
	for i, group := range f.groups {
		parts[i] = fmt.Sprintf("%s, CASE WHEN %s THEN p.raw->%s END", database.Literal(group), skipped(group), database.Literal(`$."`+group+`"`))
	}
	return "json_object(" + strings.Join(parts, ", ") + ")"
}
