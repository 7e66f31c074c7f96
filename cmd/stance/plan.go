package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws/policy"
)

// signIn are the calls that a scan of AWS makes before any table is asked for.
func signIn(organization bool) []plan.PlannedCall {
	calls := []plan.PlannedCall{
		{Service: "sts", Op: "GetCallerIdentity", Scope: content.ScopeAccount, Why: "who is signed in"},
		{Service: "ec2", Op: "DescribeRegions", Scope: content.ScopeAccount, Why: "which regions are enabled"},
	}
	if organization {
		calls = append(
			calls,
			plan.PlannedCall{Service: "organizations", Op: "ListAccounts", Scope: content.ScopeAccount, Why: "which accounts there are"},
			plan.PlannedCall{Service: "organizations", Op: "ListAccountsForParent", Scope: content.ScopeAccount, Why: "which accounts a unit has"},
			plan.PlannedCall{Service: "organizations", Op: "ListOrganizationalUnitsForParent", Scope: content.ScopeAccount, Why: "which units a unit has"},
			plan.PlannedCall{Service: "sts", Op: "AssumeRole", Scope: content.ScopeAccount, Why: "to enter each account"},
		)
	}
	return calls
}

// planFlags choose what a plan is made for.
type planFlags struct {
	selection
	inventory    []string
	organization bool
}

func (f *planFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringSliceVar(&f.checks, "check", nil, "only these checks")
	flags.StringSliceVar(&f.services, "service", nil, "only checks of these services, as in s3,iam")
	flags.StringSliceVar(&f.severities, "severity", nil, "only checks of these severities, as in critical,high")
	flags.StringSliceVar(&f.frameworks, "framework", nil, "only checks of these frameworks")
	flags.StringSliceVar(&f.inventory, "inventory", []string{plan.InventoryChecks}, "what to collect beside what the checks read: checks (nothing more), full, or tables")
}

func (f *planFlags) addOrganization(c *cobra.Command) {
	c.Flags().BoolVar(&f.organization, "organization", false, "all accounts of the organization")
}

func (a *app) calls(ctx context.Context, f *planFlags) ([]*plan.PlannedCall, error) {
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
	p, err := plan.New(plan.Selection{Provider: "aws", Checks: checks, Inventory: f.inventory}, catalog)
	if err != nil {
		return nil, &exitError{exitUsage, err.Error()}
	}
	return p.Calls(apis(), "aws", signIn(f.organization)...)
}

func (a *app) planCommand() *cobra.Command {
	var f planFlags
	var format string
	c := &cobra.Command{
		Use: "plan aws", Short: "Print the calls that a scan would make", Args: onlyAWS,
		Example: "  stance plan aws\n  stance plan aws --check aws_s3_bucket_versioning",
		RunE: func(c *cobra.Command, _ []string) error {
			calls, err := a.calls(c.Context(), &f)
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
	f.addOrganization(c)
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

func (a *app) permissionsCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use: "permissions aws", Short: "Print the least IAM policy that a scan needs", Args: onlyAWS,
		Long:    "Prints the smallest IAM policy that allows exactly the calls of a scan. A policy larger than IAM's limit for one managed policy\ncomes as several documents: attach them all.",
		Example: "  stance permissions aws > stance-policy.json\n  stance permissions aws --service s3,iam",
		RunE: func(c *cobra.Command, _ []string) error {
			calls, err := a.calls(c.Context(), &f)
			if err != nil {
				return err
			}
			documents, err := policy.Documents(plan.Permissions(calls))
			if err != nil {
				return err
			}
			if len(documents) == 0 {
				return errors.New("these calls need no permission")
			}
			for _, d := range documents {
				fmt.Fprintln(a.out, d)
			}
			if len(documents) > 1 && !a.quiet {
				fmt.Fprintf(a.err, "%d documents: IAM takes %d characters in one managed policy\n", len(documents), policy.MaxSize)
			}
			return nil
		},
	}
	f.add(c)
	f.addOrganization(c)
	return c
}
