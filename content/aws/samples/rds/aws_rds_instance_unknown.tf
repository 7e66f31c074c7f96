variable "group" {
  type = string
}

variable "encrypted" {
  type = bool
}

# A group that the code does not hold may say anything.
# unknown: aws_rds_instance_requires_tls, aws_rds_instance_audits_queries, aws_rds_instance_encrypted
resource "aws_db_instance" "orders" {
  identifier           = "orders"
  engine               = "postgres"
  instance_class       = "db.m7g.large"
  storage_encrypted    = var.encrypted
  parameter_group_name = var.group
}
