# Of plug-in versions before 6 and since, the defaults differ.
# unknown: aws_redshift_cluster_encrypted, aws_redshift_cluster_not_public, aws_redshift_cluster_tls, aws_redshift_cluster_audit_logged
resource "aws_redshift_cluster" "plain" {
  cluster_identifier = "plain"
  node_type          = "ra3.large"
  master_username    = "awsuser"
}
