package history

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/lake"
)

// Share is what one scan has in a selection.
type Share struct {
	lake.Manifest
	Asked []string // the checks whose findings are this scan's, sorted
}

// Shares are the scans of the selection that findings are from, oldest first.
func (h *History) Shares() []Share {
	var shares []Share
	asked := h.views.Asked()
	for i, m := range h.views.Scans() {
		if len(asked[i]) > 0 {
			shares = append(shares, Share{m, asked[i]})
		}
	}
	return shares
}

// Of opens one scan of the same lake, with a database of its own that holds so many bytes. It must be closed for itself.
func (h *History) Of(ctx context.Context, scan string, memory int64) (*History, error) {
	return Open(ctx, Options{Lake: h.lake.Location, Scan: scan, Memory: memory})
}

// Document is a row as it was collected, with secrets masked.
type Document struct {
	Account, Partition, Region, ID sql.NullString
	At                             sql.NullTime
	Raw                            sql.NullString // JSON; NULL where the document could not be read
	Unknown                        sql.NullString // JSON: causes by column group
	Columns                        sql.NullString // JSON: the values of the columns asked for
}

// documentPage bounds the documents held at once, in bytes of text: the driver keeps a whole result in memory.
const documentPage = 8 << 20

// Documents yields the rows of a collected table, sorted by account, region and id, with the values of some columns besides.
func (h *History) Documents(ctx context.Context, table string, columns []string) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		if err := h.documents(ctx, table, columns, func(d Document) bool { return yield(d, nil) }); err != nil {
			yield(Document{}, fmt.Errorf("read the documents of %s: %w", table, err))
		}
	}
}

func (h *History) documents(ctx context.Context, table string, columns []string, yield func(Document) bool) error {
	if _, err := h.Columns(ctx, table); err != nil {
		return err
	}
	conn, err := h.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// Sorting and cutting into pages is the database's work, which spills. TEMP tables are the connection's own.
	const stage = `CREATE OR REPLACE TEMP TABLE staged AS SELECT row_number() OVER (ORDER BY account_id, region, id, collected_at, raw::VARCHAR) AS place,
		account_id, "partition", region, id, collected_at, raw::VARCHAR AS raw, to_json(unknown)::VARCHAR AS unknown, %s AS columns FROM %s`
	if _, err := conn.ExecContext(ctx, fmt.Sprintf(stage, valuesSQL(columns), database.Ident(table))); err != nil {
		return err
	}
	ends, err := pageEnds(ctx, conn)
	if err != nil {
		return err
	}
	first := int64(1)
	for _, end := range ends {
		page, err := documentsBetween(ctx, conn, first, end)
		if err != nil {
			return err
		}
		for _, d := range page {
			if !yield(d) {
				return nil
			}
		}
		first = end + 1
	}
	_, err = conn.ExecContext(ctx, "DROP TABLE staged")
	return err
}

// valuesSQL gives columns as one JSON object.
func valuesSQL(columns []string) string {
	if len(columns) == 0 {
		return "NULL::VARCHAR"
	}
	values := make([]string, len(columns))
	for i, name := range columns {
		values[i] = database.Literal(name) + ", " + database.Ident(name)
	}
	return "json_object(" + strings.Join(values, ", ") + ")::VARCHAR"
}

// pageEnds gives the last place of each page.
func pageEnds(ctx context.Context, conn *sql.Conn) (ends []int64, err error) {
	rows, err := conn.QueryContext(ctx, fmt.Sprintf(`SELECT max(place) AS last FROM (SELECT place, sum(coalesce(strlen(raw), 0) + coalesce(strlen(columns), 0) + 200)
		OVER (ORDER BY place) // %d AS page FROM staged) GROUP BY page ORDER BY last`, documentPage))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var end int64
		if err := rows.Scan(&end); err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	return ends, rows.Err()
}

func documentsBetween(ctx context.Context, conn *sql.Conn, first, last int64) (page []Document, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT account_id, "partition", region, id, collected_at, raw, unknown, columns FROM staged
		WHERE place BETWEEN $1::BIGINT AND $2::BIGINT ORDER BY place`, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d Document
		if err := rows.Scan(&d.Account, &d.Partition, &d.Region, &d.ID, &d.At, &d.Raw, &d.Unknown, &d.Columns); err != nil {
			return nil, err
		}
		d.At.Time = d.At.Time.In(time.UTC)
		page = append(page, d)
	}
	return page, rows.Err()
}

// Verdicts yields the findings of some checks, in the order in which a scan gives them.
func (h *History) Verdicts(ctx context.Context, checks []string) iter.Seq2[evaluate.Finding, error] {
	return func(yield func(evaluate.Finding, error) bool) {
		if err := h.verdicts(ctx, checks, func(f evaluate.Finding) bool { return yield(f, nil) }); err != nil {
			yield(evaluate.Finding{}, fmt.Errorf("read findings: %w", err))
		}
	}
}

func (h *History) verdicts(ctx context.Context, checks []string, yield func(evaluate.Finding) bool) error {
	if _, err := h.Columns(ctx, "findings"); err != nil {
		return err
	}
	view := "CREATE OR REPLACE VIEW verdicts AS SELECT * FROM findings WHERE check_id IN (SELECT unnest(" + database.List(checks) + "::VARCHAR[]))"
	if _, err := h.db.ExecContext(ctx, view); err != nil {
		return err
	}
	return h.walk(ctx, "verdicts", yield)
}

// Cells is the ledger of some tables, and of accounts that refused as a whole.
func (h *History) Cells(ctx context.Context, tables []string) ([]collect.Cell, error) {
	if _, err := h.Columns(ctx, "coverage"); err != nil {
		return nil, err
	}
	cells, err := h.coverage(ctx)
	return slices.DeleteFunc(cells, func(c collect.Cell) bool { return c.Table != "" && !slices.Contains(tables, c.Table) }), err
}
