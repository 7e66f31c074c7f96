# pass: aws_logs_log_group_customer_key, aws_logs_log_group_retention, aws_logs_log_group_retention_bounded
resource "aws_cloudwatch_log_group" "audit" {
  name              = "/example/audit"
  retention_in_days = 400
  kms_key_id        = aws_kms_key.logs.arn
}

resource "aws_kms_key" "logs" {}

# Log events are kept for ever, under the key of the service.
# fail: aws_logs_log_group_customer_key, aws_logs_log_group_retention_bounded
# pass: aws_logs_log_group_retention
resource "aws_cloudwatch_log_group" "plain" {
  name_prefix = "/example/plain-"
}

# fail: aws_logs_log_group_retention
resource "aws_cloudwatch_log_group" "short" {
  name              = "/example/short"
  retention_in_days = 14
}

# fail: aws_logs_log_group_retention_bounded
resource "aws_cloudwatch_log_group" "never" {
  name              = "/example/never"
  retention_in_days = 0
}

# none: aws_logs_log_group_retention, aws_logs_log_group_retention_bounded
resource "aws_cloudwatch_log_group" "delivery" {
  name            = "/example/delivery"
  log_group_class = "DELIVERY"
}

variable "days" {
  type = number
}

# unknown: aws_logs_log_group_retention
resource "aws_cloudwatch_log_group" "variable" {
  name              = "/example/variable"
  retention_in_days = var.days
}
