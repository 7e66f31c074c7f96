package api

import (
	"slices"
	"strings"
	"testing"
)

func TestPermissionsOfOperations(t *testing.T) {
	for _, c := range []struct {
		service, op string
		want        []string
	}{
		{"s3", "ListBuckets", []string{"s3:ListAllMyBuckets"}},
		{"s3", "GetBucketVersioning", []string{"s3:GetBucketVersioning"}},
		{"s3", "GetBucketEncryption", []string{"s3:GetEncryptionConfiguration"}},
		{"s3", "GetBucketLifecycleConfiguration", []string{"s3:GetLifecycleConfiguration"}},
		{"s3", "GetBucketReplication", []string{"s3:GetReplicationConfiguration"}},
		{"s3", "GetPublicAccessBlock", []string{"s3:GetBucketPublicAccessBlock"}},
		{"s3", "GetObjectLockConfiguration", []string{"s3:GetBucketObjectLockConfiguration"}},
		{"s3", "GetBucketCors", []string{"s3:GetBucketCORS"}}, // AWS's spelling
		{"s3", "GetBucketNotificationConfiguration", []string{"s3:GetBucketNotification"}},
		{"s3control", "GetPublicAccessBlock", []string{"s3:GetAccountPublicAccessBlock"}},
		{"s3control", "ListAccessPoints", []string{"s3:ListAccessPoints"}},
		{"ec2", "DescribeInstances", []string{"ec2:DescribeInstances"}},
		{"elbv2", "DescribeLoadBalancers", []string{"elasticloadbalancing:DescribeLoadBalancers"}},
		{"cloudwatch", "DescribeAlarms", []string{"cloudwatch:DescribeAlarms"}}, // signs as monitoring
		{"opensearch", "DescribeDomains", []string{"es:DescribeDomains"}},
		{"efs", "DescribeFileSystems", []string{"elasticfilesystem:DescribeFileSystems"}},
		{"apigateway", "GetRestApis", []string{"apigateway:GET"}},
		{"apigatewayv2", "GetApis", []string{"apigateway:GET"}},
		{"stepfunctions", "ListStateMachines", []string{"states:ListStateMachines"}},
		{"accessanalyzer", "ListFindingsV2", []string{"access-analyzer:ListFindings"}},
		{"resourcegroupstaggingapi", "GetResources", []string{"tag:GetResources"}},
		{"sts", "GetCallerIdentity", []string{}},
	} {
		if got := mustOperation(t, c.service, c.op).Permissions; !slices.Equal(got, c.want) {
			t.Errorf("%s:%s needs %q, want %q", c.service, c.op, got, c.want)
		}
	}
}

func TestEveryPermissionIsAnIAMActionOrSaidToBeUnverified(t *testing.T) {
	actions, err := IAMActions()
	if err != nil {
		t.Fatal(err)
	}
	unverified := 0
	for _, service := range Names() {
		for _, op := range mustLoad(t, service).Operations {
			if op.Unverified {
				unverified++
				continue
			}
			for _, action := range op.Permissions {
				if _, err := actions.Level(action); err != nil {
					t.Errorf("%s:%s: %v", service, op.Name, err)
				}
			}
		}
	}
	if unverified > 75 {
		t.Errorf("%d operations have an unverified action, want at most 75", unverified)
	}
}

// A scan's policy must not be able to change anything. Some reads are filed as writes by AWS; each is here, so that a new one
// is looked at.
func TestPermissionsThatAWSFilesAsWritesAreKnown(t *testing.T) {
	actions, err := IAMActions()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, service := range Names() {
		for _, op := range mustLoad(t, service).Operations {
			if op.Unverified || op.Refused != "" {
				continue
			}
			for _, action := range op.Permissions {
				level, err := actions.Level(action)
				if err == nil && level != "Read" && level != "List" {
					got[action] = true
				}
			}
		}
	}
	for action := range got {
		if !filedAsWrites[action] {
			t.Errorf("%s is filed as a write", action)
		}
	}
	for action := range filedAsWrites {
		if !got[action] {
			t.Errorf("%s is no longer filed as a write, or no longer needed", action)
		}
	}
}

func TestLevel(t *testing.T) {
	actions, err := IAMActions()
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]string{
		"s3:GetObject": "Read", "S3:getobject": "Read", "s3:ListAllMyBuckets": "List", "iam:CreateUser": "Write",
	} {
		if got, err := actions.Level(action); err != nil || got != want {
			t.Errorf("Level(%s) = %q, %v; want %q", action, got, err, want)
		}
	}
	if _, err := actions.Level("s3:ListBuckets"); err == nil || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("s3:ListBuckets: %v", err)
	}
	if _, err := actions.Level("nothing"); err == nil {
		t.Error("a text without a colon is an action")
	}
}

// filedAsWrites are reads by their documentation and their name.
var filedAsWrites = map[string]bool{
	"appfabric:BatchGetUserAccessTasks":          true,
	"bcm-pricing-calculator:ListTagsForResource": true,
	"billing:GetResourcePolicy":                  true,
	"glue:DescribeConnectionType":                true,
	"glue:DescribeEntity":                        true,
	"glue:ListConnectionTypes":                   true,
	"glue:ListEntities":                          true,
	"quicksight:DescribeTopicPermissions":        true,
	"route53globalresolver:ListTagsForResource":  true,
	"secretsmanager:ValidateResourcePolicy":      true,
	"ssm-sap:GetResourcePermission":              true,
	"sts:DecodeAuthorizationMessage":             true,
}
