package collect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

func TestRegionsThatAPolicyCloses(t *testing.T) {
	const by = ", which a service control policy forbids (AccessDenied: no)"
	cell := func(region, call string, status Status, cause string) Cell {
		group := "list"
		if strings.Contains(call, ":Get") {
			group = "detail"
		}
		return Cell{Account: "1", Region: region, Call: call, Group: group, Status: status, Cause: cause}
	}
	closedIn := func(region string, services ...string) (cells []Cell) {
		for _, s := range services {
			cells = append(cells, cell(region, s+":List", Denied, "denied: "+s+":List"+by))
		}
		return cells
	}
	for _, c := range []struct {
		name   string
		cells  []Cell
		closed int
	}{
		{"most services, and what hangs on them", append(closedIn("a", "ec2", "rds", "sqs"), cell("a", "ec2:GetIt", Denied, "denied: ec2:List"+by), cell("a", "sts:Who", OK, "")), 4},
		{"a service that stays open", append(closedIn("a", "ec2", "rds", "sqs"), cell("a", "kms:List", OK, "")), 3},
		{"a service that the policy leaves to others", append(closedIn("a", "ec2", "rds", "sqs"), cell("a", "kms:List", Denied, "denied: kms:List (AccessDenied: no)")), 3},
		{"a policy about one service", append(closedIn("a", "ec2"), cell("a", "ec2:ListMore", Denied, "denied: ec2:ListMore"+by), cell("a", "ec2:ListYetMore", Denied, "denied: ec2:ListYetMore"+by)), 0},
		{"a policy about some of many services", append(closedIn("a", "ec2", "rds", "sqs"), cell("a", "kms:List", OK, ""), cell("a", "sns:List", OK, ""), cell("a", "s3:List", Partial, "")), 0},
		{"what is not of a region", closedIn(GlobalRegion, "iam", "route53", "s3", "cloudfront"), 0},
		{"two regions, one of them open", append(closedIn("a", "ec2", "rds", "sqs"), closedIn("b", "ec2")...), 3},
		{"denied by the caller's own policy", []Cell{cell("a", "ec2:List", Denied, "denied: ec2:List"), cell("a", "sqs:List", Denied, "denied: sqs:List"), cell("a", "rds:List", Denied, "denied: rds:List")}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			closeRegions(c.cells)
			n := 0
			for _, cell := range c.cells {
				if by := ClosedBy(cell.Cause); by != "" {
					n++
					if cell.Status != Denied || by != "service control policy" || !strings.Contains(cell.Cause, ":List") {
						t.Errorf("%+v", cell)
					}
				}
			}
			if n != c.closed {
				t.Errorf("%d cells are closed, want %d: %+v", n, c.closed, c.cells)
			}
		})
	}
}

func TestRegionsThatNobodyCouldTellAreInTheLedger(t *testing.T) {
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{"L": []doc{{"Name": "a"}}}), "s:Children": serve(doc{"C": []doc{}})}}
	child := callOf("", "s:Children", "C", "Of=Name")
	child.For = "thing"
	opt := options(t, cloud, planOf(
		tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L")), tableOf("child", content.ScopeRegion, child),
		tableOf("wide", content.ScopeAccount, callOf("", "s:List", "L")),
	), "north")
	opt.Accounts[0].RegionsErr = denied("s:ListRegions")
	res := collectAll(t, opt)
	const cause = "denied: s:ListRegions (AccessDenied): there may be regions besides those visited"
	for table, want := range map[string]string{
		"thing": "north/list ok rows=1 calls=1; elsewhere/list denied rows=0 calls=0 " + cause,
		"child": "north/list ok rows=0 calls=1; elsewhere/list denied rows=0 calls=0 " + cause,
		"wide":  "global/list ok rows=1 calls=1",
	} {
		if got := strings.Join(cellsOf(res.Cells, table), "; "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", table, got, want)
		}
	}
	if res.Interrupted {
		t.Error("it says that it was interrupted")
	}
	if err := res.Spool.Close(); err != nil {
		t.Fatal(err)
	}

	// Whoever may list regions now goes on, in those that were not visited too.
	opt.Resume = true
	opt.Accounts = []provider.Account{{ID: opt.Accounts[0].ID, Partition: "aws", Regions: []string{"far", "north"}}}
	before := cloud.Calls()["s:List"]
	res = collectAll(t, opt)
	if calls := cloud.Calls()["s:List"] - before; calls != 1 {
		t.Errorf("%d lists where one region is new", calls)
	}
	if rows := rowsOf(t, res.Spool, "thing"); fmt.Sprint(rows) != `[far {"Name":"a"} north {"Name":"a"}]` {
		t.Errorf("rows %v", rows)
	}
	for _, c := range res.Cells {
		if c.Region == ElsewhereRegion {
			t.Errorf("still in the ledger: %+v", c)
		}
	}
	if err := res.Spool.Close(); err != nil {
		t.Fatal(err)
	}
	opt.Accounts = accounts("far") // fewer than were visited is another scan
	if _, err := Run(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "north") {
		t.Errorf("resumed with other regions: %v", err)
	}
}
