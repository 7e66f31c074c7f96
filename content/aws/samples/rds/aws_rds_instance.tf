variable "restored_from" {
  type    = string
  default = null
}

variable "group" {
  type = string
}

resource "aws_db_parameter_group" "strict" {
  name   = "strict-postgres14"
  family = "postgres14"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_connections"
    value = "1"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }
}

# The family asks for TLS unless the group says otherwise.
resource "aws_db_parameter_group" "recent" {
  name_prefix = "recent-"
  family      = "postgres16"
}

resource "aws_db_parameter_group" "loose" {
  name   = "loose"
  family = "postgres16"

  parameter {
    name  = "rds.force_ssl"
    value = 0
  }
}

# pass: aws_rds_instance_encrypted, aws_rds_instance_not_public, aws_rds_instance_minor_upgrades, aws_rds_instance_multi_az
# pass: aws_rds_instance_backups, aws_rds_instance_copy_tags, aws_rds_instance_deletion_protection, aws_rds_instance_iam_auth
# pass: aws_rds_instance_logs_exported, aws_rds_instance_enhanced_monitoring, aws_rds_instance_performance_insights
# pass: aws_rds_instance_password_managed, aws_rds_instance_admin_name, aws_rds_instance_port, aws_rds_instance_no_extended_support
# pass: aws_rds_instance_requires_tls, aws_rds_instance_audits_queries, aws_rds_instance_no_vulnerable_extension
resource "aws_db_instance" "orders" {
  identifier                          = "orders"
  engine                              = "postgres"
  engine_version                      = "14.12"
  engine_lifecycle_support            = "open-source-rds-extended-support-disabled"
  instance_class                      = "db.m7g.large"
  allocated_storage                   = 100
  username                            = "orders_owner"
  manage_master_user_password         = true
  port                                = 6432
  storage_encrypted                   = true
  multi_az                            = true
  backup_retention_period             = 14
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
  monitoring_interval                 = 60
  performance_insights_enabled        = true
  parameter_group_name                = aws_db_parameter_group.strict.name
}

# What is not said is what the plug-in and RDS take by default.
# fail: aws_rds_instance_encrypted, aws_rds_instance_multi_az, aws_rds_instance_backups, aws_rds_instance_copy_tags
# fail: aws_rds_instance_deletion_protection, aws_rds_instance_iam_auth, aws_rds_instance_logs_exported
# fail: aws_rds_instance_enhanced_monitoring, aws_rds_instance_performance_insights, aws_rds_instance_password_managed
# fail: aws_rds_instance_admin_name, aws_rds_instance_port, aws_rds_instance_no_extended_support, aws_rds_instance_audits_queries
# fail: aws_rds_instance_no_vulnerable_extension
# pass: aws_rds_instance_minor_upgrades, aws_rds_instance_not_public, aws_rds_instance_requires_tls
resource "aws_db_instance" "plain" {
  identifier           = "plain"
  engine               = "postgres"
  engine_version       = "13.2"
  instance_class       = "db.t4g.micro"
  allocated_storage    = 20
  username             = "postgres"
  password             = "from-somewhere-else"
  parameter_group_name = aws_db_parameter_group.recent.name
}

# fail: aws_rds_instance_not_public, aws_rds_instance_minor_upgrades, aws_rds_instance_encrypted, aws_rds_instance_requires_tls
# fail: aws_rds_instance_password_managed
# unknown: aws_rds_instance_no_vulnerable_extension
resource "aws_db_instance" "open" {
  engine                              = "postgres"
  engine_version                      = "13"
  instance_class                      = "db.t4g.micro"
  allocated_storage                   = 20
  username                            = "owner"
  password                            = "from-somewhere-else"
  storage_encrypted                   = false
  publicly_accessible                 = true
  auto_minor_version_upgrade          = false
  iam_database_authentication_enabled = true
  parameter_group_name                = aws_db_parameter_group.loose.id
}

# A variable that stands for nothing is as if it were not there.
# fail: aws_rds_instance_encrypted
resource "aws_db_instance" "maybe_restored" {
  identifier           = "maybe-restored"
  engine               = "postgres"
  engine_version       = "16.4"
  instance_class       = "db.t4g.micro"
  snapshot_identifier  = var.restored_from
  parameter_group_name = aws_db_parameter_group.strict.name
}

# unknown: aws_rds_instance_encrypted, aws_rds_instance_backups, aws_rds_instance_port, aws_rds_instance_admin_name
# fail: aws_rds_instance_multi_az
resource "aws_db_instance" "restored" {
  identifier           = "restored"
  engine               = "postgres"
  instance_class       = "db.t4g.micro"
  snapshot_identifier  = "rds:orders-2026-01-01"
  parameter_group_name = aws_db_parameter_group.strict.name
}

# A replica is encrypted as its source is, and needs no backups of its own.
# pass: aws_rds_instance_encrypted
# none: aws_rds_instance_backups, aws_rds_instance_password_managed
resource "aws_db_instance" "replica" {
  identifier           = "orders-replica"
  instance_class       = "db.m7g.large"
  replicate_source_db  = aws_db_instance.orders.identifier
  parameter_group_name = aws_db_parameter_group.strict.name
}

# none: aws_rds_instance_encrypted
resource "aws_db_instance" "not_made" {
  count             = 0
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  allocated_storage = 20
}
