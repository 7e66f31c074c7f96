package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/report"
	"github.com/stancehq/stance/internal/scan"
)

// codeFlags are those of `scan code`.
type codeFlags struct {
	selection
	outputs  []string
	failOn   string
	strict   bool
	memory   string
	timeout  time.Duration
	vars     []string
	varFiles []string
	params   []string
	values   []string
	set      []string
	kube     string
	fixes    bool
	region   string
	account  string
	work     string
	states   bool
	maxFile  int
	base     string
}

func (a *app) scanCodeCommand() *cobra.Command {
	f := &codeFlags{}
	c := &cobra.Command{
		Use: "code PATH", Short: "Scan infrastructure code: Terraform, CloudFormation, Kubernetes", Args: cobra.MaximumNArgs(1),
		Long: `Reads the infrastructure code below a folder, or one file, and asks it the same checks that a live scan asks: Terraform and OpenTofu,
CloudFormation and SAM, Kubernetes manifests, Helm charts and Kustomize, by what is found. It uses no network and runs nothing of
what it reads. What is known only after apply is UNKNOWN with that cause, never PASS or FAIL.

A plan (terraform show -json plan.out > plan.json) beside the code that it was made of is scanned in its place, and findings are placed
in the code. A plan that the code has left behind is not scanned. States are scanned if PATH is one, or with --states.

Exit status: 0 done; 1 failed; 2 wrong usage; 3 a finding at or above --fail-on; 4 --strict and coverage is incomplete.`,
		Example: `  stance scan code .
  stance scan code infra --var-file prod.tfvars --fail-on high
  stance scan code infra/plan.json
  stance scan code . --diff-base origin/main -o md=comment.md
  stance scan code chart --values prod.yaml -o sarif=stance.sarif -o md=comment.md`,
		RunE: func(c *cobra.Command, args []string) error {
			path := "."
			if len(args) > 0 {
				path = args[0]
			}
			return a.scanCode(c, f, path)
		},
	}
	f.add(c)
	return c
}

func (f *codeFlags) add(c *cobra.Command) {
	f.selection.add(c)
	flags := c.Flags()
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, "FORMAT or FORMAT=FILE (repeatable): table, json, jsonl, csv, ocsf, sarif, github, gitlab, junit, md, html")
	flags.StringVar(&f.failOn, "fail-on", "", "exit with 3 if a finding of this severity or above fails")
	flags.BoolVar(&f.strict, "strict", false, "exit with 4 if some code could not be read, or a finding is unknown")
	flags.StringVar(&f.memory, "memory", "512MiB", "memory of the database")
	flags.DurationVar(&f.timeout, "check-timeout", evaluate.DefaultTimeout, "how long one check may run")
	flags.StringArrayVar(&f.vars, "var", nil, "Terraform: NAME=VALUE of a variable (repeatable)")
	flags.StringArrayVar(&f.varFiles, "var-file", nil, "Terraform: a file of variables, below PATH (repeatable)")
	flags.BoolVar(&f.states, "states", false, "Terraform: scan the states below PATH too, not only a plan or state that is PATH itself")
	flags.IntVar(&f.maxFile, "max-file-size", 32, "MiB; files larger than this are not read")
	flags.StringVar(&f.work, "workspace", "", "Terraform: the workspace (default default)")
	flags.StringArrayVar(&f.params, "param", nil, "CloudFormation: NAME=VALUE of a parameter, or a file of them, below PATH (repeatable)")
	flags.StringVar(&f.region, "region", "", "CloudFormation: the region to deploy to (default not known)")
	flags.StringVar(&f.account, "account", "", "AWS: the number of the account to deploy to, where the code does not tell it, so that it is not taken for somebody else's")
	flags.StringArrayVar(&f.values, "values", nil, "Helm: a file of values, below PATH (repeatable)")
	flags.StringArrayVar(&f.set, "set", nil, "Helm: NAME=VALUE of a value (repeatable)")
	flags.StringVar(&f.base, "diff-base", "", "report only what is new since this branch was taken from REF, a branch or commit of the repository that PATH is in")
	flags.BoolVar(&f.fixes, "fixes", true, "look for patches with which what fails would pass, if an output shows them: each is proved by a second scan")
	flags.StringVar(&f.kube, "kube-version", "", "Helm: the Kubernetes version that charts are rendered for")
}

func (a *app) scanCode(c *cobra.Command, f *codeFlags, path string) error {
	shared := scanFlags{outputs: f.outputs, failOn: f.failOn, strict: f.strict, memory: f.memory, workers: 1}
	targets, memory, err := shared.validate(c)
	if err != nil {
		return err
	}
	if f.account != "" && (len(f.account) != 12 || strings.Trim(f.account, "0123456789") != "") {
		return usage("--account %s: the number of an AWS account has twelve digits", f.account)
	}
	root, dir, closeRoot, err := openCode(path)
	if err != nil {
		return err
	}
	defer closeRoot()
	a.near = dir
	l, err := a.library()
	if err != nil {
		return err
	}
	options := scan.CodeOptions{Library: l.Library, Settings: l.settings, Account: f.account}
	if err := f.content(c.Context(), a, l, &options); err != nil {
		return err
	}
	read, err := f.reading(a, l.Providers)
	if err != nil {
		return err
	}
	if read.File = planOrState(root, read.Limits); read.File != "" {
		if f.base != "" {
			return usage("--diff-base %s: it compares code, and %s is a plan or state: name the folder", f.base, path)
		}
		root = root.(oneFile).FS
	}
	live := a.startLive(c.Context())
	defer live.display.Stop()
	options.Root, options.Folder, options.Read, options.Memory, options.Timeout = root, folderInRepository(path), read, memory, f.timeout
	options.Version, options.Command, options.Stage, options.Logger = version, commandLine(c), live.stage, a.loggerTo(live.display)
	before, err := f.before(c.Context(), options, path)
	if err != nil {
		return a.explainScan(err, c)
	}
	if f.fixes && slices.ContainsFunc(targets, func(t report.Target) bool { return t.Format.Patches }) {
		options.Fixes = scan.DefaultFixLimits()
	}
	outcome, err := scan.Code(c.Context(), options)
	live.display.Stop()
	if err != nil {
		return a.explainScan(err, c)
	}
	if a.ends {
		defer outcome.Leave() //nolint:errcheck // what stays is a file in the system's temporary folder
	} else {
		defer outcome.Close()
	}
	outcome.Result.Hints = report.Hints{Off: true}
	if err := before.narrow(&outcome.Result); err != nil {
		return err
	}
	if err := a.writeReports(targets, &outcome.Result); err != nil {
		return err
	}
	return shared.verdict(&outcome.Result)
}

// content puts the chosen checks into the options, and what they rest on. What is in the binary is restored when it is known what the code
// has; content of the user's own is proved as a whole.
func (f *codeFlags) content(ctx context.Context, a *app, l *library, o *scan.CodeOptions) (err error) {
	listed := l.listed()
	if len(a.content) > 0 {
		if o.Catalog, err = l.catalog(ctx); err != nil {
			return err
		}
		listed = o.Catalog
	} else {
		o.Restore = func(tables []string) (*plan.Catalog, error) { return plan.RestorePart(l.Library, l.pack, tables) }
	}
	o.Checks, o.Requirements, err = f.choose("", l, listed)
	a.tellAdopted(f.adopted)
	return err
}
