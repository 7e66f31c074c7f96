package wire

import (
	"encoding/json"
	"testing"
)

// Whatever a service sends, reading it ends, does not panic, and what is written is JSON.
func fuzz(f *testing.F, operations [][2]string, seeds ...string) {
	prepared := make([]*Operation, len(operations))
	for i, o := range operations {
		prepared[i] = operation(f, o[0], o[1])
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range prepared {
			doc, err := op.Decode(t.Context(), response(200, "X-Amz-Bucket-Region", string(body)), body)
			if err == nil && !json.Valid(doc) {
				t.Errorf("%s: not JSON: %s", op.Call(), doc)
			}
			op.Fault(t.Context(), response(500), body)
		}
	})
}

func FuzzDecodeJSON(f *testing.F) {
	fuzz(f, [][2]string{{"dynamodb", "DescribeTable"}, {"dynamodb", "GetItem"}, {"apigateway", "GetRestApis"}, {"bedrock-agent", "GetPrompt"}},
		`{"Table":{"CreationDateTime":1700000000.123,"ItemCount":9007199254740993,"KeySchema":[null]}}`, `{"item":[{"tags":{"a":"b","c":null}}]}`,
		`{"Item":{"a":{"M":{"b":{"NULL":true}}}}}`, `[1e400]`, `"x"`)
}

func FuzzDecodeXML(f *testing.F) {
	fuzz(f, [][2]string{{"s3", "GetBucketAcl"}, {"s3", "GetBucketCors"}, {"s3", "GetBucketLocation"}, {"s3", "GetBucketLifecycleConfiguration"}, {"cloudfront", "GetDistributionConfig"}},
		`<AccessControlPolicy><AccessControlList><Grant><Grantee xsi:type="Group"/></Grant></AccessControlList></AccessControlPolicy>`,
		`<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>`, `<LocationConstraint>&lt;EU</LocationConstraint>`,
		`<a><b></a></b>`, `<?xml version="1.0" encoding="latin1"?><a/>`)
}

func FuzzDecodeQuery(f *testing.F) {
	fuzz(f, [][2]string{{"iam", "ListUsers"}, {"iam", "GetAccountSummary"}, {"ec2", "DescribeInstances"}, {"ec2", "GetConsoleOutput"}},
		iamHead+`<Users><member><CreateDate>x</CreateDate></member></Users>`+iamTail,
		`<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>`,
		`<DescribeInstancesResponse><reservationSet><item><instancesSet><item><launchTime>1</launchTime></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`)
}
