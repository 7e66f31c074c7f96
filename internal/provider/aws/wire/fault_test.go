package wire

import (
	"net/http"
	"testing"
)

func TestFaultFindsCodeAndMessageInAnyForm(t *testing.T) {
	tests := []struct {
		name, service, op string
		resp              *http.Response
		body              string
		want              Fault
	}{
		{"json", "dynamodb", "ListTables", response(400), `{"__type":"com.amazonaws.x#AccessDeniedException","Message":"no"}`, Fault{Code: "AccessDeniedException", Message: "no"}},
		{"json without a message", "kms", "ListKeys", response(400), `{"__type":"NotFoundException"}`, Fault{Code: "NotFoundException"}},
		{"rest-json, by header", "lambda", "ListFunctions", response(403, "X-Amzn-Errortype", "AccessDeniedException:http://x/"), `{"message":"no"}`, Fault{Code: "AccessDeniedException", Message: "no"}},
		{"rest-json, code in the body", "lambda", "ListFunctions", response(400), `{"code":"Odd","message":"no"}`, Fault{Code: "Odd", Message: "no"}},
		{"query", "iam", "ListUsers", response(403), `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`, Fault{Code: "AccessDenied", Message: "no"}},
		{"ec2", "ec2", "DescribeVpcs", response(403), `<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>`, Fault{Code: "UnauthorizedOperation", Message: "no"}},
		{"rest-xml", "s3", "GetBucketPolicy", response(404), `<Error><Code>NoSuchBucketPolicy</Code><Message>none</Message></Error>`, Fault{Code: "NoSuchBucketPolicy", Message: "none"}},
		{"cloudfront", "cloudfront", "ListDistributions", response(403), `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`, Fault{Code: "AccessDenied", Message: "no"}},
		{"a code that users know", "sqs", "GetQueueAttributes", response(400, "X-Amzn-Query-Error", "AWS.SimpleQueueService.NonExistentQueue;Sender"), `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"gone"}`, Fault{Code: "AWS.SimpleQueueService.NonExistentQueue", Message: "gone"}},
		{"XML of a JSON service", "dynamodb", "ListTables", response(403), `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`, Fault{Code: "AccessDenied", Message: "no"}},
		{"JSON of an XML service", "ec2", "DescribeVpcs", response(403), `{"__type":"AccessDenied","message":"no"}`, Fault{Code: "AccessDenied", Message: "no"}},
		{"no body", "s3", "HeadBucket", response(404), ``, Fault{Code: "HTTP404"}},
		{"plain text", "lambda", "ListFunctions", response(502), "\nbad gateway\nx", Fault{Code: "HTTP502", Message: "bad gateway"}},
		{"a web page", "lambda", "ListFunctions", response(404, "Content-Type", "text/html"), `<!doctype html><title>404 Not Found</title><h1>x</h1>`, Fault{Code: "HTTP404", Message: "404 Not Found", HTML: true}},
		{"a heading", "s3", "GetBucketPolicy", response(500, "Content-Type", "text/html"), `<html><body><h1>Internal   Error</h1>`, Fault{Code: "HTTP500", Message: "Internal Error", HTML: true}},
		{"broken XML", "ec2", "DescribeVpcs", response(500), `<Response><Err`, Fault{Code: "HTTP500"}},
		{"an OAuth error", "lambda", "ListFunctions", response(401), `{"error":"invalid_token"}`, Fault{Code: "HTTP401", Message: "invalid_token"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := operation(t, test.service, test.op).Fault(t.Context(), test.resp, []byte(test.body)); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
