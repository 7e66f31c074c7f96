package plan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/provider/aws/api"
)

// prepareOne prepares a table against AWS's description.
func prepareOne(t *testing.T, spec *content.Table, others ...*content.Table) (*Table, []Problem) {
	t.Helper()
	ctx := context.Background()
	p, err := NewPreparer(ctx, api.API(), &content.Library{Tables: append(others, spec)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	return p.Table(ctx, spec)
}

func listing(service, op, items string, columns ...*content.Column) *content.Table {
	return &content.Table{
		Name: "aws_thing", Provider: "aws", Scope: content.ScopeRegion, ID: columns[0].Name,
		List:    &content.Call{Name: GroupList, Service: service, Op: op, Items: items},
		Columns: columns, Origin: someOrigin(),
	}
}

func TestTablesHaveTheCommonColumnsAroundTheirOwn(t *testing.T) {
	table, problems := prepareOne(t, listing("s3", "ListBuckets", "Buckets",
		&content.Column{Name: "arn", SQL: "'arn:' || name"},
		&content.Column{Name: "name", Path: "Name"},
		&content.Column{Name: "region_of", Path: "BucketRegion"}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var names []string
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	want := "provider account_id partition region id name tags arn region_of raw collected_at unknown"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("columns %s, want %s", got, want)
	}
}

func TestColumnsHaveTheVendorsTypes(t *testing.T) {
	get := func(name, service, op, items string) *content.Call {
		return &content.Call{Name: name, Service: service, Op: op, Items: items}
	}
	vpc := listing("ec2", "DescribeVpcs", "Vpcs", &content.Column{Name: "id", Path: "VpcId"})
	vpc.Name = "aws_vpc"
	spec := &content.Table{
		Name: "aws_thing", Provider: "aws", ID: "id", NameColumn: "id", Origin: someOrigin(),
		List: &content.Call{Name: GroupList, Service: "ec2", Op: "DescribeSecurityGroups", Items: "SecurityGroups", For: "aws_vpc"},
		Get: []*content.Call{
			get("attributes", "sqs", "GetQueueAttributes", ""),
			get("subscriptions", "sns", "ListSubscriptions", "Subscriptions"),
			get("tables", "dynamodb", "DescribeTable", ""),
			{Name: "report", Service: "iam", Op: "GetCredentialReport", Items: "Content", As: "csv"},
			{Name: "clusters", Service: "ecs", Op: "DescribeClusters", Items: "clusters", Batch: 100, Key: "clusterArn"},
			get("metric", "cloudwatch", "DescribeAlarms", ""),
		},
	}
	for _, c := range []struct{ path, declared, typ, groups string }{
		{"GroupId", "", "VARCHAR", "list"},
		{"IpPermissions.FromPort", "", "BIGINT[]", "list"},
		{"IpPermissions.IpRanges.CidrIp", "cidr", "VARCHAR[]", "list"},
		{"IpPermissions.UserIdGroupPairs", "", `STRUCT("Description" VARCHAR, "UserId" VARCHAR, "GroupName" VARCHAR, "GroupId" VARCHAR, "VpcId" VARCHAR, "VpcPeeringConnectionId" VARCHAR, "PeeringStatus" VARCHAR)[]`, "list"},
		{"Tags", "tags", "MAP(VARCHAR, VARCHAR)", "list"},
		{"parent.CidrBlock", "cidr", "VARCHAR", "list"},
		{"parent.Ipv6CidrBlockAssociationSet.Ipv6CidrBlock", "", "VARCHAR[]", "list"},
		{"input.MaxResults", "", "BIGINT", "list"},
		{"attributes.Attributes.Policy", "iam_policy", semanticTypes[SemanticPolicy], "attributes"},
		{"attributes.Attributes.DelaySeconds", "BIGINT", "BIGINT", "attributes"},
		{"attributes.Attributes", "", "MAP(VARCHAR, VARCHAR)", "attributes"},
		{"attributes.Attributes", "json", "JSON", "attributes"},
		{"subscriptions.TopicArn", "", "VARCHAR[]", "subscriptions"},
		{"subscriptions", "", `STRUCT("SubscriptionArn" VARCHAR, "Owner" VARCHAR, "Protocol" VARCHAR, "Endpoint" VARCHAR, "TopicArn" VARCHAR)[]`, "subscriptions"},
		{"tables.Table.CreationDateTime", "", "TIMESTAMP WITH TIME ZONE", "tables"},
		{"tables.Table.ItemCount", "timestamp", "TIMESTAMP WITH TIME ZONE", "tables"},
		{"report.user", "", "VARCHAR[]", "report"},
		{"clusters.status", "", "VARCHAR", "clusters"},
		{"clusters.settings.name", "", "VARCHAR[]", "clusters"},
		{"metric.MetricAlarms.Threshold", "", "DOUBLE[]", "metric"},
	} {
		spec.Columns = []*content.Column{{Name: "id", Path: "GroupId"}, {Name: "c", Path: c.path, Type: c.declared}}
		table, problems := prepareOne(t, spec, vpc)
		if HasErrors(problems) {
			t.Errorf("%s: %v", c.path, problems)
			continue
		}
		column := table.Columns[slices.IndexFunc(table.Columns, func(c Column) bool { return c.Name == "c" })]
		if column.Type != c.typ || strings.Join(column.Groups, " ") != c.groups {
			t.Errorf("%s: %s of %v, want %s of %s", c.path, column.Type, column.Groups, c.typ, c.groups)
		}
	}
}

func someOrigin() *content.Origin {
	return &content.Origin{Pos: content.Pos{File: "thing.yaml", Line: 1, Column: 1}}
}

func TestMistakesInColumnsAreShownInPlace(t *testing.T) {
	for _, c := range []struct {
		column content.Column
		key    string
		want   string
	}{
		{content.Column{Path: "GroupIdd"}, "columns.c.path", `path GroupIdd: the answer has no field "GroupIdd" (did you mean "GroupId"?)`},
		{content.Column{Path: "IpPermissions.Port"}, "columns.c.path", `IpPermissions has no field "Port"`},
		{content.Column{Path: "GroupId.x"}, "columns.c.path", "GroupId is text and has no fields"},
		{content.Column{Path: "parent.x"}, "columns.c.path", `the answer has no field "parent"`},
		{content.Column{Path: "input.MaxResult"}, "columns.c.path", `input has no field "MaxResult" (did you mean "MaxResults"?)`},
		{content.Column{Path: "IpPermissions.FromPort", Type: "iam_policy"}, "columns.c.type", "cannot be read from a number"},
		{content.Column{Path: "GroupId", Type: "tags"}, "columns.c.type", "cannot be read from text"},
		{content.Column{Path: "GroupId", Type: "port"}, "columns.c.type", "type port is not a SQL type"},
		{content.Column{Path: "GroupId", Type: "DATE"}, "columns.c.type", "type DATE is none that documents hold"},
		{content.Column{Path: "GroupId", Type: "INT) + (1"}, "columns.c.type", "is not a SQL type"},
		{content.Column{SQL: "idd || 'x'"}, "columns.c.sql", `column "idd" does not exist`},
		{content.Column{SQL: "id || ("}, "columns.c.sql", "syntax error"},
		{content.Column{SQL: "now()"}, "columns.c.sql", "may not be used"},
		{content.Column{SQL: "(SELECT 1)"}, "columns.c.sql", "subquery"},
		{content.Column{SQL: "c || 'x'"}, "columns.c.sql", `column "c" does not exist`},
		{content.Column{SQL: "id", Type: "BIGINT"}, "columns.c.sql", "cast the expression instead"},
	} {
		column := c.column
		column.Name = "c"
		spec := listing("ec2", "DescribeSecurityGroups", "SecurityGroups", &content.Column{Name: "id", Path: "GroupId"}, &column)
		spec.Origin.Keys = map[string]content.Pos{c.key: {File: "thing.yaml", Line: 7, Column: 3}}
		_, problems := prepareOne(t, spec)
		if len(problems) != 1 || problems[0].Pos.Line != 7 || !strings.Contains(problems[0].Error(), c.want) {
			t.Errorf("%s%s %s: %v, want %q", column.Path, column.SQL, column.Type, problems, c.want)
		}
	}
}

func TestMistakesInTables(t *testing.T) {
	id := &content.Column{Name: "id", Path: "GroupId"}
	for name, c := range map[string]struct {
		change func(*content.Table)
		want   string
	}{
		"an unknown call":         {func(s *content.Table) { s.List.Op = "DescribeSecurityGroup" }, "DescribeSecurityGroup"},
		"an unknown group's call": {func(s *content.Table) { s.Get = []*content.Call{{Name: "g", Service: "nope", Op: "X"}} }, "nope"},
		"unknown items":           {func(s *content.Table) { s.List.Items = "Groups" }, `items: the answer has no field "Groups"`},
		"an unknown parent":       {func(s *content.Table) { s.List.For = "aws_nothing" }, `parent table "aws_nothing" does not exist`},
		"itself for a parent":     {func(s *content.Table) { s.List.For = s.Name }, "its own parent"},
		"a column of the engine's": {func(s *content.Table) {
			s.Columns = append(s.Columns, &content.Column{Name: "region", Path: "GroupId"})
		}, "is filled by the engine"},
		"tags of another type": {func(s *content.Table) { s.Columns = append(s.Columns, &content.Column{Name: "tags", Path: "Tags"}) }, "write type: tags"},
		"an id that is masked": {func(s *content.Table) { s.Columns[0].Sensitive = true }, "cannot be masked"},
		"a data row of wrong types": {func(s *content.Table) {
			s.List, s.Rows = nil, []map[string]any{{"n": "x"}}
			s.Columns = []*content.Column{{Name: "n", Type: "BIGINT"}}
		}, "are not of type BIGINT"},
	} {
		own := *id
		spec := listing("ec2", "DescribeSecurityGroups", "SecurityGroups", &own)
		c.change(spec)
		if _, problems := prepareOne(t, spec); len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, problems, c.want)
		}
	}
}

func TestSecretsOfTheVendorAreMasked(t *testing.T) {
	id := &content.Column{Name: "id", Path: "FunctionName"}
	table, problems := prepareOne(t, listing("lambda", "ListFunctions", "Functions", id))
	if len(problems) > 0 || !slices.Contains(table.Mask, "Environment.Variables") {
		t.Errorf("masked are %v; %v", table.Mask, problems)
	}
	open := &content.Column{Name: "variables", Path: "Environment.Variables"}
	table, problems = prepareOne(t, listing("lambda", "ListFunctions", "Functions", id, open))
	if slices.Contains(table.Mask, "Environment.Variables") || len(problems) != 1 || problems[0].Severity != SeverityNote {
		t.Errorf("masked are %v; %v", table.Mask, problems)
	}
	open.Sensitive = true
	table, problems = prepareOne(t, listing("lambda", "ListFunctions", "Functions", id, open))
	if !slices.Contains(table.Mask, "Environment.Variables") || len(problems) > 0 {
		t.Errorf("masked are %v; %v", table.Mask, problems)
	}
}

// Every shape of the vendor's must give a type that DuckDB takes and that documents can be read into.
func TestEveryAnswerHasAType(t *testing.T) {
	description := api.API()
	ctx := context.Background()
	p, err := NewPreparer(ctx, description, &content.Library{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, so := range []string{
		"ec2:DescribeInstances", "cloudfront:GetDistributionConfig", "s3:GetBucketLifecycleConfiguration", "dynamodb:Scan", "emr:DescribeCluster",
		"quicksight:DescribeDashboardDefinition", "medialive:DescribeChannel", "lexv2-models:DescribeIntent", "wafv2:GetWebACL", "glue:GetJobs",
		"ssm:DescribeDocument", "config:DescribeConfigRules", "iam:GetAccountAuthorizationDetails", "bedrock-agent:GetFlow",
	} {
		service, name, _ := strings.Cut(so, ":")
		op, err := description.Operation(service, name)
		if err != nil {
			t.Errorf("%s: %v", so, err)
			continue
		}
		typ := duckType(op.Output)
		if err := checkDocumentType(typ); err != nil {
			t.Errorf("%s: %v", so, err)
		}
		if _, err := p.planner.Type(ctx, "SELECT CAST(NULL AS "+typ+")"); err != nil {
			t.Errorf("%s: %v: %s", so, err, typ)
		}
	}
}

func TestParseType(t *testing.T) {
	for text, want := range map[string]string{
		"VARCHAR":                  "VARCHAR",
		"TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
		"BIGINT[][]":               "[[BIGINT]]",
		`STRUCT(a VARCHAR, "b ""c" STRUCT("order" BIGINT)[], d MAP(VARCHAR, DECIMAL(18,3)))`: `{a:VARCHAR b "c:[{order:BIGINT}] d:VARCHAR=>DECIMAL(18,3)}`,
	} {
		typ, err := ParseType(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := describe(typ); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "STRUCT(", "STRUCT(a)", "MAP(VARCHAR)", "BIGINT[", "BIGINT[3]", "VARCHAR)", `STRUCT("a BIGINT)`, strings.Repeat("MAP(VARCHAR, ", 1000)} {
		if typ, err := ParseType(text); err == nil {
			t.Errorf("%q: %s, want an error", text, describe(typ))
		}
	}
}

func describe(t *Type) string {
	switch {
	case t.Leaf != "":
		return t.Leaf
	case t.Key != nil:
		return describe(t.Key) + "=>" + describe(t.Elem)
	case t.Elem != nil:
		return "[" + describe(t.Elem) + "]"
	}
	fields := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		fields[i] = fmt.Sprintf("%s:%s", f.Name, describe(f.Type))
	}
	return "{" + strings.Join(fields, " ") + "}"
}
