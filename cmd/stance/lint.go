package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/iac/mapping"
	"github.com/stancehq/stance/internal/iac/patch"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
)

// proof is the library that lint and test prove, with its tests: the folder named, else what is in the binary and --content.
func (a *app) proof(args []string) (*content.Library, error) {
	if len(args) == 1 {
		own, problems := content.Load(content.Dir(args[0]))
		if err := problems.Err(); err != nil {
			return nil, fmt.Errorf("the content of %s is not right:\n%w", args[0], err)
		}
		return own, nil
	}
	l, err := a.library()
	if err != nil {
		return nil, err
	}
	return l.Library, l.pack.LoadTests()
}

func (a *app) lintCommand() *cobra.Command {
	var strict, mappings bool
	c := &cobra.Command{
		Use: "lint [DIR]", Short: "Prove content: calls, paths, columns, SQL, texts", Args: atMostOne,
		Long: `Proves that every call, input, path and column that the content names exists in the vendor's own API description and is of
the right type, that every check can be asked, and that checks carry what a reader needs. Without DIR it proves what is in
the binary, overlaid by --content.`,
		Example: "  stance lint                        the built-in content\n  stance lint --content ./ours       yours, on top of it\n  stance lint content                a checkout of Stance",
		RunE: func(c *cobra.Command, args []string) error {
			l, err := a.proof(args)
			if err != nil {
				return err
			}
			if mappings {
				return a.lintMappings(c.Context(), l)
			}
			return a.lint(c.Context(), l, strict)
		},
	}
	c.Flags().BoolVar(&strict, "strict", false, "warnings are errors")
	c.Flags().BoolVar(&mappings, "mappings", false, "only how tables come from infrastructure code, which is quick")
	return c
}

func (a *app) lint(ctx context.Context, l *content.Library, strict bool) error {
	problems, err := plan.Lint(ctx, l, apis(), strict)
	if err != nil {
		return err
	}
	catalog, _, err := plan.Prepare(ctx, &content.Library{Providers: l.Providers, Tables: l.Tables, Functions: l.Functions}, apis())
	if err != nil {
		return err
	}
	problems = append(problems, mapping.Lint(catalog.Tables)...)
	problems = append(problems, patch.Lint(l, apis())...)
	counts := map[string]int{}
	for _, p := range problems {
		counts[p.Severity]++
		if p.Severity != plan.SeverityNote || a.verbose {
			fmt.Fprintln(a.out, p.Error())
		}
	}
	fmt.Fprintf(a.out, "%s, %s, %s: %s, %s, %s\n", report.Count(int64(len(l.Tables)), "table"), report.Count(int64(len(l.Checks)), "check"), report.Count(int64(len(l.Functions)), "function"),
		report.Count(int64(counts[plan.SeverityError]), "error"), report.Count(int64(counts[plan.SeverityWarning]), "warning"), report.Count(int64(counts[plan.SeverityNote]), "note"))
	if plan.HasErrors(problems) {
		return &exitError{exitFailed, ""}
	}
	return nil
}

// lintMappings proves only the mappings. Of what is in the binary the tables need not be prepared again.
func (a *app) lintMappings(ctx context.Context, l *content.Library) error {
	catalog, problems, err := plan.Prepare(ctx, &content.Library{Providers: l.Providers, Tables: l.Tables, Functions: l.Functions}, apis())
	if err != nil {
		return err
	}
	problems = append(problems, mapping.Lint(catalog.Tables)...)
	problems = append(problems, patch.Lint(l, apis())...)
	for _, p := range problems {
		if p.Severity != plan.SeverityNote {
			fmt.Fprintln(a.out, p.Error())
		}
	}
	if plan.HasErrors(problems) {
		return &exitError{exitFailed, ""}
	}
	return nil
}
