resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.m7g.large"
  storage_encrypted = true
}

resource "aws_rds_cluster" "shop" {
  cluster_identifier = "shop"
  engine             = "aurora-mysql"
}

# pass: aws_rds_snapshot_encrypted, aws_rds_snapshot_not_public, aws_rds_snapshot_shared_with_trusted_only
resource "aws_db_snapshot" "before_upgrade" {
  db_instance_identifier = aws_db_instance.orders.identifier
  db_snapshot_identifier = "before-upgrade"
}

# fail: aws_rds_snapshot_not_public, aws_rds_snapshot_shared_with_trusted_only
# unknown: aws_rds_snapshot_encrypted
resource "aws_db_snapshot" "sample_data" {
  db_instance_identifier = "elsewhere"
  db_snapshot_identifier = "sample-data"
  shared_accounts        = ["all"]
}

# unknown: aws_rds_snapshot_encrypted
# fail: aws_rds_snapshot_shared_with_trusted_only
# pass: aws_rds_snapshot_not_public
resource "aws_db_cluster_snapshot" "shop" {
  db_cluster_identifier          = aws_rds_cluster.shop.id
  db_cluster_snapshot_identifier = "shop-before-upgrade"
  shared_accounts                = ["444455556666"]
}

# fail: aws_rds_snapshot_encrypted
resource "aws_db_cluster_snapshot" "zones" {
  db_cluster_identifier          = aws_rds_cluster.zones.id
  db_cluster_snapshot_identifier = "zones-before-upgrade"
}

resource "aws_rds_cluster" "zones" {
  cluster_identifier        = "zones"
  engine                    = "mysql"
  db_cluster_instance_class = "db.r6gd.xlarge"
  allocated_storage         = 100
}
