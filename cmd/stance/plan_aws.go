package main

import (
	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/provider/aws/policy"
)

// signInAWS are the calls that a scan of AWS makes in each account before any table is asked for.
func signInAWS() []plan.PlannedCall {
	return []plan.PlannedCall{
		{Service: "sts", Op: "GetCallerIdentity", Scope: content.ScopeAccount, Why: "who is signed in"},
		{Service: "ec2", Op: "DescribeRegions", Scope: content.ScopeAccount, Why: "which regions are enabled"},
	}
}

// enterAccounts are the calls that find the accounts of an organization, or of a unit of it, and enter them.
func (f *awsPlanFlags) enterAccounts() []plan.PlannedCall {
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

// awsPlanFlags choose what a plan of AWS is made for.
type awsPlanFlags struct {
	planFlags
	organization
}

func (f *awsPlanFlags) add(c *cobra.Command) {
	f.planFlags.add(c)
	f.organization.add(c)
}

// organization is which accounts beside the caller's own are meant, and how they are entered.
type organization struct {
	all  bool
	ou   string
	role string
}

func (o *organization) wanted() bool { return o.all || o.ou != "" || o.role != "" }

func (o *organization) add(c *cobra.Command) {
	flags := c.Flags()
	flags.BoolVar(&o.all, "organization", false, "all accounts of the organization")
	flags.StringVar(&o.ou, "ou", "", "only the accounts below this organizational unit (implies --organization)")
	flags.StringVar(&o.role, "organization-role", "", "role in each account (default "+aws.DefaultOrganizationRole+"; implies --organization)")
}

func (a *app) planAWSCommand() *cobra.Command {
	var f awsPlanFlags
	var format string
	c := &cobra.Command{
		Use: "aws", Short: "Print the calls that a scan of AWS would make", Args: none,
		Example: "  stance plan aws\n  stance plan aws --check aws_s3_bucket_versioning",
		RunE: func(c *cobra.Command, _ []string) error {
			first := signInAWS()
			if f.wanted() {
				first = append(first, f.enterAccounts()...)
			}
			return a.printPlan(c.Context(), &f.planFlags, "aws", first, format)
		},
	}
	f.add(c)
	formatFlag(c, &format)
	return c
}
