# pass: aws_glacier_vault_not_public
resource "aws_glacier_vault" "archive" {
  name = "archive"
}

# fail: aws_glacier_vault_not_public
resource "aws_glacier_vault" "open" {
  name          = "open"
  access_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "glacier:InitiateJob", Resource = "arn:aws:glacier:us-east-1:111122223333:vaults/open" }] })
}
