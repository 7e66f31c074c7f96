package property

import (
	"context"
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider/providertest"
	"github.com/stancehq/stance/test/recorded"
)

// awsSuite is the recorded cloud.
func awsSuite(ctx context.Context) (*recorded.Cloud, providertest.Suite, error) {
	cloud, err := recorded.Open(ctx)
	if err != nil {
		return nil, providertest.Suite{}, err
	}
	return cloud, providertest.Suite{Cloud: cloud.Cloud, LeastCalls: 200, Stopped: slow(cloud.Checks), Victim: victims(""), Kills: 20}, nil
}

// slow are checks of some services whose scan takes a while: children, groups and regions are among what it collects.
func slow(checks []*plan.Check) []*plan.Check {
	return slices.DeleteFunc(slices.Clone(checks), func(check *plan.Check) bool {
		return !slices.Contains([]string{"iam", "kms", "lambda"}, check.Spec.Service)
	})
}

func TestAWS(t *testing.T) {
	cloud, suite, err := awsSuite(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base, err := cloud.Scan(t.Context(), providertest.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("the recording holds every call of a scan", func(t *testing.T) {
		for _, missed := range base.Missed {
			t.Errorf("not recorded: %s", missed)
		}
		if len(base.Missed) > 0 {
			t.Log("run go run ./internal/replay/recordaws at the root")
		}
	})
	t.Run("an empty account costs a list per table and region", func(t *testing.T) { proveEmpty(t, cloud) })
	suite.Base = &base.Scan
	providertest.Run(t, suite)
}

// proveEmpty: nothing is asked about rows that do not exist, and no list twice.
func proveEmpty(t *testing.T, cloud *recorded.Cloud) {
	counts, err := cloud.Empty(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if counts.Calls > int64(counts.Lists) {
		t.Errorf("%d calls for %d lists", counts.Calls, counts.Lists)
	}
	if counts.Groups != 0 {
		t.Errorf("%d calls for groups of tables without rows", counts.Groups)
	}
	t.Logf("%d tables, %d lists, %d calls", counts.Tables, counts.Lists, counts.Calls)
}
