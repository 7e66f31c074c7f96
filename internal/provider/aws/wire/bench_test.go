package wire

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stancehq/stance/internal/provider/aws/api"
)

func benchmarkDecode(b *testing.B, service, op, body string) {
	o := operation(b, service, op)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Decode(b.Context(), response(200), []byte(body)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeEC2(b *testing.B) {
	var s strings.Builder
	s.WriteString("<DescribeInstancesResponse><reservationSet>")
	for i := range 1000 {
		fmt.Fprintf(&s, `<item><reservationId>r-%017x</reservationId><ownerId>111122223333</ownerId><groupSet/><instancesSet><item>
<instanceId>i-%017x</instanceId><imageId>ami-0123456789abcdef0</imageId><instanceState><code>16</code><name>running</name></instanceState>
<privateDnsName>ip-10-0-0-1.ec2.internal</privateDnsName><dnsName/><reason/><keyName>key</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/>
<instanceType>t3.micro</instanceType><launchTime>2023-11-14T22:13:20.000Z</launchTime><placement><availabilityZone>us-east-1a</availabilityZone><groupName/><tenancy>default</tenancy></placement>
<monitoring><state>disabled</state></monitoring><subnetId>subnet-0123456789abcdef0</subnetId><vpcId>vpc-0123456789abcdef0</vpcId><privateIpAddress>10.0.0.1</privateIpAddress>
<sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-0123456789abcdef0</groupId><groupName>default</groupName></item></groupSet><architecture>x86_64</architecture>
<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-0123456789abcdef0</volumeId><status>attached</status><attachTime>2023-11-14T22:13:21.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>
<virtualizationType>hvm</virtualizationType><tagSet><item><key>Name</key><value>web-%d</value></item><item><key>team</key><value>platform</value></item></tagSet><hypervisor>xen</hypervisor><ebsOptimized>false</ebsOptimized>
<metadataOptions><state>applied</state><httpTokens>required</httpTokens><httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint></metadataOptions></item></instancesSet></item>`, i, i, i)
	}
	s.WriteString("</reservationSet></DescribeInstancesResponse>")
	benchmarkDecode(b, "ec2", "DescribeInstances", s.String())
}

func BenchmarkDecodeJSON(b *testing.B) {
	item := `{"FunctionName":"f","FunctionArn":"arn:aws:lambda:us-east-1:111122223333:function:f","Runtime":"python3.12","Role":"arn:aws:iam::111122223333:role/r","Handler":"x.y","CodeSize":1234,"Description":"","Timeout":3,"MemorySize":128,"LastModified":"2023-11-14T22:13:20.000+0000","CodeSha256":"abc=","Version":"$LATEST","VpcConfig":{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"],"VpcId":"vpc-1","Ipv6AllowedForDualStack":false},"Environment":{"Variables":{"A":"b","C":"d"}},"TracingConfig":{"Mode":"PassThrough"},"PackageType":"Zip","Architectures":["x86_64"],"EphemeralStorage":{"Size":512}}`
	benchmarkDecode(b, "lambda", "ListFunctions", `{"Functions":[`+strings.Repeat(item+",", 999)+item+`]}`)
}

func BenchmarkEncode(b *testing.B) {
	o := operation(b, "ec2", "DescribeInstances")
	input := object{"MaxResults": 1000, "Filters": []any{object{"Name": "vpc-id", "Values": []any{"vpc-1"}}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Encode(b.Context(), input); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrepareEC2(b *testing.B) {
	model, err := api.Load("ec2")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New("ec2", model); err != nil {
			b.Fatal(err)
		}
	}
}
