package property

import (
	"context"
	"testing"

	"github.com/stancehq/stance/internal/kubetest"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/kubernetes"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/test/recorded"
)

// kubernetesSuite is a cluster with a real API server.
func kubernetesSuite(ctx context.Context, kubeconfig string) (providertest.Suite, error) {
	cloud, err := recorded.Content(ctx, "kubernetes")
	if err != nil {
		return providertest.Suite{}, err
	}
	cloud.SignIn = func(ctx context.Context, d providertest.Disturbance) (provider.Provider, func(), error) {
		p, err := kubernetes.New(ctx, kubernetes.Options{Kubeconfig: kubeconfig, Content: cloud.Library.Provider("kubernetes")})
		if err != nil {
			return nil, nil, err
		}
		return providertest.Disturb(p, d), func() {}, nil
	}
	return providertest.Suite{Cloud: cloud, LeastCalls: 40, Stopped: some(cloud.Checks), Victim: victims(kubeconfig), Kills: 6}, nil
}

// some are every fifth check: what they are about is as mixed as all are.
func some(checks []*plan.Check) (fifth []*plan.Check) {
	for i := 0; i < len(checks); i += 5 {
		fifth = append(fifth, checks[i])
	}
	return fifth
}

func TestKubernetes(t *testing.T) {
	cluster := kubetest.Start(t, kubetest.Options{Apply: []string{kubetest.World("company")}})
	suite, err := kubernetesSuite(t.Context(), cluster.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	providertest.Run(t, suite)
}
