package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// CSV writes a line per finding as RFC 4180 says, in UTF-8. A value that a spreadsheet would run as a formula (it starts
// with = + - @, a tab or a line end) is written with an apostrophe before it; programs that need the exact value read
// JSON. Lists are joined by "; ", tags are JSON.
type CSV struct{}

// Write implements Writer.
func (CSV) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := grid.NewCSV(out)
	w.Header("severity", "status", "check", "title", "found", "cause", "provider", "account_id", "account_name", "region",
		"resource_type", "resource", "resource_name", "tags", "objectives", "requirements")
	names := accountNames(result.Scan)
	for f, err := range result.Findings {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		tags := ""
		if len(f.Tags) > 0 {
			tags = grid.JSON(f.Tags)
		}
		err := w.Row(f.Severity, string(f.Status), f.Check, f.Title, f.Found, f.Cause, f.Provider, f.Account, names[f.Account],
			f.Region, f.ResourceType, f.Resource, f.ResourceName, tags,
			strings.Join(f.Objectives, "; "), strings.Join(f.Requirements, "; "))
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

func accountNames(scan Scan) map[string]string {
	names := map[string]string{}
	for _, a := range scan.Accounts {
		names[a.ID] = a.Name
	}
	return names
}
