package history

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/database"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

// header is that of the scan selected, or one for all that the latest state is put together from.
func (h *History) header(ctx context.Context, coverage []collect.Cell, checks int) (report.Scan, error) {
	scans := h.views.Contributing()
	headers := make([]report.Scan, len(scans))
	for i, m := range scans {
		if err := json.Unmarshal(m.Scan, &headers[i]); err != nil {
			return report.Scan{}, fmt.Errorf("read the header of scan %s: %w", m.ID, err)
		}
	}
	if len(headers) == 0 { // scans that could sign in to no account
		scans = h.views.Scans()
		header := report.Scan{}
		if err := json.Unmarshal(scans[len(scans)-1].Scan, &header); err != nil {
			return header, fmt.Errorf("read the header of scan %s: %w", scans[len(scans)-1].ID, err)
		}
		return header, nil
	}
	if len(headers) == 1 {
		return headers[0], nil
	}
	all := together(headers)
	all.Checks = checks
	var err error
	all.Tables, all.Resources, err = h.resources(ctx, coverage)
	return all, err
}

// resources counts the rows of the tables that were collected, and those tables.
func (h *History) resources(ctx context.Context, coverage []collect.Cell) (tables int, rows int64, err error) {
	seen := map[string]bool{}
	var counts []string
	for _, cell := range coverage {
		if seen[cell.Table] || cell.Group != lake.ListGroup {
			continue
		}
		seen[cell.Table] = true
		columns, err := h.Columns(ctx, cell.Table)
		if err != nil {
			return 0, 0, err
		}
		if columns != nil {
			counts = append(counts, "SELECT count(*) AS n FROM "+database.Ident(cell.Table))
		}
	}
	if len(counts) == 0 {
		return 0, 0, nil
	}
	err = h.db.QueryRowContext(ctx, "SELECT sum(n)::BIGINT FROM ("+strings.Join(counts, " UNION ALL ")+")").Scan(&rows)
	if err != nil {
		return 0, 0, fmt.Errorf("count the resources: %w", err)
	}
	return len(seen), rows, nil
}

// together sums headers up, which are in the order of time.
func together(headers []report.Scan) report.Scan {
	all := headers[len(headers)-1]
	all.Scans, all.Command = len(headers), ""
	all.Calls, all.Retries, all.Throttles, all.Bytes, all.Accounts, all.Notes = 0, 0, 0, 0, nil, nil
	for _, header := range headers {
		all.Calls, all.Retries = all.Calls+header.Calls, all.Retries+header.Retries
		all.Throttles, all.Bytes = all.Throttles+header.Throttles, all.Bytes+header.Bytes
		all.Interrupted = all.Interrupted || header.Interrupted
		if header.Started.Before(all.Started) {
			all.Started = header.Started
		}
		for _, account := range header.Accounts {
			all.Accounts = withAccount(all.Accounts, account)
		}
		for _, note := range header.Notes {
			if !slices.Contains(all.Notes, note) {
				all.Notes = append(all.Notes, note)
			}
		}
	}
	return all
}

// withAccount adds an account, or what a later scan says of one that is there.
func withAccount(accounts []report.Account, later report.Account) []report.Account {
	for i := range accounts {
		if accounts[i].ID == later.ID {
			later.Regions = slices.Concat(accounts[i].Regions, later.Regions)
			slices.Sort(later.Regions)
			later.Regions = slices.Compact(later.Regions)
			accounts[i] = later
			return accounts
		}
	}
	return append(accounts, later)
}
