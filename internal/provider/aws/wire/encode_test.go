package wire

import (
	"strings"
	"testing"
)

type object = map[string]any

func TestEncodeRefusesInputThatWouldAskSomethingElse(t *testing.T) {
	tests := []struct {
		name, service, op string
		input             object
		want              string
	}{
		{"a required member is missing", "s3", "GetBucketVersioning", object{}, "input member Bucket is required"},
		{"a label is empty", "s3", "GetBucketVersioning", object{"Bucket": ""}, "input member Bucket is empty"},
		{"a member is unknown", "s3", "GetBucketVersioning", object{"Bucket": "b", "Buckt": "b"}, `there is no input member "Buckt"; did you mean "Bucket"?`},
		{"a nested member is unknown", "ec2", "DescribeInstances", object{"Filters": []any{object{"Nam": "x"}}}, `there is no input member "Filters[0].Nam"; did you mean "Name"?`},
		{"text for a number", "iam", "ListUsers", object{"MaxItems": "many"}, `input member MaxItems must be an integer, not "many"`},
		{"text for a list", "ec2", "DescribeInstances", object{"InstanceIds": "i-1"}, `input member InstanceIds must be a list, not "i-1"`},
		{"a list for text", "s3", "GetBucketVersioning", object{"Bucket": []any{"b"}}, "input member Bucket must be text, not a list"},
		{"text for an object", "lambda", "ListFunctions", object{"MaxItems": object{}}, "input member MaxItems must be an integer, not an object"},
		{"no time", "cloudtrail", "LookupEvents", object{"StartTime": "yesterday"}, `input member StartTime must be a time (RFC 3339), not "yesterday"`},
		{"input where none is taken", "ec2", "DescribeInstances", object{"x": 1}, `there is no input member "x"`},
		{"a host label that would change the host", "s3control", "GetPublicAccessBlock", object{"AccountId": "evil.test/"}, `AccountId "evil.test/" cannot be part of a host name`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			op := operation(t, test.service, test.op)
			_, err := op.Encode(t.Context(), test.input)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), op.Call()+": ") {
				t.Errorf("got %v, want %s: …%s", err, op.Call(), test.want)
			}
		})
	}
}

func TestEncodeForgivesHowNumbersAreWritten(t *testing.T) {
	tests := []struct {
		name, service, op string
		input             object
		body              string
	}{
		{"an integer as text", "iam", "ListUsers", object{"MaxItems": "12"}, "MaxItems=12"},
		{"an integer as int", "iam", "ListUsers", object{"MaxItems": 12}, "MaxItems=12"},
		{"an integer as float", "iam", "ListUsers", object{"MaxItems": 12.0}, "MaxItems=12"},
		{"text as an integer", "iam", "GetUser", object{"UserName": 4711}, "UserName=4711"},
		{"a boolean as text", "ec2", "DescribeRegions", object{"AllRegions": "true"}, "AllRegions=true"},
		{"null is not given", "iam", "GetUser", object{"UserName": nil}, "Action=GetUser"},
		{"a list of strings", "ec2", "DescribeInstances", object{"InstanceIds": []string{"i-1"}}, "InstanceId.1=i-1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := operation(t, test.service, test.op).Encode(t.Context(), test.input)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got.Body), test.body) {
				t.Errorf("body %s, want %s in it", got.Body, test.body)
			}
		})
	}
}

func TestEncodeKnowsWhatTheDescriptionDoesNotSay(t *testing.T) {
	zone, err := operation(t, "route53", "GetHostedZone").Encode(t.Context(), object{"Id": "/hostedzone/Z123"})
	if err != nil {
		t.Fatal(err)
	}
	if zone.EscapedPath != "/2013-04-01/hostedzone/Z123" {
		t.Errorf("Route 53 is asked for %s", zone.EscapedPath)
	}
	apis, err := operation(t, "apigateway", "GetRestApis").Encode(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := apis.Header.Get("Accept"); got != "application/json" {
		t.Errorf("API Gateway is asked for %q", got)
	}
	control, err := operation(t, "s3control", "GetPublicAccessBlock").Encode(t.Context(), object{"AccountId": "111122223333"})
	if err != nil {
		t.Fatal(err)
	}
	if control.HostPrefix != "111122223333." {
		t.Errorf("S3 Control's host begins with %q", control.HostPrefix)
	}
	token, err := operation(t, "fsx", "DescribeFileSystemAliases").Encode(t.Context(), object{"FileSystemId": "fs-1"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(token.Body), `"ClientRequestToken":"`) {
		t.Errorf("an idempotency token is not filled in: %s", token.Body)
	}
}

func TestEncodeEscapesLabels(t *testing.T) {
	got, err := operation(t, "lambda", "GetPolicy").Encode(t.Context(), object{"FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:a/b"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Aa%2Fb/policy"; got.EscapedPath != want {
		t.Errorf("path %s, want %s", got.EscapedPath, want)
	}
}
