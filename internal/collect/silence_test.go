package collect

import (
	"errors"
	"slices"
	"testing"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

// silenceScenarios are ways in which something that is missing could look like something that is not there.
func silenceScenarios() []scenario {
	list := func(absent ...string) *content.Call {
		c := callOf("", "s:List", "L")
		c.Absent = absent
		return c
	}
	notInUse := &provider.Error{Class: provider.Broken, Call: "s:List", Code: "NotInUse"}
	secondPage := func(c *collecttest.Cloud, _ *Options) {
		c.Page = func() int { return 1 }
		c.Before = func(q provider.Request) error {
			if q.Page != "" {
				own := *notInUse
				own.Call = q.Service + ":" + q.Op
				return &own
			}
			return nil
		}
	}
	items := doc{"L": []doc{{"Name": "a"}, {"Name": "b"}}}
	// One code for "switched off" and for "you may not": only the words tell.
	refuse := func(call, message string) *collecttest.Op {
		return &collecttest.Op{Serve: func(provider.Request) (any, error) {
			return nil, &provider.Error{Class: provider.Denied, Call: call, Code: "AccessDenied", Message: message}
		}}
	}
	worded := callOf("worded", "s:Worded", "", "N=Name")
	worded.Absent = []string{"AccessDenied: is not enabled"}
	inBatch := callOf("inbatch", "s:InBatch", "D", "Names=Name")
	inBatch.Batch, inBatch.Key, inBatch.Absent = 2, "Name", worded.Absent
	parts := callOf("parts", "s:Parts", "P", "N=Name")
	parts.Absent = []string{"NotInUse"}
	// Buckets lie in regions of their own; the other service exists in one of them, where it is denied.
	buckets := tableOf("bucket", content.ScopeAccount, callOf("", "s3:List", "L"))
	buckets.Region = "Region"
	inside := callOf("", "other:List", "C", "Of=Name")
	inside.For = "bucket"
	child := tableOf("child", content.ScopeAccount, inside)
	described := callOf("described", "s:Describe", "D", "Names=Names")
	return []scenario{
		{
			name: "a denial whose words say that the thing is off is an absence", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list("AccessDenied: is not enabled"))},
			ops:   map[string]*collecttest.Op{"s:List": refuse("s:List", "Service Is Not Enabled.")},
			cells: map[string][]string{"thing": {"eu-west-1/list ok rows=0 calls=1"}},
		},
		{
			name: "a denial in other words is none", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list("AccessDenied: is not enabled"))},
			ops:   map[string]*collecttest.Op{"s:List": refuse("s:List", "not authorized")},
			cells: map[string][]string{"thing": {"eu-west-1/list denied rows=0 calls=1 failures=1 denied: s:List (AccessDenied: not authorized)"}},
		},
		{
			name: "words hold for groups and batches too", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list(), worded, inBatch)},
			ops: map[string]*collecttest.Op{
				"s:List": serve(items), "s:Worded": refuse("s:Worded", "It is not enabled"),
				"s:InBatch": withList(refuse("s:InBatch", "It is not enabled"), "Names"),
			},
			rows: map[string][]string{"thing": {`eu-west-1 {"Name":"a"}`, `eu-west-1 {"Name":"b"}`}},
		},
		{
			name: "an absent error of a later page of a list is no end of it", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list("NotInUse"))},
			set:   secondPage,
			ops:   map[string]*collecttest.Op{"s:List": {Items: "L", Serve: serve(items).Serve}},
			rows:  map[string][]string{"thing": {`eu-west-1 {"Name":"a"}`}},
			cells: map[string][]string{"thing": {"eu-west-1/list partial rows=1 calls=2 failures=1 broken: s:List (NotInUse)"}},
		},
		{
			name: "an absent error of a later page of a group is no absence", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list(), parts)},
			set: secondPage,
			ops: map[string]*collecttest.Op{
				"s:List":  serve(doc{"L": []doc{{"Name": "a"}}}),
				"s:Parts": {Items: "P", Serve: serve(doc{"P": []string{"x", "y"}}).Serve},
			},
			rows: map[string][]string{"thing": {`eu-west-1 {"Name":"a"} unknown {"parts":"broken: s:Parts (NotInUse)"}`}},
		},
		{
			name: "a service that is missing in some regions does not hide that it is denied in another", tables: []*content.Table{buckets, child},
			set: func(c *collecttest.Cloud, _ *Options) {
				c.Missing = map[string]bool{"other/r1": true, "other/r2": true}
			},
			ops: map[string]*collecttest.Op{
				"s3:List":    serve(doc{"L": []doc{{"Name": "a", "Region": "r1"}, {"Name": "b", "Region": "r2"}, {"Name": "c", "Region": "r3"}}}),
				"other:List": {Serve: func(provider.Request) (any, error) { return nil, denied("other:List") }},
			},
			cells: map[string][]string{"child": {"global/list denied rows=0 calls=1 failures=3 denied: other:List (AccessDenied)"}},
		},
		{
			name: "nor that it is not subscribed to in another", tables: []*content.Table{buckets, child},
			set: func(c *collecttest.Cloud, _ *Options) {
				c.Missing = map[string]bool{"other/r1": true, "other/r2": true}
			},
			ops: map[string]*collecttest.Op{
				"s3:List": serve(doc{"L": []doc{{"Name": "a", "Region": "r1"}, {"Name": "b", "Region": "r2"}, {"Name": "c", "Region": "r3"}}}),
				"other:List": {Serve: func(provider.Request) (any, error) {
					return nil, &provider.Error{Class: provider.Unsupported, Call: "other:List", Code: "OptInRequired"}
				}},
			},
			cells: map[string][]string{"child": {"global/list unsupported rows=0 calls=1 failures=3 unsupported: other:List (OptInRequired)"}},
		},
		{
			name: "an account that refused before it told its regions is in the ledger", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list())},
			set: func(_ *collecttest.Cloud, o *Options) {
				o.Accounts[0].Regions, o.Accounts[0].Err = nil, errors.New("cannot assume the role")
			},
			ops:   map[string]*collecttest.Op{"s:List": serve(items)},
			cells: map[string][]string{"thing": {"global/list disabled rows=0 calls=0 failures=1 disabled: cannot assume the role"}},
		},
		{
			name: "a list of none is not asked for, for that might mean all", tables: []*content.Table{tableOf("thing", content.ScopeRegion, list(), described)},
			ops: map[string]*collecttest.Op{
				"s:List": serve(doc{"L": []doc{{"Name": "a", "Names": []string{}}}}), "s:Describe": withList(serve(doc{"D": []string{"all"}}), "Names"),
			},
			rows:  map[string][]string{"thing": {`eu-west-1 {"Name":"a","Names":[]}`}},
			calls: map[string]int{"s:List": 1},
		},
	}
}

// An account that refused the sign-in tells its regions only once it lets in: the scan goes on then.
func TestARefusedAccountIsCollectedWhenTheScanGoesOn(t *testing.T) {
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{"s:List": serve(doc{"L": []doc{{"Name": "a"}}})}}
	opt := options(t, cloud, planOf(tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))))
	opt.Accounts[0].Err = errors.New("cannot assume the role")
	first := collectAll(t, opt)
	if err := first.Spool.Close(); err != nil {
		t.Fatal(err)
	}
	opt.Resume = true
	opt.Accounts = accounts("eu-west-1")
	second := collectAll(t, opt)
	if got, want := rowsOf(t, second.Spool, "thing"), []string{`eu-west-1 {"Name":"a"}`}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := cellsOf(second.Cells, "thing"), []string{"eu-west-1/list ok rows=1 calls=1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
