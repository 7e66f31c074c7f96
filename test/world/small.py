"""One of everything that a permission can be tried on, and users who lack one permission each:

python -m world.small http://127.0.0.1:5000 ACTION...  prints {action: [key id, secret]}; under "" the user who lacks none.
"""

import json
import sys
import urllib.request

from .cloud import ACCOUNT, Cloud, allow, policy, tags, trust


def small(aws):
    s3 = aws("s3")
    for name in ("small-data", "small-logs"):
        s3.create_bucket(Bucket=name)
        s3.put_bucket_policy(Bucket=name, Policy=policy(allow("s3:GetObject", f"arn:aws:s3:::{name}/*", {"AWS": ACCOUNT})))
    s3.put_bucket_acl(Bucket="small-logs", ACL="log-delivery-write")
    s3.put_bucket_logging(Bucket="small-data", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "small-logs", "TargetPrefix": "data/"}})
    iam = aws("iam")
    iam.update_account_password_policy(MinimumPasswordLength=10)
    iam.create_role(RoleName="small", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.create_saml_provider(Name="small", SAMLMetadataDocument="x" * 1200)
    iam.create_open_id_connect_provider(Url="https://id.example.com", ClientIDList=["x"], ThumbprintList=["a" * 40])
    ec2 = aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    instance = ec2.run_instances(ImageId="ami-0c1de55b1a5e00001", MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
    ec2.create_image(InstanceId=instance, Name="small")
    ec2.create_snapshot(VolumeId=ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"])
    ec2.create_launch_template(LaunchTemplateName="small", LaunchTemplateData={"ImageId": "ami-0c1de55b1a5e00001"})
    ec2.allocate_address(Domain="vpc")
    key = aws("kms").create_key(Description="small")["KeyMetadata"]["KeyId"]
    aws("kms").create_alias(AliasName="alias/small", TargetKeyId=key)
    aws("dynamodb").create_table(TableName="small", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                                 AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    aws("logs").create_log_group(logGroupName="/small")
    aws("secretsmanager").create_secret(Name="small", SecretString="not-a-real-secret", Tags=tags(team="small"))
    aws("ssm").put_parameter(Name="/small/password", Value="not-a-real-password", Type="String")
    aws("cloudtrail").create_trail(Name="small", S3BucketName="small-logs")
    aws("ecr").create_repository(repositoryName="small")
    aws("ecs").create_cluster(clusterName="small")
    aws("ecs").register_task_definition(family="small", containerDefinitions=[{"name": "small", "image": "small", "memory": 64}])


def users(aws, actions):
    iam, keys = aws("iam"), {}
    for n, lacking in enumerate(["", *actions]):
        name = f"reader-{n}"
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="read", PolicyDocument=policy(allow([a for a in actions if a != lacking])))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        keys[lacking] = [key["AccessKeyId"], key["SecretAccessKey"]]
    return keys


if __name__ == "__main__":
    cloud = Cloud(sys.argv[1])
    small(cloud)
    made = users(cloud, sys.argv[2:])
    urllib.request.urlopen(urllib.request.Request(f"{cloud.endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"), timeout=30).read()
    print(json.dumps(made))
