package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/scan"
)

func (a *app) scansCommand() *cobra.Command {
	var format string
	var clean bool
	c := &cobra.Command{
		Use: "scans", Short: "List the scans in the lake", Args: none,
		Long: `Lists the scans in the lake. With --clean it removes instead what scans keep outside of it: the answers of those that were
interrupted or did not see all, from which --resume goes on. The lake is not touched.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if clean {
				return a.cleanScans()
			}
			location, err := a.lakeLocation()
			if err != nil {
				return err
			}
			l, err := lake.Open(c.Context(), location)
			if err != nil {
				return err
			}
			defer l.Close()
			scans, err := l.Scans(c.Context())
			if err != nil {
				return err
			}
			var rows [][]any
			for _, m := range scans {
				var resources int64
				for _, f := range m.Files {
					if strings.HasPrefix(f.Table, m.Provider+"_") {
						resources += f.Rows
					}
				}
				rows = append(rows, []any{
					m.ID, m.Provider, m.Started.Local().Format(time.DateTime), m.Finished.Sub(m.Started).Round(time.Second).String(),
					len(m.Accounts), len(m.Checks), resources,
				})
			}
			return a.print(format, []string{"scan", "provider", "started", "took", "accounts", "checks", "rows"}, rows)
		},
	}
	formatFlag(c, &format)
	c.Flags().BoolVar(&clean, "clean", false, "remove what is kept of scans that could be resumed")
	return c
}

func (a *app) cleanScans() error {
	n, bytes, err := scan.Clean("")
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s removed, %s\n", report.Count(int64(n), "kept scan"), report.Count(bytes, "byte"))
	return nil
}
