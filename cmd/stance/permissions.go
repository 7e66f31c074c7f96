package main

import "github.com/spf13/cobra"

func (a *app) permissionsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "permissions", Short: "Print the least permissions that a scan needs", Example: "  stance permissions aws -o policies\n  stance permissions kubernetes",
		RunE: func(_ *cobra.Command, args []string) error { return wantProvider("tell the permissions for", args) },
	}
	c.AddCommand(a.permissionsAWSCommand(), a.permissionsKubernetesCommand())
	return c
}
