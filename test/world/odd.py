"""The invented company, and beside it resources that hide what they are or have names that break quoting. For tests, not
for the demo: python -m world.odd http://127.0.0.1:5000
"""

import sys

from .build import build
from .cloud import ACCOUNT, Cloud, allow, deny, policy, tags
from .network import WORLD, WORLD6, rule

# What a terminal, a CSV file, a Markdown table and a shell each trip over.
NAME = "it's a \"test\" | <b>🐳</b>, second line:\n\t-- `drop`; $(no) \\ =1+1"


def odd(aws):
    groups(aws("ec2"))
    disks(aws("ec2"))
    buckets(aws("s3"))
    roles(aws("iam"))
    aws("cloudwatch").put_metric_alarm(
        AlarmName="⏰ 'late' \"orders\", really", MetricName="late", Namespace="Shop", Statistic="Sum", Period=300,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold")
    aws("sqs").create_queue(QueueName="odd-tags", Attributes={"SqsManagedSseEnabled": "true"}, tags={"näme 🦀": NAME, "empty": ""})


def groups(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags(Name="odd")}])["Vpc"]["VpcId"]
    entries = ec2.create_managed_prefix_list(PrefixListName="everyone", MaxEntries=2, AddressFamily="IPv4",
                                             Entries=[{"Cidr": "0.0.0.0/0", "Description": "the internet by another name"}])["PrefixList"]["PrefixListId"]
    halves = [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]
    by_list = rule("tcp", 22, 22)
    by_list["PrefixListIds"] = [{"PrefixListId": entries}]
    for name, permissions in {
        "o'hara \"ssh\" 🚪": [rule("tcp", 22, 22, WORLD)],
        "around-22": [rule("tcp", 20, 25, WORLD)],
        "six-everything": [rule("-1", None, None, v6=WORLD6)],
        "all-tcp": [rule("tcp", 0, 65535, WORLD)],
        "halves": [rule("tcp", 22, 22, halves)],
        "by-list": [by_list],
        "private-only": [rule("-1", None, None, [{"CidrIp": "10.0.0.0/8"}])],
    }.items():
        group = ec2.create_security_group(GroupName=name, Description="odd", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)


def disks(ec2):
    ec2.create_volume(AvailabilityZone="us-east-1b", Size=1, Encrypted=False,
                      TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": NAME}]}])


def buckets(s3):
    for name, documents in {
        "tidewater-odd-any-address": [allow("s3:GetObject", "arn:aws:s3:::tidewater-odd-any-address/*", "*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}})],
        "tidewater-odd-in-a-list": [allow("s3:PutObject", "arn:aws:s3:::tidewater-odd-in-a-list/*", {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "*"]})],
        "tidewater-odd-own-org": [allow("s3:GetObject", "arn:aws:s3:::tidewater-odd-own-org/*", "*", {"StringEquals": {"aws:PrincipalOrgID": "o-tidewater1"}})],
        "tidewater-odd-tls-objects": [deny("s3:*", "arn:aws:s3:::tidewater-odd-tls-objects/*", "*", {"Bool": {"aws:SecureTransport": "false"}})],
        "tidewater-odd-tls-bool": [deny(["s3:*"], ["arn:aws:s3:::tidewater-odd-tls-bool", "arn:aws:s3:::tidewater-odd-tls-bool/*"], {"AWS": "*"},
                                        {"Bool": {"AWS:securetransport": [False]}})],
    }.items():
        s3.create_bucket(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=policy(*documents))


def roles(iam):
    iam.create_role(RoleName="odd+name=,.@-_role", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-tidewater1"}}}))
    iam.put_role_policy(RoleName="odd+name=,.@-_role", PolicyName="all-but-one", PolicyDocument=policy(
        {"Effect": "Allow", "NotAction": "aws-portal:ViewBilling", "Resource": "*"}))


if __name__ == "__main__":
    build(sys.argv[1])
    odd(Cloud(sys.argv[1]))
