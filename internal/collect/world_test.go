package collect

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/stancehq/stance/internal/collect/collecttest"
	"github.com/stancehq/stance/internal/content"
	"github.com/stancehq/stance/internal/plan"
	"github.com/stancehq/stance/internal/provider"
)

// world is a cloud that uses every word of a call, and its plan: the same at each scan.
func world(size int) (*collecttest.Cloud, *plan.Plan) {
	names := func(prefix string, n int) []doc {
		out := []doc{}
		for i := range n {
			out = append(out, doc{"Name": fmt.Sprintf("%s-%d", prefix, i), "Pad": strings.Repeat("x", 50)})
		}
		return out
	}
	hash := func(s string) int {
		h := 0
		for _, c := range s {
			h = (h*31 + int(c)) % 1000003
		}
		return h
	}
	str := func(q provider.Request, m string) string { return fmt.Sprint(q.Input[m]) }
	var reports atomic.Int64
	cloud := &collecttest.Cloud{Ops: map[string]*collecttest.Op{
		"s3:ListBuckets": {Items: "Buckets", Serve: func(provider.Request) (any, error) {
			list := names("bucket", size)
			for i, b := range list {
				b["Region"] = []string{"eu-west-1", "us-east-1", "ap-south-1"}[i%3]
			}
			return doc{"Buckets": list}, nil
		}},
		"s3:GetPolicy": {Serve: func(q provider.Request) (any, error) {
			switch n := str(q, "Bucket"); hash(n) % 5 {
			case 0:
				return nil, &provider.Error{Class: provider.Broken, Call: "s3:GetPolicy", Code: "NoSuchBucketPolicy", Status: 404}
			case 1:
				return nil, denied("s3:GetPolicy")
			default:
				return doc{"Policy": "of " + n + " in " + q.Scope.Region}, nil
			}
		}},
		"s3:GetTags": {Serve: func(q provider.Request) (any, error) {
			return doc{"Tags": []doc{{"Key": "n", "Value": str(q, "Bucket")}}}, nil
		}},
		"iam:All": {Serve: func(provider.Request) (any, error) {
			return doc{"Users": names("user", size), "Roles": names("role", size)}, nil
		}},
		"iam:ListKeys": {Items: "Keys", Serve: func(q provider.Request) (any, error) {
			return doc{"Keys": names("key-of-"+str(q, "User"), hash(str(q, "User"))%3)}, nil
		}},
		"iam:KeyUse":      {Serve: func(q provider.Request) (any, error) { return doc{"Use": str(q, "Key")}, nil }},
		"iam:ListKeyTags": {Items: "Tags", Serve: func(q provider.Request) (any, error) { return doc{"Tags": []string{"t1", str(q, "Key")}}, nil }},
		"iam:Generate": {Serve: func(provider.Request) (any, error) {
			if reports.Add(1)%2 == 1 {
				return doc{"State": "STARTED"}, nil
			}
			return doc{"State": "COMPLETE"}, nil
		}},
		"iam:Report": serve(doc{"Content": "dXNlcixtZmEKYWxpY2UsdHJ1ZQpib2IsZmFsc2UK"}),
		"ecs:ListServices": {Items: "Arns", Serve: func(q provider.Request) (any, error) {
			var arns []string
			for i := range size {
				arns = append(arns, fmt.Sprintf("arn:%s:%d", q.Scope.Region, i))
			}
			return doc{"Arns": arns}, nil
		}},
		"ecs:Describe": withList(&collecttest.Op{Serve: func(q provider.Request) (any, error) {
			var out []doc
			for _, n := range q.Input["Arns"].([]any) {
				if hash(n.(string))%7 != 0 {
					out = append(out, doc{"Arn": n, "Status": "ACTIVE"})
				}
			}
			return doc{"Services": out}, nil
		}}, "Arns"),
		"waf:List": {Items: "Acls", Serve: func(q provider.Request) (any, error) {
			return doc{"Acls": names(strings.ToLower(str(q, "Scope")), 3)}, nil
		}},
	}}
	policy := callOf("policy", "s3:GetPolicy", "", "Bucket=Name")
	policy.Absent = []string{"NoSuchBucketPolicy"}
	tags := callOf("tags", "s3:GetTags", "Tags", "Bucket=Name")
	tags.When = []content.Condition{{Path: "policy.Policy"}}
	bucket := tableOf("bucket", content.ScopeAccount, callOf("", "s3:ListBuckets", "Buckets"), policy, tags)
	bucket.Region = "Region"
	keys := callOf("", "iam:ListKeys", "Keys", "User=Name")
	keys.For = "user"
	keyTags := callOf("", "iam:ListKeyTags", "Tags", "Key={use.Use}", "User=parent.Name")
	keyTags.For = "key"
	keyTag := tableOf("key_tag", content.ScopeAccount, keyTags)
	keyTag.Columns = []*content.Column{{Name: "u", Path: "parent.parent.Name"}, {Name: "i", Path: "input.User"}}
	report := callOf("", "iam:Report", "Content")
	report.As = "csv"
	report.First = &content.First{Service: "iam", Op: "Generate", UntilPath: "State", UntilValues: []string{"COMPLETE"}}
	describe := callOf("detail", "ecs:Describe", "Services", "Arns=value")
	describe.Batch, describe.Key = 10, "Arn"
	acl := callOf("", "waf:List", "Acls")
	acl.Each = []content.EachInput{{Member: "Scope", Values: []any{"REGIONAL", "CLOUDFRONT"}}}
	return cloud, planOf(
		bucket,
		tableOf("user", content.ScopeAccount, callOf("", "iam:All", "Users")),
		tableOf("role", content.ScopeAccount, callOf("", "iam:All", "Roles")),
		tableOf("key", content.ScopeAccount, keys, callOf("use", "iam:KeyUse", "", "Key=Name")),
		keyTag,
		tableOf("report", content.ScopeAccount, report),
		tableOf("service", content.ScopeRegion, callOf("", "ecs:ListServices", "Arns"), describe),
		tableOf("acl", content.ScopeRegion, acl),
	)
}

var worldRegions = []string{"ap-south-1", "eu-west-1", "us-east-1"}
