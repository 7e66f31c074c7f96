variable "key" {
  type    = string
  default = null
}

# pass: aws_dynamodb_table_kms, aws_dynamodb_table_point_in_time_recovery, aws_dynamodb_table_deletion_protection
resource "aws_dynamodb_table" "orders" {
  name                        = "orders"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = true

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.key
  }
}

# A key that is named without being switched on is not used.
# fail: aws_dynamodb_table_kms, aws_dynamodb_table_point_in_time_recovery, aws_dynamodb_table_deletion_protection
resource "aws_dynamodb_table" "plain" {
  name     = "plain"
  hash_key = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = false
  }

  server_side_encryption {
    enabled     = false
    kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d"
  }
}

# unknown: aws_dynamodb_table_kms
# fail: aws_dynamodb_table_point_in_time_recovery
resource "aws_dynamodb_table" "restored" {
  name                = "restored"
  restore_source_name = "orders"
}
