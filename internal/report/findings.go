package report

import (
	"io"
	"slices"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// FindingsTable prints a line per finding, for `stance findings`, and says how many there were.
func FindingsTable(out io.Writer, findings Findings, look terminal.Terminal) (int64, error) {
	return grid.Write(out, "table", grid.Rows{
		Columns: []string{"severity", "status", "check", "resource", "where", "found or cause"},
		Values: func(yield func([]any, error) bool) {
			for f, err := range findings {
				row := []any{f.Severity, string(f.Status), f.Check, Label(f), place(f), orNull(said(f))}
				if !yield(row, err) {
					return
				}
			}
		},
	}, look)
}

// CoverageTable prints what was not seen and why, a line per call and reason, for `stance report --coverage`.
func CoverageTable(out io.Writer, coverage Coverage, look terminal.Terminal) error {
	if _, err := io.WriteString(out, "coverage "+terminal.Clean(coverage.Line())+"\n\n"); err != nil {
		return err
	}
	if coverage.Missing() == 0 {
		return nil
	}
	_, err := grid.Write(out, "table", grid.Rows{
		Columns: []string{"status", "call", "table", "group", "cells", "rows", "scopes", "cause"},
		Values: func(yield func([]any, error) bool) {
			for _, g := range coverage.Gaps {
				row := []any{statusWord(g.Status), g.Call, g.Table, g.Group, g.Cells, g.Rows, join(scopes(g), 3), orNull(g.Cause)}
				if !yield(row, nil) {
					return
				}
			}
		},
	}, look)
	return err
}

// scopes names the places of a gap once each: "111122223333/eu-west-1".
func scopes(g Gap) []string {
	var names []string
	for _, cell := range g.Scopes {
		names = append(names, place(evaluate.Finding{Account: cell.Account, Region: cell.Region}))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func orNull(s string) any {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return s
}
