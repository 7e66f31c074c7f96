package report

import (
	"io"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// FindingsTable prints the findings that a result shows, for `stance findings`, and says how many there were. For a person it
// says first which they are, and leaves out an account or region that is the same everywhere.
func FindingsTable(out io.Writer, result *Result, look terminal.Terminal) (int64, error) {
	if !look.Fits() {
		return grid.Write(out, "table", grid.Rows{
			Columns: []string{"severity", "status", "check", "resource", "where", "found or cause"},
			Values: func(yield func([]any, error) bool) {
				for f, err := range named(result.Findings) {
					row := []any{f.Severity, string(f.Status), f.Check, f.name, place(f.Finding), orNull(said(f.Finding))}
					if !yield(row, err) {
						return
					}
				}
			},
		}, look)
	}
	shown := result.Shown()
	if err := about(out, what(result), shown.account, shown.region, look); err != nil {
		return 0, err
	}
	longest := 0
	for _, c := range shown.Checks {
		longest = max(longest, terminal.Width(c.ID))
	}
	columns := []string{"severity", "status", "check", "resource", "where", "found or cause"}
	entries := func(yield func(entry, error) bool) {
		for f, err := range named(result.Findings) {
			e := entry{
				heads:    []head{{f.Severity, terminal.Severity(f.Severity)}, {string(f.Status), statusStyle(f.Status)}, {terminal.Clean(f.Check), terminal.Plain}},
				resource: f.name, place: placeBeside(f.Finding, shown.account, shown.region), text: said(f.Finding),
			}
			if !yield(e, err) {
				return
			}
		}
	}
	return list(out, columns, []int{0, 0, longest}, entries, look)
}

// what says which findings a result shows.
func what(result *Result) string {
	if scope := result.Scope(); scope != "" {
		return scope
	}
	return count(result.Summary.Total(), "finding")
}

// about prints the line above a listing: what is listed, and what all of it has in common.
func about(out io.Writer, what string, account, region only, look terminal.Terminal) error {
	if account.one() {
		what += look.Dot() + "account " + account.value
	}
	if region.one() {
		what += look.Dot() + "region " + region.value
	}
	for _, line := range terminal.Wrap(terminal.Clean(what), look.Columns()) {
		if _, err := io.WriteString(out, line+"\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(out, "\n")
	return err
}

// placeBeside is the part of a place that is not the same everywhere.
func placeBeside(f evaluate.Finding, account, region only) string {
	var parts []string
	if !account.one() && f.Account != "" {
		parts = append(parts, f.Account)
	}
	if !region.one() && f.Region != "" {
		parts = append(parts, f.Region)
	}
	return strings.Join(parts, "/")
}

func statusStyle(status evaluate.Status) terminal.Style {
	return map[evaluate.Status]terminal.Style{
		evaluate.Fail: terminal.Red, evaluate.Unknown: terminal.Yellow, evaluate.Manual: terminal.Cyan, evaluate.Pass: terminal.Green,
	}[status]
}

func orNull(s string) any {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return s
}
