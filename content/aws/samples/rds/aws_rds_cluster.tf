resource "aws_rds_cluster_parameter_group" "strict" {
  name   = "strict"
  family = "aurora-mysql8.0"

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "server_audit_logging"
    value = "1"
  }

  parameter {
    name  = "server_audit_events"
    value = "CONNECT,QUERY_DDL"
  }
}

resource "aws_rds_cluster_parameter_group" "bare" {
  name_prefix = "bare-"
  family      = "aurora-postgresql16"
}

resource "aws_rds_cluster_parameter_group" "recent" {
  name   = "recent"
  family = "aurora-postgresql17"
}

# pass: aws_rds_cluster_encrypted, aws_rds_cluster_backups, aws_rds_cluster_backtrack, aws_rds_cluster_copy_tags
# pass: aws_rds_cluster_deletion_protection, aws_rds_cluster_iam_auth, aws_rds_cluster_logs_exported, aws_rds_cluster_password_managed
# pass: aws_rds_cluster_admin_name, aws_rds_cluster_port, aws_rds_cluster_no_extended_support, aws_rds_cluster_data_api_expected
# pass: aws_rds_cluster_requires_tls, aws_rds_cluster_audited
resource "aws_rds_cluster" "shop" {
  cluster_identifier                  = "shop"
  engine                              = "aurora-mysql"
  engine_version                      = "8.0.mysql_aurora.3.08.0"
  engine_lifecycle_support            = "open-source-rds-extended-support-disabled"
  master_username                     = "shop_owner"
  manage_master_user_password         = true
  port                                = 6033
  storage_encrypted                   = true
  backup_retention_period             = 14
  backtrack_window                    = 86400
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  iam_database_authentication_enabled = true
  enabled_cloudwatch_logs_exports     = ["audit", "error"]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.strict.name
}

# Members are encrypted as their cluster is.
# pass: aws_rds_instance_encrypted, aws_rds_instance_enhanced_monitoring, aws_rds_instance_performance_insights
# none: aws_rds_instance_multi_az, aws_rds_instance_backups
resource "aws_rds_cluster_instance" "shop" {
  count                        = 2
  identifier                   = "shop-${count.index}"
  cluster_identifier           = aws_rds_cluster.shop.id
  engine                       = aws_rds_cluster.shop.engine
  instance_class               = "db.r7g.large"
  monitoring_interval          = 30
  performance_insights_enabled = true
}

# unknown: aws_rds_cluster_encrypted
# fail: aws_rds_cluster_backups, aws_rds_cluster_copy_tags, aws_rds_cluster_deletion_protection
# fail: aws_rds_cluster_iam_auth, aws_rds_cluster_logs_exported, aws_rds_cluster_password_managed, aws_rds_cluster_admin_name
# fail: aws_rds_cluster_port, aws_rds_cluster_no_extended_support, aws_rds_cluster_data_api_expected, aws_rds_cluster_requires_tls
# fail: aws_rds_cluster_audited
# none: aws_rds_cluster_backtrack
resource "aws_rds_cluster" "plain" {
  engine                          = "aurora-postgresql"
  engine_version                  = "16.4"
  master_username                 = "postgres"
  master_password                 = "from-somewhere-else"
  enable_http_endpoint            = true
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.bare.name
}

# unknown: aws_rds_instance_encrypted
# fail: aws_rds_instance_enhanced_monitoring, aws_rds_instance_performance_insights
# fail: aws_rds_instance_not_public, aws_rds_instance_minor_upgrades
resource "aws_rds_cluster_instance" "plain" {
  cluster_identifier         = aws_rds_cluster.plain.cluster_identifier
  engine                     = "aurora-postgresql"
  instance_class             = "db.r7g.large"
  publicly_accessible        = true
  auto_minor_version_upgrade = false
}

# fail: aws_rds_cluster_backtrack, aws_rds_cluster_port
# unknown: aws_rds_cluster_requires_tls
resource "aws_rds_cluster" "blog" {
  cluster_identifier      = "blog"
  engine                  = "aurora-mysql"
  master_username         = "owner"
  backup_retention_period = 7
}

# pass: aws_rds_cluster_requires_tls
# unknown: aws_rds_cluster_encrypted
resource "aws_rds_cluster" "restored" {
  cluster_identifier              = "restored"
  engine                          = "aurora-postgresql"
  snapshot_identifier             = "shop-2026"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.recent.name
}

# unknown: aws_rds_instance_encrypted
resource "aws_rds_cluster_instance" "restored" {
  cluster_identifier = aws_rds_cluster.restored.id
  engine             = "aurora-postgresql"
  instance_class     = "db.r7g.large"
}

# Its cluster is elsewhere.
# unknown: aws_rds_instance_encrypted, aws_rds_instance_performance_insights
resource "aws_rds_cluster_instance" "stray" {
  cluster_identifier = "elsewhere"
  engine             = "aurora-postgresql"
  instance_class     = "db.r7g.large"
}

# Not of Aurora, which alone encrypts by itself.
# fail: aws_rds_cluster_encrypted
resource "aws_rds_cluster" "zones" {
  cluster_identifier        = "zones"
  engine                    = "mysql"
  db_cluster_instance_class = "db.r6gd.xlarge"
  storage_type              = "io1"
  allocated_storage         = 100
  iops                      = 1000
  master_username           = "owner"
}

# Aurora MySQL asks for TLS by itself since version 8.4.
# pass: aws_rds_cluster_requires_tls
resource "aws_rds_cluster" "mysql84" {
  cluster_identifier              = "mysql84"
  engine                          = "aurora-mysql"
  engine_version                  = "8.4"
  storage_encrypted               = true
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.mysql84.name
}

resource "aws_rds_cluster_parameter_group" "mysql84" {
  name   = "mysql84"
  family = "aurora-mysql8.4"
}

# fail: aws_rds_cluster_requires_tls
resource "aws_rds_cluster" "mysql84_off" {
  cluster_identifier              = "mysql84-off"
  engine                          = "aurora-mysql"
  engine_version                  = "8.4"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.mysql84_off.name
}

resource "aws_rds_cluster_parameter_group" "mysql84_off" {
  name   = "mysql84-off"
  family = "aurora-mysql8.4"
  parameter {
    name  = "require_secure_transport"
    value = "OFF"
  }
}
