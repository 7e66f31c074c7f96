package inventory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// Settled says what Settle found in a table.
type Settled struct {
	// Folded is how many rows said again what another one says. Differing is how many resources were listed with contents that
	// differ: one that changed while it was listed, or a table whose id does not tell its rows apart.
	Folded, Differing int64
	// Gaps are what the rows do not tell although it was collected, sorted.
	Gaps []Gap
}

// Gap is a column group that is not known in some rows for a reason that lies in the answers, or in the table, and not in
// the call.
type Gap struct {
	Account, Region string // of the rows
	Group           string
	Rows            int64
	Cause           string
}

// Settle makes one row of each resource of a loaded table, and tells what its rows lack. An item is listed twice where it moves
// from page to page while they are read, or where several lists of a table have it. The same id in another account or
// region is another row: a shadow of a trail says what that region sees.
func (s *Store) Settle(ctx context.Context, t *plan.Table) (Settled, error) {
	s.filling.RLock()
	defer s.filling.RUnlock()
	var settled Settled
	for _, step := range []func(context.Context, *plan.Table, *Settled) error{s.fold, s.nameless, s.unread} {
		if err := step(ctx, t, &settled); err != nil {
			return Settled{}, fmt.Errorf("settle %s: %w", t.Name, err)
		}
	}
	slices.SortFunc(settled.Gaps, func(a, b Gap) int {
		return strings.Compare(a.Account+"\x00"+a.Region+"\x00"+a.Group+"\x00"+a.Cause, b.Account+"\x00"+b.Region+"\x00"+b.Group+"\x00"+b.Cause)
	})
	return settled, nil
}

const (
	// twiceSQL is the ids that more than one row has. It reads no document.
	twiceSQL = `SELECT account_id, region, id FROM %[1]s WHERE id IS NOT NULL GROUP BY ALL HAVING count(*) > 1`
	// foldSQL keeps the row of which most is known, whatever came first: a scan that is resumed asks in another order, and must
	// end the same. Of rows that are equal but for the time the last one stays.
	foldSQL = `DELETE FROM %[1]s WHERE rowid IN (SELECT _row FROM (
  SELECT rowid AS _row, row_number() OVER (PARTITION BY account_id, region, id
    ORDER BY coalesce(cardinality(unknown), 0), hash(unknown::VARCHAR), hash(raw::VARCHAR), collected_at DESC, rowid) AS _no
  FROM %[1]s SEMI JOIN (` + twiceSQL + `) USING (account_id, region, id))
WHERE _no > 1)`
	differingSQL = `SELECT count(*) FROM (SELECT 1 FROM %[1]s SEMI JOIN (` + twiceSQL + `) USING (account_id, region, id)
GROUP BY account_id, region, id HAVING count(DISTINCT hash(raw::VARCHAR)) > 1)`
)

func (s *Store) fold(ctx context.Context, t *plan.Table, settled *Settled) error {
	name := database.Ident(t.Name)
	var twice int64
	if err := s.db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) FROM ("+twiceSQL+")", name)).Scan(&twice); err != nil || twice == 0 {
		return err
	}
	if err := s.db.QueryRowContext(ctx, fmt.Sprintf(differingSQL, name)).Scan(&settled.Differing); err != nil {
		return err
	}
	result, err := s.db.ExecContext(ctx, fmt.Sprintf(foldSQL, name))
	if err == nil {
		settled.Folded, err = result.RowsAffected()
	}
	return err
}

// nameless counts rows that nothing tells apart. Where the group that the id is in is not known, that says enough.
func (s *Store) nameless(ctx context.Context, t *plan.Table, settled *Settled) error {
	known := "true"
	for _, c := range t.Columns {
		if c.Name != "id" {
			continue
		}
		for _, group := range append(c.Groups, plan.GroupList) {
			known += " AND unknown[" + database.Literal(group) + "] IS NULL"
		}
	}
	id := "id"
	if t.Spec != nil && t.Spec.ID != "" {
		id = t.Spec.ID
	}
	return s.gaps(ctx, settled, fmt.Sprintf("SELECT account_id, region, %s, count(*)::BIGINT, %s FROM %s WHERE id IS NULL AND %s GROUP BY ALL",
		database.Literal(plan.GroupList), database.Literal("defect: the column "+id+", which tells the rows apart, is empty"), database.Ident(t.Name), known))
}

// unread counts what was answered and cannot be read. What a call did not answer is in the ledger already.
func (s *Store) unread(ctx context.Context, t *plan.Table, settled *Settled) error {
	return s.gaps(ctx, settled, fmt.Sprintf(`SELECT account_id, region, _e.key, count(*)::BIGINT, min(_e.value)
FROM (SELECT account_id, region, unnest(map_entries(unknown)) AS _e FROM %s WHERE unknown IS NOT NULL)
WHERE starts_with(_e.value, %s) OR starts_with(_e.value, 'defect: ') OR starts_with(_e.value, %s) GROUP BY ALL`,
		database.Ident(t.Name), database.Literal(unexpectedType), database.Literal(brokenDocument)))
}

func (s *Store) gaps(ctx context.Context, settled *Settled, query string) error {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var g Gap
		if err := rows.Scan(&g.Account, &g.Region, &g.Group, &g.Rows, &g.Cause); err != nil {
			return err
		}
		settled.Gaps = append(settled.Gaps, g)
	}
	return rows.Err()
}
