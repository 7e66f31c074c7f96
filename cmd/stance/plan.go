package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// planFlags choose what a plan is made for.
type planFlags struct {
	selection
	inventory []string
	tags      []string
	allow     []string
}

func (f *planFlags) add(c *cobra.Command) {
	f.selection.add(c)
	flags := c.Flags()
	flags.StringSliceVar(&f.inventory, "inventory", []string{plan.InventoryChecks}, "what to collect beside what the checks read: checks (nothing more), full, or tables")
	flags.StringSliceVar(&f.allow, "allow", nil, "calls that need more than the right to look, by the name that their table gives them")
	flags.StringSliceVar(&f.tags, "tag", nil, "report only resources with these tags, as in team=shop")
}

// plan plans a scan of what the flags choose.
func (a *app) plan(ctx context.Context, f *planFlags, provider string) (*plan.Plan, error) {
	l, err := a.library()
	if err != nil {
		return nil, err
	}
	catalog, err := l.catalog(ctx)
	if err != nil {
		return nil, err
	}
	checks, _, err := f.choose(provider, l, catalog)
	if err != nil {
		return nil, err
	}
	p, err := plan.New(plan.Selection{Provider: provider, Checks: checks, Inventory: f.inventory, Tags: len(f.tags) > 0, Allow: f.allow}, catalog)
	if err != nil {
		return nil, &exitError{exitUsage, err.Error()}
	}
	return p, nil
}

func (a *app) planCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "plan", Short: "Print the calls that a scan would make", Example: "  stance plan aws --service s3",
		RunE: func(_ *cobra.Command, args []string) error { return wantProvider("plan a scan of", args) },
	}
	c.AddCommand(a.planAWSCommand(), a.planKubernetesCommand())
	return c
}

// providers are the words for what can be scanned.
const providers = "aws or kubernetes"

// wantProvider is the error of a command that was given no provider, or one that it does not know.
func wantProvider(what string, args []string) error {
	if len(args) > 0 {
		return usage("stance cannot %s %q: name the provider: %s", what, args[0], providers)
	}
	return usage("name the provider: %s", providers)
}

// printPlan prints the calls of a scan, and how many there are.
func (a *app) printPlan(ctx context.Context, f *planFlags, provider string, first []plan.PlannedCall, format string) error {
	p, err := a.plan(ctx, f, provider)
	if err != nil {
		return err
	}
	calls, err := p.Calls(apis(), provider, first...)
	if err != nil {
		return err
	}
	if err := a.printCalls(calls, format); err != nil || format != "table" || a.quiet {
		return err
	}
	counts := map[string]int{}
	for _, call := range calls {
		counts[call.Scope] += call.Times
	}
	regions := ""
	if n := counts[content.ScopeRegion]; n > 0 {
		regions = fmt.Sprintf(", and %d in each region", n)
	}
	fmt.Fprintf(a.out, "\nIn an empty account: %d calls%s. %d more are made for rows that exist.\n", counts[content.ScopeAccount], regions, counts[plan.ScopeRow])
	return nil
}

func (a *app) printCalls(calls []*plan.PlannedCall, format string) error {
	rows := make([][]any, len(calls))
	for i, call := range calls {
		scope := "per " + call.Scope
		if call.For != "" {
			scope = "per " + call.For
		}
		if call.Times > 1 {
			scope = fmt.Sprintf("%d × %s", call.Times, scope)
		}
		feeds := make([]string, len(call.Feeds))
		for j, feed := range call.Feeds {
			feeds[j] = feed.Table
			if feed.Group != plan.GroupList {
				feeds[j] += "." + feed.Group
			}
		}
		if call.Why != "" {
			feeds = append(feeds, call.Why)
		}
		permissions := strings.Join(call.Permissions, ", ")
		if permissions == "" {
			permissions = "none"
		}
		rows[i] = []any{call.Name(), scope, strings.Join(feeds, " "), permissions}
	}
	return a.print(format, []string{"call", "made", "fills", "permissions"}, rows)
}
