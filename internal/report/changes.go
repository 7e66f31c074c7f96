package report

import (
	"fmt"
	"io"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// Change is a finding that differs between two scans. Its status is that of the later one.
type Change struct {
	Kind string // new, resolved, changed
	evaluate.Finding
	Before evaluate.Status
}

// Changes prints changes in a format of package grid, for `stance diff`. What programs read names the resource as findings do;
// a person gets a table without what is the same everywhere.
func Changes(out io.Writer, format string, changes []Change, look terminal.Terminal) error {
	if format != "table" {
		_, err := grid.Write(out, format, grid.Rows{
			Columns: []string{
				"change", "check", "title", "severity", "before", "after", "found", "provider", "account", "region",
				"resource_type", "resource", "resource_name",
			},
			Values: func(yield func([]any, error) bool) {
				for _, c := range changes {
					row := []any{
						c.Kind, c.Check, c.Title, c.Severity, orNull(string(c.Before)), orNull(string(c.Status)), c.Found, c.Provider, c.Account, c.Region,
						c.ResourceType, c.Resource, c.ResourceName,
					}
					if !yield(row, nil) {
						return
					}
				}
			},
		}, look)
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	return changesTable(out, changes, look)
}

func changesTable(out io.Writer, changes []Change, look terminal.Terminal) error {
	labels := make([]evaluate.Finding, len(changes))
	var account, region only
	for i, c := range changes {
		account.add(c.Account)
		region.add(c.Region)
		labels[i] = c.Finding
	}
	names := distinct(labels, besidePlace)
	if !look.Fits() {
		_, err := grid.Write(out, "table", grid.Rows{
			Columns: []string{"change", "severity", "check", "resource", "where", "before", "after", "found"},
			Values: func(yield func([]any, error) bool) {
				for i, c := range changes {
					if !yield([]any{c.Kind, c.Severity, c.Check, names[i], place(c.Finding), statusOrNone(c.Before), statusOrNone(c.Status), c.Found}, nil) {
						return
					}
				}
			},
		}, look)
		return err
	}
	if err := about(out, count(int64(len(changes)), "change"), account, region, look); err != nil {
		return err
	}
	entries := func(yield func(entry, error) bool) {
		for i, c := range changes {
			e := entry{
				heads: []head{
					{c.Kind, changeStyle(c.Kind)},
					{c.Severity, terminal.Severity(c.Severity)},
					{transition(c, look), terminal.Plain},
					{terminal.Clean(c.Check), terminal.Plain},
				},
				resource: names[i], place: placeBeside(c.Finding, account, region), text: c.Found,
			}
			if !yield(e, nil) {
				return
			}
		}
	}
	return list(out, []string{"change", "severity", "status", "check", "resource", "where", "found"}, nil, entries, look)
}

// transition says what became of a status: "FAIL → PASS". A finding that was not there has none.
func transition(c Change, look terminal.Terminal) string {
	arrow := "->"
	if look.Unicode {
		arrow = "→"
	}
	return fmt.Sprintf("%s %s %s", statusOrNone(c.Before), arrow, statusOrNone(c.Status))
}

func statusOrNone(s evaluate.Status) string {
	if s == "" {
		return "none"
	}
	return string(s)
}

func changeStyle(kind string) terminal.Style {
	return map[string]terminal.Style{"new": terminal.Red, "resolved": terminal.Green, "changed": terminal.Yellow}[kind]
}
