resource "aws_db_option_group" "encrypting" {
  name                 = "encrypting"
  engine_name          = "oracle-ee"
  major_engine_version = "19"

  option {
    option_name = "NATIVE_NETWORK_ENCRYPTION"

    option_settings {
      name  = "SQLNET.ENCRYPTION_SERVER"
      value = "REQUIRED"
    }
  }
}

# pass: aws_rds_instance_requires_network_encryption
resource "aws_db_instance" "ledger" {
  identifier        = "ledger"
  engine            = "oracle-ee"
  engine_version    = "19"
  instance_class    = "db.m6i.large"
  option_group_name = aws_db_option_group.encrypting.name
}

# The default option group has no options.
# fail: aws_rds_instance_requires_network_encryption, aws_rds_instance_port
resource "aws_db_instance" "archive" {
  identifier     = "archive"
  engine         = "oracle-se2"
  engine_version = "19"
  instance_class = "db.m6i.large"
}
