package collect

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

type scenario struct {
	name   string
	ops    map[string]*collecttest.Op
	tables []*content.Table
	groups map[string][]string // planned, if not all
	set    func(*collecttest.Cloud, *Options)
	rows   map[string][]string
	cells  map[string][]string
	calls  map[string]int
}

func TestCollect(t *testing.T) {
	for _, s := range slices.Concat(formScenarios(), groupScenarios(), refusalScenarios(), silenceScenarios()) {
		t.Run(s.name, func(t *testing.T) {
			cloud := &collecttest.Cloud{Ops: s.ops}
			p := planOf(s.tables...)
			for i, tp := range p.Tables {
				if groups, ok := s.groups[tp.Table.Name]; ok {
					p.Tables[i].Groups = groups
				}
			}
			opt := options(t, cloud, p, "eu-west-1")
			if s.set != nil {
				s.set(cloud, &opt)
			}
			res := collectAll(t, opt)
			for table, want := range s.rows {
				if diff := cmp.Diff(want, rowsOf(t, res.Spool, table)); diff != "" {
					t.Errorf("rows of %s (-want +got):\n%s", table, diff)
				}
			}
			for table, want := range s.cells {
				if diff := cmp.Diff(want, cellsOf(res.Cells, table)); diff != "" {
					t.Errorf("cells of %s (-want +got):\n%s", table, diff)
				}
			}
			if s.calls != nil {
				if diff := cmp.Diff(s.calls, cloud.Calls()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestPageThatNamesItselfAsTheNextFails(t *testing.T) {
	cloud := collecttestProvider{Cloud: &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{})}}}
	cloud.list = func(string) *provider.Answer {
		return &provider.Answer{Document: []byte(`{"L":[{"A":1}]}`), Next: "again"}
	}
	res := collectAll(t, options(t, cloud, planOf(tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))), "eu-west-1"))
	want := []string{"eu-west-1/list partial rows=1 calls=2 failures=1 broken: s:List (the answer names its own page as the next)"}
	if diff := cmp.Diff(want, cellsOf(res.Cells, "thing")); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

// TestLittleMemoryIsSlowButEnough: one page at a time always goes through, at every level.
func TestLittleMemoryIsSlowButEnough(t *testing.T) {
	cloud, p := world(30)
	want := collectAll(t, options(t, cloud, p, worldRegions...))
	cloud, p = world(30)
	cloud.Page = func() int { return 3 }
	opt := options(t, cloud, p, worldRegions...)
	opt.Memory = 1
	got := collectAll(t, opt)
	if diff := cmp.Diff(everything(t, want.Spool, p), everything(t, got.Spool, p)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestProgressAddsUp(t *testing.T) {
	cloud, p := world(10)
	opt := options(t, cloud, p, worldRegions...)
	opt.Progress = &Progress{}
	res := collectAll(t, opt)
	s := opt.Progress.Snapshot()
	if s.CellsDone != s.CellsTotal || s.CellsTotal != counted(res.Cells) || s.Calls != int64(cloud.Total()) || s.Rows != res.Totals.Rows ||
		s.Calls != res.Totals.Calls || s.Bytes != res.Totals.Bytes || len(s.Services) != 0 || len(s.Accounts) != 1 || s.Accounts[0].Calls != s.Calls {
		t.Errorf("snapshot %+v of %+v", s, res.Totals)
	}
}

// counted is how many cells the coverage speaks of.
func counted(cells []Cell) (n int64) {
	for _, c := range cells {
		if c.Counts() {
			n++
		}
	}
	return n
}

func TestCellsThatHideNothingDoNotCount(t *testing.T) {
	for want, cells := range map[bool][]Cell{
		true: {
			{Status: OK},
			{Status: Partial},
			{Status: Planned},
			{Status: Disabled},
			{Status: Denied, Cause: "denied: ec2:DescribeRegions"},
			{Status: Unsupported, Cause: "unsupported: s:Get (OptInRequired: subscribe first)"},
		},
		false: {{Status: Skipped, Cause: "skipped: s:Get was not asked for in this scan"}, {Status: Unsupported, Cause: "unsupported: s (s is not in north)"}},
	} {
		for _, c := range cells {
			if c.Counts() != want {
				t.Errorf("%s %q counts: %v", c.Status, c.Cause, !want)
			}
		}
	}
}

func TestWorkersAreTheMostCallsAtOnce(t *testing.T) {
	cloud, p := world(30)
	cloud.Latency = time.Millisecond
	opt := options(t, cloud, p, worldRegions...)
	opt.Workers = 5
	collectAll(t, opt)
	if n := cloud.MostAtOnce(); n != 5 {
		t.Errorf("%d calls at once, want 5", n)
	}
}

func TestPlanThatCannotBeCollectedIsRefused(t *testing.T) {
	child := callOf("", "s:Children", "C", "Of=Name")
	child.For = "parent"
	early := tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), callOf("a", "s:List", "", "X=b.Y"), callOf("b", "s:List", ""))
	for name, tc := range map[string]struct {
		p    *plan.Plan
		want string
	}{
		"parent not planned": {planOf(tableOf("child", content.ScopeRegion, child)), "plan table child: its parent parent is not planned before it"},
		"unknown operation":  {planOf(tableOf("x", content.ScopeRegion, callOf("", "s:None", ""))), "plan table x: describe s:None: no operation s:None"},
		"groups in no order": {planOf(early), "plan table thing: group a reads b.Y, which is not planned before it"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{}), "s:Children": serve(doc{})}}
			_, err := Run(t.Context(), options(t, cloud, tc.p, "eu-west-1"))
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
