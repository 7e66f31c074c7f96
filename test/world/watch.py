"""Trails, detectors, keys, alarms: who watches, and where nobody does."""

from .cloud import ACCOUNT, HOME, SECOND, policy, tags


def build(aws):
    keys(aws)
    trails(aws)
    alarms(aws)
    detectors(aws)


def keys(aws):
    kms = aws("kms")
    for alias, rotated, document in [("reports", True, None), ("orders", False, None), ("shared", False, policy(
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}))]:
        options = {"Policy": document} if document else {}
        key = kms.create_key(Description=alias, Tags=[{"TagKey": "team", "TagValue": "platform"}], **options)["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=key)
        if rotated:
            kms.enable_key_rotation(KeyId=key)
    doomed = kms.create_key(Description="doomed")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)


def trails(aws):
    logs = aws("logs")
    logs.create_log_group(logGroupName="/trail/main")
    logs.put_retention_policy(logGroupName="/trail/main", retentionInDays=365)
    logs.create_log_group(logGroupName="/ecs/shop")
    trail = aws("cloudtrail")
    trail.create_trail(Name="main", S3BucketName="tidewater-trail", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True, EnableLogFileValidation=True,
                       CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:/trail/main:*", CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/config")
    trail.put_event_selectors(TrailName="main", EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}])
    trail.start_logging(Name="main")
    aws("s3").create_bucket(Bucket="tidewater-old-trail")
    trail.create_trail(Name="forgotten", S3BucketName="tidewater-old-trail")


def alarms(aws):
    logs, cloudwatch = aws("logs"), aws("cloudwatch")
    topic = f"arn:aws:sns:{HOME}:{ACCOUNT}:alerts"
    for name, pattern, actions in [
        ("root-use", '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }', [topic]),
        ("unauthorized", '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }', []),
    ]:
        logs.put_metric_filter(logGroupName="/trail/main", filterName=name, filterPattern=pattern,
                               metricTransformations=[{"metricName": name, "metricNamespace": "Trail", "metricValue": "1"}])
        cloudwatch.put_metric_alarm(AlarmName=name, MetricName=name, Namespace="Trail", Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1,
                                    ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=actions)


def detectors(aws):
    aws("guardduty").create_detector(Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES")
    aws("securityhub").enable_security_hub(EnableDefaultStandards=False)
    config = aws("config")
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config",
                                                             "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "tidewater-config"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    aws("config", SECOND).put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"})
