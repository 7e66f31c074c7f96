package collect

import (
	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
)

func structOf(members ...content.Member) *content.Shape {
	return &content.Shape{Kind: content.KindStruct, Members: members}
}

func formScenarios() []scenario {
	one := func(items string, answer any) ([]*content.Table, map[string]*collecttest.Op) {
		return []*content.Table{tableOf("thing", content.ScopeRegion, callOf("", "s:List", items))},
			map[string]*collecttest.Op{"s:List": serve(answer)}
	}
	form := func(name, items string, answer any, shape *content.Shape, rows ...string) scenario {
		tables, ops := one(items, answer)
		ops["s:List"].Output = shape
		return scenario{name: name, tables: tables, ops: ops, rows: map[string][]string{"thing": rows}}
	}
	as := func(s scenario, format string) scenario { s.tables[0].List.As = format; return s }
	str := &content.Shape{Kind: content.KindString}
	broken := form("an object where a list is described fails the cell", "Things", doc{"Things": doc{"A": 1}},
		structOf(content.Member{Name: "Things", Shape: &content.Shape{Kind: content.KindList, Elem: str}}))
	broken.cells = map[string][]string{"thing": {
		"eu-west-1/list failed rows=0 calls=1 failures=1 broken: s:List (unexpected answer: Things should be a list and is an object)",
	}}
	text := form("text where items are expected fails the cell", "Things.Deep", doc{"Things": "none"}, nil)
	text.cells = map[string][]string{"thing": {
		"eu-west-1/list failed rows=0 calls=1 failures=1 broken: s:List (unexpected answer: Things should be an object and is text)",
	}}
	notJSON := form("an answer that is no JSON fails the cell", "", []byte("<html>"), nil)
	notJSON.cells = map[string][]string{"thing": {
		"eu-west-1/list failed rows=0 calls=1 failures=1 broken: s:List (the answer is not JSON)",
	}}
	empty := form("an absent list is no rows", "Things", doc{}, nil)
	empty.cells = map[string][]string{"thing": {"eu-west-1/list ok rows=0 calls=1"}}
	located := form("the item's own region is the row's", "Buckets", doc{"Buckets": []doc{{"N": "a", "R": "us-east-1"}, {"N": "b"}}}, nil,
		`eu-west-1 {"N":"b"}`, `us-east-1 {"N":"a","R":"us-east-1"}`)
	located.tables[0].Region = "R"
	return []scenario{
		form("the whole answer is a row", "", doc{"A": 1}, nil, `eu-west-1 {"A":1}`),
		form("an object is a row", "Thing", doc{"Thing": doc{"A": "x"}}, nil, `eu-west-1 {"A":"x"}`),
		form("a list is a row per element, lists on the way flattened", "R.I",
			doc{"R": []doc{{"I": []doc{{"N": 1}, {"N": 2}}}, {"I": []doc{}}, {"I": []doc{{"N": 3}}}}}, nil,
			`eu-west-1 {"N":1}`, `eu-west-1 {"N":2}`, `eu-west-1 {"N":3}`),
		form("a map is a row per entry", "M", doc{"M": doc{"a": 1, "b": "x"}},
			structOf(content.Member{Name: "M", Shape: &content.Shape{Kind: content.KindMap, Elem: &content.Shape{Kind: content.KindAny}}}),
			`eu-west-1 {"key":"a","value":1}`, `eu-west-1 {"key":"b","value":"x"}`),
		form("scalars are rows with a value", "L", doc{"L": []any{"a", 2}}, nil, `eu-west-1 {"value":"a"}`, `eu-west-1 {"value":2}`),
		as(form("CSV in base64 is a row per line", "C", doc{"C": "dXNlcixhcm4KYSwxCiJiLCIieCIiIiwK"}, nil,
			`eu-west-1 {"arn":"","user":"b,\"x\""}`, `eu-west-1 {"arn":"1","user":"a"}`), "csv"),
		as(form("JSON in text is its rows", "C", doc{"C": `[{"a":1},{"a":2}]`}, nil, `eu-west-1 {"a":1}`, `eu-west-1 {"a":2}`), "json"),
		form("line breaks in answers and names do not break lines", "L", []byte("{\n \"L\": [\n {\"N\": \"a\\nb \\\" ü 😀\"}\n]}"), nil,
			`eu-west-1 {"N":"a\nb \" ü 😀"}`),
		broken, text, notJSON, empty, located,
	}
}
