package api

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

func mustLoad(t testing.TB, service string) *Service {
	t.Helper()
	s, err := Load(service)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustOperation(t testing.TB, service, name string) *Operation {
	t.Helper()
	op, err := mustLoad(t, service).Operation(name)
	if err != nil {
		t.Fatal(err)
	}
	return op
}

func TestEveryServiceLoadsAndIsWhole(t *testing.T) {
	operations, shapes := 0, 0
	for _, name := range Names() {
		s := mustLoad(t, name)
		operations += len(s.Operations)
		shapes += len(s.Shapes)
		if !slices.Contains([]string{"json", "rest-json", "rest-xml", "query", "ec2"}, s.Metadata.Protocol) {
			t.Errorf("%s speaks %q", name, s.Metadata.Protocol)
		}
		if s.Metadata.SigningName == "" || s.Metadata.EndpointPrefix == "" || s.Metadata.ServiceID == "" || s.Metadata.IAMPrefix == "" {
			t.Errorf("%s: metadata is not whole: %+v", name, s.Metadata)
		}
		if s.Metadata.Protocol == "json" && (s.Metadata.TargetPrefix == "" || s.Metadata.JSONVersion == "") {
			t.Errorf("%s: JSON without target prefix or version", name)
		}
		for _, op := range s.Operations {
			if op.HTTP.Method == "" || !strings.HasPrefix(op.HTTP.RequestURI, "/") {
				t.Errorf("%s:%s: request line %+v", name, op.Name, op.HTTP)
			}
			if op.Permissions == nil {
				t.Errorf("%s:%s: permissions are not said", name, op.Name)
			}
		}
	}
	if got := len(Names()); got < 411 {
		t.Errorf("%d services, want at least 411", got)
	}
	if operations < 7846 {
		t.Errorf("%d operations, want at least 7846", operations)
	}
	if shapes < 78000 {
		t.Errorf("%d shapes, want at least 78000", shapes)
	}
}

func TestLoadIsSharedAndSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	got := make([]*Service, 8)
	for i := range got {
		wg.Go(func() { got[i], _ = Load("route53") })
	}
	wg.Wait()
	for _, s := range got {
		if s == nil || s != got[0] {
			t.Fatal("two loads of a service gave two descriptions")
		}
	}
}

func TestUnknownNamesSuggestNearOnes(t *testing.T) {
	if _, err := Load("clodtrail"); err == nil || !strings.Contains(err.Error(), `did you mean "cloudtrail"?`) {
		t.Errorf("Load: %v", err)
	}
	_, err := mustLoad(t, "s3").Operation("GetBucketVersionning")
	if err == nil || !strings.Contains(err.Error(), `did you mean "GetBucketVersioning"?`) {
		t.Errorf("Operation: %v", err)
	}
}

func TestOnlyReadsAreDescribed(t *testing.T) {
	for _, call := range []string{
		"s3:DeleteBucket", "ec2:RunInstances", "iam:CreateUser", "license-manager:CheckInLicense", "acm-pca:IssueCertificate",
		"s3:SelectObjectContent",         // answers in a stream of events
		"timestream-write:ListDatabases", // asks for its host first
	} {
		service, name, _ := strings.Cut(call, ":")
		s, err := Load(service)
		if err != nil {
			continue
		}
		if _, err := s.Operation(name); err == nil {
			t.Errorf("%s is described", call)
		}
	}
}

func TestReadsOfOtherNamesAreDescribed(t *testing.T) {
	for _, call := range []string{
		"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:SimulatePrincipalPolicy",
		"sts:GetCallerIdentity", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML",
		"accessanalyzer:ValidatePolicy", "accessanalyzer:CheckNoPublicAccess", "cloudtrail:LookupEvents",
		"config:SelectResourceConfig", "logs:FilterLogEvents", "cognito-idp:AdminListGroupsForUser",
	} {
		service, name, _ := strings.Cut(call, ":")
		mustOperation(t, service, name)
	}
}

func TestMetadataOfEachProtocol(t *testing.T) {
	for _, c := range []struct{ service, protocol, signing, prefix, id, version, target string }{
		{"ec2", "ec2", "ec2", "ec2", "EC2", "", ""},
		{"iam", "query", "iam", "iam", "IAM", "", ""},
		{"s3", "rest-xml", "s3", "s3", "S3", "", ""},
		{"lambda", "rest-json", "lambda", "lambda", "Lambda", "", ""},
		{"dynamodb", "json", "dynamodb", "dynamodb", "DynamoDB", "1.0", "DynamoDB_20120810"},
		{"kms", "json", "kms", "kms", "KMS", "1.1", "TrentService"},
		{"sqs", "json", "sqs", "sqs", "SQS", "1.0", "AmazonSQS"},
		{"cloudwatch", "json", "monitoring", "monitoring", "CloudWatch", "1.0", "GraniteServiceVersion20100801"},
		{"eks", "rest-json", "eks", "eks", "EKS", "1.1", ""},                                                       // the id is from botocore's extras
		{"secretsmanager", "json", "secretsmanager", "secretsmanager", "Secrets Manager", "1.1", "secretsmanager"}, // as above
		{"ecr", "json", "ecr", "api.ecr", "ECR", "1.1", "AmazonEC2ContainerRegistry_V20150921"},
		{"elbv2", "query", "elasticloadbalancing", "elasticloadbalancing", "Elastic Load Balancing v2", "", ""},
	} {
		m := mustLoad(t, c.service).Metadata
		got := []string{m.Protocol, m.SigningName, m.EndpointPrefix, m.ServiceID, m.TargetPrefix}
		want := []string{c.protocol, c.signing, c.prefix, c.id, c.target}
		if !slices.Equal(got, want) || c.protocol == "json" && m.JSONVersion != c.version {
			t.Errorf("%s: %q, JSON %q, want %q, JSON %q", c.service, got, m.JSONVersion, want, c.version)
		}
	}
	for _, service := range []string{"sqs", "cloudwatch"} {
		if !mustLoad(t, service).Metadata.AWSQueryCompatible {
			t.Errorf("%s is not query-compatible", service)
		}
	}
	if ns := mustLoad(t, "iam").Metadata.XMLNamespace; ns == nil || ns.URI != "https://iam.amazonaws.com/doc/2010-05-08/" {
		t.Errorf("iam has XML namespace %+v", ns)
	}
}

func TestWireTraits(t *testing.T) {
	member := func(service, shape, name string) *Member {
		t.Helper()
		s := mustLoad(t, service).Shape(shape)
		if s == nil || s.Member(name) == nil {
			t.Fatalf("%s: no member %s.%s", service, shape, name)
		}
		return s.Member(name)
	}
	for what, ok := range map[string]bool{
		"S3's bucket is a label":              member("s3", "GetBucketVersioningRequest", "Bucket").Location == "uri",
		"S3's owner check is a header":        member("s3", "GetBucketVersioningRequest", "ExpectedBucketOwner").LocationName == "x-amz-expected-bucket-owner",
		"S3 versions are flattened":           member("s3", "ListObjectVersionsOutput", "Versions").Merged().Flattened,
		"S3 versions' wire name":              member("s3", "ListObjectVersionsOutput", "Versions").LocationName == "Version",
		"S3 policies are the body":            mustLoad(t, "s3").Shape("GetBucketPolicyOutput").Payload == "Policy",
		"S3's Expires is a time":              member("s3", "GetObjectOutput", "Expires").Target.Type == TypeTimestamp,
		"EC2 lists have wire names":           member("ec2", "DescribeInstancesResult", "Reservations").LocationName == "reservationSet",
		"EC2 filters have query names":        member("ec2", "DescribeInstancesRequest", "Filters").LocationName == "Filter",
		"S3 Control's account is in the host": member("s3control", "GetPublicAccessBlockRequest", "AccountId").HostLabel,
		"Lambda's function name is a label":   member("lambda", "GetFunctionRequest", "FunctionName").LocationName == "FunctionName",
		"Lambda reports are query strings":    member("lambda", "ListFunctionsRequest", "MaxItems").Location == "querystring",
		"bodies may stream":                   member("s3", "GetObjectOutput", "Body").Merged().Streaming,
		"secrets are marked":                  mustLoad(t, "secretsmanager").Shape("SecretStringType").Secret,
	} {
		if !ok {
			t.Errorf("not so: %s", what)
		}
	}
	if got := mustOperation(t, "s3control", "GetPublicAccessBlock").HostPrefix; got != "{AccountId}." {
		t.Errorf("host prefix of S3 Control: %q", got)
	}
	if got := mustOperation(t, "cloudfront", "ListDistributionsByRealtimeLogConfig").Input; got.XMLNamespace == nil || got.LocationName == "" {
		t.Errorf("a CloudFront read that posts XML: %+v", got)
	}
	if got := mustOperation(t, "sts", "AssumeRoleWithWebIdentity").AuthType; got != "none" {
		t.Errorf("AssumeRoleWithWebIdentity is signed: %q", got)
	}
}

func TestMembersKeepTheVendorsOrder(t *testing.T) {
	var got []string
	for _, m := range mustLoad(t, "s3").Shape("GetBucketVersioningRequest").Members {
		got = append(got, m.Name)
	}
	if want := []string{"Bucket", "ExpectedBucketOwner"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	got = nil
	for _, m := range mustLoad(t, "iam").Shape("User").Members {
		got = append(got, m.Name)
	}
	if want := []string{"Path", "UserName", "UserId", "Arn", "CreateDate", "PasswordLastUsed", "PermissionsBoundary", "Tags"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestErrorCodesAreThoseThatArrive(t *testing.T) {
	for _, c := range []struct{ service, op, code string }{
		{"iam", "GetUser", "NoSuchEntity"},                 // the shape is NoSuchEntityException
		{"kms", "DescribeKey", "NotFoundException"},        // the shape's name
		{"sqs", "GetQueueAttributes", "QueueDoesNotExist"}, // query-compatible: both
		{"sqs", "GetQueueAttributes", "AWS.SimpleQueueService.NonExistentQueue"},
	} {
		if codes := mustOperation(t, c.service, c.op).Errors; !slices.Contains(codes, c.code) {
			t.Errorf("%s:%s: %q lacks %s", c.service, c.op, codes, c.code)
		}
	}
}
