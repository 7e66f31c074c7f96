package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/scan"
)

func (a *app) testCommand() *cobra.Command {
	var only, parts []string
	var samples string
	c := &cobra.Command{
		Use: "test [DIR]", Short: "Run the fixtures of checks and functions", Args: atMostOne,
		Long: `Runs every fixture: its raw documents go through the same transforms and the same evaluation as a scan. Beside what is
written, every call that a check reads is denied in turn, which must give UNKNOWN. Without DIR it tests what is in the
binary, overlaid by --content.`,
		Example: "  stance test\n  stance test --content ./ours --check my_check",
		RunE: func(c *cobra.Command, args []string) error {
			l, catalog, err := a.proofCatalog(c.Context(), args)
			if err != nil {
				return err
			}
			if err := checkFilters(filter{flag: "check", values: only, known: slices.Sorted(maps.Keys(catalog.Checks))}); err != nil {
				return err
			}
			if samples != "" {
				return a.testSamples(c.Context(), samples, parts, l, catalog)
			}
			var checks []*plan.Check
			for id, check := range catalog.Checks {
				if has(only, id) {
					checks = append(checks, check)
				}
			}
			slices.SortFunc(checks, func(x, y *plan.Check) int { return strings.Compare(x.ID, y.ID) })
			proof, err := evaluate.Test(c.Context(), l, catalog, checks)
			if err != nil {
				return err
			}
			return a.printTest(proof)
		},
	}
	c.Flags().StringSliceVar(&only, "check", nil, "only these checks")
	c.Flags().StringVar(&samples, "samples", "", "instead of fixtures, scan the samples of infrastructure code below a content folder")
	c.Flags().StringSliceVar(&parts, "part", nil, "with --samples: only files with this in their path")
	return c
}

// proofCatalog is the content to be proved, and the same as a scan takes it: what is in the binary was prepared when it was built.
func (a *app) proofCatalog(ctx context.Context, args []string) (*content.Library, *plan.Catalog, error) {
	if len(args) == 0 {
		l, catalog, err := a.catalog(ctx)
		if err != nil {
			return nil, nil, err
		}
		return l.Library, catalog, l.pack.LoadTests()
	}
	l, err := a.proof(args)
	if err != nil {
		return nil, nil, err
	}
	catalog, problems, err := plan.Prepare(ctx, l, apis())
	if err != nil {
		return nil, nil, err
	}
	if plan.HasErrors(problems) {
		return nil, nil, fmt.Errorf("the content is not right:\n%s", problemText(problems))
	}
	return l, catalog, nil
}

func (a *app) testSamples(ctx context.Context, folder string, parts []string, l *content.Library, catalog *plan.Catalog) error {
	samples, err := scan.ProveSamples(ctx, os.DirFS(folder), l, catalog, parts)
	if err != nil {
		return err
	}
	for _, f := range samples.Failures {
		fmt.Fprintln(a.out, f)
	}
	for _, unproved := range samples.Unproved {
		fmt.Fprintln(a.out, unproved)
	}
	for _, language := range slices.Sorted(maps.Keys(samples.Answers)) {
		fmt.Fprintf(a.out, "%s: %s that code can answer\n", language, report.Count(int64(len(samples.Answers[language])), "check"))
	}
	fmt.Fprintf(a.out, "%s, %s: %d failed, %d without a sample\n", report.Count(int64(samples.Files), "sample"), report.Count(int64(samples.Expectations), "expectation"), len(samples.Failures), len(samples.Unproved))
	if len(samples.Failures)+len(samples.Unproved) > 0 {
		return &exitError{exitFailed, ""}
	}
	return nil
}

func (a *app) printTest(proof evaluate.Report) error {
	for _, f := range proof.Failures {
		fmt.Fprintln(a.out, f)
	}
	fmt.Fprintf(a.out, "%s, %s, %s derived from them, %s of functions: %d failed (%s)\n",
		report.Count(int64(proof.Checks), "check"), report.Count(int64(proof.Fixtures), "fixture"), report.Count(int64(proof.Derived), "case"), report.Count(int64(proof.Functions), "test"), len(proof.Failures), proof.Took.Round(10*time.Millisecond))
	if len(proof.Failures) > 0 {
		return &exitError{exitFailed, ""}
	}
	return nil
}
