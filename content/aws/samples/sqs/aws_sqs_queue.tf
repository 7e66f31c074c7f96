data "aws_caller_identity" "here" {}

# pass: aws_sqs_queue_encrypted, aws_sqs_queue_not_public, aws_sqs_queue_tls_only, aws_sqs_queue_trusted_accounts_only, aws_sqs_queue_dead_letter
resource "aws_sqs_queue" "orders" {
  name              = "orders"
  kms_master_key_id = "alias/orders"
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 5
  })
}

# Others send here what they cannot work off.
# none: aws_sqs_queue_dead_letter
# pass: aws_sqs_queue_encrypted
# fail: aws_sqs_queue_tls_only
resource "aws_sqs_queue" "failed" {}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = data.aws_caller_identity.here.account_id }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.orders.arn
      },
      {
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.orders.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# fail: aws_sqs_queue_encrypted, aws_sqs_queue_not_public, aws_sqs_queue_trusted_accounts_only, aws_sqs_queue_dead_letter
resource "aws_sqs_queue" "open" {
  name                    = "open"
  sqs_managed_sse_enabled = false
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:*", Resource = "*" }]
  })
}

# One topic may send to it.
# pass: aws_sqs_queue_not_public, aws_sqs_queue_trusted_accounts_only, aws_sqs_queue_dead_letter
resource "aws_sqs_queue" "told" {
  name = "told"
}

resource "aws_sqs_queue_redrive_policy" "told" {
  queue_url = aws_sqs_queue.told.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sns_topic" "told" {}

resource "aws_sqs_queue_policy" "told" {
  queue_url = aws_sqs_queue.told.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.told.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.told.arn } }
    }]
  })
}

variable "sse" {
  type = bool
}

# unknown: aws_sqs_queue_encrypted
resource "aws_sqs_queue" "variable" {
  name                    = "variable"
  sqs_managed_sse_enabled = var.sse
}
