package collect

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// A service with one endpoint is listed once, in its home, but asked about the resources of every region.
func TestCallsToAServiceWithOneEndpointGoToItsHome(t *testing.T) {
	children := callOf("", "world:Children", "C", "Of=Name")
	children.For = "thing"
	p := planOf(
		tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), callOf("detail", "world:Get", "", "N=Name")),
		tableOf("child", content.ScopeRegion, children),
		tableOf("everywhere", content.ScopeRegion, callOf("", "world:List", "L")),
	)
	asked := make(chan provider.Request, 100)
	cloud := &collecttest.Cloud{
		Homes: map[string]string{"world": "us-east-1"},
		Before: func(q provider.Request) error {
			asked <- q
			return nil
		},
		Ops: map[string]*collecttest.Op{
			"s:List": {Serve: func(q provider.Request) (any, error) {
				return doc{"L": []doc{{"Name": "of " + q.Scope.Region}}}, nil
			}},
			"world:Get": serve(doc{"A": 1}), "world:Children": serve(doc{"C": []doc{{"B": 2}}}), "world:List": serve(doc{"L": []doc{{"W": 3}}}),
		},
	}
	res := collectAll(t, options(t, cloud, p, "eu-west-1", "us-east-1"))
	close(asked)
	for q := range asked {
		if q.Service == "world" && q.Scope.Region != "" {
			t.Errorf("%s:%s was asked in %s", q.Service, q.Op, q.Scope.Region)
		}
	}
	for table, want := range map[string][]string{
		"thing":      {`eu-west-1 {"Name":"of eu-west-1","detail":{"A":1}}`, `us-east-1 {"Name":"of us-east-1","detail":{"A":1}}`},
		"child":      {`eu-west-1 {"B":2}`, `us-east-1 {"B":2}`},
		"everywhere": {`us-east-1 {"W":3}`},
	} {
		if diff := cmp.Diff(want, rowsOf(t, res.Spool, table)); diff != "" {
			t.Errorf("rows of %s (-want +got):\n%s", table, diff)
		}
	}
	want := []string{
		"eu-west-1/list unsupported rows=0 calls=0 failures=1 unsupported: world (world is asked once, in us-east-1)",
		"us-east-1/list ok rows=1 calls=1",
	}
	if diff := cmp.Diff(want, cellsOf(res.Cells, "everywhere")); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}
