package api

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stancehq/stance/internal/content"
)

func TestEveryOperationIsGivenInTheEnginesTermsOrRefused(t *testing.T) {
	a := API()
	refused := 0
	for _, service := range a.Services() {
		for _, op := range mustLoad(t, service).Operations {
			got, err := a.Operation(service, op.Name)
			if op.Refused != "" {
				refused++
				if err == nil || !strings.Contains(err.Error(), op.Refused) {
					t.Errorf("%s:%s was not refused: %v", service, op.Name, err)
				}
				continue
			}
			if err != nil {
				t.Error(err)
				continue
			}
			if got.Input == nil || got.Output == nil || got.Input.Kind != content.KindStruct || got.Output.Kind != content.KindStruct {
				t.Errorf("%s:%s: input %+v, output %+v", service, op.Name, got.Input, got.Output)
			}
			checkShape(t, service, got.Output, map[*content.Shape]bool{})
		}
	}
	if refused < 50 {
		t.Errorf("%d operations are refused, want at least 50", refused)
	}
}

func checkShape(t *testing.T, service string, s *content.Shape, seen map[*content.Shape]bool) {
	if seen[s] {
		return
	}
	seen[s] = true
	switch s.Kind {
	case content.KindList, content.KindMap:
		checkShape(t, service, s.Elem, seen)
	case content.KindStruct:
		for _, m := range s.Members {
			checkShape(t, service, m.Shape, seen)
		}
	case "":
		t.Errorf("%s: shape %s has no kind", service, s.Name)
	}
}

func TestCredentialsAndEndlessPagesAreRefused(t *testing.T) {
	for call, because := range map[string]string{
		"sts:AssumeRole":                "credential",
		"secretsmanager:GetSecretValue": "secret",
		"ec2:GetPasswordData":           "secret",
		"s3:ListObjects":                "use s3:ListObjectsV2",
		"kinesis:DescribeStream":        "use kinesis:DescribeStreamSummary",
	} {
		service, op, _ := strings.Cut(call, ":")
		if _, err := API().Operation(service, op); err == nil || !strings.Contains(err.Error(), because) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestShapesByPath(t *testing.T) {
	for _, c := range []struct{ service, op, path, kind string }{
		{"ec2", "DescribeInstances", "Reservations", content.KindList},
		{"ec2", "DescribeInstances", "Reservations.Instances.InstanceId", content.KindString},
		{"ec2", "DescribeInstances", "Reservations.Instances.LaunchTime", content.KindTime},
		{"ec2", "DescribeInstances", "Reservations.Instances.MetadataOptions.HttpPutResponseHopLimit", content.KindInteger},
		{"ec2", "DescribeSecurityGroupRules", "SecurityGroupRules.IsEgress", content.KindBoolean},
		{"s3", "GetBucketVersioning", "Status", content.KindString},
		{"s3", "ListBuckets", "Buckets.BucketRegion", content.KindString},
		{"s3", "GetBucketEncryption", "ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.SSEAlgorithm", content.KindString},
		{"iam", "GetAccountAuthorizationDetails", "UserDetailList.UserPolicyList.PolicyDocument", content.KindString},
		{"iam", "GetCredentialReport", "Content", content.KindBlob},
		{"iam", "GetAccountSummary", "SummaryMap", content.KindMap},
		{"sqs", "GetQueueAttributes", "Attributes.", content.KindString}, // the values of a map
		{"elbv2", "DescribeLoadBalancers", "LoadBalancers.CreatedTime", content.KindTime},
		{"cloudfront", "ListDistributions", "DistributionList.Items.ViewerCertificate.MinimumProtocolVersion", content.KindString},
	} {
		op, err := API().Operation(c.service, c.op)
		if err != nil {
			t.Error(err)
			continue
		}
		shape := op.Output
		for name := range strings.SplitSeq(c.path, ".") {
			for shape.Kind == content.KindList {
				shape = shape.Elem
			}
			if shape.Kind == content.KindMap {
				shape = shape.Elem
				continue
			}
			m := shape.Member(name)
			if m == nil {
				t.Fatalf("%s:%s has no %s (of %s)", c.service, c.op, name, c.path)
			}
			shape = m.Shape
		}
		if shape.Kind != c.kind {
			t.Errorf("%s:%s %s is %s, want %s", c.service, c.op, c.path, shape.Kind, c.kind)
		}
	}
}

func TestRequiredMembers(t *testing.T) {
	for _, c := range []struct {
		service, op string
		required    []string
	}{
		{"s3", "GetBucketVersioning", []string{"Bucket"}},
		{"s3", "ListBuckets", nil},
		{"ec2", "DescribeInstanceAttribute", []string{"InstanceId", "Attribute"}},
		{"iam", "GetRolePolicy", []string{"RoleName", "PolicyName"}},
		{"s3control", "GetPublicAccessBlock", []string{"AccountId"}},
		{"wafv2", "ListWebACLs", []string{"Scope"}},
	} {
		op, err := API().Operation(c.service, c.op)
		if err != nil {
			t.Error(err)
			continue
		}
		var got []string
		for _, m := range op.Input.Members {
			if m.Required {
				got = append(got, m.Name)
			}
		}
		slices.Sort(got)
		slices.Sort(c.required)
		if !slices.Equal(got, c.required) {
			t.Errorf("%s:%s requires %q, want %q", c.service, c.op, got, c.required)
		}
	}
}

func TestTokensThatTheClientMakesAreNotRequired(t *testing.T) {
	for _, service := range Names() {
		for _, op := range mustLoad(t, service).Operations {
			if op.Input == nil || op.Refused != "" {
				continue
			}
			for _, m := range op.Input.Target.Members {
				if !m.Merged().Idempotency {
					continue
				}
				got, err := API().Operation(service, op.Name)
				if err != nil || got.Input.Member(m.Name).Required {
					t.Errorf("%s:%s requires %s (%v)", service, op.Name, m.Name, err)
				}
			}
		}
	}
}

func TestRecursiveShapesAreSharedByPointer(t *testing.T) {
	op, err := API().Operation("dynamodb", "GetItem")
	if err != nil {
		t.Fatal(err)
	}
	value := op.Output.Member("Item").Shape.Elem
	if value.Member("M").Shape.Elem != value || value.Member("L").Shape.Elem != value {
		t.Error("an attribute value within an attribute value is another shape")
	}
}

func TestOperationsMayBeAskedForConcurrently(t *testing.T) {
	a := API()
	var wg sync.WaitGroup
	for _, op := range mustLoad(t, "glue").Operations {
		wg.Go(func() {
			if got, err := a.Operation("glue", op.Name); err == nil {
				checkShape(t, "glue", got.Output, map[*content.Shape]bool{})
			}
		})
	}
	wg.Wait()
}

func TestPagers(t *testing.T) {
	for _, c := range []struct {
		service, op string
		want        *content.Pager
	}{
		{"s3", "ListBuckets", &content.Pager{InputTokens: []string{"ContinuationToken"}, OutputTokens: []string{"ContinuationToken"}, LimitKey: "MaxBuckets", LimitMax: 10000, ResultKeys: []string{"Buckets"}}},
		{"ec2", "DescribeInstances", &content.Pager{InputTokens: []string{"NextToken"}, OutputTokens: []string{"NextToken"}, LimitKey: "MaxResults", ResultKeys: []string{"Reservations"}}},
		{"iam", "ListUsers", &content.Pager{InputTokens: []string{"Marker"}, OutputTokens: []string{"Marker"}, MoreResults: "IsTruncated", LimitKey: "MaxItems", LimitMax: 1000, ResultKeys: []string{"Users"}}},
		{"iam", "GetAccountAuthorizationDetails", &content.Pager{
			InputTokens: []string{"Marker"}, OutputTokens: []string{"Marker"}, MoreResults: "IsTruncated", LimitKey: "MaxItems", LimitMax: 1000,
			ResultKeys: []string{"UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"},
		}},
		{"route53", "ListResourceRecordSets", &content.Pager{
			InputTokens:  []string{"StartRecordName", "StartRecordType", "StartRecordIdentifier"},
			OutputTokens: []string{"NextRecordName", "NextRecordType", "NextRecordIdentifier"},
			MoreResults:  "IsTruncated", LimitKey: "MaxItems", ResultKeys: []string{"ResourceRecordSets"},
		}},
		{"cloudfront", "ListDistributions", &content.Pager{
			InputTokens: []string{"Marker"}, OutputTokens: []string{"DistributionList.NextMarker"}, MoreResults: "DistributionList.IsTruncated",
			LimitKey: "MaxItems", ResultKeys: []string{"DistributionList.Items"},
		}},
		{"wafv2", "ListWebACLs", &content.Pager{InputTokens: []string{"NextMarker"}, OutputTokens: []string{"NextMarker"}, LimitKey: "Limit", LimitMax: 100, ResultKeys: []string{"WebACLs"}, Inferred: true}},
		{"firehose", "ListDeliveryStreams", &content.Pager{MoreResults: "HasMoreDeliveryStreams", LimitKey: "Limit", LimitMax: 10000, ResultKeys: []string{"DeliveryStreamNames"}}},
		{"s3", "GetBucketVersioning", nil},
		{"iam", "GetUser", nil},
	} {
		got := mustOperation(t, c.service, c.op).Pager
		if (got == nil) != (c.want == nil) {
			t.Errorf("%s:%s: pager %+v, want %+v", c.service, c.op, got, c.want)
			continue
		}
		if got != nil && !samePager(got, c.want) {
			t.Errorf("%s:%s:\n got %+v\nwant %+v", c.service, c.op, *got, *c.want)
		}
	}
}

func samePager(a, b *content.Pager) bool {
	return slices.Equal(a.InputTokens, b.InputTokens) && slices.Equal(a.OutputTokens, b.OutputTokens) && slices.Equal(a.ResultKeys, b.ResultKeys) &&
		a.MoreResults == b.MoreResults && a.LimitKey == b.LimitKey && a.LimitMax == b.LimitMax && a.Inferred == b.Inferred
}

func TestEveryPagerIsReal(t *testing.T) {
	total, inferred := 0, 0
	for _, service := range Names() {
		s := mustLoad(t, service)
		for _, op := range s.Operations {
			p := op.Pager
			if p == nil {
				continue
			}
			total++
			if p.Inferred {
				inferred++
			}
			if len(p.InputTokens) != len(p.OutputTokens) || len(p.ResultKeys) == 0 || len(p.InputTokens) == 0 && p.MoreResults == "" {
				t.Errorf("%s:%s: %+v", service, op.Name, *p)
			}
			for _, name := range append(slices.Clone(p.InputTokens), p.LimitKey) {
				if name != "" && op.Input.Target.Member(name) == nil {
					t.Errorf("%s:%s: the input has no %s", service, op.Name, name)
				}
			}
			for _, path := range slices.Concat(p.OutputTokens, p.ResultKeys, []string{p.MoreResults}) {
				at := op.Output.Target
				for name := range strings.SplitSeq(path, ".") {
					if path == "" {
						break
					}
					m := at.Member(name)
					if m == nil {
						t.Fatalf("%s:%s: the answer has no %s", service, op.Name, path)
					}
					at = m.Target
				}
			}
		}
	}
	if total < 4000 || inferred < 889 {
		t.Errorf("%d pagers, %d inferred; want at least 4000 and 889", total, inferred)
	}
}
