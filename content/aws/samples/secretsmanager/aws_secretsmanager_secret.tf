data "aws_caller_identity" "here" {}

# pass: aws_secretsmanager_secret_customer_key, aws_secretsmanager_secret_not_public, aws_secretsmanager_secret_policy_restrictive
# pass: aws_secretsmanager_secret_rotation, aws_secretsmanager_secret_trusted_accounts_only
resource "aws_secretsmanager_secret" "database" {
  name       = "database"
  kms_key_id = aws_kms_key.secrets.arn
}

resource "aws_kms_key" "secrets" {}

resource "aws_secretsmanager_secret_rotation" "database" {
  secret_id           = aws_secretsmanager_secret.database.id
  rotation_lambda_arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn = aws_secretsmanager_secret.database.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = data.aws_caller_identity.here.account_id } }
    }]
  })
}

# fail: aws_secretsmanager_secret_customer_key, aws_secretsmanager_secret_policy_restrictive, aws_secretsmanager_secret_rotation
# pass: aws_secretsmanager_secret_not_public
# none: aws_secretsmanager_secret_trusted_accounts_only
resource "aws_secretsmanager_secret" "plain" {}

# fail: aws_secretsmanager_secret_not_public, aws_secretsmanager_secret_trusted_accounts_only
resource "aws_secretsmanager_secret" "open" {
  name_prefix = "open-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "secretsmanager:GetSecretValue", Resource = "*" }]
  })
}

variable "key" {
  type = string
}

# unknown: aws_secretsmanager_secret_customer_key
resource "aws_secretsmanager_secret" "variable" {
  kms_key_id = var.key
}
