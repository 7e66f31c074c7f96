data "aws_caller_identity" "here" {}

# pass: aws_kms_key_rotation, aws_kms_key_rotation_period, aws_kms_key_in_use, aws_kms_key_single_region
# pass: aws_kms_key_policy_not_public, aws_kms_key_policy_trusted_accounts_only
resource "aws_kms_key" "data" {
  description             = "data"
  enable_key_rotation     = true
  rotation_period_in_days = 180
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "data" {
  name          = "alias/data"
  target_key_id = aws_kms_key.data.key_id
}

# KMS does not rotate by itself, and lets in the account alone.
# fail: aws_kms_key_rotation
# pass: aws_kms_key_in_use, aws_kms_key_policy_not_public, aws_kms_key_policy_trusted_accounts_only
# none: aws_kms_key_rotation_period
resource "aws_kms_key" "plain" {}

# fail: aws_kms_key_policy_not_public, aws_kms_key_policy_trusted_accounts_only, aws_kms_key_single_region, aws_kms_key_rotation_period
resource "aws_kms_key" "open" {
  multi_region            = true
  enable_key_rotation     = true
  rotation_period_in_days = 2000
}

resource "aws_kms_key_policy" "open" {
  key_id = aws_kms_key.open.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

# fail: aws_kms_key_in_use
# none: aws_kms_key_rotation
resource "aws_kms_key" "off" {
  is_enabled = false
}

# A key that signs cannot be rotated.
# none: aws_kms_key_rotation
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

# Its primary's rotation is its own.
# none: aws_kms_key_rotation
# fail: aws_kms_key_single_region
resource "aws_kms_replica_key" "away" {
  primary_key_arn = aws_kms_key.open.arn
}

# Whether its material is there is not known.
# unknown: aws_kms_key_in_use, aws_kms_key_rotation
resource "aws_kms_external_key" "own" {}

variable "rotate" {
  type = bool
}

# unknown: aws_kms_key_rotation
resource "aws_kms_key" "variable" {
  enable_key_rotation = var.rotate
}
