resource "aws_redshift_parameter_group" "strict" {
  name   = "strict"
  family = "redshift-1.0"

  parameter {
    name  = "require_ssl"
    value = "true"
  }

  parameter {
    name  = "enable_user_activity_logging"
    value = "true"
  }
}

resource "aws_redshift_parameter_group" "bare" {
  name   = "bare"
  family = "redshift-1.0"
}

# pass: aws_redshift_cluster_encrypted, aws_redshift_cluster_not_public, aws_redshift_cluster_tls, aws_redshift_cluster_audit_logged
# pass: aws_redshift_cluster_admin_name, aws_redshift_cluster_database_name, aws_redshift_cluster_port, aws_redshift_cluster_multi_az
# pass: aws_redshift_cluster_password_managed, aws_redshift_cluster_snapshots, aws_redshift_cluster_upgrades
# pass: aws_redshift_cluster_vpc_routing
resource "aws_redshift_cluster" "sales" {
  cluster_identifier                  = "sales"
  node_type                           = "ra3.large"
  number_of_nodes                     = 2
  database_name                       = "sales"
  port                                = 5440
  master_username                     = "sales_owner"
  manage_master_password              = true
  encrypted                           = true
  publicly_accessible                 = false
  enhanced_vpc_routing                = true
  multi_az                            = true
  automated_snapshot_retention_period = 14
  cluster_parameter_group_name        = aws_redshift_parameter_group.strict.name
}

resource "aws_redshift_logging" "sales" {
  cluster_identifier   = aws_redshift_cluster.sales.id
  log_destination_type = "cloudwatch"
  log_exports          = ["connectionlog", "useractivitylog", "userlog"]
}

# fail: aws_redshift_cluster_encrypted, aws_redshift_cluster_not_public, aws_redshift_cluster_tls, aws_redshift_cluster_audit_logged
# fail: aws_redshift_cluster_admin_name, aws_redshift_cluster_database_name, aws_redshift_cluster_port, aws_redshift_cluster_multi_az
# fail: aws_redshift_cluster_password_managed, aws_redshift_cluster_snapshots, aws_redshift_cluster_upgrades
# fail: aws_redshift_cluster_vpc_routing
resource "aws_redshift_cluster" "plain" {
  cluster_identifier           = "plain"
  node_type                    = "ra3.large"
  master_username              = "awsuser"
  master_password              = "from-somewhere-else"
  encrypted                    = "false"
  publicly_accessible          = true
  allow_version_upgrade        = false
  cluster_parameter_group_name = aws_redshift_parameter_group.bare.name
}

resource "aws_redshift_logging" "plain" {
  cluster_identifier = aws_redshift_cluster.plain.cluster_identifier
  bucket_name        = "logs"
}
