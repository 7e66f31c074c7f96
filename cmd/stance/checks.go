package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

func (a *app) checksCommand() *cobra.Command {
	var format string
	var services, severities []string
	c := &cobra.Command{
		Use: "checks [CHECK]", Short: "List the checks, or show one in full: SQL, calls, permissions, fix", Args: atMostOne,
		Example: "  stance checks --severity critical,high\n  stance checks aws_s3_bucket_versioning",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.showCheck(c, args[0])
			}
			index, err := a.index()
			if err != nil {
				return err
			}
			known := vocabulary{}
			for _, check := range index.Checks {
				known.add(check.Service)
			}
			if err := checkFilters(
				filter{flag: "service", values: services, known: known.sorted()}, filter{flag: "severity", values: severities, known: content.Severities()},
			); err != nil {
				return err
			}
			var rows [][]any
			for _, check := range index.Checks {
				if has(services, check.Service) && has(severities, check.Severity) {
					rows = append(rows, []any{check.ID, check.Severity, check.Title})
				}
			}
			return a.print(format, []string{"check", "severity", "title"}, rows)
		},
	}
	formatFlag(c, &format)
	c.Flags().StringSliceVar(&services, "service", nil, "only these services")
	c.Flags().StringSliceVar(&severities, "severity", nil, "only these severities")
	return c
}

func (a *app) showCheck(c *cobra.Command, id string) error {
	l, catalog, err := a.catalog(c.Context())
	if err != nil {
		return err
	}
	check := catalog.Checks[id]
	if check == nil {
		var ids, services []string
		for known, c := range catalog.Checks {
			ids, services = append(ids, known), append(services, c.Spec.Service)
		}
		return usage("there is no check %q%s", id, missing("checks", id, ids, services))
	}
	spec := check.Spec
	fmt.Fprintf(a.out, "%s\n%s · %s · about %s\n\n%s\n", spec.Title, spec.ID, spec.Severity, spec.Resource, spec.Why)
	for _, clause := range []struct{ name, text string }{
		{"when", spec.When}, {"ask", spec.Ask}, {"pass", spec.Pass}, {"found", spec.Found}, {"query", spec.Query}, {"a person must look", spec.Manual},
	} {
		if clause.text != "" {
			fmt.Fprintf(a.out, "\n%s:\n%s\n", clause.name, indent(clause.text))
		}
	}
	a.showParams(l, spec)
	a.showFix(spec)
	p, err := plan.New(plan.Selection{Provider: spec.Provider, Checks: []*plan.Check{check}}, catalog)
	if err != nil {
		return err
	}
	calls, err := p.Calls(apis(), spec.Provider)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, "\ncalls that it rests on:")
	if err := a.printCalls(calls, "table"); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nobjectives: %s\n", strings.Join(spec.Objectives, ", "))
	for _, url := range spec.References {
		fmt.Fprintln(a.out, url)
	}
	return nil
}

// missing says what may have been meant instead of a name that is not there: another name, or all of a service.
func missing(command, name string, names, services []string) string {
	if slices.Contains(services, name) {
		return fmt.Sprintf(": `stance %s --service %s` lists those of the service", command, name)
	}
	return suggestion(content.DidYouMean(name, names))
}

func (a *app) showParams(l *library, spec *content.Check) {
	if len(spec.Params) == 0 {
		return
	}
	fmt.Fprintln(a.out, "\nparameters, set in stance.yaml:")
	for _, p := range spec.Params {
		value, _ := l.settings.Value(spec, p.Name)
		fmt.Fprintf(a.out, "  %s = %v (%s)\n", p.Name, value, p.About)
	}
}

func (a *app) showFix(spec *content.Check) {
	fmt.Fprintf(a.out, "\nfix:\n%s\n", indent(spec.Fix.Text))
	for _, part := range []struct{ name, text string }{{"CLI", spec.Fix.CLI}, {"Terraform", spec.Fix.Terraform}, {"Careful", spec.Fix.Caution}} {
		if part.text != "" {
			fmt.Fprintf(a.out, "%s:\n%s\n", part.name, indent(part.text))
		}
	}
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
