package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
)

func (a *app) testCommand() *cobra.Command {
	var only []string
	c := &cobra.Command{
		Use: "test [DIR]", Short: "Run the fixtures of checks and functions", Args: atMostOne,
		Long: `Runs every fixture: its raw documents go through the same transforms and the same evaluation as a scan. Beside what is
written, every call that a check reads is denied in turn, which must give UNKNOWN. Without DIR it tests what is in the
binary, overlaid by --content.`,
		Example: "  stance test\n  stance test --content ./ours --check my_check",
		RunE: func(c *cobra.Command, args []string) error {
			l, err := a.proof(args)
			if err != nil {
				return err
			}
			catalog, problems, err := plan.Prepare(c.Context(), l, apis())
			if err != nil {
				return err
			}
			if plan.HasErrors(problems) {
				return fmt.Errorf("the content is not right:\n%s", problemText(problems))
			}
			var checks []*plan.Check
			for id, check := range catalog.Checks {
				if has(only, id) {
					checks = append(checks, check)
				}
			}
			if len(checks) == 0 {
				return usage("there is no check of that name")
			}
			slices.SortFunc(checks, func(x, y *plan.Check) int { return strings.Compare(x.ID, y.ID) })
			report, err := evaluate.Test(c.Context(), l, catalog, checks)
			if err != nil {
				return err
			}
			return a.printTest(report)
		},
	}
	c.Flags().StringSliceVar(&only, "check", nil, "only these checks")
	return c
}

func (a *app) printTest(report evaluate.Report) error {
	for _, f := range report.Failures {
		fmt.Fprintln(a.out, f)
	}
	fmt.Fprintf(a.out, "%d checks, %d fixtures, %d cases derived from them, %d tests of functions: %d failed (%s)\n",
		report.Checks, report.Fixtures, report.Derived, report.Functions, len(report.Failures), report.Took.Round(10*time.Millisecond))
	if len(report.Failures) > 0 {
		return &exitError{exitFailed, ""}
	}
	return nil
}
