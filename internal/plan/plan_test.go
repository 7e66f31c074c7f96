package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stancehq/stance/internal/content"
)

// fakeAPI knows every operation, and asks for a permission of its name, which may be limited to objects.
type fakeAPI struct{}

func (fakeAPI) Services() []string { return nil }

func (fakeAPI) Operation(service, op string) (*content.Operation, error) {
	if op == "Unknown" {
		return nil, fmt.Errorf("there is no operation %s:%s", service, op)
	}
	return &content.Operation{Service: service, Name: op, Permissions: []string{service + ":" + op}, NamedBy: "Name"}, nil
}

func call(name, op string, with ...string) *content.Call {
	service, op, _ := strings.Cut(op, ":")
	c := &content.Call{Name: name, Service: service, Op: op}
	for _, w := range with {
		member, path, _ := strings.Cut(w, "=")
		in := content.Input{Member: member, Path: path}
		if strings.Contains(path, "{") {
			in = content.Input{Member: member, Template: path}
		}
		c.With = append(c.With, in)
	}
	return c
}

// column writes name:group,group.
func columns(texts ...string) (list []Column) {
	for _, text := range texts {
		name, groups, _ := strings.Cut(text, ":")
		list = append(list, Column{Name: name, Type: "VARCHAR", Groups: strings.FieldsFunc(groups, func(r rune) bool { return r == ',' })})
	}
	return list
}

func testCatalog() *Catalog {
	users := call(GroupList, "iam:GetAccountAuthorizationDetails")
	users.Items = "UserDetailList"
	users.Each = []content.EachInput{{Member: "Filter", Values: []any{"User"}}}
	roles := call(GroupList, "iam:GetAccountAuthorizationDetails")
	roles.Items = "RoleDetailList"
	roles.Each = users.Each
	keys := call(GroupList, "iam:ListAccessKeys", "UserName=name")
	keys.For = "user"
	uses := call(GroupList, "iam:GetAccessKeyLastUsed", "AccessKeyId=details.Id")
	uses.For = "key"
	report := call(GroupList, "iam:GetCredentialReport")
	report.First = &content.First{Service: "iam", Op: "GenerateCredentialReport"}
	policy := call("policy", "s3:GetBucketPolicy", "Bucket=Name")
	policy.When = []content.Condition{{Path: "location.Constraint"}}
	tables := []*Table{
		{
			Spec: &content.Table{
				Name: "bucket", Scope: content.ScopeAccount, List: call(GroupList, "s3:ListBuckets"),
				Columns: []*content.Column{{Name: "policy_arn", Path: "policy.Arn"}},
				Get: []*content.Call{
					policy, call("location", "s3:GetBucketLocation", "Bucket=Name"), call("acl", "s3:GetBucketAcl", "Bucket=Name"),
					call("deep", "s3:Deep", "Arn=policy_arn"), call("template", "s3:Template", "Arn=arn:{partition}:{acl.Owner}"),
				},
			},
			Columns: columns("id:list", "name:list", "tags:acl", "policy:policy", "acl:acl", "deep:deep", "both:policy,acl", "template:template", "raw:list,policy,location,acl,deep,template"),
		},
		{Spec: &content.Table{Name: "user", Scope: content.ScopeAccount, List: users, Get: []*content.Call{call("profile", "iam:GetLoginProfile", "UserName=name")}}, Columns: columns("id:list", "name:list", "profile:profile")},
		{Spec: &content.Table{Name: "role", Scope: content.ScopeAccount, List: roles}, Columns: columns("id:list", "name:list")},
		{Spec: &content.Table{Name: "key", Scope: content.ScopeAccount, List: keys, Get: []*content.Call{call("details", "iam:GetKey", "Id=Id")}}, Columns: columns("id:list", "name:list")},
		{Spec: &content.Table{Name: "use", Scope: content.ScopeAccount, List: uses}, Columns: columns("id:list", "name:list")},
		{Spec: &content.Table{Name: "trail", Scope: content.ScopeRegion, List: call(GroupList, "cloudtrail:DescribeTrails")}, Columns: columns("id:list", "name:list")},
		{Spec: &content.Table{Name: "report", Scope: content.ScopeAccount, List: report, Off: true}, Columns: columns("id:list", "name:list")},
		{Spec: &content.Table{Name: "ports", Rows: []map[string]any{{"id": "1"}}}, Columns: columns("id", "name")},
		{Spec: &content.Table{Name: "exposed", Derive: "SELECT …"}, Columns: columns("id", "name"), Over: []string{"bucket", "ports"}, Reads: []Ref{{"bucket", "acl"}, {"ports", "id"}}},
		{Spec: &content.Table{Name: "worst", Derive: "SELECT …"}, Columns: columns("id", "name"), Over: []string{"exposed"}, Reads: []Ref{{"bucket", "acl"}}},
	}
	c := &Catalog{Tables: map[string]*Table{}}
	for _, t := range tables {
		t.Name, t.Spec.Provider = t.Spec.Name, "aws"
		c.Tables[t.Name] = t
	}
	return c
}

// check writes clause=table.column table.column.
func check(id, resource string, clauses ...string) *Check {
	c := &Check{ID: id, Spec: &content.Check{ID: id, Resource: resource}, Tables: []string{resource}}
	for _, text := range clauses {
		name, list, _ := strings.Cut(text, "=")
		var refs []Ref
		for ref := range strings.FieldsSeq(list) {
			table, column, _ := strings.Cut(ref, ".")
			refs = append(refs, Ref{table, column})
		}
		switch name {
		case "when":
			c.When = refs
		case "pass":
			c.Pass = refs
		case "found":
			c.Found = refs
		case "query":
			c.Query, c.Spec.Query = refs, "SELECT …"
		}
	}
	return c
}

// show writes a plan as "table: group group"; a table that is not wanted for itself in brackets.
func show(p *Plan) (lines []string) {
	for _, t := range p.Tables {
		name := t.Table.Name
		if !t.Wanted {
			name = "(" + name + ")"
		}
		lines = append(lines, strings.TrimSpace(name+": "+strings.Join(t.Groups, " ")))
	}
	return lines
}

func TestNewPlansWhatIsRead(t *testing.T) {
	for _, c := range []struct {
		name      string
		checks    []*Check
		inventory []string
		want      []string
	}{
		{"nothing", nil, nil, nil},
		{"rows alone", []*Check{check("c", "bucket", "pass=bucket")}, nil, []string{"bucket:"}},
		{"one group", []*Check{check("c", "bucket", "pass=bucket.acl")}, nil, []string{"bucket: acl"}},
		{"each clause counts", []*Check{check("c", "bucket", "when=bucket.id", "pass=bucket.acl", "found=bucket.template")}, nil, []string{"bucket: acl template"}},
		{"a group's condition is another's answer", []*Check{check("c", "bucket", "pass=bucket.policy")}, nil, []string{"bucket: location policy"}},
		{"inputs of inputs", []*Check{check("c", "bucket", "pass=bucket.deep")}, nil, []string{"bucket: location policy deep"}},
		{"names in a template", []*Check{check("c", "bucket", "pass=bucket.template")}, nil, []string{"bucket: acl template"}},
		{"a column of two groups", []*Check{check("c", "bucket", "pass=bucket.both")}, nil, []string{"bucket: location policy acl"}},
		{"parents of parents", []*Check{check("c", "use", "pass=use.id")}, nil, []string{"(user):", "(key): details", "use:"}},
		{"a parent that is wanted too", []*Check{check("a", "key", "pass=key.id"), check("b", "user", "pass=user.profile")}, nil, []string{"user: profile", "key:"}},
		{"another table in a query", []*Check{check("c", "trail", "query=trail.id role")}, nil, []string{"role:", "trail:"}},
		{"a derived table last", []*Check{check("c", "exposed", "pass=bucket.acl ports.id")}, nil, []string{"bucket: acl", "ports:", "exposed:"}},
		{"a derived table over another", []*Check{check("c", "worst", "pass=bucket.acl")}, nil, []string{"bucket: acl", "ports:", "exposed:", "worst:"}},
		{"inventory of one table", nil, []string{"user"}, []string{"user: profile"}},
		{"inventory of a derived table", nil, []string{"worst"}, []string{"bucket: acl", "ports:", "exposed:", "worst:"}},
		{"inventory of a table that is off", nil, []string{"checks", "report"}, []string{"report:"}},
		{"full inventory", nil, []string{"full"}, []string{
			"bucket: location policy acl deep template", "user: profile", "key: details", "role:", "trail:", "use:", "ports:", "exposed:", "worst:",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := New(Selection{Provider: "aws", Checks: c.checks, Inventory: c.inventory}, testCatalog())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, show(p)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNewPlansTagsWhereTheyAreAskedFor(t *testing.T) {
	p, err := New(Selection{Checks: []*Check{check("c", "bucket", "pass=bucket.id")}, Tags: true}, testCatalog())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bucket: acl"}, show(p)); diff != "" {
		t.Error(diff)
	}
}

func TestNewSuggestsATable(t *testing.T) {
	_, err := New(Selection{Inventory: []string{"buckets"}}, testCatalog())
	if err == nil || !strings.Contains(err.Error(), `there is no table "buckets" (did you mean "bucket"?)`) {
		t.Error(err)
	}
}

func TestCallsAreSharedAndOrdered(t *testing.T) {
	p, err := New(Selection{Provider: "aws", Inventory: []string{"user", "role", "use", "trail", "report"}}, testCatalog())
	if err != nil {
		t.Fatal(err)
	}
	signIn := PlannedCall{Service: "ec2", Op: "DescribeRegions", Scope: content.ScopeAccount, Why: "to know the account's regions"}
	calls, err := p.Calls(APIs{"aws": fakeAPI{}}, "aws", signIn)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range calls {
		line := fmt.Sprintf("%s %s %s", c.Scope, c.For, c.Name())
		for _, f := range c.Feeds {
			line += fmt.Sprintf(" %s.%s", f.Table, f.Group)
		}
		got = append(got, strings.Join(strings.Fields(line+" "+c.Why), " "))
	}
	want := []string{
		"account ec2:DescribeRegions to know the account's regions",
		"account iam:GenerateCredentialReport must be made before iam:GetCredentialReport",
		"account iam:GetAccountAuthorizationDetails role.list user.list",
		"account iam:GetCredentialReport report.list",
		"region cloudtrail:DescribeTrails trail.list",
		"row key iam:GetAccessKeyLastUsed use.list",
		"row key iam:GetKey key.details",
		"row user iam:GetLoginProfile user.profile",
		"row user iam:ListAccessKeys key.list",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	permissions := Permissions(calls)
	if !slices.IsSorted(permissions) || len(permissions) != 9 || !slices.Contains(permissions, "iam:GenerateCredentialReport") {
		t.Errorf("permissions: %v", permissions)
	}
}

func TestPermissionsAreLimitedToNamesThatAreConstants(t *testing.T) {
	constant := func(value any) content.Input { return content.Input{Member: "Name", Value: value, HasValue: true} }
	each := func(member string, values ...any) content.EachInput {
		return content.EachInput{Member: member, Values: values}
	}
	for _, c := range []struct {
		name string
		call content.Call
		want string
	}{
		{"no name", content.Call{}, "s3:Get"},
		{"a constant", content.Call{With: []content.Input{constant("a")}}, "s3:Get a"},
		{"each of several", content.Call{Each: []content.EachInput{each("Name", "a", "b")}}, "s3:Get a|s3:Get b"},
		{"each, for rows whose other members differ", content.Call{
			For: "parent", With: []content.Input{{Member: "Space", Path: "space"}}, Each: []content.EachInput{each("Name", "a")},
		}, "s3:Get a"},
		{"each takes the place of what rows say", content.Call{
			With: []content.Input{{Member: "Name", Path: "name"}}, Each: []content.EachInput{each("Name", "a")},
		}, "s3:Get a"},
		{"from rows", content.Call{With: []content.Input{{Member: "Name", Path: "name"}}, Each: []content.EachInput{each("Space", "a")}}, "s3:Get"},
		{"a template", content.Call{With: []content.Input{{Member: "Name", Template: "{name}-x"}}}, "s3:Get"},
		{"no text", content.Call{With: []content.Input{constant(int64(1))}}, "s3:Get"},
		{"not all are text", content.Call{Each: []content.EachInput{each("Name", "a", int64(1))}}, "s3:Get"},
		{"empty", content.Call{With: []content.Input{constant("")}}, "s3:Get"},
	} {
		b := callList{byKey: map[string]*PlannedCall{}}
		c.call.Service, c.call.Op = "s3", "Get"
		b.addCall(&content.Table{Name: "t", Provider: "aws", Scope: content.ScopeAccount}, &c.call, GroupList)
		if err := b.permissions(APIs{"aws": fakeAPI{}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(b.calls[0].Permissions, "|"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestCallsFailForAnUnknownOperation(t *testing.T) {
	c := testCatalog()
	c.Tables["trail"].Spec.List.Op = "Unknown"
	p, err := New(Selection{Inventory: []string{"trail"}}, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Calls(APIs{"aws": fakeAPI{}}, "aws"); err == nil || !strings.Contains(err.Error(), "cloudtrail:Unknown") {
		t.Error(err)
	}
}

func TestDependents(t *testing.T) {
	p, err := New(Selection{Checks: []*Check{
		check("policy", "bucket", "pass=bucket.policy"),
		check("acl", "bucket", "when=bucket.acl", "pass=bucket.id"),
		check("found", "bucket", "pass=bucket.id", "found=bucket.acl"),
		check("deep", "bucket", "pass=bucket.deep"),
		check("query", "trail", "query=trail.id bucket.acl"),
		check("derived", "exposed", "pass=ports.id", "found=bucket.acl"),
		check("use", "use", "pass=use.id"),
		check("report", "report", "pass=report.id"),
	}}, testCatalog())
	if err != nil {
		t.Fatal(err)
	}
	for call, want := range map[string]string{
		"s3:ListBuckets":                     "acl deep derived found policy query",
		"s3:GetBucketPolicy":                 "deep policy",
		"s3:GetBucketLocation":               "deep policy",
		"s3:GetBucketAcl":                    "acl derived query",
		"s3:Deep":                            "deep",
		"cloudtrail:DescribeTrails":          "query",
		"iam:GetAccountAuthorizationDetails": "use",
		"iam:GetKey":                         "use",
		"iam:GenerateCredentialReport":       "report",
		"iam:ListRoles":                      "",
	} {
		if got := strings.Join(p.Dependents(call), " "); got != want {
			t.Errorf("%s: got %q, want %q", call, got, want)
		}
	}
}
