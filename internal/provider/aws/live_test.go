package aws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/mototest"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func TestMain(m *testing.M) { mototest.Main(m) }

// world puts something for every protocol into the simulator.
const world = `
import io, zipfile
s3 = boto3.client("s3")
s3.create_bucket(Bucket="here")
s3.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
s3.put_bucket_tagging(Bucket="here", Tagging={"TagSet": [{"Key": "owner", "Value": "a\"b\nc 🙂"}]})
iam = boto3.client("iam")
trust = json.dumps({"Version": "2012-10-17", "Statement": []})
for i in range(5):
    iam.create_user(UserName=f"user-{i}")
role = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
boto3.client("dynamodb").create_table(TableName="t", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
boto3.client("sqs").create_queue(QueueName="q", Attributes={"VisibilityTimeout": "7"})
boto3.client("sns").create_topic(Name="topic")
boto3.client("kms").create_key(Description="a key")
boto3.client("route53").create_hosted_zone(Name="example.test", CallerReference="1")
api = boto3.client("apigateway").create_rest_api(name="api")
b = io.BytesIO()
with zipfile.ZipFile(b, "w") as z: z.writestr("x.py", "")
boto3.client("lambda").create_function(FunctionName="f", Runtime="python3.12", Role=role, Handler="x.y", Code={"ZipFile": b.getvalue()})
boto3.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=3)
`

func TestCallsOnMoto(t *testing.T) {
	server := mototest.Shared(t)
	server.Run(t, world)
	p := signedIn(t, Options{Endpoint: server.URL()})
	tests := []struct {
		name, call, region string
		input              map[string]any
		want               []string // in the document
	}{
		{"query", "iam:ListUsers", "", nil, []string{`"UserName":"user-0"`, `"CreateDate":"20`}},
		{"query with a document", "iam:GetRole", "", map[string]any{"RoleName": "runner"}, []string{`"AssumeRolePolicyDocument":"{\"Version\"`}},
		{"query, map", "sns:ListTopics", "us-east-1", nil, []string{`:topic"`}},
		{"ec2", "ec2:DescribeVolumes", "us-east-1", nil, []string{`"Size":3`, `"Encrypted":false`}},
		{"ec2 with a filter", "ec2:DescribeVpcs", "eu-west-1", map[string]any{"Filters": []any{map[string]any{"Name": "is-default", "Values": []any{"true"}}}}, []string{`"IsDefault":true`}},
		{"json 1.0", "dynamodb:DescribeTable", "us-east-1", map[string]any{"TableName": "t"}, []string{`"TableStatus":"ACTIVE"`, `"CreationDateTime":"20`}},
		{"json 1.0 after a query service", "sqs:ListQueues", "us-east-1", nil, []string{`/q"]`}},
		{"json 1.1", "kms:ListKeys", "us-east-1", nil, []string{`"KeyArn":"arn:aws:kms:us-east-1:`}},
		{"rest-json", "lambda:ListFunctions", "us-east-1", nil, []string{`"FunctionName":"f"`}},
		{"rest-json with odd names", "apigateway:GetRestApis", "us-east-1", nil, []string{`"items":[{`, `"name":"api"`}},
		{"rest-xml", "route53:ListHostedZones", "", nil, []string{`"Name":"example.test."`}},
		{"s3", "s3:ListBuckets", "", nil, []string{`"Name":"here"`, `"Name":"there"`}},
		{"s3, by path", "s3:GetBucketLocation", "us-east-1", map[string]any{"Bucket": "there"}, []string{`{"LocationConstraint":"eu-west-1"}`}},
		{"s3, the oldest region", "s3:GetBucketLocation", "us-east-1", map[string]any{"Bucket": "here"}, []string{`{"LocationConstraint":"us-east-1"}`}},
		{"s3, odd text", "s3:GetBucketTagging", "us-east-1", map[string]any{"Bucket": "here"}, []string{`"Value":"a\"b\nc 🙂"`}},
		{"s3 control", "s3control:ListAccessPoints", "us-east-1", map[string]any{"AccountId": "123456789012"}, []string{`"AccessPointList":[]`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, err := ask(t.Context(), p, test.region, test.call, test.input)
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(answer.Document) {
				t.Errorf("not JSON: %s", answer.Document)
			}
			for _, want := range test.want {
				if !strings.Contains(string(answer.Document), want) {
					t.Errorf("got %s, want %s in it", answer.Document, want)
				}
			}
		})
	}
}

func TestErrorsOnMoto(t *testing.T) {
	p := signedIn(t, Options{Endpoint: mototest.Shared(t).URL()})
	tests := []struct {
		call  string
		input map[string]any
		class provider.Class
		code  string
	}{
		{"s3:GetBucketPolicy", map[string]any{"Bucket": "no-such-bucket"}, provider.Gone, "NoSuchBucket"},
		{"s3:HeadBucket", map[string]any{"Bucket": "no-such-bucket"}, provider.Gone, "HTTP404"},
		{"iam:GetUser", map[string]any{"UserName": "nobody"}, provider.Gone, "NoSuchEntity"},
		{"ec2:DescribeInstances", map[string]any{"InstanceIds": []any{"i-00000000"}}, provider.Gone, "InvalidInstanceID.NotFound"},
		{"dynamodb:DescribeTable", map[string]any{"TableName": "none"}, provider.Gone, "ResourceNotFoundException"},
		{"lambda:GetFunction", map[string]any{"FunctionName": "none"}, provider.Gone, "ResourceNotFoundException"},
		{"sqs:GetQueueUrl", map[string]any{"QueueName": "none"}, provider.Gone, "AWS.SimpleQueueService.NonExistentQueue"},
		{"accessanalyzer:ListAnalyzers", nil, provider.Broken, ""}, // a web page: moto has no such service
	}
	for _, test := range tests {
		t.Run(test.call, func(t *testing.T) {
			_, err := ask(t.Context(), p, "us-east-1", test.call, test.input)
			if e := clienttest.Problem(t, err); e.Class != test.class || test.code != "" && e.Code != test.code {
				t.Errorf("got %s, want %s %s", e, test.class, test.code)
			}
		})
	}
}

func TestPagesOnMoto(t *testing.T) {
	server := mototest.Shared(t)
	server.Run(t, `
dynamo = boto3.client("dynamodb", region_name="eu-north-1")
for i in range(7):
    dynamo.create_table(TableName=f"table-{i}", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
`)
	p := signedIn(t, Options{Endpoint: server.URL()})
	var names []string
	request := provider.Request{Scope: provider.Scope{Region: "eu-north-1"}, Service: "dynamodb", Op: "ListTables", Limit: 3}
	for pages := 1; ; pages++ {
		answer, err := p.Call(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		var page struct{ TableNames []string }
		if err := json.Unmarshal(answer.Document, &page); err != nil {
			t.Fatal(err)
		}
		names = append(names, page.TableNames...)
		if request.Page = answer.Next; request.Page == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if len(names) != 7 || !slices.IsSorted(names) {
		t.Errorf("got %v", names)
	}
}

// The simulator enforces IAM: who may nothing is told which action is missing.
func TestDenialsOnMoto(t *testing.T) {
	server := mototest.Start(t)
	var made struct{ AccessKeyId, SecretAccessKey string }
	out := server.Run(t, `
iam = boto3.client("iam")
iam.create_user(UserName="poor")
k = iam.create_access_key(UserName="poor")["AccessKey"]
print(json.dumps({n: k[n] for n in ("AccessKeyId", "SecretAccessKey")}))
`)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	server.Post(t, "/moto-api/reset-auth", "0")
	p, err := New(t.Context(), Options{
		Endpoint: server.URL(), Content: rules(t), Credentials: credentials.NewStaticCredentialsProvider(made.AccessKeyId, made.SecretAccessKey, ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{
		"iam:ListUsers":              {"iam:ListUsers"},
		"ec2:DescribeVpcs":           {"ec2:DescribeVpcs"},
		"s3:ListBuckets":             {"s3:ListAllMyBuckets"},
		"dynamodb:ListTables":        {"dynamodb:ListTables"}, // the denial is XML, of a JSON service
		"secretsmanager:ListSecrets": {"secretsmanager:ListSecrets"},
	}
	for call, want := range tests {
		service, op, _ := strings.Cut(call, ":")
		scope := provider.Scope{Account: p.Identity().Account, Partition: "aws", Region: "us-east-1"}
		_, err := p.Call(t.Context(), provider.Request{Scope: scope, Service: service, Op: op})
		if e := clienttest.Problem(t, err); e.Class != provider.Denied || !slices.Equal(e.Permissions, want) {
			t.Errorf("%s: got %s", call, e)
		}
	}
	accounts, err := p.Accounts(t.Context())
	if err != nil || accounts[0].RegionsErr == nil || !slices.Equal(accounts[0].Regions, enabledFromTheStart["aws"]) {
		t.Errorf("who may not list regions gets %+v, %v", accounts, err)
	}
}

// Real host names, with a network that ends in the simulator.
func TestVirtualHostsOnMoto(t *testing.T) {
	server := mototest.Shared(t)
	server.Run(t, "boto3.client('s3').create_bucket(Bucket='by-host')\n")
	var hosts []string
	var mu sync.Mutex
	p := signedIn(t, Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		hosts = append(hosts, r.URL.Host)
		mu.Unlock()
		sent := r.Clone(r.Context())
		sent.Host = r.URL.Host
		sent.URL.Scheme, sent.URL.Host = "http", strings.TrimPrefix(server.URL(), "http://")
		return http.DefaultTransport.RoundTrip(sent)
	})})
	answer, err := ask(t.Context(), p, "us-east-1", "s3:GetBucketVersioning", map[string]any{"Bucket": "by-host"})
	if err != nil || string(answer.Document) != "{}" {
		t.Errorf("got %v, %v", answer, err)
	}
	if !slices.Equal(hosts, []string{"by-host.s3.us-east-1.amazonaws.com"}) {
		t.Errorf("asked %v", hosts)
	}
}

func TestAnOrganizationOnMoto(t *testing.T) {
	server := mototest.Shared(t)
	isolate(t, "", "")
	var made struct{ In, Out, OU string }
	out := server.Run(t, `
org = boto3.client("organizations")
org.create_organization(FeatureSet="ALL")
root = org.list_roots()["Roots"][0]["Id"]
inside = org.create_account(Email="a@example.test", AccountName="inside")["CreateAccountStatus"]["AccountId"]
outside = org.create_account(Email="b@example.test", AccountName="outside")["CreateAccountStatus"]["AccountId"]
unit = org.create_organizational_unit(ParentId=root, Name="team")["OrganizationalUnit"]["Id"]
below = org.create_organizational_unit(ParentId=unit, Name="below")["OrganizationalUnit"]["Id"]
org.move_account(AccountId=inside, SourceParentId=root, DestinationParentId=below)
c = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{inside}:role/OrganizationAccountAccessRole", RoleSessionName="world")["Credentials"]
boto3.client("iam", aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"]).create_user(UserName="child")
print(json.dumps({"In": inside, "Out": outside, "OU": unit}))
`)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	// The simulator lets everyone in: the refusal is ours.
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(orEmpty(r.Body))
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if strings.Contains(string(body), "AssumeRole") && strings.Contains(string(body), made.Out) {
			const denied = `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`
			return &http.Response{StatusCode: 403, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(denied)), Request: r}, nil
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_ENDPOINT_URL", server.URL())
	p, err := New(t.Context(), Options{Organization: true, Regions: []string{"us-east-1"}, Content: rules(t), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := p.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, account := range accounts {
		states[account.ID] = account.Name + " " + fmt.Sprint(account.Regions)
		if account.Err != nil {
			states[account.ID] = account.Name + " refused"
		}
	}
	if len(accounts) != 3 || states[made.In] != "inside [us-east-1]" || states[made.Out] != "outside refused" || !strings.HasSuffix(states["123456789012"], " [us-east-1]") {
		t.Errorf("got %v", states)
	}
	for account, want := range map[string]bool{made.In: true, "123456789012": false} {
		answer, err := p.Call(t.Context(), provider.Request{Scope: provider.Scope{Account: account, Partition: "aws"}, Service: "iam", Op: "ListUsers"})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(answer.Document), `"child"`); got != want {
			t.Errorf("account %s: %s", account, answer.Document)
		}
	}

	p, err = New(t.Context(), Options{Organization: true, OU: made.OU, Regions: []string{"us-east-1"}, Content: rules(t), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	if accounts, err = p.Accounts(t.Context()); err != nil || len(accounts) != 1 || accounts[0].ID != made.In {
		t.Errorf("the unit has %+v, %v", accounts, err)
	}
}

func orEmpty(body io.Reader) io.Reader {
	if body == nil {
		return strings.NewReader("")
	}
	return body
}
