package report

import (
	"io"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Listing is what FindingsTable printed.
type Listing struct {
	Findings int64 // all
	Lines    int64 // that stand for several
	Shared   int64 // findings on such lines
	// Suppressed are not printed, and not among Findings.
	Suppressed int64
}

// FindingsTable prints the findings that a result shows, for `stance findings`: what is UNKNOWN for the same cause on one line, or
// each on its own. What is suppressed is counted only. For a person it says first which they are, and leaves out an account or region that is the same everywhere.
func FindingsTable(out io.Writer, result *Result, each bool, look terminal.Terminal) (Listing, error) {
	var listed Listing
	findings := func(yield func(evaluate.Finding, error) bool) {
		for f, err := range result.located() {
			if err == nil && suppressed(f) {
				listed.Suppressed++
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
	lines := perCause
	if each {
		lines = perFinding
	}
	all := func(yield func(*line, error) bool) {
		for l, err := range lines(named(findings)) {
			if err == nil {
				listed.add(l)
			}
			if !yield(l, err) {
				return
			}
		}
	}
	columns := []string{"severity", "status", "check", "resource", "where", "found or cause"}
	if !look.Fits() {
		_, err := grid.Write(out, "table", grid.Rows{
			Columns: columns,
			Values: func(yield func([]any, error) bool) {
				for l, err := range all {
					row := []any{l.Severity, string(l.Status), l.Check, l.resource(), l.place(only{}, only{}), said(l.Finding)}
					if !yield(row, err) {
						return
					}
				}
			},
		}, look)
		return listed, err
	}
	shown := result.Shown()
	if err := about(out, what(result), shown.account, shown.region, look); err != nil {
		return listed, err
	}
	longest := 0
	for _, c := range shown.Checks {
		longest = max(longest, terminal.Width(c.ID))
	}
	entries := func(yield func(entry, error) bool) {
		for l, err := range all {
			e := entry{
				heads:    []head{{l.Severity, terminal.Severity(l.Severity)}, {string(l.Status), statusStyle(l.Status)}, {terminal.Clean(l.Check), terminal.Plain}},
				resource: l.resource(), place: l.place(shown.account, shown.region), text: said(l.Finding),
			}
			if !yield(e, err) {
				return
			}
		}
	}
	err := list(out, columns, []int{0, 0, longest}, entries, look) // which counts
	return listed, err
}

func (l *Listing) add(of *line) {
	l.Findings += of.findings
	if of.findings > 1 {
		l.Lines++
		l.Shared += of.findings
	}
}

// what says which findings a result shows.
func what(result *Result) string {
	if scope := result.Scope(); scope != "" {
		return scope
	}
	all := result.Summary.Counts
	text := count(all.Total()-all.Suppressed, "finding")
	if all.Suppressed > 0 {
		text += ", and " + number(all.Suppressed) + " suppressed"
	}
	return text
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
	if inCode(f) {
		return place(f)
	}
	var parts []string
	if !account.one() && f.Account != "" {
		parts = append(parts, f.Account)
	}
	if !region.one() && f.Region != "" {
		parts = append(parts, f.Region)
	}
	return withCode(f, strings.Join(parts, "/"))
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
