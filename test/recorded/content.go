package recorded

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	embedded "github.com/stancehq/stance/content"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	awsapi "github.com/stancehq/stance/internal/provider/aws/api"
	kubernetesapi "github.com/stancehq/stance/internal/provider/kubernetes/api"
	"github.com/stancehq/stance/internal/provider/providertest"
)

// APIs are the descriptions that the content is planned against.
func APIs() plan.APIs { return plan.APIs{"aws": awsapi.API(), "kubernetes": kubernetesapi.API()} }

// Content is a cloud with the content that is in the binary, and the checks of one provider. It lacks the way to sign in.
func Content(ctx context.Context, provider string) (*providertest.Cloud, error) {
	pack, err := content.OpenPack(embedded.Pack)
	if err != nil {
		return nil, err
	}
	c := &providertest.Cloud{}
	if c.Library, err = pack.Library(); err != nil {
		return nil, err
	}
	catalog, problems, err := plan.Restore(ctx, c.Library, pack, APIs())
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		return nil, fmt.Errorf("the embedded content is not right: %w", p)
	}
	c.Catalog = catalog
	c.Library.Providers = unlimited(c.Library.Providers)
	for _, check := range catalog.Checks {
		if check.Spec.Provider == provider {
			c.Checks = append(c.Checks, check)
		}
	}
	slices.SortFunc(c.Checks, func(a, b *plan.Check) int { return cmp.Compare(a.ID, b.ID) })
	return c, nil
}

// unlimited leaves out the vendors' quotas, which clouds for tests do not have: a scan would wait for nothing.
func unlimited(providers []*content.Provider) []*content.Provider {
	free := make([]*content.Provider, len(providers))
	for i, p := range providers {
		copied := *p
		copied.Limits = nil
		free[i] = &copied
	}
	return free
}
