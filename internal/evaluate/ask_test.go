package evaluate

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// A row about which a person must be asked is MANUAL, whatever pass would say, unless something that either reads is not known.
func TestAsk(t *testing.T) {
	rows := []row{
		{account: "1", region: "eu", id: "a", kind: "managed", versioning: "Enabled"},
		{account: "1", region: "eu", id: "b", kind: "own", versioning: "Enabled"},
		{account: "1", region: "eu", id: "c", kind: "own", versioning: "Off"},
		{account: "1", region: "eu", id: "d", kind: "?denied: kind", versioning: "Enabled"},
		{account: "1", region: "eu", id: "e", kind: "own", versioning: "?denied: versioning"},
		{account: "1", region: "eu", id: "f", kind: "broken", versioning: "Enabled"},
	}
	check := &plan.Check{
		ID: "asked",
		Spec: &content.Check{
			ID: "asked", Provider: "aws", Severity: "high", Resource: "bucket", Pass: "versioning = 'Enabled'",
			Ask: "case kind when 'managed' then 'ask the provider' when 'broken' then cast(cast(kind as integer) as varchar) end",
		},
		Pass: refs("bucket.kind", "bucket.versioning"),
	}
	db := newWorld(t, rows...)
	cells := []collect.Cell{{Provider: "aws", Account: "1", Region: "global", Table: "bucket", Group: "list", Status: collect.OK}}
	got := ask(t, db, Options{Tables: worldTables(), Checks: []*plan.Check{check}, EmitPass: true, Cells: cells})
	want := []string{
		"asked MANUAL 1 eu a : ask the provider", "asked PASS 1 eu b", "asked FAIL 1 eu c", "asked UNKNOWN 1 eu d : denied: kind",
		"asked UNKNOWN 1 eu e : denied: versioning", "asked UNKNOWN 1 eu f : defect: ask: Conversion Error: Could not convert string 'broken' to INT32 when casting from source column kind",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
