# pass: aws_config_recorder_all_types, aws_config_recorder_service_role
resource "aws_config_configuration_recorder" "all" {
  role_arn = aws_iam_service_linked_role.config.arn
  recording_group {
    include_global_resource_types = true
  }
}

resource "aws_iam_service_linked_role" "config" {
  aws_service_name = "config.amazonaws.com"
}

# fail: aws_config_recorder_all_types, aws_config_recorder_service_role
resource "aws_config_configuration_recorder" "some" {
  name     = "some"
  role_arn = "arn:aws:iam::111122223333:role/recorder"
  recording_group {
    all_supported  = false
    resource_types = ["AWS::EC2::Instance"]
  }
}

# fail: aws_config_recorder_all_types
resource "aws_config_configuration_recorder" "but" {
  name     = "but"
  role_arn = "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
  recording_group {
    all_supported = false
    exclusion_by_resource_types {
      resource_types = ["AWS::EC2::NetworkInterface"]
    }
    recording_strategy {
      use_only = "EXCLUSION_BY_RESOURCE_TYPES"
    }
  }
}

# pass: aws_config_aggregator_trusted_accounts_only
resource "aws_config_configuration_aggregator" "own" {
  name = "own"
  account_aggregation_source {
    account_ids = [data.aws_caller_identity.here.account_id]
    all_regions = true
  }
}

data "aws_caller_identity" "here" {}

# fail: aws_config_aggregator_trusted_accounts_only
resource "aws_config_configuration_aggregator" "theirs" {
  name = "theirs"
  account_aggregation_source {
    account_ids = ["444455556666"]
    regions     = ["eu-west-1"]
  }
}

# none: aws_config_aggregator_trusted_accounts_only
resource "aws_config_configuration_aggregator" "organization" {
  name = "organization"
  organization_aggregation_source {
    all_regions = true
    role_arn    = "arn:aws:iam::111122223333:role/aggregator"
  }
}

# fail: aws_config_aggregation_authorization_trusted
resource "aws_config_aggregate_authorization" "theirs" {
  account_id            = "444455556666"
  authorized_aws_region = "eu-west-1"
}

# pass: aws_config_aggregation_authorization_trusted
resource "aws_config_aggregate_authorization" "own" {
  account_id            = data.aws_caller_identity.here.account_id
  authorized_aws_region = "eu-west-1"
}
