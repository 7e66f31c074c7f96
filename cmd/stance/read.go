package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/report"
)

// history opens the lake for reading.
func (a *app) history(ctx context.Context, o history.Options) (*history.History, error) {
	location, err := a.lakeLocation()
	if err != nil {
		return nil, err
	}
	o.Lake = location
	return history.Open(ctx, o)
}

const scanHelp = "a scan's id or its beginning, or latest (default the latest state of each account)"

func (a *app) findingsCommand() *cobra.Command {
	var scanID, format string
	var severities, statuses, checks, accounts []string
	c := &cobra.Command{
		Use: "findings", Short: "List the findings of earlier scans", Args: none,
		Example: "  stance findings --severity critical,high\n  stance findings --status unknown\n  stance findings --check aws_s3_bucket_not_public -o json",
		RunE: func(c *cobra.Command, _ []string) error {
			h, err := a.history(c.Context(), history.Options{Scan: scanID})
			if err != nil {
				return err
			}
			defer h.Close()
			result, err := h.Result(c.Context())
			if err != nil {
				return err
			}
			kept := func(f evaluate.Finding) bool {
				return has(severities, f.Severity) && has(upper(statuses), string(f.Status)) && has(checks, f.Check) && has(accounts, f.Account)
			}
			return a.listFindings(result, kept, format)
		},
	}
	c.Flags().StringVar(&scanID, "scan", "", scanHelp)
	c.Flags().StringVarP(&format, "output", "o", "table", "format: table, json, jsonl, csv, ocsf or md")
	c.Flags().StringSliceVar(&severities, "severity", nil, "only these severities")
	c.Flags().StringSliceVar(&statuses, "status", []string{"fail", "unknown", "manual"}, "only these statuses: pass, fail, unknown, manual")
	c.Flags().StringSliceVar(&checks, "check", nil, "only these checks")
	c.Flags().StringSliceVar(&accounts, "account", nil, "only these accounts")
	return c
}

func upper(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.ToUpper(w)
	}
	return out
}

func (a *app) listFindings(result *report.Result, kept func(evaluate.Finding) bool, format string) error {
	all := result.Findings
	result.Findings = func(yield func(evaluate.Finding, error) bool) {
		for f, err := range all {
			if err == nil && !kept(f) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
	if format == "table" {
		n, err := report.FindingsTable(a.out, result.Findings, a.look())
		if err == nil && n == 0 && !a.quiet {
			fmt.Fprintln(a.err, "no findings")
		}
		return err
	}
	var err error
	if result.Summary, err = report.Summarize(result.Findings); err != nil {
		return err
	}
	targets, err := report.ParseTargets([]string{format})
	if err != nil {
		return &exitError{exitUsage, err.Error()}
	}
	return targets[0].Write(result, a.out, a.look())
}

func (a *app) reportCommand() *cobra.Command {
	var scanID string
	var outputs []string
	var coverage bool
	c := &cobra.Command{
		Use: "report", Short: "Write a report of an earlier scan in any format", Args: none,
		Example: "  stance report\n  stance report -o html=report.html -o csv=findings.csv\n  stance report --coverage",
		RunE: func(c *cobra.Command, _ []string) error {
			targets, err := report.ParseTargets(outputs)
			if err != nil {
				return &exitError{exitUsage, err.Error()}
			}
			h, err := a.history(c.Context(), history.Options{Scan: scanID})
			if err != nil {
				return err
			}
			defer h.Close()
			result, err := h.Result(c.Context())
			if err != nil {
				return err
			}
			if coverage {
				return report.CoverageTable(a.out, report.NewCoverage(result.Coverage), a.look())
			}
			return a.writeReports(&scanFlags{}, targets, result)
		},
	}
	c.Flags().StringVar(&scanID, "scan", "", scanHelp)
	c.Flags().StringArrayVarP(&outputs, "output", "o", nil, "FORMAT or FORMAT=FILE (repeatable): table, json, jsonl, csv, ocsf, md, html")
	c.Flags().BoolVar(&coverage, "coverage", false, "what was not seen, and why")
	return c
}

func (a *app) scansCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "scans", Short: "List the scans in the lake", Args: none,
		RunE: func(c *cobra.Command, _ []string) error {
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
	return c
}

func (a *app) diffCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "diff [BEFORE [AFTER]]", Short: "Tell what changed between two scans", Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usage("unexpected %q: two scans are compared", args[2])
			}
			return nil
		},
		Long:    "Compares the findings of two scans: what is new, what is resolved, what changed. Without arguments, the last two scans of the provider of the last one.",
		Example: "  stance diff\n  stance diff 20260101T0800 20260102T0800",
		RunE: func(c *cobra.Command, args []string) error {
			h, err := a.history(c.Context(), history.Options{Scan: lake.AllScans})
			if err != nil {
				return err
			}
			defer h.Close()
			before, after, err := pair(h.Scans(), args)
			if err != nil {
				return err
			}
			changes, err := h.Diff(c.Context(), before, after)
			if err != nil {
				return err
			}
			rows := make([][]any, len(changes))
			for i, change := range changes {
				rows[i] = []any{change.Kind, change.Severity, change.Check, change.Where(), string(change.Before), string(change.Status), change.Finding.Found}
			}
			if !a.quiet {
				fmt.Fprintf(a.err, "%s → %s: %d changes\n", before, after, len(changes))
			}
			return a.print(format, []string{"change", "severity", "check", "where", "before", "after", "found"}, rows)
		},
	}
	formatFlag(c, &format)
	return c
}

// pair finds the two scans to compare.
func pair(scans []lake.Manifest, args []string) (before, after string, err error) {
	find := func(prefix string) (string, error) {
		i := slices.IndexFunc(scans, func(m lake.Manifest) bool { return strings.HasPrefix(m.ID, prefix) })
		if i < 0 {
			return "", usage("no scan %q in the lake: `stance scans` lists them", prefix)
		}
		return scans[i].ID, nil
	}
	last := scans[len(scans)-1]
	after = last.ID
	if len(args) == 2 {
		if after, err = find(args[1]); err != nil {
			return "", "", err
		}
	}
	if len(args) > 0 {
		before, err = find(args[0])
		return before, after, err
	}
	for _, m := range slices.Backward(scans[:len(scans)-1]) {
		if m.Provider == last.Provider {
			return m.ID, after, nil
		}
	}
	return "", "", usage("there is one scan of %s only: nothing to compare with", last.Provider)
}
