data "aws_caller_identity" "here" {}

# pass: aws_logs_resource_policy_not_public, aws_logs_resource_policy_trusted_accounts_only
resource "aws_cloudwatch_log_resource_policy" "dns" {
  policy_name = "dns"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "route53.amazonaws.com" }
      Action    = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource  = "arn:aws:logs:us-east-1:${data.aws_caller_identity.here.account_id}:log-group:/dns/*"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.here.account_id } }
    }]
  })
}

# fail: aws_logs_resource_policy_not_public, aws_logs_resource_policy_trusted_accounts_only
resource "aws_cloudwatch_log_resource_policy" "open" {
  policy_name = "open"
  policy_document = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "logs:PutLogEvents"
      Resource  = "*"
    }]
  })
}

# pass: aws_logs_destination_not_public
resource "aws_cloudwatch_log_destination" "central" {
  name       = "central"
  role_arn   = "arn:aws:iam::111122223333:role/logs"
  target_arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/logs"
}

resource "aws_cloudwatch_log_destination_policy" "central" {
  destination_name = aws_cloudwatch_log_destination.central.name
  access_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "111122223333" }
      Action    = "logs:PutSubscriptionFilter"
      Resource  = aws_cloudwatch_log_destination.central.arn
    }]
  })
}

# fail: aws_logs_destination_not_public
resource "aws_cloudwatch_log_destination" "open" {
  name       = "open"
  role_arn   = "arn:aws:iam::111122223333:role/logs"
  target_arn = "arn:aws:kinesis:eu-west-1:111122223333:stream/logs"
}

resource "aws_cloudwatch_log_destination_policy" "open" {
  destination_name = aws_cloudwatch_log_destination.open.name
  access_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "logs:PutSubscriptionFilter", Resource = "*" }]
  })
}

# pass: aws_logs_subscription_filter_destination_trusted
resource "aws_cloudwatch_log_subscription_filter" "own" {
  name            = "own"
  log_group_name  = "/example/app"
  filter_pattern  = ""
  destination_arn = aws_cloudwatch_log_destination.central.arn
}

# fail: aws_logs_subscription_filter_destination_trusted
resource "aws_cloudwatch_log_subscription_filter" "away" {
  name            = "away"
  log_group_name  = "/example/app"
  filter_pattern  = ""
  destination_arn = "arn:aws:logs:eu-west-1:444455556666:destination:theirs"
}

# fail: aws_logs_account_policy_destination_trusted
resource "aws_cloudwatch_log_account_policy" "away" {
  policy_name = "away"
  policy_type = "SUBSCRIPTION_FILTER_POLICY"
  policy_document = jsonencode({
    DestinationArn = "arn:aws:logs:eu-west-1:444455556666:destination:theirs"
    FilterPattern  = ""
  })
}

# pass: aws_logs_account_policy_destination_trusted
resource "aws_cloudwatch_log_account_policy" "own" {
  policy_name     = "own"
  policy_type     = "SUBSCRIPTION_FILTER_POLICY"
  policy_document = jsonencode({ DestinationArn = aws_cloudwatch_log_destination.central.arn, FilterPattern = "" })
}

# none: aws_logs_account_policy_destination_trusted
resource "aws_cloudwatch_log_account_policy" "mask" {
  policy_name     = "mask"
  policy_type     = "DATA_PROTECTION_POLICY"
  policy_document = jsonencode({ Name = "mask" })
}
