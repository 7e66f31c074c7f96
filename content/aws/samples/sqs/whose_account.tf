# Whose account is meant: the provider says its number, and what is looked up by another one may be somebody else's.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

provider "aws" {
  alias = "partner"
  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/deploy"
  }
}

provider "aws" {
  alias   = "somebody"
  profile = "somebody"
}

data "aws_caller_identity" "virginia" {
  provider = aws.virginia
}

data "aws_caller_identity" "partner" {
  provider = aws.partner
}

data "aws_caller_identity" "somebody" {
  provider = aws.somebody
}

# pass: aws_sqs_queue_trusted_accounts_only
resource "aws_sqs_queue" "literal" {
  name   = "literal"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sqs:SendMessage", Resource = "*" }] })
}

# pass: aws_sqs_queue_trusted_accounts_only
resource "aws_sqs_queue" "virginia" {
  name   = "virginia"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.virginia.account_id }, Action = "sqs:SendMessage", Resource = "*" }] })
}

# fail: aws_sqs_queue_trusted_accounts_only
resource "aws_sqs_queue" "partner" {
  name   = "partner"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.partner.account_id }, Action = "sqs:SendMessage", Resource = "*" }] })
}

# unknown: aws_sqs_queue_trusted_accounts_only
resource "aws_sqs_queue" "somebody" {
  name   = "somebody"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = data.aws_caller_identity.somebody.account_id }, Action = "sqs:SendMessage", Resource = "*" }] })
}
