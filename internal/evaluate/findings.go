package evaluate

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"

	"github.com/duckdb/duckdb-go/v2"
)

// pageSize bounds the findings held at once: the driver keeps a whole result in memory.
const pageSize = 4_000

// Findings yields what Run left in the database, in order. It can be walked any number of times, one walk at a time.
func Findings(ctx context.Context, db *sql.DB) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		r := reader{ctx: ctx, db: db}
		if err := r.walk(func(f Finding) bool { return yield(f, nil) }); err != nil {
			yield(Finding{}, fmt.Errorf("read findings: %w", err))
		}
	}
}

type reader struct {
	ctx context.Context
	db  *sql.DB
}

// walk goes check by check, which is the order of findings: several at once as long as they fit into a page. Those of one check
// that are more than a page are sorted in a table of the database, and read from there.
func (r reader) walk(yield func(Finding) bool) error {
	heads, err := r.heads()
	if err != nil {
		return err
	}
	for first := 0; first < len(heads); {
		last, count := first, heads[first].count
		for last+1 < len(heads) && count+heads[last+1].count <= pageSize {
			last++
			count += heads[last].count
		}
		read := r.several
		if count > pageSize {
			read = r.many
		}
		if more, err := read(heads, first, last, yield); err != nil || !more {
			return err
		}
		first = last + 1
	}
	return nil
}

const findingOrder = "ORDER BY no, account_id, region, resource NULLS FIRST, status, cause, found, resource_name"

// several reads the findings of some checks at once.
func (r reader) several(heads []head, first, last int, yield func(Finding) bool) (more bool, err error) {
	return r.page(heads, fmt.Sprintf("stance_finding WHERE no BETWEEN %d AND %d %s", first, last, findingOrder), yield)
}

// many reads the findings of one check page by page.
func (r reader) many(heads []head, no, _ int, yield func(Finding) bool) (more bool, err error) {
	if _, err := r.db.ExecContext(r.ctx, fmt.Sprintf(
		"CREATE OR REPLACE TABLE stance_page AS SELECT row_number() OVER (%s) AS place, * FROM stance_finding WHERE no = %d", findingOrder, no,
	)); err != nil {
		return false, err
	}
	for first := int64(1); first <= heads[no].count; first += pageSize {
		page := fmt.Sprintf("stance_page WHERE place BETWEEN %d AND %d ORDER BY place", first, first+pageSize-1)
		if more, err := r.page(heads, page, yield); err != nil || !more {
			return more, err
		}
	}
	_, err = r.db.ExecContext(r.ctx, "DROP TABLE stance_page")
	return true, err
}

// head is what all findings of a check have in common, and the number of its verdicts.
type head struct {
	Finding
	count int64
}

// with gives a finding what it has in common with others.
func (h head) with(f Finding) Finding {
	f.Check, f.Title, f.Severity, f.Provider, f.ResourceType = h.Check, h.Title, h.Severity, h.Provider, h.ResourceType
	f.Objectives, f.Requirements, f.Params = h.Objectives, h.Requirements, h.Params
	return f
}

func (r reader) heads() ([]head, error) {
	rows, err := r.db.QueryContext(r.ctx, `SELECT id, title, severity, provider, resource_type, objectives, requirements, params,
  coalesce((SELECT sum(count) FROM stance_count n WHERE n.no = c.no), 0)::BIGINT FROM stance_check c ORDER BY no`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var heads []head
	for rows.Next() {
		var h head
		var objectives, requirements duckdb.Composite[[]string]
		var params sql.NullString
		if err := rows.Scan(&h.Check, &h.Title, &h.Severity, &h.Provider, &h.ResourceType, &objectives, &requirements, &params, &h.count); err != nil {
			return nil, err
		}
		h.Objectives, h.Requirements = notNil(objectives.Get()), notNil(requirements.Get())
		if params.Valid {
			if err := json.Unmarshal([]byte(params.String), &h.Params); err != nil {
				return nil, fmt.Errorf("the parameters of %s: %w", h.Check, err)
			}
		}
		heads = append(heads, h)
	}
	return heads, rows.Err()
}

// page reads findings whole before it yields them, so that no result stays open while the receiver works.
func (r reader) page(heads []head, from string, yield func(Finding) bool) (more bool, err error) {
	rows, err := r.db.QueryContext(r.ctx, `SELECT no, status, cause, found, account_id, region, resource, resource_name,
  map_keys(tags), map_values(tags) FROM `+from)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var page []Finding
	for rows.Next() {
		var no int
		var f Finding
		var cause, found, resource, name sql.NullString
		var keys, values any
		if err := rows.Scan(&no, &f.Status, &cause, &found, &f.Account, &f.Region, &resource, &name, &keys, &values); err != nil {
			return false, err
		}
		f = heads[no].with(f)
		f.Cause, f.Found, f.Resource, f.ResourceName, f.Tags = cause.String, found.String, resource.String, name.String, tagsOf(keys, values)
		page = append(page, f)
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	rows.Close()
	for _, f := range page {
		if !yield(f) {
			return false, nil
		}
	}
	return true, nil
}

func tagsOf(keys, values any) map[string]string {
	k, _ := keys.([]any)
	v, _ := values.([]any)
	if len(k) == 0 || len(k) != len(v) {
		return nil
	}
	tags := make(map[string]string, len(k))
	for i := range k {
		key, _ := k[i].(string)
		value, _ := v[i].(string)
		tags[key] = value
	}
	return tags
}
