package measure

import (
	"fmt"

	"github.com/stancehq/stance/internal/content"
)

// api describes as much of two services as the synthetic documents have.
type api struct{}

// Services implements content.API.
func (api) Services() []string { return []string{"ec2", "s3"} }

// Operation implements content.API.
func (api) Operation(service, op string) (*content.Operation, error) {
	output := answers[op]
	if output == nil {
		return nil, fmt.Errorf("%s has no operation %s", service, op)
	}
	return &content.Operation{Service: service, Name: op, Input: object(), Output: output}, nil
}

var (
	text    = &content.Shape{Kind: content.KindString}
	yes     = &content.Shape{Kind: content.KindBoolean}
	number  = &content.Shape{Kind: content.KindInteger}
	instant = &content.Shape{Kind: content.KindTime}
)

func list(s *content.Shape) *content.Shape { return &content.Shape{Kind: content.KindList, Elem: s} }

// object takes names and shapes in turn.
func object(members ...any) *content.Shape {
	s := &content.Shape{Kind: content.KindStruct}
	for i := 0; i < len(members); i += 2 {
		s.Members = append(s.Members, content.Member{Name: members[i].(string), Shape: members[i+1].(*content.Shape)})
	}
	return s
}

var (
	tag   = object("Key", text, "Value", text)
	group = object("GroupId", text, "GroupName", text)

	answers = map[string]*content.Shape{
		"DescribeInstances":   object("Reservations", list(object("Instances", list(instance)))),
		"ListBuckets":         object("Buckets", list(object("Name", text, "CreationDate", instant, "BucketRegion", text))),
		"GetBucketVersioning": object("Status", text, "MFADelete", text),
		"GetBucketPolicy":     object("Policy", text),
		"GetBucketTagging":    object("TagSet", list(tag)),
		"GetPublicAccessBlock": object("PublicAccessBlockConfiguration", object(
			"BlockPublicAcls", yes, "IgnorePublicAcls", yes, "BlockPublicPolicy", yes, "RestrictPublicBuckets", yes,
		)),
	}

	instance = object(
		"InstanceId", text, "ImageId", text, "InstanceType", text, "KeyName", text, "LaunchTime", instant,
		"Monitoring", object("State", text), "Placement", object("AvailabilityZone", text, "GroupName", text, "Tenancy", text),
		"PrivateIpAddress", text, "PublicIpAddress", text, "State", object("Code", number, "Name", text), "SubnetId", text, "VpcId", text,
		"Architecture", text, "EbsOptimized", yes, "IamInstanceProfile", object("Arn", text, "Id", text),
		"BlockDeviceMappings", list(object("DeviceName", text, "Ebs", object(
			"AttachTime", instant, "DeleteOnTermination", yes, "Status", text, "VolumeId", text,
		))),
		"NetworkInterfaces", list(object("NetworkInterfaceId", text, "OwnerId", text, "SourceDestCheck", yes, "Groups", list(group),
			"Association", object("IpOwnerId", text, "PublicIp", text))),
		"SecurityGroups", list(group), "Tags", list(tag),
		"MetadataOptions", object("State", text, "HttpTokens", text, "HttpPutResponseHopLimit", number, "HttpEndpoint", text),
	)
)

func instances() *content.Table {
	return &content.Table{
		Name: "aws_instance", Provider: "aws", Scope: content.ScopeRegion, ID: "arn", NameColumn: "name",
		List: &content.Call{Name: "list", Service: "ec2", Op: "DescribeInstances", Items: "Reservations.Instances"},
		Columns: []*content.Column{
			{Name: "arn", SQL: "'arn:' || partition || ':ec2:' || region || ':' || account_id || ':instance/' || instance_id"},
			{Name: "name", SQL: "coalesce(tags['Name'], instance_id)"},
			{Name: "instance_id", Path: "InstanceId"},
			{Name: "image_id", Path: "ImageId"},
			{Name: "instance_type", Path: "InstanceType"},
			{Name: "key_name", Path: "KeyName"},
			{Name: "launched_at", Path: "LaunchTime"},
			{Name: "monitoring", Path: "Monitoring.State"},
			{Name: "availability_zone", Path: "Placement.AvailabilityZone"},
			{Name: "tenancy", Path: "Placement.Tenancy"},
			{Name: "private_ip", Path: "PrivateIpAddress"},
			{Name: "public_ip", Path: "PublicIpAddress"},
			{Name: "state", Path: "State.Name"},
			{Name: "subnet_id", Path: "SubnetId"},
			{Name: "vpc_id", Path: "VpcId"},
			{Name: "architecture", Path: "Architecture"},
			{Name: "ebs_optimized", Path: "EbsOptimized"},
			{Name: "profile_arn", Path: "IamInstanceProfile.Arn"},
			{Name: "volumes", Path: "BlockDeviceMappings"},
			{Name: "network_interfaces", Path: "NetworkInterfaces"},
			{Name: "security_group_ids", Path: "SecurityGroups.GroupId"},
			{Name: "metadata_tokens", Path: "MetadataOptions.HttpTokens"},
			{Name: "metadata_hops", Path: "MetadataOptions.HttpPutResponseHopLimit"},
			{Name: "tags", Path: "Tags", Type: "tags"},
		},
	}
}

func buckets() *content.Table {
	get := func(name, op string) *content.Call { return &content.Call{Name: name, Service: "s3", Op: op} }
	return &content.Table{
		Name: "aws_s3_bucket", Provider: "aws", Scope: content.ScopeAccount, ID: "arn", NameColumn: "name", Region: "BucketRegion",
		List: &content.Call{Name: "list", Service: "s3", Op: "ListBuckets", Items: "Buckets"},
		Get: []*content.Call{
			get("versioning", "GetBucketVersioning"), get("policy", "GetBucketPolicy"), get("block", "GetPublicAccessBlock"), get("tagging", "GetBucketTagging"),
		},
		Columns: []*content.Column{
			{Name: "arn", SQL: "'arn:' || partition || ':s3:::' || name"},
			{Name: "name", Path: "Name"},
			{Name: "created_at", Path: "CreationDate"},
			{Name: "versioning_status", Path: "versioning.Status"},
			{Name: "policy", Path: "policy.Policy", Type: "iam_policy"},
			{Name: "block_public_policy", Path: "block.PublicAccessBlockConfiguration.BlockPublicPolicy"},
			{Name: "block_public_acls", Path: "block.PublicAccessBlockConfiguration.BlockPublicAcls"},
			{Name: "tags", Path: "tagging.TagSet", Type: "tags"},
		},
	}
}
