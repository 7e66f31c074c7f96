# pass: aws_rds_global_cluster_protected
resource "aws_rds_global_cluster" "shop" {
  global_cluster_identifier = "shop"
  engine                    = "aurora-postgresql"
  storage_encrypted         = true
  deletion_protection       = true
}

# fail: aws_rds_global_cluster_protected
resource "aws_rds_global_cluster" "plain" {
  global_cluster_identifier = "plain"
  engine                    = "aurora-postgresql"
  storage_encrypted         = true
}

# pass: aws_rds_global_cluster_protected
resource "aws_rds_global_cluster" "unsaid" {
  global_cluster_identifier = "unsaid"
  engine                    = "aurora-postgresql"
  deletion_protection       = true
}

# It is encrypted as the cluster is that it is made from.
# pass: aws_rds_global_cluster_protected
resource "aws_rds_global_cluster" "grown" {
  global_cluster_identifier    = "grown"
  source_db_cluster_identifier = aws_rds_cluster.first.arn
  deletion_protection          = true
}

resource "aws_rds_cluster" "first" {
  cluster_identifier = "first"
  engine             = "aurora-postgresql"
  storage_encrypted  = true
}
