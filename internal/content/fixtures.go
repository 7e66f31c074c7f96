package content

import (
	"maps"
	"slices"
	"strings"
)

var fixtureWants = []string{WantPass, WantFail, WantUnknown, WantNone, WantManual}

// reservedKeys of a fixture's document say where the row was found.
var reservedKeys = []string{"_account", "_region", "_partition"}

// buildFixtures reads a check's tests. The shape of a fixture depends on the check's table, so tables are known by now.
func buildFixtures(c *Check, v *value, refs *references, problems *Problems) {
	resource := refs.tables[c.Resource]
	for _, test := range v.at("tests").all() {
		want, body := fixtureBody(test)
		if body == nil {
			continue
		}
		f := &Fixture{Want: want, Found: test.at("found").string(), Cause: test.at("cause").string(), Pos: test.pos}
		buildFixtureParams(c, f, test.at("params"), refs, problems)
		switch {
		case resource == nil || (c.Query != "" && c.Pass != ""): // reported already, and it cannot be told what is wanted
		case c.Query != "" || resource.List == nil:
			buildTablesFixture(f, body, refs, problems)
		default:
			buildRowFixture(f, resource, body, problems)
		}
		c.Tests = append(c.Tests, f)
	}
}

func fixtureBody(test *value) (string, *value) {
	for _, want := range fixtureWants {
		if body := test.at(want); body != nil {
			return want, body
		}
	}
	return "", nil
}

func buildFixtureParams(c *Check, f *Fixture, v *value, refs *references, problems *Problems) {
	for _, e := range v.each() {
		p, known := refs.param(c, e.name)
		if p == nil {
			problems.Add(e.pos, DidYouMean(e.name, known), "the check has no parameter %q", e.name)
			continue
		}
		value, err := p.convert(e.any())
		if err != nil {
			problems.Add(e.pos, "", "parameter %q %v", e.name, err)
			continue
		}
		if f.Params == nil {
			f.Params = map[string]any{}
		}
		f.Params[e.name] = value
	}
}

// buildRowFixture reads one document of the check's own table, or !denied and the like for its list call.
func buildRowFixture(f *Fixture, t *Table, body *value, problems *Problems) {
	switch doc := body.free.(type) {
	case Problem:
		f.Refused = map[string]Problem{t.Name: doc}
	case map[string]any:
		checkDocument(t, doc, body.pos, problems)
		f.Rows = map[string][]Document{t.Name: {doc}}
	default:
		problems.Add(body.pos, "", "%q is %s, but a document of %s is wanted", f.Want, describe(doc), t.Name)
	}
}

// buildTablesFixture reads documents by table.
func buildTablesFixture(f *Fixture, body *value, refs *references, problems *Problems) {
	tables, ok := body.free.(map[string]any)
	if !ok {
		problems.Add(body.pos, "", "%q is %s, but a map from tables to their documents is wanted", f.Want, describe(body.free))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t := refs.tables[name]
		if t == nil {
			problems.Add(body.pos, DidYouMean(name, refs.tableNames()), "there is no table %q", name)
			continue
		}
		if t.List == nil {
			problems.Add(body.pos, "give rows of the tables it is made from", "%s is not collected: it has no documents", name)
			continue
		}
		switch docs := tables[name].(type) {
		case Problem:
			if f.Refused == nil {
				f.Refused = map[string]Problem{}
			}
			f.Refused[name] = docs
		case []any:
			if f.Rows == nil {
				f.Rows = map[string][]Document{}
			}
			f.Rows[name] = []Document{}
			for _, item := range docs {
				doc, ok := item.(map[string]any)
				if !ok {
					problems.Add(body.pos, "", "%s holds %s, but documents are wanted", name, describe(item))
					continue
				}
				checkDocument(t, doc, body.pos, problems)
				f.Rows[name] = append(f.Rows[name], doc)
			}
		default:
			problems.Add(body.pos, "", "%s is %s, but a list of documents is wanted", name, describe(docs))
		}
	}
}

// checkDocument refuses what could only be a slip: a problem that stands for no column group, an unknown reserved key.
func checkDocument(t *Table, doc map[string]any, at Pos, problems *Problems) {
	groups := make([]string, len(t.Get))
	for i, g := range t.Get {
		groups[i] = g.Name
	}
	for _, key := range slices.Sorted(maps.Keys(doc)) {
		if strings.HasPrefix(key, "_") && !contains(reservedKeys, key) {
			problems.Add(at, DidYouMean(key, reservedKeys), "unknown key %q in a document of %s", key, t.Name)
		}
		switch value := doc[key].(type) {
		case Absent:
		case Problem:
			if !contains(groups, key) {
				problems.Add(at, DidYouMean(key, groups), "!%s stands for a column group, and %s has no group %q", value.Class, t.Name, key)
			}
		default:
			refuseProblems(value, at, "a part of a group", problems)
		}
	}
}

// refuseProblems reports !denied and the like where no call stands behind the value.
func refuseProblems(v any, at Pos, where string, problems *Problems) {
	switch v := v.(type) {
	case Problem:
		problems.Add(at, "", "!%s cannot stand for %s: only for a whole column group", v.Class, where)
	case Absent:
		problems.Add(at, "leave the key out", "!absent cannot stand for %s", where)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			refuseProblems(v[key], at, where, problems)
		}
	case []any:
		for _, item := range v {
			refuseProblems(item, at, where, problems)
		}
	}
}
