"""Shared helpers of the invented company whose AWS account the tests and the demo scan."""

import json

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"  # moto's own account
HOME = "us-east-1"
SECOND = "eu-west-1"
PARTNER = "444455556666"  # an outside account that some policies admit


class Cloud:
    """Clients of one endpoint, made once."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.clients = {}

    def __call__(self, service, region=HOME):
        key = (service, region)
        if key not in self.clients:
            self.clients[key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                aws_access_key_id="builder",
                aws_secret_access_key="builder",
                config=Config(inject_host_prefix=False, retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self.clients[key]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", principal=None, condition=None):
    return _statement("Allow", action, resource, principal, condition)


def deny(action, resource="*", principal=None, condition=None):
    return _statement("Deny", action, resource, principal, condition)


def _statement(effect, action, resource, principal, condition):
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    if principal is not None:
        statement["Principal"] = principal
    if condition is not None:
        statement["Condition"] = condition
    return statement


def trust(service):
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def tags(**values):
    return [{"Key": k.replace("_", "-"), "Value": v} for k, v in values.items()]
