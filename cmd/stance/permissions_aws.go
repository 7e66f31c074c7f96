package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/aws"
	"github.com/stancehq/stance/internal/provider/aws/api"
	"github.com/stancehq/stance/internal/provider/aws/policy"
)

func (a *app) permissionsAWSCommand() *cobra.Command {
	var f awsPlanFlags
	var output string
	c := &cobra.Command{
		Use: "aws", Short: "Print the least IAM policy that a scan needs", Args: none,
		Long: `Prints the smallest IAM policy that allows exactly the calls of a scan. What is larger than IAM's limit for one managed policy
comes as several documents, one after the other: IAM takes one per policy, so let -o write each to a file of its own, and attach
them all.

With --organization there is a further one, which comes first: it lets whoever scans list the accounts and enter them. The others
are for the role in each account, and for the caller too, whose own account is scanned as the caller.`,
		Example: "  stance permissions aws -o policies\n  stance permissions aws --service s3,iam -o stance-policy.json\n  stance permissions aws --organization --organization-role StanceReader",
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("output") && output == "" {
				return usage("-o: a folder or a file is wanted")
			}
			p, err := a.policies(c.Context(), &f)
			if err != nil {
				return err
			}
			if output != "" {
				return a.writePolicies(p, output)
			}
			return a.printPolicies(p)
		},
	}
	f.add(c)
	c.Flags().StringVarP(&output, "output", "o", "", "folder, or file.json, to write each policy to a file of its own")
	return c
}

// policies are the documents that a scan needs.
type policies struct {
	caller    string   // for who enters the accounts of an organization; empty without one
	scan      []string // for who is signed in to an account
	partition string
	role      string // of the organization's accounts; empty without one
}

func (a *app) policies(ctx context.Context, f *awsPlanFlags) (*policies, error) {
	planned, err := a.plan(ctx, &f.planFlags, "aws")
	if err != nil {
		return nil, err
	}
	calls, err := planned.Calls(apis(), "aws", signInAWS()...)
	if err != nil {
		return nil, err
	}
	p := &policies{partition: a.partition()}
	if p.scan, err = policy.Documents(plan.Permissions(calls)); err != nil {
		return nil, err
	}
	if len(p.scan) == 0 {
		return nil, errors.New("these calls need no permission")
	}
	if f.wanted() {
		p.role = aws.DefaultOrganizationRole
		if f.role != "" {
			p.role = strings.TrimPrefix(f.role, "role/")
		}
		enter, err := (&plan.Plan{}).Calls(apis(), "aws", f.enterAccounts()...)
		if err != nil {
			return nil, err
		}
		actions := slices.DeleteFunc(plan.Permissions(enter), func(action string) bool { return action == policy.AssumeRole })
		p.caller, err = policy.Caller(actions, fmt.Sprintf("arn:%s:iam::*:role/%s", p.partition, p.role))
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// partition is the one that the region of the environment is in.
func (a *app) partition() string {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if partition, ok := api.Endpoints().PartitionOf(a.getenv(name)); ok {
			return partition.Name
		}
	}
	return "aws"
}

func (a *app) printPolicies(p *policies) error {
	if p.caller != "" {
		fmt.Fprintln(a.out, p.caller)
	}
	for _, text := range p.scan {
		fmt.Fprintln(a.out, text)
	}
	if a.quiet {
		return nil
	}
	n := len(p.scan)
	if p.caller != "" {
		n++
		fmt.Fprintf(a.err, "The first document is for who scans: list the accounts and enter them as %s.\n", p.role)
		fmt.Fprintln(a.err, "What follows is for that role in each account, and for who scans too.")
	}
	if n > 1 {
		fmt.Fprintf(a.err, "These are %d documents, and IAM takes one of at most %d characters per policy: -o DIR writes each to a file of its own.\n", n, policy.MaxSize)
	}
	return nil
}

// policyFile is a policy in a file.
type policyFile struct{ name, path, text string }

// files gives each policy a name and a file: in a folder, or beside and after the file that the user names.
func (p *policies) files(output string) []policyFile {
	folder, base := output, "stance"
	named := strings.TrimSuffix(filepath.Base(output), ".json")
	info, err := os.Stat(output)
	if isFolder := err == nil && info.IsDir(); !isFolder && strings.HasSuffix(output, ".json") && named != "" {
		folder, base = filepath.Dir(output), named
	}
	var files []policyFile
	add := func(name, text string) {
		files = append(files, policyFile{name, filepath.Join(folder, name+".json"), text})
	}
	for i, text := range p.scan {
		if len(p.scan) == 1 {
			add(base, text)
		} else {
			add(fmt.Sprintf("%s-%d", base, i+1), text)
		}
	}
	if p.caller != "" {
		add(base+"-organization", p.caller)
	}
	return files
}

func (a *app) writePolicies(p *policies, output string) error {
	files := p.files(output)
	if err := os.MkdirAll(filepath.Dir(files[0].path), 0o755); err != nil {
		return fmt.Errorf("write the policies: %w", err)
	}
	for _, f := range files {
		if err := os.WriteFile(f.path, []byte(f.text), 0o644); err != nil {
			return fmt.Errorf("write the policies: %w", err)
		}
	}
	if !a.quiet {
		a.explainPolicies(p, files)
	}
	return nil
}

// explainPolicies prints what to type, as a script in which names of roles are left to fill in.
func (a *app) explainPolicies(p *policies, files []policyFile) {
	create := func() {
		for _, f := range files {
			fmt.Fprintf(a.out, "aws iam create-policy --policy-name %s --policy-document %s\n", quote(f.name), quote("file://"+f.path))
		}
	}
	attach := func(role string, files []policyFile) {
		for _, f := range files {
			fmt.Fprintf(a.out, "aws iam attach-role-policy --role-name %s --policy-arn arn:%s:iam::$account:policy/%s\n", role, p.partition, quote(f.name))
		}
	}
	const account = "account=$(aws sts get-caller-identity --query Account --output text)"
	if p.caller == "" {
		fmt.Fprintln(a.out, "# In the account that is scanned. Put the role's name for ROLE; for a user: attach-user-policy --user-name USER.")
		fmt.Fprintln(a.out, account)
		create()
		attach("ROLE", files)
		return
	}
	last := len(files) - 1
	fmt.Fprintln(a.out, "# In the account that scans. Put the name of the caller's role for ROLE; for a user: attach-user-policy --user-name USER.")
	fmt.Fprintln(a.out, account)
	create()
	attach("ROLE", files)
	fmt.Fprintf(a.out, "\n# In every other account, whose role %s must trust the caller:\n%s\n", p.role, account)
	files = files[:last]
	create()
	attach(quote(path.Base(p.role)), files)
}
