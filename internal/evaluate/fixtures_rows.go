package evaluate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stancehq/stance/internal/collect"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
)

// Where the rows of fixtures lie if they do not say.
const (
	fixtureAccount   = "111122223333"
	secondAccount    = "444455556666"
	secondRegion     = "ap-southeast-3"
	fixtureRegion    = "us-east-1"
	fixturePartition = "aws"
)

// fixtureKey is the entry of a row's unknown map that says which case the row is of. No column group can have the name, so
// that no check can see it.
const fixtureKey = "_fixture"

// addLine adds a document as a line of the spool. denied are groups that are not known, besides those that the document says.
func (t *tester) addLine(c *testCase, table *plan.Table, doc content.Document, denied map[string]string) {
	spec := table.Spec
	t.filled[filling{c.job, table.Name}] = true
	doc = doc.Over(spec.Sample)
	row := collect.Row{
		Account:   textOr(doc["_account"], fixtureAccount),
		Partition: textOr(doc["_partition"], fixturePartition),
		Region:    t.region(spec, doc),
		At:        fixtureTime,
		Unknown:   map[string]string{fixtureKey: strconv.Itoa(c.number)},
	}
	for _, key := range []string{"_account", "_region", "_partition"} {
		delete(doc, key)
	}
	collected := t.collected(c.job.check, table)
	for _, call := range spec.Get {
		problem, isProblem := doc[call.Name].(content.Problem)
		cause, isDenied := denied[call.Name]
		switch {
		case !collected[call.Name]:
			row.Unknown[call.Name] = fmt.Sprintf("skipped: %s:%s was not asked for in this scan", call.Service, call.Op)
		case isDenied:
			row.Unknown[call.Name] = cause
		case isProblem:
			row.Unknown[call.Name] = causeOfProblem(problem, call)
		default:
			continue
		}
		delete(doc, call.Name)
	}
	text, err := json.Marshal(plain(map[string]any(doc)))
	if err == nil {
		row.Doc = text
		text, err = json.Marshal(row)
	}
	if err != nil {
		t.failures = append(t.failures, Failure{Pos: c.fixture.Pos, Subject: "check " + c.job.check.Spec.ID, Fixture: c.want, Wanted: wanted(c.want), Got: "the document cannot be written: " + err.Error()})
		return
	}
	switch {
	case c.account == secondAccount:
		text = []byte(strings.ReplaceAll(string(text), fixtureAccount, secondAccount))
	case c.region == secondRegion && row.Region != fixtureRegion:
		return // what is of no region, or of another, is there already
	case c.region == secondRegion:
		text = []byte(strings.ReplaceAll(string(text), fixtureRegion, secondRegion))
	}
	t.lines[table.Name] = append(t.lines[table.Name], c.own.hide(text))
}

// collected are the groups of a table that a scan for the check fetches: what the check reads, and what the id and name of its
// rows rest on.
func (t *tester) collected(check *plan.Check, table *plan.Table) map[string]bool {
	refs := slices.Concat(check.When, check.Pass, check.Found, check.Query)
	for _, ref := range refs {
		if derived := t.catalog.Tables[ref.Table]; derived != nil {
			refs = append(refs, derived.Reads...)
		}
	}
	refs = append(refs, plan.Ref{Table: table.Name, Column: "id"}, plan.Ref{Table: table.Name, Column: "name"})
	groups := map[string]bool{}
	for _, g := range groupsOf(table, refs) {
		groups[g] = true
	}
	return groups
}

// region of a row, told as the collector tells it.
func (t *tester) region(spec *content.Table, doc content.Document) string {
	if said, ok := doc["_region"]; ok {
		return textOr(said, fixtureRegion)
	}
	if spec.Region != "" {
		var value any = map[string]any(doc)
		for part := range strings.SplitSeq(spec.Region, ".") {
			object, _ := value.(map[string]any)
			value = object[part]
		}
		if text, ok := value.(string); ok && text != "" {
			return text
		}
	}
	scope := spec.Scope
	for scope == "" && spec.List != nil && spec.List.For != "" {
		parent := t.catalog.Tables[spec.List.For]
		if parent == nil {
			break
		}
		spec = parent.Spec
		scope = spec.Scope
	}
	if scope == content.ScopeRegion {
		return fixtureRegion
	}
	return collect.GlobalRegion
}

func textOr(value any, other string) string {
	switch value := value.(type) {
	case string:
		return value
	case nil:
		return other
	}
	return fmt.Sprint(value) // an account may be written as a number
}

// causeOfProblem is the cause as a collector would write it.
func causeOfProblem(p content.Problem, call *content.Call) string {
	detail := p.Detail
	if detail == "" && call != nil {
		detail = call.Service + ":" + call.Op
	}
	return p.Class + ": " + detail
}

// plain turns what fixtures can say to what JSON can.
func plain(value any) any {
	switch value := value.(type) {
	case content.Ago:
		return fixtureTime.Add(-time.Duration(value.Seconds) * time.Second).Format(time.RFC3339)
	case content.Document:
		return plain(map[string]any(value))
	case map[string]any:
		object := make(map[string]any, len(value))
		for key, item := range value {
			object[key] = plain(item)
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = plain(item)
		}
		return list
	}
	return value
}

// addTables adds the documents of a spread check's fixture. A table that the fixture does not name is empty, or has the one row of
// its sample.
func (t *tester) addTables(c *testCase) {
	for _, table := range t.tablesOf(c.job) {
		t.used[table.Name] = true
		if table.Spec.List == nil {
			continue
		}
		if problem, ok := c.fixture.Refused[table.Name]; ok {
			cause := causeOfProblem(problem, table.Spec.List)
			region := t.region(table.Spec, content.Document{})
			if !collect.NoService(cause) {
				t.gaps = append(t.gaps, gap{fixture: int32(c.number), table: table.Name, group: plan.GroupList, account: string(c.own.hide([]byte(fixtureAccount))), region: region, cause: cause}) //nolint:gosec // few cases
			}
			continue
		}
		docs, named := c.fixture.Rows[table.Name]
		if !named && len(table.Spec.Sample) > 0 && !table.Spec.Unassumed {
			docs = []content.Document{{}}
		}
		for _, doc := range docs {
			t.addLine(c, table, doc, nil)
		}
	}
}

// tablesOf are the tables that must exist for a spread check to be asked, by name.
func (t *tester) tablesOf(j *job) []*plan.Table {
	seen := map[string]*plan.Table{}
	var add func(name string)
	add = func(name string) {
		table := t.catalog.Tables[name]
		if table == nil || seen[name] != nil {
			return
		}
		seen[name] = table
		for _, over := range table.Over {
			add(over)
		}
		for _, ref := range table.Reads {
			add(ref.Table)
		}
	}
	add(j.table.Name)
	for _, name := range j.check.Tables {
		add(name)
	}
	for _, need := range j.needs {
		add(need.table.Name)
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	tables := make([]*plan.Table, len(names))
	for i, name := range names {
		tables[i] = seen[name]
	}
	return tables
}

// addNeighbours makes cases from a passing or failing one of a check that speaks of each account, or each region, alone: beside the
// fixture lies a second account, or region, with a fixture that has another verdict. What is said of the first must stay.
func (t *tester) addNeighbours(base *testCase) {
	check := base.job.check
	if check.Spec.Scope == "organization" || base.want != content.WantPass && base.want != content.WantFail || says(base.fixture, "_account") {
		return
	}
	i := slices.IndexFunc(check.Spec.Tests, func(f *content.Fixture) bool {
		return f.Want != base.want && (f.Want == content.WantPass || f.Want == content.WantFail) && len(f.Refused) == 0 &&
			fmt.Sprint(f.Params) == fmt.Sprint(base.fixture.Params) && !says(f, "_account")
	})
	if i < 0 {
		return
	}
	other := check.Spec.Tests[i]
	t.addBeside(base, other, testCase{account: fixtureAccount}, testCase{account: secondAccount}, "account")
	if check.Spec.Scope == content.ScopeRegion && !says(base.fixture, "_region") && !says(other, "_region") {
		t.addBeside(base, other, testCase{region: fixtureRegion}, testCase{region: secondRegion}, "region")
	}
}

// addBeside makes a case of a fixture and, beside it, another one. here and there say which account or region each is in.
func (t *tester) addBeside(base *testCase, other *content.Fixture, here, there testCase, what string) {
	c := t.newCase(testCase{
		job: base.job, fixture: base.fixture, want: base.want, found: base.found, base: base, account: here.account, region: here.region,
		about: fmt.Sprintf("with a second %s beside, where the check gives %s", what, other.Want),
	})
	t.addTables(c)
	beside := *c
	beside.fixture, beside.account, beside.region = other, there.account, there.region
	t.addTables(&beside)
}

// says tells whether a fixture has documents that say their own account or region.
func says(f *content.Fixture, key string) bool {
	for _, docs := range f.Rows {
		for _, doc := range docs {
			if _, ok := doc[key]; ok {
				return true
			}
		}
	}
	return false
}
