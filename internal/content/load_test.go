package content

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// loadGood gives the library in testdata/good.
func loadGood(t testing.TB) *Library {
	t.Helper()
	l, problems := Load(Dir("testdata/good"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLoadReadsEveryKindOfContent(t *testing.T) {
	l := loadGood(t)
	var names []string
	for _, x := range l.Tables {
		names = append(names, x.Name)
	}
	for _, x := range l.Checks {
		names = append(names, x.ID)
	}
	for _, x := range l.Functions {
		names = append(names, x.Name)
	}
	for _, x := range l.Objectives {
		names = append(names, x.ID)
	}
	want := []string{
		"aws_iam_access_key", "aws_iam_credential_report", "aws_iam_user", "aws_risky_port", "aws_s3_bucket", "aws_vpc_security_group",
		"aws_vpc_security_group_open_rule", "aws_iam_user_key_used", "aws_s3_bucket_versioning", "aws_vpc_open_rule_reviewed",
		"aws_vpc_open_rules", "holds_port", "is_internet", "data-recovery", "least-privilege", "network-boundaries",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReadsTables(t *testing.T) {
	l := loadGood(t)
	origin := cmpopts.IgnoreFields(Table{}, "Origin", "Columns", "Examples", "Terraform", "About", "Title")
	for name, want := range map[string]*Table{
		"aws_s3_bucket": {
			Name: "aws_s3_bucket", Provider: "aws", Service: "s3", Scope: ScopeAccount, ID: "arn", NameColumn: "name", Region: "BucketRegion",
			List: &Call{
				Name: "list", Service: "s3", Op: "ListBuckets", Items: "Buckets",
				With: []Input{{Member: "MaxBuckets", Value: int64(1000), HasValue: true}},
			},
			Get: []*Call{
				{Name: "versioning", Service: "s3", Op: "GetBucketVersioning", With: []Input{{Member: "Bucket", Path: "Name"}}},
				{
					Name: "policy", Service: "s3", Op: "GetBucketPolicy", With: []Input{{Member: "Bucket", Path: "Name"}},
					Absent: []string{"NoSuchBucketPolicy"},
				},
				{
					Name: "rule", Service: "s3control", Op: "GetThing", Region: "BucketRegion",
					With: []Input{{Member: "Arn", Template: "arn:{partition}:s3:::{Name}"}},
					When: []Condition{{Path: "Kind", Values: []string{"a", "b"}}, {Path: "On", Values: []string{"true"}}},
				},
			},
			Sample: Document{"Name": "logs", "BucketRegion": "eu-central-1"},
		},
		"aws_iam_access_key": {
			Name: "aws_iam_access_key", Provider: "aws", Service: "iam", Scope: ScopeAccount, ID: "access_key_id", NameColumn: "user_name",
			List: &Call{
				Name: "list", Service: "iam", Op: "ListAccessKeys", Items: "AccessKeyMetadata", For: "aws_iam_user",
				With: []Input{{Member: "UserName", Path: "user_name"}}, When: []Condition{{Path: "UserName"}},
			},
			Also: []*Call{{
				Name: "list", Service: "iam", Op: "ListOtherKeys", Items: "Keys",
				Each: []EachInput{{"Scope", []any{"REGIONAL", "CLOUDFRONT"}}, {"Level", []any{int64(1), int64(2)}}},
			}},
			Get: []*Call{{
				Name: "last_used", Service: "iam", Op: "GetAccessKeyLastUsed", With: []Input{{Member: "AccessKeyId", Path: "AccessKeyId"}},
				When: []Condition{{Path: "Status", Values: []string{"Inactive"}, Not: true}, {Path: "UserName", Contains: "ci"}},
			}},
		},
		"aws_iam_credential_report": {
			Name: "aws_iam_credential_report", Provider: "aws", Service: "iam", Scope: ScopeAccount, ID: "arn", NameColumn: "arn", Off: true,
			List: &Call{
				Name: "list", Service: "iam", Op: "GetCredentialReport", Items: "Content", As: "csv",
				First: &First{Service: "iam", Op: "GenerateCredentialReport", UntilPath: "State", UntilValues: []string{"COMPLETE"}},
			},
		},
		"aws_risky_port": {
			Name: "aws_risky_port", Provider: "aws", Service: "ec2", NameColumn: "name",
			Rows: []map[string]any{{"port": int64(22), "name": "SSH"}, {"port": int64(3389), "name": "RDP"}},
		},
	} {
		if diff := cmp.Diff(want, l.Table(name), origin); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := l.Table("aws_vpc_security_group").Get[0]; got.Batch != 100 || got.Key != "GroupId" {
		t.Errorf("batch: %+v", got)
	}
	columns := l.Table("aws_s3_bucket").Columns
	want := []*Column{
		{Name: "arn", SQL: "'arn:' || partition || ':s3:::' || name", About: "Amazon Resource Name"},
		{Name: "name", Path: "Name", About: "Name, unique in the whole partition"},
		{Name: "versioning_status", Path: "versioning.Status", About: "Enabled, Suspended, or null if never switched on"},
		{Name: "policy", Path: "policy.Policy", Type: "iam_policy", About: "Bucket policy"},
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReadsChecks(t *testing.T) {
	l := loadGood(t)
	bucket := l.Check("aws_s3_bucket_versioning")
	if bucket.When != "true" || bucket.Severity != "medium" || bucket.Service != "s3" || bucket.Fix.Caution != "Each old version is billed." {
		t.Errorf("%+v", bucket)
	}
	want := []*Param{
		{"days", TypeInteger, int64(45), "Days without use"},
		{"share", TypeNumber, 1.0, "A share"},
		{"strict", TypeBoolean, false, "Whether"},
		{"owner", TypeString, "012", "Who"},
		{"names", TypeStrings, []string{}, "Which"},
	}
	if diff := cmp.Diff(want, l.Check("aws_iam_user_key_used").Params); diff != "" {
		t.Error(diff)
	}
	if scope := l.Check("aws_vpc_open_rules").Scope; scope != QueryRegion {
		t.Errorf("scope %q", scope)
	}
}

func TestLoadReadsFixtures(t *testing.T) {
	l := loadGood(t)
	pos := cmpopts.IgnoreFields(Fixture{}, "Pos")
	row := func(table string, doc Document) map[string][]Document { return map[string][]Document{table: {doc}} }
	for id, want := range map[string][]*Fixture{
		"aws_s3_bucket_versioning": {
			{Want: WantPass, Rows: row("aws_s3_bucket", Document{"Name": "logs", "_region": "eu-west-1", "versioning": map[string]any{"Status": "Enabled"}})},
			{Want: WantFail, Rows: row("aws_s3_bucket", Document{"Name": "logs", "versioning": map[string]any{"Status": "Suspended"}}), Found: "versioning is suspended"},
			{Want: WantFail, Rows: row("aws_s3_bucket", Document{"versioning": Absent{}})},
			{Want: WantUnknown, Rows: row("aws_s3_bucket", Document{"Name": "logs", "versioning": Problem{"denied", "s3:GetBucketVersioning"}}), Cause: "denied"},
			{Want: WantUnknown, Refused: map[string]Problem{"aws_s3_bucket": {"denied", "s3:ListAllMyBuckets"}}},
			{Want: WantNone, Rows: row("aws_s3_bucket", Document{"Name": "logs--use1-az4--x-s3", "BucketRegion": Absent{}})},
		},
		"aws_iam_user_key_used": {
			{Want: WantPass, Rows: row("aws_iam_access_key", Document{"AccessKeyId": "AKIA1", "CreateDate": Ago{400 * 86400}, "last_used": map[string]any{
				"AccessKeyLastUsed": map[string]any{"LastUsedDate": Ago{36 * 3600}},
			}})},
			{
				Want: WantFail, Rows: row("aws_iam_access_key", Document{"AccessKeyId": "AKIA1", "CreateDate": Ago{80 * 86400}, "last_used": Absent{}}),
				Params: map[string]any{"days": int64(60), "names": []string{"a"}},
			},
			{Want: WantUnknown, Rows: row("aws_iam_access_key", Document{"AccessKeyId": "AKIA1", "CreateDate": "2025-01-01T00:00:00Z", "last_used": Problem{Class: "throttled"}})},
		},
		"aws_vpc_open_rules": {
			{Want: WantPass, Rows: row("aws_vpc_security_group", Document{"GroupId": "sg-1", "IpPermissions": []any{}})},
			{Want: WantFail, Rows: map[string][]Document{"aws_vpc_security_group": {
				{"GroupId": "sg-1", "IpPermissions": []any{map[string]any{"FromPort": int64(22)}}}, {"GroupId": "sg-2"},
			}}},
			{
				Want: WantUnknown, Rows: map[string][]Document{"aws_s3_bucket": {}},
				Refused: map[string]Problem{"aws_vpc_security_group": {"denied", "ec2:DescribeSecurityGroups"}},
			},
		},
	} {
		if diff := cmp.Diff(want, l.Check(id).Tests, pos); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

func TestLoadRemembersWhereKeysStand(t *testing.T) {
	l := loadGood(t)
	const file = "testdata/good/aws/"
	for _, test := range []struct {
		origin *Origin
		key    string
		want   string
	}{
		{l.Table("aws_s3_bucket").Origin, "", file + "tables/s3.yaml:1:1"},
		{l.Table("aws_s3_bucket").Origin, "get.policy.call", file + "tables/s3.yaml:10:12"},
		{l.Table("aws_s3_bucket").Origin, "columns.name.path", file + "tables/s3.yaml:14:10"},
		{l.Table("aws_s3_bucket").Origin, "columns.name.nothing", file + "tables/s3.yaml:14:3"},
		{l.Table("aws_iam_access_key").Origin, "list.for", file + "tables/iam.yaml:17:8"},
		{l.Table("aws_iam_credential_report").Origin, "table", file + "tables/iam.yaml:28:1"},
		{l.Check("aws_s3_bucket_versioning").Origin, "pass", file + "checks/s3/aws_s3_bucket_versioning.yaml:6:1"},
		{l.Check("aws_s3_bucket_versioning").Origin, "references.0", file + "checks/s3/aws_s3_bucket_versioning.yaml:16:5"},
		{l.Objective("least-privilege").Origin, "title", "testdata/good/objectives.yaml:3:24"},
	} {
		if got := test.origin.At(test.key).String(); got != test.want {
			t.Errorf("%q is at %s, want %s", test.key, got, test.want)
		}
	}
	if got := l.Check("aws_s3_bucket_versioning").Tests[1].Pos.String(); got != file+"checks/s3/aws_s3_bucket_versioning.yaml:19:5" {
		t.Errorf("the test is at %s", got)
	}
}

// goodFiles is a small folder of content for tests to spoil.
func goodFiles() map[string]string {
	return map[string]string{
		"objectives.yaml":   "objectives:\n  data-recovery: {title: t, domain: resilience, about: a, why: w}\n",
		"aws/provider.yaml": "id: aws\ntitle: AWS\nparams:\n  trusted: {type: strings, default: [], about: a}\n",
		"aws/tables/s3.yaml": strings.TrimLeft(`
table: aws_s3_bucket
title: S3 bucket
about: A bucket.
scope: account
id: name
list: {call: s3:ListBuckets, items: Buckets}
get:
  versioning: {call: s3:GetBucketVersioning, with: {Bucket: Name}}
columns:
  name: {path: Name, about: Name}
  status: {path: versioning.Status, about: Status}
`, "\n"),
		"aws/checks/s3/aws_s3_x.yaml": strings.TrimLeft(`
id: aws_s3_x
title: Title
severity: low
resource: aws_s3_bucket
pass: status = 'Enabled'
tests:
  - pass: {versioning: {Status: Enabled}}
`, "\n"),
	}
}

func folderOf(files map[string]string) Folder {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return Folder{FS: fsys, Path: "content"}
}

func TestUserContentMayReferToTheBase(t *testing.T) {
	base := loadGood(t)
	user := folderOf(map[string]string{"aws/checks/s3/aws_s3_mine.yaml": `
id: aws_s3_mine
title: Mine
severity: high
resource: aws_s3_bucket
pass: name = 'a' or list_contains($trusted_account_ids, 'x')
objectives: [data-recovery]
tests:
  - unknown: {versioning: !denied x}
    params: {trusted_account_ids: [a]}
`})
	own, problems := LoadOver(base, user)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(own.Checks) != 1 || len(own.Tables) != 0 || own.Checks[0].Tests[0].Rows["aws_s3_bucket"] == nil {
		t.Errorf("%+v", own)
	}
	if _, problems := Load(user); len(problems) != 4 {
		t.Errorf("on its own it lacks table, objective, provider and parameter, but: %v", problems)
	}
}

func TestOverlayReplacesByNameAndAdds(t *testing.T) {
	base := loadGood(t)
	user := &Library{
		Tables:     []*Table{{Name: "aws_s3_bucket", Title: "mine"}, {Name: "aws_new"}},
		Checks:     []*Check{{ID: "aws_s3_bucket_versioning", Title: "mine"}},
		Objectives: []*Objective{{ID: "data-recovery", Title: "mine"}},
		Functions:  []*Function{{Name: "is_internet", SQL: "mine"}},
	}
	whole := Overlay(base, user)
	if whole.Table("aws_s3_bucket").Title != "mine" || whole.Check("aws_s3_bucket_versioning").Title != "mine" ||
		whole.Objective("data-recovery").Title != "mine" || whole.Functions[1].SQL != "mine" {
		t.Error("the user's content does not take the place of ours")
	}
	if len(whole.Tables) != len(base.Tables)+1 || len(whole.Checks) != len(base.Checks) || whole.Table("aws_new") == nil {
		t.Error("content was lost or doubled")
	}
	if whole.Tables[3].Name != "aws_new" {
		t.Error("not sorted")
	}
	if base.Table("aws_s3_bucket").Title == "mine" {
		t.Error("the base was changed")
	}
}

func TestDocumentOverSample(t *testing.T) {
	got := Document{"a": int64(1), "b": Absent{}, "d": Absent{}}.Over(Document{"a": int64(0), "b": int64(2), "c": int64(3)})
	if diff := cmp.Diff(Document{"a": int64(1), "c": int64(3)}, got); diff != "" {
		t.Error(diff)
	}
}
