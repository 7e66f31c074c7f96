package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/iac"
	"github.com/stancehq/stance/internal/plan"
)

// wrongType begins the causes of columns whose value is of another type than the API's.
const wrongType = "unexpected type: "

// refuse takes the rows of objects away that no API server would take, because a field is of the wrong type: a placeholder where a
// number belongs. Else nothing could be said of what stands beside them. The unit's problems tell of it.
func (r *codeRunner) refuse(ctx context.Context, t *plan.Table) error {
	table := database.Ident(t.Name)
	rows, err := r.db.QueryContext(ctx, `SELECT account_id, raw ->> '$._code.address', list_filter(map_values(unknown), lambda cause: starts_with(cause, ?))[1] FROM `+table+
		` WHERE len(list_filter(map_values(unknown), lambda cause: starts_with(cause, ?))) > 0`, wrongType, wrongType)
	if err != nil {
		return fmt.Errorf("find wrong types in %s: %w", t.Name, err)
	}
	type object struct{ account, address, cause string }
	var refused []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.account, &o.address, &o.cause); err != nil {
			_ = rows.Close()
			return fmt.Errorf("find wrong types in %s: %w", t.Name, err)
		}
		refused = append(refused, o)
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("find wrong types in %s: %w", t.Name, err)
	}
	for _, o := range refused {
		place := r.rows.byPlace[o.account]
		if place == nil || !place.unit.OfObjects() {
			continue
		}
		if _, err := r.db.ExecContext(ctx, "DELETE FROM "+table+" WHERE account_id = ? AND (raw ->> '$._code.address') = ?", o.account, o.address); err != nil {
			return fmt.Errorf("leave out what is of the wrong type in %s: %w", t.Name, err)
		}
		r.rows.lines[t.Name] = slices.DeleteFunc(r.rows.lines[t.Name], func(line codeRow) bool {
			gone := line.place == place && line.Resource.Address == o.address
			if gone {
				what := fmt.Sprintf("not looked at, as no API server would take it: %s", strings.TrimPrefix(o.cause, wrongType))
				place.unit.Problems = append(place.unit.Problems, iac.Problem{Kind: iac.Broken, What: what, Range: line.Resource.Name})
			}
			return gone
		})
	}
	return nil
}
