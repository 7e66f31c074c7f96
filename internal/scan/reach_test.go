package scan

import (
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/lake"
	"github.com/stancehq/stance/internal/plan"
)

func TestReach(t *testing.T) {
	base := func(name, scope, parent string) *plan.Table {
		return &plan.Table{Name: name, Spec: &content.Table{Name: name, Scope: scope, List: &content.Call{For: parent}}}
	}
	derived := func(name string, over ...string) *plan.Table {
		return &plan.Table{Name: name, Spec: &content.Table{Name: name, Derive: "SELECT"}, Over: over}
	}
	tables := map[string]*plan.Table{}
	for _, table := range []*plan.Table{
		base("bucket", content.ScopeAccount, ""), base("instance", content.ScopeRegion, ""), base("volume", "", "instance"), base("object", "", "bucket"),
		derived("public", "bucket", "words"), derived("open", "bucket", "deeper"), derived("deeper", "volume"),
		{Name: "words", Spec: &content.Table{Name: "words"}},
	} {
		tables[table.Name] = table
	}
	for _, c := range []struct {
		resource, query, scope string
		reads                  []string
		table, check           lake.Reach
	}{
		{resource: "bucket"},
		{resource: "object"},
		{resource: "words"},
		{resource: "public"},
		{resource: "instance", table: lake.ReachRegion, check: lake.ReachRegion},
		{resource: "volume", table: lake.ReachRegion, check: lake.ReachRegion},
		{resource: "open", table: lake.ReachRegions, check: lake.ReachRegions},
		{resource: "bucket", query: "SELECT", reads: []string{"bucket", "object"}},
		{resource: "bucket", query: "SELECT", reads: []string{"bucket", "instance"}, check: lake.ReachRegions},
		{resource: "bucket", query: "SELECT", reads: []string{"bucket", "open"}, scope: "organization", check: lake.ReachRegions},
		{resource: "instance", query: "SELECT", reads: []string{"instance"}, scope: "region", table: lake.ReachRegion, check: lake.ReachRegion},
	} {
		check := &plan.Check{ID: "c", Spec: &content.Check{ID: "c", Resource: c.resource, Query: c.query, Scope: c.scope}, Tables: c.reads}
		if got := reachOfTable(tables, tables[c.resource]); got != c.table {
			t.Errorf("table %s: got %q, want %q", c.resource, got, c.table)
		}
		if got := reachOfChecks(tables, []*plan.Check{check})["c"]; got != c.check {
			t.Errorf("check of %s, query %q over %v, scope %q: got %q, want %q", c.resource, c.query, c.reads, c.scope, got, c.check)
		}
	}
}
