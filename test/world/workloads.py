"""Functions, containers, databases, queues, web fronts."""

import io
import zipfile

from .cloud import ACCOUNT, HOME, PARTNER, SECOND, allow, policy, tags


def build(aws):
    functions(aws)
    containers(aws)
    databases(aws)
    queues(aws)
    fronts(aws)


def archive():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as z:
        z.writestr(zipfile.ZipInfo("handler.py", (2026, 1, 1, 0, 0, 0)), "def handler(event, context):\n    return {}\n")
    return data.getvalue()


def functions(aws):
    client = aws("lambda")
    for name, runtime, environment in [("orders", "python3.12", {"STAGE": "production"}), ("invoices", "nodejs20.x", {}),
                                       ("resize", "python3.7", {"API_KEY": "sk-not-a-real-key-0123456789"}), ("webhook", "python3.12", {})]:
        client.create_function(FunctionName=name, Runtime=runtime, Role=f"arn:aws:iam::{ACCOUNT}:role/lambda-orders", Handler="handler.handler",
                               Code={"ZipFile": archive()}, Environment={"Variables": environment}, TracingConfig={"Mode": "Active" if name == "orders" else "PassThrough"})
    client.add_permission(FunctionName="webhook", StatementId="public", Action="lambda:InvokeFunction", Principal="*")
    client.create_function_url_config(FunctionName="webhook", AuthType="NONE")


def containers(aws):
    ecr = aws("ecr")
    for name, scan, immutable in (("shop", True, True), ("tools", False, False)):
        ecr.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": scan}, imageTagMutability="IMMUTABLE" if immutable else "MUTABLE")
    ecr.set_repository_policy(repositoryName="tools", policyText=policy({"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}))
    ecs = aws("ecs")
    ecs.create_cluster(clusterName="shop", settings=[{"name": "containerInsights", "value": "enabled"}])
    ecs.create_cluster(clusterName="batch")
    for family, privileged, user in (("shop", False, "1000"), ("agent", True, "root")):
        ecs.register_task_definition(family=family, networkMode="awsvpc", taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/shop-task", containerDefinitions=[{
            "name": family, "image": f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com/{family}:1", "memory": 256, "privileged": privileged, "user": user,
            "readonlyRootFilesystem": not privileged, "environment": [{"name": "DB_PASSWORD", "value": "not-a-real-password"}] if privileged else [],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/shop", "awslogs-region": HOME, "awslogs-stream-prefix": "s"}}}])
    eks = aws("eks")
    subnets = [s["SubnetId"] for s in aws("ec2").describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.20.*"]}])["Subnets"]][:2]
    eks.create_cluster(name="platform", version="1.29", roleArn=f"arn:aws:iam::{ACCOUNT}:role/shop-task", resourcesVpcConfig={
        "subnetIds": subnets, "endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]})


def databases(aws):
    rds = aws("rds")
    for name, engine, options in [
        ("orders", "postgres", {"StorageEncrypted": True, "MultiAZ": True, "DeletionProtection": True, "BackupRetentionPeriod": 14, "AutoMinorVersionUpgrade": True, "EnableIAMDatabaseAuthentication": True}),
        ("reporting", "mysql", {"StorageEncrypted": False, "PubliclyAccessible": True, "BackupRetentionPeriod": 0, "AutoMinorVersionUpgrade": False}),
        ("legacy", "postgres", {"StorageEncrypted": False, "BackupRetentionPeriod": 1}),
    ]:
        rds.create_db_instance(DBInstanceIdentifier=name, DBInstanceClass="db.t3.small", Engine=engine, AllocatedStorage=20, MasterUsername="admin" if engine == "mysql" else "shop",
                               MasterUserPassword="not-a-real-password", Tags=tags(team="data"), **options)
    snapshot = "legacy-before-upgrade"
    rds.create_db_snapshot(DBInstanceIdentifier="legacy", DBSnapshotIdentifier=snapshot)
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=snapshot, AttributeName="restore", ValuesToAdd=["all"])
    rds.create_db_cluster(DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="shop", MasterUserPassword="not-a-real-password", StorageEncrypted=True, DeletionProtection=False)
    aws("redshift").create_cluster(ClusterIdentifier="warehouse", NodeType="ra3.xlplus", MasterUsername="shop", MasterUserPassword="Not-a-real-password1", Encrypted=False, PubliclyAccessible=True)
    aws("elasticache").create_replication_group(ReplicationGroupId="sessions", ReplicationGroupDescription="sessions", Engine="redis", CacheNodeType="cache.t3.micro", AtRestEncryptionEnabled=False, TransitEncryptionEnabled=True)
    aws("opensearch").create_domain(DomainName="search", EngineVersion="OpenSearch_2.11", EncryptionAtRestOptions={"Enabled": False}, NodeToNodeEncryptionOptions={"Enabled": True},
                                    AccessPolicies=policy(allow("es:*", "*", {"AWS": "*"})))


def queues(aws):
    sqs, sns = aws("sqs"), aws("sns")
    for name in ("orders", "orders-dead", "public-inbox", "partner-inbox"):
        sqs.create_queue(QueueName=name, Attributes={"SqsManagedSseEnabled": "true" if name.startswith("orders") else "false"})
    url = f"{aws.endpoint}/{ACCOUNT}/"
    arn = f"arn:aws:sqs:{HOME}:{ACCOUNT}:"
    sqs.set_queue_attributes(QueueUrl=url + "public-inbox", Attributes={"Policy": policy(allow("sqs:SendMessage", arn + "public-inbox", "*"))})
    sqs.set_queue_attributes(QueueUrl=url + "partner-inbox", Attributes={"Policy": policy(allow("sqs:SendMessage", arn + "partner-inbox", {"AWS": PARTNER}))})
    for name in ("alerts", "shipping", "public"):
        topic = sns.create_topic(Name=name)["TopicArn"]
        if name == "public":
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(allow("sns:Publish", topic, {"AWS": "*"})))
        if name == "alerts":
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="security@tidewater.example")
            sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/aws/sns")
    for region in (HOME, SECOND):
        aws("ssm", region).put_parameter(Name="/shop/log-level", Value="info", Type="String")
    aws("ssm").put_parameter(Name="/shop/db-password", Value="not-a-real-password", Type="String")
    secrets = aws("secretsmanager")
    for name in ("shop/database", "shop/stripe"):
        secrets.create_secret(Name=name, SecretString="not-a-real-secret", Tags=tags(team="shop"))


def fronts(aws):
    cloudfront = aws("cloudfront")
    for reference, policy_name in (("shop", "redirect-to-https"), ("old", "allow-all")):
        cloudfront.create_distribution(DistributionConfig={
            "CallerReference": reference, "Comment": reference, "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{"Id": "site", "DomainName": "tidewater-website.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}]},
            "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": policy_name, "TrustedSigners": {"Enabled": False, "Quantity": 0},
                                     "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "MinTTL": 0}})
    route53 = aws("route53")
    zone = route53.create_hosted_zone(Name="tidewater.example.", CallerReference="zone")["HostedZone"]["Id"]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": "shop.tidewater.example.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "198.51.100.7"}]}}]})
    gateway = aws("apigateway")
    api = gateway.create_rest_api(name="orders", endpointConfiguration={"types": ["EDGE"]})["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="HTTP", integrationHttpMethod="GET", uri="https://example.com")
    gateway.create_deployment(restApiId=api, stageName="live")
