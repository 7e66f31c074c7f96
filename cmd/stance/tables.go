package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/plan"
)

func (a *app) tablesCommand() *cobra.Command {
	var format string
	var services []string
	c := &cobra.Command{
		Use: "tables [TABLE]", Short: "List the tables, or show one in full: columns, calls, permissions", Args: atMostOne,
		Example: "  stance tables\n  stance tables aws_s3_bucket\n  stance tables --service ec2 -o csv",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.showTable(c, args[0], format)
			}
			return a.listTables(services, format)
		},
	}
	formatFlag(c, &format)
	c.Flags().StringSliceVar(&services, "service", nil, "only these services")
	return c
}

func (a *app) listTables(services []string, format string) error {
	index, err := a.index()
	if err != nil {
		return err
	}
	known := vocabulary{}
	for _, t := range index.Tables {
		known.add(t.Service)
	}
	if err := checkFilters(filter{flag: "service", values: services, known: known.sorted()}); err != nil {
		return err
	}
	var rows [][]any
	for _, t := range index.Tables {
		if has(services, t.Service) {
			rows = append(rows, []any{t.Name, t.Service, t.Title})
		}
	}
	return a.print(format, []string{"table", "service", "title"}, rows)
}

func (a *app) showTable(c *cobra.Command, name, format string) error {
	_, catalog, err := a.catalog(c.Context())
	if err != nil {
		return err
	}
	t := catalog.Tables[name]
	if t == nil {
		var services []string
		for _, known := range catalog.Tables {
			services = append(services, known.Spec.Service)
		}
		if slices.Contains([]string{"findings", "coverage", "scans", "checks", "objectives"}, name) {
			return usage("%s is made of scans: `stance query` and then .schema %s shows its columns", name, name)
		}
		return usage("there is no table %q%s", name, missing("tables", name, tableNames(catalog), services))
	}
	about, semantic := map[string]string{}, map[string]string{}
	for _, column := range t.Spec.Columns {
		about[column.Name], semantic[column.Name] = column.About, column.Type
	}
	rows := make([][]any, len(t.Columns))
	for i, column := range t.Columns {
		kind := column.Type
		if name := semantic[column.Name]; name != "" && format == "table" { // programs read the type that SQL sees
			kind = name
		}
		rows[i] = []any{column.Name, kind, strings.Join(column.Groups, " "), about[column.Name]}
	}
	if format != "table" {
		return a.print(format, []string{"column", "type", "groups", "about"}, rows)
	}
	fmt.Fprintf(a.out, "%s: %s\n%s\n\n", t.Name, t.Spec.Title, t.Spec.About)
	if err := a.print(format, []string{"column", "type", "groups", "about"}, rows); err != nil {
		return err
	}
	return a.showTableCalls(t, catalog)
}

func (a *app) showTableCalls(t *plan.Table, catalog *plan.Catalog) error {
	p, err := plan.New(plan.Selection{Provider: t.Spec.Provider, Inventory: []string{t.Name}}, catalog)
	if err != nil {
		return err
	}
	calls, err := p.Calls(apis(), t.Spec.Provider)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, "\nCalls:")
	if err := a.printCalls(calls, "table"); err != nil {
		return err
	}
	for _, e := range t.Spec.Examples {
		fmt.Fprintf(a.out, "\n%s:\n  stance query %q\n", e.Title, e.SQL)
	}
	return nil
}

func tableNames(catalog *plan.Catalog) []string {
	names := make([]string, 0, len(catalog.Tables))
	for name := range catalog.Tables {
		names = append(names, name)
	}
	return names
}
