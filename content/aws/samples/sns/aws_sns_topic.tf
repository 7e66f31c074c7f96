data "aws_caller_identity" "here" {}

# pass: aws_sns_topic_encrypted, aws_sns_topic_not_public, aws_sns_topic_tls_only, aws_sns_topic_trusted_accounts_only, aws_sns_topic_delivery_logged
resource "aws_sns_topic" "orders" {
  name                             = "orders"
  kms_master_key_id                = "alias/aws/sns"
  lambda_failure_feedback_role_arn = "arn:aws:iam::111122223333:role/feedback"
}

resource "aws_sns_topic_policy" "orders" {
  arn    = aws_sns_topic.orders.arn
  policy = data.aws_iam_policy_document.orders.json
}

data "aws_iam_policy_document" "orders" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.orders.arn]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.here.account_id}:role/shop"]
    }
  }
  statement {
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.orders.arn]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# SNS's own policy lets in the account alone.
# fail: aws_sns_topic_encrypted, aws_sns_topic_tls_only, aws_sns_topic_delivery_logged
# pass: aws_sns_topic_not_public, aws_sns_topic_trusted_accounts_only
resource "aws_sns_topic" "plain" {}

# fail: aws_sns_topic_not_public, aws_sns_topic_trusted_accounts_only
resource "aws_sns_topic" "open" {
  name = "open"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "sns:Publish"
      Resource  = "*"
    }]
  })
}

# A bucket may tell it, and nobody else.
# pass: aws_sns_topic_not_public, aws_sns_topic_trusted_accounts_only
resource "aws_sns_topic" "uploads" {
  name = "uploads"
}

resource "aws_s3_bucket" "uploads" {}

resource "aws_sns_topic_policy" "uploads" {
  arn = aws_sns_topic.uploads.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.uploads.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_s3_bucket.uploads.arn } }
    }]
  })
}

variable "policy" {
  type = string
}

# unknown: aws_sns_topic_not_public
resource "aws_sns_topic" "variable" {
  name   = "variable"
  policy = var.policy
}

# pass: aws_sns_subscription_https
# fail: aws_sns_subscription_endpoint_trusted
resource "aws_sns_topic_subscription" "theirs" {
  topic_arn = aws_sns_topic.orders.arn
  protocol  = "sqs"
  endpoint  = "arn:aws:sqs:eu-west-1:444455556666:theirs"
}

# pass: aws_sns_subscription_endpoint_trusted
resource "aws_sns_topic_subscription" "own" {
  topic_arn = aws_sns_topic.orders.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.orders.arn
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

# fail: aws_sns_subscription_https
resource "aws_sns_topic_subscription" "clear" {
  topic_arn = aws_sns_topic.orders.arn
  protocol  = "http"
  endpoint  = "http://shop.example.com/orders"
}
