package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/kubernetes/rbac"
)

func (a *app) planKubernetesCommand() *cobra.Command {
	var f planFlags
	var format string
	c := &cobra.Command{
		Use: "kubernetes", Short: "Print the calls that a scan of a Kubernetes cluster would make", Args: none,
		Example: "  stance plan kubernetes\n  stance plan kubernetes --service rbac",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.printPlan(c.Context(), &f, "kubernetes", nil, format)
		},
	}
	f.add(c)
	formatFlag(c, &format)
	return c
}

func (a *app) permissionsKubernetesCommand() *cobra.Command {
	var f planFlags
	var subject string
	c := &cobra.Command{
		Use: "kubernetes", Short: "Print the least ClusterRole that a scan needs, and its binding", Args: none,
		Long: `Prints a ClusterRole with exactly the verbs and kinds of a scan's calls, and binds it to --subject. Kinds that a cluster does
not have do no harm. What needs more than the right to look, such as reading a kubelet's configuration through the API server,
is only in it with --allow; without, the checks that rest on it say UNKNOWN.`,
		Example: "  stance permissions kubernetes | kubectl apply -f -\n  stance permissions kubernetes --subject group:auditors --service rbac",
		RunE: func(c *cobra.Command, _ []string) error {
			to, err := rbac.ParseSubject(subject)
			if err != nil {
				return usage("--subject %v", err)
			}
			p, err := a.plan(c.Context(), &f, "kubernetes")
			if err != nil {
				return err
			}
			calls, err := p.Calls(apis(), "kubernetes")
			if err != nil {
				return err
			}
			text, err := rbac.Manifest(plan.Permissions(calls), to)
			if err != nil {
				return err
			}
			fmt.Fprint(a.out, text)
			return nil
		},
	}
	f.add(c)
	c.Flags().StringVar(&subject, "subject", "serviceaccount:"+rbac.Name+"/"+rbac.Name, "who gets the role: user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME")
	return c
}
