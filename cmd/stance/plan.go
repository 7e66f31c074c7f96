package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/provider/aws/policy"
)

// signIn are the calls that a scan of AWS makes in each account before any table is asked for.
func signIn() []plan.PlannedCall {
	return []plan.PlannedCall{
		{Service: "sts", Op: "GetCallerIdentity", Scope: content.ScopeAccount, Why: "who is signed in"},
		{Service: "ec2", Op: "DescribeRegions", Scope: content.ScopeAccount, Why: "which regions are enabled"},
	}
}

// enterAccounts are the calls that find the accounts of an organization, or of a unit of it, and enter them.
func (f *planFlags) enterAccounts() []plan.PlannedCall {
	calls := []plan.PlannedCall{
		{Service: "organizations", Op: "ListAccounts", Scope: content.ScopeAccount, Why: "which accounts there are"},
	}
	if f.ou != "" {
		calls = []plan.PlannedCall{
			{Service: "organizations", Op: "ListAccountsForParent", Scope: content.ScopeAccount, Why: "which accounts a unit has"},
			{Service: "organizations", Op: "ListOrganizationalUnitsForParent", Scope: content.ScopeAccount, Why: "which units a unit has"},
		}
	}
	return append(calls, plan.PlannedCall{
		// The descriptions refuse this one, because its answer is a secret: no table may name it.
		Service: "sts", Op: "AssumeRole", Scope: content.ScopeAccount, Why: "to enter each account", Permissions: []string{policy.AssumeRole},
	})
}

// planFlags choose what a plan is made for.
type planFlags struct {
	selection
	inventory []string
	tags      []string
	organization
}

// organization is which accounts beside the caller's own are meant, and how they are entered.
type organization struct {
	all  bool
	ou   string
	role string
}

func (o *organization) wanted() bool { return o.all || o.ou != "" || o.role != "" }

func (f *planFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.checks, "check", nil, "only these checks")
	flags.StringSliceVar(&f.services, "service", nil, "only checks of these services, as in s3,iam")
	flags.StringSliceVar(&f.severities, "severity", nil, "only checks of these severities, as in critical,high")
	flags.StringSliceVar(&f.frameworks, "framework", nil, "only checks of these frameworks")
	flags.StringSliceVar(&f.inventory, "inventory", []string{plan.InventoryChecks}, "what to collect beside what the checks read: checks (nothing more), full, or tables")
	flags.StringSliceVar(&f.tags, "tag", nil, "report only resources with these tags, as in team=shop")
}

func (o *organization) add(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&o.all, "organization", false, "all accounts of the organization")
	flags.StringVar(&o.ou, "ou", "", "only the accounts below this organizational unit (implies --organization)")
	flags.StringVar(&o.role, "organization-role", "", "role in each account (default "+aws.DefaultOrganizationRole+"; implies --organization)")
}

// plan plans a scan of what the flags choose.
func (a *app) plan(ctx context.Context, f *planFlags) (*plan.Plan, error) {
	l, err := a.library()
	if err != nil {
		return nil, err
	}
	catalog, err := l.catalog(ctx)
	if err != nil {
		return nil, err
	}
	checks, err := f.choose("aws", catalog)
	if err != nil {
		return nil, err
	}
	p, err := plan.New(plan.Selection{Provider: "aws", Checks: checks, Inventory: f.inventory, Tags: len(f.tags) > 0}, catalog)
	if err != nil {
		return nil, &exitError{exitUsage, err.Error()}
	}
	return p, nil
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	var format string
	c := &cobra.Command{
		Use: "plan aws", Short: "Print the calls that a scan would make", Args: onlyAWS,
		Example: "  stance plan aws\n  stance plan aws --check aws_s3_bucket_versioning",
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := a.plan(c.Context(), &f)
			if err != nil {
				return err
			}
			first := signIn()
			if f.wanted() {
				first = append(first, f.enterAccounts()...)
			}
			calls, err := p.Calls(apis(), "aws", first...)
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
			fmt.Fprintf(a.out, "\nIn an empty account: %d calls, and %d in each region. %d more are made for rows that exist.\n",
				counts[content.ScopeAccount], counts[content.ScopeRegion], counts[plan.ScopeRow])
			return nil
		},
	}
	f.add(c)
	f.organization.add(c)
	formatFlag(c, &format)
	return c
}

func onlyAWS(_ *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] != "aws" {
		return usage("name the provider: aws")
	}
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
		permissions := strings.Join(call.Permissions, " ")
		if permissions == "" {
			permissions = "none"
		}
		rows[i] = []any{call.Name(), scope, strings.Join(feeds, " "), permissions}
	}
	return a.print(format, []string{"call", "made", "fills", "permissions"}, rows)
}
