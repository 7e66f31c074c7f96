package collect

import (
	"errors"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider"
)

func refusalScenarios() []scenario {
	thing := func(get ...*content.Call) *content.Table {
		return tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), get...)
	}
	detail := callOf("detail", "s:Get", "", "N=Name")
	items := doc{"L": []doc{{"Name": "a"}, {"Name": "b"}}}
	childCall := callOf("", "s:Children", "C", "Of=Name")
	childCall.For = "thing"
	child := tableOf("child", content.ScopeRegion, childCall)
	fail := func(err error) *collecttest.Op {
		return &collecttest.Op{Serve: func(provider.Request) (any, error) { return nil, err }}
	}
	absentList := thing()
	absentList.List.Absent = []string{"NotInUse"}
	return []scenario{
		{
			name: "a list that is denied leaves groups and children unknown", tables: []*content.Table{thing(detail), child},
			ops: map[string]*collecttest.Op{"s:List": fail(denied("s:List")), "s:Get": serve(doc{}), "s:Children": serve(doc{})},
			cells: map[string][]string{
				"thing": {
					"eu-west-1/list denied rows=0 calls=1 failures=1 denied: s:List (AccessDenied)",
					"eu-west-1/detail denied rows=0 calls=0 denied: s:List (AccessDenied)",
				},
				"child": {"eu-west-1/list denied rows=0 calls=0 failures=1 denied: s:List (AccessDenied)"},
			},
		},
		{
			name: "a page that fails midway keeps the rows before it", tables: []*content.Table{thing()},
			set: func(c *collecttest.Cloud, _ *Options) {
				c.Page = func() int { return 1 }
				c.Before = func(q provider.Request) error {
					if q.Page == "1" {
						return denied("s:List")
					}
					return nil
				}
			},
			ops:   map[string]*collecttest.Op{"s:List": {Items: "L", Serve: serve(items).Serve}},
			rows:  map[string][]string{"thing": {`eu-west-1 {"Name":"a"}`}},
			cells: map[string][]string{"thing": {"eu-west-1/list partial rows=1 calls=2 failures=1 denied: s:List (AccessDenied)"}},
		},
		{
			name: "an absent error of a list is no rows", tables: []*content.Table{absentList},
			ops:   map[string]*collecttest.Op{"s:List": fail(&provider.Error{Class: provider.Broken, Code: "NotInUse"})},
			cells: map[string][]string{"thing": {"eu-west-1/list ok rows=0 calls=1"}},
		},
		{
			name: "a service that is not there costs no call", tables: []*content.Table{thing(detail)},
			set: func(c *collecttest.Cloud, _ *Options) { c.Missing = map[string]bool{"s/eu-west-1": true} },
			ops: map[string]*collecttest.Op{"s:List": serve(items), "s:Get": serve(doc{})},
			cells: map[string][]string{"thing": {
				"eu-west-1/list unsupported rows=0 calls=0 failures=1 unsupported: s (not in eu-west-1)",
				"eu-west-1/detail unsupported rows=0 calls=0 unsupported: s (not in eu-west-1)",
			}},
		},
		{
			name: "a service that refuses as a whole is not asked again", tables: []*content.Table{thing(detail)},
			set: func(_ *collecttest.Cloud, o *Options) { o.Workers = 1 },
			ops: map[string]*collecttest.Op{
				"s:List": serve(items),
				"s:Get":  fail(&provider.Error{Class: provider.Unsupported, Call: "s:Get", Code: "OptInRequired", Wide: true}),
			},
			calls: map[string]int{"s:List": 1, "s:Get": 1},
			cells: map[string][]string{"thing": {
				"eu-west-1/list ok rows=2 calls=1",
				"eu-west-1/detail unsupported rows=2 calls=1 failures=2 unsupported: s:Get (OptInRequired)",
			}},
		},
		{
			name: "a sign-in that ends stops the account", tables: []*content.Table{thing(detail), child},
			set: func(_ *collecttest.Cloud, o *Options) { o.Workers = 1 },
			ops: map[string]*collecttest.Op{
				"s:List": serve(items), "s:Children": serve(doc{}),
				"s:Get": fail(&provider.Error{Class: provider.Expired, Call: "s:Get", Code: "ExpiredToken"}),
			},
			calls: map[string]int{"s:List": 1, "s:Get": 1},
			cells: map[string][]string{
				"thing": {"eu-west-1/list ok rows=2 calls=1", "eu-west-1/detail failed rows=2 calls=1 failures=2 expired: s:Get (ExpiredToken)"},
				"child": {"eu-west-1/list failed rows=0 calls=0 failures=2 expired: s:Get (ExpiredToken)"},
			},
		},
		{
			name: "an account that refuses is in the ledger", tables: []*content.Table{thing(detail)},
			set: func(_ *collecttest.Cloud, o *Options) { o.Accounts[0].Err = errors.New("cannot assume the role") },
			ops: map[string]*collecttest.Op{"s:List": serve(items), "s:Get": serve(doc{})},
			cells: map[string][]string{"thing": {
				"eu-west-1/list disabled rows=0 calls=0 failures=1 disabled: cannot assume the role",
				"eu-west-1/detail disabled rows=0 calls=0 disabled: cannot assume the role",
			}},
		},
		{
			name: "an error of no kind is broken", tables: []*content.Table{thing()},
			ops:   map[string]*collecttest.Op{"s:List": fail(errors.New("odd"))},
			cells: map[string][]string{"thing": {"eu-west-1/list failed rows=0 calls=1 failures=1 broken: s:List (odd)"}},
		},
		{
			name: "children of a parent that is gone are not known", tables: []*content.Table{thing(), child},
			ops: map[string]*collecttest.Op{"s:List": serve(items), "s:Children": serveBy("Of", func(of string) (any, error) {
				if of == "a" {
					return nil, &provider.Error{Class: provider.Gone, Call: "s:Children", Code: "NoSuchThing"}
				}
				return doc{"C": []doc{{"X": 1}}}, nil
			})},
			rows:  map[string][]string{"child": {`eu-west-1 {"X":1}`}},
			cells: map[string][]string{"child": {"eu-west-1/list partial rows=1 calls=2 failures=1 gone: s:Children (NoSuchThing)"}},
		},
	}
}
