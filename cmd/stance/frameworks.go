package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) frameworksCommand() *cobra.Command {
	return &cobra.Command{
		Use: "frameworks", Short: "List the compliance frameworks", Args: none,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.out, "This version carries no frameworks yet: checks name control objectives, which frameworks will map to.\n"+
				"`stance query \"select id, title from objectives\"` lists those of your last scan.")
			return nil
		},
	}
}
