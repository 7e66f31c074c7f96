package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/report/grid"
	"github.com/stancehq/stance/internal/report/terminal"
)

// CSV writes a line per finding as RFC 4180 says, in UTF-8. A value that a spreadsheet would run as a formula (it starts
// with = + - @, a tab or a line end) is written with an apostrophe before it; programs that need the exact value read
// JSON. Lists are joined by "; ", tags are JSON. What is in code has a place; what is suppressed says why, and its status stands.
type CSV struct{}

// Write implements Writer.
func (CSV) Write(out io.Writer, result *Result, _ terminal.Terminal) error {
	w := grid.NewCSV(out)
	w.Header("severity", "status", "check", "title", "found", "cause", "provider", "account_id", "account_name", "region",
		"resource_type", "resource", "resource_name", "tags", "objectives", "requirements", "file", "line", "end_line", "address", "unit", "suppressed", "params")
	names := accountNames(result.Scan)
	for f, err := range result.located() {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		tags := ""
		if len(f.Tags) > 0 {
			tags = grid.JSON(f.Tags)
		}
		params := ""
		if len(f.Params) > 0 {
			params = grid.JSON(f.Params)
		}
		reason := ""
		if suppressed(f) {
			reason = why(f.Suppressed)
		}
		code := codeCells(f.Location)
		err := w.Row(f.Severity, string(f.Status), f.Check, f.Title, f.Found, f.Cause, f.Provider, f.Account, names[f.Account],
			f.Region, f.ResourceType, f.Resource, f.ResourceName, tags,
			strings.Join(f.Objectives, "; "), strings.Join(f.Requirements, "; "),
			code.file, code.line, code.endLine, code.address, code.unit, reason, params)
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

type codeColumns struct{ file, line, endLine, address, unit string }

func codeCells(l *evaluate.Location) codeColumns {
	if l == nil {
		return codeColumns{}
	}
	return codeColumns{l.File, lineCell(l.Line), lineCell(l.EndLine), l.Address, l.Unit}
}

// lineCell is empty where the line is not known.
func lineCell(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func accountNames(scan Scan) map[string]string {
	names := map[string]string{}
	for _, a := range scan.Accounts {
		names[a.ID] = a.Name
	}
	return names
}
