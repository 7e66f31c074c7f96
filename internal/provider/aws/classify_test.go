package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/stancehq/stance/internal/provider"
	"github.com/stancehq/stance/internal/provider/aws/wire"
	"github.com/stancehq/stance/internal/provider/clienttest"
)

func TestErrorsAreClassifiedByProviderYAML(t *testing.T) {
	tests := []struct {
		name    string
		service string
		status  int
		fault   wire.Fault
		want    provider.Class
	}{
		{"denied", "s3", 403, wire.Fault{Code: "AccessDenied"}, provider.Denied},
		{"denied by JSON", "dynamodb", 400, wire.Fault{Code: "AccessDeniedException"}, provider.Denied},
		{"denied by EC2", "ec2", 403, wire.Fault{Code: "UnauthorizedOperation"}, provider.Denied},
		{"denied by an SCP", "iam", 403, wire.Fault{Code: "AccessDenied", Message: "User: arn:aws:sts::1:x is not authorized to perform: iam:ListUsers with an explicit deny in a service control policy"}, provider.Denied},
		{"denied under a strange code", "x", 400, wire.Fault{Code: "ValidationException", Message: "You are not authorized: user is not authorized to perform x:Y"}, provider.Denied},
		{"denied without a body", "s3", 403, wire.Fault{Code: "HTTP403"}, provider.Denied},
		{"denied by SNS", "sns", 403, wire.Fault{Code: "AuthorizationError"}, provider.Denied},
		{"throttled", "iam", 400, wire.Fault{Code: "Throttling"}, provider.Throttled},
		{"throttled by JSON", "kms", 400, wire.Fault{Code: "ThrottlingException"}, provider.Throttled},
		{"throttled by REST", "lambda", 429, wire.Fault{Code: "TooManyRequestsException"}, provider.Throttled},
		{"throttled by status", "apigateway", 429, wire.Fault{Code: "HTTP429"}, provider.Throttled},
		{"throttled by EC2", "ec2", 503, wire.Fault{Code: "RequestLimitExceeded"}, provider.Throttled},
		{"throttled by S3", "s3", 503, wire.Fault{Code: "SlowDown"}, provider.Throttled},
		{"throttled by words", "x", 400, wire.Fault{Code: "LimitExceededException", Message: "Rate exceeded"}, provider.Throttled},
		{"not subscribed", "shield", 400, wire.Fault{Code: "SubscriptionRequiredException"}, provider.Unsupported},
		{"not opted in", "ec2", 401, wire.Fault{Code: "OptInRequired"}, provider.Unsupported},
		{"no such operation", "x", 400, wire.Fault{Code: "UnknownOperationException"}, provider.Unsupported},
		{"a region that is off", "ec2", 401, wire.Fault{Code: "AuthFailure", Message: "AWS was not able to validate the provided access credentials"}, provider.Unsupported},
		{"a region that is off, for JSON", "kms", 400, wire.Fault{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid"}, provider.Unsupported},
		{"Security Hub is off", "securityhub", 401, wire.Fault{Code: "InvalidAccessException", Message: "Account 1 is not subscribed to AWS Security Hub"}, provider.Unsupported},
		{"Macie is off", "macie2", 403, wire.Fault{Code: "AccessDeniedException", Message: "Macie is not enabled."}, provider.Unsupported},
		{"no organization", "organizations", 400, wire.Fault{Code: "AWSOrganizationsNotInUseException"}, provider.Unsupported},
		{"expired", "sts", 403, wire.Fault{Code: "ExpiredToken"}, provider.Expired},
		{"expired, for JSON", "kms", 400, wire.Fault{Code: "ExpiredTokenException"}, provider.Expired},
		{"expired, under another code", "kms", 400, wire.Fault{Code: "UnrecognizedClientException", Message: "The security token included in the request is expired"}, provider.Expired},
		{"gone", "s3", 404, wire.Fault{Code: "NoSuchBucket"}, provider.Gone},
		{"gone, for EC2", "ec2", 400, wire.Fault{Code: "InvalidInstanceID.NotFound"}, provider.Gone},
		{"gone, for JSON", "dynamodb", 400, wire.Fault{Code: "ResourceNotFoundException"}, provider.Gone},
		{"gone, for RDS", "rds", 404, wire.Fault{Code: "DBInstanceNotFoundFault"}, provider.Gone},
		{"gone, without a body", "s3", 404, wire.Fault{Code: "HTTP404"}, provider.Gone},
		{"the vendor's trouble", "s3", 500, wire.Fault{Code: "InternalError"}, provider.Retryable},
		{"the vendor's trouble with 400", "dynamodb", 400, wire.Fault{Code: "InternalServerError"}, provider.Retryable},
		{"the vendor's trouble under any code", "x", 503, wire.Fault{Code: "Whatever"}, provider.Retryable},
		{"our mistake", "x", 400, wire.Fault{Code: "ValidationException"}, provider.Broken},
		{"a web page is no absence", "x", 404, wire.Fault{Code: "HTTP404", HTML: true}, provider.Broken},
	}
	c := newClassifier(rules(t))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, _ := c.class(test.service, test.fault, test.status); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// What the vendor's own library takes for throttling is throttling.
func TestThrottlingIsWhatTheVendorsLibrarySays(t *testing.T) {
	c := newClassifier(rules(t))
	for code := range retry.DefaultThrottleErrorCodes {
		if got, _ := c.class("some", wire.Fault{Code: code}, 400); got != provider.Throttled {
			t.Errorf("%s is %s", code, got)
		}
	}
	for code := range retry.DefaultRetryableErrorCodes {
		if got, _ := c.class("some", wire.Fault{Code: code}, 400); got != provider.Retryable {
			t.Errorf("%s is %s", code, got)
		}
	}
}

// Every rule of provider.yaml can hold: none is shadowed by one before it.
func TestNoErrorRuleIsDead(t *testing.T) {
	c := newClassifier(rules(t))
	for i, rule := range c.rules {
		codes, status := rule.Codes, 400
		if len(codes) == 0 {
			codes = []string{"Some"}
		}
		if len(rule.Status) > 0 {
			status = rule.Status[0]
		}
		if !slices.ContainsFunc(codes, func(code string) bool {
			fault := wire.Fault{Code: strings.Trim(code, "*"), Message: rule.Message}
			for j, other := range c.rules {
				if provider.RuleHolds(other, orDefault(rule.Service, "some"), provider.Fault(fault), status) {
					return j == i
				}
			}
			return false
		}) {
			t.Errorf("rule %d (%s %v) never decides", i+1, rule.Class, rule.Codes)
		}
	}
}

func TestMessagesAreOneShortLineWithoutIdentifiers(t *testing.T) {
	tests := map[string]string{
		"no\nmore": "no",
		"\n  User: x is not authorized (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: 4442587FB7D0A2F9; Proxy: null)": "User: x is not authorized",
		"Rate exceeded. Request ID: 0c3e2b4f-1b1f-4d46-8d5c-1f3a9e1b2c3d":                                                                           "Rate exceeded",
		"You are not authorized. Encoded authorization failure message: abcDEF123-_xyz":                                                             "You are not authorized",
		"":                                "",
		"the request id is your concern":  "the request id is your concern",
		"bucket request-id-12345678 gone": "bucket gone",
	}
	for text, want := range tests {
		if got := cleanMessage(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	long := cleanMessage(strings.Repeat("é", 400))
	if len(long) > provider.MaxMessage || !utf8.ValidString(long) || !strings.HasSuffix(long, "…") {
		t.Errorf("a long message becomes %d bytes: %s", len(long), long)
	}
}

func TestDeniedNamesThePermission(t *testing.T) {
	tests := []struct {
		name, call, message string
		input               map[string]any
		want                string
	}{
		{"the one that the call needs", "s3:ListBuckets", "no", nil, "denied: s3:ListAllMyBuckets for s3:ListBuckets (AccessDenied: no)"},
		{
			"the one that the vendor names", "s3:GetBucketVersioning", "User: u is not authorized to perform: s3:GetBucketVersioning on resource: r",
			map[string]any{"Bucket": "some"},
			"denied: s3:GetBucketVersioning (AccessDenied: User: u is not authorized to perform: s3:GetBucketVersioning on resource: r)",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
				clienttest.Write(w, 403, "<Error><Code>AccessDenied</Code><Message>"+test.message+"</Message></Error>")
			})})
			if _, err := ask(t.Context(), p, "us-east-1", test.call, test.input); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestWhatIsNotSubscribedIsNotAskedAgain(t *testing.T) {
	c := newClassifier(rules(t))
	for code, wide := range map[string]bool{"SubscriptionRequiredException": true, "OptInRequired": true, "UnknownOperation": false, "AccessDenied": false} {
		if _, got := c.class("some", wire.Fault{Code: code}, 403); got != wide {
			t.Errorf("%s: wide is %t", code, got)
		}
	}
}

func TestWhichPolicyDenies(t *testing.T) {
	const who = "User: arn:aws:sts::111122223333:assumed-role/audit/x is not authorized to perform: ec2:DescribeInstances"
	for message, want := range map[string]string{
		who + " with an explicit deny in a service control policy": "service control policy",
		"You are not authorized to perform this operation. " + who + " with an explicit deny in a service control policy. Encoded authorization failure message: AbC-1": "service control policy",
		who + " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1":                                      "service control policy",
		who + " because no service control policy allows the ec2:DescribeInstances action":                                                                              "service control policy",
		who + " with an explicit deny in a permissions boundary":                                                                                                        "",
		who + " with an explicit deny in a resource-based policy":                                                                                                       "",
		who + " because no identity-based policy allows the ec2:DescribeInstances action":                                                                               "",
	} {
		p := signedIn(t, Options{Transport: served(func(w http.ResponseWriter, _ *http.Request) {
			clienttest.Write(w, 403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>"+message+"</Message></Error></Errors></Response>")
		})})
		_, err := ask(t.Context(), p, "eu-north-1", "ec2:DescribeInstances", nil)
		e := clienttest.Problem(t, err)
		if e.Class != provider.Denied || e.By != want || !slices.Equal(e.Permissions, []string{"ec2:DescribeInstances"}) {
			t.Errorf("%s:\ngot %+v", message, e)
		}
		text := "denied: ec2:DescribeInstances ("
		if want != "" {
			text = "denied: ec2:DescribeInstances, which a service control policy forbids ("
		}
		if !strings.HasPrefix(e.Error(), text) {
			t.Errorf("it says %s", e)
		}
	}
}
