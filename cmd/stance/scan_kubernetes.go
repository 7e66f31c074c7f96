package main

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes"
)

func (a *app) scanKubernetesCommand() *cobra.Command {
	var f scanFlags
	var o kubernetes.Options
	c := &cobra.Command{
		Use: "kubernetes", Short: "Scan a Kubernetes cluster, or several", Args: none,
		Long: `Scans read-only the cluster of the current context of your kubeconfig, or those of --context. The kubeconfig is found as kubectl
finds it (KUBECONFIG, ~/.kube/config), and signs in as it does for kubectl: certificates, tokens, OIDC, and the programs of
EKS, GKE and AKS. Without a kubeconfig, in a pod, the pod's service account signs in.

A cluster that refuses is reported, and the others are scanned.

Exit status: 0 done; 1 failed; 2 wrong usage; 3 a finding at or above --fail-on; 4 --strict and coverage is incomplete.`,
		Example: `  stance scan kubernetes
  stance scan kubernetes --context prod-eu --context prod-us
  stance scan kubernetes --all-contexts --lake s3://security-lake/stance
  stance scan kubernetes --as system:serviceaccount:stance:stance --severity critical,high --fail-on high`,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.scanOrGoOn(c, &f, "kubernetes", func(ctx context.Context, l *library, logger *slog.Logger) (provider.Provider, error) {
				o.Content, o.Logger = l.Provider("kubernetes"), logger
				return kubernetes.New(ctx, o)
			})
		},
	}
	f.add(c)
	f.addResume(c)
	flags := c.Flags()
	flags.StringVar(&o.Kubeconfig, "kubeconfig", "", "the kubeconfig (default $KUBECONFIG, else ~/.kube/config)")
	flags.StringArrayVar(&o.Contexts, "context", nil, "a context of it (repeatable; default the current one)")
	flags.BoolVar(&o.AllContexts, "all-contexts", false, "every context of it")
	flags.BoolVar(&o.InCluster, "in-cluster", false, "sign in as the service account of the pod that this runs in")
	flags.StringVar(&o.ClusterName, "cluster-name", "", "what to call the cluster (default its name in the kubeconfig; in a pod "+kubernetes.DefaultName+")")
	flags.StringVar(&o.As, "as", "", "act as this user")
	flags.StringArrayVar(&o.AsGroups, "as-group", nil, "act as this group too (repeatable)")
	return c
}
