"""Buckets, file systems, backups, tables."""

import urllib.request

from .cloud import ACCOUNT, HOME, PARTNER, SECOND, allow, deny, policy, tags

BLOCK = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def build(aws):
    buckets(aws)
    files(aws)
    backups(aws)
    tables(aws)


def tls_only(name):
    return deny("s3:*", [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"], "*", {"Bool": {"aws:SecureTransport": "false"}})


def buckets(aws):
    s3 = aws("s3")
    names = ["tidewater-reports", "tidewater-website", "tidewater-trail", "tidewater-access-logs", "tidewater-config", "tidewater-uploads",
             "tidewater-partner-drop", "tidewater-legacy", "tidewater-backups", "tidewater.dotted.name", "tidewater-terraform-state"]
    names += [f"tidewater-team-{n:02d}" for n in range(1, 21)]
    for name in names:
        s3.create_bucket(Bucket=name)
    aws("s3", SECOND).create_bucket(Bucket="tidewater-eu-orders", CreateBucketConfiguration={"LocationConstraint": SECOND})

    for name in ("tidewater-reports", "tidewater-trail", "tidewater-backups", "tidewater-terraform-state"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=BLOCK)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
        s3.put_bucket_policy(Bucket=name, Policy=policy(tls_only(name)))
    s3.put_bucket_encryption(Bucket="tidewater-reports", ServerSideEncryptionConfiguration={
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:{HOME}:{ACCOUNT}:alias/reports"}, "BucketKeyEnabled": True}]})
    s3.put_bucket_versioning(Bucket="tidewater-legacy", VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_policy(Bucket="tidewater-website", Policy=policy(allow("s3:GetObject", "arn:aws:s3:::tidewater-website/*", "*")))
    s3.put_bucket_website(Bucket="tidewater-website", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_bucket_cors(Bucket="tidewater-uploads", CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["PUT", "GET"]}]})
    s3.put_bucket_acl(Bucket="tidewater-legacy", ACL="public-read")
    s3.put_bucket_policy(Bucket="tidewater-partner-drop", Policy=policy(
        allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::tidewater-partner-drop/*", {"AWS": f"arn:aws:iam::{PARTNER}:root"})))
    s3.put_bucket_lifecycle_configuration(Bucket="tidewater-access-logs", LifecycleConfiguration={
        "Rules": [{"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}]})
    s3.put_bucket_acl(Bucket="tidewater-access-logs", ACL="log-delivery-write")
    for name in ("tidewater-trail", "tidewater-reports"):
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "tidewater-access-logs", "TargetPrefix": f"{name}/"}})
    s3.put_bucket_policy(Bucket="tidewater-trail", Policy=policy(
        tls_only("tidewater-trail"),
        allow("s3:PutObject", f"arn:aws:s3:::tidewater-trail/AWSLogs/{ACCOUNT}/*", {"Service": "cloudtrail.amazonaws.com"}),
        allow("s3:GetBucketAcl", "arn:aws:s3:::tidewater-trail", {"Service": "cloudtrail.amazonaws.com"})))
    s3.put_bucket_tagging(Bucket="tidewater-reports", Tagging={"TagSet": tags(team="data", note="quotes \" and 'ticks'")})
    s3.put_bucket_tagging(Bucket="tidewater-uploads", Tagging={"TagSet": tags(team="shop")})
    account_block(aws, {**BLOCK, "BlockPublicPolicy": False, "RestrictPublicBuckets": False, "IgnorePublicAcls": False})


def account_block(aws, settings):
    """By hand, because the SDK puts the account into the host's name, which an address has no room for."""
    body = "".join(f"<{name}>{str(on).lower()}</{name}>" for name, on in settings.items())
    request = urllib.request.Request(
        f"{aws.endpoint}/v20180820/configuration/publicAccessBlock", method="PUT",
        data=f'<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">{body}</PublicAccessBlockConfiguration>'.encode(),
        headers={"Content-Type": "application/xml", "x-amz-account-id": ACCOUNT, "Authorization": f"AWS4-HMAC-SHA256 Credential=builder/20260101/{HOME}/s3/aws4_request, SignedHeaders=host, Signature=0"})
    urllib.request.urlopen(request, timeout=30).read()


def files(aws):
    efs = aws("efs")
    for name, encrypted in (("media", True), ("scratch", False)):
        efs.create_file_system(CreationToken=name, Encrypted=encrypted, Tags=tags(Name=name))


def backups(aws):
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="main")
    backup.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [
        {"RuleName": "daily", "TargetBackupVaultName": "main", "ScheduleExpression": "cron(0 5 ? * * *)", "Lifecycle": {"DeleteAfterDays": 35}}]})


def tables(aws):
    dynamodb = aws("dynamodb")
    for name, options in {
        "orders": {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}, "DeletionProtectionEnabled": True},
        "carts": {},
        "sessions": {},
    }.items():
        dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], **options)
    dynamodb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})

