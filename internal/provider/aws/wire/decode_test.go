package wire

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	iamHead = `<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult>`
	iamTail = `</ListUsersResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></ListUsersResponse>`
)

func TestDecode(t *testing.T) {
	tests := []struct {
		name, service, op string
		resp              *http.Response
		body              string
		want              string
	}{
		{
			"json: times, exact longs and nulls", "dynamodb", "DescribeTable", response(200),
			`{"Table":{"CreationDateTime":1700000000.123,"ItemCount":9007199254740993,"TableName":null,"KeySchema":[]},"Unknown":{"x":[1]}}`,
			`{"Table":{"CreationDateTime":"2023-11-14T22:13:20.123Z","ItemCount":9007199254740993,"KeySchema":[]}}`,
		},
		{
			"json: what does not fit stays, and the page with it", "dynamodb", "DescribeTable", response(200),
			`{"Table":{"CreationDateTime":"2023-11-14","ItemCount":1.5E9,"TableSizeBytes":"12","TableName":7,"DeletionProtectionEnabled":"true"}}`,
			`{"Table":{"CreationDateTime":"2023-11-14T00:00:00Z","ItemCount":1500000000,"TableSizeBytes":12,"TableName":7,"DeletionProtectionEnabled":true}}`,
		},
		{
			"json: null in lists", "dynamodb", "ListTables", response(200), `{"TableNames":["a",null,"b\u00e9\n"]}`, `{"TableNames":["a",null,"bé\n"]}`,
		},
		{"json: an empty body is an empty answer", "dynamodb", "ListTables", response(200), ``, `{}`},
		{
			"rest-json: names of the description", "apigateway", "GetRestApis", response(200), `{"item":[{"id":"a","createdDate":1700000000}]}`,
			`{"items":[{"id":"a","createdDate":"2023-11-14T22:13:20Z"}]}`,
		},
		{
			"rest-json: status and headers", "lambda", "GetLayerVersionPolicy", response(200), `{"Policy":"{}","RevisionId":"r"}`, `{"Policy":"{}","RevisionId":"r"}`,
		},
		{
			"query: lists, booleans, and an empty number left out", "iam", "ListUsers", response(200),
			iamHead + `<Users><member><UserName>é&lt;x&gt;</UserName><CreateDate>2023-11-14T22:13:20Z</CreateDate><Path/></member><member/></Users><IsTruncated>false</IsTruncated>` + iamTail,
			`{"Users":[{"UserName":"é<x>","CreateDate":"2023-11-14T22:13:20Z","Path":""},{}],"IsTruncated":false}`,
		},
		{
			"query: comments and processing instructions", "iam", "ListUsers", response(200),
			`<?xml version="1.0"?><!-- hello -->` + iamHead + `<!-- none --><Users/><IsTruncated> true </IsTruncated>` + iamTail,
			`{"Users":[],"IsTruncated":true}`,
		},
		{
			"query: a policy that is percent-encoded", "iam", "GetRolePolicy", response(200),
			`<GetRolePolicyResponse><GetRolePolicyResult><PolicyDocument>%7B%22Version%22%3A%20%222012-10-17%22%7D</PolicyDocument></GetRolePolicyResult></GetRolePolicyResponse>`,
			`{"PolicyDocument":"{\"Version\": \"2012-10-17\"}"}`,
		},
		{
			"query: a map", "sns", "GetTopicAttributes", response(200),
			`<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><value>v</value><key>k</key></entry><entry><key>e</key><value/></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>`,
			`{"Attributes":{"k":"v","e":""}}`,
		},
		{
			"ec2: lists of whatever element", "ec2", "DescribeVpcs", response(200),
			`<DescribeVpcsResponse><requestId>r</requestId><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault><tagSet/></item></vpcSet></DescribeVpcsResponse>`,
			`{"Vpcs":[{"VpcId":"vpc-1","IsDefault":true,"Tags":[]}]}`,
		},
		{
			"ec2: a number that does not parse stays text", "ec2", "DescribeVolumes", response(200),
			`<DescribeVolumesResponse><volumeSet><item><size>a lot</size><iops></iops><createTime>2022-06-30 17:04:16.671000</createTime></item></volumeSet></DescribeVolumesResponse>`,
			`{"Volumes":[{"Size":"a lot","CreateTime":"2022-06-30T17:04:16.671Z"}]}`,
		},
		{
			"ec2: nothing found", "ec2", "DescribeVpcs", response(200), `<DescribeVpcsResponse><requestId>r</requestId></DescribeVpcsResponse>`, `{}`,
		},
		{
			"ec2: console output is base64", "ec2", "GetConsoleOutput", response(200),
			`<GetConsoleOutputResponse><instanceId>i-1</instanceId><output>TGludXg=</output></GetConsoleOutputResponse>`, `{"InstanceId":"i-1","Output":"Linux"}`,
		},
		{
			"rest-xml: a flattened list in pieces, with its own name", "s3", "GetBucketCors", response(200),
			`<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><ID>a</ID><AllowedMethod>PUT</AllowedMethod></CORSRule><CORSRule><AllowedMethod>HEAD</AllowedMethod></CORSRule></CORSConfiguration>`,
			`{"CORSRules":[{"ID":"a","AllowedMethods":["GET","PUT"]},{"AllowedMethods":["HEAD"]}]}`,
		},
		{
			"rest-xml: an attribute", "s3", "GetBucketAcl", response(200),
			`<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>u</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`,
			`{"Grants":[{"Grantee":{"Type":"Group","URI":"u"},"Permission":"READ"}]}`,
		},
		{
			"rest-xml: headers and no body", "s3", "HeadBucket", response(200, "X-Amz-Bucket-Region", "eu-west-1", "X-Amz-Access-Point-Alias", "false"), ``,
			`{"BucketRegion":"eu-west-1","AccessPointAlias":false}`,
		},
		{"rest-xml: the body is text", "s3", "GetBucketPolicy", response(200), `{"Version":"2012-10-17"}`, `{"Policy":"{\"Version\":\"2012-10-17\"}"}`},
		{"rest-xml: nothing configured", "s3", "GetBucketVersioning", response(200), `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>`, `{}`},
		{"s3: the oldest region has no name", "s3", "GetBucketLocation", response(200), `<LocationConstraint/>`, `{"LocationConstraint":"us-east-1"}`},
		{"s3: the second oldest has another", "s3", "GetBucketLocation", response(200), `<LocationConstraint>EU</LocationConstraint>`, `{"LocationConstraint":"eu-west-1"}`},
		{"s3: a region", "s3", "GetBucketLocation", response(200), `<LocationConstraint xmlns="x">eu-central-1</LocationConstraint>`, `{"LocationConstraint":"eu-central-1"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := operation(t, test.service, test.op).Decode(t.Context(), test.resp, []byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parsed(t, test.want), parsed(t, string(got))); diff != "" {
				t.Errorf("%s\n%s", got, diff)
			}
		})
	}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

func TestDecodeRefusesWhatIsNotTheAnswer(t *testing.T) {
	tests := []struct {
		name, service, op string
		resp              *http.Response
		body, want        string
	}{
		{
			"a portal's page with status 200", "s3", "GetBucketVersioning", response(200, "Content-Type", "text/html; charset=utf-8"),
			"<html><head><title>Sign in to\n the proxy</title></head></html>", "the answer is a web page: Sign in to the proxy",
		},
		{"a page that says it is JSON", "dynamodb", "ListTables", response(200, "Content-Type", "application/json"), "<!DOCTYPE html>\n<p>hello", "the answer is a web page: <!DOCTYPE html>"},
		{"plain words as a web page", "ec2", "DescribeVpcs", response(200, "Content-Type", "text/html"), "\nBlocked by policy\nmore", "the answer is a web page: Blocked by policy"},
		{"another document", "s3", "GetBucketAccelerateConfiguration", response(200), "<ListBucketResult><MaxKeys>1000</MaxKeys></ListBucketResult>", "the answer is <ListBucketResult> with <MaxKeys>"},
		{"another operation's result", "iam", "ListUsers", response(200), "<ListRolesResponse><ListRolesResult/></ListRolesResponse>", "with <ListRolesResult>, not <ListUsersResult>"},
		{"the end is missing", "ec2", "DescribeVpcs", response(200), "<DescribeVpcsResponse><vpcSet><item>", "the answer ends in the middle"},
		{"the end of JSON is missing", "dynamodb", "ListTables", response(200), `{"TableNames":["a"`, "the answer cannot be read"},
		{"tags that cross", "ec2", "DescribeVpcs", response(200), "<DescribeVpcsResponse><vpcSet></DescribeVpcsResponse></vpcSet>", "not proper XML"},
		{"no XML at all", "ec2", "DescribeVpcs", response(200), "upstream connect error\nor so", "the answer is not XML: upstream connect error"},
		{"nothing where something is promised", "ec2", "DescribeVpcs", response(200), "", "the answer is empty"},
		{"an object for a list", "dynamodb", "ListTables", response(200), `{"TableNames":{"a":1}}`, "TableNames"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := operation(t, test.service, test.op).Decode(t.Context(), test.resp, []byte(test.body))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

// Some services label their JSON as a web page.
func TestDecodeLooksAtTheBodyNotItsLabel(t *testing.T) {
	got, err := operation(t, "dynamodb", "ListTables").Decode(t.Context(), response(200, "Content-Type", "text/html"), []byte(`{"TableNames":[]}`))
	if err != nil || string(got) != `{"TableNames":[]}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestNestingHasALimit(t *testing.T) {
	op := operation(t, "dynamodb", "GetItem")
	body := `{"Item":{"a":` + strings.Repeat(`{"L":[`, 5000) + strings.Repeat(`]}`, 5000) + `}}`
	if _, err := op.Decode(t.Context(), response(200), []byte(body)); err == nil || !strings.Contains(err.Error(), "deep") {
		t.Errorf("got %v", err)
	}
}
