resource "aws_kms_key" "data" {}

# pass: aws_kms_grant_operations_narrow, aws_kms_grant_not_duplicated
resource "aws_kms_grant" "app" {
  key_id            = aws_kms_key.data.key_id
  grantee_principal = "arn:aws:iam::444455556666:role/app"
  operations        = ["Encrypt"]
}

# fail: aws_kms_grant_trusted_grantee, aws_kms_grant_operations_narrow, aws_kms_grant_not_duplicated
resource "aws_kms_grant" "partner" {
  key_id            = aws_kms_key.data.key_id
  grantee_principal = "arn:aws:iam::444455556666:role/partner"
  operations        = ["Decrypt", "CreateGrant"]
}

# fail: aws_kms_grant_not_duplicated
resource "aws_kms_grant" "again" {
  key_id            = aws_kms_key.data.key_id
  grantee_principal = "arn:aws:iam::444455556666:role/partner"
  operations        = ["CreateGrant", "Decrypt"]
}

data "aws_caller_identity" "here" {}

# pass: aws_kms_grant_trusted_grantee
resource "aws_kms_grant" "own" {
  key_id            = aws_kms_key.data.key_id
  grantee_principal = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:role/app"
  operations        = ["Decrypt"]
}
