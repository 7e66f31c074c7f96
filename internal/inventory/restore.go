package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/plan"
)

// Restore fills a table that CreateTable made from what a lake keeps of its rows: lines like those of Load whose documents are masked
// already, or null where they could not be read. A line may have a member columns besides, with the values of the given columns,
// which are taken as they are: nothing that was read of a secret can be read of what stands in its place. In a table that has
// such columns, what is not known is what the lines say; in others it is that and what is found here.
func (s *Store) Restore(ctx context.Context, t *plan.Table, given []string, rows iter.Seq2[[]byte, error]) (Report, error) {
	report, err := s.stream(ctx, t, restoreSQL(t, given), true, rows)
	if err == nil && report.Malformed > 0 {
		err = fmt.Errorf("load %s: %s", t.Name, report.Cause)
	}
	return report, err
}

// restoreSQL is the table's own query, over rows whose raw column is the whole line, with the given columns put in their places.
func restoreSQL(t *plan.Table, given []string) string {
	replace := []string{`nullif(raw->'$.doc', 'null'::JSON) AS raw`}
	structure := []string{}
	for _, c := range t.Columns {
		for _, name := range given {
			if name == c.Name {
				structure = append(structure, quoteJSON(name)+": "+quoteJSON(c.Type))
				replace = append(replace, "_given.columns."+database.Ident(name)+" AS "+database.Ident(name))
			}
		}
	}
	if len(structure) == 0 {
		return "SELECT * REPLACE (" + replace[0] + ") FROM (" + t.Select + "\n)"
	}
	replace = append(replace, "_given.unknown AS unknown")
	form := `{"unknown": "MAP(VARCHAR, VARCHAR)", "columns": {` + strings.Join(structure, ", ") + "}}"
	return "SELECT * EXCLUDE (_given) REPLACE (" + strings.Join(replace, ", ") + ")\nFROM (SELECT *, json_transform(raw, " + database.Literal(form) +
		") AS _given FROM (" + t.Select + "\n))"
}

func quoteJSON(text string) string {
	quoted, _ := json.Marshal(text) // text always can be written
	return string(quoted)
}

// Collected gives the ledger as it was before anything was found amiss with rows that had come: as the checks of the scan were
// asked with it. The rows themselves say what of them is not known.
func Collected(cells []collect.Cell) []collect.Cell {
	before := make([]collect.Cell, len(cells))
	for i, c := range cells {
		if c.Status == collect.Partial && ofRows(c.Cause) {
			c.Status, c.Cause = collect.OK, ""
		}
		before[i] = c
	}
	return before
}

// ofRows says whether a cause is one that Settle gives.
func ofRows(cause string) bool {
	return strings.HasPrefix(cause, unexpectedType) || strings.HasPrefix(cause, "defect: ") || strings.HasPrefix(cause, brokenDocument)
}
