package inventory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

// thingAPI describes a resource that has a value of every kind, at every depth.
var thingAPI = func() fakeAPI {
	node := object("Name", aString)
	node.Name = "Node"
	node.Members = append(node.Members, content.Member{Name: "Children", Shape: listOf(node)})
	inner := object("Port", aLong, "Open", aBool, "Ranges", listOf(object("Cidr", aString, "At", aTime)), "Labels", mapOf(aLong))
	return fakeAPI{
		"x:List": operation(object("Things", listOf(object(
			"Id", aString, "Count", aLong, "Ratio", aDouble, "On", aBool, "At", aTime, "Data", aBlob, "Free", anything,
			"Rules", listOf(inner), "Rule", inner, "Attributes", mapOf(aString), "Tree", node,
			"Secrets", mapOf(aString), "Password", aSecret, "Groups", listOf(listOf(aString)),
		)))),
		"x:Describe":  operation(object("Details", listOf(object("Arn", aString, "Size", aLong, "Names", listOf(aString))))),
		"x:ListUsers": operation(object("Users", listOf(object("User", aString, "Level", aLong)))),
	}
}()

func things(columns ...*content.Column) *content.Table {
	return &content.Table{
		Name: "x_thing", Provider: "x", Scope: content.ScopeAccount, ID: "id", NameColumn: "id",
		List: &content.Call{Name: "list", Service: "x", Op: "List", Items: "Things"},
		Get: []*content.Call{
			{Name: "details", Service: "x", Op: "Describe", Items: "Details", Batch: 10, Key: "Arn"},
			{Name: "users", Service: "x", Op: "ListUsers", Items: "Users"},
		},
		Columns: append([]*content.Column{{Name: "id", Path: "Id"}}, columns...),
	}
}

func TestValuesOfEveryKind(t *testing.T) {
	for _, c := range []struct {
		name   string
		column content.Column
		doc    string
		want   string // the column as JSON
		cause  string // of the unknown group; empty: known
	}{
		{"text", content.Column{Path: "Id"}, `{"Id":"x"}`, `"x"`, ""},
		{"text from a number", content.Column{Path: "Id"}, `{"Id":12345678901234567890}`, `"12345678901234567890"`, ""},
		{"text from an object", content.Column{Path: "Id"}, `{"Id":{"a":1}}`, `null`, "unexpected type: Id is an object, where VARCHAR was expected"},
		{"text with quotes, newlines and emoji", content.Column{Path: "Id"}, `{"Id":"a'b\"c\nd\ud83d\ude00é; DROP TABLE x"}`, `"a'b\"c\nd😀é; DROP TABLE x"`, ""},
		{"text with half a surrogate pair", content.Column{Path: "Id"}, `{"Id":"a\ud83db"}`, `"a` + "\uFFFD" + `b"`, ""},
		{"text with invalid UTF-8", content.Column{Path: "Id"}, "{\"Id\":\"a\xffb\"}", `"a` + "\uFFFD" + `b"`, ""},
		{"text with NUL", content.Column{Path: "Id", SQL: ""}, `{"Id":"a\u0000b"}`, `"a\u0000b"`, ""},
		{"equal keys", content.Column{Path: "Id"}, `{"Id":"first","Id":"second"}`, `"first"`, ""},
		{"an escaped key", content.Column{Path: "Id"}, `{"I\u0064":"x"}`, `"x"`, ""},
		{"a key in another case", content.Column{Path: "Id"}, `{"ID":"x"}`, `null`, ""},
		{"null", content.Column{Path: "Id"}, `{"Id":null}`, `null`, ""},
		{"a long", content.Column{Path: "Count"}, `{"Count":9223372036854775807}`, `9223372036854775807`, ""},
		{"a longer", content.Column{Path: "Count"}, `{"Count":9223372036854775808}`, `null`, "unexpected type: Count is a number, where BIGINT was expected"},
		{"a fraction for a long", content.Column{Path: "Count"}, `{"Count":1.7}`, `null`, "unexpected type: Count is a number"},
		{"a whole number with a point", content.Column{Path: "Count"}, `{"Count":2.0}`, `2`, ""},
		{"a long as text", content.Column{Path: "Count"}, `{"Count":"42"}`, `42`, ""},
		{"words for a long", content.Column{Path: "Count"}, `{"Count":"many"}`, `null`, "unexpected type: Count is text, where BIGINT was expected"},
		{"a double", content.Column{Path: "Ratio"}, `{"Ratio":0.25}`, `0.25`, ""},
		{"a double beyond all", content.Column{Path: "Ratio"}, `{"Ratio":1e999}`, `null`, "unexpected type: Ratio"},
		{"a boolean", content.Column{Path: "On"}, `{"On":false}`, `false`, ""},
		{"a boolean as text", content.Column{Path: "On"}, `{"On":"True"}`, `true`, ""},
		{"a number for a boolean", content.Column{Path: "On"}, `{"On":1}`, `null`, "unexpected type: On is a number, where BOOLEAN was expected"},
		{"a time", content.Column{Path: "At"}, `{"At":"2024-02-03T04:05:06.789+02:00"}`, `"2024-02-03 02:05:06.789+00"`, ""},
		{"an epoch time", content.Column{Path: "At"}, `{"At":1706933106}`, `"2024-02-03 04:05:06+00"`, ""},
		{"an epoch time in milliseconds", content.Column{Path: "Count", Type: "timestamp"}, `{"Count":1706933106500}`, `"2024-02-03 04:05:06.5+00"`, ""},
		{"words for a time", content.Column{Path: "At"}, `{"At":"yesterday"}`, `null`, "unexpected type: At is text, where a time was expected"},
		{"a blob", content.Column{Path: "Data"}, `{"Data":"aGk="}`, `"aGk="`, ""},
		{"free JSON", content.Column{Path: "Free"}, `{"Free":{"a":[1,{"b":null}]}}`, `{"a":[1,{"b":null}]}`, ""},
		{"a path in free JSON", content.Column{Path: "Free.a.b"}, `{"Free":{"a":{"b":7}}}`, `7`, ""},
		{"a path through lists in free JSON", content.Column{Path: "Free.a.b"}, `{"Free":{"a":[{"b":7},{}]}}`, `[7,null]`, ""},
		{"a typed path in free JSON", content.Column{Path: "Free.a", Type: "STRUCT(b BIGINT, c VARCHAR[])"}, `{"Free":{"a":{"b":7,"c":["x"],"d":0}}}`, `{"b":7,"c":["x"]}`, ""},
		{"a struct", content.Column{Path: "Rule"}, `{"Rule":{"Port":22,"More":1,"Labels":{"a":1}}}`, `{"Port":22,"Open":null,"Ranges":null,"Labels":{"a":1}}`, ""},
		{"text for a struct", content.Column{Path: "Rule"}, `{"Rule":"none"}`, `null`, "unexpected type: Rule is text, where an object was expected"},
		{
			"a wrong type at depth",
			content.Column{Path: "Rules"},
			`{"Rules":[{"Port":1},{"Ranges":[{},{"At":"soon"}]}]}`,
			`[{"Port":1,"Open":null,"Ranges":null,"Labels":null},{"Port":null,"Open":null,"Ranges":[{"Cidr":null,"At":null},{"Cidr":null,"At":null}],"Labels":null}]`,
			"unexpected type: Rules[1].Ranges[1].At is text, where a time was expected",
		},
		{"a wrong type in a map", content.Column{Path: "Rule.Labels"}, `{"Rule":{"Labels":{"a":1,"b":[]}}}`, `{"a":1,"b":null}`, "unexpected type: Rule.Labels.b is a list, where BIGINT was expected"},
		{"a path through a list", content.Column{Path: "Rules.Port"}, `{"Rules":[{"Port":22},{"Open":true},{"Port":null},{"Port":80}]}`, `[22,null,null,80]`, ""},
		{"a path through an empty list", content.Column{Path: "Rules.Port"}, `{"Rules":[]}`, `[]`, ""},
		{"a path through no list", content.Column{Path: "Rules.Port"}, `{}`, `null`, ""},
		{"a path through two lists", content.Column{Path: "Rules.Ranges.Cidr"}, `{"Rules":[{"Ranges":[{"Cidr":"a"},{"Cidr":"b"}]},{"Ranges":[]},{"Ranges":[{"Cidr":"c"}]}]}`, `["a","b","c"]`, ""},
		{"an object where a list should be on the way", content.Column{Path: "Rules.Port"}, `{"Rules":{"Port":22}}`, `null`, "unexpected type: Rules.Port is no list"},
		{"a list where an object should be on the way", content.Column{Path: "Rule.Port"}, `{"Rule":[{"Port":22}]}`, `null`, "unexpected type: Rule.Port has a list on the way"},
		{"text on the way", content.Column{Path: "Rule.Port"}, `{"Rule":"none"}`, `null`, "unexpected type: Rule.Port is text on the way"},
		{"a key of a map", content.Column{Path: "Attributes.kms"}, `{"Attributes":{"other":"x","kms":"k"}}`, `"k"`, ""},
		{"a key of a map, of another type", content.Column{Path: "Attributes.delay", Type: "BIGINT"}, `{"Attributes":{"delay":"30"}}`, `30`, ""},
		{"a list of lists", content.Column{Path: "Groups"}, `{"Groups":[["a"],[],["b","c"]]}`, `[["a"],[],["b","c"]]`, ""},
		{"a shape within itself", content.Column{Path: "Tree"}, `{"Tree":{"Name":"a","Children":[{"Name":"b","Children":[]}]}}`, `{"Name":"a","Children":[{"Name":"b","Children":[]}]}`, ""},
		{"a range", content.Column{Path: "Rules.Ranges.Cidr", Type: "cidr"}, `{"Rules":[{"Ranges":[{"Cidr":"10.1.2.3/8"},{"Cidr":""}]}]}`, `["10.0.0.0/8",null]`, ""},
		{"no range", content.Column{Path: "Rules.Ranges.Cidr", Type: "cidr"}, `{"Rules":[{"Ranges":[{"Cidr":"office"}]}]}`, `[null]`, "unexpected type: Rules.Ranges.Cidr is text: not an address"},
		{"tags", content.Column{Path: "Attributes", Type: "tags"}, `{"Attributes":{"a":"1","b":null}}`, `{"a":"1","b":""}`, ""},
		{"JSON text", content.Column{Path: "Id", Type: "json"}, `{"Id":"{\"a\":[1]}"}`, `{"a":[1]}`, ""},
		{"no JSON text", content.Column{Path: "Id", Type: "json"}, `{"Id":"hello"}`, `null`, "unexpected type: Id is text: not JSON"},
		{"a policy that is none", content.Column{Path: "Id", Type: "iam_policy"}, `{"Id":"{\"Statement\":[7]}"}`, `null`, "unexpected type: Id is text: not a policy document"},
		{"an empty policy", content.Column{Path: "Id", Type: "iam_policy"}, `{"Id":""}`, `null`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			column := c.column
			column.Name = "c"
			w := newWorld(t, thingAPI, things(&column))
			w.load("x_thing", c.doc)
			w.want("SELECT c FROM x_thing", `{"c":`+c.want+`}`)
			cause := ""
			for _, row := range w.ask("SELECT unknown['list'] AS u FROM x_thing WHERE unknown IS NOT NULL") {
				cause = strings.TrimSuffix(strings.TrimPrefix(row, `{"u":"`), `"}`)
			}
			if !strings.HasPrefix(cause, c.cause) || (cause != "") != (c.cause != "") {
				t.Errorf("cause %q, want %q", cause, c.cause)
			}
		})
	}
}

func TestGroupsAreUnknownApart(t *testing.T) {
	w := newWorld(t, thingAPI, things(
		&content.Column{Name: "size", Path: "details.Size"},
		&content.Column{Name: "names", Path: "details.Names"},
		&content.Column{Name: "levels", Path: "users.Level"},
		&content.Column{Name: "users", Path: "users"},
		&content.Column{Name: "total", SQL: "size + list_sum(levels)"},
	))
	report := w.loadLines(
		"x_thing",
		line(t, `{"Id":"all known","details":{"Size":1,"Names":["n"]},"users":[{"User":"u","Level":2}]}`, nil),
		line(t, `{"Id":"denied","details":{"Size":1}}`, map[string]string{"users": "denied: x:ListUsers"}),
		line(t, `{"Id":"not configured","users":[]}`, nil),
		line(t, `{"Id":"wrong","details":{"Size":"big"},"users":[{"Level":"high"}]}`, map[string]string{"users": "throttled: x:ListUsers"}),
	)
	w.want("SELECT id, size, levels, total, unknown FROM x_thing ORDER BY id",
		`{"id":"all known","size":1,"levels":[2],"total":3,"unknown":null}`,
		`{"id":"denied","size":1,"levels":null,"total":null,"unknown":{"users":"denied: x:ListUsers"}}`,
		`{"id":"not configured","size":null,"levels":[],"total":null,"unknown":null}`,
		`{"id":"wrong","size":null,"levels":[null],"total":null,"unknown":{"details":"unexpected type: details.Size is text, where BIGINT was expected","users":"throttled: x:ListUsers"}}`)
	w.want("SELECT users FROM x_thing WHERE id = 'all known'", `{"users":[{"User":"u","Level":2}]}`)
	if got := fmt.Sprint(report.Unexpected); report.Rows != 4 || !strings.Contains(got, "details:{1 unexpected type: details.Size") || strings.Contains(got, "users") {
		t.Errorf("report %+v", report)
	}
	for _, c := range w.tables["x_thing"].Columns {
		if want := map[string]string{"total": "[details users]", "size": "[details]", "id": "[list]", "raw": "[list details users]"}[c.Name]; want != "" && fmt.Sprint(c.Groups) != want {
			t.Errorf("column %s rests on %v, want %s", c.Name, c.Groups, want)
		}
	}
}

func TestSQLColumnsThatFailAreUnknown(t *testing.T) {
	w := newWorld(t, thingAPI, things(
		&content.Column{Name: "n", SQL: "CAST(id AS BIGINT)"},
		&content.Column{Name: "at", SQL: "id", Type: "timestamp"},
		&content.Column{Name: "twice", SQL: "n * 2"},
	))
	w.load("x_thing", `{"Id":"1706933106"}`, `{"Id":"abc"}`, `{}`)
	w.want(`SELECT id, n, "at", twice, unknown FROM x_thing ORDER BY id NULLS LAST`,
		`{"id":"1706933106","n":1706933106,"at":"2024-02-03 04:05:06+00","twice":3413866212,"unknown":null}`,
		`{"id":"abc","n":null,"at":null,"twice":null,"unknown":{"list":"unexpected type: column at is not a time"}}`,
		`{"id":null,"n":null,"at":null,"twice":null,"unknown":null}`)
}

func TestSecretsAreMaskedBeforeAnythingIsStored(t *testing.T) {
	w := newWorld(t, thingAPI, things(
		&content.Column{Name: "secrets", Path: "Secrets", Sensitive: true},
		&content.Column{Name: "has_key", SQL: "list_contains(map_values(secrets), 'hunter2')"},
		&content.Column{Name: "joined", SQL: "array_to_string(map_values(secrets), ',')", Sensitive: true},
		&content.Column{Name: "count", SQL: "len(map_keys(secrets))"},
	))
	w.load("x_thing", `{"Id":"a","Secrets":{"K":"hunter2","L":null},"Password":"swordfish","Other":"open"}`, `{"Id":"b"}`)
	w.want("SELECT secrets, has_key, joined, count, raw FROM x_thing ORDER BY id",
		`{"secrets":{"K":"[masked]","L":null},"has_key":true,"joined":"[masked]","count":2,"raw":{"Id":"a","Secrets":{"K":"[masked]","L":null},"Password":"[masked]","Other":"open"}}`,
		`{"secrets":null,"has_key":null,"joined":null,"count":null,"raw":{"Id":"b"}}`)
	for _, row := range w.ask("SELECT * FROM x_thing") {
		if strings.Contains(row, "hunter2") || strings.Contains(row, "swordfish") {
			t.Errorf("a secret is stored: %s", row)
		}
	}
}

func TestBrokenLinesAreNeverLostSilently(t *testing.T) {
	w := newWorld(t, thingAPI, things())
	deep := strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000)
	report := w.loadLines(
		"x_thing",
		line(t, `{"Id":"good"}`, nil),
		`{"account":"1","region":"r","at":"2026-01-15T12:00:00Z","doc":{"Id":"cut`,
		`{"account":"2","region":"r","doc":[1]}`,
		line(t, `{"Id":"bomb","Free":`+deep+`}`, nil),
		`{"account":"3","region":"r"}`,
		`garbage`,
		``,
	)
	if report.Rows != 5 || report.Malformed != 6 || report.Lost != 2 || !strings.HasPrefix(report.Cause, "broken: ") {
		t.Errorf("report %+v", report)
	}
	w.want("SELECT account_id, id, len(map_keys(unknown)) AS n, unknown['users'] LIKE 'broken: the document cannot be read%' AS why FROM x_thing ORDER BY account_id",
		`{"account_id":"1","id":null,"n":3,"why":true}`,
		`{"account_id":"111122223333","id":"good","n":null,"why":null}`,
		`{"account_id":"111122223333","id":null,"n":3,"why":true}`,
		`{"account_id":"2","id":null,"n":3,"why":true}`,
		`{"account_id":"3","id":null,"n":3,"why":true}`)
}

func TestLongDocumentsFitInLittleMemory(t *testing.T) {
	w := newWorld(t, thingAPI, things(&content.Column{Name: "data", Path: "Data"}))
	long := strings.Repeat("x", 200<<10)
	lines := func(yield func([]byte, error) bool) {
		for i := range 3000 { // 600 MB through a database of 256 MiB
			if !yield([]byte(line(t, fmt.Sprintf(`{"Id":"%d","Data":"%s"}`, i, long), nil)), nil) {
				return
			}
		}
	}
	table := *w.tables["x_thing"]
	table.Select = "SELECT * REPLACE (NULL AS raw, NULL AS data) FROM (" + table.Select + ")"
	if _, err := w.Load(w.ctx, &table, lines); err != nil {
		t.Fatal(err)
	}
	w.want("SELECT count(DISTINCT id) AS n FROM x_thing", `{"n":3000}`)
}

func TestHugePolicy(t *testing.T) {
	w := newWorld(t, thingAPI, things(&content.Column{Name: "policy", Path: "Id", Type: "iam_policy"}))
	statement := `{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\"],\"Resource\":\"arn:aws:s3:::` + strings.Repeat("b", 60) + `\"}`
	n := 5 << 20 / len(statement)
	w.load("x_thing", `{"Id":"{\"Statement\":[`+strings.Repeat(statement+",", n)+statement+`]}"}`)
	w.want("SELECT len(policy.statements) AS n, unknown FROM x_thing", fmt.Sprintf(`{"n":%d,"unknown":null}`, n+1))
}

func TestFailuresLeaveTheTableAsItWas(t *testing.T) {
	w := newWorld(t, thingAPI, things())
	w.load("x_thing", `{"Id":"before"}`)
	torn := errors.New("the spool is torn")
	good := []byte(line(t, `{"Id":"x"}`, nil))
	_, err := w.Load(w.ctx, w.tables["x_thing"], func(yield func([]byte, error) bool) {
		for range 10_000 {
			if !yield(good, nil) {
				return
			}
		}
		yield(nil, torn)
	})
	if !errors.Is(err, torn) {
		t.Errorf("error %v, want %v", err, torn)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	_, err = w.Load(ctx, w.tables["x_thing"], func(yield func([]byte, error) bool) {
		for i := 0; yield(good, nil); i++ {
			if i == 10_000 {
				cancel()
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	w.want("SELECT id FROM x_thing", `{"id":"before"}`)
}
