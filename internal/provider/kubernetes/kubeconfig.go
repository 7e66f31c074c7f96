package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// target is a cluster that is to be scanned, and how to sign in to it.
type target struct {
	id, name string // as in provider.Account
	user     string // of the kubeconfig
	config   *rest.Config
	err      error // why there is no config
}

// targets finds what the options mean. What is wrong with one of several contexts is that target's.
func (o *Options) targets() ([]target, error) {
	if err := o.contradiction(); err != nil {
		return nil, err
	}
	if o.InCluster {
		return o.here()
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	// To scan is to look: nothing is moved from old places, and what is missing is ours to tell.
	rules.ExplicitPath, rules.MigrationRules, rules.WarnIfAllMissing = o.Kubeconfig, nil, false
	kubeconfig, err := rules.Load()
	switch {
	case o.Kubeconfig != "" && errors.Is(err, os.ErrNotExist):
		return nil, provider.Misusef("there is no kubeconfig %s", o.Kubeconfig)
	case err != nil:
		return nil, unreadable(err)
	case len(kubeconfig.Contexts) == 0 && o.Kubeconfig == "" && len(o.Contexts) == 0 && !o.AllContexts:
		if targets, err := o.here(); !errors.Is(err, rest.ErrNotInCluster) {
			return targets, err
		}
	}
	names, err := o.contexts(kubeconfig, strings.Join(rules.GetLoadingPrecedence(), string(os.PathListSeparator)))
	if err != nil {
		return nil, err
	}
	return o.choose(kubeconfig, names, rules)
}

// unreadable words why a kubeconfig cannot be read.
func unreadable(err error) error {
	text := strings.TrimPrefix(err.Error(), "error loading config file ")
	if file, _, is := strings.Cut(text, ": couldn't get version/kind"); is {
		return fmt.Errorf("read the kubeconfig: %s: it is no kubeconfig", file)
	}
	return fmt.Errorf("read the kubeconfig: %s", provider.FirstLine(text))
}

// contradiction says which options do not go together.
func (o *Options) contradiction() error {
	switch {
	case o.InCluster && (o.Kubeconfig != "" || len(o.Contexts) > 0 || o.AllContexts):
		return provider.Misusef("--in-cluster signs in without a kubeconfig: leave out --kubeconfig, --context and --all-contexts, or it")
	case o.AllContexts && len(o.Contexts) > 0:
		return provider.Misusef("--context and --all-contexts do not go together")
	case len(o.AsGroups) > 0 && o.As == "":
		return provider.Misusef("--as-group needs --as, a user")
	}
	return nil
}

// here is the cluster that this runs in.
func (o *Options) here() ([]target, error) {
	find := o.inCluster
	if find == nil {
		find = rest.InClusterConfig
	}
	config, err := find()
	if err != nil {
		return nil, fmt.Errorf("sign in from within the cluster: %w", err)
	}
	o.impersonate(config)
	return []target{{id: orDefault(o.ClusterName, DefaultName), user: "the pod's service account", config: config}}, nil
}

// contexts are the names of those to scan, which exist.
func (o *Options) contexts(kubeconfig *api.Config, path string) ([]string, error) {
	known := slices.Sorted(maps.Keys(kubeconfig.Contexts))
	names := o.Contexts
	switch {
	case len(known) == 0:
		return nil, fmt.Errorf("no context is in the kubeconfig (%s), and this does not run in a pod: name another with --kubeconfig or KUBECONFIG", path)
	case o.AllContexts:
		names = known
		if i := slices.Index(known, kubeconfig.CurrentContext); i > 0 { // of two contexts of a cluster, the one in use signs in
			names = slices.Insert(slices.Delete(slices.Clone(known), i, i+1), 0, known[i])
		}
	case len(names) == 0 && kubeconfig.CurrentContext == "":
		return nil, provider.Misusef("the kubeconfig has no current context: name one with --context, of %s", strings.Join(known, ", "))
	case len(names) == 0:
		names = []string{kubeconfig.CurrentContext}
	}
	for _, name := range names {
		if kubeconfig.Contexts[name] == nil {
			hint := content.DidYouMean(name, known)
			if hint != "" {
				hint = "; " + hint
			}
			return nil, provider.Misusef("there is no context %q%s It has %s", name, orDefault(hint, "."), strings.Join(known, ", "))
		}
	}
	return names, nil
}

// choose makes a target of each context, one for each cluster.
func (o *Options) choose(kubeconfig *api.Config, names []string, rules *clientcmd.ClientConfigLoadingRules) ([]target, error) {
	var targets []target
	for _, name := range names {
		found := kubeconfig.Contexts[name]
		if slices.ContainsFunc(targets, func(t target) bool { return t.id == found.Cluster }) {
			o.Logger.Info("two contexts are of one cluster: the first signs in", "cluster", found.Cluster, "left out", name)
			continue
		}
		t := target{id: found.Cluster, user: found.AuthInfo}
		if name != t.id {
			t.name = name
		}
		t.config, t.err = o.config(kubeconfig, name, rules)
		targets = append(targets, t)
	}
	if o.ClusterName != "" {
		if len(targets) > 1 {
			return nil, provider.Misusef("%d clusters cannot all be called %s", len(targets), o.ClusterName)
		}
		targets[0].id = o.ClusterName
	}
	return targets, nil
}

// config is how to reach a context's cluster.
func (o *Options) config(kubeconfig *api.Config, name string, rules *clientcmd.ClientConfigLoadingRules) (*rest.Config, error) {
	found := kubeconfig.Contexts[name]
	if kubeconfig.Clusters[found.Cluster] == nil {
		return nil, fmt.Errorf("context %q names the cluster %q, which the kubeconfig does not have", name, found.Cluster)
	}
	if found.AuthInfo != "" && kubeconfig.AuthInfos[found.AuthInfo] == nil {
		return nil, fmt.Errorf("context %q names the user %q, which the kubeconfig does not have", name, found.AuthInfo)
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*kubeconfig, name, &clientcmd.ConfigOverrides{}, rules).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("context %q: %s", name, strings.TrimPrefix(provider.FirstLine(err.Error()), "invalid configuration: "))
	}
	o.impersonate(config)
	return config, nil
}

func (o *Options) impersonate(config *rest.Config) {
	if o.As != "" {
		config.Impersonate = rest.ImpersonationConfig{UserName: o.As, Groups: o.AsGroups}
	}
}

func orDefault(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
