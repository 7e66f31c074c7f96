package collect

import (
	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

func groupScenarios() []scenario {
	list := func(names ...string) *collecttest.Op {
		var items []doc
		for _, n := range names {
			items = append(items, doc{"Name": n})
		}
		return &collecttest.Op{Serve: func(provider.Request) (any, error) { return doc{"L": items}, nil }, Items: "L"}
	}
	absent := callOf("policy", "s:GetPolicy", "", "N=Name")
	absent.Absent = []string{"NoSuchPolicy"}
	when := callOf("extra", "s:Extra", "", "N=Name")
	when.When = []content.Condition{{Path: "Name", Values: []string{"b"}, Not: true}}
	each := callOf("", "s:List", "L")
	each.Each = []content.EachInput{{Member: "Scope", Values: []any{"X", "Y"}}, {Member: "Kind", Values: []any{int64(1), int64(2)}}}
	eachTable := tableOf("thing", content.ScopeRegion, each)
	eachTable.Columns = []*content.Column{{Name: "scope", Path: "input.Scope"}}
	child := callOf("", "s:Children", "C", "Of=name")
	child.For = "parent"
	grand := callOf("", "s:Grand", "", "Of=Id", "Root=parent.Name")
	grand.For = "child"
	parentTable := tableOf("parent", content.ScopeAccount, callOf("", "s:List", "L"), callOf("detail", "s:Get", "", "N=name"))
	parentTable.Columns = []*content.Column{{Name: "name", Path: "Name"}}
	grandTable := tableOf("grand", content.ScopeAccount, grand)
	grandTable.Columns = []*content.Column{{Name: "x", Path: "parent.parent.Name"}}
	batch := callOf("detail", "s:Describe", "D", "Names=Name")
	batch.Batch, batch.Key = 2, "Name"
	lenient := *batch
	lenient.Absent = []string{content.NotReturned}
	return []scenario{
		{
			name:   "groups, absent ones, errors, and those not asked for",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), callOf("size", "s:GetSize", "", "N=Name"), absent, callOf("other", "s:Other", "", "N=Name"))},
			groups: map[string][]string{"thing": {"size", "policy"}},
			ops: map[string]*collecttest.Op{
				"s:List": list("a", "b"), "s:Other": serve(doc{}),
				"s:GetSize": serveBy("N", func(n string) (any, error) {
					if n == "b" {
						return nil, denied("s:GetSize")
					}
					return doc{"Size": 1}, nil
				}),
				"s:GetPolicy": serveBy("N", func(n string) (any, error) {
					if n == "a" {
						return nil, &provider.Error{Class: provider.Broken, Code: "NoSuchPolicy"}
					}
					return doc{"P": n}, nil
				}),
			},
			rows: map[string][]string{"thing": {
				`eu-west-1 {"Name":"a","size":{"Size":1}} unknown {"other":"skipped: s:Other was not asked for in this scan"}`,
				`eu-west-1 {"Name":"b","policy":{"P":"b"}} unknown {"other":"skipped: s:Other was not asked for in this scan","size":"denied: s:GetSize (AccessDenied)"}`,
			}},
			cells: map[string][]string{"thing": {
				"eu-west-1/list ok rows=2 calls=1",
				"eu-west-1/size partial rows=2 calls=2 failures=1 denied: s:GetSize (AccessDenied)",
				"eu-west-1/policy ok rows=2 calls=2",
				"eu-west-1/other skipped rows=2 calls=0 skipped: s:Other was not asked for in this scan",
			}},
		},
		{
			name:   "a group waits for the group that it reads, and inherits its cause",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), callOf("detail", "s:Get", "", "N=Name"), callOf("tags", "s:Tags", "T", "Arn=detail.Arn"), callOf("made", "s:Tags", "T", "Arn=arn:{partition}:{region}:{account_id}:{Name}"))},
			ops: map[string]*collecttest.Op{
				"s:List": list("a", "b", "c"),
				"s:Get": serveBy("N", func(n string) (any, error) {
					switch n {
					case "b":
						return nil, denied("s:Get")
					case "c":
						return doc{}, nil
					}
					return doc{"Arn": "arn:" + n}, nil
				}),
				"s:Tags": serveBy("Arn", func(n string) (any, error) { return doc{"T": []string{n}}, nil }),
			},
			rows: map[string][]string{"thing": {
				`eu-west-1 {"Name":"a","detail":{"Arn":"arn:a"},"made":["arn:aws:eu-west-1:111122223333:a"],"tags":["arn:a"]}`,
				`eu-west-1 {"Name":"b","made":["arn:aws:eu-west-1:111122223333:b"]} unknown {"detail":"denied: s:Get (AccessDenied)","tags":"denied: s:Get (AccessDenied)"}`,
				`eu-west-1 {"Name":"c","detail":{},"made":["arn:aws:eu-west-1:111122223333:c"]}`,
			}},
			calls: map[string]int{"s:List": 1, "s:Get": 3, "s:Tags": 4},
		},
		{
			name:   "a condition that does not hold costs no call and is known",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), when)},
			ops:    map[string]*collecttest.Op{"s:List": list("a", "b"), "s:Extra": serve(doc{"X": 1})},
			rows:   map[string][]string{"thing": {`eu-west-1 {"Name":"a","extra":{"X":1}}`, `eu-west-1 {"Name":"b"}`}},
			calls:  map[string]int{"s:List": 1, "s:Extra": 1},
		},
		{
			name:   "each repeats the list, and rows know their input",
			tables: []*content.Table{eachTable},
			ops: map[string]*collecttest.Op{"s:List": {Serve: func(q provider.Request) (any, error) {
				return doc{"L": []doc{{"N": q.Input["Kind"]}}}, nil
			}}},
			rows: map[string][]string{"thing": {
				`eu-west-1 {"N":1,"input":{"Kind":1,"Scope":"X"}}`, `eu-west-1 {"N":1,"input":{"Kind":1,"Scope":"Y"}}`,
				`eu-west-1 {"N":2,"input":{"Kind":2,"Scope":"X"}}`, `eu-west-1 {"N":2,"input":{"Kind":2,"Scope":"Y"}}`,
			}},
			calls: map[string]int{"s:List": 4},
		},
		{
			name:   "children and grandchildren, which know their parents",
			tables: []*content.Table{parentTable, tableOf("child", content.ScopeAccount, child), grandTable},
			set:    func(c *collecttest.Cloud, _ *Options) { c.Page = func() int { return 1 } },
			ops: map[string]*collecttest.Op{
				"s:List": list("a", "b"), "s:Get": serve(doc{"D": 1}),
				"s:Children": {Items: "C", Serve: func(q provider.Request) (any, error) {
					of := q.Input["Of"].(string)
					return doc{"C": []doc{{"Id": of + "1"}, {"Id": of + "2"}}}, nil
				}},
				"s:Grand": {Serve: func(q provider.Request) (any, error) {
					return doc{"Is": q.Input["Of"].(string) + q.Input["Root"].(string)}, nil
				}},
			},
			rows: map[string][]string{
				"parent": {`global {"Name":"a","detail":{"D":1}}`, `global {"Name":"b","detail":{"D":1}}`},
				"child": {
					`global {"Id":"a1","parent":{"Name":"a"}}`, `global {"Id":"a2","parent":{"Name":"a"}}`,
					`global {"Id":"b1","parent":{"Name":"b"}}`, `global {"Id":"b2","parent":{"Name":"b"}}`,
				},
				"grand": {
					`global {"Is":"a1a","parent":{"Id":"a1","parent":{"Name":"a"}}}`, `global {"Is":"a2a","parent":{"Id":"a2","parent":{"Name":"a"}}}`,
					`global {"Is":"b1b","parent":{"Id":"b1","parent":{"Name":"b"}}}`, `global {"Is":"b2b","parent":{"Id":"b2","parent":{"Name":"b"}}}`,
				},
			},
		},
		{
			name:   "batches gather over pages, and say what was not returned",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), batch)},
			set:    func(c *collecttest.Cloud, _ *Options) { c.Page = func() int { return 1 } },
			ops: map[string]*collecttest.Op{
				"s:List": list("a", "b", "c", "d", "gone"),
				"s:Describe": withList(&collecttest.Op{Serve: func(q provider.Request) (any, error) {
					var out []doc
					for _, n := range q.Input["Names"].([]any) {
						if n != "gone" {
							out = append(out, doc{"Name": n, "Is": n})
						}
					}
					return doc{"D": out}, nil
				}}, "Names"),
			},
			rows: map[string][]string{"thing": {
				`eu-west-1 {"Name":"a","detail":{"Is":"a","Name":"a"}}`, `eu-west-1 {"Name":"b","detail":{"Is":"b","Name":"b"}}`,
				`eu-west-1 {"Name":"c","detail":{"Is":"c","Name":"c"}}`, `eu-west-1 {"Name":"d","detail":{"Is":"d","Name":"d"}}`,
				`eu-west-1 {"Name":"gone"} unknown {"detail":"gone: s:Describe did not return it"}`,
			}},
			calls: map[string]int{"s:List": 5, "s:Describe": 3},
		},
		{
			name:   "what a batch leaves out is absent where the table says so",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), &lenient)},
			ops: map[string]*collecttest.Op{
				"s:List":     list("a", "none"),
				"s:Describe": withList(serve(doc{"D": []doc{{"Name": "a"}}}), "Names"),
			},
			rows: map[string][]string{"thing": {`eu-west-1 {"Name":"a","detail":{"Name":"a"}}`, `eu-west-1 {"Name":"none"}`}},
		},
		{
			name:   "one deleted row does not hide the others of its batch",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), batch)},
			ops: map[string]*collecttest.Op{
				"s:List": list("a", "gone"),
				"s:Describe": withList(&collecttest.Op{Serve: func(q provider.Request) (any, error) {
					names := q.Input["Names"].([]any)
					for _, n := range names {
						if n == "gone" {
							return nil, &provider.Error{Class: provider.Gone, Call: "s:Describe", Code: "NotFound"}
						}
					}
					return doc{"D": []doc{{"Name": names[0]}}}, nil
				}}, "Names"),
			},
			rows: map[string][]string{"thing": {
				`eu-west-1 {"Name":"a","detail":{"Name":"a"}}`, `eu-west-1 {"Name":"gone"} unknown {"detail":"gone: s:Describe (NotFound)"}`,
			}},
		},
		{
			name: "tables that take different parts of one list call share it",
			tables: []*content.Table{
				tableOf("user", content.ScopeAccount, callOf("", "i:All", "Users")), tableOf("role", content.ScopeAccount, callOf("", "i:All", "Roles")),
			},
			ops:   map[string]*collecttest.Op{"i:All": serve(doc{"Users": []doc{{"U": 1}}, "Roles": []doc{{"R": 1}, {"R": 2}}})},
			rows:  map[string][]string{"user": {`global {"U":1}`}, "role": {`global {"R":1}`, `global {"R":2}`}},
			calls: map[string]int{"i:All": 1},
		},
		{
			name: "calls that are the same for several rows and tables are made once",
			tables: []*content.Table{
				tableOf("disk", content.ScopeRegion, callOf("", "s:List", "L"), callOf("key", "k:Get", "", "Key:=k1")),
				tableOf("key", content.ScopeRegion, callOf("", "k:Get", "", "Key:=k1")),
			},
			ops:   map[string]*collecttest.Op{"s:List": list("a", "b", "c"), "k:Get": serve(doc{"K": 1})},
			rows:  map[string][]string{"key": {`eu-west-1 {"K":1}`}},
			calls: map[string]int{"s:List": 1, "k:Get": 1},
		},
		{
			name:   "the pages of a group are put together",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), callOf("all", "s:Get", "", "N=Name"))},
			set:    func(c *collecttest.Cloud, _ *Options) { c.Page = func() int { return 2 } },
			ops: map[string]*collecttest.Op{"s:List": list("a"), "s:Get": {Items: "X", Serve: func(provider.Request) (any, error) {
				return doc{"X": []int{1, 2, 3, 4, 5}, "Other": "y"}, nil
			}}},
			rows: map[string][]string{"thing": {`eu-west-1 {"Name":"a","all":{"Other":"y","X":[1,2,3,4,5]}}`}},
		},
		{
			name:   "an empty scope costs one call",
			tables: []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"), callOf("all", "s:Get", "", "N=Name"))},
			ops:    map[string]*collecttest.Op{"s:List": list(), "s:Get": serve(doc{})},
			calls:  map[string]int{"s:List": 1},
			cells:  map[string][]string{"thing": {"eu-west-1/list ok rows=0 calls=1", "eu-west-1/all ok rows=0 calls=0"}},
		},
		{
			name: "documents inside answers, regions and repeats of a group",
			tables: []*content.Table{tableOf(
				"thing", content.ScopeAccount, callOf("", "s:List", "L"),
				formatted(callOf("template", "s:Text", "Body", "T:=json"), "json"), formatted(callOf("lines", "s:Text", "Body", "T:=csv"), "csv"),
				regional(callOf("where", "s:Where", "R", "N=Name"), "Home"), repeated(callOf("both", "s:Kinds", "", "N=Name"), "Kind", "x", "y"),
			)},
			ops: map[string]*collecttest.Op{
				"s:List": serve(doc{"L": []doc{{"Name": "a", "Home": "ap-south-1"}, {"Name": "b"}}}),
				"s:Text": serveBy("T", func(format string) (any, error) {
					return doc{"Body": map[string]string{"json": `[{"Version": 1}]`, "csv": "a,b\n1,2\n"}[format]}, nil
				}),
				"s:Where": {Serve: func(q provider.Request) (any, error) { return doc{"R": "at " + q.Scope.Region}, nil }},
				"s:Kinds": {Items: "L", Serve: func(q provider.Request) (any, error) { return doc{"L": []any{q.Input["Kind"]}}, nil }},
			},
			rows: map[string][]string{"thing": {
				`global {"Home":"ap-south-1","Name":"a","both":{"L":["x","y"]},"lines":[{"a":"1","b":"2"}],"template":[{"Version":1}],"where":"at ap-south-1"}`,
				`global {"Name":"b","both":{"L":["x","y"]},"lines":[{"a":"1","b":"2"}],"template":[{"Version":1}],"where":"at "}`,
			}},
		},
		{
			name:   "a batch whose other members are the parent's ends with the parent",
			tables: []*content.Table{tableOf("cluster", content.ScopeRegion, callOf("", "s:List", "L")), servicesOfClusters()},
			ops: map[string]*collecttest.Op{
				"s:List":     list("c1", "c2"),
				"s:Services": serveBy("Cluster", func(c string) (any, error) { return doc{"A": []string{c + "/x", c + "/y"}}, nil }),
				"s:Describe": withList(&collecttest.Op{Serve: func(q provider.Request) (any, error) {
					var out []doc
					for _, n := range q.Input["Arns"].([]any) {
						out = append(out, doc{"Arn": n, "Of": q.Input["Cluster"]})
					}
					return doc{"D": out}, nil
				}}, "Arns"),
			},
			rows: map[string][]string{"service": {
				`eu-west-1 {"detail":{"Arn":"c1/x","Of":"c1"},"parent":{"Name":"c1"},"value":"c1/x"}`,
				`eu-west-1 {"detail":{"Arn":"c1/y","Of":"c1"},"parent":{"Name":"c1"},"value":"c1/y"}`,
				`eu-west-1 {"detail":{"Arn":"c2/x","Of":"c2"},"parent":{"Name":"c2"},"value":"c2/x"}`,
				`eu-west-1 {"detail":{"Arn":"c2/y","Of":"c2"},"parent":{"Name":"c2"},"value":"c2/y"}`,
			}},
			calls: map[string]int{"s:List": 1, "s:Services": 2, "s:Describe": 2},
		},
		{
			name:   "further lists give rows of the same table",
			tables: []*content.Table{alsoTable()},
			ops:    map[string]*collecttest.Op{"s:List": list("a"), "s:More": serve(nil)},
			rows:   map[string][]string{"thing": {`eu-west-1 {"Name":"a"}`}},
			set: func(c *collecttest.Cloud, _ *Options) {
				c.Ops["s:More"] = &collecttest.Op{Serve: func(provider.Request) (any, error) { return nil, denied("s:More") }}
			},
			cells: map[string][]string{"thing": {"eu-west-1/list partial rows=1 calls=2 failures=1 denied: s:More (AccessDenied)"}},
		},
		{
			name:   "a further list of a service that is not there takes nothing away",
			tables: []*content.Table{alsoElsewhere()},
			ops:    map[string]*collecttest.Op{"s:List": list("a"), "other:More": serve(nil)},
			rows:   map[string][]string{"thing": {`eu-west-1 {"Name":"a"}`}},
			set:    func(c *collecttest.Cloud, _ *Options) { c.Missing = map[string]bool{"other/eu-west-1": true} },
			cells:  map[string][]string{"thing": {"eu-west-1/list ok rows=1 calls=1"}},
		},
		{
			name:   "of two lists one is not there, and one is denied",
			tables: []*content.Table{alsoElsewhere()},
			ops:    map[string]*collecttest.Op{"s:List": serve(nil), "other:More": serve(nil)},
			set: func(c *collecttest.Cloud, _ *Options) {
				c.Missing = map[string]bool{"other/eu-west-1": true}
				c.Ops["s:List"] = &collecttest.Op{Serve: func(provider.Request) (any, error) { return nil, denied("s:List") }}
			},
			cells: map[string][]string{"thing": {"eu-west-1/list denied rows=0 calls=1 failures=2 denied: s:List (AccessDenied)"}},
		},
	}
}

func formatted(c *content.Call, as string) *content.Call { c.As = as; return c }

func regional(c *content.Call, path string) *content.Call { c.Region = path; return c }

func repeated(c *content.Call, member string, values ...any) *content.Call {
	c.Each = []content.EachInput{{Member: member, Values: values}}
	return c
}

func servicesOfClusters() *content.Table {
	list := callOf("", "s:Services", "A", "Cluster=Name")
	list.For = "cluster"
	describe := callOf("detail", "s:Describe", "D", "Arns=value", "Cluster=parent.Name")
	describe.Batch, describe.Key = 100, "Arn"
	return tableOf("service", content.ScopeRegion, list, describe)
}

func alsoElsewhere() *content.Table {
	t := alsoTable()
	t.Also = []*content.Call{callOf(plan.GroupList, "other:More", "L")}
	return t
}

func alsoTable() *content.Table {
	t := tableOf("thing", content.ScopeRegion, callOf("", "s:List", "L"))
	t.Also = []*content.Call{callOf(plan.GroupList, "s:More", "L")}
	return t
}
