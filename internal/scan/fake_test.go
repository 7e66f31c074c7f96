package scan

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/evaluate"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

type doc = map[string]any

// cloud is a cloud in memory with accounts.
type cloud struct {
	*collecttest.Cloud
	accounts []provider.Account
}

func (c *cloud) Accounts(context.Context) ([]provider.Account, error) { return c.accounts, nil }

const (
	me      = "111122223333"
	fakeYML = "id: fake\ntitle: Fake cloud\n"
	// thingsYML is a regional table with a group, the regions that were visited, and an account-wide table of things that say where they are.
	thingsYML = `table: fake_thing
title: Thing
about: A thing.
scope: region
id: name
name_column: name
list: {call: things:List, items: L}
get:
  detail: {call: things:Get, with: {Name: Name}}
columns:
  name: {path: Name, type: VARCHAR, about: Its name}
  kind: {path: Kind, type: VARCHAR, about: Its kind}
  size: {path: detail.Size, type: BIGINT, about: Its size}
sample: {Name: a, Kind: k, detail: {Size: 1}}
---
table: fake_region
title: Region
about: A region that was visited.
scope: region
id: name
name_column: name
list: {call: who:Am}
columns:
  name: {sql: region, about: Its name}
sample: {}
---
table: fake_store
title: Store
about: A store.
scope: account
region: Place
id: name
name_column: name
list: {call: stores:List, items: L}
get:
  policy: {call: stores:Get, with: {Name: Name}, region: Place}
columns:
  name: {path: Name, type: VARCHAR, about: Its name}
  policy: {path: policy.Policy, type: iam_policy, about: Its policy}
sample: {Name: a, Place: north}
---
table: fake_cup
title: Cup
about: A cup.
scope: region
id: name
name_column: name
list: {call: cups:List, items: L}
columns:
  name: {path: Name, type: VARCHAR, about: Its name}
sample: {Name: a}
---
table: fake_plate
title: Plate
about: A plate.
scope: region
id: name
name_column: name
list: {call: plates:List, items: L}
columns:
  name: {path: Name, type: VARCHAR, about: Its name}
sample: {Name: a}
`
)

func checkYML(id, resource, body string) string {
	return fmt.Sprintf("id: %s\ntitle: T\nseverity: high\nresource: %s\n%s\nobjectives: []\nwhy: W\nfix: {text: F}\nreferences: []\ntests: []\n", id, resource, body)
}

var fakeChecks = map[string]string{
	"fake_thing_kind":   checkYML("fake_thing_kind", "fake_thing", "pass: kind = 'good'"),
	"fake_thing_size":   checkYML("fake_thing_size", "fake_thing", "pass: size > 1"),
	"fake_store_policy": checkYML("fake_store_policy", "fake_store", "pass: policy is null"),
	"fake_thing_each":   checkYML("fake_thing_each", "fake_region", "scope: region\nquery: select r.account_id, r.region, r.id, exists (from fake_thing t where t.region = r.region) as pass, 'none here' as found from fake_region r"),
	"fake_thing_any":    checkYML("fake_thing_any", "fake_region", "scope: account\nquery: select account_id, 'global' as region, account_id as id, bool_or(exists (from fake_thing t where t.account_id = r.account_id)) as pass, 'none anywhere' as found from fake_region r group by account_id"),
}

// things is a cloud of the tables above in some regions.
func things(regions ...string) *cloud {
	return &cloud{accounts: []provider.Account{{ID: me, Partition: "fake", Regions: regions}}, Cloud: &collecttest.Cloud{Ops: map[string]*collecttest.Op{
		"things:List": {Serve: func(q provider.Request) (any, error) {
			return doc{"L": []doc{{"Name": "a-" + q.Scope.Region, "Kind": "good"}, {"Name": "b-" + q.Scope.Region, "Kind": "good"}}}, nil
		}},
		"things:Get":  {Input: input("Name"), Serve: func(provider.Request) (any, error) { return doc{"Size": 2}, nil }},
		"cups:List":   {Serve: func(provider.Request) (any, error) { return doc{"L": []doc{}}, nil }},
		"plates:List": {Serve: func(provider.Request) (any, error) { return doc{"L": []doc{}}, nil }},
		"who:Am":      {Serve: func(provider.Request) (any, error) { return doc{"Id": me}, nil }},
		"stores:List": {Serve: func(provider.Request) (any, error) { return doc{"L": []doc{{"Name": "s", "Place": "north"}}}, nil }},
		"stores:Get":  {Input: input("Name"), Serve: func(provider.Request) (any, error) { return doc{}, nil }},
	}}}
}

func input(members ...string) *content.Shape {
	s := &content.Shape{Kind: content.KindStruct}
	for _, m := range members {
		s.Members = append(s.Members, content.Member{Name: m, Shape: &content.Shape{Kind: content.KindString}})
	}
	return s
}

// result is what a scan told.
type result struct {
	*Outcome
	cells    map[string]collect.Cell // by table/region/group
	findings []string                // check, region, resource, status, and the cause or what was found
}

// scanned scans a cloud with some of the checks, or all of them.
func scanned(t *testing.T, c *cloud, checks ...string) *result {
	t.Helper()
	return scannedWith(t, c, nil, checks...)
}

// scannedWith collects some tables besides.
func scannedWith(t *testing.T, c *cloud, inventory []string, checks ...string) *result {
	t.Helper()
	o := optionsFor(t, c, checks...)
	o.Inventory = inventory
	outcome, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, outcome)
}

func optionsFor(t *testing.T, c *cloud, checks ...string) Options {
	t.Helper()
	files := fstest.MapFS{"fake/provider.yaml": {Data: []byte(fakeYML)}, "fake/tables/things.yaml": {Data: []byte(thingsYML)}}
	for id, text := range fakeChecks {
		files["fake/checks/things/"+id+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	library, problems := content.Load(content.Folder{FS: files})
	for _, p := range problems {
		t.Fatal(p)
	}
	catalog, mistakes, err := plan.Prepare(t.Context(), library, plan.APIs{"fake": c.API()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range mistakes {
		t.Fatal(p)
	}
	o := Options{
		Provider: c, Library: library, Catalog: catalog, Settings: content.DefaultSettings(library), Lake: t.TempDir(), Spools: t.TempDir(),
		Version: "test", AllRegions: true,
	}
	for id, check := range catalog.Checks {
		if len(checks) == 0 || slices.Contains(checks, id) {
			o.Checks = append(o.Checks, check)
		}
	}
	slices.SortFunc(o.Checks, func(a, b *plan.Check) int { return compare(a.ID, b.ID) })
	return o
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func read(t *testing.T, outcome *Outcome) *result {
	t.Helper()
	t.Cleanup(func() {
		if err := outcome.Close(); err != nil {
			t.Error(err)
		}
	})
	r := &result{Outcome: outcome, cells: map[string]collect.Cell{}}
	for _, c := range outcome.Result.Coverage {
		r.cells[c.Table+"/"+c.Region+"/"+c.Group] = c
	}
	for f, err := range outcome.Result.Findings {
		if err != nil {
			t.Fatal(err)
		}
		said := f.Found
		if f.Status == evaluate.Unknown {
			said = f.Cause
		}
		r.findings = append(r.findings, fmt.Sprintf("%s %s %s %s %s", f.Check, f.Region, f.Resource, f.Status, said))
	}
	return r
}

// wantCells compares the status, failures and the cause of cells, by table/region/group; all others must be ok.
func (r *result) wantCells(t *testing.T, want map[string]string) {
	t.Helper()
	for name, c := range r.cells {
		got := string(c.Status)
		if c.Failures > 0 {
			got += fmt.Sprintf(" %d", c.Failures)
		}
		if c.Cause != "" {
			got += " " + c.Cause
		}
		wanted := want[name]
		if wanted == "" {
			wanted = "ok"
		}
		if c.Status == collect.Skipped {
			continue // nobody asked for it
		}
		if got != wanted {
			t.Errorf("cell %s:\n got %s\nwant %s", name, got, wanted)
		}
	}
	for name := range want {
		if _, ok := r.cells[name]; !ok {
			t.Errorf("there is no cell %s", name)
		}
	}
}

func (r *result) wantFindings(t *testing.T, want ...string) {
	t.Helper()
	got := slices.Clone(r.findings)
	slices.Sort(got)
	slices.Sort(want)
	for i, n := range got {
		got[i] = trim(n)
	}
	if !slices.Equal(got, want) {
		t.Errorf("findings:\n got %q\nwant %q", got, want)
	}
}

func trim(s string) string {
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}
