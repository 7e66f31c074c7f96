package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/history"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/report/audit"
)

// reportFlags are those of `stance report`.
type reportFlags struct {
	scan, compare, level, attestations, evidence string
	outputs                                      []string
	coverage                                     bool
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use: "report [FRAMEWORK ...]", Short: "Report on an earlier scan, or on how it meets a compliance framework",
		Long: `Without a framework: the findings of an earlier scan, in any format of a scan.

With one: how each of its requirements is met, on what that rests, what was not looked at, and how every check decides. all stands for
every framework that speaks of what was scanned. Where there are several, the names of files hold {framework}.

Rules of mutes.yaml and answers of attestations.yaml (in the lake, beside its tables, or --attestations) are shown apart from what was
measured.`,
		Example: "  stance report\n  stance report -o html=report.html -o csv=findings.csv\n  stance report --coverage\n" +
			"  stance report cis-aws-7.0 -o html=cis.html -o pdf=cis.pdf\n  stance report nist-800-53-r5 --level moderate --compare 20260101T0800\n" +
			"  stance report all -o csv='reports/{framework}.csv'\n  stance report soc2-2017 --evidence soc2.zip",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.reportFrameworks(c.Context(), args, &f)
			}
			for _, flag := range []string{"compare", "level", "attestations"} {
				if c.Flags().Changed(flag) {
					return usage("--%s is for the report on a framework: name one, as in `%s report cis-aws-7.0`", flag, a.program)
				}
			}
			return a.reportScan(c.Context(), &f)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.scan, "scan", "", scanHelp)
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "FORMAT or FORMAT=FILE (repeatable): "+strings.Join(report.FormatNames(), ", ")+
		"; on a framework: "+strings.Join(audit.FormatNames(), ", "))
	flags.BoolVar(&f.coverage, "coverage", false, "what was not seen, and why")
	flags.StringVar(&f.level, "level", "", "only requirements of this level, baseline or profile of the framework")
	flags.StringVar(&f.compare, "compare", "", "an earlier scan to compare with: its id or the beginning of it")
	flags.StringVar(&f.evidence, "evidence", "", "write a signed bundle of the documents behind the verdicts to this file: see `stance verify`")
	flags.StringVar(&f.attestations, "attestations", "", "file of people's answers (default "+content.AttestationsFile+" in the lake)")
	return c
}

// reportScan reports a scan, whatever frameworks say.
func (a *app) reportScan(ctx context.Context, f *reportFlags) error {
	targets, err := report.ParseTargets(f.outputs)
	if err != nil {
		return &exitError{exitUsage, err.Error()}
	}
	rules, err := a.muteRules()
	if err != nil {
		return err
	}
	return a.read(ctx, history.Options{Scan: f.scan}, func(h *history.History) error {
		result, err := h.Result(ctx)
		if err != nil {
			return err
		}
		if f.coverage {
			return report.CoverageTable(a.out, result, a.look())
		}
		if f.evidence != "" {
			if err := a.evidenceOf(ctx, h, f.evidence, nil, "all checks of the scan"); err != nil {
				return err
			}
		}
		if err := a.applyMutes(rules, result); err != nil {
			return err
		}
		result.Hints = a.hints(result.Lake, f.scan)
		return a.writeReports(targets, result)
	})
}
